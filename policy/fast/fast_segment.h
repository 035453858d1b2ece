/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segment: what the recogniser is given by those around it, and how it reads a packet's headers.
 *
 * The very same text is compiled twice: for the kernel by fast.bpf.c, and by the tests that compare
 * it with the engine.  Who includes it defines, before, the type fast_packet and fast_holds(check,
 * holds), which is `holds` (tests leave out one check), and somewhere the functions that are
 * declared at the top.
 *
 * Bounds are written so that the kernel's verifier can follow them; it, and not the cursor, stands
 * for the memory here.
 */
#ifndef SLUICE_FAST_SEGMENT_H
#define SLUICE_FAST_SEGMENT_H

#include "fast.h"

#define FAST_INLINE static inline __attribute__((always_inline))

#ifdef __bpf__
#define FAST_APART __attribute__((noinline))
#define FAST_UNROLL _Pragma("unroll")
#else
#define FAST_APART static
#define FAST_UNROLL
#endif

enum {
	FAST_LINK_SIZE = 14,
	FAST_ETHERTYPE_IPV4 = 0x0800,
	FAST_ETHERTYPE_IPV6 = 0x86dd,
	FAST_TCP_MIN = 20,
	FAST_TCP_STAMPED = 32, /* with timestamps, and nothing else is as long */
	FAST_PROTOCOL_TCP = 6,
	FAST_SIZE_MAX = FAST_LINK_SIZE + 40 + FAST_TCP_STAMPED + FAST_MESSAGE_MAX,
	FAST_FIN = 1,
	FAST_SYN = 2,
	FAST_RST = 4,
	FAST_ACK = 16,
	FAST_URG = 32,
};

/* Where the sum over a segment will stand when it leaves. */
enum fast_sum {
	FAST_SUM_ELSEWHERE = 0, /* its sender has chosen a place, or nobody can tell */
	FAST_SUM_IN_PLACE,      /* it stands where it belongs, and must be right */
	FAST_SUM_FILLED_IN,     /* it will be written where it belongs */
};

/* What is read of a packet; too much for a stack. */
struct fast_room {
	uint64_t message[FAST_WORDS]; /* its payload, and zeros behind it */
	uint32_t tcp[FAST_TCP_STAMPED / 4];
	uint32_t ip[10];
	struct fast_key seen; /* its sender first */
	uint32_t tcp_size;
	uint32_t length; /* of the payload */
	uint32_t from;   /* who sent it: 0 client, 1 server */
	uint64_t now_ns;
	/* of a request */
	uint32_t function;
	uint32_t first;
	uint32_t quantity;
};

/* Memory, or NULL. */
FAST_INLINE const struct fast_config *fast_config(fast_packet *packet);
FAST_INLINE struct fast_room *fast_room(fast_packet *packet);
FAST_INLINE struct fast_flow *fast_flow(fast_packet *packet, uint32_t index);
FAST_INLINE const struct fast_channel *fast_channel(fast_packet *packet, uint32_t index);
FAST_INLINE const struct fast_row *fast_row(fast_packet *packet, uint32_t index);
FAST_INLINE uint64_t *fast_rate(fast_packet *packet, uint32_t slot);

/* Of the packet: bytes from the link layer on, index of the interface, type of Ethernet. */
FAST_INLINE uint32_t fast_size(fast_packet *packet);
FAST_INLINE uint32_t fast_interface(fast_packet *packet);
FAST_INLINE uint32_t fast_protocol(fast_packet *packet);
FAST_INLINE uint64_t fast_now_ns(fast_packet *packet);

/* Is it for this machine, not put together of several, without a tag beside it? */
FAST_INLINE int fast_is_whole(fast_packet *packet);

/* Copy it to where nobody else can change it, if it is not there; false: no memory. */
FAST_INLINE int fast_make_private(fast_packet *packet);

/* Bytes of it; false: they are not there. */
FAST_INLINE int fast_load(fast_packet *packet, uint32_t at, void *to, uint32_t length);

FAST_INLINE enum fast_sum fast_sum_place(fast_packet *packet, uint32_t tcp_at);

/* Atomic: was it `from`, and is it `to` now? */
FAST_INLINE int fast_swap(uint32_t *word, uint32_t from, uint32_t to);
FAST_INLINE int fast_swap_long(uint64_t *word, uint64_t from, uint64_t to);

#define FAST_DEMAND(check, holds)                             \
	do {                                                  \
		if (!fast_holds(FAST_CHECK_##check, (holds))) \
			return FAST_CHECK_##check;            \
	} while (0)

FAST_INLINE uint32_t
fast_be16(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

FAST_INLINE uint32_t
fast_be32(const uint8_t *bytes)
{
	return fast_be16(bytes) << 16 | fast_be16(&bytes[2]);
}

FAST_INLINE const uint8_t *
fast_message(const struct fast_room *room)
{
	return (const uint8_t *)room->message;
}

/* ---- headers ---- */

/* Sums need no order of bytes: RFC 1071, 2 (B). */
FAST_INLINE uint32_t
fast_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)sum;
}

/* A number as it would be read from memory if it stood there in network order. */
FAST_INLINE uint32_t
fast_swapped(uint32_t number)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (number & 0xff) << 8 | (number >> 8 & 0xff);
#else
	return number;
#endif
}

FAST_INLINE uint64_t
fast_sum_words(const uint64_t *words, unsigned count)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += (words[i] & 0xffffffff) + (words[i] >> 32);
	return sum;
}

/* The segment with its pseudo header is right if this is 0xffff. */
FAST_INLINE uint32_t
fast_segment_sum(const struct fast_room *room)
{
	uint64_t sum = fast_sum_words(room->message, FAST_WORDS);

	sum += fast_sum_words(&room->seen.address[0][0], 4);
	for (unsigned i = 0; i < FAST_TCP_STAMPED / 4; i++)
		sum += room->tcp[i];
	sum +=
	    fast_swapped(FAST_PROTOCOL_TCP) + (uint64_t)fast_swapped(room->tcp_size + room->length);
	return fast_fold(sum);
}

FAST_INLINE enum fast_check
fast_read_ipv4(fast_packet *packet, struct fast_room *room, uint32_t *ret_end)
{
	const uint8_t *ip = (const uint8_t *)room->ip;
	uint32_t *addresses = (uint32_t *)&room->seen.address[0][0];
	uint64_t sum = 0;

	if (!fast_load(packet, FAST_LINK_SIZE, room->ip, 20))
		return FAST_CHECK_HEADER;
	FAST_DEMAND(HEADER, ip[0] == 0x45);
	FAST_DEMAND(FRAGMENT, (fast_be16(&ip[6]) & 0x3fff) == 0);
	FAST_DEMAND(HOPS, ip[8] > 1);
	FAST_DEMAND(TRANSPORT, ip[9] == FAST_PROTOCOL_TCP);
	for (unsigned i = 0; i < 5; i++)
		sum += room->ip[i];
	FAST_DEMAND(HEADER_SUM, fast_fold(sum) == 0xffff);
	addresses[0] = room->ip[3];
	addresses[4] = room->ip[4];
	room->seen.family = 4;
	*ret_end = FAST_LINK_SIZE + fast_be16(&ip[2]);
	return FAST_GOOD;
}

FAST_INLINE enum fast_check
fast_read_ipv6(fast_packet *packet, struct fast_room *room, uint32_t *ret_end)
{
	const uint8_t *ip = (const uint8_t *)room->ip;
	uint32_t *addresses = (uint32_t *)&room->seen.address[0][0];

	if (!fast_load(packet, FAST_LINK_SIZE, room->ip, 40))
		return FAST_CHECK_HEADER;
	FAST_DEMAND(HEADER, ip[0] >> 4 == 6);
	FAST_DEMAND(TRANSPORT, ip[6] == FAST_PROTOCOL_TCP);
	FAST_DEMAND(HOPS, ip[7] > 1);
	for (unsigned i = 0; i < 8; i++)
		addresses[i] = room->ip[2 + i];
	room->seen.family = 6;
	*ret_end = FAST_LINK_SIZE + 40 + fast_be16(&ip[4]);
	return FAST_GOOD;
}

/* Of a packet that is private: everything that is asked of it later. */
FAST_INLINE enum fast_check
fast_read(fast_packet *packet, struct fast_room *room, uint32_t tcp_at)
{
	const uint8_t *tcp = (const uint8_t *)room->tcp;
	enum fast_check check;
	uint32_t end = 0, length;

	for (unsigned i = 0; i < FAST_WORDS; i++)
		room->message[i] = 0;
	for (unsigned i = 0; i < FAST_TCP_STAMPED / 4; i++)
		room->tcp[i] = 0;
	for (unsigned i = 0; i < 4; i++)
		(&room->seen.address[0][0])[i] = 0;
	room->seen.zero = 0;
	if (tcp_at == FAST_LINK_SIZE + 20)
		check = fast_read_ipv4(packet, room, &end);
	else
		check = fast_read_ipv6(packet, room, &end);
	if (check != FAST_GOOD)
		return check;
	if (end > fast_size(packet) || !fast_load(packet, tcp_at, room->tcp, FAST_TCP_MIN))
		return FAST_CHECK_HEADER;
	room->tcp_size = (uint32_t)(tcp[12] >> 4) * 4;
	if (room->tcp_size == FAST_TCP_STAMPED) {
		if (!fast_load(packet, tcp_at, room->tcp, FAST_TCP_STAMPED))
			return FAST_CHECK_HEADER;
	} else if (room->tcp_size != FAST_TCP_MIN) {
		return FAST_CHECK_TRANSPORT;
	}
	if (end < tcp_at + room->tcp_size)
		return FAST_CHECK_HEADER;
	length = end - tcp_at - room->tcp_size;
	room->length = length;
	room->seen.port[0] = (uint16_t)fast_be16(tcp);
	room->seen.port[1] = (uint16_t)fast_be16(&tcp[2]);
	/* what has none, and what no message is as long as, is looked at by its flags alone */
	if (length < FAST_MESSAGE_MIN || length > FAST_MESSAGE_MAX)
		return FAST_GOOD;
	if (!fast_load(packet, tcp_at + room->tcp_size, room->message, length))
		return FAST_CHECK_HEADER;
	return FAST_GOOD;
}

/* Does it change neither the stream nor its state, so that nobody asks an engine about it? */
FAST_INLINE int
fast_is_bare(const struct fast_room *room)
{
	const uint8_t *tcp = (const uint8_t *)room->tcp;

	return room->length == 0 && (tcp[13] & (FAST_FIN | FAST_SYN | FAST_RST | FAST_URG)) == 0;
}

#endif
