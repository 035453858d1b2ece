/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Eve: events as JSON in the shape of Suricata's EVE output, and as a line for people.
 *
 * Knows no protocol: functions come from the catalogue, points and units are printed by the
 * dissector, so the object named after the protocol has the same members for all of them.  Not a
 * logger: it returns text, and who asked writes it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "base64.h"
#include "eve.h"
#include "eve_told.h"

enum { POINTS_TEXT_MAX = 96, UNIT_TEXT_MAX = 64, ADDRESS_TEXT_MAX = 46, TIME_TEXT_MAX = 48 };

static const char *const type_words[EVENT_TYPE_COUNT] = {
    [EVENT_NONE] = "none",
    [EVENT_VERDICT] = "verdict",
    [EVENT_CUT] = "cut",
    [EVENT_CRASH] = "crash",
    [EVENT_LOST] = "lost",
    [EVENT_DROP] = "drop",
    [EVENT_STORM] = "storm",
};

static const char *const kind_words[] = {
    [MESSAGE_REQUEST] = "request",
    [MESSAGE_RESPONSE] = "response",
    [MESSAGE_EXCEPTION] = "exception",
    [MESSAGE_UNSOLICITED] = "unsolicited",
    [MESSAGE_LINK] = "link",
};

enum { KIND_WORDS = sizeof(kind_words) / sizeof(kind_words[0]) };

/* What the numbers of an event stand for in its policy; NULL where they stand for nothing. */
struct names {
	const struct channel *channel;
	const struct dissector *dissector;
	const struct function *function;
	const struct zone *from;
	const struct zone *to;
};

static void
names_find(const struct policy *policy, const struct event *event, struct names *ret_names)
{
	struct names names = {0};

	if (policy && event->channel < policy->channel_count)
		names.channel = policy->channels[event->channel];
	if (names.channel) {
		names.dissector = names.channel->dissector;
		names.from = names.channel->client_zone;
		names.to = names.channel->server_zone;
	} else if (policy && event->family != FAMILY_NONE) {
		names.from = policy_find_zone(policy, event->family, &event->source);
		names.to = policy_find_zone(policy, event->family, &event->destination);
	}
	if (names.dissector && event->function < names.dissector->function_count)
		names.function = &names.dissector->functions[event->function];
	*ret_names = names;
}

/* "2026-10-05T12:00:00.000001+0200", in local time as Suricata writes it. */
static void
time_print(uint64_t wall_ns, char *buf, size_t size)
{
	char zone[8] = "+0000", date[32] = "1970-01-01T00:00:00";
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm tm;

	if (localtime_r(&seconds, &tm)) {
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
		strftime(zone, sizeof(zone), "%z", &tm);
	}
	snprintf(buf, size, "%s.%06u%s", date, (unsigned)(wall_ns % 1000000000 / 1000), zone);
}

static const char *
transport_word(uint8_t transport)
{
	switch (transport) {
	case PROTOCOL_TCP:
		return "TCP";
	case PROTOCOL_UDP:
		return "UDP";
	case PROTOCOL_ICMP:
		return "ICMP";
	case PROTOCOL_ICMPV6:
		return "IPv6-ICMP";
	default:
		return NULL;
	}
}

static void
unit_print(const struct dissector *dissector, const struct event *event, char *buf, size_t size)
{
	struct unit_range range = {
	    .source_first = event->unit_source,
	    .source_last = event->unit_source,
	    .first = event->unit,
	    .last = event->unit,
	};

	if (dissector_print_units(dissector, &range, buf, size) < 0)
		snprintf(buf, size, "%" PRIu32, event->unit);
}

static void
span_print(const struct dissector *dissector, const struct event_span *span, char *buf, size_t size)
{
	struct point_range range = {
	    .space = span->space,
	    .block_first = span->block,
	    .block_last = span->block,
	    .first = span->first,
	    .last = span->last,
	};

	if (span->space >= dissector->space_count ||
	    dissector_print_points(dissector, &range, buf, size) < 0)
		snprintf(buf, size, "?:%" PRIu32 "-%" PRIu32, span->first, span->last);
}

static unsigned
spans_here(const struct event *event)
{
	return event->span_count < EVENT_SPANS_MAX ? event->span_count : EVENT_SPANS_MAX;
}

static unsigned
values_here(const struct event_span *span)
{
	return span->value_count < EVENT_VALUES_MAX ? span->value_count : EVENT_VALUES_MAX;
}

/* What the function does to the plant: the catalogue's word, or that of the first points. */
static enum access
event_access(const struct event *event, const struct names *names)
{
	if (names->function)
		return names->function->access;
	return event->span_count > 0 ? event->spans[0].access : ACCESS_NONE;
}

static void
put_text(json_t *object, const char *name, const char *text)
{
	if (text)
		json_object_set_new(object, name, json_string(text));
}

static void
put_number(json_t *object, const char *name, uint64_t number)
{
	json_object_set_new(object, name, json_integer((json_int_t)number));
}

/* A unit that is one number is written as a number, "1>10" as text: one form for each protocol. */
static void
put_unit(json_t *object, const struct dissector *dissector, const struct event *event)
{
	char text[UNIT_TEXT_MAX];

	unit_print(dissector, event, text, sizeof(text));
	if (text[strspn(text, "0123456789")] == '\0')
		put_number(object, "unit_id", event->unit);
	else
		put_text(object, "unit_id", text);
}

static void
put_points(json_t *object, const struct dissector *dissector, const struct event *event)
{
	json_t *points = json_array(), *values = json_array();
	char text[POINTS_TEXT_MAX];

	for (unsigned i = 0; i < spans_here(event); i++) {
		const struct event_span *span = &event->spans[i];

		span_print(dissector, span, text, sizeof(text));
		json_array_append_new(points, json_string(text));
		if (event->refused == i)
			put_text(object, "refused", text);
		for (unsigned v = 0; v < values_here(span); v++) {
			json_t *value = eve_value(span->values[v]);

			json_array_append_new(values, value ? value : json_null());
		}
	}
	if (json_array_size(points) > 0)
		json_object_set(object, "points", points);
	if (json_array_size(values) > 0)
		json_object_set(object, "values", values);
	if (event->span_count > EVENT_SPANS_MAX)
		put_number(object, "points_left_out", event->span_count - EVENT_SPANS_MAX);
	json_decref(points);
	json_decref(values);
}

/* The object named after the protocol. */
static json_t *
message_object(const struct event *event, const struct names *names)
{
	json_t *object = json_object();
	enum access access = event_access(event, names);

	put_text(object, "kind", event->kind < KIND_WORDS ? kind_words[event->kind] : NULL);
	put_number(object, "transaction_id", event->transaction);
	if (event->has_unit)
		put_unit(object, names->dissector, event);
	if (event->has_function) {
		put_number(object, "function", event->function_code);
		put_text(object, "function_name", names->function ? names->function->name : NULL);
	}
	if (access != ACCESS_NONE && access < ACCESS_COUNT)
		put_text(object, "access", access_word(access));
	put_points(object, names->dissector, event);
	if (event->has_exception) {
		put_number(object, "exception", event->exception);
		if (names->dissector->exception_word)
			put_text(object, "exception_name",
			    names->dissector->exception_word(event->exception));
	}
	/* It comes from an inspector: it may not end, and need not be text. */
	if (event->label[0] != '\0')
		json_object_set_new(object, "label",
		    json_stringn(event->label, strnlen(event->label, sizeof(event->label))));
	put_number(object, "length", event->length);
	eve_put_told(object, names->dissector, event);
	return object;
}

/*
 * Why not hexadecimal: pipelines that read EVE already take `payload` for base64, and it is the
 * shorter one.  Like all that comes from an inspector, the counts need not be true.
 */
static void
put_payload(json_t *root, const struct event *event)
{
	char text[BASE64_SIZE(EVENT_BYTES_MAX)];
	size_t count = event->byte_count < EVENT_BYTES_MAX ? event->byte_count : EVENT_BYTES_MAX;

	if (count == 0)
		return;
	base64_print(event->bytes, count, text);
	put_text(root, "payload", text);
}

/* The requests that a refused response might have answered, by the parts of their tokens. */
static void
put_waiting(json_t *object, const struct dissector *dissector, const struct event *event)
{
	json_t *waiting = json_array();

	for (unsigned i = 0; i < event->waiting_count && i < EVENT_WAITING_MAX; i++) {
		json_t *request = json_object();

		for (uint32_t p = 0; p < dissector->token_part_count; p++) {
			const struct token_part *part = &dissector->token_parts[p];

			put_number(request, part->name,
			    event->waiting[i].token >> part->shift &
				((UINT64_C(1) << part->bits) - 1));
		}
		if (event->waiting[i].expect != 0)
			put_number(request, "expect", event->waiting[i].expect);
		json_array_append_new(waiting, request);
	}
	json_object_set_new(object, "waiting", waiting);
	put_number(object, "waiting_count", event->waiting_count);
}

/* How many more, and from when to when. */
static void
put_storm(json_t *object, const struct event *event)
{
	char timestamp[TIME_TEXT_MAX];

	put_number(object, "count", event->lost);
	put_number(object, "total", event->total);
	time_print(event->first_ns, timestamp, sizeof(timestamp));
	put_text(object, "first", timestamp);
	time_print(event->last_ns, timestamp, sizeof(timestamp));
	put_text(object, "last", timestamp);
	json_object_set_new(object, "over", json_boolean(event->over));
}

static json_t *
sluice_object(const struct policy *policy, const struct event *event, const struct names *names)
{
	const struct conduit *conduit = names->channel ? names->channel->conduit : NULL;
	json_t *object = json_object();

	put_text(object, "conduit", conduit ? conduit->name : NULL);
	put_text(object, "channel", names->channel ? names->channel->name : NULL);
	put_text(object, "zone_from", names->from ? names->from->name : NULL);
	put_text(object, "zone_to", names->to ? names->to->name : NULL);
	put_text(object, "verdict", event->verdict == VERDICT_ALLOW ? "allow" : "deny");
	if (event->would_deny)
		json_object_set_new(object, "would_deny", json_true());
	put_text(object, "reason", reason_word(event->reason));
	if (event->done > 0)
		put_text(object, "on_deny", on_deny_word((enum on_deny)(event->done - 1)));
	if (event->rule != EVENT_NO_INDEX)
		put_number(object, "rule", (uint64_t)event->rule + 1);
	if (policy)
		json_object_set_new(object, "policy", json_sprintf("%.12s", policy->hash));
	put_text(object, "mode", conduit ? conduit_mode_word(conduit->mode) : NULL);
	if (names->dissector &&
	    (event->reason == REASON_RESPONSE_UNMATCHED ||
		event->reason == REASON_RESPONSE_MISMATCH))
		put_waiting(object, names->dissector, event);
	if (event->type == EVENT_STORM)
		put_storm(object, event);
	return object;
}

static void
put_endpoints(json_t *root, const struct event *event)
{
	char text[ADDRESS_TEXT_MAX];
	bool ports = event->transport == PROTOCOL_TCP || event->transport == PROTOCOL_UDP;

	put_text(root, "src_ip", address_print(event->family, &event->source, text, sizeof(text)));
	if (ports)
		put_number(root, "src_port", event->source_port);
	put_text(
	    root, "dest_ip", address_print(event->family, &event->destination, text, sizeof(text)));
	if (ports)
		put_number(root, "dest_port", event->destination_port);
	if (transport_word(event->transport))
		put_text(root, "proto", transport_word(event->transport));
	else
		json_object_set_new(root, "proto", json_sprintf("%03u", event->transport));
}

/* One line; NULL if memory was out on the way, for then a member may be missing. */
static char *
root_print(json_t *root)
{
	char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;

	json_decref(root);
	return text;
}

/* What the kernel dropped by itself: the first packet of a source, or how many followed it. */
static char *
drop_print(json_t *root, const struct policy *policy, const struct event *event,
    const struct names *names, enum eve_denials denials)
{
	json_t *sluice = sluice_object(policy, event, names);

	put_text(root, "event_type", type_words[EVENT_DROP]);
	put_endpoints(root, event);
	if (event->label[0] != '\0')
		json_object_set_new(root, "in_iface",
		    json_stringn(event->label, strnlen(event->label, sizeof(event->label))));
	put_number(sluice, "count", event->lost);
	json_object_set_new(root, "sluice", sluice);
	eve_alert_put(root, event, ACCESS_NONE, denials, type_words[EVENT_DROP]);
	return root_print(root);
}

char *
eve_print(const struct policy *policy, const struct event *event)
{
	return eve_print_as(policy, event, EVE_VERDICTS);
}

char *
eve_print_as(const struct policy *policy, const struct event *event, enum eve_denials denials)
{
	json_t *root = json_object();
	char timestamp[TIME_TEXT_MAX];
	struct names names;

	names_find(policy, event, &names);
	time_print(event->wall_ns, timestamp, sizeof(timestamp));
	put_text(root, "timestamp", timestamp);
	if (event->type == EVENT_LOST) {
		put_text(root, "event_type", type_words[EVENT_LOST]);
		put_number(root, "count", event->lost);
		return root_print(root);
	}
	if (event->type == EVENT_DROP)
		return drop_print(root, policy, event, &names, denials);
	/* JSON numbers are read as doubles by many: keep to the 53 bits that survive that */
	if (event->type != EVENT_STORM || event->family != FAMILY_NONE)
		put_number(root, "flow_id", event->flow_id & ((UINT64_C(1) << 53) - 1));
	if (event->interface_name[0] != '\0')
		json_object_set_new(root, "in_iface",
		    json_stringn(event->interface_name,
			strnlen(event->interface_name, sizeof(event->interface_name))));
	put_text(root, "event_type",
	    type_words[event->type < EVENT_TYPE_COUNT ? event->type : EVENT_NONE]);
	if (event->family != FAMILY_NONE)
		put_endpoints(root, event);
	if (names.dissector)
		put_text(root, "app_proto", names.dissector->name);
	if (event->type != EVENT_STORM || event->family != FAMILY_NONE)
		put_text(root, "direction",
		    event->direction == DIRECTION_REQUEST ? "to_server" : "to_client");
	if (names.dissector && event->kind != MESSAGE_UNKNOWN)
		json_object_set_new(root, names.dissector->name, message_object(event, &names));
	json_object_set_new(root, "sluice", sluice_object(policy, event, &names));
	eve_alert_put(root, event, event_access(event, &names), denials,
	    type_words[event->type < EVENT_TYPE_COUNT ? event->type : EVENT_NONE]);
	put_payload(root, event);
	return root_print(root);
}

char *
eve_print_note(uint64_t wall_ns, const char *what, const char *const *fields)
{
	json_t *root = json_object(), *details = json_object();
	char timestamp[TIME_TEXT_MAX];

	time_print(wall_ns, timestamp, sizeof(timestamp));
	put_text(root, "timestamp", timestamp);
	put_text(root, "event_type", what);
	for (; fields && fields[0]; fields += 2) {
		json_t *value = json_string(fields[1] ? fields[1] : "");

		/* a file name need not be UTF-8; an event must not lose its field over that */
		json_object_set_new(details, fields[0], value ? value : json_string("?"));
	}
	json_object_set_new(root, "sluice", details);
	return root_print(root);
}

/* "write-single-register unit 1 holding:40 = 1501", as much of it as is known. */
static void
line_message(FILE *out, const struct event *event, const struct names *names)
{
	char text[POINTS_TEXT_MAX];

	if (event->has_function && names->function)
		fprintf(out, " %s", names->function->name);
	else if (event->has_function)
		fprintf(out, " function %u", event->function_code);
	if (event->kind == MESSAGE_RESPONSE || event->kind == MESSAGE_EXCEPTION)
		fprintf(out, " %s", kind_words[event->kind]);
	if (event->has_exception)
		fprintf(out, " %u", event->exception);
	if (event->has_unit) {
		unit_print(names->dissector, event, text, sizeof(text));
		fprintf(out, " unit %s", text);
	}
	for (unsigned i = 0; i < spans_here(event); i++) {
		const struct event_span *span = &event->spans[i];

		span_print(names->dissector, span, text, sizeof(text));
		fprintf(out, " %s", text);
		for (unsigned v = 0; v < values_here(span); v++)
			fprintf(out, "%s%.10g", v == 0 ? " = " : ", ", span->values[v]);
	}
	if (event->span_count > EVENT_SPANS_MAX)
		fputs(" ...", out);
}

static void
line_endpoint(FILE *out, const struct event *event, const struct address *address, uint16_t port)
{
	char text[ADDRESS_TEXT_MAX];

	address_print(event->family, address, text, sizeof(text));
	if (event->transport != PROTOCOL_TCP && event->transport != PROTOCOL_UDP)
		fputs(text, out);
	else
		fprintf(out, event->family == FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", text, port);
}

static const char *
line_verdict(const struct event *event)
{
	if (event->type == EVENT_DROP)
		return "DROP";
	if (event->type == EVENT_CUT)
		return "CUT";
	if (event->type == EVENT_CRASH)
		return "CRASH";
	if (event->type == EVENT_STORM)
		return event->would_deny ? "WOULD-STORM" : "STORM";
	if (event->would_deny)
		return "WOULD-DENY";
	return event->verdict == VERDICT_ALLOW ? "allow" : "DENY";
}

static void
line_write(FILE *out, const struct policy *policy, const struct event *event)
{
	char timestamp[TIME_TEXT_MAX];
	struct names names;

	names_find(policy, event, &names);
	time_print(event->wall_ns, timestamp, sizeof(timestamp));
	fputs(timestamp, out);
	if (event->type == EVENT_LOST) {
		fprintf(out, " LOST %" PRIu64 " events", event->lost);
		return;
	}
	fprintf(out, " %s", line_verdict(event));
	if (event->family != FAMILY_NONE) {
		fputc(' ', out);
		line_endpoint(out, event, &event->source, event->source_port);
		fputs(" > ", out);
		line_endpoint(out, event, &event->destination, event->destination_port);
	}
	if (names.channel)
		fprintf(out, " %s/%s", names.channel->conduit ? names.channel->conduit->name : "?",
		    names.channel->name);
	if (names.dissector && event->kind != MESSAGE_UNKNOWN)
		line_message(out, event, &names);
	fprintf(out, ": %s", reason_word(event->reason));
	if (event->done > 0)
		fprintf(out, ", on_deny %s", on_deny_word((enum on_deny)(event->done - 1)));
	if (event->type == EVENT_DROP && event->lost > 1)
		fprintf(out, ", %" PRIu64 " packets", event->lost);
	if (event->type == EVENT_STORM)
		fprintf(out, ", %" PRIu64 " more%s", event->lost, event->over ? ", over" : "");
	if (event->rule != EVENT_NO_INDEX)
		fprintf(out, " (rule %" PRIu32 ")", event->rule + 1);
}

char *
eve_print_line(const struct policy *policy, const struct event *event)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	line_write(out, policy, event);
	if (fclose(out) < 0) {
		free(text);
		return NULL;
	}
	return text;
}
