/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event file: the lines of a file that is renamed, cut off and made anew while it is read.
 *
 * Knows nothing of what stands in a line.
 */
#ifndef SLUICE_EVENT_FILE_H
#define SLUICE_EVENT_FILE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Hand each line of a file ("-": standard input) without its line feed and its number in the file
 * to `each`, until it returns false.  With `follow`, the end of the file is no end: a line is
 * waited for until it is whole, the file is read from its beginning if it was cut off, and another
 * file that takes the name is read behind the rest of the first one; a name that nothing has yet is
 * waited for.  When the end is reached for the first time, `caught_up` is called (NULL: not).
 * Returns 0, or -errno after it was told what is wrong.
 */
int event_file_read(const char *name, bool follow,
    bool (*each)(void *context, const char *line, uint64_t number),
    void (*caught_up)(void *context), void *context);

#endif
