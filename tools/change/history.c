/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice history: the policies that were in force, who put them there, when and why.
 */
#include <stdio.h>

#include "command.h"
#include "order.h"
#include "output.h"
#include "terminal.h"

enum { OPTION_SHOW, OPTION_IN_FORCE, OPTION_CONTROL, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_SHOW] = {"show", 's', "N", "print the text of policy N"},
    [OPTION_IN_FORCE] = {"in-force", 'f', NULL, "print the text of the policy in force"},
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the daemon's answer as one JSON object"},
};

/* What a file or a person said is not to steer a terminal. */
static void
print_plain(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void
print_entry(const json_t *entry)
{
	printf("%3" JSON_INTEGER_FORMAT "  ", order_number(entry, "index"));
	if (json_is_true(json_object_get(entry, "damaged"))) {
		printf("%sdamaged: it is not what was written%s\n", style(STYLE_BAD), style_end());
		return;
	}
	printf("%s  %-8s  %.12s  ", order_text(entry, "at"), order_text(entry, "how"),
	    order_text(entry, "policy"));
	print_plain(order_text(entry, "who"));
	if (order_text(entry, "why")[0]) {
		fputs(": ", stdout);
		print_plain(order_text(entry, "why"));
	}
	if (json_is_true(json_object_get(entry, "waits")))
		printf(" %s(waits for its confirmation)%s", style(STYLE_WARN), style_end());
	putchar('\n');
}

static void
print_history(const json_t *answer)
{
	const json_t *waiting = json_object_get(answer, "waiting"), *entry;
	size_t i;

	json_array_foreach(json_object_get(answer, "entries"), i, entry) print_entry(entry);
	if (waiting)
		printf("Policy %.12s goes back at %s unless 'sluice confirm' follows.\n",
		    order_text(waiting, "policy"), order_text(waiting, "until"));
}

static enum answer
run(const struct arguments *arguments)
{
	const char *show = arguments->values[OPTION_SHOW];
	bool text = show || arguments->values[OPTION_IN_FORCE];
	struct order order = {.command = "history",
	    .control = arguments->values[OPTION_CONTROL],
	    .json = arguments->values[OPTION_JSON] != NULL,
	    .file = -1};
	unsigned long index = 0;
	json_t *answer = NULL, *request;
	enum answer r;

	if (show && arguments->values[OPTION_IN_FORCE]) {
		complain("history: --show and --in-force exclude each other");
		return ANSWER_UNKNOWN;
	}
	if (show && order_read_index("history", show, &index) < 0)
		return ANSWER_UNKNOWN;
	request = order_request(text ? "policy" : "history", "{}");
	if (request && show)
		json_object_set_new(request, "index", json_integer((json_int_t)index));
	r = order_give(&order, request, &answer);
	if (r != ANSWER_YES)
		return r;
	if (order.json) {
		output_json(answer);
		return r;
	}
	if (text)
		fputs(order_text(answer, "text"), stdout);
	else
		print_history(answer);
	json_decref(answer);
	return r;
}

const struct command history_command = {
    .name = "history",
    .operands = "",
    .summary = "List the policies that were put in force, and by whom",
    .text = "The newest first: policy 0 was put in force last.  Exit status: 0 if it was shown,\n"
	    "1 if there is no such policy, 2 if no daemon answers.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
};
