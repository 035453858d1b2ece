/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Share: who has how much of what is limited.  See share.h. */
#include "share.h"

#include <assert.h>
#include <string.h>

enum { LOOKS = 32 /* at those who have about as much as the one that has most */ };

/* Accounts of one level: they stand at the beginning of larger structs. */
struct level {
	struct ranks *ranks;
	uint8_t *accounts;
	size_t stride;
};

static struct account *
account_at(const struct level *level, uint32_t index)
{
	return (struct account *)(void *)&level->accounts[index * level->stride];
}

static struct level
level_of_channels(const struct share_table *table)
{
	return (struct level){
	    &table->books->channels, (uint8_t *)table->channels, sizeof(struct channel_share)};
}

static struct level
level_of_clients(const struct share_table *table, uint32_t channel)
{
	return (struct level){
	    &table->channels[channel].clients, (uint8_t *)table->shares, sizeof(struct share)};
}

/* Number of a policy's channel among the accounts. */
static uint32_t
channel_number(uint32_t channel)
{
	return channel < SHARE_CHANNELS_MAX ? channel + 1 : SHARE_CHANNELS_MAX;
}

/* Bits of a count: 0 for nothing, which stands in no list. */
static uint32_t
rank_of(uint32_t count)
{
	return count == 0 ? 0 : 32 - (uint32_t)__builtin_clz(count);
}

static void
rank_leave(const struct level *level, uint32_t index, enum resource r, uint32_t rank)
{
	const struct account *account = account_at(level, index);
	uint32_t previous = account->previous[r], next = account->next[r];

	if (rank == 0)
		return;
	if (previous != 0)
		account_at(level, previous)->next[r] = next;
	else
		level->ranks->first[r][rank] = next;
	if (next != 0)
		account_at(level, next)->previous[r] = previous;
}

static void
rank_enter(const struct level *level, uint32_t index, enum resource r, uint32_t rank)
{
	struct account *account = account_at(level, index);
	uint32_t *first = &level->ranks->first[r][rank];

	if (rank == 0)
		return;
	account->previous[r] = 0;
	account->next[r] = *first;
	if (*first != 0)
		account_at(level, *first)->previous[r] = index;
	*first = index;
}

static void
account_count(
    const struct level *level, uint32_t index, enum resource r, uint32_t from, uint32_t to)
{
	struct account *account = account_at(level, index);
	uint32_t before = rank_of(account->count[r]), after;

	assert(account->count[r] >= from);
	account->count[r] = account->count[r] - from + to;
	after = rank_of(account->count[r]);
	assert(after < SHARE_LEVELS);
	if (after == before)
		return;
	rank_leave(level, index, r, before);
	rank_enter(level, index, r, after);
}

void
share_count(
    struct share_table *table, uint32_t share, enum resource resource, uint32_t from, uint32_t to)
{
	uint32_t channel = channel_number(table->shares[share].channel);
	struct level clients = level_of_clients(table, channel);
	struct level channels = level_of_channels(table);

	account_count(&clients, share, resource, from, to);
	account_count(&channels, channel, resource, from, to);
}

/* The account that has most, as well as LOOKS show it; 0 if nobody has anything. */
static uint32_t
level_top(const struct level *level, enum resource r)
{
	uint32_t rank = SHARE_LEVELS - 1, top, index;

	while (rank > 0 && level->ranks->first[r][rank] == 0)
		rank--;
	top = index = rank > 0 ? level->ranks->first[r][rank] : 0;
	for (unsigned i = 0; i < LOOKS && index != 0; i++) {
		if (account_at(level, index)->count[r] > account_at(level, top)->count[r])
			top = index;
		index = account_at(level, index)->next[r];
	}
	return top;
}

uint32_t
share_above(const struct share_table *table, const struct asker *asker, enum resource resource,
    uint32_t more)
{
	uint32_t own = channel_number(asker->channel), share = share_find(table, asker);
	uint32_t has = share != 0 ? table->shares[share].account.count[resource] : 0;
	struct level channels = level_of_channels(table), clients;
	uint32_t top = level_top(&channels, resource);

	if (top != 0 && top != own &&
	    table->channels[top].account.count[resource] >
		table->channels[own].account.count[resource] + more) {
		clients = level_of_clients(table, top);
		return level_top(&clients, resource);
	}
	clients = level_of_clients(table, own);
	top = level_top(&clients, resource);
	return top != 0 && top != share && table->shares[top].account.count[resource] > has + more
	    ? top
	    : 0;
}

/* ---- who has a share ---- */

static uint32_t
share_bucket(const struct share_table *table, const struct asker *asker)
{
	uint64_t words[2], h = table->books->seed ^ asker->channel;

	memcpy(words, &asker->client, sizeof(words));
	for (int i = 0; i < 2; i++) {
		h = (h ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return (uint32_t)(h ^ h >> 32) & table->books->bucket_mask;
}

static uint32_t
share_lookup(const struct share_table *table, uint32_t bucket, const struct asker *asker)
{
	uint32_t index = table->buckets[bucket];

	while (index != 0) {
		const struct share *share = &table->shares[index];

		if (share->channel == asker->channel && share->family == asker->family &&
		    memcmp(&share->client, &asker->client, sizeof(share->client)) == 0)
			break;
		index = share->hash_next;
	}
	return index;
}

uint32_t
share_find(const struct share_table *table, const struct asker *asker)
{
	return share_lookup(table, share_bucket(table, asker), asker);
}

uint32_t
share_enter(struct share_table *table, const struct asker *asker)
{
	struct share_books *books = table->books;
	uint32_t bucket = share_bucket(table, asker), index = share_lookup(table, bucket, asker);

	if (index != 0)
		return index;
	index = books->free;
	if (index != 0)
		books->free = table->shares[index].hash_next;
	else
		index = ++books->top;
	table->shares[index] = (struct share){
	    .channel = asker->channel,
	    .family = asker->family,
	    .client = asker->client,
	    .hash_next = table->buckets[bucket],
	};
	table->buckets[bucket] = index;
	return index;
}

void
share_leave(struct share_table *table, uint32_t index)
{
	struct share *share = &table->shares[index];
	struct asker asker = {share->channel, share->family, share->client};
	uint32_t *link = &table->buckets[share_bucket(table, &asker)];

	for (int r = 0; r < RESOURCE_COUNT; r++)
		assert(share->account.count[r] == 0);
	while (*link != 0 && *link != index)
		link = &table->shares[*link].hash_next;
	assert(*link == index);
	*link = share->hash_next;
	share->hash_next = table->books->free;
	table->books->free = index;
}

void
share_clear(struct share_table *table)
{
	struct share_books *books = table->books;

	memset(table->buckets, 0, sizeof(*table->buckets) * (books->bucket_mask + (size_t)1));
	memset(table->channels, 0, sizeof(*table->channels) * (SHARE_CHANNELS_MAX + (size_t)1));
	memset(&books->channels, 0, sizeof(books->channels));
	books->top = books->free = 0;
}
