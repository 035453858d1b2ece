/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fleet: permitted polling of three protocols over many connections at a steady pace, in a thread
 * of its own, which keeps count of what got lost.
 */
#ifndef SLUICE_FLEET_H
#define SLUICE_FLEET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { FLEET_CONNECTIONS = 50, FLEET_PERIOD_MS = 50 }; /* 1,000 requests a second */

struct fleet_count {
	atomic_uint asked;
	atomic_uint answered;
	atomic_uint broken; /* connections that ended, or on which something wrong came */
	atomic_uint late;   /* requests without an answer within five seconds */
	atomic_uint slowest_ms;
};

/* More channels, for gate_policy.extra: they permit what the fleet asks. */
const char *fleet_channels(void);

/* The port of its servers of a protocol, on RTU1. */
uint16_t fleet_port(const char *protocol);

/* What they are made of, switched off and on again while the fleet is under way. */
void fleet_servers_stop(void);
void fleet_servers_start(void);

/* Start the servers and connect; all connections have been answered when this returns. */
void fleet_start(struct fleet_count *count);

/* Wait until so many more answers have come; false if they don't within the time. */
bool fleet_wait(const struct fleet_count *count, unsigned answers, unsigned ms);

/* Let every request be answered, then end all. */
void fleet_stop(void);

#endif
