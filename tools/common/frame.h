/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame: what a capture holds of one.
 */
#ifndef SLUICE_FRAME_H
#define SLUICE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
	const uint8_t *data; /* valid until the callback returns */
	size_t length;       /* bytes that are here */
	bool truncated;      /* the frame was longer on the wire */
	bool carried;        /* it was inside of the frame of this number */
	uint64_t number;     /* in the file, from 1 */
	uint64_t wall_ns;    /* since 1970, 0 for times that lie outside what 64 bits hold */
	int link_type;
};

#endif
