/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft: the kernel's copy of a ruleset.  Decides what has to be sent; nft_stages.c says it in
 * netlink.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nft.h"
#include "nft_dump.h"
#include "nft_inside.h"
#include "nft_stages.h"

enum { TRIES = 20 }; /* others may change their tables while we read ours */

struct nft {
	struct nft_netlink *netlink;
	char *applied; /* comment of the map of verdicts that we wrote last, or NULL */
};

int
nft_open(struct nft **ret_nft)
{
	struct nft *nft = calloc(1, sizeof(*nft));
	int r;

	if (nft == NULL)
		return -ENOMEM;
	r = nft_netlink_open(&nft->netlink);
	if (r < 0) {
		free(nft);
		return r;
	}
	*ret_nft = nft;
	return 0;
}

void
nft_close(struct nft *nft)
{
	if (nft == NULL)
		return;
	nft_netlink_close(nft->netlink);
	free(nft->applied);
	free(nft);
}

uint32_t
nft_port(const struct nft *nft)
{
	return nft_netlink_port(nft->netlink);
}

struct nft_netlink *
nft_netlink(struct nft *nft)
{
	return nft->netlink;
}

const char *
nft_error(const struct nft *nft)
{
	return nft_netlink_error(nft->netlink);
}

/* Reading */

struct reading {
	struct nft_present present[RULESET_FAMILIES];
	bool comment[RULESET_FAMILIES]; /* the table has ours */
	char *generation;               /* comment of the map of verdicts, or NULL */
	enum ruleset_family family;     /* which is read */
};

static void
reading_done(struct reading *reading)
{
	for (enum ruleset_family family = RULESET_INET; family < RULESET_FAMILIES; family++) {
		struct nft_present *present = &reading->present[family];

		nft_names_done(&present->base_chains);
		nft_names_done(&present->chains);
		nft_names_done(&present->sets);
		nft_names_done(&present->counters);
		nft_names_done(&present->helpers);
	}
	free(reading->generation);
}

static int
read_table(void *context, const struct nft_row *row)
{
	struct reading *reading = context;

	if (strcmp(row->table, RULESET_TABLE) == 0) {
		reading->present[reading->family].table = true;
		reading->comment[reading->family] = strcmp(row->comment, RULESET_COMMENT) == 0;
	}
	return 0;
}

static int
read_chain(void *context, const struct nft_row *row)
{
	struct reading *reading = context;
	struct nft_present *present = &reading->present[reading->family];

	if (strcmp(row->table, RULESET_TABLE) != 0)
		return 0;
	return nft_names_add(row->base ? &present->base_chains : &present->chains, row->name);
}

static int
read_set(void *context, const struct nft_row *row)
{
	struct reading *reading = context;

	if (strcmp(row->table, RULESET_TABLE) != 0 || row->anonymous)
		return 0;
	if (strcmp(row->name, RULESET_VERDICTS) == 0 && reading->generation == NULL) {
		reading->generation = strdup(row->comment);
		if (reading->generation == NULL)
			return -ENOMEM;
	}
	return nft_names_add(&reading->present[reading->family].sets, row->name);
}

static int
read_object(void *context, const struct nft_row *row)
{
	struct reading *reading = context;
	struct nft_present *present = &reading->present[reading->family];

	if (strcmp(row->table, RULESET_TABLE) != 0 || !(row->counter || row->helper))
		return 0;
	return nft_names_add(row->counter ? &present->counters : &present->helpers, row->name);
}

/* One family; a kernel that does not know it has nothing of it. */
static int
read_family(struct nft *nft, struct reading *reading)
{
	static nft_row_callback *const readers[NFT_KIND_COUNT] = {
	    [NFT_KIND_TABLE] = read_table,
	    [NFT_KIND_CHAIN] = read_chain,
	    [NFT_KIND_SET] = read_set,
	    [NFT_KIND_OBJECT] = read_object,
	};
	struct nft_present *present = &reading->present[reading->family];
	int r = 0;

	for (int kind = 0; kind < NFT_KIND_COUNT && r == 0; kind++)
		r = nft_dump(
		    nft->netlink, (enum nft_kind)kind, reading->family, readers[kind], reading);
	nft_names_sort(&present->base_chains);
	nft_names_sort(&present->chains);
	nft_names_sort(&present->sets);
	nft_names_sort(&present->counters);
	nft_names_sort(&present->helpers);
	return r;
}

static int
read_all(struct nft *nft, struct reading *ret_reading)
{
	int r = -EINTR;

	for (int i = 0; i < TRIES && r == -EINTR; i++) {
		struct reading reading = {0};

		r = read_family(nft, &reading);
		reading.family = RULESET_BRIDGE;
		if (r == 0)
			r = read_family(nft, &reading);
		if (r < 0) {
			reading_done(&reading);
			continue;
		}
		*ret_reading = reading;
	}
	return r;
}

/* The comment alone: a table of ours in which somebody deleted chains is still ours to put right.
 */
static enum nft_owner
owner_of(const struct reading *reading)
{
	for (enum ruleset_family family = RULESET_INET; family < RULESET_FAMILIES; family++)
		if (reading->present[family].table && !reading->comment[family])
			return NFT_FOREIGN;
	return reading->present[RULESET_INET].table ? NFT_OURS : NFT_ABSENT;
}

/* What the comment says; both 0 if it says nothing. */
static void
read_generation(const struct reading *reading, uint8_t *ret_generation, uint32_t *ret_mark_mask)
{
	unsigned generation, mask = MARK_MASK_ALL;

	if (reading->generation == NULL ||
	    sscanf(reading->generation, RULESET_COMMENT_SCAN, &generation, &mask) < 1 ||
	    generation > UINT8_MAX)
		return;
	*ret_generation = (uint8_t)generation;
	*ret_mark_mask = mask;
}

int
nft_table_state(struct nft *nft, struct nft_table *ret_table)
{
	struct reading reading;
	int r = read_all(nft, &reading);

	if (r < 0)
		return r;
	*ret_table = (struct nft_table){.owner = owner_of(&reading)};
	if (ret_table->owner == NFT_OURS)
		read_generation(&reading, &ret_table->generation, &ret_table->mark_mask);
	reading_done(&reading);
	return 0;
}

static int
refuse_foreign(struct nft *nft, const struct reading *reading)
{
	bool inet = reading->present[RULESET_INET].table && !reading->comment[RULESET_INET];
	const char *family = ruleset_family_word(inet ? RULESET_INET : RULESET_BRIDGE);

	nft_netlink_fail(nft->netlink,
	    "table %s " RULESET_TABLE
	    " is there already and was not made by sluiced: it is left alone; "
	    "rename it, or remove it by: nft delete table %s " RULESET_TABLE,
	    family, family);
	return -EEXIST;
}

/* Writing */

/*
 * Connections that an earlier policy of the same number has marked would be taken for ones of this
 * policy. Without the kernel's help that is not possible, and not refused either: nft_probe()
 * tells.
 */
static int
forget_generation(struct nft *nft, const struct ruleset *ruleset, const char *current)
{
	const char *next = ruleset->generation_comment;
	uint32_t generation, mask;
	int r;

	if ((current != NULL && strcmp(current, next) == 0) ||
	    (nft->applied != NULL && strcmp(nft->applied, next) == 0))
		return 0;
	generation = mark_make(
	    ruleset->mark_mask, &(struct mark){.generation = ruleset->options.generation});
	mask = mark_generation_mask(ruleset->mark_mask);
	r = nft_unmark(nft->netlink, generation & mask, mask, ruleset->mark_mask);
	return r == -ENOMEM || r == -EPERM ? r : 0;
}

static int
replace_stage(struct nft *nft, const struct ruleset *ruleset, const struct reading *reading,
    uint32_t generation, enum nft_stage stage)
{
	struct nft_batch *batch = nft_batch_new(generation);
	int r =
	    batch == NULL ? -ENOMEM : nft_stages_replace(batch, ruleset, reading->present, stage);

	if (r < 0)
		nft_netlink_failed(nft->netlink, "building the transaction", r);
	else
		r = nft_netlink_send(nft->netlink, batch, true);
	nft_batch_free(batch);
	return r;
}

/*
 * Under another mask the same bits say something else.  So nothing may pass, and mark, while all
 * connections are unmarked; and where they can't be, it is not begun.
 */
static int
change_mask(struct nft *nft, const struct ruleset *ruleset, const struct reading *reading)
{
	uint32_t before = 0;
	uint8_t generation;
	int r;

	read_generation(reading, &generation, &before);
	if (before == 0 || before == ruleset->mark_mask)
		return 0;
	r = nft_unmark(nft->netlink, 0, 0, before | ruleset->mark_mask);
	if (r == 0)
		r = replace_stage(nft, ruleset, reading, 0, NFT_STAGE_BARE);
	if (r == 0)
		r = nft_unmark(nft->netlink, 0, 0, before | ruleset->mark_mask);
	return r;
}

/* Replace a table that has been read; `generation` as in nft_batch_new(). */
static int
replace(struct nft *nft, const struct ruleset *ruleset, const struct reading *reading,
    uint32_t generation)
{
	int r;

	if (!nft_stages_gently(reading->present))
		return replace_stage(nft, ruleset, reading, generation, NFT_STAGE_WHOLE);
	r = replace_stage(nft, ruleset, reading, generation, NFT_STAGE_TWINS);
	if (r < 0)
		return r;
	r = replace_stage(nft, ruleset, reading, 0, NFT_STAGE_SWITCH);
	if (r < 0) {
		char *refused = strdup(nft_error(nft));

		replace_stage(nft, ruleset, reading, 0, NFT_STAGE_UNDO);
		nft_netlink_fail(nft->netlink, "%s", refused != NULL ? refused : "out of memory");
		free(refused);
		return r;
	}
	/* the policy is in force: what fails now is put right by the next replacement */
	for (enum nft_stage stage = NFT_STAGE_SETS; stage <= NFT_STAGE_CLEAN && r == 0; stage++)
		r = replace_stage(nft, ruleset, reading, 0, stage);
	return 0;
}

static int
apply_once(struct nft *nft, const struct ruleset *ruleset, bool anew, int try)
{
	struct reading reading;
	uint32_t generation;
	int r = nft_dump_generation(nft->netlink, &generation);

	if (r == 0)
		r = read_all(nft, &reading);
	if (r < 0)
		return r;
	if (owner_of(&reading) == NFT_FOREIGN)
		r = refuse_foreign(nft, &reading);
	if (r == 0)
		r = change_mask(nft, ruleset, &reading);
	if (r == 0 && try == 0)
		r = forget_generation(nft, ruleset, reading.generation);
	/*
	 * Nobody may have changed our table since it was read.  The kernel only tells whether
	 * anybody has changed any: if others never rest, the last try does not ask.  What does not
	 * fit then is refused as a whole; only a deletion would fit a table of somebody else.
	 */
	if (try >= TRIES && !anew)
		generation = 0;
	if (r == 0 && anew)
		r = replace_stage(nft, ruleset, &reading, generation, NFT_STAGE_ANEW);
	else if (r == 0)
		r = replace(nft, ruleset, &reading, generation);
	reading_done(&reading);
	return r;
}

static int
apply(struct nft *nft, const struct ruleset *ruleset, bool anew)
{
	char *applied = strdup(ruleset->generation_comment);
	int r = -ERESTART;

	if (applied == NULL)
		return nft_netlink_failed(nft->netlink, "building the transaction", -ENOMEM);
	for (int try = 0; try <= TRIES && r == -ERESTART; try++)
		r = apply_once(nft, ruleset, anew, try);
	if (r < 0) {
		free(applied);
		return r;
	}
	free(nft->applied);
	nft->applied = applied;
	return 0;
}

int
nft_apply(struct nft *nft, const struct ruleset *ruleset)
{
	return apply(nft, ruleset, false);
}

int
nft_apply_anew(struct nft *nft, const struct ruleset *ruleset)
{
	return apply(nft, ruleset, true);
}

/* `r` is what filling the batch came to; the batch is freed. */
static int
send_one(struct nft *nft, struct nft_batch *batch, int r)
{
	if (batch == NULL || r < 0)
		r = nft_netlink_failed(
		    nft->netlink, "building the transaction", batch == NULL ? -ENOMEM : r);
	else
		r = nft_netlink_send(nft->netlink, batch, true);
	nft_batch_free(batch);
	return r;
}

int
nft_remove(struct nft *nft)
{
	struct reading reading;
	struct nft_batch *batch;
	int r = read_all(nft, &reading);

	if (r < 0)
		return r;
	if (owner_of(&reading) == NFT_FOREIGN) {
		r = refuse_foreign(nft, &reading);
	} else if (reading.present[RULESET_INET].table || reading.present[RULESET_BRIDGE].table) {
		batch = nft_batch_new(0);
		r = send_one(nft, batch,
		    batch == NULL ? -ENOMEM : nft_stages_remove(batch, reading.present));
	}
	reading_done(&reading);
	return r;
}

int
nft_shut(struct nft *nft)
{
	struct nft_batch *batch;
	struct nft_table table;
	int r = nft_table_state(nft, &table);

	if (r < 0)
		return r;
	if (table.owner != NFT_ABSENT)
		return -EEXIST;
	batch = nft_batch_new(0);
	return send_one(nft, batch, batch == NULL ? -ENOMEM : nft_stages_shut(batch));
}

struct counting {
	nft_counter_callback *callback;
	void *context;
};

static int
count_row(void *context, const struct nft_row *row)
{
	const struct counting *counting = context;

	if (row->counter && strcmp(row->table, RULESET_TABLE) == 0)
		counting->callback(counting->context, row->name, row->packets, row->bytes);
	return 0;
}

int
nft_counters(struct nft *nft, nft_counter_callback *callback, void *context)
{
	struct counting counting = {callback, context};
	int r = nft_dump(nft->netlink, NFT_KIND_OBJECT, RULESET_INET, count_row, &counting);

	return r == 0
	    ? nft_dump(nft->netlink, NFT_KIND_OBJECT, RULESET_BRIDGE, count_row, &counting)
	    : r;
}

static int
note_flow_table(void *context, const struct nft_row *row)
{
	char *name = context;

	if (name[0] == '\0')
		snprintf(name, NFT_FLOW_TABLE_MAX, "%s of table %s", row->name, row->table);
	return 0;
}

int
nft_flow_table(struct nft *nft, char ret_name[NFT_FLOW_TABLE_MAX])
{
	int r = -EINTR;

	for (int i = 0; i < TRIES && r == -EINTR; i++) {
		char name[NFT_FLOW_TABLE_MAX] = "";

		r = nft_dump_flow_tables(nft->netlink, note_flow_table, name);
		if (r == 0)
			memcpy(ret_name, name, sizeof(name));
	}
	return r;
}

int
nft_take_back(struct nft *nft, bool all, nft_leave_callback *leave, void *context)
{
	return nft_flows_take_back(nft->netlink, all, leave, context);
}

int
nft_make_helper(struct nft *nft)
{
	return nft_flows_make_helper(nft->netlink);
}

/* Probing */

/* Try the chains that `need` asks for, with all sets, in a table without hooks. */
static int
try_ruleset(struct nft *nft, unsigned need, const struct ruleset_options *with)
{
	char bridge[] = "sluice-probe";
	struct zone zone = {.bridge = bridge};
	struct ruleset_options options = {.generation = 1,
	    .queue_base = RULESET_QUEUE_BASE,
	    .queue_count = 2,
	    .queue = with->queue,
	    .log_group = with->log_group,
	    .helper = with->helper};
	struct policy policy = {.mark_mask = MARK_MASK_ALL,
	    .zones = &zone,
	    .zone_count = need & RULESET_NEED_BRIDGE ? 1 : 0};
	const struct nft_present nothing[RULESET_FAMILIES] = {0};
	struct nft_batch *batch;
	struct ruleset *ruleset;
	int r = ruleset_new(&policy, &options, &ruleset);

	if (r < 0)
		return nft_netlink_failed(nft->netlink, "building the probe", r);
	ruleset->need = need;
	batch = nft_batch_new(0);
	r = batch == NULL ? -ENOMEM
			  : nft_stages_replace(batch, ruleset, nothing, NFT_STAGE_SCRATCH);
	if (r < 0)
		nft_netlink_failed(nft->netlink, "building the probe", r);
	else
		r = nft_netlink_send(nft->netlink, batch, false);
	nft_batch_free(batch);
	ruleset_free(ruleset);
	return r;
}

/* Does a refusal speak of the machine or the process, rather than of a feature? */
static bool
is_fatal(int r)
{
	return r == -EPERM || r == -ENOMEM || r == -ENOBUFS || r == -EMSGSIZE;
}

int
nft_probe(struct nft *nft, struct nft_features *ret_features)
{
	const unsigned queues = RULESET_NEED_CLOSED | RULESET_NEED_OPEN;
	struct nft_features features;
	const struct ruleset_options bare = {.queue = RULESET_QUEUE_NATIVE},
				     compat = {.queue = RULESET_QUEUE_TARGET},
				     logging = {.log_group = RULESET_QUEUE_BASE},
				     helping = {.helper = true};
	int base, native, target, log, helper, marks, bridge;

	base = try_ruleset(nft, RULESET_NEED_GATEWAY, &bare);
	if (base < 0) {
		char refused[1024];

		if (is_fatal(base))
			return base;
		snprintf(refused, sizeof(refused), "%s", nft_error(nft));
		nft_netlink_fail(nft->netlink,
		    "this kernel's nftables lacks something that the ruleset needs. It "
		    "refused:\n%s",
		    refused);
		return -EOPNOTSUPP;
	}
	native = try_ruleset(nft, queues, &bare);
	target = try_ruleset(nft, queues, &compat);
	log = try_ruleset(nft, RULESET_NEED_ALWAYS, &logging);
	helper = try_ruleset(nft, RULESET_NEED_ALWAYS, &helping);
	bridge = try_ruleset(nft, RULESET_NEED_BRIDGE, &bare);
	/* no connection has this mark: index zero belongs to no channel */
	marks = nft_unmark(nft->netlink, UINT32_MAX, UINT32_MAX, UINT32_MAX);
	if (is_fatal(native) || is_fatal(target) || is_fatal(marks))
		return is_fatal(native) ? native : is_fatal(target) ? target : marks;
	features = (struct nft_features){.queue = native == 0,
	    .target = target == 0,
	    .log = log == 0,
	    .bridge = bridge == 0,
	    .helper = helper == 0 && marks == 0,
	    .conntrack = marks == 0};
	*ret_features = features;
	return 0;
}
