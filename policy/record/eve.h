/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Eve: an event as one JSON object in the shape of Suricata's EVE output.
 */
#ifndef SLUICE_EVE_H
#define SLUICE_EVE_H

#include "eve_alert.h"
#include "event.h"
#include "model.h"

/* One line of JSON without the line feed, newly allocated; NULL when memory is out. */
char *eve_print(const struct policy *policy, const struct event *event);

/* The same, with denials in another form. */
char *eve_print_as(
    const struct policy *policy, const struct event *event, enum eve_denials denials);

/*
 * An event of the daemon's own life (start, stop, reload, alarm): `what` is the event_type,
 * `fields` pairs of name and value ended by NULL.
 */
char *eve_print_note(uint64_t wall_ns, const char *what, const char *const *fields);

/* For people: one line without JSON, as `sluice replay` and `sluice events` show it. */
char *eve_print_line(const struct policy *policy, const struct event *event);

#endif
