/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crew: the inspectors as their supervisor sees them.
 *
 * Owns what outlives an inspector (queue sockets, raw sockets, event pipes, the engine's memory),
 * starts one for each pair of queues, replaces those that die, hands over to a new generation, and
 * kills those that stand still.  Reads their events.  Decides nothing about packets or policies.
 */
#ifndef SLUICE_CREW_H
#define SLUICE_CREW_H

#include <sys/types.h>

#include "events.h"
#include "loaded.h"
#include "queue.h"
#include "shared.h"

enum { CREW_MAX = 16 };

struct crew_settings {
	unsigned count; /* inspectors, 1..CREW_MAX */
	uint16_t queue_base;
	uint32_t queue_length; /* packets that may wait in each queue */
	unsigned watchdog_s;   /* 0: none */
	uid_t user;
	gid_t group;
	const char *root; /* an empty directory */
};

/* One inspector and what it leaves to its successor. */
struct member {
	unsigned index;
	pid_t pid;   /* 0: nobody at the moment */
	int process; /* pidfd */
	int orders;  /* our end of its orders; closed once it works */
	int event_read, event_write;
	struct queue queue;
	uint16_t queues[QUEUE_KINDS];
	void *arena;
	size_t arena_size;
	struct shared *shared;
	bool died; /* the last one did not leave in good order */
	uint64_t restarts;
	struct queue_stats stats[QUEUE_KINDS]; /* as of the last tick */
	uint64_t lost_told;                    /* of shared->events_lost */
	uint64_t overflows_told;
	uint64_t deaths_ns[10]; /* the latest, as a ring */
	unsigned death_count;
	uint64_t start_at_ns;  /* back-off: not before; 0: no wait */
	uint64_t wakeups_seen; /* watchdog */
	uint64_t wakeups_seen_ns;
};

struct crew {
	struct crew_settings settings;
	struct member members[CREW_MAX];
	int raw4, raw6;
	struct events *events;
	const struct loaded *loaded; /* what the inspectors judge by */
	const struct loaded
	    *previous; /* its records may still be on their way; NULL if none can be */
	struct queue_features features; /* of the queues: what all of them have */
};

/*
 * Open and bind everything.  -EBUSY: a queue number is in use; -EPERM: no permission.  *ret_step
 * says what failed, *ret_queue which queue it was.
 */
int crew_init(struct crew *crew, const struct crew_settings *settings, const struct limits *limits,
    struct events *events, const char **ret_step, unsigned *ret_queue);

/* Kill who is left, close everything. What waits in the queues is dropped by the kernel. */
void crew_done(struct crew *crew);

/* Start all inspectors. 0 or -errno. */
int crew_start(struct crew *crew, const struct loaded *loaded);

/*
 * Replace every inspector by one that judges by `loaded`; packets wait in the meantime, none is
 * lost. Returns 0, or -errno if the new ones can't be prepared: then the old ones work on,
 * undisturbed.
 */
int crew_hand_over(struct crew *crew, const struct loaded *loaded);

/* All inspectors finish what they have and leave; waits for that, two seconds at most. */
void crew_stop(struct crew *crew);

/* The process of a member ended: find out why, and replace it. */
void crew_reap(struct crew *crew, struct member *member);

/* Read and publish what waits in a member's event pipe, a limited amount; true if there may be
 * more. */
bool crew_read_events(struct crew *crew, struct member *member);

/* Bring member->stats up to date. */
void member_read_stats(struct member *member);

/* To be called about once a second: back-off, watchdog, losses. */
void crew_tick(struct crew *crew);

#endif
