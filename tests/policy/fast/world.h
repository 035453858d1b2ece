/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * World: two gateways that get the same packets.  In one the engine judges all of them; in the
 * other a recogniser stands in front of it.  Nobody may be able to tell them apart.
 */
#ifndef SLUICE_TEST_WORLD_H
#define SLUICE_TEST_WORLD_H

#include "flow.h"
#include "recogniser.h"
#include "sim.h"

struct world {
	struct sim *whole; /* the engine alone */
	struct sim *split; /* the engine behind the recogniser */
	struct recogniser recogniser;
	uint64_t now_ns;
	uint64_t packets;
	uint64_t vouched;
	uint64_t reads;
	enum verdict verdict; /* of the last packet; DENY for what no engine gets */
	char why[160];        /* in what they differ */
};

struct scene {
	const char *name;
	const char *conduit;
	const char *channel;
	const char *rules;
};

/* NULL object: in plain C. NULL: no such kernel, and *ret_why. */
struct world *world_new(const struct scene *scene, const char *object, const char **ret_why);
void world_free(struct world *world);

/* The packet comes in at both; false: they differ. */
bool world_packet(struct world *world, const struct frame *frame);

/* Take everything back and compare all of both; false: they differ. */
bool world_compare(struct world *world);

/* The engine behind the recogniser dies, and another one takes its place. */
void world_crash(struct world *world);

/* Another generation of the policy comes into force for the recogniser, or the right one again. */
void world_generation(struct world *world, uint32_t generation);

/* The flow of the first engine that a client's port has. */
struct flow *world_flow(const struct world *world, bool ipv6, uint16_t port);

#endif
