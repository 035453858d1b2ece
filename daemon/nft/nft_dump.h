/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft dump: what the kernel has now.
 */
#ifndef SLUICE_NFT_DUMP_H
#define SLUICE_NFT_DUMP_H

#include "nft_netlink.h"
#include "ruleset_ir.h"

/* An object: whatever of this its kind has; the rest is zero or "". Strings are never NULL. */
struct nft_row {
	const char *table;
	const char *name;
	const char *comment;
	bool base;      /* chain with a hook */
	bool counter;   /* object of type counter */
	bool helper;    /* object that assigns a connection tracking helper */
	bool anonymous; /* set that belongs to one rule and goes with it */
	uint64_t packets;
	uint64_t bytes;
};

enum nft_kind { NFT_KIND_TABLE, NFT_KIND_CHAIN, NFT_KIND_SET, NFT_KIND_OBJECT, NFT_KIND_COUNT };

/* Returns 0, or -errno, which becomes the result. */
typedef int nft_row_callback(void *context, const struct nft_row *row);

/* Everything of one kind, of all tables of a family. -EINTR: changed meanwhile, ask again. */
int nft_dump(struct nft_netlink *netlink, enum nft_kind kind, enum ruleset_family family,
    nft_row_callback *callback, void *context);

/* The flow tables of all tables of all families, as rows of table and name. */
int nft_dump_flow_tables(struct nft_netlink *netlink, nft_row_callback *callback, void *context);

/* Number that the kernel changes with every transaction. */
int nft_dump_generation(struct nft_netlink *netlink, uint32_t *ret_generation);

/* Erase bits from the marks of all connections whose mark under `mask` is `mark`. */
int nft_unmark(struct nft_netlink *netlink, uint32_t mark, uint32_t mask, uint32_t erased);

#endif
