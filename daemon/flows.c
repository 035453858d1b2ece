/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows: see flows.h.
 *
 * One answer is bounded in what it looks at and in what it tells, so that nobody keeps the
 * supervisor from its work by asking.
 */
#include <inttypes.h>
#include <time.h>

#include "clock.h"
#include "flow_seen.h"
#include "flows.h"
#include "state.h"

enum {
	PLACES_AT_ONCE = 8192, /* that are looked at */
	FLOWS_AT_ONCE = 512,   /* that are told */
	TEXT_MAX_BYTES = 96,
};

static json_t *
number(uint64_t value)
{
	return json_integer((json_int_t)(value & INT64_MAX));
}

static json_t *
address(uint8_t family, const struct address *address)
{
	char text[TEXT_MAX_BYTES];

	return json_string(address_print(family, address, text, sizeof(text)));
}

static json_t *
unit(const struct dissector *dissector, const struct flow_note *note)
{
	struct unit_range range = {
	    .source_first = note->unit_source,
	    .source_last = note->unit_source,
	    .first = note->unit,
	    .last = note->unit,
	};
	char text[TEXT_MAX_BYTES];

	if (!note->has_unit || dissector_print_units(dissector, &range, text, sizeof(text)) < 0)
		return NULL;
	return json_string(text);
}

static json_t *
points(const struct dissector *dissector, const struct flow_note *note)
{
	struct point_range range = {
	    .space = note->space,
	    .block_first = note->block,
	    .block_last = note->block,
	    .first = note->first,
	    .last = note->last,
	};
	char text[TEXT_MAX_BYTES];

	if (note->span_count == 0 || note->space >= dissector->space_count ||
	    dissector_print_points(dissector, &range, text, sizeof(text)) < 0)
		return NULL;
	return json_string(text);
}

/* What was last asked, in the words of the protocol; NULL: nothing that is known. */
static json_t *
asked(const struct dissector *dissector, const struct flow_note *note)
{
	if (!dissector || note->function == 0 || note->function > dissector->function_count)
		return NULL;
	return json_pack("{s:s, s:o*, s:o*, s:i}", "function",
	    dissector->functions[note->function - 1].name, "unit", unit(dissector, note), "points",
	    points(dissector, note), "more", note->span_count > 1 ? note->span_count - 1 : 0);
}

/* Numbers of an inspector are looked at before they are believed. */
static json_t *
flow_object(const struct policy *policy, const struct flow_seen *flow, unsigned inspector)
{
	const struct channel *channel =
	    flow->channel < policy->channel_count ? policy->channels[flow->channel] : NULL;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	uint32_t age_ms = (uint32_t)(now_ns / 1000000) - flow->opened_ms;
	const struct flow_note *note = &flow->note;
	json_t *object = json_pack("{s:o, s:i, s:o, s:i, s:o, s:i, s:s, s:s, s:o, s:o, s:o, s:i}",
	    "flow_id", number(flow->id & ((UINT64_C(1) << 53) - 1)), "inspector", (int)inspector,
	    "src_ip", address(flow->family, &flow->client), "src_port", (int)flow->client_port,
	    "dest_ip", address(flow->family, &flow->server), "dest_port", (int)flow->server_port,
	    "proto", flow->transport == PROTOCOL_UDP ? "UDP" : "TCP", "state", flow->state,
	    "idle_ms", number(now_ns > flow->last_ns ? (now_ns - flow->last_ns) / 1000000 : 0),
	    "messages", number(note->messages), "bytes", number(note->bytes), "waiting",
	    (int)flow->waiting);
	json_t *last = asked(channel ? channel->dissector : NULL, note);

	if (channel) {
		json_object_set_new(object, "conduit", json_string(channel->conduit->name));
		json_object_set_new(object, "channel", json_string(channel->name));
		json_object_set_new(object, "protocol", json_string(channel->protocol));
	}
	if (flow->opened_ms != 0)
		json_object_set_new(object, "age_ms", number(age_ms));
	if (last)
		json_object_set_new(object, "asked", last);
	json_object_set_new(object, "denied", json_boolean(flow->denied));
	if (note->reason != 0 && note->reason < REASON_COUNT)
		json_object_set_new(object, "reason", json_string(reason_word(note->reason)));
	return object;
}

/* The number of the place behind those that were looked at. */
static uint32_t
add_flows(const struct supervisor *supervisor, const struct member *member, uint32_t from,
    json_t *array, bool *ret_more)
{
	struct flow_view view;
	struct flow_seen flow;
	uint32_t index = from;

	flow_view_init(&view, member->arena.block, &member->limits);
	for (; index <= view.top && index - from < PLACES_AT_ONCE &&
	     json_array_size(array) < FLOWS_AT_ONCE;
	     index++)
		if (flow_see(&view, index, &flow))
			json_array_append_new(
			    array, flow_object(supervisor->loaded->policy, &flow, member->index));
	*ret_more = index <= view.top;
	return index;
}

json_t *
flows_answer(void *context, const json_t *request, const char **ret_error)
{
	const struct supervisor *supervisor = context;
	json_int_t inspector = json_integer_value(json_object_get(request, "inspector"));
	json_int_t from = json_integer_value(json_object_get(request, "from"));
	json_t *array, *next = NULL;
	bool more;

	if (inspector < 0 || inspector >= supervisor->crew.settings.count || from < 0 ||
	    from > UINT32_MAX / 2) {
		*ret_error = "there is no such inspector or place";
		return NULL;
	}
	array = json_array();
	from = add_flows(supervisor, &supervisor->crew.members[inspector],
	    from > 0 ? (uint32_t)from : 1, array, &more);
	if (!more) {
		inspector++;
		from = 1;
	}
	if (inspector < supervisor->crew.settings.count)
		next = json_pack("{s:I, s:I}", "inspector", inspector, "from", from);
	return json_pack("{s:o, s:o}", "flows", array, "next", next ? next : json_null());
}
