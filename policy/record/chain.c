/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chain: see chain.h (nettle). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>

#include "chain.h"

#define SEQ_WORD ",\"chain\":{\"seq\":"
#define PREV_WORD ",\"prev\":\""
#define HASH_WORD "\",\"hash\":\""
#define MAC_WORD "\",\"mac\":\""
#define END_WORD "\"}}"

enum { DIGITS = 2 * CHAIN_HASH_SIZE, SEQ_DIGITS_MAX = 20 };

static void
hash_of(const struct chain_key *key, const char *text, size_t length, uint8_t *ret_hash)
{
	const uint8_t *bytes = (const uint8_t *)text;

	if (key && key->length > 0) {
		struct hmac_sha256_ctx context;

		hmac_sha256_set_key(&context, key->length, key->bytes);
		hmac_sha256_update(&context, length, bytes);
		hmac_sha256_digest(&context, CHAIN_HASH_SIZE, ret_hash);
	} else {
		struct sha256_ctx context;

		sha256_init(&context);
		sha256_update(&context, length, bytes);
		sha256_digest(&context, CHAIN_HASH_SIZE, ret_hash);
	}
}

void
chain_print_hash(const uint8_t *hash, char ret_text[DIGITS + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < CHAIN_HASH_SIZE; i++) {
		ret_text[2 * i] = digits[hash[i] >> 4];
		ret_text[2 * i + 1] = digits[hash[i] & 15];
	}
	ret_text[DIGITS] = '\0';
}

static int
digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool
chain_read_hash(const char *text, uint8_t ret_hash[CHAIN_HASH_SIZE])
{
	uint8_t hash[CHAIN_HASH_SIZE];

	for (unsigned i = 0; i < CHAIN_HASH_SIZE; i++) {
		int high = digit_value(text[2 * i]);
		int low = high < 0 ? -1 : digit_value(text[2 * i + 1]);

		if (low < 0)
			return false;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(ret_hash, hash, sizeof(hash));
	return true;
}

void
chain_print_link(const struct chain_link *link, char ret_text[CHAIN_LINK_SIZE + 1])
{
	char digits[DIGITS + 1];

	chain_print_hash(link->hash, digits);
	snprintf(ret_text, CHAIN_LINK_SIZE + 1, "%020" PRIu64 " %s\n", link->seq, digits);
}

bool
chain_read_link(const char text[CHAIN_LINK_SIZE], struct chain_link *ret_link)
{
	struct chain_link link = {0};

	for (unsigned i = 0; i < SEQ_DIGITS_MAX; i++)
		if (text[i] < '0' || text[i] > '9' ||
		    __builtin_mul_overflow(link.seq, 10, &link.seq) ||
		    __builtin_add_overflow(link.seq, (uint64_t)(text[i] - '0'), &link.seq))
			return false;
	if (text[SEQ_DIGITS_MAX] != ' ' || text[CHAIN_LINK_SIZE - 1] != '\n' ||
	    !chain_read_hash(&text[SEQ_DIGITS_MAX + 1], link.hash))
		return false;
	*ret_link = link;
	return true;
}

size_t
chain_seal(struct chain_link *last, const struct chain_key *key, const char *line, char *ret_sealed)
{
	bool keyed = key && key->length > 0;
	size_t length = strlen(line) - 1; /* its "}" comes behind the seal */
	char digits[DIGITS + 1];

	memcpy(ret_sealed, line, length);
	chain_print_hash(last->hash, digits);
	length += (size_t)sprintf(
	    ret_sealed + length, SEQ_WORD "%" PRIu64 PREV_WORD "%s", last->seq + 1, digits);
	hash_of(key, ret_sealed, length, last->hash);
	last->seq++;
	chain_print_hash(last->hash, digits);
	length += (size_t)sprintf(
	    ret_sealed + length, "%s%s" END_WORD, keyed ? MAC_WORD : HASH_WORD, digits);
	return length;
}

/* The text ends with the word: take it off. */
static bool
take_end(const char *line, size_t *length, const char *word)
{
	size_t size = strlen(word);

	if (*length < size || memcmp(line + *length - size, word, size) != 0)
		return false;
	*length -= size;
	return true;
}

static bool
take_hash(const char *line, size_t *length, uint8_t *ret_hash)
{
	if (*length < DIGITS || !chain_read_hash(line + *length - DIGITS, ret_hash))
		return false;
	*length -= DIGITS;
	return true;
}

static bool
take_seq(const char *line, size_t *length, uint64_t *ret_seq)
{
	size_t begin = *length;
	uint64_t seq = 0;

	while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9')
		begin--;
	if (begin == *length || *length - begin > SEQ_DIGITS_MAX || line[begin] == '0')
		return false;
	for (size_t i = begin; i < *length; i++)
		if (__builtin_mul_overflow(seq, 10, &seq) ||
		    __builtin_add_overflow(seq, (uint64_t)(line[i] - '0'), &seq))
			return false;
	*length = begin;
	*ret_seq = seq;
	return true;
}

bool
chain_read(const char *line, size_t length, struct chain_seal *ret_seal)
{
	struct chain_seal seal = {0};

	if (!take_end(line, &length, END_WORD) || !take_hash(line, &length, seal.link.hash))
		return false;
	seal.keyed = take_end(line, &length, MAC_WORD);
	if (!seal.keyed && !take_end(line, &length, HASH_WORD))
		return false;
	seal.covered = length;
	if (!take_hash(line, &length, seal.prev) || !take_end(line, &length, PREV_WORD) ||
	    !take_seq(line, &length, &seal.link.seq) || !take_end(line, &length, SEQ_WORD))
		return false;
	*ret_seal = seal;
	return true;
}

bool
chain_same_hash(const uint8_t *a, const uint8_t *b)
{
	return memeql_sec(a, b, CHAIN_HASH_SIZE) != 0;
}

bool
chain_verify(const struct chain_key *key, const char *line, const struct chain_seal *seal)
{
	uint8_t hash[CHAIN_HASH_SIZE];

	hash_of(seal->keyed ? key : NULL, line, seal->covered, hash);
	return chain_same_hash(hash, seal->link.hash);
}

static int
read_key(int fd, struct chain_key *ret_key)
{
	uint8_t more;
	struct stat status;
	ssize_t length;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return -EPERM;
	length = read(fd, ret_key->bytes, sizeof(ret_key->bytes));
	if (length < 0)
		return -errno;
	if (length < CHAIN_KEY_MIN || read(fd, &more, 1) != 0)
		return -EINVAL;
	ret_key->length = (size_t)length;
	return 0;
}

int
chain_read_key(const char *path, struct chain_key *ret_key)
{
	struct chain_key key = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;

	if (fd < 0)
		return -errno;
	r = read_key(fd, &key);
	close(fd);
	if (r == 0)
		*ret_key = key;
	return r;
}
