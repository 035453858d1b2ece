/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replace: a file gets another text, whole or not at all. */
#ifndef SLUICE_REPLACE_H
#define SLUICE_REPLACE_H

#include <stddef.h>

/*
 * Give `file` the text, with owner and mode of `like`, behind a symbolic link where it is one.
 * Where `before` is not NULL it must be what the file holds now.  0, or -errno after it was told:
 * then the file is as it was.
 */
int replace_file(const char *file, const char *like, const char *text, size_t length,
    const char *before, size_t before_length);

#endif
