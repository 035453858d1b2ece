/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw: sockets through which an inspector sends the segments that end a connection.
 *
 * Sends bare segments as the engine made them, and nothing else.
 */
#ifndef SLUICE_RAW_H
#define SLUICE_RAW_H

#include "packet.h"
#include "stations.h"

/* What the inspector sends belongs to no socket of this machine; a rule can tell it by its mark:
 * this one, or, where others have bits of marks too, all of ours. */
enum { RAW_MARK = 0x51c0 };

/* Open a socket for one family. Needs CAP_NET_RAW and CAP_NET_ADMIN. 0 or -errno. */
int raw_open(enum family family, uint32_t mark, int *ret_fd);

/* Send a segment through the socket of its family. 0 or -errno. */
int raw_send(int fd, const struct segment *segment);

/* Open a socket that sends frames and gets none. Needs CAP_NET_RAW and CAP_NET_ADMIN. */
int raw_open_bridge(uint32_t mark, int *ret_fd);

/*
 * Send an IPv4 segment as a frame by the port behind which its receiver is, from the station that
 * it pretends to come from.  -EHOSTUNREACH if that is not known (NULL), or not IPv4.
 */
int raw_send_bridged(
    int fd, const struct segment *segment, const struct station *to, const struct station *from);

#endif
