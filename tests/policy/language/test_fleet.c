/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fleet: the ways between zones against a search that walks all of them, and the parts of a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fleet.h"
#include "load.h"

enum { ZONES = 6, GATEWAYS = 5, PLACES = ZONES + GATEWAYS, MAPS = 3000, FILES = 200 };

struct map {
	bool at[ZONES][GATEWAYS];
	struct fleet_link links[ZONES * GATEWAYS];
	bool seen[PLACES];
	size_t degree[PLACES];
	struct fleet fleet;
};

static uint64_t state = 1;

static unsigned
roll(unsigned sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % sides;
}

static void
make_map(struct map *map)
{
	unsigned density = 2 + roll(4);
	size_t count = 0;

	memset(map, 0, sizeof(*map));
	for (size_t z = 0; z < ZONES; z++)
		for (size_t g = 0; g < GATEWAYS; g++) {
			map->at[z][g] = roll(density) == 0;
			if (map->at[z][g])
				map->links[count++] = (struct fleet_link){z, g};
		}
	map->fleet = (struct fleet){.links = map->links,
	    .link_count = count,
	    .zone_count = ZONES,
	    .gateway_count = GATEWAYS,
	    .seen = map->seen,
	    .degree = map->degree};
	fleet_count(&map->fleet);
}

static bool
joined(const struct map *map, size_t a, size_t b)
{
	if (a >= ZONES && b < ZONES)
		return map->at[b][a - ZONES];
	return a < ZONES && b >= ZONES && map->at[a][b - ZONES];
}

/* Go every way that meets nothing twice; note the gateways of those that arrive. */
static void
go(const struct map *map, size_t here, size_t to, bool *met, bool *ret_on_way)
{
	met[here] = true;
	for (size_t g = 0; here == to && g < GATEWAYS; g++)
		ret_on_way[g] |= met[ZONES + g];
	for (size_t next = 0; here != to && next < PLACES; next++)
		if (!met[next] && joined(map, here, next))
			go(map, next, to, met, ret_on_way);
	met[here] = false;
}

static void
gateways_on_ways_are_those_of_all_walks(void **unused)
{
	unsigned on = 0, off = 0;

	for (unsigned i = 0; i < MAPS; i++) {
		size_t from = roll(ZONES), to = (from + 1 + roll(ZONES - 1)) % ZONES;
		bool met[PLACES] = {false}, wanted[GATEWAYS] = {false};
		struct map map;

		make_map(&map);
		go(&map, from, to, met, wanted);
		for (size_t g = 0; g < GATEWAYS; g++) {
			assert_int_equal(fleet_between(&map.fleet, from, to, g), wanted[g]);
			wanted[g] ? on++ : off++;
		}
	}
	assert_true(on > MAPS / 4 && off > MAPS / 4);
}

/* Which gateway reaches which zone without going back through itself. */
static void
a_way_without_a_gateway_is_one(void **unused)
{
	for (unsigned i = 0; i < MAPS; i++) {
		size_t from = roll(ZONES), to = (from + 1 + roll(ZONES - 1)) % ZONES;
		size_t without = roll(GATEWAYS);
		bool met[PLACES] = {false}, any[GATEWAYS] = {false}, found = false;
		struct map map;

		make_map(&map);
		for (size_t z = 0; z < ZONES; z++)
			map.at[z][without] = false;
		go(&map, from, to, met, any);
		for (size_t g = 0; g < GATEWAYS; g++)
			found |= any[g];
		assert_int_equal(fleet_joins(&map.fleet, from, to, (long)without), found);
	}
}

/* A file of this map, with a conduit between each two zones that a way joins. */
static char *
write_file(const struct map *map)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "gateways: {\n");
	for (size_t g = 0; g < GATEWAYS; g++) {
		fprintf(out, "g%zu: { zones: {", g);
		for (size_t z = 0; z < ZONES; z++)
			if (map->at[z][g])
				fprintf(out, " z%zu = [\"e%zu\"];", z, z);
		fprintf(out, " }; };\n");
	}
	fprintf(out, "};\nzones: {\n");
	for (size_t z = 0; z < ZONES; z++)
		fprintf(out, "z%zu: { class = \"control\"; networks = [\"10.%zu.0.0/24\"]; };\n", z,
		    z + 1);
	fprintf(out, "};\nconduits: {\n");
	for (size_t a = 0; a < ZONES; a++)
		for (size_t b = 0; b < ZONES; b++)
			if (a != b && fleet_joins(&map->fleet, a, b, FLEET_NOBODY))
				fprintf(out,
				    "c%zu-%zu: { from = \"z%zu\"; to = \"z%zu\"; channels: ( { "
				    "name = "
				    "\"x\"; clients = [\"z%zu\"]; servers = [\"z%zu\"]; protocol = "
				    "\"tcp\"; port = %zu; } ); };\n",
				    a, b, a, b, a, b, 1000 + a * ZONES + b);
	fprintf(out, "};\n");
	fclose(out);
	return text;
}

static bool
has_conduit(const struct policy *policy, size_t a, size_t b)
{
	char name[32];

	snprintf(name, sizeof(name), "c%zu-%zu", a, b);
	for (size_t i = 0; i < policy->conduit_count; i++)
		if (strcmp(policy->conduits[i].name, name) == 0)
			return true;
	return false;
}

/* The part of one gateway: it loads, and has the conduits on whose ways the gateway stands. */
static void
check_part(const struct map *map, const char *text, size_t gateway)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	char *whole;

	assert_true(asprintf(&whole, "%sgateway = \"g%zu\";\n", text, gateway) > 0);
	if (policy_load_text(whole, "part", &policy, &diagnostics) < 0)
		fail_msg("%s\n%s", diagnostics.items[0].message, whole);
	assert_non_null(policy->gateway);
	for (size_t a = 0; a < ZONES; a++)
		for (size_t b = 0; b < ZONES; b++) {
			bool met[PLACES] = {false}, wanted[GATEWAYS] = {false};

			if (a == b)
				continue;
			go(map, a, b, met, wanted);
			assert_int_equal(has_conduit(policy, a, b), wanted[gateway]);
		}
	diagnostics_done(&diagnostics);
	policy_free(policy);
	free(whole);
}

static void
each_part_has_its_conduits(void **unused)
{
	unsigned parts = 0;

	for (unsigned i = 0; i < FILES; i++) {
		bool usable = true;
		struct map map;
		char *text;

		make_map(&map);
		for (size_t p = 0; p < PLACES; p++)
			usable &= map.degree[p] > 0;
		text = write_file(&map);
		for (size_t g = 0; usable && g < GATEWAYS; g++, parts++)
			check_part(&map, text, g);
		free(text);
	}
	assert_true(parts > FILES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gateways_on_ways_are_those_of_all_walks),
	    cmocka_unit_test(a_way_without_a_gateway_is_one),
	    cmocka_unit_test(each_part_has_its_conduits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
