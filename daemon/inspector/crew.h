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

#include "engine.h"
#include "estate.h"
#include "member.h"
#include "told.h"

/*
 * Open and bind everything.  -EBUSY: a queue number is in use; -EPERM: no permission.  *ret_step
 * says what failed, *ret_queue which queue it was.
 */
int crew_init(struct crew *crew, const struct crew_settings *settings, const struct limits *limits,
    struct events *events, const char **ret_step, unsigned *ret_queue);

/*
 * The same with what an earlier run left, all of it or nothing; packets that wait in the queues go
 * on waiting.  Inspectors that are at work go on, unless they are of another build, which
 * `build` describes (NULL: they are of this one).  Arenas of other limits or of another build are
 * taken over by the first inspectors, as former.h says.  0, or -errno and *ret_why, static: then
 * all that was taken is closed, and what is left is still in the estate.
 */
int crew_adopt(struct crew *crew, const struct crew_settings *settings, const struct limits *limits,
    struct events *events, struct estate *estate, const struct former *build, const char **ret_why);

/* A crew of nobody with nothing but raw sockets: how both of them begin. 0 or -errno. */
int crew_outset(struct crew *crew, const struct crew_settings *settings, struct events *events);

/* What a member has that is new: an arena, its numbers, its pipe of events. 0 or -errno. */
int member_map_arena(struct member *member, const struct engine_limits *limits);
int member_map_numbers(struct member *member);
int member_pipe(struct member *member);

/* What of a policy's limits, which are those of all inspectors together, is one inspector's. */
struct engine_limits crew_limits(const struct crew *crew, const struct limits *limits);

/* Kill who is left, close everything. What waits in the queues is dropped by the kernel. */
void crew_done(struct crew *crew);

/* In a child that is no inspector: give up the memory that it shares with the inspectors. */
void crew_unmap(const struct crew *crew);

/*
 * Start all inspectors.  Of an adopted crew, they take over from those at work or gone, as with
 * crew_hand_over().  0 or -errno.
 */
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

/* Bring member->stats up to date. */
void member_read_stats(struct member *member);

/* Whether inspected traffic is denied because nothing can be recorded. */
void crew_deny_unrecorded(struct crew *crew, bool deny);

/* To be called about once a second: back-off, watchdog, losses. */
void crew_tick(struct crew *crew);

#endif
