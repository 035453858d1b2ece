/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain words: a message that nobody has sent yet.
 */
#ifndef SLUICE_EXPLAIN_WORDS_H
#define SLUICE_EXPLAIN_WORDS_H

#include "changes.h"
#include "command.h"

/* Who would speak to whom; names of assets, or addresses. */
struct explain_ends {
	const char *from;
	const char *to;
	unsigned long port; /* 0: the protocol's own */
	bool udp;
};

/* Explain a message from words: a protocol, and what message_of_words() reads. */
enum answer explain_words(struct changes *changes, const struct explain_ends *ends,
    char *const *words, size_t count, bool json);

#endif
