/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filter words: see filter_words.h.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_words.h"
#include "names.h"
#include "terminal.h"

enum {
	TIME_WORDS_MAX = 64, /* bytes of "2026-10-05 08:00" and the like */
	LABEL_MAX = 32,      /* of "events: channel" */
};

struct reading {
	struct event_filter *filter;
	char label[LABEL_MAX]; /* of the word that is being read, for complaints */
	char *const *words;    /* those that are left */
	size_t count;
	event_filter_resolver *resolve;
	void *context;
};

struct word {
	const char *spelling;
	const char *wants; /* behind it; NULL: nothing */
	int (*take)(struct reading *reading, const struct word *word);
	size_t at; /* of what it sets, in the filter */
};

static void *
target(const struct reading *reading, const struct word *word)
{
	return (char *)reading->filter + word->at;
}

static int
given_twice(const struct reading *reading)
{
	complain("%s is given twice", reading->label);
	return -EINVAL;
}

/* The word behind; filter_words_read() has seen that there is one. */
static const char *
next_word(struct reading *reading)
{
	reading->count--;
	return *reading->words++;
}

static int
take_switch(struct reading *reading, const struct word *word)
{
	*(bool *)target(reading, word) = true;
	return 0;
}

static int
take_names(struct reading *reading, const struct word *word)
{
	struct filter_names *names = target(reading, word);

	if (names->count > 0)
		return given_twice(reading);
	return event_filter_take_names(reading->label, next_word(reading), names);
}

static int
take_hosts(struct reading *reading, const struct word *word)
{
	struct filter_hosts *hosts = target(reading, word);

	if (hosts->count > 0)
		return given_twice(reading);
	return event_filter_take_hosts(
	    reading->label, next_word(reading), reading->resolve, reading->context, hosts);
}

static int
take_reasons(struct reading *reading, const struct word *word)
{
	if (reading->filter->reasons.count > 0)
		return given_twice(reading);
	return event_filter_take_reasons(
	    reading->label, next_word(reading), &reading->filter->reasons);
}

/* All up to the next word that is known: "2 hours ago", "2026-10-05 08:00". */
static int
take_since(struct reading *reading, const struct word *word)
{
	char text[TIME_WORDS_MAX] = "";
	size_t used = 0;

	if (reading->filter->since_ns != 0)
		return given_twice(reading);
	do {
		int n = snprintf(
		    text + used, sizeof(text) - used, "%s%s", used ? " " : "", next_word(reading));

		used += (size_t)n;
		if (used >= sizeof(text))
			break;
	} while (reading->count > 0 && !filter_word_known(reading->words[0]));
	return event_filter_take_since(reading->label, text, &reading->filter->since_ns);
}

static int
take_last(struct reading *reading, const struct word *word)
{
	const char *text = next_word(reading);
	unsigned long number;
	char *end;

	if (reading->filter->last != 0)
		return given_twice(reading);
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || number < 1 ||
	    number > FILTER_LAST_MAX) {
		complain("%s is \"%s\"; expected a number from 1 to %d", reading->label, text,
		    FILTER_LAST_MAX);
		return -EINVAL;
	}
	reading->filter->last = number;
	return 0;
}

#define AT(member) offsetof(struct event_filter, member)

static const struct word words[] = {
    {"channel", "NAME", take_names, AT(channels)},
    {"conduit", "NAME", take_names, AT(conduits)},
    {"host", "ADDRESS", take_hosts, AT(hosts)},
    {"client", "ADDRESS", take_hosts, AT(clients)},
    {"server", "ADDRESS", take_hosts, AT(servers)},
    {"reason", "WORD", take_reasons, AT(reasons)},
    {"denied", NULL, take_switch, AT(denied)},
    {"allowed", NULL, take_switch, AT(allowed)},
    {"alarm", NULL, take_switch, AT(alarms)},
    {"alarms", NULL, take_switch, AT(alarms)},
    {"since", "TIME", take_since, AT(since_ns)},
    {"last", "NUMBER", take_last, AT(last)},
};

enum { WORD_COUNT = sizeof(words) / sizeof(words[0]) };

static const struct word *
find_word(const char *spelling)
{
	for (size_t i = 0; i < WORD_COUNT; i++)
		if (strcmp(words[i].spelling, spelling) == 0)
			return &words[i];
	return NULL;
}

bool
filter_word_known(const char *word)
{
	return find_word(word) != NULL;
}

const char *
filter_word_nearest(const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (size_t i = 0; i < WORD_COUNT; i++)
		nearest_offer(&nearest, words[i].spelling);
	return nearest_take(&nearest);
}

static int
refuse_word(const char *command, const char *word)
{
	const char *meant = filter_word_nearest(word);

	if (meant)
		complain("%s: there is no word \"%s\"; did you mean \"%s\"?", command, word, meant);
	else
		complain("%s: there is no word \"%s\"; expected channel, conduit, host, "
			 "client, server, reason, denied, allowed, alarms, since or last",
		    command, word);
	return -EINVAL;
}

int
filter_words_read(struct event_filter *filter, const char *command, char *const *list, size_t count,
    event_filter_resolver *resolve, void *context)
{
	struct reading reading = {
	    .filter = filter,
	    .words = list,
	    .count = count,
	    .resolve = resolve,
	    .context = context,
	};

	while (reading.count > 0) {
		const struct word *word = find_word(reading.words[0]);
		int r;

		if (!word)
			return refuse_word(command, reading.words[0]);
		next_word(&reading);
		snprintf(reading.label, sizeof(reading.label), "%s: %s", command, word->spelling);
		if (word->wants && reading.count == 0) {
			complain("%s needs %s behind it", reading.label, word->wants);
			return -EINVAL;
		}
		r = word->take(&reading, word);
		if (r < 0)
			return r;
	}
	return 0;
}
