/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Barred: see barred.h. */
#include <string.h>

#include "barred.h"

static const uint64_t second_ns = 1000000000;

static bool
is_peer(const struct barred_peer *peer, enum family family, const struct address *address)
{
	return peer->family == family && memcmp(&peer->address, address, sizeof(*address)) == 0;
}

/* His place among those that are watched; who has killed longest ago gives it up. */
static struct barred_peer *
watch(struct barred *barred, enum family family, const struct address *address)
{
	struct barred_peer *oldest = &barred->watched[0];

	for (size_t i = 0; i < BARRED_PEERS_MAX; i++) {
		struct barred_peer *peer = &barred->watched[i];

		if (is_peer(peer, family, address))
			return peer;
		if (peer->deaths_ns[0] < oldest->deaths_ns[0])
			oldest = peer;
	}
	*oldest = (struct barred_peer){.family = family, .address = *address};
	return oldest;
}

/* Whose time is over has no place any more. */
static struct barred_peer *
find_place(struct barred *barred, uint64_t now_ns)
{
	for (size_t i = 0; i < BARRED_PEERS_MAX; i++)
		if (barred->barred[i].until_ns <= now_ns)
			return &barred->barred[i];
	return NULL;
}

static bool
is_barred(
    const struct barred *barred, enum family family, const struct address *address, uint64_t now_ns)
{
	for (size_t i = 0; i < BARRED_PEERS_MAX; i++)
		if (barred->barred[i].until_ns > now_ns &&
		    is_peer(&barred->barred[i], family, address))
			return true;
	return false;
}

bool
barred_note(
    struct barred *barred, enum family family, const struct address *address, uint64_t now_ns)
{
	struct barred_peer *peer, *place;
	uint64_t oldest;

	if (family == FAMILY_NONE || is_barred(barred, family, address, now_ns))
		return false; /* what was in the queue already may still kill */
	peer = watch(barred, family, address);
	oldest = peer->deaths_ns[BARRED_DEATHS - 2];
	memmove(&peer->deaths_ns[1], &peer->deaths_ns[0],
	    (BARRED_DEATHS - 2) * sizeof(peer->deaths_ns[0]));
	peer->deaths_ns[0] = now_ns;
	if (oldest == 0 || now_ns - oldest > BARRED_WITHIN_S * second_ns)
		return false;
	place = find_place(barred, now_ns);
	if (!place) {
		barred->refused++;
		return false;
	}
	*place = (struct barred_peer){.family = family,
	    .address = *address,
	    .until_ns = now_ns + BARRED_FOR_S * second_ns,
	    .fresh = true};
	memset(peer, 0, sizeof(*peer));
	return true;
}

size_t
barred_list(const struct barred *barred, uint64_t now_ns,
    struct ruleset_barred ret_list[RULESET_BARRED_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < BARRED_PEERS_MAX; i++) {
		const struct barred_peer *peer = &barred->barred[i];

		if (peer->until_ns > now_ns)
			ret_list[count++] = (struct ruleset_barred){.family = peer->family,
			    .address = peer->address,
			    .seconds = (uint32_t)((peer->until_ns - now_ns - 1) / second_ns + 1)};
	}
	return count;
}

struct barred_peer *
barred_fresh(struct barred *barred)
{
	for (size_t i = 0; i < BARRED_PEERS_MAX; i++)
		if (barred->barred[i].fresh)
			return &barred->barred[i];
	return NULL;
}
