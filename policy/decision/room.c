/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room: who makes room when a table is full.  See room.h. */
#include "room.h"

#include "flow_fast.h"

enum {
	RECLAIM_LOOKS = 256, /* flows looked at when a table is full */
	SETTLED_LOOKS = 16,  /* and the oldest of who has most, of which the quietest goes */
	SWEEP_LOOKS = 4,     /* and whenever there is a new one */
	HALF_OPEN_KEPT = 16, /* of one client, which wait for their answer undisturbed */
	AGE_HALF_OPEN_S = 2, /* ages from which a flow may make room for another */
	AGE_CLOSED_S = 10,
	AGE_SWEPT_S = 300, /* the same without need */
	AGE_UNUSED_S = 60, /* the server has answered, and nobody has said anything since */
	AGE_HALF_CLOSED_S = 3600,
	AGE_IDLE_S = 86400,
	AGE_DATAGRAMS_S = 180, /* nobody says when datagrams are over; the kernel waits no longer */
	STALLED_MS = 10000, /* without an acknowledgement: whoever should get the bytes is gone */
};

/*
 * Seconds from which nobody will miss the flow.  An open connection is never over by itself: its
 * client may be one that asks once a day.
 */
static uint64_t
over_after_s(const struct flow *flow)
{
	unsigned fins = flow->stream[DIRECTION_REQUEST].fin + flow->stream[DIRECTION_RESPONSE].fin;

	if (flow->transport == PROTOCOL_UDP)
		return AGE_DATAGRAMS_S;
	if (flow->state == FLOW_SYN)
		return AGE_HALF_OPEN_S;
	if (fins == 2)
		return AGE_CLOSED_S;
	/* What is forgotten would be taken up again, perhaps in the middle of a message. */
	if (flow->resync && flow_was_used(flow))
		return UINT64_MAX;
	if (flow->state == FLOW_DENIED || flow->state == FLOW_CLOSED)
		return AGE_CLOSED_S;
	if (fins == 1)
		return AGE_HALF_CLOSED_S;
	return flow->state == FLOW_OPEN && !flow_was_used(flow) ? AGE_UNUSED_S : UINT64_MAX;
}

static uint64_t
flow_age_s(const struct flow_table *table, const struct flow *flow, uint64_t now_ns)
{
	uint64_t last_ns = flow_last_ns(table, flow);

	return now_ns > last_ns ? (now_ns - last_ns) / 1000000000 : 0;
}

void
room_sweep(struct flow_table *table, uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;

	for (int i = 0; i < SWEEP_LOOKS && arena->flow_top > 0; i++) {
		struct flow *flow;

		arena->sweep_hand =
		    arena->sweep_hand >= arena->flow_top ? 1 : arena->sweep_hand + 1;
		flow = &table->flows[arena->sweep_hand];
		if (flow->state != FLOW_FREE && over_after_s(flow) <= AGE_CLOSED_S &&
		    flow_age_s(table, flow, now_ns) >= AGE_SWEPT_S)
			flow_release(table, flow);
	}
}

/* ---- what is over ---- */

/* A search for a flow that makes room: one that is over, or the one that is idle for longest. */
struct search {
	const struct flow_table *table;
	uint64_t now_ns;
	struct flow *found;
};

/* True: look no further. */
static bool
search_look(struct search *search, struct flow *flow)
{
	uint64_t age_s = flow_age_s(search->table, flow, search->now_ns);

	if (flow->state == FLOW_FREE)
		return false;
	if (age_s >= over_after_s(flow)) {
		search->found = flow;
		return true;
	}
	if (age_s >= AGE_IDLE_S &&
	    (!search->found ||
		flow_last_ns(search->table, flow) < flow_last_ns(search->table, search->found)))
		search->found = flow;
	return false;
}

static struct flow *
find_over(struct flow_table *table, uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;
	struct search search = {.table = table, .now_ns = now_ns};
	bool over = false;

	for (int i = 0; i < RECLAIM_LOOKS && !over; i++) {
		arena->hand = arena->hand >= arena->limits.flows ? 1 : arena->hand + 1;
		over = search_look(&search, &table->flows[arena->hand]);
	}
	return search.found;
}

/* The same for a flow that holds state, of which there may be less. */
static struct flow *
find_over_with_state(struct flow_table *table, uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;
	struct search search = {.table = table, .now_ns = now_ns};
	bool over = false;

	for (int i = 0; i < RECLAIM_LOOKS && !over; i++) {
		uint32_t owner;

		arena->state_hand =
		    arena->state_hand >= arena->state_count ? 1 : arena->state_hand + 1;
		owner = *flow_state_owner(table, arena->state_hand);
		if (owner != 0)
			over = search_look(&search, &table->flows[owner]);
	}
	return search.found;
}

/* ---- who has more ---- */

static struct flow *
flow_at(const struct flow_table *table, uint32_t index)
{
	return index != 0 ? &table->flows[index] : NULL;
}

/* Of the oldest flows of a share that nothing is the matter with, the one that is quietest. */
static struct flow *
quietest(const struct flow_table *table, const struct share *share)
{
	struct flow *flow = flow_at(table, share->lists[SHARE_SETTLED].first), *found = NULL;

	for (unsigned i = 0; i < SETTLED_LOOKS && flow; i++) {
		if (!found || flow_last_ns(table, flow) < flow_last_ns(table, found))
			found = flow;
		flow = flow_at(table, flow->peer.next);
	}
	return found;
}

/*
 * A client that has most has none above it.  Of its own flows it gives those up that nobody has
 * answered: so many at once are not its own doing.
 */
static struct flow *
own_half_open(const struct flow_table *table, const struct asker *asker)
{
	const struct share *share = &table->shares.shares[share_find(&table->shares, asker)];
	const struct share_list *list = &share->lists[SHARE_HALF_OPEN];

	return list->count > HALF_OPEN_KEPT ? flow_at(table, list->first) : NULL;
}

struct yielding
room_for_flow(struct flow_table *table, const struct asker *asker, uint64_t now_ns)
{
	uint32_t above = share_above(&table->shares, asker, RESOURCE_FLOWS, 1);
	const struct share *share = &table->shares.shares[above];
	struct yielding yielding = {.early = false};

	yielding.flow = above != 0 ? flow_at(table, share->lists[SHARE_HALF_OPEN].first)
				   : own_half_open(table, asker);
	if (!yielding.flow)
		yielding.flow = find_over(table, now_ns);
	if (yielding.flow || above == 0)
		return yielding;
	yielding = (struct yielding){flow_at(table, share->lists[SHARE_LOOSE].first), true};
	if (!yielding.flow)
		yielding.flow = quietest(table, share);
	return yielding;
}

struct yielding
room_for_state(struct flow_table *table, const struct flow *flow, uint64_t now_ns)
{
	struct asker asker = flow_owner(table, flow);
	uint32_t above = share_above(&table->shares, &asker, RESOURCE_STATES, 1);
	struct yielding yielding = {find_over_with_state(table, now_ns), false};

	/* Those that are settled have state, and others have none. */
	if (!yielding.flow && above != 0)
		yielding = (struct yielding){quietest(table, &table->shares.shares[above]), true};
	return yielding;
}

struct flow *
room_for_held(struct flow_table *table, const struct flow *flow, uint32_t chunks, uint64_t now_ns)
{
	struct asker asker = flow_owner(table, flow);
	uint32_t above = share_above(&table->shares, &asker, RESOURCE_HELD, chunks);
	const struct share *own = &table->shares.shares[flow->share];
	struct flow *oldest;

	if (above != 0)
		return flow_at(table, table->shares.shares[above].lists[SHARE_HOARDS].first);
	oldest = flow_at(table, own->lists[SHARE_HOARDS].first);
	if (!oldest || oldest == flow ||
	    (uint32_t)(now_ns / 1000000) - flow_seldom(table, oldest)->hoard_ms < STALLED_MS)
		return NULL;
	return oldest;
}
