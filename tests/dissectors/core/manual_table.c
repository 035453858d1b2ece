/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of functions in a protocol's manual page must be its catalogue, row by row.
 *
 *   manual_table PROTOCOL FILE
 *
 * With "-" for FILE the table is printed as it should be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"

enum { PAGE_MAX = 1 << 20 };

static void
print_row(const struct function *f, char *buf, size_t size)
{
	char sub[16] = "";

	if (f->sub != FUNCTION_NO_SUB)
		snprintf(sub, sizeof(sub), "/%u", f->sub);
	snprintf(buf, size, ".It Li %s Ta %u%s Ta %s Ta %s\n", f->name, f->code, sub,
	    access_word((enum access)f->access), f->section);
}

int
main(int argc, char **argv)
{
	const struct dissector *d = argc == 3 ? dissector_find(argv[1]) : NULL;
	static char page[PAGE_MAX], row[512];
	const char *at = page;
	unsigned missing = 0;
	FILE *f;

	if (!d) {
		fprintf(stderr, "usage: manual_table PROTOCOL FILE\n");
		return 2;
	}
	if (strcmp(argv[2], "-") != 0) {
		f = fopen(argv[2], "r");
		if (!f || fread(page, 1, sizeof(page) - 1, f) == 0) {
			perror(argv[2]);
			return 2;
		}
		fclose(f);
	}
	for (uint32_t i = 0; i < d->function_count; i++) {
		const char *found;

		print_row(&d->functions[i], row, sizeof(row));
		found = strstr(at, row);
		if (found) {
			at = &found[strlen(row)];
			continue;
		}
		missing++;
		printf("%s", row);
	}
	return missing > 0;
}
