/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reason codes: words and sentences, from the one list in reason.h. */
#include "reason.h"

static const char *const words[] = {
#define X(name, word, text) [REASON_##name] = word,
    REASON_LIST(X)
#undef X
};

static const char *const texts[] = {
#define X(name, word, text) [REASON_##name] = text,
    REASON_LIST(X)
#undef X
};

const char *
reason_word(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? words[reason] : "?";
}

const char *
reason_text(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? texts[reason] : "?";
}
