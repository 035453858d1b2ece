/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparison: see comparison.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comparison.h"
#include "search.h"
#include "terminal.h"

static void *
more(void *items, size_t count, size_t size)
{
	items = reallocarray(items, count + 1, size);
	if (!items) {
		complain("out of memory");
		exit(2);
	}
	memset((char *)items + count * size, 0, size);
	return items;
}

/* ---- connections ---- */

/* Boxes of one channel stand one behind the other. */
static size_t
channel_end(const struct boxes *boxes, size_t from)
{
	size_t end = from;

	while (end < boxes->count && boxes->items[end].channel == boxes->items[from].channel)
		end++;
	return end;
}

static bool
same_box(const struct connections_box *a, const struct connections_box *b)
{
	return memcmp(a->sides, b->sides, sizeof(a->sides)) == 0;
}

static void
compare_connections(
    struct comparison *c, enum change change, const struct boxes *boxes, const struct boxes *others)
{
	for (size_t from = 0, end; from < boxes->count; from = end) {
		struct boxes pieces = {0};
		struct connections_change *found;
		bool whole = true;

		end = channel_end(boxes, from);
		for (size_t i = from; i < end; i++) {
			size_t before = pieces.count;

			box_subtract(&boxes->items[i], others, &pieces);
			whole &= pieces.count == before + 1 &&
			    same_box(&pieces.items[before], &boxes->items[i]);
		}
		if (pieces.count == 0) {
			boxes_done(&pieces);
			continue;
		}
		c->connections =
		    more(c->connections, c->connections_count, sizeof(c->connections[0]));
		found = &c->connections[c->connections_count++];
		found->change = change;
		found->channel = boxes->items[from].channel;
		found->whole = whole;
		found->boxes = pieces;
	}
}

/* ---- channels ---- */

static void
add_setting(struct channel_change *c, const char *name, const char *old, const char *new)
{
	struct setting_change *change = &c->settings[c->setting_count];

	if (strcmp(old, new) == 0 || c->setting_count == SETTING_CHANGES_MAX)
		return;
	c->setting_count++;
	change->name = name;
	snprintf(change->values[SIDE_OLD], sizeof(change->values[0]), "%s", old);
	snprintf(change->values[SIDE_NEW], sizeof(change->values[0]), "%s", new);
}

static void
add_number(struct channel_change *c, const char *name, uint32_t old, uint32_t new)
{
	char texts[SIDE_COUNT][16];

	snprintf(texts[SIDE_OLD], sizeof(texts[0]), "%u", old);
	snprintf(texts[SIDE_NEW], sizeof(texts[0]), "%u", new);
	add_setting(c, name, texts[SIDE_OLD], texts[SIDE_NEW]);
}

static const char *
inspection(const struct channel *channel)
{
	return channel->dissector ? channel->dissector->name : "none";
}

static void
compare_settings(struct channel_change *c)
{
	const struct channel *x = c->channels[SIDE_OLD], *y = c->channels[SIDE_NEW];
	const struct conduit *a = x->conduit, *b = y->conduit;

	add_setting(c, "inspection", inspection(x), inspection(y));
	add_setting(c, "mode", conduit_mode_word(a->mode), conduit_mode_word(b->mode));
	add_setting(c, "on_deny", on_deny_word(a->on_deny), on_deny_word(b->on_deny));
	add_setting(c, "when_down", when_down_word(a->when_down), when_down_word(b->when_down));
	if (!c->comparable)
		return;
	add_setting(c, "pickup", pickup_word(x->pickup), pickup_word(y->pickup));
	add_setting(c, "answers", answers_word(x->answers), answers_word(y->answers));
	add_number(c, "outstanding", x->outstanding, y->outstanding);
	add_number(c, "pause", x->pause_s, y->pause_s);
	for (uint32_t i = 0; i < x->dissector->setting_count; i++)
		add_number(c, x->dissector->settings[i].name, x->settings[i], y->settings[i]);
}

static bool
is_pair(const struct comparison *c, const struct channel *old, const struct channel *new)
{
	for (size_t i = 0; i < c->channel_count; i++)
		if (c->channels[i].channels[SIDE_OLD] == old &&
		    c->channels[i].channels[SIDE_NEW] == new)
			return true;
	return false;
}

static void
compare_pair(struct comparison *c, const struct channel *old, const struct channel *new)
{
	struct channel_change *change;

	c->channels = more(c->channels, c->channel_count, sizeof(c->channels[0]));
	change = &c->channels[c->channel_count++];
	change->channels[SIDE_OLD] = old;
	change->channels[SIDE_NEW] = new;
	change->comparable = old->dissector && old->dissector == new->dissector;
	compare_settings(change);
	if (change->comparable)
		differences_find(old, new, &change->messages);
}

/* Where both permit a connection, the channels are compared, each pair once. */
static void
compare_channels(struct comparison *c, const struct boxes *old, const struct boxes *new)
{
	for (size_t from = 0, end; from < old->count; from = end) {
		size_t first = c->channel_count;

		end = channel_end(old, from);
		for (size_t i = from; i < end; i++)
			for (size_t j = 0; j < new->count; j++) {
				struct connections_box common;

				if (!box_overlap(&old->items[i], &new->items[j], &common))
					continue;
				if (!is_pair(c, old->items[i].channel, new->items[j].channel))
					compare_pair(
					    c, old->items[i].channel, new->items[j].channel);
			}
		/* those without a change were only kept to be known */
		for (size_t i = first; i < c->channel_count;) {
			struct channel_change *change = &c->channels[i];

			if (change->setting_count > 0 || change->messages.count > 0) {
				i++;
				continue;
			}
			differences_done(&change->messages);
			*change = c->channels[--c->channel_count];
		}
	}
}

void
comparison_make(
    const struct policy *old, const struct policy *new, struct comparison *ret_comparison)
{
	struct boxes boxes[SIDE_COUNT];

	*ret_comparison = (struct comparison){0};
	interfaces_add(&ret_comparison->interfaces, old);
	interfaces_add(&ret_comparison->interfaces, new);
	boxes_of(old, &ret_comparison->interfaces, &boxes[SIDE_OLD]);
	boxes_of(new, &ret_comparison->interfaces, &boxes[SIDE_NEW]);
	compare_connections(ret_comparison, CHANGE_ADDED, &boxes[SIDE_NEW], &boxes[SIDE_OLD]);
	compare_connections(ret_comparison, CHANGE_REMOVED, &boxes[SIDE_OLD], &boxes[SIDE_NEW]);
	compare_channels(ret_comparison, &boxes[SIDE_OLD], &boxes[SIDE_NEW]);
	boxes_done(&boxes[SIDE_OLD]);
	boxes_done(&boxes[SIDE_NEW]);
}

void
comparison_done(struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->connections_count; i++)
		boxes_done(&comparison->connections[i].boxes);
	for (size_t i = 0; i < comparison->channel_count; i++)
		differences_done(&comparison->channels[i].messages);
	free(comparison->connections);
	free(comparison->channels);
	interfaces_done(&comparison->interfaces);
}

bool
comparison_differs(const struct comparison *comparison)
{
	return comparison->connections_count > 0 || comparison->channel_count > 0;
}
