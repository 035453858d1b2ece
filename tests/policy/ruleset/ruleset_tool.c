/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset tool: the interfaces of ruleset.h and nft.h on the command line, for tests by shell.
 *
 *     ruleset-tool print|apply|build|state|counters|remove|probe [-g GENERATION] [-t] [-k]
 *         [-q QUEUES] [-v] [POLICY]
 *
 * POLICY is a file, or `many:N` or `ranges:N` for N channels of hosts or of networks.  -t: the
 * NFQUEUE target; -k: connections are kept out of flow tables; -v: the kernel vouches.  Exit
 * status: 0, 1 for a failure (with its text), 2 for wrong arguments.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "nft.h"
#include "sample.h"

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Channels between two zones: of single hosts, or of small networks with several ports. */
static struct policy *
make_many(size_t count, bool ranges)
{
	static const struct sample_zone zones[] = {
	    {"supervision", ZONE_CONTROL, "eth0", "10.10.0.0/16 fd10::/64"},
	    {"pumps", ZONE_CONTROL, "eth1", "10.20.0.0/16 fd20::/64"},
	};
	struct sample_channel *channels = calloc(count, sizeof(*channels));
	char(*text)[3][40] = calloc(count, sizeof(*text));
	struct policy *policy;

	if (channels == NULL || text == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		/* 25 channels lead to each server */
		size_t client = i % 25 + 5, server = i / 25 * (ranges ? 8 : 1) + 8;

		snprintf(text[i][0], 40, "channel-%zu", i);
		snprintf(text[i][1], 40, "10.10.%zu.%zu/%d", client / 16, client % 16 * 16,
		    ranges ? 28 : 32);
		snprintf(text[i][2], 40, "10.20.%zu.%zu/%d", server / 256, server % 256,
		    ranges ? 29 : 32);
		channels[i] = (struct sample_channel){"supervise-pumps", text[i][0], text[i][1],
		    text[i][2], PROTOCOL_TCP, 502, ranges ? 510 : 502, false, PICKUP_RESET,
		    WHEN_DOWN_CLOSED};
	}
	policy = sample_new(zones, 2, channels, count);
	free(channels);
	free(text);
	return policy;
}

static struct policy *
load(const char *name)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	int r;

	if (strncmp(name, "many:", 5) == 0)
		return make_many(strtoul(name + 5, NULL, 10), false);
	if (strncmp(name, "ranges:", 7) == 0)
		return make_many(strtoul(name + 7, NULL, 10), true);
	r = policy_load(name, &policy, &diagnostics);
	for (size_t i = 0; r < 0 && i < diagnostics.count; i++)
		fprintf(stderr, "%s:%u: %s\n", diagnostics.items[i].where.file,
		    diagnostics.items[i].where.line, diagnostics.items[i].message);
	diagnostics_done(&diagnostics);
	return policy;
}

static void
print_counter(void *context, const char *name, uint64_t packets, uint64_t bytes)
{
	printf("%s %" PRIu64 " %" PRIu64 "\n", name, packets, bytes);
}

static int
kernel(const char *command, const struct ruleset *ruleset)
{
	static const char *const owners[] = {
	    [NFT_FOREIGN] = "foreign", [NFT_ABSENT] = "absent", [NFT_OURS] = "ours"};
	struct nft_features features;
	struct nft_table table;
	struct nft *nft;
	int r = nft_open(&nft);

	if (r < 0)
		return r;
	if (strcmp(command, "apply") == 0) {
		r = nft_apply(nft, ruleset);
	} else if (strcmp(command, "remove") == 0) {
		r = nft_remove(nft);
	} else if (strcmp(command, "counters") == 0) {
		r = nft_counters(nft, print_counter, NULL);
	} else if (strcmp(command, "state") == 0) {
		r = nft_table_state(nft, &table);
		if (r == 0)
			printf("%s generation %u\n", owners[table.owner], table.generation);
	} else {
		nft_make_helper(nft);
		r = nft_probe(nft, &features);
		if (r == 0)
			printf("queue %d target %d helper %d conntrack %d\n", features.queue,
			    features.target, features.helper, features.conntrack);
	}
	if (r < 0)
		fprintf(stderr, "%s: %s\n%s\n", command, strerror(-r), nft_error(nft));
	nft_close(nft);
	return r;
}

static int
run(const char *command, const struct ruleset_options *options, const char *name)
{
	struct ruleset *ruleset = NULL;
	struct policy *policy = NULL;
	double start;
	int r = 0;

	if (name != NULL) {
		policy = load(name);
		if (policy == NULL)
			return -EINVAL;
		start = seconds();
		r = ruleset_new(policy, options, &ruleset);
		fprintf(stderr, "ruleset_new %.3f s\n", seconds() - start);
	}
	start = seconds();
	if (r < 0) {
		const struct channel *refused = NULL;
		const char *why = ruleset_refused(policy, &refused);

		fprintf(stderr, "ruleset: %s %s\n", refused != NULL ? refused->name : strerror(-r),
		    why ? why : "");
	} else if (strcmp(command, "print") == 0) {
		char *text = ruleset_print(ruleset);

		fputs(text, stdout);
		free(text);
	} else if (strcmp(command, "build") != 0) {
		r = kernel(command, ruleset);
		fprintf(stderr, "%s %.3f s\n", command, seconds() - start);
	}
	ruleset_free(ruleset);
	if (name != NULL && strchr(name, ':') == NULL)
		policy_free(policy);
	else if (policy != NULL)
		sample_free(policy);
	return r;
}

int
main(int argc, char **argv)
{
	struct ruleset_options options = {
	    .generation = 1,
	    .queue_base = RULESET_QUEUE_BASE,
	    .queue_count = 2,
	    .queue = RULESET_QUEUE_NATIVE,
	    .log_group = RULESET_QUEUE_BASE,
	};
	int option;

	while ((option = getopt(argc, argv, "g:tkq:v")) != -1) {
		if (option == 'g')
			options.generation = (uint8_t)strtoul(optarg, NULL, 10);
		else if (option == 't')
			options.queue = RULESET_QUEUE_TARGET;
		else if (option == 'k')
			options.helper = true;
		else if (option == 'v')
			options.vouched = true;
		else if (option == 'q')
			options.queue_count = (uint16_t)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind >= argc)
		return 2;
	return run(argv[optind], &options, optind + 1 < argc ? argv[optind + 1] : NULL) < 0 ? 1 : 0;
}
