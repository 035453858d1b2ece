/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: what holds for every byte string and every dissector, whatever the protocol.
 *
 * Shared by the vector runner and the fuzzers.  Knows nothing of any protocol.
 */
#ifndef SLUICE_TEST_PROPERTIES_H
#define SLUICE_TEST_PROPERTIES_H

#include "dissector.h"

enum { DESCRIPTION_MAX = 65536 };

/* What one call of dissect() answered, the message as text. */
struct answer {
	enum dissect_result result;
	enum reason reason;     /* of a malformed message, otherwise REASON_UNDECIDED */
	uint32_t length;        /* of a complete message, otherwise 0 */
	struct message message; /* values point into freed memory: not to be read */
	char text[DESCRIPTION_MAX];
};

/* Dissect a copy of the bytes in a heap block of exactly their size. */
void properties_ask(const struct dissector *d, enum direction direction,
    const struct context *context, const uint8_t *data, size_t length, struct trace *trace,
    struct answer *ret_answer);

/*
 * Check everything below for one byte string; NULL if all of it holds, else a sentence.
 *   - a message is well-formed: spans within their spaces, values within their spans, readable
 *   - a trace changes nothing, and names every byte of a complete message
 *   - a shorter prefix of a complete message is partial; bytes behind it are not swallowed
 *   - what a prefix tells stays true: result malformed, function, unit, spans and their values
 *   - a partial message can go on: some next byte does not make it malformed (no dead end), so that
 *     a prefix is refused as soon as it can no longer become a message.  With `every_prefix` this
 * is asked of each prefix, otherwise of the whole only.
 */
const char *properties_check(const struct dissector *d, enum direction direction,
    const struct context *context, const uint8_t *data, size_t length, bool every_prefix);

#endif
