/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: room for what a packet needs, and what becomes of those who make it.
 *
 * room.h says who that is.
 */
#ifndef SLUICE_ENGINE_ROOM_H
#define SLUICE_ENGINE_ROOM_H

#include "engine_pass.h"

/* Make a flow for the packet, of pass->channel; false (and refused) if there is no room. */
bool pass_new_flow(struct pass *pass);

/*
 * Give the flow the state that its dissector wants; false (and refused) if there is no room.  True
 * without any state in monitor mode, and if none is wanted.
 */
bool pass_take_state(struct pass *pass);

/* The same as the one below where the flow's own room is not enough. */
bool pass_find_held_room(struct pass *pass, uint32_t length);

/* Can `length` bytes of the packet be kept?  Refuses nothing. */
static inline bool
pass_has_held_room(struct pass *pass, uint32_t length)
{
	return flow_has_own_room(&pass->engine->table, pass->flow, length) ||
	    pass_find_held_room(pass, length);
}

/* Something that was judged has passed for the first time. */
void pass_settle_flow(struct pass *pass);

/* Something that was judged has passed. */
static inline void
pass_settle(struct pass *pass)
{
	if (pass->flow->kind != SHARE_SETTLED)
		pass_settle_flow(pass);
}

#endif
