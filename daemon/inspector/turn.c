/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turn: see turn.h.
 */
#include <string.h>

#include "turn.h"

static uint8_t *
place_of(struct turn *turn, const struct address *client)
{
	uint64_t words[2], hash;

	memcpy(words, client->bytes, sizeof(words));
	hash = (words[0] ^ turn->seed) * UINT64_C(0x9e3779b97f4a7c15);
	hash = ((hash ^ hash >> 32) + words[1]) * UINT64_C(0xd6e8feb86659fd93);
	return &turn->told[(hash >> 40) % TURN_SOURCES];
}

bool
turn_takes(struct turn *turn, const struct address *client, uint64_t waiting, uint64_t room)
{
	uint8_t *told = place_of(turn, client);

	if (waiting == 0)
		memset(turn->told, 0, sizeof(turn->told));
	if (waiting >= room / 4 * 3 && *told >= TURN_FEW)
		return false;
	if (*told < TURN_FEW)
		++*told;
	return true;
}
