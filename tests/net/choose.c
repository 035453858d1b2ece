/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choose: see choose.h. */
#include "choose.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

void
choose_tests(const char *pattern, const struct CMUnitTest *tests, size_t count)
{
	if (!pattern)
		return;
	for (size_t i = 0; i < count; i++) {
		if (fnmatch(pattern, tests[i].name, 0) == 0) {
			cmocka_set_test_filter(pattern);
			return;
		}
	}
	fprintf(stderr, "no test has a name like '%s'; there are:\n", pattern);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "  %s\n", tests[i].name);
	exit(2);
}
