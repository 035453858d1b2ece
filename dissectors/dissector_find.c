/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dissector by name.  Apart from the list, so that a test can bring a list of its own.
 */
#include <string.h>

#include "dissectors.h"

const struct dissector *
dissector_find(const char *name)
{
	for (const struct dissector *const *d = dissectors; *d != NULL; d++)
		if (strcmp((*d)->name, name) == 0)
			return *d;
	return NULL;
}
