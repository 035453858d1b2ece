/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event filter: see event_filter.h.
 *
 * Events come from files that others may have written: a member that is missing or of another type
 * is one that does not fit.
 */
#include <errno.h>
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

/* Cut the text at its commas into words; it is owned by *ret_text then. */
static int
take_words(const char *option, const char *text, char **ret_text, const char **words, size_t *count)
{
	char *rest, *word;

	if (!text)
		return 0;
	*ret_text = rest = strdup(text);
	if (!rest) {
		complain("events: out of memory");
		return -ENOMEM;
	}
	while ((word = strsep(&rest, ", "))) {
		if (*word == '\0')
			continue;
		if (*count == FILTER_WORDS_MAX) {
			complain("events: --%s has more than %d words", option, FILTER_WORDS_MAX);
			return -EINVAL;
		}
		words[(*count)++] = word;
	}
	if (*count == 0) {
		complain("events: --%s is empty", option);
		return -EINVAL;
	}
	return 0;
}

/* "10.0.0.5", "10.0.0.0/8"; an address with another prefix means the network that it is in. */
static int
read_host(const char *word, struct network *ret_network)
{
	int r = network_read(word, ret_network);

	if (r == 0 || r == -EDOM)
		return 0;
	complain("events: --host is \"%s\"; expected an address or network, like 10.10.0.5 or "
		 "fd00::/64",
	    word);
	return -EINVAL;
}

int
event_filter_hosts(struct event_filter *filter, const char *text)
{
	const char *words[FILTER_WORDS_MAX];
	char *owned = NULL;
	size_t count = 0;
	int r = take_words("host", text, &owned, words, &count);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = read_host(words[i], &filter->hosts[i]);
	free(owned);
	if (r == 0)
		filter->host_count = count;
	return r;
}

int
event_filter_channels(struct event_filter *filter, const char *text)
{
	return take_words(
	    "channel", text, &filter->channels, filter->channel_words, &filter->channel_count);
}

static int
check_reason(const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (int i = 0; i < REASON_COUNT; i++) {
		if (strcmp(reason_word(i), word) == 0)
			return 0;
		nearest_offer(&nearest, reason_word(i));
	}
	if (nearest_take(&nearest))
		complain("events: there is no reason \"%s\"; did you mean \"%s\"?", word,
		    nearest_take(&nearest));
	else
		complain("events: there is no reason \"%s\"; sluice-reasons(7) lists them", word);
	return -EINVAL;
}

int
event_filter_reasons(struct event_filter *filter, const char *text)
{
	int r = take_words(
	    "reason", text, &filter->reasons, filter->reason_words, &filter->reason_count);

	for (size_t i = 0; r == 0 && i < filter->reason_count; i++)
		r = check_reason(filter->reason_words[i]);
	return r;
}

int
event_filter_since(struct event_filter *filter, const char *text)
{
	struct timespec now;

	if (!text)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	if (event_time_read(text, (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec,
		&filter->since_ns) == 0)
		return 0;
	complain("events: --since is \"%s\"; expected %s", text, event_time_expected);
	return -EINVAL;
}

static bool
host_fits(const struct event_filter *filter, const char *address)
{
	struct network host;

	if (!address || network_read(address, &host) < 0)
		return false;
	for (size_t i = 0; i < filter->host_count; i++)
		if (network_within(&host, &filter->hosts[i]))
			return true;
	return false;
}

/* "conduit/channel", or one of the two. */
static bool
channel_fits(const struct event_filter *filter, const char *conduit, const char *channel)
{
	for (size_t i = 0; i < filter->channel_count; i++) {
		const char *word = filter->channel_words[i], *slash = strchr(word, '/');

		if (!slash &&
		    ((conduit && strcmp(word, conduit) == 0) ||
			(channel && strcmp(word, channel) == 0)))
			return true;
		if (slash && conduit && channel && strcmp(slash + 1, channel) == 0 &&
		    strlen(conduit) == (size_t)(slash - word) &&
		    strncmp(word, conduit, strlen(conduit)) == 0)
			return true;
	}
	return false;
}

static bool
reason_fits(const struct event_filter *filter, const char *reason)
{
	for (size_t i = 0; reason && i < filter->reason_count; i++)
		if (strcmp(filter->reason_words[i], reason) == 0)
			return true;
	return false;
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

static bool
is_denial(const json_t *sluice)
{
	const char *verdict = text_of(sluice, "verdict");

	return !verdict || strcmp(verdict, "allow") != 0 ||
	    json_is_true(json_object_get(sluice, "would_deny"));
}

bool
event_filter_wants(const struct event_filter *filter, const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *type = text_of(event, "event_type");

	if (!time_fits(filter, event))
		return false;
	if (type && strcmp(type, "lost") == 0)
		return true;
	if (filter->denied && type && strcmp(type, "verdict") == 0 && !is_denial(sluice))
		return false;
	if (filter->host_count > 0 && !host_fits(filter, text_of(event, "src_ip")) &&
	    !host_fits(filter, text_of(event, "dest_ip")))
		return false;
	if (filter->channel_count > 0 &&
	    !channel_fits(filter, text_of(sluice, "conduit"), text_of(sluice, "channel")))
		return false;
	return filter->reason_count == 0 || reason_fits(filter, text_of(sluice, "reason"));
}

void
event_filter_done(struct event_filter *filter)
{
	free(filter->channels);
	free(filter->reasons);
	*filter = (struct event_filter){0};
}
