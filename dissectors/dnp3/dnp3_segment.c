/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, transport function (IEEE 1815 clause 8): segments become fragments, and what else a
 * connection remembers of its link pairs.
 *
 * Each pair and direction has its own fragment, but a client has only one under way: a server that
 * keeps one buffer for all its addresses would put the halves of two messages together.  State is
 * changed by dnp3_commit() alone.
 */
#include <string.h>

#include "dnp3_segment.h"

enum { TRANSPORT_FIN = 0x80, TRANSPORT_FIR = 0x40, SEQUENCE_MASK = 0x3f };

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

void
dnp3_keep_segment(struct dnp3_state *state, const struct dnp3_work *w, uint64_t now_ms)
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
