/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chain: lines of events that can't be changed, left out or put in another order unnoticed.
 *
 * A line of JSON is sealed by one more member at its end:
 *
 *   ...,"chain":{"seq":7,"prev":"<64 digits>","hash":"<64 digits>"}}
 *
 * `seq` counts the lines from 1, `prev` is the hash of the line before (zeros in front of the
 * first), and `hash` is SHA-256 (FIPS 180-4) of all that stands in the line in front of its
 * ,"hash".  With a key it is HMAC-SHA-256 (RFC 2104) instead, and called `mac`.  Reads and writes
 * no file.
 */
#ifndef SLUICE_CHAIN_H
#define SLUICE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHAIN_HASH_SIZE = 32,
	CHAIN_KEY_MIN = 16, /* bytes */
	CHAIN_KEY_MAX = 4096,
	CHAIN_LINK_SIZE = 20 + 1 + 2 * CHAIN_HASH_SIZE + 1, /* of one that is kept */
	CHAIN_SEAL_MAX = 256, /* bytes that a seal adds to a line, with a final zero */
};

/* A line's place: its number, and its hash. Number 0: nothing stands there yet. */
struct chain_link {
	uint64_t seq;
	uint8_t hash[CHAIN_HASH_SIZE];
};

struct chain_key {
	size_t length; /* 0: no key */
	uint8_t bytes[CHAIN_KEY_MAX];
};

/* The seal of a line as it was read. */
struct chain_seal {
	struct chain_link link;
	uint8_t prev[CHAIN_HASH_SIZE];
	bool keyed;
	size_t covered; /* bytes of the line that the hash is of */
};

/*
 * Seal a line, which is a JSON object with members and no line feed, behind *last, which becomes
 * the new one.  `ret_sealed` has room for strlen(line) + CHAIN_SEAL_MAX.  Returns the length
 * without the final zero.
 */
size_t chain_seal(
    struct chain_link *last, const struct chain_key *key, const char *line, char *ret_sealed);

/* Read the seal of a line (without line feed); false: there is none. Verifies nothing. */
bool chain_read(const char *line, size_t length, struct chain_seal *ret_seal);

/* Is the line what was sealed?  `key` must be the one with which a keyed seal was made. */
bool chain_verify(const struct chain_key *key, const char *line, const struct chain_seal *seal);

bool chain_same_hash(const uint8_t *a, const uint8_t *b);

/* 64 digits and a zero. */
void chain_print_hash(const uint8_t *hash, char ret_text[2 * CHAIN_HASH_SIZE + 1]);

/* From 64 small hexadecimal digits; false: they are not. */
bool chain_read_hash(const char *text, uint8_t ret_hash[CHAIN_HASH_SIZE]);

/* The file of a state directory that keeps a link, and its text: "number hash\n". */
#define CHAIN_LINK_FILE "chain"
void chain_print_link(const struct chain_link *link, char ret_text[CHAIN_LINK_SIZE + 1]);
bool chain_read_link(const char text[CHAIN_LINK_SIZE], struct chain_link *ret_link);

/*
 * Read a key from a file, all of its bytes.  -EINVAL: too short or too long; -EPERM: others than
 * its owner may read it; another -errno.
 */
int chain_read_key(const char *path, struct chain_key *ret_key);

#endif
