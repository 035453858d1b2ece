/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Barred: peers that have killed inspectors, one by one, and those that have done it too often.
 *
 * Three deaths by packets of one peer within a minute bar it for ten minutes: the kernel gives no
 * inspector a packet of it (table.h).  Data and arithmetic; the kernel is nobody's business here.
 */
#ifndef SLUICE_BARRED_H
#define SLUICE_BARRED_H

#include "ruleset_options.h"

enum {
	BARRED_DEATHS = 3,
	BARRED_WITHIN_S = 60,
	BARRED_FOR_S = 600,
	BARRED_PEERS_MAX = RULESET_BARRED_MAX, /* barred ones, and as many that are watched */
};

struct barred_peer {
	enum family family; /* FAMILY_NONE: nobody */
	struct address address;
	uint64_t deaths_ns[BARRED_DEATHS - 1]; /* the latest first; 0: none */
	uint64_t until_ns;                     /* it is barred; 0: it is not */
	bool fresh;                            /* and nobody was told yet */
};

struct barred {
	struct barred_peer barred[BARRED_PEERS_MAX];
	struct barred_peer watched[BARRED_PEERS_MAX];
	uint64_t refused; /* that should have been barred, and found no room */
};

/* An inspector has died of a packet of that peer.  True if it is barred since now. */
bool barred_note(
    struct barred *barred, enum family family, const struct address *address, uint64_t now_ns);

/* Who is barred, for a ruleset; their number. */
size_t barred_list(const struct barred *barred, uint64_t now_ns,
    struct ruleset_barred ret_list[RULESET_BARRED_MAX]);

/* Somebody is barred of whom this was not said yet; his place, or NULL. */
struct barred_peer *barred_fresh(struct barred *barred);

#endif
