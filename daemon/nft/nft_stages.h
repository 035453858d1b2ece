/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft stages: a table turned into a ruleset, in transactions between which no packet is lost.
 */
#ifndef SLUICE_NFT_STAGES_H
#define SLUICE_NFT_STAGES_H

#include "nft_names.h"
#include "nft_netlink.h"
#include "ruleset_ir.h"

/* A table as it is: names sorted. */
struct nft_present {
	bool table;
	struct nft_names base_chains;
	struct nft_names chains;
	struct nft_names sets;
	struct nft_names counters;
	struct nft_names helpers; /* of ruleset_helpers[] */
};

/*
 * A transaction replaces all rules at once, but not all that they look up: while it is committed, a
 * packet may find an interval set still empty, or the map of the old rules already without its
 * elements.  So a table that packets pass is replaced in stages, each a transaction: nothing that
 * rules in force look up is ever changed.
 */
enum nft_stage {
	NFT_STAGE_SCRATCH = 0, /* all, in a table that is never committed */
	NFT_STAGE_WHOLE,       /* all in one transaction */
	NFT_STAGE_ANEW,        /* the same, after deleting the table with all that is in it */
	NFT_STAGE_BARE,        /* no rule is left: base chains of ours drop what comes to them */
	NFT_STAGE_TWINS,       /* the new sets beside the old ones */
	NFT_STAGE_SWITCH,      /* the rules, using them: from here on the new policy is in force */
	NFT_STAGE_SETS,        /* the new sets under their own names instead of the old ones */
	NFT_STAGE_BACK,        /* the rules, using those */
	NFT_STAGE_CLEAN,       /* without what is no longer used */
	NFT_STAGE_UNDO,        /* without what the first stage has added */
	NFT_STAGE_COUNT
};

/*
 * Add to the batch everything that turns a table from what is `present` into the ruleset.
 * `scratch`: in a table of another name and without hooks, for a transaction that is never
 * committed.  Returns 0 or -ENOMEM.
 */
int nft_stages_replace(struct nft_batch *batch, const struct ruleset *ruleset,
    const struct nft_present present[RULESET_FAMILIES], enum nft_stage stage);

/*
 * Can the table be replaced in stages?  Not if it is new, or if an earlier replacement did not come
 * to its end: then all has to be done at once.
 */
bool nft_stages_gently(const struct nft_present present[RULESET_FAMILIES]);

/* Add the removal of our tables with all that is in them. */
int nft_stages_remove(struct nft_batch *batch, const struct nft_present present[RULESET_FAMILIES]);

/* Add a new table that drops all that is forwarded: the one base chain, without a rule. */
int nft_stages_shut(struct nft_batch *batch);

#endif
