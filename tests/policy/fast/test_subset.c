/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subset: whatever the recogniser vouches for the engine would have let pass, with the same state
 * afterwards; and a recogniser from which one check was taken away is found out.
 *
 *   test_subset [--packets N] [--seed N] [--kernel OBJECT] [--mutants]
 *
 * The first two are of each scene.  Without them a short run with a seed that is always the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "traffic.h"

enum { SKIPPED = 77, MUTANT_ROUNDS = 40 };

static const struct scene scenes[] = {
    {"reads", "", "", "{ access = [\"read\"]; }"},
    {"points", "", "",
	"{ access = [\"read\"]; points = [\"holding:0-19\", \"coil:0-99\", \"input:5-40\"]; units "
	"= "
	"[\"1-2\"]; }, { access = [\"read\"]; units = [\"255\"]; },"
	"{ functions = [\"write-single-register\", \"write-multiple-registers\"]; units = [\"1\"]; "
	"points = [\"holding:8-11\", \"holding:40-42\"]; },"
	"{ functions = [\"write-single-coil\", \"write-multiple-coils\"]; points = "
	"[\"coil:0-2000\"]; }"},
    {"values", "", "",
	"{ access = [\"read\"]; },"
	"{ access = [\"write\"]; points = [\"holding:0-100\"]; values = [\"0-1500\"]; },"
	"{ access = [\"write\"]; points = [\"holding:40-65535\"]; values = [\"7\", \"100-1499\", "
	"\"65535\"]; units = [\"1\"]; },"
	"{ access = [\"write\"]; points = [\"coil:*\"]; values = [\"1\"]; }"},
    {"rates", "", "",
	"{ access = [\"read\"]; rate = \"100/s\"; },"
	"{ access = [\"write\"]; points = [\"holding:0-10\"]; rate = \"2/s\"; },"
	"{ access = [\"write\"]; points = [\"holding:5-40\"]; values = [\"0-1500\"]; rate = "
	"\"3/s\"; "
	"},"
	"{ access = [\"write\"]; points = [\"coil:*\"]; rate = \"30/min\"; }"},
    {"together", "", "",
	"{ access = [\"read\"]; points = [\"holding:0-9\"]; },"
	"{ access = [\"read\"]; points = [\"holding:10-19\"]; },"
	"{ access = [\"read\"]; rate = \"50/s\"; },"
	"{ access = [\"write\"]; points = [\"holding:0-9\"]; },"
	"{ access = [\"write\"]; points = [\"holding:10-19\"]; values = [\"0-1500\"]; },"
	"{ access = [\"write\"]; rate = \"40/s\"; }"},
    {"types", "", "log = \"writes\";",
	"{ access = [\"read\", \"write\"]; points = [\"holding:40-43\"]; values = [\"0-70000\"]; "
	"type "
	"= \"uint32\"; }, { access = [\"read\"]; rate = \"100/s\"; }"},
    {"typed", "on_deny = \"drop\";", "",
	"{ access = [\"read\", \"write\"]; points = [\"holding:40-43\"]; values = [\"0-70000\"]; "
	"type "
	"= \"uint32\"; }, { access = [\"write\"]; units = [\"1\"]; rate = \"50/s\"; }, { access = "
	"[\"read\"]; }"},
    {"refusing", "on_deny = \"refuse\";", "outstanding = 2; answers = \"any\";",
	"{ access = [\"read\"]; }, { access = [\"write\"]; points = [\"holding:0-19\"]; }"},
    {"any", "when_down = \"open\";", "pickup = \"resync\";", "{ access = [\"any\"]; }"},
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

struct settings {
	uint64_t packets;
	uint64_t seed;
	const char *object;
	bool mutants;
};

struct tally {
	uint64_t packets;
	uint64_t vouched;
};

/* True: nobody could tell the two gateways apart. */
static bool
play(const struct scene *scene, const struct settings *settings, uint64_t seed, bool loud,
    struct tally *tally)
{
	const char *why = NULL;
	struct world *world = world_new(scene, settings->object, &why);
	struct traffic traffic;
	bool same = true;

	if (!world) {
		printf("no such program in this kernel: %s\n", why);
		exit(SKIPPED);
	}
	traffic_init(&traffic, world, seed);
	while (same && world->packets < settings->packets)
		same = traffic_step(&traffic);
	same = same && world_compare(world);
	if (!same && loud)
		printf("%s, packet %lu, twist %s: %s\n", scene->name, (unsigned long)world->packets,
		    traffic.last, world->why);
	tally->packets += world->packets;
	tally->vouched += world->vouched;
	world_free(world);
	return same;
}

static bool
is_caught(const struct settings *settings)
{
	struct tally tally = {0};

	for (uint64_t round = 0; round < MUTANT_ROUNDS; round++)
		for (int i = 0; i < SCENES; i++)
			if (!play(&scenes[i], settings, settings->seed + round, false, &tally))
				return true;
	return false;
}

static int
mutants(struct settings *settings)
{
	static const char *const words[] = {
#define X(name, word) [FAST_CHECK_##name] = word,
	    FAST_CHECKS(X)
#undef X
	};
	int missed = 0;

	for (int check = 1; check < FAST_CHECK_COUNT; check++) {
		recogniser_without = (enum fast_check)check;
		if (is_caught(settings))
			continue;
		printf("nobody notices that %s is not checked\n", words[check]);
		missed++;
	}
	recogniser_without = FAST_GOOD;
	printf("%d of %d checks taken away were noticed\n", FAST_CHECK_COUNT - 1 - missed,
	    FAST_CHECK_COUNT - 1);
	return missed > 0;
}

static int
subset(struct settings *settings)
{
	struct tally all = {0};

	for (int i = 0; i < SCENES; i++) {
		struct tally tally = {0};

		if (!play(&scenes[i], settings, settings->seed + (uint64_t)i, true, &tally))
			return 1;
		printf("%s: %lu of %lu packets vouched for\n", scenes[i].name,
		    (unsigned long)tally.vouched, (unsigned long)tally.packets);
		/* a recogniser that says no proves nothing */
		if (tally.vouched * 100 < tally.packets)
			return 1;
		all.packets += tally.packets;
		all.vouched += tally.vouched;
	}
	printf("seed %lu: %lu packets, %lu vouched for\n", (unsigned long)settings->seed,
	    (unsigned long)all.packets, (unsigned long)all.vouched);
	return 0;
}

int
main(int argc, char **argv)
{
	struct settings settings = {.packets = 30000, .seed = 1};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--mutants") == 0)
			settings.mutants = true;
		else if (i + 1 < argc && strcmp(argv[i], "--packets") == 0)
			settings.packets = strtoull(argv[++i], NULL, 0);
		else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			settings.seed = strtoull(argv[++i], NULL, 0);
		else if (i + 1 < argc && strcmp(argv[i], "--kernel") == 0)
			settings.object = argv[++i];
		else
			return 2;
	}
	return settings.mutants ? mutants(&settings) : subset(&settings);
}
