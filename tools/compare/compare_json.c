/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compare as JSON: see compare_json.h.
 */
#include <stdlib.h>

#include "compare_json.h"
#include "comparison_words.h"
#include "output.h"
#include "words.h"

static json_t *
taken(char *text)
{
	json_t *string = output_string(text);

	free(text);
	return string;
}

static json_t *
policy_json(const struct policy *policy)
{
	return json_pack("{s:s, s:s}", "file", policy->file, "hash", policy->hash);
}

static json_t *
box_json(const struct connections_box *box, const struct interfaces *interfaces)
{
	json_t *object = json_object();

	json_object_set_new(object, "clients", taken(box_addresses(box, BOX_CLIENT)));
	json_object_set_new(object, "servers", taken(box_addresses(box, BOX_SERVER)));
	json_object_set_new(object, "transport", taken(box_transport(box)));
	json_object_set_new(object, "example", taken(box_example(box, interfaces)));
	return object;
}

static json_t *
connections_json(const struct comparison *c)
{
	json_t *array = json_array();

	for (size_t i = 0; i < c->connections_count; i++) {
		const struct connections_change *change = &c->connections[i];
		json_t *object = json_object(), *boxes = json_array();

		for (size_t b = 0; b < change->boxes.count; b++)
			json_array_append_new(
			    boxes, box_json(&change->boxes.items[b], &c->interfaces));
		json_object_set_new(object, "change", output_string(change_word(change->change)));
		json_object_set_new(object, "channel", taken(words_channel(change->channel)));
		json_object_set_new(object, "whole", json_boolean(change->whole));
		json_object_set_new(object, "line", json_integer(change->channel->where.line));
		json_object_set_new(object, "connections", boxes);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
why_json(const struct difference *difference, enum side side)
{
	const struct rule *rule = difference->rules[side];

	if (difference->change == CHANGE_MIXED)
		return json_null();
	if (!rule)
		return json_pack("{s:s}", "reason", reason_word(difference->reasons[side]));
	return json_pack("{s:i, s:s, s:i}", "rule", (int)rule->index + 1, "file", rule->where.file,
	    "line", (int)rule->where.line);
}

static json_t *
difference_json(const struct difference *difference)
{
	json_t *object = json_object(), *functions = json_array(), *points = json_array();
	const struct dissector *d = difference->example.dissector;

	for (uint32_t i = 0; i < d->function_count; i++)
		if (difference->functions[i / 64] >> (i % 64) & 1)
			json_array_append_new(functions, json_string(d->functions[i].name));
	for (uint32_t i = 0; i < difference->example.point_count; i++)
		json_array_append_new(points, taken(difference_points(difference, i)));
	json_object_set_new(object, "change", output_string(change_word(difference->change)));
	json_object_set_new(object, "functions", functions);
	json_object_set_new(object, "units", taken(difference_units(difference)));
	json_object_set_new(object, "points", points);
	json_object_set_new(object, "values", taken(difference_values(difference)));
	json_object_set_new(object, "example", taken(example_words(&difference->example)));
	json_object_set_new(object, "old", why_json(difference, SIDE_OLD));
	json_object_set_new(object, "new", why_json(difference, SIDE_NEW));
	return object;
}

static json_t *
channel_json(const struct channel_change *change)
{
	json_t *object = json_object(), *settings = json_array(), *messages = json_array();

	for (size_t i = 0; i < change->setting_count; i++)
		json_array_append_new(settings,
		    json_pack("{s:s, s:s, s:s}", "name", change->settings[i].name, "old",
			change->settings[i].values[SIDE_OLD], "new",
			change->settings[i].values[SIDE_NEW]));
	for (size_t i = 0; i < change->messages.count; i++)
		json_array_append_new(messages, difference_json(&change->messages.items[i]));
	json_object_set_new(object, "old", taken(words_channel(change->channels[SIDE_OLD])));
	json_object_set_new(object, "new", taken(words_channel(change->channels[SIDE_NEW])));
	json_object_set_new(object, "settings", settings);
	json_object_set_new(object, "messages", messages);
	json_object_set_new(object, "truncated", json_boolean(change->messages.truncated));
	return object;
}

static json_t *
captures_json(const struct capture_changes *captures)
{
	json_t *array = json_array();

	for (size_t i = 0; i < captures->count; i++) {
		const struct capture_change *change = &captures->items[i];

		json_array_append_new(array,
		    json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:s?}", "change",
			change_word(change->change), "count", (json_int_t)change->count, "old",
			change->why[SIDE_OLD], "new", change->why[SIDE_NEW], "file", change->file,
			"frame", (json_int_t)change->frame, "example", change->example));
	}
	return json_pack("{s:I, s:I, s:o}", "frames", (json_int_t)captures->frames, "messages",
	    (json_int_t)captures->messages, "changes", array);
}

json_t *
compare_json(struct policy *const policies[SIDE_COUNT], const struct comparison *comparison,
    const struct capture_changes *captures)
{
	json_t *object = json_object(), *channels = json_array();

	for (size_t i = 0; i < comparison->channel_count; i++)
		json_array_append_new(channels, channel_json(&comparison->channels[i]));
	json_object_set_new(object, "old", policy_json(policies[SIDE_OLD]));
	json_object_set_new(object, "new", policy_json(policies[SIDE_NEW]));
	json_object_set_new(object, "same",
	    json_boolean(!comparison_differs(comparison) && (!captures || captures->count == 0)));
	json_object_set_new(object, "connections", connections_json(comparison));
	json_object_set_new(object, "channels", channels);
	if (captures)
		json_object_set_new(object, "captures", captures_json(captures));
	return object;
}
