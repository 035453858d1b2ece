/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Store: small files that are replaced as a whole and survive a power failure, with a seal.
 *
 * The first line of a file is "# sha256 HASH", of all that follows: what was cut off, or written by
 * a disk that errs, is not taken for what was kept.
 */
#ifndef SLUICE_STORE_H
#define SLUICE_STORE_H

#include <stddef.h>

enum { STORE_SIZE_MAX = 40 << 20 };

/* Replace the file `name` in a directory, which is made if it is not there. 0 or -errno. */
int store_write(const char *directory, const char *name, const char *text);

/*
 * What was written, newly allocated, ended by a zero.  -ENOENT, also if there is no directory that
 * may be searched; -EBADMSG: it is not what was
 * written; -EFBIG; another -errno.
 */
int store_read(const char *directory, const char *name, char **ret_text);

/* 0, also if there is none, or -errno. */
int store_remove(const char *directory, const char *name);

#endif
