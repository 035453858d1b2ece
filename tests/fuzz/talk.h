/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talk: a conversation between client and server, made of the bytes of a fuzzer.
 *
 * A protocol whose lower layers have lengths, checksums and counters that a fuzzer does not guess
 * has one file that frames its bytes.  fuzz_talk.c lets a dissector listen.
 */
#ifndef SLUICE_TEST_TALK_H
#define SLUICE_TEST_TALK_H

#include "dissector.h"

enum { TALK_LINE_MAX = 1024 };

/* One frame, as it is on the wire. */
struct talk_line {
	enum direction direction;
	uint32_t pause_ms; /* before it is sent */
	uint32_t length;
	uint8_t bytes[TALK_LINE_MAX];
};

/* Word of the protocol; a setting of the channel that is as high as it may be ("": none). */
extern const char talk_protocol[];
extern const char talk_setting[];

/* A new connection. */
void talk_begin(void);

/* Frame what comes next in the input; false if nothing does. */
bool talk_next(struct cursor *input, struct talk_line *ret_line);

/* The dissector found a complete message in this line. Is it the one that a receiver finds?  NULL
 * or what is wrong. */
const char *talk_heard(const struct talk_line *line, const struct message *m);

#endif
