/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft names: a sorted list of names of kernel objects.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nft_names.h"

int
nft_names_add(struct nft_names *names, const char *name)
{
	char *copy;

	if (names->count == names->room) {
		size_t room = names->room * 2 + 16;
		void *items = realloc(names->items, room * sizeof(names->items[0]));

		if (items == NULL)
			return -ENOMEM;
		names->items = items;
		names->room = room;
	}
	copy = strdup(name);
	if (copy == NULL)
		return -ENOMEM;
	names->items[names->count++] = copy;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

void
nft_names_sort(struct nft_names *names)
{
	if (names->count > 0)
		qsort(names->items, names->count, sizeof(names->items[0]), compare);
}

bool
nft_names_have(const struct nft_names *names, const char *name)
{
	return names->count > 0 &&
	    bsearch(&name, names->items, names->count, sizeof(names->items[0]), compare) != NULL;
}

void
nft_names_done(struct nft_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct nft_names){0};
}
