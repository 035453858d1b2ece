/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hash: see hash.h (nettle). */
#include "hash.h"

#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <string.h>

void
hash_text(const char *text, char ret_hex[65])
{
	struct sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_init(&context);
	sha256_update(&context, strlen(text), (const uint8_t *)text);
	sha256_digest(&context, sizeof(digest), digest);
	base16_encode_update(ret_hex, sizeof(digest), digest);
	ret_hex[64] = '\0';
}
