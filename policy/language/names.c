/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names: validity and edit distance. */
#include "names.h"

#include <ctype.h>
#include <string.h>

/* Longer words are never compared: nobody means them. */
enum { WORD_MAX = 79 };

bool
name_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t length = strlen(name);

	return length > 0 && length <= NAME_MAX_LENGTH && strspn(name, letters) > 0 &&
	    strspn(name, others) == length;
}

static bool
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: rows of the table are kept for the last two letters of `a`. */
size_t
names_distance(const char *a, const char *b, size_t limit)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t length_a = strlen(a), length_b = strlen(b);
	size_t i, j;

	if (length_a > WORD_MAX || length_b > WORD_MAX)
		return limit + 1;
	if ((length_a > length_b ? length_a - length_b : length_b - length_a) > limit)
		return limit + 1;
	for (j = 0; j <= length_b; j++)
		last[j] = j;
	memset(rows[0], 0, sizeof(rows[0]));
	for (i = 1; i <= length_a; i++) {
		row[0] = i;
		for (j = 1; j <= length_b; j++) {
			row[j] = smaller(last[j], row[j - 1]) + 1;
			row[j] = smaller(row[j], last[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return smaller(last[length_b], limit + 1);
}

void
nearest_init(struct nearest *nearest, const char *wanted)
{
	size_t length = strlen(wanted);

	nearest->wanted = wanted;
	nearest->best = NULL;
	/* One slip in a short word, one in three letters of a longer one. */
	nearest->distance = (length < 6 ? 1 : length / 3) + 1;
}

void
nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t distance;

	/* All letters of a very short word replaced is another word. */
	if (nearest->distance == 0)
		return;
	distance = names_distance(nearest->wanted, candidate, nearest->distance - 1);
	if (distance < nearest->distance && distance < strlen(candidate)) {
		nearest->best = candidate;
		nearest->distance = distance;
	}
}

const char *
nearest_take(const struct nearest *nearest)
{
	return nearest->best;
}
