/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice compare: what would a new policy permit that an old one does not, and the reverse?
 *
 * Without captures for every connection and message that there can be, with captures for what they
 * hold.  Decides nothing; how it is told as JSON is in compare_json.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "compare_captures.h"
#include "compare_json.h"
#include "comparison.h"
#include "comparison_words.h"
#include "load.h"
#include "output.h"
#include "terminal.h"
#include "words.h"

enum { OPTION_DECAP, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_DECAP] = {"decap", 0, NULL, "take frames out of ERSPAN, GRE, VXLAN, TZSP, PPPoE"},
    [OPTION_JSON] = {"json", 0, NULL, "one JSON object"},
};

enum { WIDTH = 80, BOXES_SHOWN = 8 };

static const enum style change_styles[] = {
    [CHANGE_ADDED] = STYLE_WARN,
    [CHANGE_REMOVED] = STYLE_BAD,
    [CHANGE_RATE] = STYLE_NAME,
    [CHANGE_MIXED] = STYLE_WARN,
};

static void
print_change(enum change change, const char *text)
{
	printf("  %s%c%s ", style(change_styles[change]), change_sign(change), style_end());
	print_wrapped(text, 6, 4, WIDTH);
}

static void
print_example(char *text)
{
	fputs("      ", stdout);
	print_wrapped(text, 8, 6, WIDTH);
	free(text);
}

/* ---- connections ---- */

static void
print_box(const struct connections_box *box)
{
	char *clients = box_addresses(box, BOX_CLIENT), *servers = box_addresses(box, BOX_SERVER);
	char *transport = box_transport(box);

	printf("      %s > %s %s\n", clients, servers, transport);
	free(transport);
	free(servers);
	free(clients);
}

static void
print_connections(const struct comparison *c, const struct connections_change *change)
{
	const struct channel *channel = change->channel;
	char *clients = words_endpoints(channel->clients, channel->client_count);
	char *servers = words_endpoints(channel->servers, channel->server_count);
	char *protocol = words_protocol(channel), *name = words_channel(channel);
	char *example = box_example(&change->boxes.items[0], &c->interfaces);
	char *text = words_format("%s: %s %s > %s by %s (%s:%u)", name,
	    change->whole ? "connections" : "a part of", clients, servers, protocol,
	    channel->where.file, channel->where.line);

	print_change(change->change, text);
	for (size_t i = 0; !change->whole && i < change->boxes.count && i < BOXES_SHOWN; i++)
		print_box(&change->boxes.items[i]);
	if (!change->whole && change->boxes.count > BOXES_SHOWN)
		printf("      and %zu more\n", change->boxes.count - BOXES_SHOWN);
	print_example(words_format("for example %s", example));
	free(example);
	free(text);
	free(name);
	free(protocol);
	free(servers);
	free(clients);
}

/* ---- messages ---- */

static void
print_difference(const struct difference *difference)
{
	char *words = difference_words(difference), *example = example_words(&difference->example);
	char *old = difference_why(difference, SIDE_OLD);
	char *new = difference_why(difference, SIDE_NEW);

	print_change(difference->change, words);
	if (difference->change == CHANGE_MIXED)
		print_example(
		    words_format("limits of different types meet here, and one was changed: "
				 "look at these rules yourself"));
	else
		print_example(words_format("for example %s: %s, now %s", example, old, new));
	free(new);
	free(old);
	free(example);
	free(words);
}

static void
print_channel(const struct channel_change *change)
{
	char *old = words_channel(change->channels[SIDE_OLD]);
	char *new = words_channel(change->channels[SIDE_NEW]);

	printf("\n%s%s%s", style(STYLE_STRONG), new, style_end());
	if (strcmp(old, new) != 0)
		printf(" (was %s)", old);
	putchar('\n');
	for (size_t i = 0; i < change->setting_count; i++) {
		const struct setting_change *setting = &change->settings[i];
		char *text = words_format("%s: %s, was %s", setting->name,
		    setting->values[SIDE_NEW], setting->values[SIDE_OLD]);

		print_change(CHANGE_RATE, text);
		free(text);
	}
	for (size_t i = 0; i < change->messages.count; i++)
		print_difference(&change->messages.items[i]);
	if (change->messages.truncated)
		puts("  and more than can be listed");
	free(new);
	free(old);
}

static void
print_comparison(const struct comparison *c)
{
	if (c->connections_count > 0)
		printf("%sConnections%s\n", style(STYLE_STRONG), style_end());
	for (size_t i = 0; i < c->connections_count; i++)
		print_connections(c, &c->connections[i]);
	for (size_t i = 0; i < c->channel_count; i++)
		print_channel(&c->channels[i]);
	if (!comparison_differs(c))
		puts("Both policies permit the same.");
	else
		puts("\n+ only the new policy permits it, - only the old one, ~ otherwise, ? not "
		     "known");
}

/* ---- captures ---- */

static void
print_captures(const struct capture_changes *changes)
{
	printf("\n%sCaptures%s  %" PRIu64 " frames, %" PRIu64 " messages\n", style(STYLE_STRONG),
	    style_end(), changes->frames, changes->messages);
	for (size_t i = 0; i < changes->count; i++) {
		const struct capture_change *change = &changes->items[i];
		char *text = words_format("%" PRIu64 " x %s, now %s", change->count,
		    change->why[SIDE_OLD], change->why[SIDE_NEW]);

		print_change(change->change, text);
		print_example(words_format("first in %s, frame %" PRIu64 ": %s", change->file,
		    change->frame, change->example ? change->example : ""));
		free(text);
	}
	if (changes->count == 0)
		puts("  Every message is judged alike.");
}

/* ---- the command ---- */

static enum answer
compare(const struct arguments *arguments, struct policy *policies[SIDE_COUNT])
{
	size_t files = arguments->operand_count - SIDE_COUNT;
	struct capture_changes captures = {0};
	struct comparison comparison;
	bool differs;
	int r = 0;

	comparison_make(policies[SIDE_OLD], policies[SIDE_NEW], &comparison);
	if (!arguments->values[OPTION_JSON])
		print_comparison(&comparison);
	if (files > 0)
		r = compare_captures(policies, &arguments->operands[SIDE_COUNT], files,
		    arguments->values[OPTION_DECAP], &captures);
	if (arguments->values[OPTION_JSON])
		output_json(compare_json(policies, &comparison, files > 0 ? &captures : NULL));
	else if (files > 0)
		print_captures(&captures);
	differs = comparison_differs(&comparison) || captures.count > 0;
	compare_captures_done(&captures);
	comparison_done(&comparison);
	return r < 0 ? ANSWER_UNKNOWN : differs ? ANSWER_NO : ANSWER_YES;
}

static enum answer
run(const struct arguments *arguments)
{
	struct policy *policies[SIDE_COUNT];
	enum answer answer;

	policies[SIDE_OLD] = output_load_policy("compare", arguments->operands[SIDE_OLD]);
	policies[SIDE_NEW] = policies[SIDE_OLD]
	    ? output_load_policy("compare", arguments->operands[SIDE_NEW])
	    : NULL;
	answer = policies[SIDE_NEW] ? compare(arguments, policies) : ANSWER_UNKNOWN;
	policy_free(policies[SIDE_OLD]);
	policy_free(policies[SIDE_NEW]);
	return answer;
}

const struct command compare_command = {
    .name = "compare",
    .operands = "OLD NEW [CAPTURE...]",
    .summary = "Show what one policy permits and another does not",
    .text = "Connections and messages that only one of the two policies permits, with an example\n"
	    "of each.  With captures also those of their messages that are judged otherwise.\n"
	    "Exit status: 0 both permit the same, 1 they do not, 2 it cannot be told.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 2,
    .operands_max = SIZE_MAX,
    .reads_policy = true,
    .run = run,
};
