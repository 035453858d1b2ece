/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random walks: builds messages byte by byte, each byte being one that the dissector does not
 * refuse.
 *
 *   walk PROTOCOL COUNT [SEED]
 *
 * A walk that finds no such byte has found a prefix that should have been refused before.  Each
 * walk ends in a complete message, which must keep all properties.  Knows nothing of any protocol.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors.h"
#include "properties.h"

static uint64_t random_state;

/* xorshift64*: the same walks on every machine */
static uint32_t
random_number(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

/* Edges are more interesting than the middle. */
static uint8_t
random_byte(void)
{
	static const uint8_t edges[] = {0x00, 0x00, 0x00, 0x01, 0x02, 0x7f, 0x80, 0xfe, 0xff};
	uint32_t n = random_number();

	return n % 3 == 0 ? edges[n / 3 % sizeof(edges)] : (uint8_t)(n >> 8);
}

struct walk {
	const struct dissector *dissector;
	enum direction direction;
	uint8_t *bytes;
	uint32_t length;
	struct context context;
	bool reached[FUNCTIONS_MAX][2];
};

/* Add one byte; false if there is none to add. */
static bool
step(struct walk *w, enum dissect_result *ret_result)
{
	static struct message m;
	uint8_t byte = random_byte();

	for (unsigned tries = 0; tries <= 0xff; tries++, byte++) {
		enum reason reason;
		uint32_t length;

		w->bytes[w->length] = byte;
		*ret_result = dissect(w->dissector, w->direction, &w->context, w->bytes,
		    w->length + 1, NULL, &m, &length, &reason);
		if (*ret_result == DISSECT_MALFORMED)
			continue;
		w->length++;
		if (*ret_result == DISSECT_COMPLETE && m.function)
			w->reached[dissector_function_index(w->dissector, m.function)]
				  [w->direction] = true;
		return true;
	}
	return false;
}

static void
complain(const struct walk *w, const char *what)
{
	fprintf(stderr, "%s: %s\n%c ", w->dissector->name, what,
	    w->direction == DIRECTION_REQUEST ? '>' : '<');
	for (uint32_t i = 0; i < w->length; i++)
		fprintf(stderr, "%02x", w->bytes[i]);
	fprintf(stderr, "\n");
}

static bool
walk(struct walk *w)
{
	enum dissect_result result = DISSECT_PARTIAL;
	const char *complaint;

	w->direction = random_number() % 2 ? DIRECTION_RESPONSE : DIRECTION_REQUEST;
	w->context.middle = random_number() % 4 != 0;
	w->length = 0;
	while (result == DISSECT_PARTIAL) {
		if (w->length >= w->dissector->message_max || !step(w, &result)) {
			complain(
			    w, "no byte continues this prefix, so it should have been refused");
			return false;
		}
	}
	complaint =
	    properties_check(w->dissector, w->direction, &w->context, w->bytes, w->length, false);
	if (complaint)
		complain(w, complaint);
	return !complaint;
}

int
main(int argc, char **argv)
{
	static struct context_room room;
	static struct walk w;
	unsigned long count, failed = 0, reached = 0;

	if (argc < 3 || !(w.dissector = dissector_find(argv[1]))) {
		fprintf(stderr, "usage: walk PROTOCOL COUNT [SEED]\n");
		return 2;
	}
	count = strtoul(argv[2], NULL, 10);
	random_state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	random_state = random_state * 2 + 1;
	w.context = context_new(&room);
	w.bytes = malloc(w.dissector->message_max + 1);
	assert(w.bytes);
	for (unsigned long i = 0; i < count && failed < 10; i++)
		failed += !walk(&w);
	for (uint32_t i = 0; i < w.dissector->function_count; i++)
		reached += w.reached[i][0] + w.reached[i][1];
	printf("%lu walks, %lu failed; %lu of %u functions, both directions counted\n", count,
	    failed, reached, w.dissector->function_count * 2);
	free(w.bytes);
	return failed > 0;
}
