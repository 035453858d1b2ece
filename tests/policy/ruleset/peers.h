/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers: sockets in the namespaces of the laboratory, for tests of what the ruleset forwards.
 */
#ifndef SLUICE_PEERS_H
#define SLUICE_PEERS_H

#include "lab.h"

enum { PEER_PASS_MS = 2000, PEER_DROP_MS = 250 };

/* A bound UDP socket or a listening TCP socket. */
int peer_udp(enum lab_place place, const char *address, uint16_t port);
int peer_listen(enum lab_place place, const char *address, uint16_t port);

/* Connect from an address of a place; the socket, or -errno (-ETIMEDOUT after `ms`). */
int peer_connect(
    enum lab_place place, const char *from, const char *to, uint16_t port, unsigned ms);

/* Can one connect? Leaves no connection. */
bool peer_can_connect(enum lab_place place, const char *from, const char *to, uint16_t port);

/* The other end of the next connection. */
int peer_accept(int listener);

/* Send one byte on a connection and wait for it at the other end: 0, or -errno (-ETIMEDOUT after
 * `ms`). */
int peer_pass(int from, int to, unsigned ms);

/* Send one datagram; does it arrive at `receiver`? */
bool peer_datagram(int sender, const char *to, uint16_t port, int receiver);

/* Send a datagram where nobody listens: -ECONNREFUSED when the ICMP error comes back, -ETIMEDOUT.
 */
int peer_refused(enum lab_place place, const char *from, const char *to, uint16_t port);

/* 0 when an echo request is answered, -errno if not. */
int peer_ping(enum lab_place place, const char *from, const char *to);

/* The same for another type of ICMP (IPv4) that connection tracking knows as a request. */
int peer_icmp(enum lab_place place, const char *to, uint8_t type, uint8_t answer);

/* Send a UDP datagram to the gateway whose addresses are the test's own (IPv4). */
void peer_forge(enum lab_place place, const char *from, const char *to, uint16_t port);

/* Send a reset whose addresses are the test's own from the gateway's raw socket (IPv4). */
void peer_reset(
    const char *from, uint16_t from_port, const char *to, uint16_t to_port, uint32_t sequence);

/*
 * Send the gateway an ICMP error (IPv4) from `from` to `to` that speaks of a datagram that `to`
 * sent to `from`.
 */
void peer_icmp_error(enum lab_place place, const char *from, uint16_t from_port, const char *to,
    uint16_t to_port, uint8_t type);

/* An interface of a place; the gateway's end of it has the hardware address 02:00:00:00:NUMBER:01.
 */
struct peer_wire {
	enum lab_place place;
	const char *interface;
	uint8_t number;
};

/* An ICMP error (IPv4, IPv6) from a router to the sender of a UDP datagram. */
struct peer_error {
	const char *router;
	const char *sender;
	uint16_t sender_port;
	const char *receiver;
	uint16_t receiver_port;
	uint8_t type;
};

/* Send the gateway an ICMP error by a wire. */
void peer_send_error(const struct peer_wire *wire, const struct peer_error *error);

/* From now on a UDP socket is told of every ICMP error about what it has sent. */
void peer_want_errors(int fd);

/* Is it told of one within `ms`? Takes what it is told. */
bool peer_told(int fd, unsigned ms);

/* Has an ICMP message of this type come to a tap within `ms`? */
bool peer_tapped_icmp(int tap, uint8_t type, unsigned ms);

/* IPv4 packets that arrive in a namespace. */
int peer_tap(enum lab_place place);

/* Has a segment to this port with exactly these flags come within `ms`? */
bool peer_tapped(int tap, uint16_t port, unsigned flags, unsigned ms);

#endif
