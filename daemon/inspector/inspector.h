/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inspector: the process that touches hostile bytes.
 *
 * Takes packets from its queues, asks the engine, answers the kernel, sends resets, reports events.
 * Decides nothing itself, reads no files, opens nothing, and cannot.
 */
#ifndef SLUICE_INSPECTOR_H
#define SLUICE_INSPECTOR_H

#include <sys/types.h>

#include "engine.h"
#include "fast_desk.h"
#include "former.h"
#include "shared.h"

/* File descriptors of an inspector have fixed numbers, so that its sandbox can name them. */
enum inspector_file {
	INSPECTOR_QUEUE = 3,
	INSPECTOR_RAW4,
	INSPECTOR_RAW_BRIDGE,
	INSPECTOR_RAW6,
	INSPECTOR_EVENTS, /* pipe of struct event, never waited for */
	INSPECTOR_ORDERS, /* one byte of enum inspector_order; a byte back says "ready" */
	INSPECTOR_FILES_END
};

/* What the supervisor says when it is this inspector's turn. */
enum inspector_order {
	ORDER_NONE = 0,
	ORDER_START,   /* nobody was here before, or left in good order */
	ORDER_RECOVER, /* the one before died: drop what it had taken, deny what killed it */
	ORDER_RECHECK, /* as ORDER_START, and the policy is a new one: cut what it forbids */
	ORDER_RECOVER_RECHECK,
};

/* How an inspector ends by itself. */
enum inspector_exit {
	INSPECTOR_STOPPED = 0, /* it was told to */
	INSPECTOR_ORPHANED = 10,
	INSPECTOR_SETUP_FAILED,
	INSPECTOR_RECEIVE_FAILED,
	INSPECTOR_SEND_FAILED,
};

struct inspector_setup {
	unsigned index;
	int files[INSPECTOR_FILES_END]; /* inherited, under any numbers; only from INSPECTOR_QUEUE
					   on */
	uint16_t queues[QUEUE_KINDS];
	const struct compiled *compiled;
	uint32_t generation; /* of the policy, for its events and the marks of packets */
	uint32_t mark_mask;
	void *arena;
	void *former; /* an arena of an earlier run, to be taken over; NULL: none */
	size_t former_size;
	const struct former *build; /* how that lies; NULL: as this build's do */
	struct rate_state *rates;
	struct fast_desk desk; /* without channels: nothing is given to the kernel */
	struct shared *shared;
	uint32_t storm_after;
	uid_t user;
	gid_t group;
	const char *root;
};

/* Be an inspector: called in a new child, never returns. */
_Noreturn void inspector_run(const struct inspector_setup *setup);

#endif
