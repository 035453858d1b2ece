/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, transport function (IEEE 1815 clause 8): segments become fragments, and what else a
 * connection remembers of its link pairs.
 *
 * Each pair and direction has its own fragment, but a client has only one under way: a server that
 * keeps one buffer for all its addresses would put the halves of two messages together.  State is
 * changed by dnp3_commit() alone.
 */
#include <assert.h>
#include <string.h>

#include "dnp3.h"

enum { TRANSPORT_FIN = 0x80, TRANSPORT_FIR = 0x40, SEQUENCE_MASK = 0x3f };

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

static uint64_t
select_timeout_ms(const struct dnp3_read *r)
{
	return 1000 * (uint64_t)context_setting(r->m->dissector, r->context, DNP3_SELECT_TIMEOUT);
}

/* Has the pair nothing to remember that anybody could still ask for? */
static bool
is_idle(const struct dnp3_read *r, const struct dnp3_pair *pair)
{
	uint64_t age = r->context->now_ms - pair->used_ms;
	bool counts = pair->fcb_known[0] || pair->fcb_known[1];
	bool waits = pair->more || pair->due_ack[0] || pair->due_ack[1] || pair->due_status[0] ||
	    pair->due_status[1];

	return !counts && (!waits || age >= DNP3_PAIR_AGE_MS);
}

void
dnp3_want_pair(struct dnp3_read *r, struct cursor *c)
{
	r->work->pair_wanted = true;
	for (uint8_t i = 0; i < DNP3_PAIRS_MAX && r->work->pair == DNP3_NONE; i++)
		if (!r->state->pairs[i].used || is_idle(r, &r->state->pairs[i]))
			r->work->pair = i;
	demand(c, r->work->pair != DNP3_NONE, REASON_LINK_PAIRS_FULL);
}

static bool
is_of(const struct dnp3_assembly *assembly, const struct dnp3_work *w)
{
	return assembly->master == w->master && assembly->outstation == w->outstation;
}

static bool
is_stale(const struct dnp3_read *r, const struct dnp3_assembly *assembly)
{
	return r->context->now_ms - assembly->at_ms >= DNP3_ASSEMBLY_AGE_MS;
}

/* The fragment that this pair has under way, or a place for one. */
static uint8_t
find_assembly(const struct dnp3_read *r)
{
	uint8_t place = DNP3_NONE;

	if (r->direction == DIRECTION_REQUEST)
		return 0;
	for (uint8_t i = 1; i < DNP3_ASSEMBLIES_MAX; i++) {
		const struct dnp3_assembly *assembly = &r->state->assemblies[i];

		if (assembly->open && is_of(assembly, r->work))
			return i;
		if (!assembly->open || is_stale(r, assembly))
			place = i;
	}
	return place;
}

/*
 * Datagrams get lost: what does not go on is given up there, as the standard says.  On a stream it
 * can't have been lost, so a fragment that is left unfinished was meant for somebody's confusion.
 */
static bool
goes_on(const struct dnp3_read *r)
{
	const struct dnp3_assembly *assembly;

	if (r->work->assembly == DNP3_NONE)
		return false;
	assembly = &r->state->assemblies[r->work->assembly];
	if (!assembly->open || (r->context->datagram && is_stale(r, assembly)))
		return false;
	return r->direction == DIRECTION_REQUEST || is_of(assembly, r->work);
}

static void
check_segment(struct dnp3_read *r, struct cursor *c)
{
	struct dnp3_work *w = r->work;
	uint32_t max = context_setting(r->m->dissector, r->context, DNP3_FRAGMENT_SIZE);
	uint32_t length;

	if (goes_on(r)) {
		const struct dnp3_assembly *assembly = &r->state->assemblies[w->assembly];

		demand(c, is_of(assembly, w), REASON_TRANSPORT_INTERLEAVED);
		demand(c, !w->first, REASON_TRANSPORT_FIRST);
		demand(c, w->segment_sequence == assembly->next, REASON_TRANSPORT_SEQUENCE);
		w->previous = assembly->length;
	} else {
		demand(c, w->first, REASON_TRANSPORT_SEQUENCE);
		if (w->final)
			w->assembly = DNP3_NONE;
		else
			demand(c, w->assembly != DNP3_NONE, REASON_ASSEMBLIES_FULL);
	}
	length = w->previous + w->user_length - 1;
	demand(c, w->final ? length <= max : length < max, REASON_FRAGMENT_TOO_LONG);
}

/* Put together what is here of the fragment; false if there is nothing that can be read. */
bool
dnp3_read_segment(struct dnp3_read *r, struct cursor *c, struct cursor *ret_fragment)
{
	struct dnp3_work *w = r->work;
	uint32_t declared;

	if (w->user_here == 0)
		return false;
	w->segment = true;
	w->final = w->user[0] & TRANSPORT_FIN;
	w->first = w->user[0] & TRANSPORT_FIR;
	w->segment_sequence = w->user[0] & SEQUENCE_MASK;
	w->assembly = find_assembly(r);
	check_segment(r, c);
	if (!cursor_ok(c))
		return false;
	if (w->previous > 0)
		memcpy(w->fragment, r->state->assembly_bytes[w->assembly], w->previous);
	memcpy(&w->fragment[w->previous], &w->user[1], w->user_here - 1);
	w->fragment_here = w->previous + w->user_here - 1;
	r->least = w->previous + w->user_length - 1;
	declared = r->least;
	if (!w->final) {
		r->least++;
		declared = context_setting(r->m->dissector, r->context, DNP3_FRAGMENT_SIZE);
	}
	cursor_init(ret_fragment, w->fragment, w->fragment_here, declared);
	return true;
}

static bool
holds(const struct dnp3_read *r, const struct dnp3_select *select)
{
	return select->held && r->context->now_ms - select->at_ms <= select_timeout_ms(r);
}

static bool
is_select_of(const struct dnp3_select *select, const struct dnp3_work *w)
{
	return select->master == w->master && select->outstation == w->outstation;
}

/* The select whose OPERATE was let through longest ago. */
static uint8_t
find_operated(const struct dnp3_state *state)
{
	uint8_t place = DNP3_NONE;

	for (uint8_t i = 0; i < DNP3_SELECTS_MAX; i++)
		if (state->selects[i].operated &&
		    (place == DNP3_NONE || state->selects[i].at_ms < state->selects[place].at_ms))
			place = i;
	return place;
}

void
dnp3_want_select(struct dnp3_read *r, struct cursor *c)
{
	uint8_t place = DNP3_NONE;

	for (uint8_t i = 0; i < DNP3_SELECTS_MAX; i++)
		if (!holds(r, &r->state->selects[i]) ||
		    is_select_of(&r->state->selects[i], r->work))
			place = i;
	if (place == DNP3_NONE)
		place = find_operated(r->state);
	r->work->select_slot = place;
	demand(c, place != DNP3_NONE, REASON_SELECTS_FULL);
}

bool
dnp3_selected(const struct dnp3_read *r, bool *ret_same)
{
	const struct dnp3_work *w = r->work;

	for (size_t i = 0; i < DNP3_SELECTS_MAX; i++) {
		const struct dnp3_select *select = &r->state->selects[i];

		if (!holds(r, select) || !is_select_of(select, w) ||
		    w->sequence != ((select->sequence + 1) & 0x0f))
			continue;
		*ret_same = w->select_length == select->length &&
		    memcmp(w->select, r->state->select_objects[i], select->length) == 0;
		return true;
	}
	return false;
}

/* ---- what is remembered ---- */

static struct dnp3_pair *
keep_pair(struct dnp3_state *state, const struct dnp3_work *w, uint64_t now_ms)
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

static void
count_up(uint8_t *counter)
{
	if (*counter < UINT8_MAX)
		++*counter;
}

static void
count_down(uint8_t *counter)
{
	if (*counter > 0)
		--*counter;
}

static void
keep_frame(struct dnp3_pair *pair, enum direction direction, const struct dnp3_work *w)
{
	enum direction back =
	    direction == DIRECTION_REQUEST ? DIRECTION_RESPONSE : DIRECTION_REQUEST;

	if (!w->primary) {
		bool ack = w->link_function == LINK_ACK || w->link_function == LINK_NACK;

		if (w->link_function == LINK_NOT_SUPPORTED)
			ack = pair->due_ack[direction] > 0;
		count_down(ack ? &pair->due_ack[direction] : &pair->due_status[direction]);
		return;
	}
	if (w->link_function == LINK_REQUEST_STATUS)
		count_up(&pair->due_status[back]);
	else if (w->link_function != LINK_UNCONFIRMED)
		count_up(&pair->due_ack[back]);
	if (w->link_function == LINK_RESET)
		pair->fcb_known[direction] = pair->fcb[direction] = true;
	else if (w->fcv)
		pair->fcb[direction] = !w->fcb;
}

static void
keep_confirmed(struct dnp3_confirmed *last, const struct dnp3_work *w)
{
	if (!w->primary || w->link_function == LINK_UNCONFIRMED ||
	    w->link_function == LINK_REQUEST_STATUS)
		return;
	/* a reset begins to count anew */
	last->known = w->fcv;
	last->fcb = w->fcb;
	last->function = w->link_function;
	last->length = (uint8_t)w->user_length;
	last->master = w->master;
	last->outstation = w->outstation;
	memcpy(last->user, w->user, w->user_here);
}

static void
keep_segment(struct dnp3_state *state, const struct dnp3_work *w, uint64_t now_ms)
{
	struct dnp3_assembly *assembly = &state->assemblies[w->assembly];

	assembly->open = !w->final;
	assembly->at_ms = now_ms;
	assembly->master = w->master;
	assembly->outstation = w->outstation;
	assembly->next = (w->segment_sequence + 1) & SEQUENCE_MASK;
	if (w->final)
		return;
	memcpy(&state->assembly_bytes[w->assembly][w->previous], &w->fragment[w->previous],
	    w->fragment_here - w->previous);
	assembly->length = (uint16_t)w->fragment_here;
}

/* An OPERATE may be repeated as long as its SELECT would hold. */
static void
keep_operate(struct dnp3_state *state, const struct dnp3_work *w)
{
	for (size_t i = 0; i < DNP3_SELECTS_MAX; i++)
		if (is_select_of(&state->selects[i], w))
			state->selects[i].operated = true;
}

/* A SELECT holds until another request; answers to a challenge belong to what was challenged. */
static void
keep_request(struct dnp3_state *state, const struct dnp3_work *w, uint64_t now_ms)
{
	struct dnp3_select *select;

	if (w->function == FC_OPERATE)
		keep_operate(state, w);
	if (w->function == FC_CONFIRM || w->function == FC_OPERATE ||
	    w->function == FC_AUTHENTICATE || w->function == FC_AUTHENTICATE_NR)
		return;
	for (size_t i = 0; i < DNP3_SELECTS_MAX; i++)
		if (is_select_of(&state->selects[i], w))
			state->selects[i].held = false;
	if (w->function != FC_SELECT)
		return;
	assert(w->select_length <= DNP3_SELECT_MAX);
	select = &state->selects[w->select_slot];
	select->held = true;
	select->operated = false;
	select->at_ms = now_ms;
	select->master = w->master;
	select->outstation = w->outstation;
	select->sequence = w->sequence;
	select->length = (uint16_t)w->select_length;
	memcpy(state->select_objects[w->select_slot], w->select, w->select_length);
}

static void
keep_response(struct dnp3_pair *pair, const struct dnp3_work *w)
{
	if (w->function != FC_RESPONSE)
		return;
	if (w->app_first)
		pair->more_origin = w->sequence;
	pair->more = !w->app_final;
	pair->more_next = (w->sequence + 1) & 0x0f;
}

void
dnp3_commit(
    void *state, enum direction direction, const struct context *context, const struct message *m)
{
	struct dnp3_state *s = state;
	const struct dnp3_work *w = context->scratch;
	struct dnp3_pair *pair = keep_pair(s, w, context->now_ms);

	if (pair != NULL)
		keep_frame(pair, direction, w);
	keep_confirmed(&s->confirmed[direction], w);
	if (w->segment && w->assembly != DNP3_NONE)
		keep_segment(s, w, context->now_ms);
	if (!w->whole)
		return;
	if (direction == DIRECTION_REQUEST)
		keep_request(s, w, context->now_ms);
	else if (pair != NULL)
		keep_response(pair, w);
}
