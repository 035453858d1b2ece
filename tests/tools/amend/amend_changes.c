/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amend, changes: what would allow a denied message, against brute force.
 *
 *	amend_changes [--pairs N] [--seed N]
 *
 * Random policies and random messages that they deny.  Each change that is proposed must load,
 * allow the message and take nothing away; and of other messages, judged by decide() under both
 * policies, it must allow none that the change does not tell of.  The text is laid out at random,
 * and what is not changed of it must be the same, byte for byte.  The seed is printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "amend.h"
#include "policies.h"

enum { PROTOCOLS = 3, PAIRS = 120, TRIES = 200, OTHERS = 60, NOT_AMENDED_MAX_PERCENT = 5 };

static struct {
	unsigned long denied;
	unsigned long amended;
	unsigned long proposed;
	unsigned long alone;
	unsigned long others; /* messages judged under both */
	unsigned long newly;  /* that a change allows */
} counts;

/* ---- layout ---- */

struct layout {
	char text[4 * TEXT_MAX];
	size_t length;
	bool crlf;
	unsigned style;
};

static void
put(struct layout *l, const char *text)
{
	for (; *text; text++) {
		if (l->length + 2 >= sizeof(l->text))
			abort();
		if (*text == '\n' && l->crlf)
			l->text[l->length++] = '\r';
		l->text[l->length++] = *text;
	}
	l->text[l->length] = '\0';
}

/* Blanks, comments and line ends where the grammar permits them. */
static void
put_blank(struct layout *l)
{
	static const char *const blanks[] = {" ", "\t", "\n", "\n\t", " /* ; } \" */ ",
	    " // } ) \"\n", " # it's a comment; {\n  ", "\n\n    "};

	put(l, l->style == 0 ? " " : blanks[own_random(l->style == 1 ? 4 : 8)]);
}

/* The same policy with other blanks. */
static void
lay_out(struct layout *l, const char *text)
{
	bool quoted = false;

	l->length = 0;
	l->crlf = own_random(4) == 0;
	l->style = own_random(3);
	for (; *text; text++) {
		char one[2] = {*text, '\0'};

		quoted ^= *text == '"';
		if (!quoted && (*text == ' ' || *text == '\n')) {
			put_blank(l);
			continue;
		}
		/* where it may stand and where not */
		if (!quoted && *text == ';' && own_random(6) == 0) {
			put_blank(l);
			continue;
		}
		put(l, one);
		if (!quoted && *text == ',' && l->style > 0)
			put_blank(l);
	}
}

/* ---- the proof ---- */

static bool
within(const struct interval *interval, double number)
{
	return number >= interval->from && number < interval->to;
}

static bool
touches(const struct difference *d, uint32_t i, const struct span *span)
{
	const struct example_point *point = &d->example.points[i];
	double reach = point->type ? point->type->bits : 1;

	return span->space == point->touch->space &&
	    within(&d->axes[AXIS_BLOCK + i], span->block) &&
	    span->first < d->axes[AXIS_INDEX + i].to + reach &&
	    span->last + reach > d->axes[AXIS_INDEX + i].from;
}

static bool
may_hold(const struct difference *d, const struct message *m)
{
	uint32_t row = dissector_function_index(m->dissector, m->function);

	if (d->change == CHANGE_REMOVED || !(d->functions[row / 64] >> (row % 64) & 1))
		return false;
	if (m->has_unit &&
	    (!within(&d->axes[AXIS_UNIT], m->unit) ||
		!within(&d->axes[AXIS_SOURCE], m->unit_source) ||
		d->example.unit_named != m->unit_named))
		return false;
	if (d->example.point_count == 0 || m->span_count == 0)
		return d->example.point_count == m->span_count;
	for (uint32_t i = 0; i < d->example.point_count; i++)
		for (uint32_t s = 0; s < m->span_count; s++)
			if (touches(d, i, &m->spans[s]))
				return true;
	return false;
}

static bool
is_told(const struct amendment *change, const struct message *m)
{
	for (size_t c = 0; c < change->comparison.channel_count; c++)
		for (size_t i = 0; i < change->comparison.channels[c].messages.count; i++)
			if (may_hold(&change->comparison.channels[c].messages.items[i], m))
				return true;
	return false;
}

static bool
allows(const struct policy *policy, const struct message *m, struct decision *ret_decision)
{
	static struct rate_state rates[64];

	decide(policy->channels[0], m, true, 1, rates, ret_decision);
	return ret_decision->verdict == VERDICT_ALLOW;
}

/* Values of the message may stand in the room. */
static bool
read_message(const struct policy *policy, const struct asked *asked, struct context_room *room,
    struct message *m)
{
	struct context context = context_new(room);
	enum reason reason;
	uint32_t length;

	memset(room, 0, sizeof(*room));
	context.middle = true;
	return !asked->wrong &&
	    dissect(policy->channels[0]->dissector, DIRECTION_REQUEST, &context, asked->bytes,
		asked->length, NULL, m, &length, &reason) == DISSECT_COMPLETE;
}

static int
complain_of(const struct layout *layout, const struct asked *asked, const struct amendment *change,
    const char *what)
{
	printf("%s %s:\n", asked->function, what);
	for (size_t b = 0; b < asked->length; b++)
		printf("%02x", asked->bytes[b]);
	printf("\n%s\n", layout->text);
	if (change)
		printf("%s\n%s\n%s\n", change->what, change->patch, change->permits);
	return 1;
}

static int
check_change(const struct protocol *protocol, const struct layout *layout,
    const struct asked *asked, const struct message *m, const struct policy *old,
    const struct amendment *change)
{
	static struct asked other;
	static struct message another;
	static struct context_room room;
	struct decision decision;

	counts.proposed++;
	counts.alone += change->alone;
	if (!allows(change->policy, m, &decision))
		return complain_of(layout, asked, change, "is not allowed by the change");
	for (int i = 0; i < OTHERS; i++) {
		bool before, after;

		protocol->ask(&other);
		if (!read_message(old, &other, &room, &another))
			continue;
		before = allows(old, &another, &decision);
		after = allows(change->policy, &another, &decision);
		counts.others++;
		if (before && !after)
			return complain_of(layout, &other, change, "is denied by the change");
		if (before || !after)
			continue;
		counts.newly++;
		if (!is_told(change, &another))
			return complain_of(
			    layout, &other, change, "is allowed, and nobody says so");
		if (change->alone && strcmp(other.function, asked->function) != 0)
			return complain_of(
			    layout, &other, change, "is allowed, and nothing else was to be");
	}
	return 0;
}

static int
check_message(const struct protocol *protocol, const struct layout *layout,
    const struct asked *asked, const struct message *m, const struct policy *policy,
    const struct draft *draft, enum reason reason)
{
	struct amend_question question = {.policy = policy,
	    .draft = draft,
	    .reason = reason,
	    .channel = policy->channels[0],
	    .message = m,
	    .complete = true,
	    .comment = own_random(2) ? "asked for by the night shift" : NULL};
	static struct amendments found;
	int failures = 0;

	counts.denied++;
	amend_find(&question, &found);
	if ((found.count == 0) != (found.why != NULL))
		return complain_of(layout, asked, NULL, "has no change and no reason for that");
	counts.amended += found.count > 0;
	for (size_t i = 0; i < found.count && failures == 0; i++) {
		if (i > 0 && found.items[i].weight < found.items[i - 1].weight)
			failures = complain_of(
			    layout, asked, &found.items[i], "has a smaller change behind a larger");
		else
			failures =
			    check_change(protocol, layout, asked, m, policy, &found.items[i]);
	}
	amendments_done(&found);
	return failures;
}

static int
check_pair(const struct protocol *protocol)
{
	static struct own_policy own;
	static struct text text;
	static struct layout layout;
	static struct asked asked;
	static struct message message;
	static struct context_room room;
	struct diagnostics diagnostics;
	struct decision decision;
	struct policy *policy = NULL;
	struct draft draft;
	int failures = 0, r;

	policies_make(protocol, &own, &text);
	lay_out(&layout, text.data);
	r = policy_load_text(layout.text, "random.conf", &policy, &diagnostics);
	diagnostics_done(&diagnostics);
	if (r < 0 || !draft_of_text(layout.text, "random.conf", &draft)) {
		printf("%s\n", layout.text);
		return 1;
	}
	for (int i = 0; i < TRIES; i++) {
		protocol->ask(&asked);
		if (!read_message(policy, &asked, &room, &message) ||
		    allows(policy, &message, &decision))
			continue;
		failures = check_message(
		    protocol, &layout, &asked, &message, policy, &draft, decision.reason);
		break;
	}
	draft_done(&draft);
	policy_free(policy);
	return failures;
}

int
main(int argc, char **argv)
{
	static const struct protocol *const protocols[] = {&own_modbus, &own_s7, &own_dnp3};
	uint64_t seed = (uint64_t)time(NULL), pairs = PAIRS;
	int failures = 0;

	for (int i = 1; i + 1 < argc; i += 2)
		*(strcmp(argv[i], "--seed") == 0 ? &seed : &pairs) =
		    strtoull(argv[i + 1], NULL, 10);
	printf("seed %llu\n", (unsigned long long)seed);
	own_seed(seed);
	for (uint64_t n = 0; failures == 0 && n < pairs; n++)
		for (size_t p = 0; p < PROTOCOLS && failures == 0; p++)
			failures = check_pair(protocols[p]);
	printf("%lu denied, %lu amended, %lu changes, %lu of them allow nothing else; %lu other "
	       "messages, %lu newly allowed\n",
	    counts.denied, counts.amended, counts.proposed, counts.alone, counts.others,
	    counts.newly);
	/* what never proposes, or never allows another message, proves nothing */
	return failures || counts.amended * 100 < counts.denied * (100 - NOT_AMENDED_MAX_PERCENT) ||
	    counts.alone == 0 || counts.newly == 0;
}
