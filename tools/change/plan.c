/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice plan: what would a policy change, if it were applied now?
 */
#include <stdio.h>

#include "command.h"
#include "order.h"
#include "output.h"
#include "policy_file.h"
#include "terminal.h"
#include "words.h"

enum { OPTION_CONTROL, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the daemon's answer as one JSON object"},
};

/* "+ channel line/web" */
static void
print_change(const json_t *change)
{
	const char *how = order_text(change, "how"), *what = order_text(change, "what");
	char sign = how[0] == 'a' ? '+' : how[0] == 'r' ? '-' : '~';

	printf("  %c %s %s", sign, what, order_text(change, "name"));
	if (json_object_get(change, "channel"))
		printf("/%s", order_text(change, "channel"));
	if (json_object_get(change, "rule"))
		printf("  %s", order_text(change, "rule"));
	putchar('\n');
}

static void
print_kernel(const json_t *row)
{
	printf("  %s %s: %" JSON_INTEGER_FORMAT " more, %" JSON_INTEGER_FORMAT " gone\n",
	    order_text(row, "kind"), order_text(row, "name"), order_number(row, "added"),
	    order_number(row, "removed"));
}

static void
print_connections(const json_t *connections)
{
	json_int_t cut = order_number(connections, "cut_count");
	const json_t *row;
	size_t i;

	if (!json_is_true(json_object_get(connections, "known"))) {
		puts("Connections: the kernel does not tell which there are");
		return;
	}
	printf("Connections: %" JSON_INTEGER_FORMAT " cut, %" JSON_INTEGER_FORMAT
	       " kept, %" JSON_INTEGER_FORMAT " of them under other rules\n",
	    cut, order_number(connections, "kept"), order_number(connections, "other_rules"));
	json_array_foreach(json_object_get(connections, "cut"), i, row)
	    printf("  %s %s:%" JSON_INTEGER_FORMAT " > %s:%" JSON_INTEGER_FORMAT " %s/%s\n",
		order_text(row, "proto"), order_text(row, "src_ip"), order_number(row, "src_port"),
		order_text(row, "dest_ip"), order_number(row, "dest_port"),
		order_text(row, "conduit"), order_text(row, "channel"));
	if ((size_t)cut > i)
		printf("  ... and %zu more\n", (size_t)cut - i);
}

static void
print_plan(const json_t *answer)
{
	const json_t *changes = json_object_get(answer, "changes");
	const json_t *kernel = json_object_get(answer, "kernel"), *row;
	size_t i;

	printf("Policy %.12s after %.12s: %s\n", order_text(answer, "policy"),
	    order_text(answer, "before"), words_count(json_array_size(changes), "change"));
	json_array_foreach(changes, i, row) print_change(row);
	printf("Kernel: %s\n", words_count(json_array_size(kernel), "change"));
	json_array_foreach(kernel, i, row) print_kernel(row);
	print_connections(json_object_get(answer, "connections"));
	if (json_object_get(answer, "cut_off"))
		printf("%sBeware: %s%s\n", style(STYLE_BAD), order_text(answer, "cut_off"),
		    style_end());
}

static enum answer
run(const struct arguments *arguments)
{
	struct order order = {.command = "plan",
	    .control = arguments->values[OPTION_CONTROL],
	    .json = arguments->values[OPTION_JSON] != NULL};
	struct policy_file policy;
	json_t *answer = NULL;
	enum answer r = policy_file_open("plan", arguments->operands[0], &policy);

	if (r != ANSWER_YES)
		return r;
	order.file = policy.fd;
	order.includes = policy.includes ? arguments->operands[0] : NULL;
	r = order_give(&order, order_request("plan", "{s:s}", "file", policy.path), &answer);
	policy_file_close(&policy);
	if (r != ANSWER_YES)
		return r;
	if (order.json) {
		output_json(answer);
		return r;
	}
	print_plan(answer);
	json_decref(answer);
	return r;
}

const struct command plan_command = {
    .name = "plan",
    .operands = "POLICY",
    .summary = "Show what applying a policy would change",
    .text = "Changes nothing.  Exit status: 0 if the policy would be taken, 1 if it would be\n"
	    "refused, 2 if that could not be found out.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = 1,
    .reads_policy = true,
    .run = run,
};
