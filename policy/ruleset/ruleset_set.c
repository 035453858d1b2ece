/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset set: growing, sorting and dividing one set.  Knows keys and intervals, not policies.
 *
 * The kernel's sets of concatenated intervals refuse elements that overlap, and which of two
 * overlapping ones would match is not promised.  So elements are divided here until they are
 * disjoint.
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

void
ruleset_set_sort(struct ruleset_set *set)
{
	size_t kept = 0;

	if (set->element_count == 0)
		return;
	qsort(set->elements, set->element_count, sizeof(set->elements[0]), compare);
	for (size_t i = 1; i < set->element_count; i++) {
		const uint8_t *before = set->elements[kept].first;

		if (memcmp(before, set->elements[i].first, RULESET_KEY_MAX) != 0)
			set->elements[++kept] = set->elements[i];
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

int
ruleset_set_divide(struct ruleset_set *set)
{
	struct field fields[RULESET_FIELDS_MAX];
	size_t count = fields_of(set, fields);
	struct ruleset_set old = *set;
	struct pieces pieces = {0};
	int r = 0;

	set->elements = NULL;
	set->element_count = 0;
	for (size_t i = 0; i < old.element_count && r == 0; i++) {
		r = pieces_push(&pieces, &old.elements[i], 0);
		if (r == 0)
			r = add_pieces(set, &pieces, fields, count);
	}
	free(pieces.items);
	free(old.elements);
	return r;
}
