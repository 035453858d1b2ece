/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filter words: what somebody wants to see, said in words: "channel hmi denied since 10m".
 *
 * The words of events and of flows; what they mean for one is a matter of event_filter.h.
 */
#ifndef SLUICE_FILTER_WORDS_H
#define SLUICE_FILTER_WORDS_H

#include "event_filter.h"

enum { FILTER_LAST_MAX = 10000 }; /* events that are kept until the end is reached */

/* Is it one of the words? */
bool filter_word_known(const char *word);

/* The word that this one may have meant; NULL: none is near. */
const char *filter_word_nearest(const char *word);

/*
 * Add what the words behind a command's name ask for to the filter.  Where a word wants hosts, a
 * name is looked up by `resolve`.  Returns 0, or -EINVAL or what `resolve` returned, after it was
 * told what is wrong.
 */
int filter_words_read(struct event_filter *filter, const char *command, char *const *words,
    size_t count, event_filter_resolver *resolve, void *context);

#endif
