/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells what our dissector makes of messages, for comparison with another program's opinion.
 *
 *   tell PROTOCOL
 *
 * Reads lines "> hex" (request) and "< hex" (response), writes one line of JSON for each.  A line
 * "-" begins a new connection; on one, every message that is right is taken to have passed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"

enum { BYTES_MAX = 65536 };

static size_t
parse_hex(const char *text, uint8_t *ret_bytes)
{
	char pair[3] = "";
	size_t n = 0;

	for (; text[0] && text[1] && n < BYTES_MAX; text = &text[2]) {
		memcpy(pair, text, 2);
		ret_bytes[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static struct context_room room;

static void
tell(const struct dissector *d, enum direction direction, const uint8_t *bytes, size_t n)
{
	struct context context = context_new(&room);
	static const char *const results[] = {"malformed", "partial", "complete"};
	enum reason reason = REASON_UNDECIDED;
	static struct message m;
	static struct trace trace;
	uint32_t length = 0;
	enum dissect_result result;

	context.middle = true; /* captures begin where they begin */
	result = dissect(d, direction, &context, bytes, n, &trace, &m, &length, &reason);

	printf(
	    "{\"result\": \"%s\", \"reason\": \"%s\", \"length\": %u, \"unit\": %u, "
	    "\"function\": %u, \"sub\": %d, \"name\": \"%s\", \"exception\": %d, \"opaque\": %s, "
	    "\"spans\": [",
	    results[result], reason_word(reason), length, m.unit, m.function_code,
	    m.function && m.function->sub != FUNCTION_NO_SUB ? m.function->sub : -1,
	    m.function ? m.function->name : "", m.has_exception ? m.exception : -1,
	    m.opaque ? "true" : "false");
	for (uint32_t i = 0; i < m.span_count; i++) {
		const struct span *s = &m.spans[i];

		printf("%s[\"%s\", \"%s\", %u, %u, %u, [", i ? ", " : "",
		    access_word((enum access)s->access), d->spaces[s->space].name, s->block,
		    s->first, s->last);
		for (uint32_t j = 0; j < s->values.count; j++)
			printf("%s%.17g", j ? ", " : "", values_get(&s->values, j));
		printf("]]");
	}
	printf("], \"fields\": [");
	for (uint32_t i = 0; i < trace.count; i++)
		printf("%s[\"%s\", %llu]", i ? ", " : "", trace.fields[i].name,
		    (unsigned long long)trace.fields[i].value);
	printf("], \"unfinished\": %s, \"source\": %u}\n", m.unfinished ? "true" : "false",
	    m.unit_source);
	if (result == DISSECT_COMPLETE && d->commit)
		d->commit(room.state, direction, &context, &m);
}

int
main(int argc, char **argv)
{
	const struct dissector *d = argc == 2 ? dissector_find(argv[1]) : NULL;
	static char line[2 * BYTES_MAX + 16];
	static uint8_t bytes[BYTES_MAX];

	if (!d) {
		fprintf(stderr, "usage: tell PROTOCOL\n");
		return 2;
	}
	while (fgets(line, sizeof(line), stdin)) {
		size_t n;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '-') {
			memset(&room, 0, sizeof(room));
			continue;
		}
		n = parse_hex(&line[line[0] ? 2 : 0], bytes);
		tell(d, line[0] == '>' ? DIRECTION_REQUEST : DIRECTION_RESPONSE, bytes, n);
	}
	return 0;
}
