/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7: messages of S7comm for the tests of the engine, and connections that are set up.
 *
 * Not a client: what is wrong in a message is wrong because its test wants it so.
 */
#ifndef SLUICE_TEST_S7_H
#define SLUICE_TEST_S7_H

#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

extern const char connect_request[], connect_confirm[], setup_request[], setup_answer[];
extern const char plc_stop[], read_allowed[];

enum { BYTES_MAX = 4096 };

struct bytes {
	uint8_t data[BYTES_MAX];
	size_t length;
};

void add(struct bytes *b, const char *hex);
void put(struct bytes *b, unsigned number);

/* TPKT, data TPDU, header, parameters and data of a job. */
struct bytes job(unsigned reference, const char *parameters, const char *data);

/* The bytes behind the COTP header, from `from` to `to`, in a data TPDU of their own. */
struct bytes piece(const struct bytes *whole, size_t from, size_t to, bool end);

enum verdict send(struct sim *sim, const struct bytes *b);

/* A channel with settings ("" or more); COTP is connected; the set-up is answered with 240 too. */
struct sim *connected(const char *settings, const char *rules);
struct sim *ready(const char *rules);
struct sim *ready_with(const char *settings, const char *rules);

#endif
