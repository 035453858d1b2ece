/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft flows: see nft_flows.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_cthelper.h>
#include <linux/netlink.h>

#include "nft_flows.h"
#include "ruleset_ir.h"

enum { TRIES = 20 }; /* connections come and go while they are read */

/* The helper */

static bool
put_number(struct nft_request *request, uint16_t type, uint32_t number)
{
	number = htonl(number);
	return nft_request_put(request, type, &number, sizeof(number));
}

static void
put_protocols(struct nft_request *request, uint8_t family, uint8_t protocol)
{
	uint16_t network = htons(family);
	size_t nest = nft_request_nest(request, NFCTH_TUPLE);

	nft_request_put(request, NFCTH_TUPLE_L3PROTONUM, &network, sizeof(network));
	nft_request_put(request, NFCTH_TUPLE_L4PROTONUM, &protocol, sizeof(protocol));
	nft_request_nest_end(request, nest);
}

/* How many connections it may announce.  The kernel asks for one at least; it announces none. */
static void
put_expectations(struct nft_request *request)
{
	size_t all = nft_request_nest(request, NFCTH_POLICY), one;

	put_number(request, NFCTH_POLICY_SET_NUM, 1);
	one = nft_request_nest(request, NFCTH_POLICY_SET1);
	nft_request_put(request, NFCTH_POLICY_NAME, RULESET_HELPER, sizeof(RULESET_HELPER));
	put_number(request, NFCTH_POLICY_EXPECT_MAX, 1);
	put_number(request, NFCTH_POLICY_EXPECT_TIMEOUT, 1);
	nft_request_nest_end(request, one);
	nft_request_nest_end(request, all);
}

/* One that is there already, of this or another network namespace, is as good. */
static int
make_helper(struct nft_netlink *netlink, uint8_t family, uint8_t protocol)
{
	struct nft_request request;
	int r;

	nft_request_init(&request, NFNL_SUBSYS_CTHELPER << 8 | NFNL_MSG_CTHELPER_NEW,
	    NLM_F_ACK | NLM_F_CREATE, family);
	nft_request_put(&request, NFCTH_NAME, RULESET_HELPER, sizeof(RULESET_HELPER));
	put_protocols(&request, family, protocol);
	put_expectations(&request);
	put_number(&request, NFCTH_QUEUE_NUM, 0);
	put_number(&request, NFCTH_PRIV_DATA_LEN, 0);
	if (!put_number(&request, NFCTH_STATUS, NFCT_HELPER_STATUS_DISABLED))
		return -EMSGSIZE;
	r = nft_netlink_ask(netlink, &request, NULL, NULL);
	return r == -EEXIST || r == -EBUSY ? 0 : r;
}

int
nft_flows_make_helper(struct nft_netlink *netlink)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	int r = 0;

	for (size_t i = 0; i < sizeof(families); i++) {
		for (size_t k = 0; k < RULESET_HELPER_COUNT && r == 0; k++)
			r = make_helper(netlink, families[i], ruleset_helpers[k].protocol);
	}
	return r < 0 ? nft_netlink_failed(netlink, "making the helper " RULESET_HELPER, r) : 0;
}

/* What was taken */

/* Deletions are collected first and made afterwards: one socket asks one question at a time. */
struct found {
	struct nft_request *items;
	size_t count;
	size_t room;
	uint8_t family;
	bool all;
	nft_leave_callback *leave;
	void *context;
};

static bool
has_room(struct found *found)
{
	size_t room = found->room * 2 + 64;
	void *items;

	if (found->count < found->room)
		return true;
	items = realloc(found->items, room * sizeof(*found->items));
	if (items == NULL)
		return false;
	found->items = items;
	found->room = room;
	return true;
}

static bool
is_wanted(const struct found *found, const struct nft_attributes *answer)
{
	bool taken = nft_attribute_number(&answer->of[CTA_STATUS]) & IPS_OFFLOAD;
	uint32_t mark = (uint32_t)nft_attribute_number(&answer->of[CTA_MARK]);

	if (!taken && (!found->all || answer->of[CTA_HELP].data != NULL))
		return false;
	return !found->leave(found->context, mark, taken);
}

/* The number makes sure that it is not a later connection of the same ends that goes. */
static int
note_connection(void *context, const struct nft_attributes *answer)
{
	static const uint16_t types[] = {NLA_F_NESTED | CTA_TUPLE_ORIG, CTA_ZONE, CTA_ID};
	struct found *found = context;
	struct nft_request *deletion;

	if (answer->of[CTA_TUPLE_ORIG].data == NULL || answer->of[CTA_ID].data == NULL ||
	    !is_wanted(found, answer))
		return 0;
	if (!has_room(found))
		return -ENOMEM;
	deletion = &found->items[found->count];
	nft_request_init(
	    deletion, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_ACK, found->family);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct nft_attribute *from = &answer->of[types[i] & NLA_TYPE_MASK];

		if (from->data != NULL &&
		    !nft_request_put(deletion, types[i], from->data, from->size))
			return -EMSGSIZE;
	}
	found->count++;
	return 0;
}

/* Kernels that do not know the filter tell more, and nothing else. */
static int
look(struct nft_netlink *netlink, struct found *found)
{
	struct nft_request request;

	found->count = 0;
	nft_request_init(
	    &request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP, found->family);
	if (!found->all) {
		put_number(&request, CTA_STATUS, IPS_OFFLOAD);
		put_number(&request, CTA_STATUS_MASK, IPS_OFFLOAD);
	}
	return nft_netlink_ask(netlink, &request, note_connection, found);
}

static int
take_back_family(struct nft_netlink *netlink, struct found *found)
{
	int r = -EINTR;

	for (int i = 0; i < TRIES && r == -EINTR; i++)
		r = look(netlink, found);
	if (r == -EINTR) /* what was seen is there nevertheless */
		r = 0;
	for (size_t i = 0; i < found->count && r == 0; i++) {
		r = nft_netlink_ask(netlink, &found->items[i], NULL, NULL);
		if (r == -ENOENT) /* it has ended since */
			r = 0;
	}
	return r < 0 ? nft_netlink_failed(netlink, "taking connections out of flow tables", r)
		     : (int)found->count;
}

int
nft_flows_take_back(struct nft_netlink *netlink, bool all, nft_leave_callback *leave, void *context)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	int r = 0, count = 0;

	for (size_t i = 0; i < sizeof(families) && r >= 0; i++) {
		struct found found = {
		    .family = families[i], .all = all, .leave = leave, .context = context};

		r = take_back_family(netlink, &found);
		free(found.items);
		count += r;
	}
	return r < 0 ? r : count;
}
