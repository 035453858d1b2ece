/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: what comes too late from who asks.
 *
 * A server that gives up waiting for the rest of a message takes it for another one, whether it
 * comes for the first time or again.  A bare acknowledgement stays in the kernel, so only what a
 * server has answered is known to be there.
 */
#ifndef SLUICE_ENGINE_LATE_H
#define SLUICE_ENGINE_LATE_H

#include "engine_pass.h"

/* Of a segment with new bytes, before they are judged. */
struct late {
	uint32_t begun_ms; /* when the message began to which the first of them belongs */
	bool alone;        /* nothing else is on its way, or only reads that come again with it */
};

struct late late_begin(const struct pass *pass);

/* `length` new bytes of who asks were let through, `pending` of them of a message without end. */
void late_note(struct pass *pass, const struct late *late, uint32_t length, uint32_t pending);

/* The packet goes on with the rest of a message that began too long ago. */
bool late_goes_on(const struct pass *pass);

/*
 * The first `length` bytes of the packet were sent before, so long ago that they must not come
 * again.  They may if they are reads that have left as one segment and come again as one: the
 * server has got all of it or nothing, and a read does no harm whenever it is executed.
 */
bool late_comes_again(const struct pass *pass, uint32_t length);

/* They were let through. */
void late_note_again(struct pass *pass);

#endif
