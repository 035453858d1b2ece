/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw: sockets through which an inspector sends the segments that end a connection.
 *
 * Sends bare segments as the engine made them, and nothing else.
 */
#ifndef SLUICE_RAW_H
#define SLUICE_RAW_H

#include "packet.h"

/* What the inspector sends belongs to no socket of this machine; a rule can tell it by its mark:
 * this one, or, where others have bits of marks too, all of ours. */
enum { RAW_MARK = 0x51c0 };

/* Open a socket for one family. Needs CAP_NET_RAW and CAP_NET_ADMIN. 0 or -errno. */
int raw_open(enum family family, uint32_t mark, int *ret_fd);

/* Send a segment through the socket of its family. 0 or -errno. */
int raw_send(int fd, const struct segment *segment);

#endif
