/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, selects (IEEE 1815 clause 4): an OPERATE must repeat what its SELECT said, next and in
 * time.
 */
#include <assert.h>
#include <string.h>

#include "dnp3_selects.h"

static uint64_t
select_timeout_ms(const struct dnp3_read *r)
{
	return 1000 * (uint64_t)context_setting(r->m->dissector, r->context, DNP3_SELECT_TIMEOUT);
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

/* An OPERATE may be repeated as long as its SELECT would hold. */
static void
keep_operate(struct dnp3_state *state, const struct dnp3_work *w)
{
	for (size_t i = 0; i < DNP3_SELECTS_MAX; i++)
		if (is_select_of(&state->selects[i], w))
			state->selects[i].operated = true;
}

/* A SELECT holds until another request; answers to a challenge belong to what was challenged. */
void
dnp3_keep_request(struct dnp3_state *state, const struct dnp3_work *w, uint64_t now_ms)
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
