/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice check: is this policy file right, and would an assessor agree with it?
 *
 * Tells every error and warning of each file; changes nothing and asks nobody.  What is found is
 * for policy/language to say.
 */
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "check_sarif.h"
#include "check_seen.h"
#include "check_told.h"
#include "command.h"
#include "numbers.h"
#include "output.h"
#include "print.h"
#include "review.h"
#include "terminal.h"
#include "words.h"

enum {
	OPTION_PRINT,
	OPTION_QUIET,
	OPTION_REVIEW,
	OPTION_MACHINE,
	OPTION_SEEN,
	OPTION_ON,
	OPTION_SARIF,
	OPTION_JSON,
};

static const struct option_row options[] = {
    [OPTION_PRINT] = {"print", 'p', NULL, "print each right policy as canonical text"},
    [OPTION_QUIET] = {"quiet", 'q', NULL, "no summary line"},
    [OPTION_REVIEW] = {"review", 'r', NULL, "look further, as an assessor does"},
    [OPTION_MACHINE] = {"machine", 'm', NULL, "compare with the interfaces of this machine"},
    [OPTION_SEEN] = {"seen", 's', "CAPTURE", "name what nothing in this capture needed"},
    [OPTION_ON] = {"on", 0, "DAY", "as on this day, YYYY-MM-DD; today if left out"},
    [OPTION_SARIF] = {"sarif", 0, NULL, "all files as one log for tools of code review"},
    [OPTION_JSON] = {"json", 0, NULL, "one JSON object a file"},
};

enum { DAY_SIZE = 11, INTERFACES_MAX = 4096 };

struct check {
	const struct arguments *arguments;
	char today[DAY_SIZE];
	json_t *sarif; /* NULL: not asked for */
	struct check_told told;
};

static size_t
count_accepted(const struct diagnostics *diagnostics, const char *today)
{
	size_t count = 0;

	for (size_t i = 0; i < diagnostics->count; i++)
		count += review_is_accepted(&diagnostics->items[i], today);
	return count;
}

/* " for gateway north" where a file has several. */
static void
print_name(FILE *out, const char *file, const char *gateway)
{
	fprintf(out, "%s%s%s: ", file, gateway ? " for gateway " : "", gateway ? gateway : "");
}

static void
print_summary(const struct check *check, const char *file, const struct policy *policy,
    const struct diagnostics *diagnostics)
{
	size_t accepted = count_accepted(diagnostics, check->today);
	size_t warnings = diagnostics->warning_count - accepted;

	print_name(stdout, file, policy->gateway);
	printf("%s%s%s: %s, %s, %s, %s", style(warnings ? STYLE_WARN : STYLE_GOOD), "right",
	    style_end(), words_count(policy->zone_count, "zone"),
	    words_count(policy->conduit_count, "conduit"),
	    words_count(policy->channel_count, "channel"), words_count(warnings, "warning"));
	if (accepted > 0)
		printf(", %zu accepted", accepted);
	putchar('\n');
}

static void
print_json(const struct check *check, const char *file, const struct policy *policy,
    const struct diagnostics *diagnostics)
{
	size_t accepted = count_accepted(diagnostics, check->today);
	json_t *object = json_pack("{s:s, s:b, s:I, s:I, s:I, s:o}", "file", file, "right",
	    policy != NULL, "errors", (json_int_t)diagnostics->error_count, "warnings",
	    (json_int_t)(diagnostics->warning_count - accepted), "accepted", (json_int_t)accepted,
	    "diagnostics", output_diagnostics_json(diagnostics, check->today));

	if (policy)
		json_object_update_new(object,
		    json_pack("{s:s*, s:I, s:I, s:I, s:s}", "gateway", policy->gateway, "zones",
			(json_int_t)policy->zone_count, "conduits",
			(json_int_t)policy->conduit_count, "channels",
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

/* The interfaces of this machine against those of the zones. */
static int
compare_machine(const struct policy *policy, struct diagnostics *diagnostics)
{
	struct if_nameindex *found = if_nameindex();
	const char **names = calloc(INTERFACES_MAX, sizeof(*names));
	size_t count = 0;
	int r = found && names ? 0 : -errno;

	for (size_t i = 0; r == 0 && found[i].if_index != 0 && count < INTERFACES_MAX; i++)
		names[count++] = found[i].if_name;
	if (r == 0)
		r = review_interfaces(policy, names, count, diagnostics);
	else
		complain("check: cannot list the interfaces of this machine");
	if (found)
		if_freenameindex(found);
	free(names);
	return r;
}

/* Is any of what only a review tells asked for? */
static bool
wants_review(const struct arguments *arguments)
{
	return arguments->values[OPTION_REVIEW] || arguments->values[OPTION_MACHINE] ||
	    arguments->values[OPTION_SEEN] || arguments->values[OPTION_SARIF];
}

static int
review(const struct check *check, const struct policy *policy, struct diagnostics *diagnostics)
{
	const char *const *values = check->arguments->values;
	int r = 0;

	if (!wants_review(check->arguments))
		return 0;
	if (values[OPTION_MACHINE])
		r = compare_machine(policy, diagnostics);
	if (r == 0 && values[OPTION_SEEN])
		r = check_seen(policy, values[OPTION_SEEN], diagnostics);
	if (r < 0)
		return r;
	r = review_policy(policy, check->today, diagnostics);
	if (r < 0)
		complain("check: out of memory");
	return r;
}

/* What is wrong; of a part of a file only what was not told of another part. */
static bool
tell_diagnostics(struct check *check, const char *file, const struct policy *policy,
    const struct diagnostics *diagnostics)
{
	struct diagnostics fresh;

	if (!check->sarif && check->arguments->values[OPTION_JSON]) {
		print_json(check, file, policy, diagnostics);
		return true;
	}
	if (check_told_take(&check->told, diagnostics, &fresh) < 0) {
		complain("check: out of memory");
		return false;
	}
	if (check->sarif)
		check_sarif_add(check->sarif, &fresh, check->today);
	else
		output_diagnostics(&fresh, check->today);
	free(fresh.items);
	return true;
}

static bool
tell(struct check *check, const char *file, const char *gateway, const struct policy *policy,
    const struct diagnostics *diagnostics, bool unreadable)
{
	const char *const *values = check->arguments->values;

	if (!tell_diagnostics(check, file, policy, diagnostics))
		return false;
	if (check->sarif || values[OPTION_JSON])
		return true;
	if (!policy && !unreadable) {
		print_name(stderr, file, gateway);
		fprintf(stderr, "%swrong%s: %s\n", style_error(STYLE_BAD), style_error_end(),
		    words_count(diagnostics->error_count, "error"));
	}
	if (policy && values[OPTION_PRINT])
		return print_canonical(policy) == 0;
	if (policy && !values[OPTION_QUIET])
		print_summary(check, file, policy, diagnostics);
	return true;
}

static enum answer
check_part(struct check *check, const char *file, const char *gateway)
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = NULL;
	int r = policy_load_part(file, gateway, &policy, &diagnostics);
	bool unknown = r < 0 && r != -EINVAL;

	if (policy && review(check, policy, &diagnostics) < 0)
		unknown = true;
	if (!tell(check, file, gateway, policy, &diagnostics, unknown))
		unknown = true;
	diagnostics_done(&diagnostics);
	policy_free(policy);
	return unknown ? ANSWER_UNKNOWN : r < 0 ? ANSWER_NO : ANSWER_YES;
}

/* The whole file, that is the part of each gateway unless one is chosen. */
static enum answer
check_file(struct check *check, const char *file)
{
	enum answer worst = ANSWER_YES, answer;
	char **names = NULL;
	size_t count = command_gateway() ? 0 : policy_gateways(file, &names);

	if (count == 0)
		worst = check_part(check, file, command_gateway());
	for (size_t i = 0; i < count; i++) {
		answer = check_part(check, file, names[i]);
		worst = answer > worst ? answer : worst;
	}
	free(names);
	check_told_done(&check->told);
	return worst;
}

/* The day of the review. */
static int
choose_day(struct check *check)
{
	const char *day = check->arguments->values[OPTION_ON];
	time_t now = time(NULL);
	struct tm tm;

	if (day && !numbers_date_valid(day)) {
		complain("check: --on %s is no day; expected it as YYYY-MM-DD", day);
		return -EINVAL;
	}
	if (day)
		snprintf(check->today, sizeof(check->today), "%.10s", day);
	else if (!localtime_r(&now, &tm) ||
	    strftime(check->today, sizeof(check->today), "%Y-%m-%d", &tm) == 0)
		snprintf(check->today, sizeof(check->today), "1970-01-01");
	return 0;
}

static enum answer
run(const struct arguments *arguments)
{
	struct check check = {.arguments = arguments};
	enum answer worst = ANSWER_YES;

	if (!!arguments->values[OPTION_PRINT] + !!arguments->values[OPTION_JSON] +
		!!arguments->values[OPTION_SARIF] >
	    1) {
		complain("check: --print, --json and --sarif exclude each other");
		return ANSWER_UNKNOWN;
	}
	if (choose_day(&check) < 0)
		return ANSWER_UNKNOWN;
	if (arguments->values[OPTION_SARIF])
		check.sarif = check_sarif_new();
	for (size_t i = 0; i < arguments->operand_count; i++) {
		enum answer answer = check_file(&check, arguments->operands[i]);

		if (answer > worst)
			worst = answer;
	}
	if (check.sarif)
		output_json(check.sarif);
	return worst;
}

const struct command check_command = {
    .name = "check",
    .operands = "POLICY...",
    .summary = "Tell everything that is wrong with policy files",
    .text = "Errors and warnings name their file and line; each warning has a name, by which the\n"
	    "policy can accept it.  Exit status: 0 all files are right (there may be warnings),\n"
	    "1 a file has errors, 2 a file cannot be read.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .reads_policy = true,
    .run = run,
};
