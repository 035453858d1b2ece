/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Former: see former.h.
 *
 * Of another build's connections, those come along about which nothing else has to be known than
 * where the next message begins: both streams stand between two messages, no request waits for a
 * response, and the server has acknowledged all that was asked.  They go on like one that was
 * picked up at a boundary, but a proven one.  What the server has sent and nobody is known to have
 * got can't be compared any more, as if the bytes had been given up for others.
 */
#include "former.h"

#include <string.h>

#include "dissectors.h"
#include "engine.h"
#include "engine_find.h"
#include "engine_pass.h"
#include "flow_arena.h"
#include "flow_move.h"

const char *const former_words[FORMER_FIELDS] = {
    [FORMER_STATE] = "state",
    [FORMER_TRANSPORT] = "transport",
    [FORMER_FAMILY] = "family",
    [FORMER_DISSECTOR] = "dissector",
    [FORMER_OUTSTANDING] = "outstanding",
    [FORMER_EXCUSED] = "excused",
    [FORMER_UNPROVEN] = "unproven",
    [FORMER_ADRIFT] = "adrift",
    [FORMER_GAPPED] = "gapped",
    [FORMER_MIDDLE] = "middle",
    [FORMER_BLURRED] = "blurred",
    [FORMER_PENDING] = "pending",
    [FORMER_PASSED] = "passed",
    [FORMER_ADDRESSES] = "addresses",
    [FORMER_ADDRESSES4] = "addresses4",
    [FORMER_PORTS] = "ports",
    [FORMER_ID] = "id",
    [FORMER_LAST] = "last",
    [FORMER_ISN] = "isn",
    [FORMER_NEXT] = "next",
    [FORMER_MESSAGE] = "message",
    [FORMER_ACKED] = "acked",
    [FORMER_FIN] = "fin",
};

static const struct {
	uint32_t at;
	uint32_t size;
	bool twice; /* the other one is stream_size further on */
} places[FORMER_FIELDS] = {
    [FORMER_STATE] = {offsetof(struct flow, state), 1, false},
    [FORMER_TRANSPORT] = {offsetof(struct flow, transport), 1, false},
    [FORMER_FAMILY] = {offsetof(struct flow, family), 1, false},
    [FORMER_DISSECTOR] = {offsetof(struct flow, dissector), 1, false},
    [FORMER_OUTSTANDING] = {offsetof(struct flow, outstanding_count), 1, false},
    [FORMER_EXCUSED] = {offsetof(struct flow, excused), 1, false},
    [FORMER_UNPROVEN] = {offsetof(struct flow, unproven), 1, false},
    [FORMER_ADRIFT] = {offsetof(struct flow, adrift), 2, false},
    [FORMER_GAPPED] = {offsetof(struct flow, gapped), 2, false},
    [FORMER_MIDDLE] = {offsetof(struct flow, middle), 1, false},
    [FORMER_BLURRED] = {offsetof(struct flow, blurred), 1, false},
    [FORMER_PENDING] = {offsetof(struct flow, pending), 1, false},
    [FORMER_PASSED] = {offsetof(struct flow, passed), 1, false},
    [FORMER_ADDRESSES] = {offsetof(struct seldom, ends), sizeof(struct flow_ends), false},
    [FORMER_ADDRESSES4] = {offsetof(struct flow, ipv4), 8, false},
    [FORMER_PORTS] = {offsetof(struct flow, port), 4, false},
    [FORMER_ID] = {offsetof(struct flow, id), 8, false},
    [FORMER_LAST] = {offsetof(struct flow, last_ns), 8, false},
    [FORMER_ISN] = {offsetof(struct flow, isn), 8, false},
    [FORMER_NEXT] = {offsetof(struct flow, stream) + offsetof(struct stream, next), 4, true},
    [FORMER_MESSAGE] = {offsetof(struct flow, stream) + offsetof(struct stream, message), 4, true},
    [FORMER_ACKED] = {offsetof(struct flow, stream) + offsetof(struct stream, acked), 4, true},
    [FORMER_FIN] = {offsetof(struct flow, stream) + offsetof(struct stream, fin), 1, true},
};

void
former_describe(const void *memory, struct former *ret_former)
{
	const struct flow_arena *arena = memory;
	struct former former = {
	    .layout = flow_arena_layout(),
	    .flow_top_at = offsetof(struct flow_arena, flow_top),
	    .flows_at = (uint32_t)arena->flows_at,
	    .flow_size = sizeof(struct flow),
	    .stream_size = sizeof(struct stream),
	    .rows_at = (uint32_t)arena->seldom_at,
	    .row_size = sizeof(struct seldom),
	    .free = FLOW_FREE,
	    .open = FLOW_OPEN,
	    .denied = FLOW_DENIED,
	};

	for (unsigned i = 0; i < FORMER_FIELDS; i++)
		former.at[i] = places[i].at;
	for (unsigned i = 0; i < FORMER_DISSECTORS_MAX && dissectors[i]; i++)
		strncpy(former.dissectors[i], dissectors[i]->name, FORMER_NAME_MAX - 1);
	*ret_former = former;
}

bool
former_is_ours(const void *memory, size_t size)
{
	const struct flow_arena *arena = memory;
	struct engine_limits limits;

	if (size < sizeof(*arena))
		return false;
	limits = arena->limits;
	return limits.flows >= 1 && limits.flows <= 1U << 24 &&
	    flow_arena_fits(arena, size, &limits);
}

/* ---- of another build ---- */

struct reading {
	const uint8_t *block;
	const struct former *former;
	uint32_t flow_count;
	size_t at;     /* of the flow */
	size_t row_at; /* and of its row, or of the flow where there are none */
};

static void
read_part(const struct reading *reading, enum former_field field, size_t further, void *ret)
{
	memcpy(ret, &reading->block[reading->at + reading->former->at[field] + further],
	    places[field].size);
}

static uint32_t
read_byte(const struct reading *reading, enum former_field field)
{
	uint8_t byte;

	read_part(reading, field, 0, &byte);
	return byte;
}

static bool
read_any(const struct reading *reading, enum former_field field)
{
	uint8_t bytes[2];

	read_part(reading, field, 0, bytes);
	return bytes[0] || bytes[1];
}

/* Does the field lie within a flow, or a row if it is in one? */
static bool
field_is_inside(const struct former *former, enum former_field field)
{
	bool in_row = field == FORMER_ADDRESSES && former->row_size != 0;
	uint64_t end = (uint64_t)former->at[field] + places[field].size +
	    (places[field].twice ? former->stream_size : 0);

	return end <= (in_row ? former->row_size : former->flow_size);
}

/* How many of `each` bytes there are from `at` on in a block. */
static size_t
count_inside(size_t size, uint32_t at, uint32_t each)
{
	return at > size ? 0 : (size - at) / each;
}

/* Nothing that is read lies outside the block; `flow_count` is how many there are. */
static bool
reading_begin(struct reading *reading, const void *block, size_t size, const struct former *former)
{
	const uint8_t *bytes = block;
	size_t room, rows;

	if (former->flow_size == 0 || former->flow_size > 1U << 16 || former->row_size > 1U << 16 ||
	    former->stream_size > former->flow_size || size < sizeof(uint32_t) ||
	    former->flow_top_at > size - sizeof(uint32_t))
		return false;
	for (unsigned i = 0; i < FORMER_FIELDS; i++)
		if (!field_is_inside(former, i))
			return false;
	*reading = (struct reading){.block = block, .former = former};
	memcpy(&reading->flow_count, &bytes[former->flow_top_at], sizeof(reading->flow_count));
	room = count_inside(size, former->flows_at, former->flow_size);
	rows = former->row_size != 0 ? count_inside(size, former->rows_at, former->row_size) : room;
	if (rows < room)
		room = rows;
	if (room == 0)
		return false;
	if (reading->flow_count > room - 1) /* the first place is nobody's */
		reading->flow_count = (uint32_t)(room - 1);
	return true;
}

/* The number of the dissector here that had this number there; 0: none. */
static uint8_t
dissector_here(const struct former *former, uint32_t number)
{
	const char *name;

	if (number == 0 || number > FORMER_DISSECTORS_MAX)
		return 0;
	name = former->dissectors[number - 1];
	for (unsigned i = 0; dissectors[i]; i++)
		if (strncmp(dissectors[i]->name, name, FORMER_NAME_MAX) == 0)
			return (uint8_t)(i + 1);
	return 0;
}

static void
read_stream(const struct reading *reading, enum direction direction, struct stream *stream)
{
	size_t further = direction * (size_t)reading->former->stream_size;

	read_part(reading, FORMER_NEXT, further, &stream->next);
	read_part(reading, FORMER_MESSAGE, further, &stream->message);
	read_part(reading, FORMER_ACKED, further, &stream->acked);
	read_part(reading, FORMER_FIN, further, &stream->fin);
}

static void
read_ends(const struct reading *reading, uint8_t family, struct flow_ends *ret_ends)
{
	struct flow_ends ends = {0};
	size_t at = reading->row_at + reading->former->at[FORMER_ADDRESSES];

	if (reading->former->row_size == 0 || family != 4)
		memcpy(&ends, &reading->block[at], sizeof(ends));
	else
		for (size_t i = 0; i < 2; i++)
			memcpy(&ends.address[i],
			    &reading->block[reading->at + reading->former->at[FORMER_ADDRESSES4] +
				4 * i],
			    4);
	*ret_ends = ends;
}

static void
read_flow(const struct reading *reading, struct flow *ret_flow, struct flow_ends *ret_ends)
{
	struct flow flow = {0};

	flow.transport = (uint8_t)read_byte(reading, FORMER_TRANSPORT);
	flow.family = (uint8_t)read_byte(reading, FORMER_FAMILY);
	flow.passed = (uint8_t)read_byte(reading, FORMER_PASSED);
	flow.dissector = dissector_here(reading->former, read_byte(reading, FORMER_DISSECTOR));
	read_ends(reading, flow.family, ret_ends);
	read_part(reading, FORMER_PORTS, 0, flow.port);
	read_part(reading, FORMER_ID, 0, &flow.id);
	read_part(reading, FORMER_LAST, 0, &flow.last_ns);
	read_part(reading, FORMER_ISN, 0, flow.isn);
	read_stream(reading, DIRECTION_REQUEST, &flow.stream[DIRECTION_REQUEST]);
	read_stream(reading, DIRECTION_RESPONSE, &flow.stream[DIRECTION_RESPONSE]);
	*ret_flow = flow;
}

static bool
between_messages(const struct stream *stream)
{
	return stream->message == stream->next && !stream->fin;
}

/* Protocols in which either end may ask have two streams of requests. */
static bool
all_was_got(const struct flow *flow)
{
	const struct stream *requests = &flow->stream[DIRECTION_REQUEST];

	return requests->acked == requests->next;
}

static bool
goes_on(const struct reading *reading, const struct flow *flow)
{
	return read_byte(reading, FORMER_STATE) == reading->former->open &&
	    flow->transport == PROTOCOL_TCP && flow->dissector != 0 &&
	    (flow->family == 4 || flow->family == 6) && between_messages(&flow->stream[0]) &&
	    between_messages(&flow->stream[1]) && all_was_got(flow) &&
	    read_byte(reading, FORMER_OUTSTANDING) == 0 &&
	    read_byte(reading, FORMER_EXCUSED) == 0 && read_byte(reading, FORMER_UNPROVEN) == 0 &&
	    !read_any(reading, FORMER_ADRIFT) && !read_any(reading, FORMER_GAPPED) &&
	    read_byte(reading, FORMER_MIDDLE) == 0 && read_byte(reading, FORMER_BLURRED) == 0 &&
	    read_byte(reading, FORMER_PENDING) == 0;
}

/* As if it had been picked up just now, at a boundary that needs no proof. */
static void
go_on(
    struct flow_table *table, const struct flow *old, const struct flow_ends *ends, uint64_t now_ns)
{
	struct flow *flow = &table->flows[++table->arena->flow_top];
	struct seldom *seldom;
	uint32_t now_ms = (uint32_t)(now_ns / 1000000);

	*flow = *old;
	flow_set_ends(table, flow, ends);
	seldom = flow_change_seldom(table, flow);
	flow->state = FLOW_OPEN;
	flow->kind = SHARE_SETTLED;
	flow->middle = old->passed != 0; /* otherwise it is at its very beginning */
	flow->opened_ms = flow->passed_ms = now_ms;
	flow->unacked_ms = flow->mark_ms = flow->newest_ms = now_ms;
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &flow->stream[i];

		stream->kept = stream->next;
		if (sequence_before(stream->next, stream->acked))
			stream->acked = stream->next;
		seldom->seen[i] = stream->next;
	}
	flow->mark = flow->newest = flow->stream[DIRECTION_REQUEST].next;
	seldom->yielded_ms = now_ms + 1;
}

static uint32_t
resume_all(struct flow_table *table, struct reading *reading, uint64_t now_ns)
{
	const struct former *former = reading->former;
	uint32_t left = 0;

	for (uint32_t i = 1; i <= reading->flow_count; i++) {
		struct flow flow;
		struct flow_ends ends;

		reading->at = former->flows_at + (size_t)i * former->flow_size;
		reading->row_at = former->row_size != 0
		    ? former->rows_at + (size_t)i * former->row_size
		    : reading->at;
		if (read_byte(reading, FORMER_STATE) == former->free)
			continue;
		read_flow(reading, &flow, &ends);
		if (goes_on(reading, &flow) &&
		    table->arena->flow_top < table->arena->limits.flows) {
			go_on(table, &flow, &ends, now_ns);
			continue;
		}
		left += flow.dissector != 0;
		/* a message is half there, or nothing was to pass any more */
		if (!between_messages(&flow.stream[DIRECTION_REQUEST]) ||
		    !between_messages(&flow.stream[DIRECTION_RESPONSE]) ||
		    read_byte(reading, FORMER_STATE) == former->denied)
			flow_leave(table, &flow, &ends, now_ns);
	}
	return left;
}

uint32_t
former_take_over(struct engine *engine, const void *block, size_t size, const struct former *former,
    uint64_t now_ns)
{
	struct flow_table *table = &engine->table, from = {.fast = NULL};
	struct reading reading;

	flow_arena_clear(table->arena);
	if (!former) {
		if (!former_is_ours(block, size))
			return 0;
		flow_table_attach(&from, (struct flow_arena *)(uintptr_t)block);
		return flow_table_move(table, &from, now_ns);
	}
	if (!reading_begin(&reading, block, size, former))
		return 0;
	return resume_all(table, &reading, now_ns);
}
