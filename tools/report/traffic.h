/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic: what event files tell of denials: between which zones, when, and of what most.
 *
 * Reads the lines that sluiced writes, packed ones too; memory is bounded whatever they hold.
 */
#ifndef SLUICE_TRAFFIC_H
#define SLUICE_TRAFFIC_H

#include <jansson.h>
#include <stddef.h>

/*
 * All of the files as one object: events, denials, first, last, zones (pairs with counts), hours,
 * top, and what was left out: "unreadable" lines, "untold" denials for which a table had no room.
 * NULL after an error was told.
 */
json_t *traffic_read(const char *const *files, size_t count);

#endif
