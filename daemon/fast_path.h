/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fast path: the supervisor's hold on the recogniser in the kernel, where the policy wants one.
 *
 * Whatever fails here makes the gateway slower, never another one: it is told, and all packets go
 * the slow way.
 */
#ifndef SLUICE_FAST_PATH_H
#define SLUICE_FAST_PATH_H

#include <jansson.h>

#include "state.h"

/* If the policy of the start wants it: load it, vouching for nothing.  Always 0. */
int fast_path_open(struct supervisor *supervisor);

/* Before inspectors are prepared for a policy: what it is for them and for the kernel. */
void fast_path_prepare(struct supervisor *supervisor, struct loaded *loaded);

/* Vouch for nothing, for the policy is about to change. */
void fast_path_halt(struct supervisor *supervisor);

/* The policy is in force: inspectors and table are its own. */
void fast_path_serve(struct supervisor *supervisor, const struct loaded *loaded);

/* Nothing can be recorded, and the policy says to deny then; or that is over. */
void fast_path_deny_unrecorded(struct supervisor *supervisor, bool deny);

/* To be called about once a second: its lease, and interfaces that are new. */
void fast_path_tick(struct supervisor *supervisor);

/* Another run takes over, with inspectors that are at work. */
void fast_path_leave(struct supervisor *supervisor);

/* Inspectors have gone. */
void fast_path_close(struct supervisor *supervisor);

/* For people: what it does, or why it does nothing. */
json_t *fast_path_object(const struct supervisor *supervisor);

#endif
