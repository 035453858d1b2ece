/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handover record: what a run says of itself for the run after it, in a block that nobody can
 * change.
 *
 * JSON, so that another version can read it.
 */
#ifndef SLUICE_HANDOVER_RECORD_H
#define SLUICE_HANDOVER_RECORD_H

#include "former.h"
#include "loaded.h"
#include "member.h"

struct handover_record {
	unsigned inspectors;
	uint16_t queue_base;
	uint32_t mark_mask;
	uint8_t generation;    /* of the policy in force */
	struct former build;   /* how its arenas lie */
	struct loaded *loaded; /* that policy, without its rates; the receiver's */
};

/* Write it, with `arena` as one of those that are left: a sealed block's descriptor, or -errno. */
int handover_record_write(
    const struct crew_settings *settings, const void *arena, const struct loaded *loaded);

/* Read it. 0, -EBADMSG if it is none, or another -errno. */
int handover_record_read(int fd, struct handover_record *ret_record);

#endif
