/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message words: a message from words, as policies write its parts.
 */
#ifndef SLUICE_MESSAGE_WORDS_H
#define SLUICE_MESSAGE_WORDS_H

#include "dissector.h"

/*
 * Read "write-single-register", "unit=1", "holding:50-51=7,8": a function, its unit, and points
 * with what is written to them.  One value goes to all points, or each has its own; "type=real"
 * makes elements of them, and numbers beside a value follow it by name: "g12v1:7=trip,count:1".
 * Values stand in memory of this file until the next message.  0, or -EINVAL after it was told what
 * is wrong and what was expected.
 */
int message_of_words(
    const struct dissector *d, char *const *words, size_t count, struct message *ret_message);

#endif
