/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw: one end of a TCP connection without a kernel, so that every bit of every segment is the
 * test's own.
 *
 * It lives in the supervision namespace behind an address that no kernel owns, which is why nobody
 * answers in its place.  It sends exactly what it is told, never repeats anything by itself, and
 * acknowledges what arrives in order.
 */
#ifndef SLUICE_RAW_H
#define SLUICE_RAW_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FLAG_FIN = 1,
	FLAG_SYN = 2,
	FLAG_RST = 4,
	FLAG_PSH = 8,
	FLAG_ACK = 16,
	FLAG_URG = 32,
	FLAG_NONE = 64, /* really no flag at all; 0 stands for PSH and ACK */
};

struct raw {
	int fd;
	int family; /* AF_INET or AF_INET6 */
	unsigned interface;
	uint8_t source[16];
	uint8_t destination[16];
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t first;    /* sequence number of the first byte of data */
	uint32_t received; /* next byte that we expect */
	uint32_t acked; /* everything before it, counted from `first`, has reached the other end */
	uint32_t sent;  /* bytes of data up to the last that was sent, in order or not */
	uint32_t own_time; /* timestamp option; 0: not used */
	uint32_t peer_time;
	bool reset; /* a valid RST came */
	bool finished;
	uint8_t data[4096]; /* what came, in order */
	size_t data_length;
};

/* A segment; what is zero is as any sender would have it. */
struct segment {
	uint32_t offset; /* of its first byte, counted from the first byte of data */
	const void *data;
	size_t length;
	unsigned flags;
	uint16_t urgent;
	bool bad_checksum;
	bool md5_option;         /* an MD5 signature (RFC 2385) that nobody agreed on */
	bool ip_options;         /* IPv4: four octets of no-operation behind the header */
	bool destination_option; /* IPv6: destination options before the TCP header */
	int32_t ack_shift;
	int32_t time_shift;
	size_t fragment; /* bytes of each IP fragment, a multiple of 8; 0: no fragments */
	bool fragments_backwards;
	uint32_t sequence_shift; /* for segments that are far away from the stream */
	/* the kernel is to write a checksum from payload byte `sum_from` on into byte `sum_at` */
	bool sum_asked;
	size_t sum_from;
	size_t sum_at;
	const void *sum_data; /* the payload as it will be then, for the true checksum */
};

/* From 10.10.0.66 or fd00:10::66 to a server; the socket belongs to the supervision namespace. */
void raw_open(struct raw *raw, const char *server, uint16_t port);

/* The same with a first sequence number of the test's choice. */
void raw_open_at(struct raw *raw, const char *server, uint16_t port, uint32_t first);

/* Handshake; `timestamps` negotiates the option. True when the other end has answered. */
bool raw_connect(struct raw *raw, bool timestamps);

void raw_send(struct raw *raw, const struct segment *segment);

/* The plain case: `length` bytes at `offset`. */
void raw_data(struct raw *raw, uint32_t offset, const void *data, size_t length);

/* Take and acknowledge what comes, for this long. */
void raw_listen(struct raw *raw, unsigned ms);

/* The same until `length` bytes have come altogether; true if they have. */
bool raw_wait_data(struct raw *raw, size_t length, unsigned ms);

/* Until the other end has acknowledged `offset` bytes; true if it has. */
bool raw_wait_acked(struct raw *raw, uint32_t offset, unsigned ms);

/* Until a valid RST comes; true if one has. */
bool raw_wait_reset(struct raw *raw, unsigned ms);

/* Send RST if the connection is open, and close the socket. */
void raw_close(struct raw *raw);

#endif
