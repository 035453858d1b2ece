/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft build: the objects of a ruleset as messages of a transaction, by libnftnl: tables, chains,
 * sets, elements, counters.  Rules are in nft_rules.h, what is sent when in nft_stages.h.
 */
#ifndef SLUICE_NFT_BUILD_H
#define SLUICE_NFT_BUILD_H

#include "nft_netlink.h"
#include "ruleset_ir.h"

/* Sets that are beside those of the table until these are replaced: see enum nft_stage. */
#define TWIN_SUFFIX ".next"

/* One printing of a ruleset as messages. */
struct nft_build {
	struct nft_batch *batch;
	const struct ruleset *ruleset;
	enum ruleset_family family;
	const char *table;
	bool scratch;
	bool twins;  /* sets and maps are those with TWIN_SUFFIX */
	bool failed; /* out of memory, now or before: what follows does not matter */
};

/* Returns `object`; remembers that it is NULL. */
void *nft_build_check(struct nft_build *build, void *object);

/* As netlink numbers it. */
uint8_t nft_build_family(const struct nft_build *build);

/* nft_batch_begin(), checked. */
struct nlmsghdr *nft_build_begin(struct nft_build *build, uint16_t type, uint16_t flags);

/* The name of a set in this build; valid until the next call. */
const char *nft_build_set_name(const struct nft_build *build, const char *name);

/* Number by which messages of one batch know a set; 0: none of that name. */
uint32_t nft_build_set_id(const struct nft_build *build, const char *name);

/* Add, change or remove one object; `type` is the message's. */
void nft_build_put_table(struct nft_build *build, uint16_t type, uint16_t flags);
void nft_build_put_chain(struct nft_build *build, uint16_t type, const struct ruleset_chain *chain);
void nft_build_neutralise_chain(struct nft_build *build, const char *name);
void nft_build_put_counter(struct nft_build *build, uint16_t type, const char *name);
void nft_build_put_helper(
    struct nft_build *build, uint16_t type, const struct ruleset_helper *helper);
void nft_build_put_set(struct nft_build *build, const struct ruleset_set *set);
void nft_build_put_elements(
    struct nft_build *build, const struct ruleset_set *set, size_t from, size_t to);
void nft_build_delete_set(struct nft_build *build, const char *name);
void nft_build_delete_rules(struct nft_build *build); /* of all chains */

#endif
