/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine counters: see engine_counters.h. */
#include "engine_counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow_arena.h"

typedef bool same_name(const struct policy *a, size_t i, const struct policy *b, size_t k);

static bool
same_channel(const struct policy *a, size_t i, const struct policy *b, size_t k)
{
	return strcmp(a->channels[i]->name, b->channels[k]->name) == 0 &&
	    strcmp(a->channels[i]->conduit->name, b->channels[k]->conduit->name) == 0;
}

static bool
same_conduit(const struct policy *a, size_t i, const struct policy *b, size_t k)
{
	return strcmp(a->conduits[i].name, b->conduits[k].name) == 0;
}

/* One array of counters: how many elements the policies have, and how many are counted. */
struct row {
	void *counters;
	size_t size; /* of one element */
	size_t room;
	size_t before;
	size_t now;
	same_name *same;
};

/* Most policies differ little from the one before: what follows there, follows here. */
static int
follow(const struct row *row, const struct policy *before, const struct policy *policy)
{
	uint8_t *to = row->counters, *from = malloc(row->room * row->size);
	size_t expected = 0;

	if (from == NULL)
		return -ENOMEM;
	memcpy(from, to, row->room * row->size);
	memset(to, 0, row->room * row->size);
	for (size_t i = 0; i < row->now && i < row->room; i++) {
		for (size_t tried = 0; tried < row->before; tried++) {
			size_t k = (expected + tried) % row->before;

			if (!row->same(policy, i, before, k))
				continue;
			if (k < row->room)
				memcpy(&to[i * row->size], &from[k * row->size], row->size);
			expected = k + 1;
			break;
		}
	}
	free(from);
	return 0;
}

int
engine_counters_follow(void *arena, const struct policy *before, const struct policy *policy)
{
	struct flow_table table = {.fast = NULL};
	int r;

	flow_table_attach(&table, arena);
	r = follow(&(struct row){table.channels, sizeof(table.channels[0]), CHANNEL_COUNTERS_MAX,
		       before->channel_count, policy->channel_count, same_channel},
	    before, policy);
	if (r == 0)
		r = follow(
		    &(struct row){table.conduits, sizeof(table.conduits[0]), CONDUIT_COUNTERS_MAX,
			before->conduit_count, policy->conduit_count, same_conduit},
		    before, policy);
	return r;
}
