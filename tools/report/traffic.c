/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic: see traffic.h. */
#include "traffic.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "terminal.h"
#include "words.h"

enum {
	LINE_MAX_BYTES = 1 << 20,
	KINDS_MAX = 4096, /* of denied messages, of pairs of zones, of hours */
	TOP_SHOWN = 20,
	HOUR_LENGTH = 13, /* "2026-11-27T19" */
	TIME_LENGTH = 19,
};

/* How often something was denied. */
struct count {
	char *key;
	json_t *sample; /* what the key stands for */
	uint64_t count;
	char last[TIME_LENGTH + 1];
};

struct counts {
	struct count items[KINDS_MAX];
	size_t used;
};

struct traffic {
	struct counts kinds, pairs, hours;
	uint64_t events, denials, unreadable, untold;
	char first[TIME_LENGTH + 1], last[TIME_LENGTH + 1];
};

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* The item of a key, made if there is room for it; NULL if not. Takes the sample. */
static struct count *
find(struct counts *counts, const char *key, json_t *sample)
{
	struct count *item;

	for (size_t i = 0; i < counts->used; i++)
		if (strcmp(counts->items[i].key, key) == 0) {
			json_decref(sample);
			return &counts->items[i];
		}
	if (counts->used == KINDS_MAX) {
		json_decref(sample);
		return NULL;
	}
	item = &counts->items[counts->used];
	item->key = strdup(key);
	item->sample = sample;
	if (!item->key) {
		json_decref(sample);
		return NULL;
	}
	counts->used++;
	return item;
}

static void
add(struct traffic *traffic, struct counts *counts, char *key, json_t *sample, uint64_t count,
    const char *time)
{
	struct count *item = key && sample ? find(counts, key, sample) : NULL;

	if (!item && !(key && sample))
		json_decref(sample);
	if (item) {
		item->count += count;
		if (strncmp(time, item->last, TIME_LENGTH) > 0)
			snprintf(item->last, sizeof(item->last), "%.*s", TIME_LENGTH, time);
	} else {
		traffic->untold += count;
	}
	free(key);
}

/* What was asked: the object that has the name of its protocol. */
static const char *
asked(const json_t *event)
{
	return text_of(json_object_get(event, text_of(event, "app_proto")), "function_name");
}

static void
add_denial(struct traffic *traffic, const json_t *event, const json_t *sluice, uint64_t count)
{
	const char *time = text_of(event, "timestamp"), *reason = text_of(sluice, "reason");
	const char *from = text_of(sluice, "zone_from"), *to = text_of(sluice, "zone_to");
	const char *source = text_of(event, "src_ip"), *destination = text_of(event, "dest_ip");
	const char *conduit = text_of(sluice, "conduit"), *channel = text_of(sluice, "channel");

	traffic->denials += count;
	add(traffic, &traffic->kinds,
	    words_format("%s\n%s\n%s\n%s\n%s\n%s", reason, conduit, channel, source, destination,
		asked(event)),
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "reason", reason, "conduit", conduit,
		"channel", channel, "source", source, "destination", destination, "function",
		asked(event)),
	    count, time);
	add(traffic, &traffic->pairs, words_format("%s\n%s", from, to),
	    json_pack("{s:s, s:s}", "from", from, "to", to), count, time);
	if (strlen(time) >= HOUR_LENGTH)
		add(traffic, &traffic->hours, words_format("%.*s", HOUR_LENGTH, time),
		    json_pack("{s:o}", "hour", json_sprintf("%.*s", HOUR_LENGTH, time)), count,
		    time);
}

/* How many denials a line tells of; 0: none. */
static uint64_t
denials_of(const json_t *event, const json_t *sluice)
{
	const char *type = text_of(event, "event_type");
	json_int_t count = json_integer_value(json_object_get(sluice, "count"));

	if (strcmp(text_of(sluice, "verdict"), "deny") != 0)
		return 0;
	if (strcmp(type, "storm") == 0)
		return count > 0 ? (uint64_t)count : 0;
	if (strcmp(type, "drop") == 0)
		return count > 0 ? (uint64_t)count : 1;
	return 1;
}

static void
add_line(struct traffic *traffic, const char *line, size_t length)
{
	json_t *event = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	const json_t *sluice = json_object_get(event, "sluice");
	const char *time = text_of(event, "timestamp");
	uint64_t count;

	if (!json_is_object(event) || !time[0]) {
		traffic->unreadable++;
		json_decref(event);
		return;
	}
	traffic->events++;
	if (!traffic->first[0] || strncmp(time, traffic->first, TIME_LENGTH) < 0)
		snprintf(traffic->first, sizeof(traffic->first), "%.*s", TIME_LENGTH, time);
	if (strncmp(time, traffic->last, TIME_LENGTH) > 0)
		snprintf(traffic->last, sizeof(traffic->last), "%.*s", TIME_LENGTH, time);
	count = denials_of(event, sluice);
	if (count > 0)
		add_denial(traffic, event, sluice, count);
	json_decref(event);
}

static int
read_file(struct traffic *traffic, const char *file)
{
	struct source *source = NULL;
	char error[256] = "", *line = NULL;
	size_t size = 0;
	ssize_t length;
	FILE *stream;
	int r = source_open(file, &source, error, sizeof(error));

	if (r == -ENODATA)
		return 0;
	if (r < 0) {
		complain("report: %s: %s", file, error[0] ? error : strerror(-r));
		return r;
	}
	stream = source_stream(source);
	while ((length = getline(&line, &size, stream)) > 0) {
		if (length <= LINE_MAX_BYTES)
			add_line(traffic, line, (size_t)length);
		else
			traffic->unreadable++;
	}
	free(line);
	fclose(stream);
	if (source_fault(source))
		complain("report: %s: %s", file, source_fault(source));
	source_free(source);
	return 0;
}

static int
compare_counts(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : strcmp(x->key, y->key);
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct count *)a)->key, ((const struct count *)b)->key);
}

static json_t *
counts_json(struct counts *counts, int (*compare)(const void *, const void *), size_t most)
{
	json_t *list = json_array();

	qsort(counts->items, counts->used, sizeof(counts->items[0]), compare);
	for (size_t i = 0; i < counts->used && i < most; i++) {
		json_t *object = json_deep_copy(counts->items[i].sample);

		json_object_set_new(
		    object, "count", json_integer((json_int_t)counts->items[i].count));
		json_object_set_new(object, "last", json_string(counts->items[i].last));
		json_array_append_new(list, object);
	}
	return list;
}

static void
counts_done(struct counts *counts)
{
	for (size_t i = 0; i < counts->used; i++) {
		free(counts->items[i].key);
		json_decref(counts->items[i].sample);
	}
}

json_t *
traffic_read(const char *const *files, size_t count)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));
	json_t *object = NULL;
	int r = traffic ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && r == 0; i++)
		r = read_file(traffic, files[i]);
	if (r == 0)
		object = json_pack("{s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:o}", "files",
		    (json_int_t)count, "events", (json_int_t)traffic->events, "denials",
		    (json_int_t)traffic->denials, "unreadable", (json_int_t)traffic->unreadable,
		    "untold", (json_int_t)traffic->untold, "first", traffic->first, "last",
		    traffic->last, "zones", counts_json(&traffic->pairs, compare_counts, KINDS_MAX),
		    "hours", counts_json(&traffic->hours, compare_keys, KINDS_MAX), "top",
		    counts_json(&traffic->kinds, compare_counts, TOP_SHOWN));
	if (traffic) {
		counts_done(&traffic->kinds);
		counts_done(&traffic->pairs);
		counts_done(&traffic->hours);
	}
	free(traffic);
	return object;
}
