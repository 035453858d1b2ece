/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft build: tables, chains, sets, elements and counters as netlink messages, by libnftnl.
 *
 * The other printer of a ruleset is policy/ruleset/ruleset_text.c.
 */
#include <stdio.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <libnftnl/chain.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

#include "nft_build.h"

enum {
	TYPE_BITS = 6,  /* of each type in the type of a concatenation (nft's datatype.h) */
	ORDER_HOST = 1, /* byte orders of keys and data, for nft's listing */
	ORDER_NETWORK = 2,
	USERDATA_ROOM = 256,
};

/* nft's numbers of data types (its datatype.h): the kernel keeps them for the listing. */
static const uint32_t type_numbers[RULESET_TYPE_COUNT] = {
    [RULESET_TYPE_IFNAME] = 41,
    [RULESET_TYPE_IPV4] = 7,
    [RULESET_TYPE_IPV6] = 8,
    [RULESET_TYPE_PROTOCOL] = 12,
    [RULESET_TYPE_PORT] = 13,
    [RULESET_TYPE_MARK] = 19,
    [RULESET_TYPE_ICMP] = 14,
    [RULESET_TYPE_ICMPV6] = 29,
    [RULESET_TYPE_DIRECTION] = 27,
};

void *
nft_build_check(struct nft_build *build, void *object)
{
	if (object == NULL)
		build->failed = true;
	return object;
}

uint8_t
nft_build_family(const struct nft_build *build)
{
	return build->family == RULESET_BRIDGE ? NFPROTO_BRIDGE : NFPROTO_INET;
}

struct nlmsghdr *
nft_build_begin(struct nft_build *build, uint16_t type, uint16_t flags)
{
	return nft_build_check(
	    build, nft_batch_begin(build->batch, type, flags, nft_build_family(build)));
}

const char *
nft_build_set_name(const struct nft_build *build, const char *name)
{
	static char twin[64];

	if (!build->twins)
		return name;
	snprintf(twin, sizeof(twin), "%s" TWIN_SUFFIX, name);
	return twin;
}

uint32_t
nft_build_set_id(const struct nft_build *build, const char *name)
{
	for (size_t i = 0; i < build->ruleset->set_count; i++) {
		if (strcmp(build->ruleset->sets[i].name, name) == 0)
			return (uint32_t)(i + 1 + build->family * RULESET_SETS_MAX);
	}
	return 0;
}

void
nft_build_put_table(struct nft_build *build, uint16_t type, uint16_t flags)
{
	struct nftnl_table *table = nft_build_check(build, nftnl_table_alloc());
	struct nftnl_udata_buf *userdata =
	    nft_build_check(build, nftnl_udata_buf_alloc(USERDATA_ROOM));
	struct nlmsghdr *message = nft_build_begin(build, type, flags);

	if (table != NULL && userdata != NULL && message != NULL) {
		nftnl_table_set_str(table, NFTNL_TABLE_NAME, build->table);
		nftnl_table_set_u32(table, NFTNL_TABLE_FLAGS, 0); /* not dormant */
		nftnl_udata_put_strz(userdata, NFTNL_UDATA_TABLE_COMMENT, RULESET_COMMENT);
		if (type == NFT_MSG_NEWTABLE)
			nftnl_table_set_data(table, NFTNL_TABLE_USERDATA,
			    nftnl_udata_buf_data(userdata), nftnl_udata_buf_len(userdata));
		nftnl_table_nlmsg_build_payload(message, table);
		nft_batch_add(build->batch, message,
		    (struct nft_subject){
			.kind = build->family == RULESET_BRIDGE ? "table bridge" : "table inet",
			.name = build->table});
	}
	if (userdata != NULL)
		nftnl_udata_buf_free(userdata);
	if (table != NULL)
		nftnl_table_free(table);
}

static void
put_base(struct nftnl_chain *chain, enum ruleset_hook hook, int priority)
{
	static const uint32_t hooks[] = {
	    /* those of the bridge have the same numbers */
	    [RULESET_HOOK_INPUT] = NF_INET_LOCAL_IN,
	    [RULESET_HOOK_FORWARD] = NF_INET_FORWARD,
	    [RULESET_HOOK_OUTPUT] = NF_INET_LOCAL_OUT,
	};

	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hooks[hook]);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_DROP);
}

void
nft_build_put_chain(struct nft_build *build, uint16_t type, const struct ruleset_chain *from)
{
	struct nftnl_chain *chain = nft_build_check(build, nftnl_chain_alloc());
	struct nlmsghdr *message =
	    nft_build_begin(build, type, type == NFT_MSG_NEWCHAIN ? NLM_F_CREATE : 0);
	const char *name = from->name;

	if (chain != NULL && message != NULL) {
		nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, build->table);
		nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
		if (from->hook != RULESET_HOOK_NONE && !build->scratch)
			put_base(chain, from->hook, from->priority);
		nftnl_chain_nlmsg_build_payload(message, chain);
		nft_batch_add(
		    build->batch, message, (struct nft_subject){.kind = "chain", .name = name});
	}
	if (chain != NULL)
		nftnl_chain_free(chain);
}

/* A base chain that the ruleset does not have stays, empty: deleting it would drop all queued
 * packets. */
void
nft_build_neutralise_chain(struct nft_build *build, const char *name)
{
	struct nftnl_chain *chain = nft_build_check(build, nftnl_chain_alloc());
	struct nlmsghdr *message = nft_build_begin(build, NFT_MSG_NEWCHAIN, 0);

	if (chain != NULL && message != NULL) {
		nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, build->table);
		nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
		nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
		nftnl_chain_nlmsg_build_payload(message, chain);
		nft_batch_add(
		    build->batch, message, (struct nft_subject){.kind = "chain", .name = name});
	}
	if (chain != NULL)
		nftnl_chain_free(chain);
}

void
nft_build_put_counter(struct nft_build *build, uint16_t type, const char *name)
{
	struct nftnl_obj *counter = nft_build_check(build, nftnl_obj_alloc());
	struct nlmsghdr *message =
	    nft_build_begin(build, type, type == NFT_MSG_NEWOBJ ? NLM_F_CREATE | NLM_F_EXCL : 0);

	if (counter != NULL && message != NULL) {
		nftnl_obj_set_str(counter, NFTNL_OBJ_TABLE, build->table);
		nftnl_obj_set_str(counter, NFTNL_OBJ_NAME, name);
		nftnl_obj_set_u32(counter, NFTNL_OBJ_TYPE, NFT_OBJECT_COUNTER);
		nftnl_obj_nlmsg_build_payload(message, counter);
		nft_batch_add(
		    build->batch, message, (struct nft_subject){.kind = "counter", .name = name});
	}
	if (counter != NULL)
		nftnl_obj_free(counter);
}

void
nft_build_put_helper(struct nft_build *build, uint16_t type, const struct ruleset_helper *helper)
{
	struct nftnl_obj *object = nft_build_check(build, nftnl_obj_alloc());
	struct nlmsghdr *message =
	    nft_build_begin(build, type, type == NFT_MSG_NEWOBJ ? NLM_F_CREATE | NLM_F_EXCL : 0);

	if (object != NULL && message != NULL) {
		nftnl_obj_set_str(object, NFTNL_OBJ_TABLE, build->table);
		nftnl_obj_set_str(object, NFTNL_OBJ_NAME, helper->name);
		nftnl_obj_set_u32(object, NFTNL_OBJ_TYPE, NFT_OBJECT_CT_HELPER);
		nftnl_obj_set_str(object, NFTNL_OBJ_CT_HELPER_NAME, RULESET_HELPER);
		nftnl_obj_set_u16(object, NFTNL_OBJ_CT_HELPER_L3PROTO, NFPROTO_INET);
		nftnl_obj_set_u8(object, NFTNL_OBJ_CT_HELPER_L4PROTO, helper->protocol);
		nftnl_obj_nlmsg_build_payload(message, object);
		nft_batch_add(build->batch, message,
		    (struct nft_subject){.kind = "ct helper", .name = helper->name});
	}
	if (object != NULL)
		nftnl_obj_free(object);
}

/* Sets */

static uint32_t
set_flags(const struct ruleset_set *set)
{
	uint32_t flags = set->interval ? NFT_SET_INTERVAL : 0;

	if (set->timed)
		flags |= NFT_SET_TIMEOUT;
	if (set->field_count > 1)
		flags |= NFT_SET_CONCAT;
	if (set->data == RULESET_DATA_COUNTER)
		flags |= NFT_SET_OBJECT;
	else if (set->data != RULESET_DATA_NONE)
		flags |= NFT_SET_MAP;
	return flags;
}

static void
describe_key(struct nftnl_set *object, const struct ruleset_set *set)
{
	uint8_t sizes[RULESET_FIELDS_MAX];
	uint32_t type = 0, room = 0;

	for (size_t i = 0; i < set->field_count; i++) {
		type = type << TYPE_BITS | type_numbers[set->fields[i]];
		sizes[i] = (uint8_t)ruleset_type_size(set->fields[i]);
		room += (uint32_t)ruleset_type_room(set->fields[i]);
	}
	nftnl_set_set_u32(object, NFTNL_SET_KEY_TYPE, type);
	if (set->field_count > 1) {
		nftnl_set_set_u32(object, NFTNL_SET_KEY_LEN, room);
		nftnl_set_set_data(
		    object, NFTNL_SET_DESC_CONCAT, sizes, (uint32_t)set->field_count);
	} else {
		nftnl_set_set_u32(object, NFTNL_SET_KEY_LEN, sizes[0]);
	}
}

static void
describe_data(struct nftnl_set *object, const struct ruleset_set *set)
{
	if (set->data == RULESET_DATA_MARK) {
		nftnl_set_set_u32(object, NFTNL_SET_DATA_TYPE, type_numbers[RULESET_TYPE_MARK]);
		nftnl_set_set_u32(object, NFTNL_SET_DATA_LEN, sizeof(uint32_t));
	} else if (set->data == RULESET_DATA_VERDICT || set->data == RULESET_DATA_JUMP) {
		nftnl_set_set_u32(object, NFTNL_SET_DATA_TYPE, NFT_DATA_VERDICT);
	} else if (set->data == RULESET_DATA_COUNTER) {
		nftnl_set_set_u32(object, NFTNL_SET_OBJ_TYPE, NFT_OBJECT_COUNTER);
	}
}

/* Only for the listing: without it, nft shows marks with their bytes turned round. */
static void
describe_for_nft(struct nft_build *build, struct nftnl_set *object, const struct ruleset_set *set)
{
	struct nftnl_udata_buf *userdata =
	    nft_build_check(build, nftnl_udata_buf_alloc(USERDATA_ROOM));
	bool host = set->fields[0] == RULESET_TYPE_MARK ||
	    (set->fields[0] == RULESET_TYPE_IFNAME && set->field_count == 1);

	if (userdata == NULL)
		return;
	nftnl_udata_put_u32(
	    userdata, NFTNL_UDATA_SET_KEYBYTEORDER, host ? ORDER_HOST : ORDER_NETWORK);
	if (set->data == RULESET_DATA_MARK)
		nftnl_udata_put_u32(userdata, NFTNL_UDATA_SET_DATABYTEORDER, ORDER_HOST);
	if (set->comment != NULL)
		nftnl_udata_put_strz(userdata, NFTNL_UDATA_SET_COMMENT, set->comment);
	nftnl_set_set_data(object, NFTNL_SET_USERDATA, nftnl_udata_buf_data(userdata),
	    nftnl_udata_buf_len(userdata));
	nftnl_udata_buf_free(userdata);
}

/* The set as a message names it. */
static struct nftnl_set *
name_set(struct nft_build *build, const char *name)
{
	struct nftnl_set *object = nft_build_check(build, nftnl_set_alloc());

	if (object == NULL)
		return NULL;
	nftnl_set_set_u32(object, NFTNL_SET_FAMILY, nft_build_family(build));
	nftnl_set_set_str(object, NFTNL_SET_TABLE, build->table);
	nftnl_set_set_str(object, NFTNL_SET_NAME, name);
	return object;
}

void
nft_build_put_set(struct nft_build *build, const struct ruleset_set *set)
{
	struct nftnl_set *object = name_set(build, nft_build_set_name(build, set->name));
	struct nlmsghdr *message =
	    nft_build_begin(build, NFT_MSG_NEWSET, NLM_F_CREATE | NLM_F_EXCL);

	if (object != NULL && message != NULL) {
		nftnl_set_set_u32(object, NFTNL_SET_ID, nft_build_set_id(build, set->name));
		nftnl_set_set_u32(object, NFTNL_SET_FLAGS, set_flags(set));
		nftnl_set_set_u32(object, NFTNL_SET_DESC_SIZE, (uint32_t)ruleset_set_size(set));
		describe_key(object, set);
		describe_data(object, set);
		describe_for_nft(build, object, set);
		nftnl_set_nlmsg_build_payload(message, object);
		nft_batch_add(build->batch, message,
		    (struct nft_subject){
			.kind = set->data == RULESET_DATA_NONE ? "set" : "map", .name = set->name});
	}
	if (object != NULL)
		nftnl_set_free(object);
}

void
nft_build_delete_set(struct nft_build *build, const char *name)
{
	struct nftnl_set *object = name_set(build, name);
	struct nlmsghdr *message = nft_build_begin(build, NFT_MSG_DELSET, 0);

	if (object != NULL && message != NULL) {
		nftnl_set_nlmsg_build_payload(message, object);
		nft_batch_add(
		    build->batch, message, (struct nft_subject){.kind = "set", .name = name});
	}
	if (object != NULL)
		nftnl_set_free(object);
}

static void
add_element(struct nft_build *build, struct nftnl_set *object, const struct ruleset_set *set,
    const struct ruleset_element *from)
{
	struct nftnl_set_elem *element = nft_build_check(build, nftnl_set_elem_alloc());
	uint32_t size = nftnl_set_get_u32(object, NFTNL_SET_KEY_LEN);

	if (element == NULL)
		return;
	nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, from->first, size);
	if (set->timed)
		nftnl_set_elem_set_u64(
		    element, NFTNL_SET_ELEM_TIMEOUT, (uint64_t)from->seconds * 1000);
	if (set->interval)
		nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY_END, from->last, size);
	if (set->data == RULESET_DATA_MARK) {
		nftnl_set_elem_set(element, NFTNL_SET_ELEM_DATA, &from->mark, sizeof(from->mark));
	} else if (set->data == RULESET_DATA_VERDICT || set->data == RULESET_DATA_JUMP) {
		nftnl_set_elem_set_u32(element, NFTNL_SET_ELEM_VERDICT,
		    (uint32_t)(set->data == RULESET_DATA_JUMP ? NFT_JUMP : NFT_GOTO));
		nftnl_set_elem_set_str(element, NFTNL_SET_ELEM_CHAIN, from->name);
	} else if (set->data == RULESET_DATA_COUNTER) {
		nftnl_set_elem_set_str(element, NFTNL_SET_ELEM_OBJREF, from->name);
	}
	nftnl_set_elem_add(object, element);
}

/* Elements from..to-1 of a set in one message. */
void
nft_build_put_elements(
    struct nft_build *build, const struct ruleset_set *set, size_t from, size_t to)
{
	struct nftnl_set *object = name_set(build, nft_build_set_name(build, set->name));
	struct nlmsghdr *message =
	    nft_build_begin(build, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL);

	if (object != NULL && message != NULL) {
		nftnl_set_set_u32(object, NFTNL_SET_ID, nft_build_set_id(build, set->name));
		describe_key(
		    object, set); /* not sent with elements; tells add_element() their size */
		for (size_t i = from; i < to; i++)
			add_element(build, object, set, &set->elements[i]);
		nftnl_set_elems_nlmsg_build_payload(message, object);
		nft_batch_add(build->batch, message,
		    (struct nft_subject){
			.kind = "elements from number", .name = set->name, .number = from + 1});
	}
	if (object != NULL)
		nftnl_set_free(object);
}

void
nft_build_delete_rules(struct nft_build *build)
{
	struct nftnl_rule *rule = nft_build_check(build, nftnl_rule_alloc());
	struct nlmsghdr *message = nft_build_begin(build, NFT_MSG_DELRULE, 0);

	if (rule != NULL && message != NULL) {
		nftnl_rule_set_str(
		    rule, NFTNL_RULE_TABLE, build->table); /* no chain: of all chains */
		nftnl_rule_nlmsg_build_payload(message, rule);
		nft_batch_add(build->batch, message,
		    (struct nft_subject){.kind = "rules of", .name = build->table});
	}
	if (rule != NULL)
		nftnl_rule_free(rule);
}
