/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Script: what one end sends, in words; frames behind each other with ';', packets with '|'.
 *
 *   say DESTINATION HEX              a fragment in one segment and frame, from master 1
 *   part DESTINATION TRANSPORT HEX   a segment of one, with this transport octet
 *   user DESTINATION CONTROL HEX     user data in a frame with this control octet
 *   link DESTINATION CONTROL         a frame without user data
 *   wrong AT DESTINATION HEX         as say, with a wrong byte at AT of the frame
 *   reply SOURCE HEX                 as say, from the outstation
 *   answer SOURCE TRANSPORT HEX      as part, from the outstation
 *   raw HEX
 */
#ifndef SLUICE_TEST_SCRIPT_H
#define SLUICE_TEST_SCRIPT_H

#include "wire.h"

enum { SCRIPT_PACKETS_MAX = 24 };

struct script {
	struct wire packets[SCRIPT_PACKETS_MAX];
	size_t count;
};

/* Ends the program if the text is none. */
void script_read(const char *text, struct script *ret_script);

/* All packets as one. */
void script_join(const struct script *script, struct wire *ret_wire);

#endif
