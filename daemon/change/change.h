/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change: policies that are put in force by an order, with a way back.
 *
 * A change that is to be confirmed and is not goes back by itself, also through a restart: what
 * waits, and until when, is in the state directory before anything changes, and the last good
 * policy stays the one before.  What was applied without that, or was confirmed, is what sluiced
 * starts from, until its policy file says something else than it did then.
 */
#ifndef SLUICE_CHANGE_H
#define SLUICE_CHANGE_H

#include <jansson.h>

#include "state.h"

struct change_order {
	const char *how;  /* word of the history, and type of the event: apply, rollback */
	const char *text; /* the policy */
	const char *file; /* its name */
	const char *who;
	const char *why;
	const char *ssh;    /* see cutoff.h */
	unsigned confirm_s; /* 0: it needs no confirmation */
	bool guard;
	bool force; /* also if it can't be kept, or cuts the way by which the order came */
};

/* Behind enforce_load(): a change that still waits is taken up again. Always 0. */
int change_resume(struct supervisor *supervisor);

/* Once the first policy is in force: tell what has become of a change, and keep the history. */
void change_settle(struct supervisor *supervisor);

/* The answer: what has changed, or why nothing has ("error"). */
json_t *change_put(struct supervisor *supervisor, const struct change_order *order);
json_t *change_confirm(struct supervisor *supervisor, const char *who, const char *why);

/* Go back to what was in force before the change that waits. 0 or -errno, which was told. */
int change_back(struct supervisor *supervisor, const char *who, const char *why);

/* The policy file once more, by an order of `who`. 0 or -errno as enforce_reload(). */
int change_reload(struct supervisor *supervisor, const char *who);

/* To be called about once a second. */
void change_tick(struct supervisor *supervisor);

void change_done(struct change *change);

#endif
