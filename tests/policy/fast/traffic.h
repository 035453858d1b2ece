/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic: connections of Modbus/TCP whose ends do what is usual, and now and then one thing that
 * is not.
 */
#ifndef SLUICE_TEST_TRAFFIC_H
#define SLUICE_TEST_TRAFFIC_H

#include "world.h"

enum { TALKS = 6, MESSAGE_ROOM = 600 };

struct random {
	uint64_t state;
};

uint32_t random_below(struct random *random, uint32_t limit);

/* One connection, as far as the engine alone has let it come. */
struct talk {
	bool ipv6;
	bool open;
	bool waiting;
	uint16_t port;
	uint32_t next[2];
	uint8_t request[MESSAGE_ROOM]; /* that waits, or was the last */
	size_t request_length;
	uint8_t sent[2][MESSAGE_ROOM]; /* the last of each end */
	size_t sent_length[2];
};

/* One packet before and after it is built. */
struct shot {
	struct random *random;
	struct world *world;
	struct talk *talk;
	enum direction from;
	uint8_t message[MESSAGE_ROOM];
	size_t length;
	uint32_t sequence, acknowledgement;
	uint8_t flags;
	struct frame frame;
	uint8_t *ip, *tcp;
	bool stamps;     /* TCP has timestamps */
	bool generation; /* another policy is in force by now */
};

struct twist {
	const char *name;
	void (*message)(struct shot *shot); /* before the packet is built, or NULL */
	void (*packet)(struct shot *shot);  /* behind it, or NULL */
	bool
	    marks; /* is of how a packet is beside its bytes, which no test run in the kernel has */
};

extern const struct twist twists[];
extern const size_t twist_count;

/* Right sums again. */
void shot_seal_ip(struct shot *shot);
void shot_seal_tcp(struct shot *shot);

void shot_request(struct shot *shot);
void shot_answer(struct shot *shot);

/* Requests that passed, to be asked again: a connection that is denied is soon over. */
struct liked {
	uint8_t message[MESSAGE_ROOM];
	size_t length;
};

enum { LIKED = 32 };

struct traffic {
	struct random random;
	struct liked liked[LIKED];
	struct world *world;
	struct talk talks[TALKS];
	const char *last; /* the twist of the last packet */
};

void traffic_init(struct traffic *traffic, struct world *world, uint64_t seed);

/* One more packet, or a few; false: the world's two gateways differ. */
bool traffic_step(struct traffic *traffic);

#endif
