/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Share: who has how much of what is limited.
 *
 * Internal to the engine, below flow.h.  Two levels: the channels, and in each channel its clients,
 * of IPv6 the networks of 64 bits.  Only who has a flow has a share, so there are never more shares
 * than flows and a table of their own that is full can't be.  Who has most is found without a
 * search, because those who have about as much stand in one list.  Found by index, index 0 means
 * none; after a crash it is made anew from the flows.
 */
#ifndef SLUICE_SHARE_H
#define SLUICE_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

enum resource { RESOURCE_FLOWS = 0, RESOURCE_STATES, RESOURCE_HELD, RESOURCE_COUNT };

enum {
	SHARE_LEVELS = 26,         /* by the number of bits of what somebody has */
	SHARE_CHANNELS_MAX = 1024, /* channels behind these count as one */
};

/* What somebody has, and who has about as much: a list for each resource. */
struct account {
	uint32_t count[RESOURCE_COUNT];
	uint32_t previous[RESOURCE_COUNT];
	uint32_t next[RESOURCE_COUNT];
};

/* Where these lists begin. */
struct ranks {
	uint32_t first[RESOURCE_COUNT][SHARE_LEVELS];
};

/* The flows of a share, in the order in which they came into the list. */
struct share_list {
	uint32_t first;
	uint32_t last;
	uint32_t count;
};

enum share_list_kind {
	SHARE_HALF_OPEN = 0, /* nobody has answered it */
	SHARE_LOOSE,         /* nothing that was judged has passed, or nothing will any more */
	SHARE_SETTLED,
	SHARE_HOARDS, /* those that hold more than what is their own in any case */
	SHARE_LISTS
};

struct share {
	struct account account;
	struct share_list lists[SHARE_LISTS]; /* kept by flow.c */
	struct address client;
	uint32_t channel; /* index in the policy */
	uint32_t hash_next;
	uint8_t family;
};

struct channel_share {
	struct account account;
	struct ranks clients;
};

/* What is known of all shares; where they are, there is this, perhaps in shared memory. */
struct share_books {
	uint64_t seed;
	uint32_t bucket_mask;
	uint32_t top; /* shares beyond this were never used */
	uint32_t free;
	struct ranks channels;
};

struct share_table {
	struct share_books *books;
	uint32_t *buckets;
	struct share *shares;           /* [1 .. flows] */
	struct channel_share *channels; /* [1 .. SHARE_CHANNELS_MAX] */
};

/* A client of a channel, whether it has a share or not. */
struct asker {
	uint32_t channel;
	uint8_t family;
	struct address client;
};

/* Its share; 0 if it has none. */
uint32_t share_find(const struct share_table *table, const struct asker *asker);

/* Its share, which is made if it has none. */
uint32_t share_enter(struct share_table *table, const struct asker *asker);

/* The share, and its channel, has `to` in place of `from`. */
void share_count(
    struct share_table *table, uint32_t share, enum resource resource, uint32_t from, uint32_t to);

/* Forget the share, which has nothing any more (asserted). */
void share_leave(struct share_table *table, uint32_t share);

/*
 * Who has more than the asker, even after the asker got `more`: first by channels, then by clients
 * of one channel.  Returns the one that has most (or half of that, if very many have about as
 * much); 0 if there is none.
 */
uint32_t share_above(const struct share_table *table, const struct asker *asker,
    enum resource resource, uint32_t more);

/* Forget all shares. */
void share_clear(struct share_table *table);

#endif
