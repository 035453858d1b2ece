/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output: see output.h.
 */
#include <stdio.h>

#include "output.h"
#include "command.h"
#include "review.h"
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

static void
print_diagnostic(const struct diagnostic *d)
{
	static const struct {
		const char *word;
		enum style style;
	} kinds[] = {
	    [SEVERITY_ERROR] = {"error", STYLE_BAD},
	    [SEVERITY_WARNING] = {"warning", STYLE_WARN},
	};

	fputs(style_error(STYLE_STRONG), stderr);
	if (d->where.file && d->where.line)
		fprintf(stderr, "%s:%u: ", d->where.file, d->where.line);
	else if (d->where.file)
		fprintf(stderr, "%s: ", d->where.file);
	fprintf(stderr, "%s%s%s:%s %s", style_error_end(), style_error(kinds[d->severity].style),
	    kinds[d->severity].word, style_error_end(), d->message);
	if (d->id)
		fprintf(stderr, " %s[%s%s%s]%s", style_error(STYLE_FAINT),
		    d->clause ? d->clause : "", d->clause ? " " : "", d->id, style_error_end());
	fputc('\n', stderr);
}

void
output_diagnostics(const struct diagnostics *diagnostics, const char *today)
{
	fflush(stdout);
	for (size_t i = 0; i < diagnostics->count; i++)
		if (today ? !review_is_accepted(&diagnostics->items[i], today)
			  : !diagnostics->items[i].accepted)
			print_diagnostic(&diagnostics->items[i]);
	if (diagnostics->suppressed)
		fprintf(stderr, "%zu more are not shown\n", diagnostics->suppressed);
}

static json_t *
diagnostic_json(const struct diagnostic *d, const char *today)
{
	const struct finding_kind *kind = &finding_kinds[d->finding];
	json_t *object = json_pack("{s:s, s:o, s:i, s:s, s:o}", "severity",
	    d->severity == SEVERITY_ERROR ? "error" : "warning", "file",
	    output_string(d->where.file), "line", (int)d->where.line, "message", d->message,
	    "clause", output_string(d->clause));

	if (!d->id)
		return object;
	json_object_update_new(object,
	    json_pack("{s:s, s:s, s:s}", "id", d->id, "level", finding_level_word(kind->level),
		"advice", kind->advice));
	if (d->accepted)
		json_object_set_new(object, "accepted",
		    json_pack("{s:s, s:s, s:b}", "reason", d->accepted->reason, "until",
			d->accepted->until, "holds", review_is_accepted(d, today)));
	return object;
}

json_t *
output_diagnostics_json(const struct diagnostics *diagnostics, const char *today)
{
	json_t *array = json_array();

	for (size_t i = 0; i < diagnostics->count; i++)
		json_array_append_new(array, diagnostic_json(&diagnostics->items[i], today));
	return array;
}

struct policy *
output_load_policy(const char *command, const char *file)
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = NULL;
	int r = policy_load_part(file, command_gateway(), &policy, &diagnostics);

	if (r < 0) {
		output_diagnostics(&diagnostics, NULL);
		complain("%s: the policy %s cannot be used", command, file);
	}
	diagnostics_done(&diagnostics);
	return r < 0 ? NULL : policy;
}
