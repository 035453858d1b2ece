/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice report: the register of zones and conduits that an assessor asks for, from the policy and
 * the events of a firewall.
 *
 * Reads files and writes one page, or one JSON object, to standard output; asks nobody.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "content.h"
#include "load.h"
#include "numbers.h"
#include "output.h"
#include "page.h"
#include "review.h"
#include "terminal.h"
#include "traffic.h"

enum { OPTION_ON, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_ON] = {"on", 0, "DAY", "as on this day, YYYY-MM-DD; today if left out"},
    [OPTION_JSON] = {"json", 0, NULL, "the same as one JSON object"},
};

enum { DAY_SIZE = 11 };

static bool
choose_day(const char *wanted, char ret_day[DAY_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	if (wanted && !numbers_date_valid(wanted)) {
		complain("report: --on %s is no day; expected it as YYYY-MM-DD", wanted);
		return false;
	}
	if (wanted)
		snprintf(ret_day, DAY_SIZE, "%.10s", wanted);
	else if (!localtime_r(&now, &tm) || strftime(ret_day, DAY_SIZE, "%Y-%m-%d", &tm) == 0)
		snprintf(ret_day, DAY_SIZE, "1970-01-01");
	return true;
}

static enum answer
write_report(const struct arguments *arguments, const struct policy *policy,
    struct diagnostics *diagnostics, const char *day)
{
	json_t *content, *traffic;
	int r = review_policy(policy, day, diagnostics);

	content = r == 0 ? content_make(policy, diagnostics, day) : NULL;
	if (!content) {
		complain("report: out of memory");
		return ANSWER_UNKNOWN;
	}
	if (arguments->operand_count > 1) {
		traffic = traffic_read(
		    (const char *const *)&arguments->operands[1], arguments->operand_count - 1);
		if (!traffic) {
			json_decref(content);
			return ANSWER_UNKNOWN;
		}
		json_object_set_new(content, "traffic", traffic);
	}
	if (arguments->values[OPTION_JSON]) {
		output_json(content);
		return ANSWER_YES;
	}
	r = page_write(content, policy, stdout);
	json_decref(content);
	return r < 0 ? ANSWER_UNKNOWN : ANSWER_YES;
}

static enum answer
run(const struct arguments *arguments)
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = NULL;
	enum answer answer = ANSWER_UNKNOWN;
	char day[DAY_SIZE];
	int r;

	if (!choose_day(arguments->values[OPTION_ON], day))
		return ANSWER_UNKNOWN;
	r = policy_load_part(arguments->operands[0], command_gateway(), &policy, &diagnostics);
	if (r < 0) {
		output_diagnostics(&diagnostics, NULL);
		complain("report: the policy %s cannot be used", arguments->operands[0]);
	} else {
		answer = write_report(arguments, policy, &diagnostics, day);
	}
	diagnostics_done(&diagnostics);
	policy_free(policy);
	return answer;
}

const struct command report_command = {
    .name = "report",
    .operands = "POLICY [EVENTS...]",
    .summary = "Write the register of zones and conduits (HTML)",
    .text = "One page that needs nothing but itself: drawing, zones, conduits, findings,\n"
	    "requirements, and what the event files tell of denials.  Exit status: 0 it was\n"
	    "written, 2 a file cannot be used.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .reads_policy = true,
    .run = run,
};
