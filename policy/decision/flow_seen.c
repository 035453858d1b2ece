/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow seen: see flow_seen.h. */
#include <stdatomic.h>
#include <string.h>

#include "flow_arena.h"
#include "flow_seen.h"

enum { TRIES = 3 }; /* to find a flow that does not change while it is copied */

static const char *const state_words[] = {
    [FLOW_SYN] = "half-open",
    [FLOW_OPEN] = "open",
    [FLOW_DENIED] = "denied",
    [FLOW_PLAIN] = "plain",
    [FLOW_CLOSED] = "closed",
};

enum { STATE_WORDS = sizeof(state_words) / sizeof(state_words[0]) };

void
flow_view_init(struct flow_view *view, const void *arena, const struct engine_limits *limits)
{
	uint32_t top = ((const volatile struct flow_arena *)arena)->flow_top;

	view->arena = arena;
	flow_arena_places(limits, &view->flows_at, &view->seldom_at, &view->notes_at);
	view->top = top < limits->flows ? top : limits->flows;
}

/* Copy first, look then; the copy is whole if the flow is the same before and after it. */
static bool
copy_flow(const struct flow_view *view, uint32_t index, struct flow *flow, struct seldom *seldom,
    struct flow_note *note)
{
	const uint8_t *from = &view->arena[view->flows_at + index * sizeof(*flow)];
	const volatile uint64_t *id = (const volatile void *)&from[offsetof(struct flow, id)];

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = *id;

		atomic_signal_fence(memory_order_seq_cst);
		memcpy(flow, from, sizeof(*flow));
		memcpy(seldom, &view->arena[view->seldom_at + index * sizeof(*seldom)],
		    sizeof(*seldom));
		memcpy(note, &view->arena[view->notes_at + index * sizeof(*note)], sizeof(*note));
		atomic_thread_fence(memory_order_acquire);
		if (*id == before && flow->id == before)
			return true;
	}
	return false;
}

/* Where flow_ends() finds them. */
static struct address
end_of(const struct flow *flow, const struct seldom *seldom, enum direction direction)
{
	struct address address = {{0}};

	if (flow->family != FAMILY_IPV4)
		return seldom->ends.address[direction];
	memcpy(&address, &flow->ipv4[direction], sizeof(flow->ipv4[direction]));
	return address;
}

bool
flow_see(const struct flow_view *view, uint32_t index, struct flow_seen *ret_seen)
{
	struct flow_note note;
	struct seldom seldom;
	struct flow flow;

	if (index == 0 || index > view->top || !copy_flow(view, index, &flow, &seldom, &note))
		return false;
	if (flow.state >= STATE_WORDS || !state_words[flow.state])
		return false;
	if (flow.family != FAMILY_IPV4 && flow.family != FAMILY_IPV6)
		return false;
	*ret_seen = (struct flow_seen){
	    .id = flow.id,
	    .last_ns = flow.last_ns,
	    .client = end_of(&flow, &seldom, DIRECTION_REQUEST),
	    .server = end_of(&flow, &seldom, DIRECTION_RESPONSE),
	    .client_port = flow.port[DIRECTION_REQUEST],
	    .server_port = flow.port[DIRECTION_RESPONSE],
	    .family = flow.family,
	    .transport = flow.transport,
	    .waiting = flow.outstanding_count,
	    .state = state_words[flow.state],
	    .denied = flow.state == FLOW_DENIED,
	    .channel = flow.channel,
	    .opened_ms = flow.opened_ms,
	    .note = note,
	};
	return true;
}
