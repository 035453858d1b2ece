/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deadly: the packet on which an inspector died, as it stands in the memory that it has left: kept,
 * told, and blamed on who sent it.  To be called before a successor looks at that memory.
 */
#ifndef SLUICE_DEADLY_H
#define SLUICE_DEADLY_H

#include "capture.h"
#include "member.h"

/* How it is told, and where it is kept.  "" if none was being judged. */
struct deadly {
	char digits[1025]; /* the first bytes */
	char file[CAPTURE_NAME_SIZE];
};

void deadly_keep(const struct crew *crew, const struct member *member, struct deadly *ret_deadly);

/* Count it against its sender (crew->barred), if who that was is beyond doubt. */
void deadly_blame(struct crew *crew, const struct member *member, uint64_t now_ns);

#endif
