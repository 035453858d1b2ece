/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Told: what inspectors tell, read from their pipes and, of storms of denials, from their memory.
 */
#ifndef SLUICE_TOLD_H
#define SLUICE_TOLD_H

#include "member.h"

/* Read and publish what waits in a member's event pipe, a limited amount; true if there may be
 * more. */
bool crew_read_events(struct crew *crew, struct member *member);

/* Of a member that has left: tell the denials that it has counted and not told. */
void member_tell_storms(struct crew *crew, struct member *member);

#endif
