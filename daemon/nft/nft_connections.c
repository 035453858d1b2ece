/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft connections: see nft_connections.h.
 *
 * What is to be forgotten is collected first and deleted afterwards: one socket asks one question
 * at a time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include "nft_connections.h"
#include "nft_inside.h"

struct listing {
	nft_connection_callback *callback;
	void *context;
	uint8_t family;
	struct nft_request *items; /* to be deleted */
	size_t count;
	size_t room;
};

/* The first `size` bytes of an attribute; zeros if it is not there or shorter. */
static void
take(const struct nft_attribute *attribute, void *ret_bytes, size_t size)
{
	memset(ret_bytes, 0, size);
	if (attribute->data != NULL && attribute->size >= size)
		memcpy(ret_bytes, attribute->data, size);
}

static void
read_tuple(const struct nft_attribute *tuple, struct nft_connection *connection)
{
	struct nft_attributes parts, ip, protocol;
	bool ipv4 = connection->family == FAMILY_IPV4;
	size_t size = ipv4 ? 4 : 16;
	uint16_t port;

	nft_attribute_open(tuple, &parts);
	nft_attribute_open(&parts.of[CTA_TUPLE_IP], &ip);
	nft_attribute_open(&parts.of[CTA_TUPLE_PROTO], &protocol);
	take(&ip.of[ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC], &connection->source, size);
	take(&ip.of[ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST], &connection->destination, size);
	take(&protocol.of[CTA_PROTO_NUM], &connection->transport, 1);
	take(&protocol.of[CTA_PROTO_SRC_PORT], &port, sizeof(port));
	connection->source_port = ntohs(port);
	take(&protocol.of[CTA_PROTO_DST_PORT], &port, sizeof(port));
	connection->destination_port = ntohs(port);
}

/* Of a connection; what is no TCP lives as long as it is known. */
static bool
is_closing(const struct nft_attribute *information)
{
	struct nft_attributes parts, tcp;
	uint8_t state;

	if (information->data == NULL)
		return false;
	nft_attribute_open(information, &parts);
	if (parts.of[CTA_PROTOINFO_TCP].data == NULL)
		return false;
	nft_attribute_open(&parts.of[CTA_PROTOINFO_TCP], &tcp);
	take(&tcp.of[CTA_PROTOINFO_TCP_STATE], &state, 1);
	return state != TCP_CONNTRACK_ESTABLISHED && state != TCP_CONNTRACK_SYN_RECV;
}

static int
add_deletion(
    struct listing *listing, const struct nft_attribute *tuple, const struct nft_attribute *zone)
{
	struct nft_request *item;

	if (listing->count == listing->room) {
		size_t room = listing->room * 2 + 64;
		void *items = reallocarray(listing->items, room, sizeof(*listing->items));

		if (items == NULL)
			return -ENOMEM;
		listing->items = items;
		listing->room = room;
	}
	item = &listing->items[listing->count];
	nft_request_init(
	    item, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_ACK, listing->family);
	if (!nft_request_put(item, NLA_F_NESTED | CTA_TUPLE_ORIG, tuple->data, tuple->size) ||
	    (zone->data != NULL && !nft_request_put(item, CTA_ZONE, zone->data, zone->size)))
		return -EMSGSIZE;
	listing->count++;
	return 0;
}

static int
take_connection(void *context, const struct nft_attributes *answer)
{
	struct listing *listing = context;
	const struct nft_attribute *tuple = &answer->of[CTA_TUPLE_ORIG];
	struct nft_connection connection = {
	    .family = listing->family == AF_INET ? FAMILY_IPV4 : FAMILY_IPV6};

	if (tuple->data == NULL)
		return 0;
	read_tuple(tuple, &connection);
	connection.mark = (uint32_t)nft_attribute_number(&answer->of[CTA_MARK]);
	connection.closing = is_closing(&answer->of[CTA_PROTOINFO]);
	if (!listing->callback(listing->context, &connection))
		return 0;
	return add_deletion(listing, tuple, &answer->of[CTA_ZONE]);
}

static int
list_family(struct nft_netlink *netlink, struct listing *listing)
{
	struct nft_request request;
	int r;

	nft_request_init(
	    &request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP, listing->family);
	r = nft_netlink_ask(netlink, &request, take_connection, listing);
	for (size_t i = 0; i < listing->count && r == 0; i++) {
		r = nft_netlink_ask(netlink, &listing->items[i], NULL, NULL);
		if (r == -ENOENT) /* it has ended since */
			r = 0;
	}
	return r < 0 ? nft_netlink_failed(netlink, "listing connections", r) : 0;
}

int
nft_connections(struct nft *nft, nft_connection_callback *callback, void *context)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	int r = 0;

	for (size_t i = 0; i < sizeof(families) && r == 0; i++) {
		struct listing listing = {
		    .callback = callback, .context = context, .family = families[i]};

		r = list_family(nft_netlink(nft), &listing);
		free(listing.items);
	}
	return r;
}

struct numbers {
	uint32_t count;
	uint32_t max;
};

static int
take_numbers(void *context, const struct nft_attributes *answer)
{
	struct numbers *numbers = context;

	numbers->count = (uint32_t)nft_attribute_number(&answer->of[CTA_STATS_GLOBAL_ENTRIES]);
	numbers->max = (uint32_t)nft_attribute_number(&answer->of[CTA_STATS_GLOBAL_MAX_ENTRIES]);
	return 0;
}

int
nft_connections_count(struct nft *nft, uint32_t *ret_count, uint32_t *ret_max)
{
	struct numbers numbers = {0};
	struct nft_request request;
	int r;

	nft_request_init(
	    &request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS, NLM_F_ACK, AF_UNSPEC);
	r = nft_netlink_ask(nft_netlink(nft), &request, take_numbers, &numbers);
	if (r < 0)
		return r;
	*ret_count = numbers.count;
	*ret_max = numbers.max;
	return 0;
}
