/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event tail: the last lines of many.
 */
#ifndef SLUICE_EVENT_TAIL_H
#define SLUICE_EVENT_TAIL_H

#include <stdbool.h>
#include <stddef.h>

struct event_tail;

/* Keeps up to `count` lines, 1 at least; NULL if memory is out. */
struct event_tail *event_tail_new(size_t count);
void event_tail_free(struct event_tail *tail);

/* A copy of the line; the oldest goes if there are too many. False if memory is out. */
bool event_tail_keep(struct event_tail *tail, const char *line);

/* The oldest line, now the caller's; NULL: there is none. */
char *event_tail_take(struct event_tail *tail);

#endif
