/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset compare: see ruleset_compare.h.
 */
#include <string.h>

#include "ruleset_chains.h"
#include "ruleset_compare.h"

static bool
has_chain(const struct ruleset *ruleset, const char *name)
{
	const struct ruleset_chain *chain = NULL;

	while ((chain = ruleset_chains_next(ruleset, chain)))
		if (strcmp(chain->name, name) == 0)
			return true;
	return false;
}

static bool
has_counter(const struct ruleset *ruleset, const char *name)
{
	for (size_t i = 0; i < ruleset->counter_count; i++)
		if (strcmp(ruleset->counters[i], name) == 0)
			return true;
	return false;
}

static int
compare_keys(const struct ruleset_element *a, const struct ruleset_element *b)
{
	int r = memcmp(a->first, b->first, sizeof(a->first));

	return r != 0 ? r : memcmp(a->last, b->last, sizeof(a->last));
}

/* Both are sorted by their keys. */
static void
compare_sets(const struct ruleset_set *before, const struct ruleset_set *after, size_t *ret_added,
    size_t *ret_removed)
{
	size_t i = 0, j = 0, both = 0;

	while (i < before->element_count && j < after->element_count) {
		int r = compare_keys(&before->elements[i], &after->elements[j]);

		both += r == 0;
		i += r <= 0;
		j += r >= 0;
	}
	*ret_added = after->element_count - both;
	*ret_removed = before->element_count - both;
}

void
ruleset_compare(const struct ruleset *before, const struct ruleset *after,
    ruleset_difference *callback, void *context)
{
	const struct ruleset_chain *chain = NULL;

	while ((chain = ruleset_chains_next(before, chain)))
		if (!has_chain(after, chain->name))
			callback(context, "chain", chain->name, 0, 1);
	while ((chain = ruleset_chains_next(after, chain)))
		if (!has_chain(before, chain->name))
			callback(context, "chain", chain->name, 1, 0);
	for (size_t i = 0; i < before->counter_count; i++)
		if (!has_counter(after, before->counters[i]))
			callback(context, "counter", before->counters[i], 0, 1);
	for (size_t i = 0; i < after->counter_count; i++)
		if (!has_counter(before, after->counters[i]))
			callback(context, "counter", after->counters[i], 1, 0);
	for (size_t i = 0; i < before->set_count && i < after->set_count; i++) {
		size_t added, removed;

		if (before->sets[i].fields[0] == RULESET_TYPE_MARK)
			continue;
		compare_sets(&before->sets[i], &after->sets[i], &added, &removed);
		if (added + removed > 0)
			callback(context, "set", before->sets[i].name, added, removed);
	}
}
