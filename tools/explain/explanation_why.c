/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanation, why: see explanation_why.h.
 *
 * Knows no protocol.  Where the dissector demanded a number of a field, its trace says so; where it
 * compared lengths, and where a response contradicts its request, the right number is found by
 * trying: the message is taken apart again with each other number in the fields that may be meant.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explanation_why.h"
#include "output.h"
#include "reason_keys.h"
#include "terminal.h"

enum {
	WIDTH = 80,
	TRIES_MAX = 1 << 20,   /* so that an answer comes within a second or so */
	MESSAGE_MAX = 1 << 16, /* longer ones are not tried */
};

/* One field of a copy of the message, in which numbers are tried. */
struct trial {
	const struct explanation *e;
	uint8_t *bytes;
	uint32_t length; /* of the number */
	uint32_t offset;
	bool intel;
	unsigned tries;
};

static struct trace trace;     /* too large */
static struct message altered; /* for the stack's comfort */

static enum dissect_result
try_number(struct trial *t, uint32_t number, uint32_t *ret_used)
{
	enum reason reason;

	for (uint32_t i = 0; i < t->length; i++) {
		uint32_t shift = 8 * (t->intel ? i : t->length - 1 - i);

		t->bytes[t->offset + i] = (uint8_t)(number >> shift);
	}
	t->tries++;
	*ret_used = 0;
	return dissect(t->e->channel->dissector, t->e->direction, t->e->context, t->bytes,
	    t->e->length, &trace, &altered, ret_used, &reason);
}

/* The number that makes the message whole, or a response agree with its request. */
static bool
number_heals(struct trial *t, uint32_t number)
{
	uint32_t used;

	if (try_number(t, number, &used) != DISSECT_COMPLETE)
		return false;
	if (t->e->reason != REASON_RESPONSE_MISMATCH)
		return true;
	return altered.token == t->e->message.token && altered.expect != 0 &&
	    fold_expect(altered.expect) == t->e->waiting[0].expect;
}

/* The right numbers nearest to the one that is found: from it upwards and downwards. */
static bool
find_right(struct trial *t, uint32_t found, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t max = t->length == 1 ? 0xff : 0xffff;

	for (uint32_t away = 1; away <= max && t->tries < TRIES_MAX; away++)
		for (int down = 1; down >= 0; down--) {
			uint32_t number = down ? found - away : found + away;

			if ((down ? found < away : number > max) || !number_heals(t, number))
				continue;
			*ret_first = *ret_last = number;
			while (*ret_first > 0 && down && number_heals(t, *ret_first - 1))
				--*ret_first;
			while (*ret_last < max && !down && number_heals(t, *ret_last + 1))
				++*ret_last;
			return true;
		}
	return false;
}

static bool
is_length(const char *name)
{
	return strstr(name, "length") || strstr(name, "count") || strstr(name, "quantity") ||
	    strstr(name, "size");
}

static unsigned
try_fields(
    const struct explanation *e, bool lengths, struct why_number ret_numbers[WHY_NUMBERS_MAX])
{
	struct trial t = {.e = e, .bytes = e->length <= MESSAGE_MAX ? malloc(e->length) : NULL};
	unsigned count = 0;

	for (uint32_t i = 0; t.bytes && i < e->trace.count && count < WHY_NUMBERS_MAX; i++) {
		const struct trace_field *f = &e->trace.fields[i];
		uint32_t first, last;

		if (f->length > 2 || f->offset + f->length > e->length ||
		    (lengths && !is_length(f->name)))
			continue;
		memcpy(t.bytes, e->bytes, e->length);
		t.length = f->length;
		t.offset = f->offset;
		t.intel = f->length == 2 &&
		    f->value != ((uint64_t)t.bytes[f->offset] << 8 | t.bytes[f->offset + 1]);
		if (find_right(&t, (uint32_t)f->value, &first, &last))
			ret_numbers[count++] = (struct why_number){
			    .name = f->name, .found = f->value, .first = first, .last = last};
	}
	free(t.bytes);
	return count;
}

/* What the field is called in which the dissector met a wrong number: read on with a right one. */
static const char *
refused_name(const struct explanation *e)
{
	const struct trace_refused *refused = &e->trace.refused;
	struct trial t = {.e = e, .length = refused->length, .offset = refused->offset};
	const char *name = NULL;
	uint32_t used;

	t.bytes = e->length <= MESSAGE_MAX ? malloc(e->length) : NULL;
	if (!t.bytes || refused->offset + refused->length > e->length) {
		free(t.bytes);
		return NULL;
	}
	memcpy(t.bytes, e->bytes, e->length);
	try_number(&t, refused->first, &used);
	for (uint32_t i = 0; i < trace.count && !name; i++)
		if (trace.fields[i].offset == refused->offset &&
		    trace.fields[i].length == refused->length)
			name = trace.fields[i].name;
	free(t.bytes);
	return name;
}

static unsigned
number_refused(const struct explanation *e, struct why_number ret_numbers[WHY_NUMBERS_MAX])
{
	const struct trace_refused *refused = &e->trace.refused;
	const char *name = refused_name(e);

	if (refused->first > refused->last && !refused->either)
		return 0; /* no number would have been right there */
	ret_numbers[0] = (struct why_number){
	    .name = name ? name : "number",
	    .found = refused->found,
	    .first = refused->first,
	    .last = refused->last,
	    .either = refused->either,
	};
	return 1;
}

static uint64_t
part_of(const struct token_part *part, uint64_t token)
{
	return token >> part->shift & ((UINT64_C(1) << part->bits) - 1);
}

static unsigned
parts_differing(const struct dissector *d, uint64_t a, uint64_t b)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < d->token_part_count; i++)
		count += part_of(&d->token_parts[i], a) != part_of(&d->token_parts[i], b);
	return count;
}

/* In what the response differs from the request that it comes nearest to. */
static unsigned
parts_refused(const struct explanation *e, struct why_number ret_numbers[WHY_NUMBERS_MAX])
{
	const struct dissector *d = e->channel->dissector;
	const struct event_waiting *nearest = NULL;
	unsigned least = UINT32_MAX, count = 0;

	for (uint32_t i = 0; i < e->waiting_count; i++) {
		unsigned differing = parts_differing(d, e->waiting[i].token, e->message.token);

		if (differing < least)
			nearest = &e->waiting[i];
		least = differing < least ? differing : least;
	}
	for (uint32_t i = 0; nearest && i < d->token_part_count && count < WHY_NUMBERS_MAX; i++) {
		const struct token_part *part = &d->token_parts[i];
		uint64_t found = part_of(part, e->message.token);
		uint64_t right = part_of(part, nearest->token);

		if (found != right)
			ret_numbers[count++] = (struct why_number){
			    .name = part->name, .found = found, .first = right, .last = right};
	}
	return count;
}

/*
 * What a response must agree in is often one of its numbers as it stands: a count of bytes, which
 * can't be tried because the message would be of another length then.
 */
static unsigned
expected_field(const struct explanation *e, struct why_number ret_numbers[WHY_NUMBERS_MAX])
{
	uint64_t found = e->message.expect, right = e->waiting[0].expect;

	if (found == 0 || found > 0xffff || right > 0xffff)
		return 0;
	for (uint32_t i = e->trace.count; i > 0; i--) {
		const struct trace_field *f = &e->trace.fields[i - 1];

		if (f->length > 2 || f->value != found || !is_length(f->name))
			continue;
		ret_numbers[0] = (struct why_number){
		    .name = f->name, .found = found, .first = right, .last = right};
		return 1;
	}
	return 0;
}

unsigned
why_numbers(const struct explanation *e, struct why_number ret_numbers[WHY_NUMBERS_MAX])
{
	unsigned count = 0;

	if (!e->known)
		return 0;
	if (e->reason == REASON_RESPONSE_UNMATCHED && e->waits)
		return parts_refused(e, ret_numbers);
	if (e->reason == REASON_RESPONSE_MISMATCH && e->waiting_count > 0) {
		count = expected_field(e, ret_numbers);
		return count > 0 ? count : try_fields(e, false, ret_numbers);
	}
	if (e->result != DISSECT_MALFORMED)
		return 0;
	if (e->trace.refused.length > 0)
		count = number_refused(e, ret_numbers);
	if (count == 0 &&
	    (e->reason == REASON_LENGTH_MISMATCH || e->reason == REASON_LENGTH_INVALID ||
		e->reason == REASON_QUANTITY_INVALID || e->reason == REASON_TRAILING_BYTES))
		count = try_fields(e, true, ret_numbers);
	return count;
}

static void
print_number(const struct explanation *e, const struct why_number *n)
{
	bool request =
	    e->reason == REASON_RESPONSE_MISMATCH || e->reason == REASON_RESPONSE_UNMATCHED;

	printf("  \"%s\" is %" PRIu64, n->name, n->found);
	if (request)
		printf("; the request that waits needs %" PRIu64, n->first);
	else if (n->first == n->last)
		printf("; it would have to be %" PRIu64, n->first);
	else
		printf("; it would have to be %" PRIu64 " %s %" PRIu64, n->first,
		    n->either ? "or" : "to", n->last);
	puts("");
}

static void
print_waiting(const struct explanation *e)
{
	const struct dissector *d = e->channel->dissector;

	if (e->waiting_total == 0) {
		puts("  No request waits for a response.");
		return;
	}
	printf("  %s %s for a response:\n", words_count(e->waiting_total, "request"),
	    e->waiting_total == 1 ? "waits" : "wait");
	for (uint32_t i = 0; i < e->waiting_count; i++) {
		fputs("    ", stdout);
		for (uint32_t p = 0; p < d->token_part_count; p++)
			printf("%s%s %" PRIu64, p ? ", " : "", d->token_parts[p].name,
			    part_of(&d->token_parts[p], e->waiting[i].token));
		putchar('\n');
	}
	if (e->waiting_total > e->waiting_count)
		puts("    ...");
}

void
why_print(const struct explanation *e)
{
	struct why_number numbers[WHY_NUMBERS_MAX];
	unsigned count = why_numbers(e, numbers);

	for (unsigned i = 0; i < count; i++)
		print_number(e, &numbers[i]);
	if (e->waits)
		print_waiting(e);
}

static uint64_t
limit_value(const struct limits *limits, const char *key)
{
	if (strcmp(key, "flows") == 0)
		return limits->flows;
	if (strcmp(key, "states") == 0)
		return limits->states;
	assert(strcmp(key, "held_bytes") == 0);
	return limits->held_bytes;
}

/* "4": what the channel says there, also where the policy leaves it to the normal. NULL: nothing.
 */
static char *
key_value(const struct policy *policy, const struct channel *channel, const struct reason_key *row)
{
	const struct dissector *d = channel ? channel->dissector : NULL;

	if (row->place == KEY_OF_LIMITS && policy)
		return words_format("%" PRIu64, limit_value(&policy->limits, row->key));
	if (row->place == KEY_OF_POLICY && policy)
		return words_format("\"%s\"", audit_full_word(policy->audit_full));
	if (!channel)
		return NULL;
	if (strcmp(row->key, "when_down") == 0)
		return words_format("\"%s\"", when_down_word(channel->conduit->when_down));
	if (strcmp(row->key, "outstanding") == 0)
		return words_format("%" PRIu32, channel->outstanding);
	if (strcmp(row->key, "pause") == 0)
		return words_format("%" PRIu32, channel->pause_s);
	if (strcmp(row->key, "pickup") == 0)
		return words_format("\"%s\"", pickup_word(channel->pickup));
	if (strcmp(row->key, "answers") == 0)
		return words_format("\"%s\"", answers_word(channel->answers));
	for (uint32_t i = 0; row->place == KEY_OF_PROTOCOL && d && i < d->setting_count; i++)
		if (strcmp(d->settings[i].name, row->key) == 0)
			return words_format("%" PRIu32, channel->settings[i]);
	return NULL;
}

/* Is it a key of this channel's protocol, and meant with this function? */
static bool
key_applies(const struct reason_key *row, const struct channel *channel,
    const struct function *function, enum reason reason)
{
	const struct dissector *d = channel ? channel->dissector : NULL;

	if (row->reason != reason ||
	    (row->function && (!function || strcmp(function->name, row->function) != 0)))
		return false;
	if (row->place != KEY_OF_PROTOCOL)
		return true;
	for (uint32_t i = 0; d && i < d->setting_count; i++)
		if (strcmp(d->settings[i].name, row->key) == 0)
			return true;
	return false;
}

static const char *
place_word(enum key_place place)
{
	static const char *const words[] = {
	    [KEY_OF_RULE] = " of rules",
	    [KEY_OF_CHANNEL] = " of the channel",
	    [KEY_OF_PROTOCOL] = " of the channel",
	    [KEY_OF_CONDUIT] = " of the conduit",
	    [KEY_OF_ZONE] = " of zones",
	    [KEY_OF_LIMITS] = " of limits",
	    [KEY_OF_POLICY] = " of the policy",
	};

	return words[place];
}

void
why_print_keys(const struct policy *policy, const struct channel *channel,
    const struct function *function, enum reason reason)
{
	const struct reason_key *before = NULL;
	char *text = words_format("Governed by");

	for (const struct reason_key *row = reason_keys; row->key; row++) {
		const char *place =
		    before && before->place != row->place ? place_word(before->place) : "";
		char *value, *longer;

		if (!key_applies(row, channel, function, reason))
			continue;
		value = key_value(policy, channel, row);
		longer = words_format("%s%s%s \"%s\"%s%s%s", text, place, before ? "," : "",
		    row->key, value ? " (" : "", value ? value : "", value ? ")" : "");
		free(value);
		free(text);
		text = longer;
		before = row;
	}
	if (before) {
		char *whole = words_format("%s%s.", text, place_word(before->place));

		fputs("  ", stdout);
		print_wrapped(whole, 4, 2, WIDTH);
		free(whole);
	}
	free(text);
}

static json_t *
waiting_json(const struct explanation *e)
{
	const struct dissector *d = e->channel->dissector;
	json_t *array = json_array();

	for (uint32_t i = 0; i < e->waiting_count; i++) {
		json_t *request = json_object();

		for (uint32_t p = 0; p < d->token_part_count; p++)
			json_object_set_new(request, d->token_parts[p].name,
			    json_integer(
				(json_int_t)part_of(&d->token_parts[p], e->waiting[i].token)));
		json_array_append_new(array, request);
	}
	return array;
}

void
why_json(const struct explanation *e, json_t *object)
{
	struct why_number numbers[WHY_NUMBERS_MAX];
	unsigned count = why_numbers(e, numbers);
	json_t *array = json_array(), *keys = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array,
		    json_pack("{s:s, s:I, s:[I, I], s:b}", "name", numbers[i].name, "found",
			(json_int_t)numbers[i].found, "right", (json_int_t)numbers[i].first,
			(json_int_t)numbers[i].last, "either", numbers[i].either));
	for (const struct reason_key *row = reason_keys; row->key; row++)
		if (key_applies(row, e->channel, e->message.function, e->reason))
			json_array_append_new(keys, json_string(row->key));
	if (count > 0)
		json_object_set(object, "numbers", array);
	if (e->waits)
		json_object_set_new(object, "waiting", waiting_json(e));
	if (json_array_size(keys) > 0)
		json_object_set(object, "keys", keys);
	json_decref(array);
	json_decref(keys);
}
