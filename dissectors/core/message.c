/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message: how a dissector fills one.
 */
#include <assert.h>
#include <string.h>

#include "message.h"

static const char *const access_words[] = {
    [ACCESS_NONE] = "none",
    [ACCESS_READ] = "read",
    [ACCESS_WRITE] = "write",
    [ACCESS_CONTROL] = "control",
    [ACCESS_PROGRAM] = "program",
    [ACCESS_DIAGNOSE] = "diagnose",
    [ACCESS_FILE] = "file",
    [ACCESS_SESSION] = "session",
    [ACCESS_OPAQUE] = "opaque",
};

const char *
access_word(enum access access)
{
	return (unsigned)access < ACCESS_COUNT ? access_words[access] : "?";
}

/* The table of spans is large and stays as it is: only the first span_count of it mean anything. */
void
message_init(struct message *m, const struct dissector *dissector)
{
	memset(m, 0, offsetof(struct message, spans));
	m->dissector = dissector;
}

struct span *
message_add_span(struct message *m, struct cursor *c, uint16_t space, enum access access,
    uint32_t block, uint32_t first, uint32_t last)
{
	struct span *span;

	assert(!cursor_ok(c) || first <= last);
	if (m->span_count == SPANS_MAX) {
		cursor_fail(c, REASON_POINTS_TOO_MANY);
		span = &m->spans[SPANS_MAX - 1];
	} else {
		span = &m->spans[m->span_count];
	}
	if (cursor_ok(c))
		m->span_count++;
	*span = (struct span){
	    .space = space,
	    .access = (uint8_t)access,
	    .block = block,
	    .first = first,
	    .last = last,
	};
	return span;
}
