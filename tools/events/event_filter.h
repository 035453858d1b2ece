/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event filter: which events somebody wants to see.
 */
#ifndef SLUICE_EVENT_FILTER_H
#define SLUICE_EVENT_FILTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "model.h"

enum { FILTER_WORDS_MAX = 16 };

struct event_filter {
	bool denied; /* no verdicts but denials */
	uint64_t since_ns;
	struct network hosts[FILTER_WORDS_MAX];
	size_t host_count;
	char *channels; /* words that are ended by zeros, owned */
	const char *channel_words[FILTER_WORDS_MAX];
	size_t channel_count;
	char *reasons;
	const char *reason_words[FILTER_WORDS_MAX];
	size_t reason_count;
};

/*
 * Take the words of a command line, several with commas between them; NULL changes nothing.  Each
 * returns 0, or -EINVAL or -ENOMEM after it was told what is wrong and what was expected.
 */
int event_filter_hosts(struct event_filter *filter, const char *text);
int event_filter_channels(struct event_filter *filter, const char *text);
int event_filter_reasons(struct event_filter *filter, const char *text);
int event_filter_since(struct event_filter *filter, const char *text);

/*
 * Is the event within all that was asked for?  What names no host, channel or reason is not within
 * a filter that asks for one; that events were lost always is, for they might have been.
 */
bool event_filter_wants(const struct event_filter *filter, const json_t *event);

void event_filter_done(struct event_filter *filter);

#endif
