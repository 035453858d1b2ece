/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory: blocks that several processes share and that outlive each of them, as long as anybody
 * keeps the file descriptor.
 *
 * Sealed: nobody can make one shorter or longer, so that whoever has it mapped never meets the end
 * of a file.
 */
#ifndef SLUICE_MEMORY_H
#define SLUICE_MEMORY_H

#include <stddef.h>

struct memory {
	int fd; /* -1: there is none */
	void *block;
	size_t size;
};

/* A new block of zeros; `name` is for who looks into /proc. 0 or -errno. */
int memory_new(const char *name, size_t size, struct memory *ret_memory);

/*
 * Map what somebody left; takes the descriptor if it succeeds.  -EBADMSG: it is no such block, or
 * not of this size; or another -errno.
 */
int memory_adopt(int fd, size_t size, struct memory *ret_memory);

/* Unmap and close. */
void memory_free(struct memory *memory);

/* The size of what is behind a descriptor if it is such a block, otherwise 0. */
size_t memory_size(int fd);

/* A block that holds `length` bytes which nobody can change any more; its descriptor, or -errno. */
int memory_seal_text(const char *name, const char *text, size_t length);

#endif
