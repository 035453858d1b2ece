/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Element: what a message makes of a piece of a device's memory.
 *
 * A device does not care in which sizes its memory is written: two bytes make a word, and a word
 * that is written at its second byte makes halves of two.  So a limit of values that knows its type
 * is asked about the element that the memory will hold, put together from all that the message
 * writes.  Judges nothing.
 */
#ifndef SLUICE_ELEMENT_H
#define SLUICE_ELEMENT_H

#include "message.h"

struct element_type;

enum element_state {
	ELEMENT_BROKEN = 0, /* the message writes only a part of it, or a part twice */
	ELEMENT_AWAITED,    /* what is missing may still come, if the message is not complete */
	ELEMENT_WHOLE,
};

/*
 * The element whose first index is `first`, of which `span` of the message writes a part or all,
 * as a number.  A span that writes all of it is taken alone; otherwise every part must be written
 * by one span.
 */
enum element_state element_read(const struct message *m, const struct span *span,
    const struct element_type *type, uint32_t first, double *ret_value);

#endif
