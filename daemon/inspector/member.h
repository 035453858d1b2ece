/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Member: what is known about the inspectors, one by one and as a crew.
 *
 * Data alone, for those who start an inspector (recruit.h) and those who keep them all at work
 * (crew.h).
 */
#ifndef SLUICE_MEMBER_H
#define SLUICE_MEMBER_H

#include <sys/types.h>

#include "counters.h"
#include "barred.h"
#include "events.h"
#include "former.h"
#include "loaded.h"
#include "memory.h"
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
	const char *root;     /* an empty directory */
	const char *captures; /* where what killed an inspector is kept; NULL: nowhere */
	uint32_t storm_after; /* denials of a kind that are told one by one */
	uint32_t mark;        /* of the segments that the inspectors send */
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
	struct memory arena;         /* of the engine */
	struct engine_limits limits; /* for which it was made */
	struct memory former;        /* of an earlier run, until its connections are in the arena */
	struct memory numbers;       /* shared->, below */
	struct shared *shared;
	bool adopted; /* of an earlier run of the daemon */
	bool rebuilt; /* but only the queue, for that was another build */
	bool hung;    /* it was killed because nothing moved */
	bool died;    /* the last one did not leave in good order */
	uint64_t restarts;
	struct queue_stats stats[QUEUE_KINDS]; /* as of the last tick */
	uint64_t deaths_ns[10];                /* the latest, as a ring */
	unsigned death_count;
	uint64_t start_at_ns;  /* back-off: not before; 0: no wait */
	uint64_t wakeups_seen; /* watchdog */
	uint64_t wakeups_seen_ns;
};

struct crew {
	struct crew_settings settings;
	struct member members[CREW_MAX];
	int raw4, raw6, raw_bridge;
	struct events *events;
	const struct loaded *loaded;    /* what the inspectors judge by; NULL: nobody knows */
	struct queue_features features; /* of the queues: what all of them have */
	struct barred barred;           /* whose packets have killed inspectors */
	size_t fast_size;
	struct fast_flow *fast_flows; /* shared with the kernel; NULL: nothing is */
	struct former build;          /* how former arenas lie; layout 0: as ours do */
};

#endif
