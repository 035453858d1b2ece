/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: from the inspectors' records and the daemon's own life to lines of JSON, and to who reads
 * them: a file or standard output, and subscribers of the control socket.
 */
#ifndef SLUICE_EVENTS_H
#define SLUICE_EVENTS_H

#include <poll.h>

#include "eve.h"
#include "event.h"
#include "ledger.h"
#include "model.h"
#include "outlet.h"
#include "sinks.h"

/* Somebody else who gets every line. */
typedef void events_subscriber(void *context, const char *line);

/* Somebody who sees the inspectors' and the kernel's records. */
typedef void events_watcher(void *context, const struct event *event);

struct events_settings {
	const char *path;  /* NULL: no file; "-": standard output */
	const char *state; /* directory that keeps where the chain is; NULL: none */
	const char *key;   /* file with the key of the chain; NULL: none */
	uint64_t size;     /* bytes after which the file is renamed and begun anew; 0: never */
	unsigned keep;     /* renamed files that stay, path.1 the newest */
	enum eve_denials denials; /* how they are written */
	const char *syslog;       /* socket of a syslog daemon; NULL: none */
	const char *journal;      /* socket of the journal; NULL: none */
};

struct events {
	struct events_settings settings;
	struct outlet outlet;
	struct ledger ledger;
	struct sinks sinks;
	bool stuck;  /* renaming has failed, which was told; tried again by events_tick() */
	int failing; /* errno for which the file can't be opened or written, which was told; or 0 */
	events_subscriber *subscriber;
	void *context;
	bool subscribed; /* somebody listens there; otherwise nothing is formatted for them */
	events_watcher *watcher; /* NULL: nobody */
	void *watched;           /* its context */
	uint64_t total;
};

/*
 * Open the file.  0, or -errno: then events wait for events_tick(), which tries again.  That is
 * told on standard error, and once more when it works.  The strings must live on.  -EKEYREJECTED:
 * the key can't be used, which was told, and nothing may be written.
 */
int events_init(struct events *events, const struct events_settings *settings);
void events_done(struct events *events);

/* All that was told is in the file, or will be: nothing was lost and the file can be written. */
bool events_recorded(const struct events *events);

/*
 * Open the file anew: somebody has renamed it.  What could not be written yet goes to the new one.
 * The old one stays if that fails.  0 or -errno.
 */
int events_reopen(struct events *events);

/* A record of an inspector, with the policy that it names (NULL: no longer known). */
void events_record(struct events *events, const struct policy *policy, const struct event *event);

/* Events that no inspector could deliver. */
void events_lost(struct events *events, uint64_t count);

/*
 * Something in the daemon's own life: `what` is the event_type, then pairs of name and value, ended
 * by NULL.
 */
__attribute__((sentinel)) void events_note(struct events *events, const char *what, ...);

/* The file for which poll() can tell that there is room again; -1: nothing waits for that. */
int events_file(const struct events *events);

/* Try to write what waits; poll() said that there is room. */
void events_flush(struct events *events);

/* To be called about once a second: what could not be opened or written is tried again. */
void events_tick(struct events *events);

#endif
