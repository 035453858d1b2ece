/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz: policy files.  Whatever is in one, it loads or has errors; what loads prints to itself.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "load.h"
#include "print.h"

static void
demand(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* Only what is told line by line is an error; each line is one line of text. */
static void
check_diagnostics(const struct diagnostics *diagnostics, int result)
{
	size_t i, errors = 0;
	char *line;

	for (i = 0; i < diagnostics->count; i++) {
		errors += diagnostics->items[i].severity == SEVERITY_ERROR;
		line = diagnostic_print(&diagnostics->items[i]);
		demand(line && !strchr(line, '\n'), "a diagnostic is not one line");
		free(line);
	}
	demand((result != 0) == (diagnostics->error_count != 0), "errors and result disagree");
	demand(errors <= diagnostics->error_count, "errors were not counted");
}

static void
check_print(const struct policy *policy)
{
	struct diagnostics diagnostics;
	struct policy *again = NULL;
	char *text = policy_print(policy), *printed;

	demand(text != NULL, "no print");
	demand(
	    policy_load_text(text, "print", &again, &diagnostics) == 0, "its print does not load");
	printed = policy_print(again);
	demand(strcmp(text, printed) == 0, "its print does not print to itself");
	demand(strcmp(policy->hash, again->hash) == 0, "its print has another hash");
	free(text);
	free(printed);
	diagnostics_done(&diagnostics);
	policy_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	char *text = malloc(size + 1);
	int r;

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	r = policy_load_text(text, "fuzz", &policy, &diagnostics);
	check_diagnostics(&diagnostics, r);
	if (r == 0)
		check_print(policy);
	diagnostics_done(&diagnostics);
	policy_free(policy);
	free(text);
	return 0;
}
