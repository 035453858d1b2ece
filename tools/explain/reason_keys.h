/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reason keys: which keys of a policy govern a reason.
 */
#ifndef SLUICE_REASON_KEYS_H
#define SLUICE_REASON_KEYS_H

#include "reason.h"

/* Where a key stands. */
enum key_place {
	KEY_OF_RULE = 0,
	KEY_OF_CHANNEL,
	KEY_OF_PROTOCOL,
	KEY_OF_CONDUIT,
	KEY_OF_ZONE,
	KEY_OF_LIMITS,
	KEY_OF_POLICY,
};

struct reason_key {
	enum reason reason;
	const char *key;
	enum key_place place;
	const char *function; /* only for this function; NULL: any */
};

/* All of them; the last has a key of NULL. */
extern const struct reason_key reason_keys[];

#endif
