/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain event: see explain_event.h.
 *
 * Verdict and reason are those of the event; meaning and rules are read anew from its bytes and the
 * policy, which may be another one by now: that is said.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "explain_alone.h"
#include "explain_channel.h"
#include "explain_event.h"
#include "explanation.h"
#include "explanation_why.h"
#include "network.h"
#include "output.h"
#include "terminal.h"

enum { HASH_SHOWN = 12 };

struct telling {
	struct changes *changes;
	const struct policy *policy;
	const json_t *event;
	const json_t *sluice;
	bool json;
	const struct channel *channel; /* NULL: none */
	enum reason reason;
};

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static uint64_t
number_of(const json_t *object, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(object, name));
}

static const struct channel *
find_channel(const struct policy *policy, const char *conduit, const char *channel)
{
	for (size_t i = 0; conduit && channel && i < policy->channel_count; i++)
		if (strcmp(policy->channels[i]->name, channel) == 0 &&
		    strcmp(policy->channels[i]->conduit->name, conduit) == 0)
			return policy->channels[i];
	return NULL;
}

static bool
find_reason(const char *word, enum reason *ret_reason)
{
	for (int i = 0; word && i < REASON_COUNT; i++)
		if (strcmp(reason_word(i), word) == 0) {
			*ret_reason = i;
			return true;
		}
	return false;
}

static void
print_head(const struct telling *t)
{
	const char *iface = text_of(t->event, "in_iface");
	const char *source = text_of(t->event, "src_ip"), *sink = text_of(t->event, "dest_ip");

	printf("%sEvent%s of %s", style(STYLE_STRONG), style_end(),
	    text_of(t->event, "timestamp") ? text_of(t->event, "timestamp") : "no time");
	if (source && sink)
		printf("\n%s port %" PRIu64 " > %s port %" PRIu64, source,
		    number_of(t->event, "src_port"), sink, number_of(t->event, "dest_port"));
	if (iface)
		printf(", by %s", iface);
	puts("\n");
}

/* The event as a packet, as far as it tells of one. */
static bool
read_packet(const struct telling *t, struct packet *ret_packet)
{
	const char *source = text_of(t->event, "src_ip"), *sink = text_of(t->event, "dest_ip");
	const char *protocol = text_of(t->event, "proto");
	struct packet packet = {
	    .source_port = (uint16_t)number_of(t->event, "src_port"),
	    .destination_port = (uint16_t)number_of(t->event, "dest_port"),
	    .protocol = PROTOCOL_TCP,
	};
	struct network from, to;

	if (!source || !sink || !protocol || network_read(source, &from) < 0 ||
	    network_read(sink, &to) < 0 || from.family != to.family)
		return false;
	if (strcmp(protocol, "UDP") == 0)
		packet.protocol = PROTOCOL_UDP;
	else if (strcmp(protocol, "ICMP") == 0)
		packet.protocol = PROTOCOL_ICMP;
	else if (strcmp(protocol, "IPv6-ICMP") == 0)
		packet.protocol = PROTOCOL_ICMPV6;
	else if (strcmp(protocol, "TCP") != 0)
		return false;
	packet.family = from.family;
	packet.source = from.address;
	packet.destination = to.address;
	*ret_packet = packet;
	return true;
}

/* Nothing but the reason is known. */
static enum answer
tell_reason(const struct telling *t)
{
	bool allowed =
	    text_of(t->sluice, "verdict") && strcmp(text_of(t->sluice, "verdict"), "allow") == 0;
	struct amend_question question = {
	    .reason = t->reason, .channel = t->channel, .interface = text_of(t->event, "in_iface")};
	struct packet packet;
	json_t *object;

	if (read_packet(t, &packet))
		changes_put_packet(&question, t->policy, &packet);
	if (t->json) {
		object = json_pack("{s:s, s:s, s:s}", "verdict", allowed ? "allow" : "deny",
		    "reason", reason_word(t->reason), "text", reason_text(t->reason));
		if (!allowed)
			json_object_set_new(object, "changes", changes_json(t->changes, &question));
		output_json(object);
		return allowed ? ANSWER_YES : ANSWER_NO;
	}
	if (!t->changes->patch)
		printf("%s%s%s  %s: %s\n", style(allowed ? STYLE_GOOD : STYLE_BAD),
		    allowed ? "ALLOW" : "DENY", style_end(), reason_word(t->reason),
		    reason_text(t->reason));
	if (!t->changes->patch)
		why_print_keys(t->policy, t->channel, NULL, t->reason);
	if (!t->changes->patch && t->reason == REASON_NO_CHANNEL && read_packet(t, &packet))
		explain_channel(t->policy, &packet);
	if (!allowed)
		changes_print(t->changes, &question);
	return allowed ? ANSWER_YES : ANSWER_NO;
}

static void
read_waiting(const struct telling *t, struct explanation *e)
{
	const json_t *waiting = json_object_get(t->sluice, "waiting");
	const struct dissector *d = t->channel->dissector;

	e->waits = json_is_array(waiting);
	e->waiting_total = (uint32_t)number_of(t->sluice, "waiting_count");
	for (size_t i = 0; i < json_array_size(waiting) && i < EVENT_WAITING_MAX; i++) {
		const json_t *request = json_array_get(waiting, i);
		struct event_waiting *to = &e->waiting[e->waiting_count++];

		*to = (struct event_waiting){.expect = (uint32_t)number_of(request, "expect")};
		for (uint32_t p = 0; p < d->token_part_count; p++)
			to->token |= number_of(request, d->token_parts[p].name)
			    << d->token_parts[p].shift;
	}
}

/* Would the policy at hand say something else than that of the event? */
static void
tell_difference(const struct telling *t, const struct explanation *e)
{
	static struct explanation now; /* too large for the stack's comfort */
	const char *hash = text_of(t->sluice, "policy");

	if (!hash || strncmp(hash, t->policy->hash, HASH_SHOWN) == 0)
		return;
	now = *e;
	explain_alone_judge(&now, t->policy);
	printf("\nThe event was judged by policy %.12s, the one at hand is %.12s", hash,
	    t->policy->hash);
	if (now.known && explain_answer(&now) != explain_answer(e))
		printf(":\nit %s the message",
		    explain_answer(&now) == ANSWER_YES ? "allows" : "denies");
	puts(".");
}

static enum answer
tell_message(const struct telling *t, const uint8_t *bytes, size_t length)
{
	static struct explanation e; /* too large for the stack's comfort */
	static struct context_room room;
	struct context context = context_new(&room);
	const char *direction = text_of(t->event, "direction");
	const char *verdict = text_of(t->sluice, "verdict");
	uint64_t rule = number_of(t->sluice, "rule");
	uint32_t used;

	memset(&room, 0, sizeof(room));
	context.settings = t->channel->settings;
	e = (struct explanation){
	    .changes = t->changes,
	    .channel = t->channel,
	    .direction = direction && strcmp(direction, "to_client") == 0 ? DIRECTION_RESPONSE
									  : DIRECTION_REQUEST,
	};
	explain_alone_dissect(&e, bytes, length, &context, &used);
	e.known = true;
	e.verdict = verdict && strcmp(verdict, "allow") == 0 ? VERDICT_ALLOW : VERDICT_DENY;
	e.would_deny = json_is_true(json_object_get(t->sluice, "would_deny"));
	e.reason = t->reason;
	if (rule > 0 && rule <= t->channel->rule_count)
		e.rule = &t->channel->rules[rule - 1];
	read_waiting(t, &e);
	if (t->json) {
		output_json(explanation_json(&e));
		return explain_answer(&e);
	}
	explanation_print(&e);
	if (t->changes->patch)
		return explain_answer(&e);
	if (e.result == DISSECT_PARTIAL && length == EVENT_BYTES_MAX)
		printf(
		    "\nThe event holds only the first %d bytes of the message.\n", EVENT_BYTES_MAX);
	tell_difference(t, &e);
	return explain_answer(&e);
}

static enum answer
explain_one(struct changes *changes, const json_t *event, bool json)
{
	struct telling t = {
	    .changes = changes,
	    .policy = changes->policy,
	    .event = event,
	    .sluice = json_object_get(event, "sluice"),
	    .json = json,
	};
	const char *payload = text_of(event, "payload"), *channel = text_of(t.sluice, "channel");
	uint8_t bytes[EVENT_BYTES_MAX];
	int length = payload ? base64_read(payload, sizeof(bytes), bytes) : 0;

	if (!find_reason(text_of(t.sluice, "reason"), &t.reason)) {
		complain("%s: an event \"%s\" without a reason that is known; nothing was "
			 "judged",
		    changes->command,
		    text_of(event, "event_type") ? text_of(event, "event_type") : "?");
		return ANSWER_UNKNOWN;
	}
	t.channel = find_channel(changes->policy, text_of(t.sluice, "conduit"), channel);
	if (channel && !t.channel) {
		complain("%s: the policy has no channel \"%s/%s\", of which the event is",
		    changes->command,
		    text_of(t.sluice, "conduit") ? text_of(t.sluice, "conduit") : "?", channel);
		return ANSWER_UNKNOWN;
	}
	if (length < 0) {
		complain("%s: the payload of the event is no base64 of at most %d bytes",
		    changes->command, EVENT_BYTES_MAX);
		return ANSWER_UNKNOWN;
	}
	if (!json && !changes->patch)
		print_head(&t);
	if (length == 0 || !t.channel || !t.channel->dissector)
		return tell_reason(&t);
	return tell_message(&t, bytes, (size_t)length);
}

static enum answer
explain_line(struct changes *changes, const char *line, const char *where, bool json)
{
	json_t *event = json_loads(line, 0, NULL);
	enum answer answer = ANSWER_UNKNOWN;

	if (json_is_object(event))
		answer = explain_one(changes, event, json);
	else
		complain("%s: %s is no event", changes->command, where);
	json_decref(event);
	return answer;
}

struct choice {
	uint64_t line; /* 0: any */
	uint64_t flow; /* 0: any */
	bool last;     /* of those, only the last that was denied */
};

static bool
is_denied(const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *verdict = text_of(sluice, "verdict");

	return (verdict && strcmp(verdict, "deny") == 0) ||
	    json_is_true(json_object_get(sluice, "would_deny"));
}

static bool
is_chosen(const struct choice *choice, const char *line, uint64_t number)
{
	json_t *event;
	bool chosen;

	if (choice->line > 0)
		return choice->line == number;
	if (choice->flow == 0 && !choice->last)
		return line[0] != '\0';
	event = json_loads(line, 0, NULL);
	chosen = json_is_object(event) &&
	    (choice->flow == 0 || number_of(event, "flow_id") == choice->flow) &&
	    (!choice->last || is_denied(event));
	json_decref(event);
	return chosen;
}

static enum answer
refuse_choice(
    const struct changes *changes, const char *name, const struct choice *choice, uint64_t lines)
{
	if (choice->line > 0)
		complain("%s: %s has no line %" PRIu64 "; its last is %" PRIu64, changes->command,
		    name, choice->line, lines);
	else if (choice->last)
		complain("%s: nothing %swas denied in %s", changes->command,
		    choice->flow > 0 ? "of this flow_id " : "", name);
	else
		complain("%s: there is no such event in %s", changes->command, name);
	return ANSWER_UNKNOWN;
}

/* All that are chosen, or the last of them. */
static enum answer
explain_stream(
    struct changes *changes, const char *name, FILE *file, const struct choice *choice, bool json)
{
	enum answer worst = ANSWER_YES;
	uint64_t number = 0, found = 0, found_at = 0;
	char *line = NULL, *kept = NULL;
	size_t size = 0;

	while (getline(&line, &size, file) > 0) {
		enum answer answer;
		char where[64];

		line[strcspn(line, "\n")] = '\0';
		if (!is_chosen(choice, line, ++number))
			continue;
		if (choice->last) {
			free(kept);
			kept = words_format("%s", line);
			found_at = number;
			continue;
		}
		if (found++ > 0 && !json && !changes->patch)
			puts("\n");
		snprintf(where, sizeof(where), "line %" PRIu64, number);
		answer = explain_line(changes, line, where, json);
		worst = answer > worst ? answer : worst;
	}
	free(line);
	if (kept) {
		char where[64];

		snprintf(where, sizeof(where), "line %" PRIu64, found_at);
		worst = explain_line(changes, kept, where, json);
		free(kept);
		return worst;
	}
	return found > 0 ? worst : refuse_choice(changes, name, choice, number);
}

/* "12" */
static bool
read_digits(const char *text, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !errno && !*end && *ret_number > 0;
}

/* "FILE:12", "FILE:flow=77", "FILE:last", "last", "77"; `name` gets the file. */
static bool
read_choice(char *name, const char **ret_file, struct choice *ret_choice)
{
	char *colon = strrchr(name, ':');
	struct choice choice = {0};
	bool good;

	*ret_file = default_events_path;
	if (strcmp(name, "last") == 0) {
		good = choice.last = true;
	} else if (read_digits(name, &choice.flow)) {
		good = choice.last = true;
	} else if (!colon) {
		good = false;
	} else {
		*ret_file = name;
		choice.last = strcmp(colon + 1, "last") == 0;
		good = choice.last || read_digits(colon + 1, &choice.line) ||
		    (strncmp(colon + 1, "flow=", 5) == 0 && read_digits(colon + 6, &choice.flow));
		*colon = '\0';
	}
	if (good)
		*ret_choice = choice;
	return good;
}

static enum answer
explain_source(struct changes *changes, const char *source, bool one, bool json)
{
	struct choice choice = {.last = one};
	enum answer answer = ANSWER_UNKNOWN;
	const char *file_name;
	char *name;
	FILE *file;

	if (source[0] == '{')
		return explain_line(changes, source, "the line", json);
	if (strcmp(source, "-") == 0)
		return explain_stream(changes, "standard input", stdin, &choice, json);
	name = words_format("%s", source);
	if (!read_choice(name, &file_name, &choice)) {
		complain("%s: the event is \"%s\"; expected a line of JSON, FILE:LINE, "
			 "FILE:flow=ID, FILE:last, last, a flow_id, or - for standard input",
		    changes->command, source);
	} else if (!(file = fopen(file_name, "re"))) {
		complain("%s: %s: %s", changes->command, file_name, strerror(errno));
	} else {
		choice.last |= one && choice.line == 0;
		answer = explain_stream(changes, file_name, file, &choice, json);
		fclose(file);
	}
	free(name);
	return answer;
}

enum answer
explain_event(struct changes *changes, const char *source, bool json)
{
	return explain_source(changes, source, false, json);
}

enum answer
explain_event_last(struct changes *changes, const char *source)
{
	return explain_source(changes, source, true, false);
}
