/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source: the bytes of a file or of standard input, unpacked where gzip or zstd packed them.
 *
 * Knows nothing of what the bytes are.  The only user of zlib and libzstd.
 */
#ifndef SLUICE_SOURCE_H
#define SLUICE_SOURCE_H

#include <stdint.h>
#include <stdio.h>

struct source;

/*
 * Open `file` ("-" is standard input).  Returns 0 and *ret_source, or -errno and a sentence of at
 * most `size` bytes in `error`; an empty file is -ENODATA.
 */
int source_open(const char *file, struct source **ret_source, char *error, size_t size);

/* The stream of unpacked bytes, which the caller closes before it frees the source. */
FILE *source_stream(const struct source *source);

/* Why the packed bytes could not be read to their end, or NULL. */
const char *source_fault(const struct source *source);

/* Bytes of the file that were read so far, and all of them (0: not known). */
void source_position(const struct source *source, uint64_t *ret_done, uint64_t *ret_total);

/* The stream must have been closed.  NULL is permitted. */
void source_free(struct source *source);

#endif
