/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sink text: an event, as it is written in the event file, as a message for syslog or the journal.
 *
 * Opens and sends nothing.
 */
#ifndef SLUICE_SINK_TEXT_H
#define SLUICE_SINK_TEXT_H

#include <stddef.h>
#include <sys/types.h>

#include <jansson.h>

/*
 * RFC 5424 with structured data, one element that has the members of `sluice` and the ends of the
 * connection; the message is the event in JSON, `line`.  NULL when memory is out.
 */
char *sink_text_syslog(
    const json_t *event, const char *line, const char *host, pid_t process, size_t *ret_length);

/* The journal's own protocol: a field a line.  NULL when memory is out. */
char *sink_text_journal(const json_t *event, const char *line, size_t *ret_length);

#endif
