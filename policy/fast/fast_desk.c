/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fast desk: see fast_desk.h. */
#include "fast_desk.h"

#include <string.h>

/* A recogniser needs a microsecond; who waits for longer waits in vain. */
enum { LOOKS = 1 << 20 };

static uint32_t
owner_of(const struct fast_flow *flow)
{
	return __atomic_load_n(&flow->owner, __ATOMIC_ACQUIRE);
}

static bool
swap_owner(struct fast_flow *flow, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(
	    &flow->owner, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

struct fast_flow *
fast_desk_claim(const struct fast_desk *desk, const struct fast_key *key)
{
	uint32_t place = fast_place(&desk->config, key);
	struct fast_flow *unused = NULL;

	for (uint32_t i = 0; i < FAST_WAYS; i++) {
		struct fast_flow *flow = &desk->flows[(place + i) & desk->config.flow_mask];
		uint32_t owner = owner_of(flow);

		if (owner == FAST_ENGINE && memcmp(&flow->key, key, sizeof(*key)) == 0)
			return flow;
		/* given away by somebody else who has the same connection: there can't be two */
		if (owner > FAST_ENGINE && memcmp(&flow->key, key, sizeof(*key)) == 0)
			return NULL;
		if (owner == FAST_NOBODY && !unused)
			unused = flow;
	}
	if (!unused || !swap_owner(unused, FAST_NOBODY, FAST_ENGINE))
		return NULL;
	unused->key = *key;
	unused->desk = desk->number;
	unused->requests = 0;
	return unused;
}

void
fast_desk_give(struct fast_flow *flow)
{
	__atomic_store_n(&flow->owner, FAST_KERNEL, __ATOMIC_RELEASE);
}

bool
fast_desk_take(struct fast_flow *flow)
{
	for (int i = 0; i < LOOKS; i++) {
		uint32_t owner = owner_of(flow);

		if (owner == FAST_ENGINE || swap_owner(flow, FAST_KERNEL, FAST_ENGINE))
			return true;
	}
	__atomic_store_n(&flow->owner, FAST_ENGINE, __ATOMIC_RELEASE);
	return false;
}

bool
fast_desk_owns(const struct fast_desk *desk, const struct fast_flow *flow)
{
	return owner_of(flow) != FAST_NOBODY && flow->desk == desk->number;
}

void
fast_desk_leave(struct fast_flow *flow)
{
	__atomic_store_n(&flow->owner, FAST_NOBODY, __ATOMIC_RELEASE);
}

void
fast_desk_clear(const struct fast_desk *desk)
{
	for (uint32_t i = 0; i <= desk->config.flow_mask; i++) {
		fast_desk_take(&desk->flows[i]);
		fast_desk_leave(&desk->flows[i]);
	}
}
