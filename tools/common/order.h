/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order: the frames of a capture in the order in which they can have been sent.
 *
 * A mirror whose ports have clocks or queues of their own stamps answers before what they answer. A
 * segment that acknowledges what its peer has not sent yet waits a moment for it, and what the same
 * host sends on that connection waits behind it.  What does not come in that moment, or turns out
 * to be missing, was lost: then they go on.
 */
#ifndef SLUICE_ORDER_H
#define SLUICE_ORDER_H

#include "frame.h"

enum {
	ORDER_WAIT_MS = 10,    /* by the time of the capture */
	ORDER_FRAMES_MAX = 64, /* that wait; one more lets the first go */
};

typedef bool order_each(void *context, const struct frame *frame);

struct order;

/* `each` gets the frames, as capture_read() says it.  NULL if memory is out. */
struct order *order_new(order_each *each, void *context);

/* Returns what `each` says, which may concern frames that waited; true if it was not asked. */
bool order_frame(struct order *order, const struct frame *frame);

/* No more frames come: hand out what waits. */
bool order_end(struct order *order);

/* Frames that found what they waited for, and came behind it. */
uint64_t order_changed(const struct order *order);

void order_free(struct order *order);

#endif
