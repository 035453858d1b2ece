/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole: all bytes of a text into a file, or an error. */
#ifndef SLUICE_WHOLE_H
#define SLUICE_WHOLE_H

#include <stddef.h>

/* Goes on after a signal and after a part.  Returns 0 or -errno; then a part may be written. */
int write_whole(int fd, const char *text, size_t length);

#endif
