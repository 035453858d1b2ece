/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft connections: what connection tracking knows, one connection at a time, and how to make it
 * forget some.  Needs nf_conntrack_netlink (nft_features.conntrack).
 */
#ifndef SLUICE_NFT_CONNECTIONS_H
#define SLUICE_NFT_CONNECTIONS_H

#include "nft.h"
#include "packet.h"

/* By its original direction, before any translation. */
struct nft_connection {
	enum family family;
	struct address source;
	struct address destination;
	uint8_t transport;    /* PROTOCOL_TCP and so on */
	uint16_t source_port; /* host order; 0 where there is none */
	uint16_t destination_port;
	uint32_t mark;
	bool closing; /* TCP: one of the ends has begun to end it, or it was never answered */
};

/* Is the connection to be forgotten? */
typedef bool nft_connection_callback(void *context, const struct nft_connection *connection);

/* Every connection of the network namespace.  0, or -errno, of which nft_error() says more. */
int nft_connections(struct nft *nft, nft_connection_callback *callback, void *context);

/* How many there are, and how many there may be.  0 or -errno. */
int nft_connections_count(struct nft *nft, uint32_t *ret_count, uint32_t *ret_max);

#endif
