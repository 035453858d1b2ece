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

/* Of several words, one must fit. */
struct filter_hosts {
	struct network items[FILTER_WORDS_MAX];
	size_t count;
};

struct filter_names {
	char *owned; /* words that are ended by zeros */
	const char *items[FILTER_WORDS_MAX];
	size_t count;
};

struct event_filter {
	bool denied;  /* no verdicts but denials */
	bool allowed; /* no denials; with `denied`, both */
	bool alarms;  /* alarms, and verdicts only if `denied` or `allowed` ask for them */
	uint64_t since_ns;
	unsigned long last; /* the last so many of them; 0: all */
	struct filter_hosts hosts;
	struct filter_hosts clients;
	struct filter_hosts servers;
	struct filter_names channels;
	struct filter_names conduits;
	struct filter_names reasons;
};

/*
 * The networks of a name of the policy: at most `room`, their number in *ret_count.  0, or -errno
 * after it was told what is wrong.
 */
typedef int event_filter_resolver(
    void *context, const char *name, struct network *ret_networks, size_t room, size_t *ret_count);

/*
 * Take the words of a command line, several with commas between them; NULL changes nothing.  Each
 * returns 0, or -EINVAL or -ENOMEM after it was told what is wrong and what was expected.
 */
int event_filter_hosts(struct event_filter *filter, const char *text);
int event_filter_channels(struct event_filter *filter, const char *text);
int event_filter_reasons(struct event_filter *filter, const char *text);
int event_filter_since(struct event_filter *filter, const char *text);

/* The same of one list, which complaints call `option`, "events: host"; resolve NULL: addresses
 * only. */
int event_filter_take_hosts(const char *option, const char *text, event_filter_resolver *resolve,
    void *context, struct filter_hosts *hosts);
int event_filter_take_names(const char *option, const char *text, struct filter_names *names);
int event_filter_take_reasons(const char *option, const char *text, struct filter_names *reasons);
int event_filter_take_since(const char *option, const char *text, uint64_t *ret_ns);

/*
 * Is the event within all that was asked for?  What names no host, channel or reason is not within
 * a filter that asks for one; that events were lost always is, for they might have been.
 */
bool event_filter_wants(const struct event_filter *filter, const json_t *event);

void event_filter_done(struct event_filter *filter);

#endif
