/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft stages: in which order the objects of a ruleset come and go, so that no packet is lost.
 * See enum nft_stage.
 */
#include <errno.h>
#include <string.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

#include "nft_build.h"
#include "nft_rules.h"
#include "nft_stages.h"
#include "ruleset_chains.h"

#define SCRATCH_TABLE "sluice-probe"

enum {
	ELEMENTS_PER_MESSAGE = 128, /* below 64 KiB even if all names are of the greatest length */
};

/* The names of the chains that the ruleset wants. */
static int
wanted_chains(const struct nft_build *build, struct nft_names *ret_wanted)
{
	struct nft_names wanted = {0};
	int r = 0;

	for (const struct ruleset_chain *chain = ruleset_chains_next(build->ruleset, NULL);
	     chain != NULL && r == 0; chain = ruleset_chains_next(build->ruleset, chain))
		r = nft_names_add(&wanted, chain->name);
	if (r < 0) {
		nft_names_done(&wanted);
		return r;
	}
	nft_names_sort(&wanted);
	*ret_wanted = wanted;
	return 0;
}

static int
delete_counters(struct nft_build *build, const struct nft_present *present)
{
	struct nft_names wanted = {0};
	int r = 0;

	for (size_t i = 0; i < build->ruleset->counter_count && r == 0; i++)
		r = nft_names_add(&wanted, build->ruleset->counters[i]);
	nft_names_sort(&wanted);
	for (size_t i = 0; i < present->counters.count && r == 0; i++) {
		if (!nft_names_have(&wanted, present->counters.items[i]))
			nft_build_put_counter(build, NFT_MSG_DELOBJ, present->counters.items[i]);
	}
	nft_names_done(&wanted);
	return r;
}

static int
delete_chains(struct nft_build *build, const struct nft_present *present)
{
	struct nft_names wanted;
	int r = wanted_chains(build, &wanted);

	if (r < 0)
		return r;
	for (size_t i = 0; i < present->chains.count; i++) {
		if (!nft_names_have(&wanted, present->chains.items[i]))
			nft_build_put_chain(build, NFT_MSG_DELCHAIN,
			    &(struct ruleset_chain){.name = present->chains.items[i]});
	}
	nft_names_done(&wanted);
	return 0;
}

static int
neutralise_chains(struct nft_build *build, const struct nft_present *present)
{
	struct nft_names wanted;
	int r = wanted_chains(build, &wanted);

	if (r < 0)
		return r;
	for (size_t i = 0; i < present->base_chains.count; i++) {
		if (!nft_names_have(&wanted, present->base_chains.items[i]))
			nft_build_neutralise_chain(build, present->base_chains.items[i]);
	}
	nft_names_done(&wanted);
	return 0;
}

static void
put_chains(struct nft_build *build, bool regular, bool base)
{
	for (const struct ruleset_chain *chain = ruleset_chains_next(build->ruleset, NULL);
	     chain != NULL; chain = ruleset_chains_next(build->ruleset, chain)) {
		if (chain->hook == RULESET_HOOK_NONE ? regular : base)
			nft_build_put_chain(build, NFT_MSG_NEWCHAIN, chain);
	}
}

static void
put_counters(struct nft_build *build, const struct nft_present *present)
{
	const struct ruleset *ruleset = build->ruleset;

	for (size_t i = 0; i < ruleset->counter_count; i++) {
		if (!nft_names_have(&present->counters, ruleset->counters[i]))
			nft_build_put_counter(build, NFT_MSG_NEWOBJ, ruleset->counters[i]);
	}
}

static void
put_helpers(struct nft_build *build, const struct nft_present *present)
{
	for (size_t i = 0; i < RULESET_HELPER_COUNT && build->ruleset->options.helper; i++) {
		if (!nft_names_have(&present->helpers, ruleset_helpers[i].name))
			nft_build_put_helper(build, NFT_MSG_NEWOBJ, &ruleset_helpers[i]);
	}
}

/* Where the options have none. */
static void
delete_helpers(struct nft_build *build, const struct nft_present *present)
{
	for (size_t i = 0; i < RULESET_HELPER_COUNT && !build->ruleset->options.helper; i++) {
		if (nft_names_have(&present->helpers, ruleset_helpers[i].name))
			nft_build_put_helper(build, NFT_MSG_DELOBJ, &ruleset_helpers[i]);
	}
}

static void
delete_sets(struct nft_build *build, const struct nft_present *present)
{
	for (size_t i = 0; i < present->sets.count; i++)
		nft_build_delete_set(build, present->sets.items[i]);
}

static void
put_sets(struct nft_build *build)
{
	const struct ruleset *ruleset = build->ruleset;

	for (size_t i = 0; i < ruleset->set_count; i++) {
		const struct ruleset_set *set = &ruleset->sets[i];

		nft_build_put_set(build, set);
		for (size_t from = 0; from < set->element_count; from += ELEMENTS_PER_MESSAGE) {
			size_t to = from + ELEMENTS_PER_MESSAGE;

			nft_build_put_elements(
			    build, set, from, to < set->element_count ? to : set->element_count);
		}
	}
}

static void
put_rules(struct nft_build *build)
{
	for (const struct ruleset_chain *chain = ruleset_chains_next(build->ruleset, NULL);
	     chain != NULL; chain = ruleset_chains_next(build->ruleset, chain)) {
		for (size_t k = 0; k < chain->rule_count; k++)
			if (ruleset_has_rule(build->ruleset, &chain->rules[k]))
				nft_rules_put(build, chain, k);
	}
}

/* Everything at once: for a table that is new, or that nothing passes yet. */
static int
stage_whole(struct nft_build *build, const struct nft_present *present)
{
	int r = 0;

	nft_build_put_table(build, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	if (present->table) {
		nft_build_delete_rules(build);
		delete_sets(build, present);
		delete_helpers(build, present);
		r = delete_counters(build, present);
		if (r == 0)
			r = delete_chains(build, present);
		if (r == 0)
			r = neutralise_chains(build, present);
	}
	put_chains(build, true, true);
	put_counters(build, present);
	put_helpers(build, present);
	put_sets(build);
	put_rules(build);
	return r;
}

/* Nothing passes a table of ours without rules: its base chains drop. */
static int
stage_bare(struct nft_build *build, const struct nft_present *present)
{
	nft_build_delete_rules(build);
	return 0;
}

/* For a table with chains that can't be made into ours. */
static int
stage_anew(struct nft_build *build, const struct nft_present *present)
{
	const struct nft_present nothing = {0};

	if (present->table)
		nft_build_put_table(build, NFT_MSG_DELTABLE, 0);
	return stage_whole(build, &nothing);
}

static int
stage_twins(struct nft_build *build, const struct nft_present *present)
{
	put_chains(build, true, false);
	put_counters(build, present);
	put_helpers(build, present);
	build->twins = true;
	put_sets(build);
	return 0;
}

static int
stage_switch(struct nft_build *build, const struct nft_present *present)
{
	int r;

	build->twins = true;
	nft_build_put_table(build, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	nft_build_delete_rules(build);
	r = neutralise_chains(build, present);
	put_chains(build, false, true);
	put_rules(build);
	return r;
}

static int
stage_sets(struct nft_build *build, const struct nft_present *present)
{
	delete_sets(build, present);
	put_sets(build);
	return 0;
}

static int
stage_back(struct nft_build *build, const struct nft_present *present)
{
	nft_build_delete_rules(build);
	put_rules(build);
	return 0;
}

static void
delete_twins(struct nft_build *build)
{
	build->twins = true;
	for (size_t i = 0; i < build->ruleset->set_count; i++)
		nft_build_delete_set(
		    build, nft_build_set_name(build, build->ruleset->sets[i].name));
}

/* What the first stage has added. */
static int
stage_undo(struct nft_build *build, const struct nft_present *present)
{
	const struct ruleset *ruleset = build->ruleset;

	delete_twins(build);
	for (size_t i = 0; i < ruleset->counter_count; i++) {
		if (!nft_names_have(&present->counters, ruleset->counters[i]))
			nft_build_put_counter(build, NFT_MSG_DELOBJ, ruleset->counters[i]);
	}
	for (size_t i = 0; i < RULESET_HELPER_COUNT && ruleset->options.helper; i++) {
		if (!nft_names_have(&present->helpers, ruleset_helpers[i].name))
			nft_build_put_helper(build, NFT_MSG_DELOBJ, &ruleset_helpers[i]);
	}
	for (const struct ruleset_chain *chain = ruleset_chains_next(ruleset, NULL); chain != NULL;
	     chain = ruleset_chains_next(ruleset, chain)) {
		if (chain->hook == RULESET_HOOK_NONE &&
		    !nft_names_have(&present->chains, chain->name))
			nft_build_put_chain(build, NFT_MSG_DELCHAIN, chain);
	}
	return 0;
}

static int
stage_clean(struct nft_build *build, const struct nft_present *present)
{
	int r;

	delete_twins(build);
	delete_helpers(build, present);
	r = delete_chains(build, present);
	return r == 0 ? delete_counters(build, present) : r;
}

/* One table. */
static int
replace_table(struct nft_batch *batch, const struct ruleset *ruleset,
    const struct nft_present *present, enum nft_stage stage, bool scratch)
{
	static int (*const stages[NFT_STAGE_COUNT])(
	    struct nft_build * build, const struct nft_present *present) = {
	    [NFT_STAGE_SCRATCH] = stage_whole,
	    [NFT_STAGE_WHOLE] = stage_whole,
	    [NFT_STAGE_ANEW] = stage_anew,
	    [NFT_STAGE_BARE] = stage_bare,
	    [NFT_STAGE_TWINS] = stage_twins,
	    [NFT_STAGE_SWITCH] = stage_switch,
	    [NFT_STAGE_SETS] = stage_sets,
	    [NFT_STAGE_BACK] = stage_back,
	    [NFT_STAGE_CLEAN] = stage_clean,
	    [NFT_STAGE_UNDO] = stage_undo,
	};
	struct nft_build build = {.batch = batch,
	    .ruleset = ruleset,
	    .family = ruleset->family,
	    .table = scratch ? SCRATCH_TABLE : RULESET_TABLE,
	    .scratch = scratch};
	int r = stages[stage](&build, present);

	return build.failed ? -ENOMEM : r;
}

/* Of one table. */
static bool
is_gentle(const struct nft_present *present)
{
	size_t suffix = strlen(TWIN_SUFFIX);

	for (size_t i = 0; i < present->sets.count; i++) {
		const char *name = present->sets.items[i];

		if (strlen(name) > suffix && strcmp(name + strlen(name) - suffix, TWIN_SUFFIX) == 0)
			return false; /* left over: an earlier replacement did not come to its end
				       */
	}
	return present->table && nft_names_have(&present->base_chains, "forward");
}

bool
nft_stages_gently(const struct nft_present present[RULESET_FAMILIES])
{
	return is_gentle(&present[RULESET_INET]);
}

/*
 * The table of the bridges has the stages of the other one.  If it is new, or can't be replaced in
 * stages, it changes as a whole when the other one's rules do: nothing that it has vouched for
 * passes that one's old rules.  Where nothing is bridged any more it stays, empty: its base chains
 * are never deleted either.
 */
static int
replace_bridge(struct nft_batch *batch, const struct ruleset *bridge,
    const struct nft_present *present, enum nft_stage stage)
{
	static const struct ruleset_chains no_chains;
	static const struct ruleset none = {.family = RULESET_BRIDGE, .chains = &no_chains};
	bool scratch = stage == NFT_STAGE_SCRATCH;

	if (bridge == NULL && !present->table)
		return 0;
	if (bridge == NULL)
		bridge = &none;
	if (stage == NFT_STAGE_BARE && !present->table)
		return 0;
	if (stage >= NFT_STAGE_TWINS && !is_gentle(present)) {
		if (stage != NFT_STAGE_SWITCH)
			return 0;
		stage = NFT_STAGE_WHOLE;
	}
	return replace_table(batch, bridge, present, stage, scratch);
}

int
nft_stages_replace(struct nft_batch *batch, const struct ruleset *ruleset,
    const struct nft_present present[RULESET_FAMILIES], enum nft_stage stage)
{
	int r = replace_table(
	    batch, ruleset, &present[RULESET_INET], stage, stage == NFT_STAGE_SCRATCH);

	return r == 0 ? replace_bridge(batch, ruleset->bridge, &present[RULESET_BRIDGE], stage) : r;
}

int
nft_stages_remove(struct nft_batch *batch, const struct nft_present present[RULESET_FAMILIES])
{
	for (enum ruleset_family family = RULESET_INET; family < RULESET_FAMILIES; family++) {
		struct nft_build build = {.batch = batch, .family = family, .table = RULESET_TABLE};

		if (present[family].table)
			nft_build_put_table(&build, NFT_MSG_DELTABLE, 0);
		if (build.failed)
			return -ENOMEM;
	}
	return 0;
}

int
nft_stages_shut(struct nft_batch *batch)
{
	struct nft_build build = {.batch = batch, .table = RULESET_TABLE};

	nft_build_put_table(&build, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	nft_build_put_chain(&build, NFT_MSG_NEWCHAIN,
	    &(struct ruleset_chain){.name = "forward", .hook = RULESET_HOOK_FORWARD});
	return build.failed ? -ENOMEM : 0;
}
