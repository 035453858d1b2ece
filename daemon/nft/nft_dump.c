/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft dump: tables, chains, sets and counters of the kernel, and the marks of its connections.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include "nft_dump.h"

/*
 * Types of user data that hold a comment.  nft and libnftnl agree on them between each other, the
 * kernel only keeps them (libnftnl/udata.h).
 */
enum { USERDATA_TABLE_COMMENT = 0, USERDATA_SET_COMMENT = 7 };

/* Which attribute holds what. 0: there is none. */
struct kind {
	const char *name;
	uint16_t get;
	uint16_t table;
	uint16_t object;
	uint16_t hook;
	uint16_t userdata;
	uint16_t comment; /* type inside the user data */
	uint16_t type;
	uint16_t data;
	uint16_t flags;
};

static const struct kind kinds[NFT_KIND_COUNT] = {
    [NFT_KIND_TABLE] =
	{
	    .name = "reading the kernel's tables",
	    .get = NFT_MSG_GETTABLE,
	    .table = NFTA_TABLE_NAME,
	    .object = NFTA_TABLE_NAME,
	    .userdata = NFTA_TABLE_USERDATA,
	    .comment = USERDATA_TABLE_COMMENT,
	},
    [NFT_KIND_CHAIN] =
	{
	    .name = "reading the kernel's chains",
	    .get = NFT_MSG_GETCHAIN,
	    .table = NFTA_CHAIN_TABLE,
	    .object = NFTA_CHAIN_NAME,
	    .hook = NFTA_CHAIN_HOOK,
	},
    [NFT_KIND_SET] =
	{
	    .name = "reading the kernel's sets",
	    .get = NFT_MSG_GETSET,
	    .table = NFTA_SET_TABLE,
	    .object = NFTA_SET_NAME,
	    .userdata = NFTA_SET_USERDATA,
	    .comment = USERDATA_SET_COMMENT,
	    .flags = NFTA_SET_FLAGS,
	},
    [NFT_KIND_OBJECT] =
	{
	    .name = "reading the kernel's counters",
	    .get = NFT_MSG_GETOBJ,
	    .table = NFTA_OBJ_TABLE,
	    .object = NFTA_OBJ_NAME,
	    .type = NFTA_OBJ_TYPE,
	    .data = NFTA_OBJ_DATA,
	},
};

/* User data is a row of type, length, value; a comment ends in a zero byte. */
static const char *
find_comment(const struct nft_attribute *userdata, unsigned type)
{
	const uint8_t *bytes = userdata->data;
	size_t length;

	for (size_t at = 0; at + 2 <= userdata->size; at += 2 + length) {
		length = bytes[at + 1];
		if (at + 2 + length > userdata->size)
			break;
		if (bytes[at] == type && length > 0 && bytes[at + 1 + length] == '\0')
			return (const char *)&bytes[at + 2];
	}
	return "";
}

struct dump {
	const struct kind *kind;
	nft_row_callback *callback;
	void *context;
};

static int
dump_answer(void *context, const struct nft_attributes *answer)
{
	const struct dump *dump = context;
	const struct kind *kind = dump->kind;
	struct nft_row row = {.comment = ""};
	struct nft_attributes inner;

	row.table = nft_attribute_string(&answer->of[kind->table]);
	row.name = nft_attribute_string(&answer->of[kind->object]);
	row.base = answer->of[kind->hook].data != NULL;
	row.comment = find_comment(&answer->of[kind->userdata], kind->comment);
	row.counter = nft_attribute_number(&answer->of[kind->type]) == NFT_OBJECT_COUNTER;
	row.helper = nft_attribute_number(&answer->of[kind->type]) == NFT_OBJECT_CT_HELPER;
	row.anonymous = nft_attribute_number(&answer->of[kind->flags]) & NFT_SET_ANONYMOUS;
	if (row.counter) {
		nft_attribute_open(&answer->of[kind->data], &inner);
		row.packets = nft_attribute_number(&inner.of[NFTA_COUNTER_PACKETS]);
		row.bytes = nft_attribute_number(&inner.of[NFTA_COUNTER_BYTES]);
	}
	return dump->callback(dump->context, &row);
}

static int
dump_kind(struct nft_netlink *netlink, const struct kind *kind, uint8_t family,
    nft_row_callback *callback, void *context)
{
	struct dump dump = {kind, callback, context};
	struct nft_request request;
	int r;

	nft_request_init(
	    &request, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | kind->get), NLM_F_DUMP, family);
	r = nft_netlink_ask(netlink, &request, dump_answer, &dump);
	return r < 0 ? nft_netlink_failed(netlink, kind->name, r) : 0;
}

int
nft_dump(struct nft_netlink *netlink, enum nft_kind kind, enum ruleset_family family,
    nft_row_callback *callback, void *context)
{
	return dump_kind(netlink, &kinds[kind],
	    family == RULESET_BRIDGE ? NFPROTO_BRIDGE : NFPROTO_INET, callback, context);
}

int
nft_dump_flow_tables(struct nft_netlink *netlink, nft_row_callback *callback, void *context)
{
	static const struct kind kind = {
	    .name = "reading the kernel's flow tables",
	    .get = NFT_MSG_GETFLOWTABLE,
	    .table = NFTA_FLOWTABLE_TABLE,
	    .object = NFTA_FLOWTABLE_NAME,
	};

	return dump_kind(netlink, &kind, NFPROTO_UNSPEC, callback, context);
}

static int
generation_answer(void *context, const struct nft_attributes *answer)
{
	uint32_t *generation = context;

	*generation = (uint32_t)nft_attribute_number(&answer->of[NFTA_GEN_ID]);
	return 0;
}

int
nft_dump_generation(struct nft_netlink *netlink, uint32_t *ret_generation)
{
	struct nft_request request;
	int r;

	nft_request_init(&request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0, AF_UNSPEC);
	r = nft_netlink_ask(netlink, &request, generation_answer, ret_generation);
	return r < 0 ? nft_netlink_failed(netlink, "reading the kernel's generation of rules", r)
		     : 0;
}

/* The changes are collected first and made afterwards: one socket asks one question at a time. */
struct changes {
	struct nft_request *items;
	size_t count;
	size_t room;
	uint8_t family;
	uint32_t erased; /* bits of marks, as they go over the wire */
};

static int
conntrack_answer(void *context, const struct nft_attributes *answer)
{
	static const uint32_t none = 0;
	struct changes *changes = context;
	const struct nft_attribute *tuple = &answer->of[CTA_TUPLE_ORIG],
				   *zone = &answer->of[CTA_ZONE];
	struct nft_request *change;

	if (tuple->data == NULL)
		return 0;
	if (changes->count == changes->room) {
		size_t room = changes->room * 2 + 64;
		void *items = realloc(changes->items, room * sizeof(*changes->items));

		if (items == NULL)
			return -ENOMEM;
		changes->items = items;
		changes->room = room;
	}
	change = &changes->items[changes->count];
	nft_request_init(
	    change, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW, NLM_F_ACK, changes->family);
	if (!nft_request_put(change, NLA_F_NESTED | CTA_TUPLE_ORIG, tuple->data, tuple->size) ||
	    (zone->data != NULL && !nft_request_put(change, CTA_ZONE, zone->data, zone->size)) ||
	    !nft_request_put(change, CTA_MARK, &none, sizeof(none)) ||
	    !nft_request_put(change, CTA_MARK_MASK, &changes->erased, sizeof(changes->erased)))
		return -EMSGSIZE;
	changes->count++;
	return 0;
}

static int
unmark_family(struct nft_netlink *netlink, struct changes *changes, uint32_t mark, uint32_t mask)
{
	uint32_t wire_mark = htonl(mark), wire_mask = htonl(mask);
	struct nft_request request;
	int r;

	nft_request_init(
	    &request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP, changes->family);
	nft_request_put(&request, CTA_MARK, &wire_mark, sizeof(wire_mark));
	nft_request_put(&request, CTA_MARK_MASK, &wire_mask, sizeof(wire_mask));
	r = nft_netlink_ask(netlink, &request, conntrack_answer, changes);
	for (size_t i = 0; i < changes->count && r == 0; i++) {
		r = nft_netlink_ask(netlink, &changes->items[i], NULL, NULL);
		if (r == -ENOENT) /* the connection has ended since */
			r = 0;
	}
	return r < 0 ? nft_netlink_failed(netlink, "erasing connection marks", r) : 0;
}

int
nft_unmark(struct nft_netlink *netlink, uint32_t mark, uint32_t mask, uint32_t erased)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	int r = 0;

	for (size_t i = 0; i < sizeof(families) && r == 0; i++) {
		struct changes changes = {.family = families[i], .erased = htonl(erased)};

		r = unmark_family(netlink, &changes, mark, mask);
		free(changes.items);
	}
	return r;
}
