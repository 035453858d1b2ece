/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, pairs of addresses: a place for what a connection remembers of a master and an outstation.
 */
#include <string.h>

#include "dnp3_pairs.h"

uint8_t
dnp3_find_pair(const struct dnp3_state *state, uint16_t master, uint16_t outstation)
{
	for (uint8_t i = 0; i < DNP3_PAIRS_MAX; i++) {
		const struct dnp3_pair *pair = &state->pairs[i];

		if (!pair->used) /* places are taken from the front and never given back */
			break;
		if (pair->master == master && pair->outstation == outstation)
			return i;
	}
	return DNP3_NONE;
}

const struct dnp3_pair *
dnp3_pair(const struct dnp3_read *r)
{
	return r->work->pair == DNP3_NONE ? NULL : &r->state->pairs[r->work->pair];
}

/* Is something of the pair awaited that may still come? */
static bool
waits(const struct dnp3_read *r, const struct dnp3_pair *pair)
{
	uint64_t age = r->context->now_ms - pair->used_ms;

	return age < DNP3_PAIR_AGE_MS &&
	    (pair->more || pair->due_ack[0] || pair->due_ack[1] || pair->due_status[0] ||
		pair->due_status[1]);
}

/*
 * A place for another pair: of one that has nothing to remember, or else the counts of frames that
 * were used longest ago.  Who counts on without a new reset is refused then.
 */
static uint8_t
find_place(const struct dnp3_read *r)
{
	const struct dnp3_pair *pairs = r->state->pairs;
	uint8_t oldest = DNP3_NONE;

	for (uint8_t i = 0; i < DNP3_PAIRS_MAX; i++) {
		if (!pairs[i].used)
			return i;
		if (waits(r, &pairs[i]))
			continue;
		if (!pairs[i].fcb_known[0] && !pairs[i].fcb_known[1])
			return i;
		if (oldest == DNP3_NONE || pairs[i].used_ms < pairs[oldest].used_ms)
			oldest = i;
	}
	return oldest;
}

void
dnp3_want_pair(struct dnp3_read *r, struct cursor *c)
{
	if (r->work->pair == DNP3_NONE)
		r->work->pair = find_place(r);
	demand(c, r->work->pair != DNP3_NONE, REASON_LINK_PAIRS_FULL);
}

struct dnp3_pair *
dnp3_keep_pair(struct dnp3_state *state, const struct dnp3_work *w, uint64_t now_ms)
{
	struct dnp3_pair *pair;

	if (w->pair == DNP3_NONE)
		return NULL;
	pair = &state->pairs[w->pair];
	if (!pair->used || pair->master != w->master || pair->outstation != w->outstation) {
		memset(pair, 0, sizeof(*pair));
		pair->used = true;
		pair->master = w->master;
		pair->outstation = w->outstation;
	}
	pair->used_ms = now_ms;
	return pair;
}
