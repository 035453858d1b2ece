/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Top numbers: what changed from one status of the daemon to the next, per second.
 *
 * Reads the daemon's status, draws nothing.  A member that is missing counts as zero, and a counter
 * that went back, as after an upgrade, as one that stood still.
 */
#ifndef SLUICE_TOP_NUMBERS_H
#define SLUICE_TOP_NUMBERS_H

#include <jansson.h>
#include <stdint.h>

struct top_rates {
	double packets;
	double messages;
	double denied;
};

/* Of the whole firewall; either status may be NULL: then nothing is known of what changed. */
struct top_rates top_rates_all(const json_t *before, const json_t *now, double seconds);

/* Of a channel of `now`, found by its name in `before`. */
struct top_rates top_rates_channel(const json_t *before, const json_t *channel, double seconds);

/*
 * Microseconds within which so many percent of the packets were judged meanwhile, or, if there were
 * none or `before` is NULL, of all; 0: there were none at all.  A bound: the upper end of a bucket.
 */
uint64_t top_judging_us(const json_t *before, const json_t *now, unsigned percent);

/* Packets that wait in all queues. */
uint64_t top_waiting(const json_t *now);

/* A number in it, by the names of members, ended by NULL; 0 if there is none. */
__attribute__((sentinel)) uint64_t top_number(const json_t *object, ...);

#endif
