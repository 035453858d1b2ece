/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segment: building the bare TCP segments that end a connection (RFC 9293 section 3.10.7).
 *
 * The only place that writes packets; writing goes front to back through one small writer.
 */
#include <assert.h>
#include <string.h>

#include "cursor.h"
#include "packet.h"

enum { HOPS = 64, IPV4_SIZE = 20, IPV6_SIZE = 40, TCP_SIZE = 20 };

struct writer {
	uint8_t *buf; /* of SEGMENT_SIZE_MAX */
	size_t length;
};

static void
write_bytes(struct writer *w, const void *bytes, size_t length)
{
	assert(w->length <= SEGMENT_SIZE_MAX && length <= SEGMENT_SIZE_MAX - w->length);
	memcpy(&w->buf[w->length], bytes, length);
	w->length += length;
}

static void
write_be16(struct writer *w, uint16_t value)
{
	uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	write_bytes(w, bytes, sizeof(bytes));
}

static void
write_be32(struct writer *w, uint32_t value)
{
	write_be16(w, (uint16_t)(value >> 16));
	write_be16(w, (uint16_t)value);
}

static void
write_ipv4(struct writer *w, const struct segment *s, uint16_t checksum)
{
	w->length = 0;
	write_be16(w, 0x4500);
	write_be16(w, IPV4_SIZE + TCP_SIZE);
	write_be32(w, 0x00004000); /* identification 0, don't fragment */
	write_be16(w, HOPS << 8 | PROTOCOL_TCP);
	write_be16(w, checksum);
	write_bytes(w, s->source.bytes, 4);
	write_bytes(w, s->destination.bytes, 4);
}

static void
write_ipv6(struct writer *w, const struct segment *s)
{
	write_be32(w, 0x60000000);
	write_be16(w, TCP_SIZE);
	write_be16(w, PROTOCOL_TCP << 8 | HOPS);
	write_bytes(w, s->source.bytes, 16);
	write_bytes(w, s->destination.bytes, 16);
}

static void
write_tcp(struct writer *w, const struct segment *s, uint16_t checksum)
{
	write_be16(w, s->source_port);
	write_be16(w, s->destination_port);
	write_be32(w, s->sequence);
	write_be32(w, s->acknowledgement);
	write_be16(w, (uint16_t)(TCP_SIZE / 4 << 12 | s->tcp_flags));
	write_be16(w, 0); /* window */
	write_be16(w, checksum);
	write_be16(w, 0); /* urgent */
}

/* Each header is written twice: with a checksum of zero to sum over, then with the right one. */
size_t
segment_build(const struct segment *segment, uint8_t *buf)
{
	bool v4 = segment->family == FAMILY_IPV4;
	static const uint8_t tail[4] = {0, PROTOCOL_TCP, 0, TCP_SIZE};
	struct writer w = {buf, 0};
	size_t header = v4 ? IPV4_SIZE : IPV6_SIZE;
	uint64_t sum;

	assert(v4 || segment->family == FAMILY_IPV6);
	if (v4) {
		write_ipv4(&w, segment, 0);
		write_ipv4(&w, segment, cursor_checksum_fold(cursor_checksum_add(0, buf, header)));
	} else {
		write_ipv6(&w, segment);
	}
	write_tcp(&w, segment, 0);
	sum = cursor_checksum_add(0, segment->source.bytes, v4 ? 4 : 16);
	sum = cursor_checksum_add(sum, segment->destination.bytes, v4 ? 4 : 16);
	sum = cursor_checksum_add(sum, tail, sizeof(tail));
	sum = cursor_checksum_add(sum, &buf[header], TCP_SIZE);
	w.length = header;
	write_tcp(&w, segment, cursor_checksum_fold(sum));
	return w.length;
}
