/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: a dissector that listens to a conversation whose lower layers are right, so that
 * what is found lies above them.  See talk.h.
 *
 * A frame that it refuses is not sent.  The last one is put to all properties; those before it
 * would take too long.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "fuzz.h"
#include "properties.h"
#include "talk.h"

enum { LINES_MAX = 24 };

static void
demand(const char *complaint, uint32_t line)
{
	if (!complaint)
		return;
	fprintf(stderr, "line %u: %s\n", line, complaint);
	abort();
}

static const char *
listen(const struct dissector *d, const struct talk_line *line, struct context *context,
    struct context_room *room)
{
	static struct message m;
	uint8_t *copy = malloc(line->length);
	enum reason reason;
	uint32_t length;
	const char *complaint = NULL;

	assert(copy);
	for (uint32_t i = 0; i < line->length; i++)
		copy[i] = line->bytes[i];
	if (dissect(d, line->direction, context, copy, line->length, NULL, &m, &length, &reason) ==
	    DISSECT_COMPLETE) {
		complaint = length == line->length ? talk_heard(line, &m) : "not the whole frame";
		d->commit(room->state, line->direction, context, &m);
	}
	free(copy);
	return complaint;
}

static void
set(const struct dissector *d, uint32_t settings[SETTINGS_MAX])
{
	for (uint32_t i = 0; i < d->setting_count; i++)
		settings[i] = strcmp(d->settings[i].name, talk_setting) == 0
		    ? d->settings[i].max
		    : d->settings[i].normal;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t nothing;
	static struct context_room room;
	static struct talk_line line;
	const struct dissector *d = dissector_find(talk_protocol);
	struct context context = context_new(&room);
	uint32_t settings[SETTINGS_MAX];
	struct cursor input;

	assert(d && d->commit);
	set(d, settings);
	context.settings = settings;
	memset(&room, 0, sizeof(room));
	talk_begin();
	cursor_init(&input, size > 0 ? data : &nothing, size, size);
	for (uint32_t i = 1; i <= LINES_MAX && talk_next(&input, &line); i++) {
		context.now_ms += line.pause_ms;
		if (cursor_left(&input) == 0)
			demand(properties_check(
				   d, line.direction, &context, line.bytes, line.length, false),
			    i);
		demand(listen(d, &line, &context, &room), i);
	}
	return 0;
}
