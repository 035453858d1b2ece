/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event line: an event in JSON as one line for people, in the form of eve_print_line().
 */
#ifndef SLUICE_EVENT_LINE_H
#define SLUICE_EVENT_LINE_H

#include <jansson.h>

/* Print on standard output. Members that are missing are left out. */
void event_line_print(const json_t *event);

/* As text without a line feed, to be freed; with styles on a terminal. NULL if memory is out. */
char *event_line_text(const json_t *event);

#endif
