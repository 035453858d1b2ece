/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pcapng: the frames of a pcapng file (draft-ietf-opsawg-pcapng), block by block.
 *
 * Of its own, because libpcap refuses files whose interfaces differ in link type, snap length or
 * unit of time, even where a differing one captured nothing.  Reads section headers, interface
 * descriptions and packets (enhanced, simple and the old kind); skips all other blocks.
 */
#ifndef SLUICE_PCAPNG_H
#define SLUICE_PCAPNG_H

#include <stdio.h>

#include "frame.h"

enum {
	PCAPNG_FIRST_BYTE = 0x0a,        /* of a file */
	PCAPNG_BLOCK_MAX = 16 << 20,     /* bytes of a block that is read */
	PCAPNG_INTERFACES_MAX = 1 << 12, /* of a section */
};

struct pcapng;

/* The stream stays the caller's.  NULL if memory is out. */
struct pcapng *pcapng_new(FILE *stream);

/*
 * The next frame, valid until the next call; its link type may be one that nobody here reads, its
 * time is 0 where the file has none.  Returns 1, 0 at the end, or -EBADMSG and a sentence of at
 * most `size` bytes in `error`.
 */
int pcapng_next(struct pcapng *pcapng, struct frame *ret_frame, char *error, size_t size);

void pcapng_free(struct pcapng *pcapng);

#endif
