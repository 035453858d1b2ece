/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice show: what does this policy permit, in words, or as the nftables rules that it becomes?
 *
 * Reads a policy file only; what a running firewall has is asked with `sluice status`.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "load.h"
#include "output.h"
#include "ruleset.h"
#include "show_json.h"
#include "terminal.h"
#include "words.h"

enum { OPTION_NFT, OPTION_BASE, OPTION_COUNT, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_NFT] = {"nft", 'n', NULL, "the nftables rules, as `nft -f` reads them"},
    [OPTION_BASE] = {"queue-base", 0, "N", "with --nft: number of the first queue (5200)"},
    [OPTION_COUNT] = {"queue-count", 0, "N", "with --nft: number of inspectors (1)"},
    [OPTION_JSON] = {"json", 0, NULL, "the policy as one JSON object"},
};

enum { WIDTH = 80 };

static void
print_network(const struct network *network)
{
	char buf[64];

	address_print(network->family, &network->address, buf, sizeof(buf));
	printf("%s/%u", buf, network->prefix);
}

static void
print_zone(const struct zone *zone)
{
	char buf[64];

	printf("  %s%s%s  class %s, SL-T %u, interfaces", style(STYLE_NAME), zone->name,
	    style_end(), zone_class_word(zone->class), zone->sl_t);
	for (size_t i = 0; i < zone->interface_count; i++)
		printf("%s %s", i ? "," : "", zone->interfaces[i]);
	if (zone->interface_count == 0)
		fputs(" any", stdout);
	if (zone->bridge)
		printf(" (ports of bridge %s)", zone->bridge);
	fputs("\n     ", stdout);
	for (size_t i = 0; i < zone->network_count; i++) {
		fputs(i ? ", " : " ", stdout);
		print_network(&zone->networks[i]);
	}
	putchar('\n');
	for (size_t i = 0; i < zone->asset_count; i++) {
		const struct network *a = &zone->assets[i].address;

		printf("      %-16s %s\n", zone->assets[i].name,
		    address_print(a->family, &a->address, buf, sizeof(buf)));
	}
}

/* What the channel sets otherwise than the protocol has it. */
static void
print_settings(const struct channel *channel)
{
	for (size_t i = 0; i < channel->dissector->setting_count; i++) {
		const struct setting *setting = &channel->dissector->settings[i];

		if (channel->settings[i] != setting->normal)
			printf("         %s = %u (normally %u)\n", setting->name,
			    channel->settings[i], setting->normal);
	}
}

static void
print_rules(const struct channel *channel)
{
	if (!channel->dissector) {
		puts("      not inspected: every packet of such a connection passes");
		return;
	}
	for (size_t i = 0; i < channel->rule_count; i++) {
		char *words = words_rule(channel, &channel->rules[i]);
		int column = printf("    %3zu  may ", i + 1);

		print_wrapped(words, 9, (size_t)column, WIDTH);
		free(words);
	}
	print_settings(channel);
	if (channel->pickup == PICKUP_RESYNC)
		puts("         connections whose beginning was not seen are picked up");
	if (channel->answers != ANSWERS_EXACT)
		printf("         answers are taken from %s\n",
		    channel->answers == ANSWERS_ANY_UNIT              ? "any unit"
			: channel->answers == ANSWERS_ANY_TRANSACTION ? "any transaction"
								      : "any unit and transaction");
	if (channel->log != LOG_DENIALS)
		printf("         logs %s\n",
		    channel->log == LOG_ALL ? "every message" : "denials and permitted writes");
}

static void
print_channel(const struct channel *channel)
{
	char *clients = words_endpoints(channel->clients, channel->client_count);
	char *servers = words_endpoints(channel->servers, channel->server_count);
	char *protocol = words_protocol(channel);
	char *line = words_format("%s > %s by %s", clients, servers, protocol);
	int column;

	printf("    %s%s%s  ", style(STYLE_NAME), channel->name, style_end());
	column = 6 + (int)strlen(channel->name);
	print_wrapped(line, 6, (size_t)column, WIDTH);
	print_rules(channel);
	free(line);
	free(protocol);
	free(servers);
	free(clients);
}

static void
print_sentence(const char *beginning, const char *rest)
{
	char *text = words_format("%s %s.", beginning, rest);

	fputs("    ", stdout);
	print_wrapped(text, 4, 4, WIDTH);
	free(text);
}

static void
print_conduit(const struct conduit *conduit)
{
	printf("  %s%s%s  %s > %s, %s\n", style(STYLE_NAME), conduit->name, style_end(),
	    conduit->from->name, conduit->to->name, conduit_mode_word(conduit->mode));
	if (conduit->rationale) {
		fputs("    ", stdout);
		print_wrapped(conduit->rationale, 4, 4, WIDTH);
	}
	print_sentence("A denied message is", words_on_deny(conduit));
	print_sentence("While the inspector is away", words_when_down(conduit));
	for (size_t i = 0; i < conduit->channel_count; i++)
		print_channel(&conduit->channels[i]);
}

static void
print_site(const struct policy *policy)
{
	const struct site *site = &policy->site;

	printf(
	    "%s%s%s\n", style(STYLE_STRONG), site->name ? site->name : policy->file, style_end());
	if (site->owner)
		printf("owner %s\n", site->owner);
	if (site->approved)
		printf("approved %s\n", site->approved);
	if (site->review_days)
		printf("to be reviewed every %u days\n", site->review_days);
	printf("%s, policy %.12s\n", policy->file, policy->hash);
}

static void
print_policy(const struct policy *policy)
{
	print_site(policy);
	printf("\n%sZones%s\n", style(STYLE_STRONG), style_end());
	for (size_t i = 0; i < policy->zone_count; i++)
		print_zone(&policy->zones[i]);
	printf("\n%sConduits%s\n", style(STYLE_STRONG), style_end());
	for (size_t i = 0; i < policy->conduit_count; i++) {
		if (i)
			putchar('\n');
		print_conduit(&policy->conduits[i]);
	}
	if (policy->conduit_count == 0)
		puts("  none");
	puts("\nNothing else passes between zones, in either direction, by IPv4 or IPv6.");
}

static enum answer
print_nft(const struct policy *policy, const struct arguments *arguments)
{
	unsigned long base = RULESET_QUEUE_BASE, count = 1;
	struct ruleset_options ruleset_options = {.generation = 1};
	const struct channel *channel = NULL;
	struct ruleset *ruleset = NULL;
	const char *why = ruleset_refused(policy, &channel);
	char *text;
	int r;

	if (why) {
		complain("show: %s:%u: channel %s/%s cannot become rules: %s", channel->where.file,
		    channel->where.line, channel->conduit->name, channel->name, why);
		return ANSWER_NO;
	}
	if (command_number(&show_command, arguments, OPTION_COUNT, 1, RULESET_QUEUES_MAX, &count) <
		0 ||
	    command_number(
		&show_command, arguments, OPTION_BASE, 0, UINT16_MAX + 1 - 2 * count, &base) < 0)
		return ANSWER_UNKNOWN;
	ruleset_options.queue_base = (uint16_t)base;
	ruleset_options.log_group = (uint16_t)base;
	ruleset_options.queue_count = (uint16_t)count;
	r = ruleset_new(policy, &ruleset_options, &ruleset);
	text = r == 0 ? ruleset_print(ruleset) : NULL;
	if (text)
		fputs(text, stdout);
	else
		complain("show: the policy cannot become rules: %s", strerror(r < 0 ? -r : ENOMEM));
	free(text);
	ruleset_free(ruleset);
	return text ? ANSWER_YES : ANSWER_UNKNOWN;
}

static enum answer
run(const struct arguments *arguments)
{
	struct policy *policy;
	enum answer answer = ANSWER_YES;

	if (arguments->values[OPTION_NFT] && arguments->values[OPTION_JSON]) {
		complain("show: --nft and --json exclude each other");
		return ANSWER_UNKNOWN;
	}
	policy = output_load_policy("show", arguments->operands[0]);
	if (!policy)
		return ANSWER_UNKNOWN;
	if (arguments->values[OPTION_NFT])
		answer = print_nft(policy, arguments);
	else if (arguments->values[OPTION_JSON])
		output_json(show_json_policy(policy));
	else
		print_policy(policy);
	policy_free(policy);
	return answer;
}

const struct command show_command = {
    .name = "show",
    .operands = "POLICY",
    .summary = "Show what a policy permits, in words or as rules",
    .text = "Who may do what to whom, what happens to what is denied, and what the kernel does\n"
	    "while the inspector is away.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = 1,
    .reads_policy = true,
    .run = run,
};
