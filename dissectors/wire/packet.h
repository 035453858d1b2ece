/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet: IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293), UDP (RFC 768), ICMP echo headers.
 *
 * Says what a packet is, judges nothing but its form.  Link layers of captures are in link.h.
 */
#ifndef SLUICE_PACKET_H
#define SLUICE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reason.h"

/* Addresses are 16 bytes; an IPv4 address is its 4 bytes followed by zeros, and family says which.
 */
enum family { FAMILY_NONE = 0, FAMILY_IPV4 = 4, FAMILY_IPV6 = 6 };

struct address {
	uint8_t bytes[16];
};

enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_ICMPV6 = 58 };

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
};

struct packet {
	enum family family;
	uint8_t protocol; /* of the transport, IPv6 extension headers skipped */
	struct address source;
	struct address destination;
	uint16_t source_port; /* host order; ICMP echo: identifier in both ports */
	uint16_t destination_port;
	uint32_t sequence;        /* TCP */
	uint32_t acknowledgement; /* TCP, valid with TCP_ACK */
	uint16_t window;          /* TCP */
	uint8_t tcp_flags;
	bool multipath;    /* a SYN that asks for Multipath TCP (RFC 8684) */
	uint8_t icmp_type; /* ICMP and ICMPv6 */
	bool icmp_reply;   /* echo reply rather than echo request */
	uint16_t urgent;
	uint32_t transport_at;    /* bytes in front of the transport header */
	uint32_t payload_at;      /* and in front of the payload */
	const uint8_t *transport; /* first byte of the transport header */
	uint32_t
	    transport_length; /* header and payload; bytes that are here and belong to the packet */
	const uint8_t *payload; /* behind the transport header */
	uint32_t payload_length;
};

/*
 * Read an IP packet of `length` bytes.  Bytes behind the IP total length (link padding) are left
 * out.  Returns true and fills *ret_packet, or false with REASON_PACKET_TRUNCATED, _MALFORMED or
 * _FRAGMENT in *ret_reason; then as much of *ret_packet is filled as was read (the rest is zero).
 * A source route is malformed: the addresses of the header are then not those of the two ends.
 * Transport protocols other than TCP, UDP and ICMP have payload = transport and ports of zero.
 */
bool packet_parse(
    const uint8_t *data, size_t length, struct packet *ret_packet, enum reason *ret_reason);

/* Is the TCP or UDP checksum right?  (UDP over IPv4 without one is right; other protocols: true.)
 */
bool packet_checksum_ok(const struct packet *packet);

/* The Internet checksum over its pseudo header and its transport, the one that it carries included.
 */
uint16_t packet_checksum(const struct packet *packet);

/*
 * The packet, which was read from `length` bytes at `data`, is to be changed: copy it to `room`,
 * which has place for all of them, and let `packet` speak of the copy.
 */
void packet_move(struct packet *packet, const uint8_t *data, size_t length, uint8_t *room);

/*
 * Only the first `payload_length` bytes of a TCP packet's payload are to leave, which has more: it
 * is shortened in `room`, and nothing ends with it.  To be sealed.  Returns its new length.
 */
size_t packet_cut(struct packet *packet, uint8_t *room, uint32_t payload_length);

/* The payload in `room` has been changed: give the packet the right TCP or UDP checksum. */
void packet_seal(const struct packet *packet, uint8_t *room);

/* Print "10.0.0.1" or "fd00::1"; buf of at least 46 bytes. Returns buf. */
char *address_print(enum family family, const struct address *address, char *buf, size_t size);

/* A bare segment to send: no payload, no options. */
struct segment {
	enum family family;
	struct address source;
	struct address destination;
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t sequence;
	uint32_t acknowledgement;
	uint8_t tcp_flags;
};

enum { SEGMENT_SIZE_MAX = 60 };

/* Build the IP packet of a segment with valid checksums, in buf of SEGMENT_SIZE_MAX bytes; its
 * length. */
size_t segment_build(const struct segment *segment, uint8_t *buf);

#endif
