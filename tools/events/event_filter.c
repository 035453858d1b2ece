/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event filter: see event_filter.h.
 *
 * Events come from files that others may have written: a member that is missing or of another type
 * is one that does not fit.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event_filter.h"
#include "event_time.h"
#include "names.h"
#include "network.h"
#include "reason.h"
#include "terminal.h"

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* Cut the text at its commas into words, which the list owns. */
static int
take_words(const char *option, const char *text, struct filter_names *names)
{
	char *rest, *word;

	if (!text)
		return 0;
	names->owned = rest = strdup(text);
	if (!rest) {
		complain("events: out of memory");
		return -ENOMEM;
	}
	while ((word = strsep(&rest, ", "))) {
		if (*word == '\0')
			continue;
		if (names->count == FILTER_WORDS_MAX) {
			complain("%s has more than %d words", option, FILTER_WORDS_MAX);
			return -EINVAL;
		}
		names->items[names->count++] = word;
	}
	if (names->count == 0) {
		complain("%s is empty", option);
		return -EINVAL;
	}
	return 0;
}

/*
 * "10.0.0.5", "10.0.0.0/8"; an address with another prefix means the network that it is in.  What
 * is neither may be a name of the policy.
 */
static int
add_host(const char *option, const char *word, event_filter_resolver *resolve, void *context,
    struct filter_hosts *hosts)
{
	size_t count = 1, room = FILTER_WORDS_MAX - hosts->count;
	struct network found[FILTER_WORDS_MAX];
	int r = network_read(word, &found[0]);

	if (r < 0 && r != -EDOM && resolve) {
		r = resolve(context, word, found, FILTER_WORDS_MAX, &count);
		if (r < 0)
			return r;
	} else if (r < 0 && r != -EDOM) {
		complain("%s is \"%s\"; expected an address or network, like 10.10.0.5 or "
			 "fd00::/64",
		    option, word);
		return -EINVAL;
	}
	if (count > room) {
		complain("%s stands for more than %d networks", option, FILTER_WORDS_MAX);
		return -EINVAL;
	}
	memcpy(&hosts->items[hosts->count], found, count * sizeof(found[0]));
	hosts->count += count;
	return 0;
}

int
event_filter_take_hosts(const char *option, const char *text, event_filter_resolver *resolve,
    void *context, struct filter_hosts *hosts)
{
	struct filter_names words = {0};
	int r = take_words(option, text, &words);

	for (size_t i = 0; r == 0 && i < words.count; i++)
		r = add_host(option, words.items[i], resolve, context, hosts);
	free(words.owned);
	return r;
}

int
event_filter_take_names(const char *option, const char *text, struct filter_names *names)
{
	return take_words(option, text, names);
}

int
event_filter_hosts(struct event_filter *filter, const char *text)
{
	return event_filter_take_hosts("events: --host", text, NULL, NULL, &filter->hosts);
}

int
event_filter_channels(struct event_filter *filter, const char *text)
{
	return take_words("events: --channel", text, &filter->channels);
}

static int
check_reason(const char *option, const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (int i = 0; i < REASON_COUNT; i++) {
		if (strcmp(reason_word(i), word) == 0)
			return 0;
		nearest_offer(&nearest, reason_word(i));
	}
	if (nearest_take(&nearest))
		complain("%s: there is no reason \"%s\"; did you mean \"%s\"?", option, word,
		    nearest_take(&nearest));
	else
		complain(
		    "%s: there is no reason \"%s\"; sluice-reasons(7) lists them", option, word);
	return -EINVAL;
}

int
event_filter_take_reasons(const char *option, const char *text, struct filter_names *reasons)
{
	int r = take_words(option, text, reasons);

	for (size_t i = 0; r == 0 && i < reasons->count; i++)
		r = check_reason(option, reasons->items[i]);
	return r;
}

int
event_filter_reasons(struct event_filter *filter, const char *text)
{
	return event_filter_take_reasons("events: --reason", text, &filter->reasons);
}

int
event_filter_take_since(const char *option, const char *text, uint64_t *ret_ns)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (event_time_read(
		text, (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec, ret_ns) == 0)
		return 0;
	complain("%s is \"%s\"; expected %s", option, text, event_time_expected);
	return -EINVAL;
}

int
event_filter_since(struct event_filter *filter, const char *text)
{
	return text ? event_filter_take_since("events: --since", text, &filter->since_ns) : 0;
}

static bool
host_fits(const struct filter_hosts *hosts, const char *address)
{
	struct network host;

	if (!address || network_read(address, &host) < 0)
		return false;
	for (size_t i = 0; i < hosts->count; i++)
		if (network_within(&host, &hosts->items[i]))
			return true;
	return false;
}

/* Either end, or the one who asks or answers where the event says which it is. */
static bool
ends_fit(const struct event_filter *filter, const json_t *event)
{
	const char *source = text_of(event, "src_ip"), *destination = text_of(event, "dest_ip");
	const char *direction = text_of(event, "direction");
	bool back = direction && strcmp(direction, "to_client") == 0;

	if (filter->hosts.count > 0 && !host_fits(&filter->hosts, source) &&
	    !host_fits(&filter->hosts, destination))
		return false;
	if (filter->clients.count > 0 && !host_fits(&filter->clients, back ? destination : source))
		return false;
	return filter->servers.count == 0 ||
	    host_fits(&filter->servers, back ? source : destination);
}

static bool
name_fits(const struct filter_names *names, const char *name)
{
	for (size_t i = 0; name && i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

/* "conduit/channel", or one of the two. */
static bool
channel_fits(const struct filter_names *names, const char *conduit, const char *channel)
{
	char both[2 * NAME_MAX_LENGTH + 2] = "";

	if (conduit && channel)
		snprintf(both, sizeof(both), "%s/%s", conduit, channel);
	return name_fits(names, conduit) || name_fits(names, channel) || name_fits(names, both);
}

/* A time that can't be read hides nothing. */
static bool
time_fits(const struct event_filter *filter, const json_t *event)
{
	const char *text = text_of(event, "timestamp");
	uint64_t time_ns;

	return filter->since_ns == 0 || !text || event_time_read(text, 0, &time_ns) < 0 ||
	    time_ns >= filter->since_ns;
}

/* All but verdicts are denials: the kernel's drops, connections cut by a policy, what killed an
 * inspector, summaries of many and what is written as alerts. */
static bool
is_denial(const char *type, const json_t *sluice)
{
	const char *verdict = text_of(sluice, "verdict");

	return strcmp(type, "verdict") != 0 || !verdict || strcmp(verdict, "allow") != 0 ||
	    json_is_true(json_object_get(sluice, "would_deny"));
}

static bool
kind_fits(const struct event_filter *filter, const char *type, const json_t *sluice)
{
	static const char *const types[] = {"verdict", "drop", "cut", "crash", "storm", "alert"};
	bool judged = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		judged |= strcmp(type, types[i]) == 0;
	if (strcmp(type, "alarm") == 0)
		return true;
	if (!judged)
		return !filter->alarms;
	if (!filter->denied && !filter->allowed)
		return !filter->alarms;
	return is_denial(type, sluice) ? filter->denied : filter->allowed;
}

bool
event_filter_wants(const struct event_filter *filter, const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *own = text_of(sluice, "event");
	const char *type = own ? own : text_of(event, "event_type");
	const char *conduit = text_of(sluice, "conduit");

	if (!time_fits(filter, event))
		return false;
	if (type && strcmp(type, "lost") == 0)
		return true;
	if (type && !kind_fits(filter, type, sluice))
		return false;
	if (!ends_fit(filter, event))
		return false;
	if (filter->channels.count > 0 &&
	    !channel_fits(&filter->channels, conduit, text_of(sluice, "channel")))
		return false;
	if (filter->conduits.count > 0 && !name_fits(&filter->conduits, conduit))
		return false;
	return filter->reasons.count == 0 || name_fits(&filter->reasons, text_of(sluice, "reason"));
}

void
event_filter_done(struct event_filter *filter)
{
	free(filter->channels.owned);
	free(filter->conduits.owned);
	free(filter->reasons.owned);
	*filter = (struct event_filter){0};
}
