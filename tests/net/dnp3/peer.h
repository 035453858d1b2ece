/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peer: a master in the supervision zone, by TCP without a kernel or by UDP; and the outstations
 * that it talks to, with what their logs say.
 */
#ifndef SLUICE_TEST_PEER_H
#define SLUICE_TEST_PEER_H

#include <stdbool.h>

#include "raw.h"
#include "wire.h"

enum over { OVER_TCP = 0, OVER_UDP, OVER_TCP6, OVER_UDP6, OVER_COUNT };

enum { PORT_DNP3 = 20000, PORT_CAPTURED = 20001, PORT_DIALLED = 20002 };

struct peer {
	enum over over;
	struct raw raw;         /* TCP */
	int fd;                 /* UDP; -1: none */
	uint16_t port;          /* of the peer */
	size_t sent;            /* bytes */
	size_t received;        /* bytes */
	uint8_t last[WIRE_MAX]; /* UDP: the last datagram that came */
	size_t last_length;
};

bool over_is_udp(enum over over);
bool over_is_ipv6(enum over over);
const char *over_word(enum over over);

/* A peer before it is opened: to be closed without harm. */
void peer_init(struct peer *peer);

/* Connect to a server's port, or fail the test. */
void peer_open(struct peer *peer, enum over over, const char *server, uint16_t port);

/* Send bytes as a segment or datagram. */
void peer_put(struct peer *peer, const void *data, size_t length);

/* The same; of a segment, wait a little for the acknowledgement. */
void peer_send(struct peer *peer, const void *data, size_t length);

/* Listen until so many bytes have come altogether; true if they have. */
bool peer_wait(struct peer *peer, size_t length, unsigned ms);

void peer_close(struct peer *peer);

/* ---- outstations ---- */

enum station { STATION_CAREFUL = 0, STATION_CARELESS, STATION_COUNT };

void stations_start(void);
void stations_stop(void);

/* Signal a station. */
void station_signal(enum station station, int number);

/* Address of a station; the careless one has IPv4 only. */
const char *station_address(enum station station, enum over over);

/* Does the log say so of this peer? Waits for it. */
bool station_said(const struct peer *peer, unsigned ms, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The number in the last line "PORT WORD NUMBER" of this peer, 0 if there is none. */
unsigned long station_number(const struct peer *peer, const char *word);

/* Did this datagram arrive? */
bool station_got(const struct peer *peer, const struct wire *datagram);

#endif
