/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Differential: random policies and random messages, judged by the product and by own.c, which was
 * written from the specifications and shares nothing with it.  One difference is a failure.
 *
 *	differential [--seconds N] [--seed N]
 *
 * Without --seconds so many policies as a quick test needs.  The seed is printed, and with it the
 * same messages come again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide.h"
#include "policies.h"

enum { PROTOCOLS = 3, POLICIES = 400, MESSAGES = 60 };

struct count {
	unsigned long allowed;
	unsigned long denied;
	unsigned long spoilt;
};

/* Only `length` bytes of the message may be here: then it must not be refused yet. */
static bool
product_allows(
    const struct policy *policy, const struct asked *asked, size_t length, enum reason *ret_reason)
{
	static struct context_room room;
	static struct message message;
	const struct channel *channel = policy->channels[0];
	struct context context = context_new(&room);
	bool whole = length == asked->length;
	struct decision decision;
	enum dissect_result result;
	uint32_t read;

	memset(&room, 0, sizeof(room));
	context.middle = true;
	result = dissect(channel->dissector, DIRECTION_REQUEST, &context, asked->bytes, length,
	    NULL, &message, &read, ret_reason);
	if (result != (whole ? DISSECT_COMPLETE : DISSECT_PARTIAL))
		return false;
	if (whole && read != asked->length) {
		*ret_reason = REASON_TRAILING_BYTES; /* the next message, which is none */
		return false;
	}
	decide(channel, &message, whole, 1, NULL, &decision);
	*ret_reason = decision.reason;
	return decision.verdict == VERDICT_ALLOW;
}

static int
compare(const struct protocol *protocol, struct count *count)
{
	static struct asked asked;
	struct own_policy own;
	struct text text;
	struct policy *policy;
	int failures = 0;

	policies_make(protocol, &own, &text);
	policy = policies_load(&text);
	for (int i = 0; i < MESSAGES && failures == 0; i++) {
		enum reason reason = REASON_UNDECIDED;
		bool expected, found;
		unsigned begun;

		protocol->ask(&asked);
		expected = own_allows(protocol, &own, &asked);
		found = product_allows(policy, &asked, asked.length, &reason);
		/* of what may pass, no beginning is refused */
		begun = 1 + own_random((unsigned)asked.length - 1);
		if (expected && found)
			found = product_allows(policy, &asked, begun, &reason);
		count->allowed += expected;
		count->denied += !expected && !asked.wrong;
		count->spoilt += asked.wrong;
		if (expected == found)
			continue;
		failures++;
		printf("%s: expected %s, got %s (%s, or its first %u bytes):\n", asked.function,
		    expected ? "yes" : "no", found ? "yes" : "no", reason_word(reason), begun);
		for (size_t b = 0; b < asked.length; b++)
			printf("%02x", asked.bytes[b]);
		printf("\n%s", text.data);
	}
	policy_free(policy);
	return failures;
}

static uint64_t
read_number(const char *text)
{
	char *end;
	unsigned long long number = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "usage: differential [--seconds N] [--seed N]\n");
		exit(2);
	}
	return number;
}

int
main(int argc, char **argv)
{
	static const struct protocol *const protocols[] = {&own_modbus, &own_s7, &own_dnp3};
	uint64_t seed = (uint64_t)time(NULL), seconds = 0;
	time_t start = time(NULL);
	struct count counts[PROTOCOLS] = {{0}};
	int failures = 0;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			seed = read_number(argv[i + 1]);
		else
			seconds = read_number(strcmp(argv[i], "--seconds") == 0 ? argv[i + 1] : "");
	}
	printf("seed %llu\n", (unsigned long long)seed);
	own_seed(seed);
	for (uint64_t n = 0; failures == 0 &&
	     (seconds > 0 ? (uint64_t)(time(NULL) - start) < seconds : n < POLICIES);
	     n++)
		for (size_t p = 0; p < PROTOCOLS && failures == 0; p++)
			failures = compare(protocols[p], &counts[p]);
	for (size_t p = 0; p < PROTOCOLS; p++) {
		const struct count *c = &counts[p];

		printf("%s: %lu allowed, %lu denied, %lu no messages\n", protocols[p]->name,
		    c->allowed, c->denied, c->spoilt);
		/* what is always the same answer compares nothing */
		if (failures == 0 && (c->allowed < c->denied / 20 || c->denied < c->allowed / 20))
			failures = 1;
	}
	return failures ? 1 : 0;
}
