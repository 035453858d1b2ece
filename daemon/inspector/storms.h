/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storms: many denials, few events, none of them lost.
 *
 * Denials of one client, channel and reason are of one kind.  The first of a kind are told one by
 * one; those that follow, as long as they do not pause for STORM_QUIET_NS, are counted and told in
 * an EVENT_STORM: how many, when the first and when the last was, and the last of them in full.
 * Such a summary comes after STORM_PAUSE_NS, then after twice that, and so on; one more tells the
 * end.  What monitor mode would have denied is a denial here, and of another kind.
 *
 * Lives in memory that outlives its process, so that a successor goes on counting.  There is room
 * for STORMS_MAX kinds; of those that find none, a number is told for each reason, without client
 * and channel.  A pure module: no clock, no system call, no allocation, no pointer.
 */
#ifndef SLUICE_STORMS_H
#define SLUICE_STORMS_H

#include "event.h"

enum {
	STORM_WAYS = 8, /* places that a kind may have */
	STORM_SETS = 64,
	STORMS_MAX = STORM_SETS * STORM_WAYS,
	STORM_EACH = 16, /* that are told one by one, unless somebody says otherwise */
};

#define STORM_PAUSE_NS UINT64_C(1000000000)
#define STORM_PAUSE_MAX_NS UINT64_C(600000000000)
#define STORM_QUIET_NS UINT64_C(30000000000)

/* What is counted and was not told. Times by the wall are those of the first and the last. */
struct storm_count {
	uint64_t untold;
	uint64_t total;    /* since the storm began, those that were told included */
	uint64_t heard_ns; /* monotonic */
	uint64_t due_ns;   /* monotonic: when it is told; 0: nothing is to be told */
	uint64_t pause_ns;
	uint64_t first_ns;
	uint64_t last_ns;
};

struct storm_kind {
	struct address client;
	uint32_t channel;
	uint16_t reason;
	uint8_t family;
	uint8_t would_deny;
};

struct storm {
	struct storm_kind kind;
	uint32_t used;
	uint32_t each; /* told one by one since it was quiet */
	struct storm_count count;
	struct event last;
};

struct storms {
	uint64_t seed;       /* so that nobody can choose addresses that share a place */
	uint32_t generation; /* of the policy that numbers channels */
	uint32_t each;       /* as STORM_EACH; 0: as many */
	uint64_t due_ns;     /* monotonic: nothing is to be told before; 0: nothing at all */
	uint64_t summed;     /* denials that were not told one by one */
	uint64_t homeless;   /* of them, those of kinds that found no room */
	struct storm places[STORM_SETS][STORM_WAYS];
	struct storm_count others[REASON_COUNT];
};

/* True if the event was taken over by the listener. */
typedef bool storms_teller(void *context, const struct event *event);

/* Is it a denial, which storms_take() wants to see? */
bool storms_concern(const struct event *event);

/*
 * A denial, at a monotonic time.  True: it is to be told as it is; if that can't be done,
 * storms_keep() must be asked.  False: it was counted.
 */
bool storms_take(struct storms *storms, const struct event *event, uint64_t now_ns);

/* A denial, or a summary, that could not be told: it will be, in a later summary. */
void storms_keep(struct storms *storms, const struct event *event, uint64_t now_ns);

/* Tell what is due. Cheap if nothing is. A summary that `tell` does not take is tried again. */
void storms_tick(
    struct storms *storms, uint64_t now_ns, uint64_t wall_ns, storms_teller *tell, void *context);

/*
 * Tell all that was not told, and forget everything: channels have other numbers from now on, or
 * nobody comes who could tell it later.  What `tell` does not take stays.
 */
void storms_end(struct storms *storms, uint64_t wall_ns, storms_teller *tell, void *context);

/* Denials that are counted and were not told. */
uint64_t storms_untold(const struct storms *storms);

#endif
