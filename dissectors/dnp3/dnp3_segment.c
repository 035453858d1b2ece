/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, transport function (IEEE 1815 clause 8): segments become fragments.
 *
 * Each pair and direction has its own fragment under way.  Requests are kept whole until they end,
 * responses as long as there is room: what many outstations say at once is read on without its
 * beginning, see dnp3_rest.h.  State is changed by dnp3_keep_segment() alone.
 */
#include <assert.h>
#include <string.h>

#include "dnp3_rest.h"
#include "dnp3_segment.h"

enum { TRANSPORT_FIN = 0x80, TRANSPORT_FIR = 0x40, SEQUENCE_MASK = 0x3f };

static bool
is_of(const struct dnp3_assembly *assembly, const struct dnp3_read *r)
{
	return assembly->master == r->work->master && assembly->outstation == r->work->outstation &&
	    assembly->response == (r->direction == DIRECTION_RESPONSE);
}

static bool
is_stale(const struct context *context, const struct dnp3_assembly *assembly)
{
	return context->now_ms - assembly->at_ms >= DNP3_ASSEMBLY_AGE_MS;
}

/*
 * Datagrams get lost: what does not go on is given up there, as the standard says.  A stream loses
 * nothing, so a request that is left unfinished was meant for somebody's confusion.
 */
static bool
may_give_up(const struct context *context, const struct dnp3_assembly *assembly)
{
	return is_stale(context, assembly) && (assembly->response || context->datagram);
}

/* The fragment that this pair has under way. */
static uint8_t
find_open(const struct dnp3_read *r)
{
	uint32_t left = r->state->open_count;

	for (uint8_t i = 0; i < DNP3_ASSEMBLIES_MAX && left > 0; i++) {
		if (!r->state->assemblies[i].open)
			continue;
		if (is_of(&r->state->assemblies[i], r))
			return i;
		left--;
	}
	return DNP3_NONE;
}

/* Where all segments of a request must be in one datagram, another may not stand between them. */
static bool
is_interleaved(const struct dnp3_read *r)
{
	uint32_t left = r->m->together ? r->state->open_count : 0;

	for (uint8_t i = 0; i < DNP3_ASSEMBLIES_MAX && left > 0; i++) {
		const struct dnp3_assembly *assembly = &r->state->assemblies[i];

		if (!assembly->open)
			continue;
		if (!assembly->response && !is_of(assembly, r))
			return true;
		left--;
	}
	return false;
}

static uint8_t
find_place(const struct dnp3_read *r)
{
	uint8_t place = DNP3_NONE;

	for (uint8_t i = 0; i < DNP3_ASSEMBLIES_MAX; i++) {
		if (!r->state->assemblies[i].open)
			return i;
		if (may_give_up(r->context, &r->state->assemblies[i]))
			place = i;
	}
	return place;
}

/* ---- pieces ---- */

static uint32_t
pieces_of(uint32_t length)
{
	return (length + DNP3_PIECE_SIZE - 1) / DNP3_PIECE_SIZE;
}

static uint32_t
pieces_held(const struct dnp3_assembly *assembly)
{
	return assembly->open && !assembly->cut ? pieces_of(assembly->length) : 0;
}

static uint32_t
pieces_free(const struct dnp3_state *state)
{
	return DNP3_PIECES_MAX - (uint32_t)__builtin_popcountll(state->pieces_taken);
}

/* With those of datagrams that were given up. */
static uint32_t
pieces_to_get(const struct dnp3_read *r)
{
	uint32_t count = pieces_free(r->state);

	if (r->context->datagram)
		for (size_t i = 0; i < DNP3_ASSEMBLIES_MAX; i++)
			if (may_give_up(r->context, &r->state->assemblies[i]))
				count += pieces_held(&r->state->assemblies[i]);
	return count;
}

static void
close_assembly(struct dnp3_state *state, struct dnp3_assembly *assembly)
{
	for (uint32_t i = 0; i < pieces_held(assembly); i++)
		state->pieces_taken &= ~(UINT64_C(1) << assembly->pieces[i]);
	if (assembly->open)
		state->open_count--;
	assembly->open = false;
}

static void
give_up(struct dnp3_state *state, const struct context *context)
{
	for (size_t i = 0; i < DNP3_ASSEMBLIES_MAX; i++)
		if (may_give_up(context, &state->assemblies[i]))
			close_assembly(state, &state->assemblies[i]);
}

static uint8_t
take_piece(struct dnp3_state *state)
{
	uint8_t piece = (uint8_t)__builtin_ctzll(~state->pieces_taken);

	assert(piece < DNP3_PIECES_MAX);
	state->pieces_taken |= UINT64_C(1) << piece;
	return piece;
}

static void
append(
    struct dnp3_state *state, struct dnp3_assembly *assembly, const uint8_t *bytes, uint32_t length)
{
	for (uint32_t done = 0, part; done < length; done += part) {
		uint32_t at = assembly->length % DNP3_PIECE_SIZE;
		uint8_t *piece = &assembly->pieces[assembly->length / DNP3_PIECE_SIZE];

		if (at == 0)
			*piece = take_piece(state);
		part = DNP3_PIECE_SIZE - at;
		part = part < length - done ? part : length - done;
		memcpy(&state->pieces[*piece][at], &bytes[done], part);
		assembly->length += (uint16_t)part;
	}
}

static void
gather(const struct dnp3_state *state, const struct dnp3_assembly *assembly, uint8_t *ret_bytes)
{
	if (assembly->cut) {
		memcpy(ret_bytes, assembly->rest, assembly->length);
		return;
	}
	for (uint32_t i = 0, at = 0; at < assembly->length; i++, at += DNP3_PIECE_SIZE) {
		uint32_t part = assembly->length - at;

		memcpy(&ret_bytes[at], state->pieces[assembly->pieces[i]],
		    part < DNP3_PIECE_SIZE ? part : DNP3_PIECE_SIZE);
	}
}

/* ---- reading ---- */

/*
 * Does the segment go on with the fragment in w->assembly?  One that begins anew in the middle of a
 * response gives that up: whoever gets it does so, too, and a response operates nothing.
 */
static bool
goes_on(const struct dnp3_read *r)
{
	const struct dnp3_assembly *assembly;

	if (r->work->assembly == DNP3_NONE)
		return false;
	assembly = &r->state->assemblies[r->work->assembly];
	if (r->context->datagram && is_stale(r->context, assembly))
		return false;
	return !assembly->response || !r->work->first;
}

/* All bytes of a request are kept until it ends. */
static void
want_pieces(const struct dnp3_read *r, struct cursor *c)
{
	const struct dnp3_work *w = r->work;
	uint32_t wanted = pieces_of(w->previous + w->user_length - 1) - pieces_of(w->previous);

	demand(c, wanted <= pieces_to_get(r), REASON_ASSEMBLIES_FULL);
}

static void
check_segment(struct dnp3_read *r, struct cursor *c)
{
	struct dnp3_work *w = r->work;
	uint32_t max = context_setting(r->m->dissector, r->context, DNP3_FRAGMENT_SIZE);
	uint32_t length;

	demand(c, !is_interleaved(r), REASON_TRANSPORT_INTERLEAVED);
	if (goes_on(r)) {
		const struct dnp3_assembly *assembly = &r->state->assemblies[w->assembly];

		demand(c, !w->first, REASON_TRANSPORT_FIRST);
		demand(c, w->segment_sequence == assembly->next, REASON_TRANSPORT_SEQUENCE);
		w->total = assembly->total;
		w->previous = assembly->length;
		w->skip = assembly->skip;
		w->cut = assembly->cut;
	} else {
		demand(c, w->first, REASON_TRANSPORT_SEQUENCE);
		if (!w->final && w->assembly == DNP3_NONE) {
			w->assembly = find_place(r);
			demand(c, w->assembly != DNP3_NONE, REASON_ASSEMBLIES_FULL);
		}
	}
	if (r->direction == DIRECTION_REQUEST && !w->final)
		want_pieces(r, c);
	length = w->total + w->user_length - 1;
	demand(c, w->final ? length <= max : length < max, REASON_FRAGMENT_TOO_LONG);
}

/* Bytes of this segment that belong to an object which was judged. */
static void
skip(struct dnp3_read *r, struct cursor *c)
{
	struct dnp3_work *w = r->work;
	uint32_t length = w->user_length - 1;

	w->skipped = w->skip < length ? w->skip : length;
	w->skip -= w->skipped;
	demand(c, !w->final || w->skip == 0, REASON_LENGTH_MISMATCH);
}

/* Put together what is here of the fragment; false if there is nothing that can be read. */
bool
dnp3_read_segment(struct dnp3_read *r, struct cursor *c, struct cursor *ret_fragment)
{
	struct dnp3_work *w = r->work;
	uint32_t declared, here;

	if (w->user_here == 0)
		return false;
	w->segment = true;
	w->response = r->direction == DIRECTION_RESPONSE;
	w->final = w->user[0] & TRANSPORT_FIN;
	w->first = w->user[0] & TRANSPORT_FIR;
	w->segment_sequence = w->user[0] & SEQUENCE_MASK;
	w->assembly = find_open(r);
	check_segment(r, c);
	skip(r, c);
	if (!cursor_ok(c))
		return false;
	if (w->previous > 0)
		gather(r->state, &r->state->assemblies[w->assembly], w->fragment);
	here = w->user_here - 1 > w->skipped ? w->user_here - 1 - w->skipped : 0;
	memcpy(&w->fragment[w->previous], &w->user[1 + w->skipped], here);
	w->fragment_here = w->previous + here;
	r->least = w->previous + w->user_length - 1 - w->skipped;
	declared = r->least;
	if (!w->final) {
		r->least++;
		declared = context_setting(r->m->dissector, r->context, DNP3_FRAGMENT_SIZE) -
		    w->total + w->previous - w->skipped - w->skip;
	}
	cursor_init(ret_fragment, w->fragment, w->fragment_here, declared);
	return true;
}

/* ---- what is remembered ---- */

/* The first bytes of a fragment pass; w->assembly is where it will be. */
static void
open_assembly(struct dnp3_state *state, struct dnp3_assembly *assembly, const struct dnp3_work *w)
{
	close_assembly(state, assembly);
	memset(assembly, 0, sizeof(*assembly));
	assembly->open = true;
	assembly->response = w->response;
	assembly->master = w->master;
	assembly->outstation = w->outstation;
	state->open_count++;
}

static void
cut(struct dnp3_state *state, struct dnp3_assembly *assembly, const struct dnp3_work *w)
{
	uint8_t rest[DNP3_REST_MAX];
	uint32_t skip = w->skip, length = w->fragment_here;

	/* bytes are still to be skipped where this segment has brought nothing else */
	if (skip > 0)
		memcpy(rest, w->fragment, length);
	else
		length = dnp3_cut(w, rest, &skip);
	for (uint32_t i = 0; i < pieces_held(assembly); i++)
		state->pieces_taken &= ~(UINT64_C(1) << assembly->pieces[i]);
	assembly->cut = true;
	memcpy(assembly->rest, rest, length);
	assembly->length = (uint16_t)length;
	assembly->skip = (uint16_t)skip;
}

void
dnp3_keep_segment(
    struct dnp3_state *state, const struct context *context, const struct dnp3_work *w)
{
	struct dnp3_assembly *assembly = &state->assemblies[w->assembly];
	uint32_t more = w->fragment_here - w->previous, pieces;

	if (w->final) {
		close_assembly(state, assembly);
		return;
	}
	if (w->first)
		open_assembly(state, assembly, w);
	assembly->at_ms = context->now_ms;
	assembly->next = (w->segment_sequence + 1) & SEQUENCE_MASK;
	assembly->total = (uint16_t)(w->total + w->user_length - 1);
	pieces = pieces_of(w->fragment_here) - pieces_of(w->previous);
	if (!w->response && pieces > pieces_free(state))
		give_up(state, context);
	if (w->response && (w->cut || pieces + DNP3_PIECES_OF_REQUESTS > pieces_free(state)))
		cut(state, assembly, w);
	else
		append(state, assembly, &w->fragment[w->previous], more);
}
