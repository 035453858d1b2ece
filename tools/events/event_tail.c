/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event tail: see event_tail.h. */
#include <stdlib.h>
#include <string.h>

#include "event_tail.h"

struct event_tail {
	size_t room;
	size_t first; /* the oldest */
	size_t count;
	char *lines[];
};

struct event_tail *
event_tail_new(size_t count)
{
	struct event_tail *tail = calloc(1, sizeof(*tail) + count * sizeof(tail->lines[0]));

	if (tail)
		tail->room = count;
	return tail;
}

void
event_tail_free(struct event_tail *tail)
{
	if (!tail)
		return;
	for (size_t i = 0; i < tail->room; i++)
		free(tail->lines[i]);
	free(tail);
}

char *
event_tail_take(struct event_tail *tail)
{
	char *line;

	if (tail->count == 0)
		return NULL;
	line = tail->lines[tail->first];
	tail->lines[tail->first] = NULL;
	tail->first = (tail->first + 1) % tail->room;
	tail->count--;
	return line;
}

bool
event_tail_keep(struct event_tail *tail, const char *line)
{
	char *copy = strdup(line);

	if (!copy)
		return false;
	if (tail->count == tail->room)
		free(event_tail_take(tail));
	tail->lines[(tail->first + tail->count++) % tail->room] = copy;
	return true;
}
