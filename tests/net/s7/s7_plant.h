/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7 plant: s7_server at PLC1, and Snap7 at PLC2 where NODE_PATH has it; and the ways to bring S7
 * messages to them.
 *
 * Whether a message has done harm is asked of the server: s7_server has every byte of it, or
 * Snap7's own state has changed.
 */
#ifndef SLUICE_S7_PLANT_H
#define SLUICE_S7_PLANT_H

#include "device.h"
#include "judge.h"

enum { S7_PORT = 102, S7_PLUS_PORT = 1102, S7_FRAME_HEAD = 7 };

extern const struct plant s7_plant;

/* Connection request for rack 0, slot 2 by a programming device, and set-up. */
void s7_greet(struct attempt *a);

/* Have these bytes reached s7_server since the attack began, in one piece or put together from data
 * TPDUs? */
bool s7_arrived(const uint8_t *bytes, size_t length, unsigned ms);

/* The attack's bytes behind a session that stands: attack_single() and its like of attack_stream.c.
 * More ways, all of bytes that are a TPKT with one data TPDU: */

/* In two data TPDUs, cut behind `argument` bytes of the message; and both in one segment. */
void s7_pieces(struct attempt *a);
void s7_pieces_together(struct attempt *a);
/* In data TPDUs of one byte, with empty ones between. */
void s7_pieces_of_one(struct attempt *a);
/* In one data TPDU without its end mark. */
void s7_no_end(struct attempt *a);

/* Any bytes: on a connection without a connection request, and behind that alone; in one segment
 * with set-up; instead of the connection request; at S7_PLUS_PORT behind a connection request. */
void s7_without_connect(struct attempt *a);
void s7_without_setup(struct attempt *a);
void s7_with_setup(struct attempt *a);
void s7_to_plus(struct attempt *a);

/* A write of `argument` bytes to DB20, which is permitted in itself. */
void s7_long_write(struct attempt *a);

/* A permitted read, and then the attack in three data TPDUs, the second behind one byte, the third
 * behind nine: Snap7 puts the third one byte too far, behind a byte of its answer. */
void s7_three_pieces(struct attempt *a);

/* Many empty data TPDUs, then the attack, cut behind `argument` bytes: Snap7 throws away what it
 * has when there are more than it likes, and takes what comes next for the beginning of a frame. */
void s7_after_empty_ones(struct attempt *a);

/* The same, each empty data TPDU a segment of its own, which is repeated until it has come, as any
 * sender does: where they are held up, Snap7 must have begun to count anew. */
void s7_after_keep_alives(struct attempt *a);

/* What must go on working: as many empty data TPDUs as may come in a row, one more that waits
 * where Sluice is, and then the attack's bytes, which are answered. */
void s7_keep_alives(struct attempt *a);

/* Ask what s7_server answers with a lie, `argument` bytes of it. */
void s7_lied_to(struct attempt *a);

/* What must go on working: the message arrives whole and is answered; in one segment, cut behind
 * every byte, in data TPDUs cut behind every byte. */
void s7_permitted(struct attempt *a);
void s7_permitted_split(struct attempt *a);
void s7_permitted_pieces(struct attempt *a);

#endif
