/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet: IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293), UDP (RFC 768), ICMP echo headers.
 *
 * One cursor walks over the packet; what is short or overrun in the end decides the reason.  Source
 * routes are refused, because the addresses of the header are then not those of the two ends.  What
 * few packets have is read by functions that take the cursor and give it back, so that it need not
 * be in memory for all the others.
 */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <string.h>

#include "cursor.h"
#include "packet.h"

enum { EXTENSIONS_MAX = 8 };

/* IPv4 options, RFC 791 section 3.1 */
enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_LOOSE_ROUTE = 131, OPTION_STRICT_ROUTE = 137 };

/* TCP options, RFC 9293 section 3.1 (end and no-operation as above) and RFC 8684 section 3 */
enum { OPTION_MULTIPATH = 30 };

/* IPv6 next headers, RFC 8200 section 4 and RFC 4302 */
enum {
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AUTHENTICATION = 51,
	NEXT_DESTINATION = 60,
};

static void
read_address(struct cursor *c, size_t size, struct address *ret_address, const char *field)
{
	const uint8_t *at = cursor_bytes(c, size, field);

	if (at != NULL)
		memcpy(ret_address->bytes, at, size);
}

/* One option; none follows OPTION_END. */
static void
read_ipv4_option(struct cursor *c)
{
	uint8_t type = cursor_u8(c, "option");
	uint8_t length;

	if (type == OPTION_END)
		cursor_bytes(c, cursor_left(c), "padding");
	if (type == OPTION_END || type == OPTION_NOP)
		return;
	if (type == OPTION_LOOSE_ROUTE || type == OPTION_STRICT_ROUTE)
		cursor_fail(c, REASON_PACKET_MALFORMED);
	cursor_expect_u8(c, 2, 255, REASON_PACKET_MALFORMED);
	length = cursor_u8(c, "option length");
	if (cursor_ok(c))
		cursor_bytes(c, length - 2, "option data");
}

static struct cursor
read_ipv4_options(struct cursor c, uint32_t length)
{
	struct cursor options = cursor_sub(&c, length, "options");

	while (cursor_left(&options) > 0)
		read_ipv4_option(&options);
	cursor_sub_end(&c, &options);
	return c;
}

/* The header; on return `c` stands at the transport and ends at the total length. */
static void
read_ipv4(struct cursor *c, struct packet *p, bool *ret_fragment)
{
	uint8_t header = (cursor_u8(c, "version and header length") & 0x0f) * 4;
	uint16_t total, fragment;

	cursor_u8(c, "service");
	total = cursor_be16(c, "total length");
	if (header < 20 || header > total)
		cursor_fail(c, REASON_PACKET_MALFORMED);
	cursor_be16(c, "identification");
	fragment = cursor_be16(c, "fragment");
	cursor_u8(c, "time to live");
	p->protocol = cursor_u8(c, "protocol");
	cursor_be16(c, "header checksum");
	read_address(c, 4, &p->source, "source");
	read_address(c, 4, &p->destination, "destination");
	*ret_fragment = (fragment & 0x3fff) != 0;
	cursor_limit(c, total);
	if (header > 20)
		*c = read_ipv4_options(*c, header - 20u);
}

/* One extension header; the protocol behind it is in *next. */
static struct cursor
read_extension(struct cursor c, uint8_t *next, bool *ret_fragment)
{
	uint8_t type = *next;
	uint32_t length;
	uint16_t fragment;

	*next = cursor_u8(&c, "next header");
	length = cursor_u8(&c, "header length");
	if (type == NEXT_FRAGMENT) {
		/* an atomic fragment (RFC 6946) is a whole packet */
		fragment = cursor_be16(&c, "fragment");
		*ret_fragment = (fragment & 0xfff9) != 0;
		cursor_be32(&c, "identification");
	} else if (type == NEXT_AUTHENTICATION) {
		if (length < 1)
			cursor_fail(&c, REASON_PACKET_MALFORMED);
		cursor_bytes(&c, length * 4 + 6, "authentication");
	} else if (type == NEXT_ROUTING) {
		cursor_u8(&c, "routing type");
		cursor_expect_u8(&c, 0, 0, REASON_PACKET_MALFORMED);
		cursor_u8(&c, "segments left");
		cursor_bytes(&c, length * 8 + 4, "routing");
	} else {
		cursor_bytes(&c, length * 8 + 6, "options");
	}
	return c;
}

static bool
is_extension(uint8_t next)
{
	return next == NEXT_HOP_BY_HOP || next == NEXT_ROUTING || next == NEXT_FRAGMENT ||
	    next == NEXT_AUTHENTICATION || next == NEXT_DESTINATION;
}

static void
read_ipv6(struct cursor *c, struct packet *p, bool *ret_fragment)
{
	uint16_t length;
	uint8_t next;

	cursor_be32(c, "version, class and label");
	length = cursor_be16(c, "payload length");
	next = cursor_u8(c, "next header");
	cursor_u8(c, "hop limit");
	read_address(c, 16, &p->source, "source");
	read_address(c, 16, &p->destination, "destination");
	cursor_limit(c, 40u + length);
	for (unsigned i = 0; is_extension(next) && cursor_ok(c) && !*ret_fragment; i++) {
		if (i == EXTENSIONS_MAX)
			cursor_fail(c, REASON_PACKET_MALFORMED);
		*c = read_extension(*c, &next, ret_fragment);
	}
	p->protocol = next;
}

/* Of a SYN segment: only there does an option change what the bytes that follow mean. */
static struct cursor
read_tcp_options(struct cursor c, struct packet *p, uint32_t length)
{
	struct cursor options = cursor_sub(&c, length, "options");

	while (cursor_left(&options) > 0) {
		uint8_t kind = cursor_u8(&options, "option"), size;

		if (kind == OPTION_NOP)
			continue;
		if (kind == OPTION_END)
			break;
		p->multipath |= kind == OPTION_MULTIPATH;
		cursor_expect_u8(&options, 2, 255, REASON_PACKET_MALFORMED);
		size = cursor_u8(&options, "option length");
		if (cursor_ok(&options))
			cursor_bytes(&options, size - 2, "option data");
	}
	if (!cursor_ok(&options))
		cursor_fail(&c, REASON_PACKET_MALFORMED);
	return c;
}

static void
read_tcp(struct cursor *c, struct packet *p)
{
	uint16_t flags;
	uint8_t header;

	p->source_port = cursor_be16(c, "source port");
	p->destination_port = cursor_be16(c, "destination port");
	p->sequence = cursor_be32(c, "sequence");
	p->acknowledgement = cursor_be32(c, "acknowledgement");
	flags = cursor_be16(c, "header length and flags");
	header = (flags >> 12) * 4;
	p->tcp_flags = (uint8_t)flags;
	p->window = cursor_be16(c, "window");
	cursor_be16(c, "checksum");
	p->urgent = cursor_be16(c, "urgent");
	if (header < 20)
		cursor_fail(c, REASON_PACKET_MALFORMED);
	else if (p->tcp_flags & TCP_SYN)
		*c = read_tcp_options(*c, p, header - 20u);
	else
		cursor_bytes(c, header - 20u, "options");
}

static void
read_udp(struct cursor *c, struct packet *p)
{
	uint32_t all = cursor_left(c);

	p->source_port = cursor_be16(c, "source port");
	p->destination_port = cursor_be16(c, "destination port");
	cursor_expect_be16(c, all, all, REASON_PACKET_MALFORMED);
	cursor_be16(c, "length");
	cursor_be16(c, "checksum");
}

static void
read_icmp(struct cursor *c, struct packet *p)
{
	bool v4 = p->protocol == PROTOCOL_ICMP;
	uint8_t request = v4 ? 8 : 128, reply = v4 ? 0 : 129;
	uint16_t identifier;

	p->icmp_type = cursor_u8(c, "type");
	cursor_u8(c, "code");
	cursor_be16(c, "checksum");
	identifier = cursor_be16(c, "identifier");
	cursor_be16(c, "number");
	if (!cursor_ok(c) || (p->icmp_type != request && p->icmp_type != reply))
		return;
	p->icmp_reply = p->icmp_type == reply;
	p->source_port = p->destination_port = identifier;
}

static void
read_transport(struct cursor *c, struct packet *p)
{
	struct cursor peek = cursor_peek(c);

	p->transport_at = c->offset;
	p->transport_length = cursor_here(c);
	p->transport = cursor_bytes(&peek, p->transport_length, "");
	if (p->protocol == PROTOCOL_TCP)
		read_tcp(c, p);
	else if (p->protocol == PROTOCOL_UDP)
		read_udp(c, p);
	else if ((p->protocol == PROTOCOL_ICMP && p->family == FAMILY_IPV4) ||
	    (p->protocol == PROTOCOL_ICMPV6 && p->family == FAMILY_IPV6))
		read_icmp(c, p);
	if (!cursor_ok(c))
		return;
	p->payload_at = c->offset;
	p->payload_length = cursor_left(c);
	p->payload = cursor_bytes(c, p->payload_length, "payload");
	if (!cursor_ok(c))
		p->payload_length = 0;
}

bool
packet_parse(const uint8_t *data, size_t length, struct packet *ret_packet, enum reason *ret_reason)
{
	bool fragment = false;
	struct cursor c, peek;
	uint8_t version;

	memset(ret_packet, 0, sizeof(*ret_packet));
	cursor_init(&c, data, length, UINT32_MAX);
	peek = cursor_peek(&c);
	version = cursor_u8(&peek, "") >> 4;
	if (version == 4 || version == 6)
		ret_packet->family = version == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
	if (ret_packet->family == FAMILY_IPV4)
		read_ipv4(&c, ret_packet, &fragment);
	else if (ret_packet->family == FAMILY_IPV6)
		read_ipv6(&c, ret_packet, &fragment);
	else if (length > 0)
		cursor_fail(&c, REASON_PACKET_MALFORMED);
	if (cursor_ok(&c) && !fragment)
		read_transport(&c, ret_packet);

	if (c.state == CURSOR_FAILED || c.state == CURSOR_OVERRUN)
		*ret_reason = REASON_PACKET_MALFORMED;
	else if (c.state == CURSOR_SHORT || length == 0)
		*ret_reason = REASON_PACKET_TRUNCATED;
	else if (fragment)
		*ret_reason = REASON_PACKET_FRAGMENT;
	else
		return true;
	return false;
}

uint16_t
packet_checksum(const struct packet *packet)
{
	size_t size = packet->family == FAMILY_IPV4 ? 4 : 16;
	uint32_t length = packet->transport_length;
	uint8_t tail[4] = {0, packet->protocol, (uint8_t)(length >> 8), (uint8_t)length};
	uint64_t sum;

	sum = cursor_checksum_add(0, packet->source.bytes, size);
	sum = cursor_checksum_add(sum, packet->destination.bytes, size);
	sum = cursor_checksum_add(sum, tail, sizeof(tail));
	return cursor_checksum_fold(cursor_checksum_add(sum, packet->transport, length));
}

/* A datagram whose sender computed none. */
static bool
has_no_checksum(const struct packet *packet)
{
	uint32_t length = packet->transport_length;
	struct cursor c;

	if (packet->protocol != PROTOCOL_UDP)
		return false;
	cursor_init(&c, packet->transport, length, length);
	cursor_bytes(&c, 6, "");
	return cursor_be16(&c, "checksum") == 0;
}

bool
packet_checksum_ok(const struct packet *packet)
{
	if (packet->protocol != PROTOCOL_TCP && packet->protocol != PROTOCOL_UDP)
		return true;
	if (has_no_checksum(packet))
		return packet->family == FAMILY_IPV4;
	return packet_checksum(packet) == 0;
}

char *
address_print(enum family family, const struct address *address, char *buf, size_t size)
{
	int af = family == FAMILY_IPV4 ? AF_INET : AF_INET6;

	if (family == FAMILY_NONE || inet_ntop(af, address->bytes, buf, (socklen_t)size) == NULL) {
		if (size > 0)
			buf[0] = '\0';
	}
	return buf;
}
