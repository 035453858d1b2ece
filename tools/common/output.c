/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output: see output.h.
 */
#include <stdio.h>

#include "output.h"
#include "terminal.h"

void
output_json(json_t *object)
{
	if (!object || json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15)) < 0)
		complain("cannot print JSON: out of memory");
	putchar('\n');
	json_decref(object);
}

json_t *
output_string(const char *text)
{
	return text ? json_string(text) : json_null();
}

void
output_diagnostics(const struct diagnostics *diagnostics)
{
	static const struct {
		const char *word;
		enum style style;
	} kinds[] = {
	    [SEVERITY_ERROR] = {"error", STYLE_BAD},
	    [SEVERITY_WARNING] = {"warning", STYLE_WARN},
	};

	fflush(stdout);
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *d = &diagnostics->items[i];

		fputs(style_error(STYLE_STRONG), stderr);
		if (d->where.file && d->where.line)
			fprintf(stderr, "%s:%u: ", d->where.file, d->where.line);
		else if (d->where.file)
			fprintf(stderr, "%s: ", d->where.file);
		fprintf(stderr, "%s%s%s:%s %s", style_error_end(),
		    style_error(kinds[d->severity].style), kinds[d->severity].word,
		    style_error_end(), d->message);
		if (d->clause)
			fprintf(stderr, " %s[%s]%s", style_error(STYLE_FAINT), d->clause,
			    style_error_end());
		fputc('\n', stderr);
	}
	if (diagnostics->suppressed)
		fprintf(stderr, "%zu more are not shown\n", diagnostics->suppressed);
}

json_t *
output_diagnostics_json(const struct diagnostics *diagnostics)
{
	json_t *array = json_array();

	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *d = &diagnostics->items[i];

		json_array_append_new(array,
		    json_pack("{s:s, s:o, s:i, s:s, s:o}", "severity",
			d->severity == SEVERITY_ERROR ? "error" : "warning", "file",
			output_string(d->where.file), "line", (int)d->where.line, "message",
			d->message, "clause", output_string(d->clause)));
	}
	return array;
}

struct policy *
output_load_policy(const char *command, const char *file)
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = NULL;
	int r = policy_load(file, &policy, &diagnostics);

	if (r < 0) {
		output_diagnostics(&diagnostics);
		complain("%s: the policy %s cannot be used", command, file);
	}
	diagnostics_done(&diagnostics);
	return r < 0 ? NULL : policy;
}
