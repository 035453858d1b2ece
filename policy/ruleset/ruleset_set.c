/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset set: growing, sorting and dividing one set.  Knows keys and intervals, not policies.
 *
 * The kernel's sets of concatenated intervals refuse elements that overlap, and which of two
 * overlapping ones would match is not promised.  So elements are divided here until they are
 * disjoint.  Most overlap none, which is found without comparing each with all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset_set.h"

struct ruleset_element *
ruleset_set_add(struct ruleset_set *set)
{
	size_t count = set->element_count;

	if (count >= RULESET_ELEMENTS_MAX) {
		errno = E2BIG;
		return NULL;
	}
	if ((count & (count - 1)) == 0) { /* none yet, or a power of two: full */
		size_t room = count == 0 ? 1 : count * 2;
		void *elements = realloc(set->elements, room * sizeof(set->elements[0]));

		if (elements == NULL)
			return NULL;
		set->elements = elements;
	}
	set->element_count++;
	memset(&set->elements[count], 0, sizeof(set->elements[count]));
	return &set->elements[count];
}

void
ruleset_key_put(uint8_t *key, size_t *offset, const void *bytes, size_t size)
{
	memcpy(&key[*offset], bytes, size);
	*offset += (size + 3) / 4 * 4;
}

static int
compare(const void *a, const void *b)
{
	const struct ruleset_element *left = a, *right = b;
	int order = memcmp(left->first, right->first, sizeof(left->first));

	if (order != 0)
		return order;
	return left->mark < right->mark ? -1 : left->mark > right->mark;
}

/* qsort() of what is usually in order already. */
static void
sort(void *items, size_t count, size_t size, int (*order)(const void *, const void *))
{
	const uint8_t *bytes = items;

	for (size_t i = 1; i < count; i++)
		if (order(&bytes[(i - 1) * size], &bytes[i * size]) > 0) {
			qsort(items, count, size, order);
			return;
		}
}

void
ruleset_set_sort(struct ruleset_set *set)
{
	size_t kept = 0;

	if (set->element_count == 0)
		return;
	sort(set->elements, set->element_count, sizeof(set->elements[0]), compare);
	for (size_t i = 1; i < set->element_count; i++) {
		const uint8_t *before = set->elements[kept].first;

		if (memcmp(before, set->elements[i].first, RULESET_KEY_MAX) != 0 && ++kept != i)
			set->elements[kept] = set->elements[i];
	}
	set->element_count = kept + 1;
}

/* One field of a key: where it stands. */
struct field {
	size_t offset;
	size_t size;
};

static size_t
fields_of(const struct ruleset_set *set, struct field *fields)
{
	size_t offset = 0;

	for (size_t i = 0; i < set->field_count; i++) {
		fields[i] = (struct field){offset, ruleset_type_size(set->fields[i])};
		offset += ruleset_type_room(set->fields[i]);
	}
	return set->field_count;
}

static bool
overlap(const struct ruleset_element *a, const struct ruleset_element *b,
    const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = fields[i].offset, size = fields[i].size;

		if (memcmp(&a->last[at], &b->first[at], size) < 0 ||
		    memcmp(&b->last[at], &a->first[at], size) < 0)
			return false;
	}
	return true;
}

/* ---- which elements overlap ---- */

/* One field of an element, in a room that fits all. */
struct reach {
	uint8_t first[RULESET_IFNAME_SIZE];
	uint8_t last[RULESET_IFNAME_SIZE];
	size_t element;
};

static int
compare_reach(const void *a, const void *b)
{
	const struct reach *left = a, *right = b;

	return memcmp(left->first, right->first, sizeof(left->first));
}

static void
sort_reach(struct reach *reach, const struct ruleset_set *set, const struct field *field)
{
	memset(reach, 0, set->element_count * sizeof(reach[0]));
	for (size_t i = 0; i < set->element_count; i++) {
		const struct ruleset_element *element = &set->elements[i];

		memcpy(reach[i].first, &element->first[field->offset], field->size);
		memcpy(reach[i].last, &element->last[field->offset], field->size);
		reach[i].element = i;
	}
	sort(reach, set->element_count, sizeof(reach[0]), compare_reach);
}

/* Where those end that begin within number `i`. */
static size_t
reach_end(const struct reach *reach, size_t count, size_t i)
{
	size_t low = i + 1, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(reach[middle].first, reach[i].last, sizeof(reach[i].last)) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Pairs that would have to be compared. */
static size_t
count_pairs(const struct reach *reach, size_t count)
{
	size_t pairs = 0;

	for (size_t i = 0; i < count; i++)
		pairs += reach_end(reach, count, i) - (i + 1);
	return pairs;
}

/* Sort by the field in which the fewest pairs meet, or the first in which only few do. */
static void
sort_by_best(
    struct reach *reach, const struct ruleset_set *set, const struct field *fields, size_t count)
{
	size_t best = 0, fewest = SIZE_MAX, i;

	for (i = 0; i < count && fewest > 4 * set->element_count; i++) {
		size_t pairs;

		sort_reach(reach, set, &fields[i]);
		pairs = count_pairs(reach, set->element_count);
		if (pairs < fewest) {
			fewest = pairs;
			best = i;
		}
	}
	if (best + 1 != i)
		sort_reach(reach, set, &fields[best]);
}

/* Which elements overlap others; returns their number. */
static size_t
mark_overlapping(const struct ruleset_set *set, const struct reach *reach,
    const struct field *fields, size_t count, bool *overlapping)
{
	size_t found = 0;

	for (size_t i = 0; i < set->element_count; i++) {
		size_t end = reach_end(reach, set->element_count, i), one = reach[i].element;

		for (size_t j = i + 1; j < end; j++) {
			size_t other = reach[j].element;

			if (!overlap(&set->elements[one], &set->elements[other], fields, count))
				continue;
			found += !overlapping[one] + !overlapping[other];
			overlapping[one] = overlapping[other] = true;
		}
	}
	return found;
}

/* ---- dividing those that do ---- */

/* Add one to a number of `size` bytes, most significant first, or take one away. */
static void
step(uint8_t *number, size_t size, bool up)
{
	uint8_t carry = up ? 0xff : 0x00; /* a digit that makes the next one change too */

	for (size_t i = size; i-- > 0;) {
		bool again = number[i] == carry;

		number[i] = (uint8_t)(up ? number[i] + 1 : number[i] - 1);
		if (!again)
			break;
	}
}

/* What is left to be added: an element and the first of those in the set that it may still overlap.
 */
struct piece {
	struct ruleset_element element;
	size_t from;
};

struct pieces {
	struct piece *items;
	size_t count;
	size_t room;
};

static int
pieces_push(struct pieces *pieces, const struct ruleset_element *element, size_t from)
{
	if (pieces->count == pieces->room) {
		size_t room = pieces->room == 0 ? 64 : pieces->room * 2;
		void *items = realloc(pieces->items, room * sizeof(pieces->items[0]));

		if (items == NULL)
			return -ENOMEM;
		pieces->items = items;
		pieces->room = room;
	}
	pieces->items[pieces->count++] = (struct piece){*element, from};
	return 0;
}

/* Push the parts of `element` outside `other`, which overlaps it: at most two for each field. */
static int
cut_out(struct pieces *pieces, struct ruleset_element element, const struct ruleset_element *other,
    const struct field *fields, size_t count, size_t from)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = fields[i].offset, size = fields[i].size;
		struct ruleset_element part = element;
		int r = 0;

		if (memcmp(&element.first[at], &other->first[at], size) < 0) {
			memcpy(&part.last[at], &other->first[at], size);
			step(&part.last[at], size, false);
			r = pieces_push(pieces, &part, from);
			memcpy(&element.first[at], &other->first[at], size);
		}
		if (r == 0 && memcmp(&element.last[at], &other->last[at], size) > 0) {
			part = element;
			memcpy(&part.first[at], &other->last[at], size);
			step(&part.first[at], size, true);
			r = pieces_push(pieces, &part, from);
			memcpy(&element.last[at], &other->last[at], size);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* Add all pieces to the set, cutting out what it has already. */
static int
add_pieces(struct ruleset_set *set, struct pieces *pieces, const struct field *fields, size_t count)
{
	while (pieces->count > 0) {
		struct piece piece = pieces->items[--pieces->count];
		struct ruleset_element *added;
		size_t i = piece.from;
		int r;

		while (i < set->element_count &&
		    !overlap(&piece.element, &set->elements[i], fields, count))
			i++;
		if (i < set->element_count) {
			r = cut_out(pieces, piece.element, &set->elements[i], fields, count, i + 1);
			if (r < 0)
				return r;
			continue;
		}
		added = ruleset_set_add(set);
		if (added == NULL)
			return -errno;
		*added = piece.element;
	}
	return 0;
}

/* Elements that overlap no other stay what they are. */
static int
divide(struct ruleset_set *set, const bool *overlapping, const struct field *fields, size_t count)
{
	struct ruleset_set old = *set;
	struct pieces pieces = {0};
	int r = 0;

	set->elements = NULL;
	set->element_count = 0;
	for (size_t i = 0; i < old.element_count && r == 0; i++) {
		r = pieces_push(&pieces, &old.elements[i], overlapping[i] ? 0 : SIZE_MAX);
		if (r == 0)
			r = add_pieces(set, &pieces, fields, count);
	}
	free(pieces.items);
	free(old.elements);
	return r;
}

int
ruleset_set_divide(struct ruleset_set *set)
{
	struct field fields[RULESET_FIELDS_MAX];
	size_t count = fields_of(set, fields);
	struct reach *reach = calloc(set->element_count + 1, sizeof(*reach));
	bool *overlapping = calloc(set->element_count + 1, sizeof(*overlapping));
	int r = reach == NULL || overlapping == NULL ? -ENOMEM : 0;

	if (r == 0) {
		sort_by_best(reach, set, fields, count);
		if (mark_overlapping(set, reach, fields, count, overlapping) > 0)
			r = divide(set, overlapping, fields, count);
	}
	free(reach);
	free(overlapping);
	return r;
}
