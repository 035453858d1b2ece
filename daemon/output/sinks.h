/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sinks: where events go beside the event file: a syslog daemon, the journal.
 *
 * Neither stops anything by being slow or absent: what it has lost is counted, told to the others
 * when it begins, and to it when it is there again.
 */
#ifndef SLUICE_SINKS_H
#define SLUICE_SINKS_H

#include <jansson.h>

#include "sink.h"

#define SINKS_JOURNAL_PATH "/run/systemd/journal/socket"

enum sink_name { SINK_SYSLOG = 0, SINK_JOURNAL, SINK_COUNT };

/* Why it fails, or 0 if it takes messages again. */
typedef void sinks_teller(void *context, const struct sink *sink, const char *name, int error);

struct sinks {
	struct sink sinks[SINK_COUNT];
	int told[SINK_COUNT]; /* errno that was told; 0: it works */
	char host[256];
	sinks_teller *teller;
	void *context;
};

/* Paths that are NULL: not wanted. */
void sinks_init(struct sinks *sinks, const char *syslog, const char *journal, sinks_teller *teller,
    void *context);
void sinks_done(struct sinks *sinks);

/* Is there one at all? */
bool sinks_wanted(const struct sinks *sinks);

/* An event as one line of JSON. */
void sinks_line(struct sinks *sinks, const char *line);

/* About once a second, and when poll() says that there is room: send what waits. */
void sinks_flush(struct sinks *sinks);

/* For status: a list of objects with name, path, sent, lost, waiting and error. */
json_t *sinks_json(const struct sinks *sinks);

/* The word of a sink. */
const char *sinks_word(enum sink_name name);

#endif
