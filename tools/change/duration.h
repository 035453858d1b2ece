/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Duration: "90", "90s", "5m", "1h" as seconds. */
#ifndef SLUICE_DURATION_H
#define SLUICE_DURATION_H

enum { DURATION_MAX_S = 86400 };

/* From one second to a day; a NULL text leaves *ret_seconds as it is.  0, or -EINVAL after it was
 * told what is wrong with `option` of `command`. */
int duration_read(
    const char *command, const char *option, const char *text, unsigned long *ret_seconds);

#endif
