/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared: the few numbers that an inspector and its supervisor keep in common memory.
 *
 * One for each inspector, outliving it: its successor goes on counting.  Written by the inspector,
 * read by the supervisor, except
 * `stop` to `overflows_told`, which are the supervisor's own.  No pointers, no locks.
 */
#ifndef SLUICE_SHARED_H
#define SLUICE_SHARED_H

#include <stdatomic.h>
#include <stdint.h>

#include "judging.h"
#include "stations.h"
#include "storms.h"

/* Which of an inspector's two queues. */
enum queue_kind { QUEUE_CLOSED = 0, QUEUE_OPEN, QUEUE_KINDS };

struct shared {
	_Atomic uint32_t stop;   /* finish what you have and leave; comes first in every version */
	_Atomic uint32_t starts; /* of the daemon, one after the other, that went wrong with this */
	_Atomic uint32_t unrecorded; /* events can't be written, and the policy says to deny then */
	_Atomic int32_t pid;         /* of the inspector */
	_Atomic uint64_t lost_told;  /* of events_lost */
	_Atomic uint64_t overflows_told; /* packets that found no room */
	_Atomic uint32_t
	    taken[QUEUE_KINDS]; /* number of the last packet received from each queue */
	_Atomic uint64_t wakeups;
	_Atomic uint64_t packets;
	_Atomic uint64_t accepted;
	_Atomic uint64_t verdict_errors; /* verdicts that the kernel refused: the packet was gone */
	_Atomic uint64_t segments;       /* resets and the like that were sent */
	_Atomic uint64_t segments_failed; /* that could not be sent */
	_Atomic uint64_t events;
	_Atomic uint64_t events_lost; /* that did not fit into the pipe */
	_Atomic uint64_t flows_cut;   /* by the last change of policy */
	_Atomic uint64_t events_read; /* written by the supervisor: of `events` */
	_Atomic uint32_t moved;       /* all that a former arena has left was taken over */
	_Atomic uint32_t left;        /* connections that did not come along */
	_Atomic uint32_t storming;    /* summaries of denials will be due: wake us now and then */
	_Atomic uint64_t denials_summed;   /* told in summaries, or not yet */
	_Atomic uint64_t denials_homeless; /* of them, those of more kinds than there is room for */
	struct stations stations;          /* at ports of bridges */
	struct judging judging;
	struct storms storms; /* the inspector's; the supervisor's once there is none */
};

/* Only the inspector writes, so a plain addition is enough; the reader must see whole numbers. */
static inline void
shared_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(
	    counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

#endif
