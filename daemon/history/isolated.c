/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Isolated: see isolated.h (jansson).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "isolated.h"
#include "store.h"

#define RECORD "isolated"

void
isolated_drop(struct island *island)
{
	free(island->zone);
	free(island->who);
	free(island->why);
}

void
isolated_done(struct isolated *isolated)
{
	for (size_t i = 0; i < isolated->count; i++)
		isolated_drop(&isolated->items[i]);
	free(isolated->items);
	*isolated = (struct isolated){0};
}

const struct island *
isolated_find(const struct isolated *isolated, const char *zone)
{
	for (size_t i = 0; i < isolated->count; i++)
		if (strcmp(isolated->items[i].zone, zone) == 0)
			return &isolated->items[i];
	return NULL;
}

int
isolated_add(
    struct isolated *isolated, const char *zone, const char *who, const char *why, uint64_t at_ns)
{
	struct island island = {.at_ns = at_ns};
	struct island *items;

	if (isolated_find(isolated, zone))
		return -EEXIST;
	if (isolated->count == ISOLATED_MAX)
		return -E2BIG;
	items = reallocarray(isolated->items, isolated->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	isolated->items = items;
	island.zone = strdup(zone);
	island.who = strdup(who);
	island.why = strdup(why);
	if (!island.zone || !island.who || !island.why) {
		isolated_drop(&island);
		return -ENOMEM;
	}
	items[isolated->count++] = island;
	return 0;
}

bool
isolated_take(struct isolated *isolated, const char *zone, struct island *ret_island)
{
	for (size_t i = 0; i < isolated->count; i++) {
		if (strcmp(isolated->items[i].zone, zone) != 0)
			continue;
		*ret_island = isolated->items[i];
		memmove(&isolated->items[i], &isolated->items[i + 1],
		    (isolated->count - i - 1) * sizeof(*isolated->items));
		isolated->count--;
		return true;
	}
	return false;
}

/* Its place is still there. */
void
isolated_put_back(struct isolated *isolated, const struct island *island)
{
	isolated->items[isolated->count++] = *island;
}

static bool
take_record(struct isolated *isolated, const json_t *record)
{
	json_t *row;
	size_t i;

	json_array_foreach(record, i, row)
	{
		const char *zone = json_string_value(json_object_get(row, "zone"));
		const char *who = json_string_value(json_object_get(row, "who"));
		const char *why = json_string_value(json_object_get(row, "why"));
		json_int_t at = json_integer_value(json_object_get(row, "at"));

		if (!zone ||
		    isolated_add(isolated, zone, who ? who : "?", why ? why : "", (uint64_t)at) < 0)
			return false;
	}
	return json_is_array(record);
}

void
isolated_load(struct isolated *isolated, const char *directory)
{
	char *text = NULL;
	json_t *record;
	int r = store_read(directory, RECORD, &text);

	*isolated = (struct isolated){0};
	if (r == -ENOENT)
		return;
	record = r == 0 ? json_loads(text, 0, NULL) : NULL;
	isolated->damaged = !take_record(isolated, record);
	json_decref(record);
	free(text);
}

static char *
print_record(const struct isolated *isolated)
{
	json_t *record = json_array();
	char *text;

	for (size_t i = 0; i < isolated->count; i++) {
		const struct island *island = &isolated->items[i];

		json_array_append_new(record,
		    json_pack("{s:s, s:s, s:s, s:I}", "zone", island->zone, "who", island->who,
			"why", island->why, "at", (json_int_t)island->at_ns));
	}
	text =
	    json_array_size(record) == isolated->count ? json_dumps(record, JSON_INDENT(1)) : NULL;
	json_decref(record);
	return text;
}

int
isolated_save(struct isolated *isolated, const char *directory)
{
	char *text = NULL;
	int r;

	if (isolated->count == 0) {
		r = store_remove(directory, RECORD);
	} else {
		text = print_record(isolated);
		r = text ? store_write(directory, RECORD, text) : -ENOMEM;
	}
	free(text);
	isolated->kept_error = -r;
	return r;
}
