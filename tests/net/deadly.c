/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deadly: a message on which an inspector dies, for a sluiced that is started with this library in
 * LD_PRELOAD.
 *
 * Stands for an error that nobody has found yet.  The engine keeps the bytes of each message that
 * it has permitted, while the packet is still being judged; those of this one can't be copied.
 */
#include <stdlib.h>
#include <string.h>

static const unsigned char deadly[] = {0xde, 0xad, 0, 0, 0, 6};

/* Byte by byte and not to be improved: a compiler may know that this is what memcpy() does. */
void *
memcpy(void *restrict to, const void *restrict from, size_t length)
{
	volatile unsigned char *out = to;
	const unsigned char *in = from;

	if (length == 12 && memcmp(from, deadly, sizeof(deadly)) == 0)
		abort();
	for (size_t i = 0; i < length; i++)
		out[i] = in[i];
	return to;
}
