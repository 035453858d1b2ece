/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice check: is this policy file right?
 *
 * Tells every error and warning of each file; changes nothing and asks nobody.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "output.h"
#include "print.h"
#include "terminal.h"
#include "words.h"

enum { OPTION_PRINT, OPTION_QUIET, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_PRINT] = {"print", 'p', NULL, "print each right policy as canonical text"},
    [OPTION_QUIET] = {"quiet", 'q', NULL, "no summary line"},
    [OPTION_JSON] = {"json", 0, NULL, "one JSON object a file"},
};

static void
print_summary(const char *file, const struct policy *policy, const struct diagnostics *diagnostics)
{
	size_t warnings = diagnostics->warning_count;

	printf("%s: %s%s%s: %s, %s, %s, %s\n", file, style(warnings ? STYLE_WARN : STYLE_GOOD),
	    "right", style_end(), words_count(policy->zone_count, "zone"),
	    words_count(policy->conduit_count, "conduit"),
	    words_count(policy->channel_count, "channel"), words_count(warnings, "warning"));
}

static void
print_json(const char *file, const struct policy *policy, const struct diagnostics *diagnostics)
{
	json_t *object = json_pack("{s:s, s:b, s:I, s:I, s:o}", "file", file, "right",
	    policy != NULL, "errors", (json_int_t)diagnostics->error_count, "warnings",
	    (json_int_t)diagnostics->warning_count, "diagnostics",
	    output_diagnostics_json(diagnostics));

	if (policy)
		json_object_update_new(object,
		    json_pack("{s:I, s:I, s:I, s:s}", "zones", (json_int_t)policy->zone_count,
			"conduits", (json_int_t)policy->conduit_count, "channels",
			(json_int_t)policy->channel_count, "policy", policy->hash));
	output_json(object);
}

static int
print_canonical(const struct policy *policy)
{
	char *text = policy_print(policy);

	if (!text) {
		complain("check: out of memory");
		return -1;
	}
	fputs(text, stdout);
	free(text);
	return 0;
}

static enum answer
check_file(const char *file, const struct arguments *arguments)
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = NULL;
	int r = policy_load(file, &policy, &diagnostics);
	bool unreadable = r < 0 && r != -EINVAL;

	if (arguments->values[OPTION_JSON])
		print_json(file, policy, &diagnostics);
	else
		output_diagnostics(&diagnostics);
	if (r < 0 && !arguments->values[OPTION_JSON] && !unreadable)
		fprintf(stderr, "%s: %swrong%s: %s\n", file, style_error(STYLE_BAD),
		    style_error_end(), words_count(diagnostics.error_count, "error"));
	if (policy && arguments->values[OPTION_PRINT] && print_canonical(policy) < 0)
		unreadable = true;
	else if (policy && !arguments->values[OPTION_JSON] && !arguments->values[OPTION_QUIET] &&
	    !arguments->values[OPTION_PRINT])
		print_summary(file, policy, &diagnostics);
	diagnostics_done(&diagnostics);
	policy_free(policy);
	return unreadable ? ANSWER_UNKNOWN : r < 0 ? ANSWER_NO : ANSWER_YES;
}

static enum answer
run(const struct arguments *arguments)
{
	enum answer worst = ANSWER_YES;

	if (arguments->values[OPTION_PRINT] && arguments->values[OPTION_JSON]) {
		complain("check: --print and --json exclude each other");
		return ANSWER_UNKNOWN;
	}
	for (size_t i = 0; i < arguments->operand_count; i++) {
		enum answer answer = check_file(arguments->operands[i], arguments);

		if (answer > worst)
			worst = answer;
	}
	return worst;
}

const struct command check_command = {
    .name = "check",
    .operands = "POLICY...",
    .summary = "Tell everything that is wrong with policy files",
    .text = "Errors and warnings name their file and line.  Exit status: 0 all files are right\n"
	    "(there may be warnings), 1 a file has errors, 2 a file cannot be read.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = run,
};
