/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit test of the packet reader: good packets, headers that lie, fragments, extension headers,
 * checksums, and the segments that we build ourselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet.h"

/* 10.0.0.1:1000 > 10.0.0.2:502, ACK PSH, payload "hello", all checksums right */
static const uint8_t tcp4[] = {0x45, 0x00, 0x00, 0x2d, 0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0x26,
    0xc8, 10, 0, 0, 1, 10, 0, 0, 2, 0x03, 0xe8, 0x01, 0xf6, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00,
    0x00, 0x08, 0x50, 0x18, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 'h', 'e', 'l', 'l', 'o'};

/* The same over IPv6, fd00::1 > fd00::2. */
static const uint8_t ipv6_header[] = {0x60, 0x00, 0x00, 0x00, 0x00, 0x19, 6, 64, 0xfd, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

enum { TCP_AT = 20, TCP_LENGTH = sizeof(tcp4) - TCP_AT, BUF_MAX = 512 };

struct buf {
	uint8_t bytes[BUF_MAX];
	size_t length;
};

static void
add(struct buf *b, const void *bytes, size_t length)
{
	assert_true(b->length + length <= BUF_MAX);
	memcpy(&b->bytes[b->length], bytes, length);
	b->length += length;
}

static void
put16(struct buf *b, size_t at, unsigned value)
{
	b->bytes[at] = (uint8_t)(value >> 8);
	b->bytes[at + 1] = (uint8_t)value;
}

static struct buf
make_tcp4(void)
{
	struct buf b = {.length = 0};

	add(&b, tcp4, sizeof(tcp4));
	return b;
}

/* IPv4 with options between header and TCP. */
static struct buf
make_options(const void *options, size_t length)
{
	struct buf b = {.length = 0};

	add(&b, tcp4, TCP_AT);
	add(&b, options, length);
	add(&b, &tcp4[TCP_AT], TCP_LENGTH);
	b.bytes[0] = (uint8_t)(0x45 + length / 4);
	put16(&b, 2, (unsigned)b.length);
	return b;
}

/* IPv6 with extension headers; `first` is the type of the first one. */
static struct buf
make_tcp6(uint8_t first, const void *extensions, size_t length)
{
	struct buf b = {.length = 0};

	add(&b, ipv6_header, sizeof(ipv6_header));
	add(&b, extensions, length);
	add(&b, &tcp4[TCP_AT], TCP_LENGTH);
	b.bytes[6] = first;
	put16(&b, 4, (unsigned)(b.length - sizeof(ipv6_header)));
	return b;
}

/* In a block of exactly its size, so that a read beyond it is seen; REASON_UNDECIDED is "good". */
static enum reason
parse(const struct buf *b, struct packet *ret_packet)
{
	enum reason reason = REASON_UNDECIDED;
	uint8_t *copy = malloc(b->length > 0 ? b->length : 1);
	bool good;

	assert_non_null(copy);
	memcpy(copy, b->bytes, b->length);
	good = packet_parse(copy, b->length, ret_packet, &reason);
	assert_int_equal(good, reason == REASON_UNDECIDED);
	if (good) {
		assert_true(ret_packet->payload_length <= ret_packet->transport_length);
		packet_checksum_ok(ret_packet);
	}
	free(copy);
	return reason;
}

static enum reason
reason_of(struct buf b)
{
	struct packet p;

	return parse(&b, &p);
}

/* One's complement sum over pseudo-header and transport, written without the cursor. */
static void
set_checksum(struct buf *b, size_t transport, size_t at, uint8_t protocol)
{
	size_t from = b->bytes[0] >> 4 == 4 ? 12 : 8;
	size_t to = b->bytes[0] >> 4 == 4 ? 20 : 40;
	uint32_t sum = protocol + (uint32_t)(b->length - transport);

	put16(b, at, 0);
	for (size_t i = from; i < to; i++)
		sum += (uint32_t)b->bytes[i] << (i % 2 == 0 ? 8 : 0);
	for (size_t i = transport; i < b->length; i++)
		sum += (uint32_t)b->bytes[i] << ((i - transport) % 2 == 0 ? 8 : 0);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(b, at, ~sum & 0xffff);
}

static void
a_tcp_segment_is_read(void **state)
{
	struct buf b = make_tcp4();
	struct packet p;
	enum reason reason;
	char text[46];

	add(&b, "padding of the link", 19);
	assert_true(packet_parse(b.bytes, b.length, &p, &reason));
	assert_int_equal(p.family, FAMILY_IPV4);
	assert_int_equal(p.protocol, PROTOCOL_TCP);
	assert_string_equal(address_print(p.family, &p.source, text, sizeof(text)), "10.0.0.1");
	assert_string_equal(
	    address_print(p.family, &p.destination, text, sizeof(text)), "10.0.0.2");
	assert_int_equal(p.source_port, 1000);
	assert_int_equal(p.destination_port, 502);
	assert_int_equal(p.sequence, 7);
	assert_int_equal(p.acknowledgement, 8);
	assert_int_equal(p.tcp_flags, TCP_ACK | TCP_PSH);
	assert_int_equal(p.window, 0x1000);
	assert_int_equal(p.payload_length, 5);
	assert_memory_equal(p.payload, "hello", 5);
	assert_ptr_equal(p.transport, &b.bytes[TCP_AT]);
	assert_int_equal(p.transport_length, TCP_LENGTH);
}

static void
every_shorter_packet_is_truncated(void **state)
{
	struct buf b = make_tcp4();

	for (; b.length > 0; b.length--) {
		struct buf shorter = b;

		shorter.length--;
		assert_int_equal(reason_of(shorter), REASON_PACKET_TRUNCATED);
	}
	b = make_tcp6(0, "\x3c\x00\x01\x04\x00\x00\x00\x00\x06\x00\x01\x04\x00\x00\x00\x00", 16);
	assert_int_equal(reason_of(b), REASON_UNDECIDED);
	for (; b.length > 0; b.length--) {
		struct buf shorter = b;

		shorter.length--;
		assert_int_equal(reason_of(shorter), REASON_PACKET_TRUNCATED);
	}
}

static void
a_truncated_packet_tells_what_is_there(void **state)
{
	struct buf b = make_tcp4();
	struct packet p;

	b.length = TCP_AT + 20;
	assert_int_equal(parse(&b, &p), REASON_PACKET_TRUNCATED);
	assert_int_equal(p.destination_port, 502);
	assert_int_equal(p.payload_length, 0);
	b.length = TCP_AT;
	assert_int_equal(parse(&b, &p), REASON_PACKET_TRUNCATED);
	assert_int_equal(p.protocol, PROTOCOL_TCP);
	assert_int_equal(p.destination_port, 0);
}

struct lie {
	size_t at;
	uint8_t value;
	enum reason reason;
};

static void
lengths_that_lie_are_malformed_or_truncated(void **state)
{
	static const struct lie lies[] = {
	    {0, 0x05, REASON_PACKET_MALFORMED}, /* IP version 0 */
	    {0, 0x75, REASON_PACKET_MALFORMED}, /* IP version 7 */
	    {0, 0x44, REASON_PACKET_MALFORMED}, /* header of 16 bytes */
	    {0, 0x40, REASON_PACKET_MALFORMED},
	    {0, 0x4f, REASON_PACKET_MALFORMED}, /* header longer than the packet */
	    {2, 0xff, REASON_PACKET_TRUNCATED}, /* total length beyond the bytes */
	    {3, 19, REASON_PACKET_MALFORMED},   /* total length within the header */
	    {3, 0, REASON_PACKET_MALFORMED},
	    {3, 39, REASON_PACKET_MALFORMED}, /* no room for a TCP header */
	    {3, 20, REASON_PACKET_MALFORMED},
	    {TCP_AT + 12, 0x40, REASON_PACKET_MALFORMED}, /* TCP header of 16 bytes */
	    {TCP_AT + 12, 0x00, REASON_PACKET_MALFORMED},
	    {TCP_AT + 12, 0x70, REASON_PACKET_MALFORMED}, /* and of 28, beyond the end */
	    {6, 0x20, REASON_PACKET_FRAGMENT},            /* more fragments */
	    {7, 0x01, REASON_PACKET_FRAGMENT},            /* not the first one */
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct buf b = make_tcp4();

		b.bytes[lies[i].at] = lies[i].value;
		assert_int_equal(reason_of(b), lies[i].reason);
	}
}

static void
ipv4_options_are_skipped_and_source_routes_refused(void **state)
{
	struct buf b;

	assert_int_equal(reason_of(make_options("\x01\x01\x01\x00", 4)), REASON_UNDECIDED);
	assert_int_equal(reason_of(make_options("\x94\x04\x00\x00", 4)), REASON_UNDECIDED);
	assert_int_equal(
	    reason_of(make_options("\x07\x07\x04\x00\x00\x00\x00\x00", 8)), REASON_UNDECIDED);
	/* behind the end-of-options mark anything may stand */
	assert_int_equal(reason_of(make_options("\x00\x83\x00\x00", 4)), REASON_UNDECIDED);
	assert_int_equal(reason_of(make_options("\x83\x07\x04\x0a\x00\x00\x03\x00", 8)),
	    REASON_PACKET_MALFORMED);
	assert_int_equal(reason_of(make_options("\x89\x07\x04\x0a\x00\x00\x03\x00", 8)),
	    REASON_PACKET_MALFORMED);
	/* lengths of options that lie */
	assert_int_equal(reason_of(make_options("\x07\x00\x00\x00", 4)), REASON_PACKET_MALFORMED);
	assert_int_equal(reason_of(make_options("\x07\x01\x00\x00", 4)), REASON_PACKET_MALFORMED);
	assert_int_equal(reason_of(make_options("\x07\x05\x00\x00", 4)), REASON_PACKET_MALFORMED);
	assert_int_equal(reason_of(make_options("\x01\x01\x01\x07", 4)), REASON_PACKET_MALFORMED);
	b = make_options("\x01\x01\x01\x00", 4);
	b.bytes[3] = 23;
	assert_int_equal(reason_of(b), REASON_PACKET_MALFORMED);
}

static void
ipv6_extension_headers_are_followed(void **state)
{
	struct buf b = make_tcp6(6, "", 0);
	uint8_t many[8 * 9];
	struct packet p;

	assert_int_equal(parse(&b, &p), REASON_UNDECIDED);
	assert_int_equal(p.family, FAMILY_IPV6);
	assert_int_equal(p.destination_port, 502);
	/* hop-by-hop, destination options, authentication */
	b = make_tcp6(0,
	    "\x3c\x00\x01\x04\x00\x00\x00\x00\x33\x00\x01\x04\x00\x00\x00\x00"
	    "\x06\x04\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01"
	    "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa",
	    40);
	assert_int_equal(parse(&b, &p), REASON_UNDECIDED);
	assert_int_equal(p.destination_port, 502);
	assert_int_equal(p.payload_length, 5);
	/* a routing header at its end may stay, one with a way to go may not */
	b = make_tcp6(43, "\x06\x00\x00\x00\x00\x00\x00\x00", 8);
	assert_int_equal(reason_of(b), REASON_UNDECIDED);
	b = make_tcp6(43, "\x06\x00\x00\x01\x00\x00\x00\x00", 8);
	assert_int_equal(reason_of(b), REASON_PACKET_MALFORMED);
	/* authentication shorter than its fixed part, a header beyond the end */
	b = make_tcp6(51, "\x06\x00\x00\x00\x00\x00\x00\x01", 8);
	assert_int_equal(reason_of(b), REASON_PACKET_MALFORMED);
	b = make_tcp6(60, "\x06\xff\x00\x00\x00\x00\x00\x00", 8);
	assert_int_equal(reason_of(b), REASON_PACKET_MALFORMED);
	/* the limit, and one more */
	for (size_t i = 0; i < sizeof(many); i += 8)
		memcpy(&many[i], "\x3c\x00\x01\x04\x00\x00\x00\x00", 8);
	many[8 * 7] = 6;
	assert_int_equal(reason_of(make_tcp6(60, many, sizeof(many) - 8)), REASON_UNDECIDED);
	many[8 * 7] = 60;
	many[8 * 8] = 6;
	assert_int_equal(reason_of(make_tcp6(60, many, sizeof(many))), REASON_PACKET_MALFORMED);
}

static void
ipv6_fragments_are_told_and_atomic_ones_are_whole(void **state)
{
	struct packet p;
	struct buf b = make_tcp6(44, "\x06\x00\x00\x00\x00\x00\x00\x07", 8);

	assert_int_equal(parse(&b, &p), REASON_UNDECIDED);
	assert_int_equal(p.destination_port, 502);
	b = make_tcp6(44, "\x06\x00\x00\x01\x00\x00\x00\x07", 8);
	assert_int_equal(parse(&b, &p), REASON_PACKET_FRAGMENT);
	assert_int_equal(p.protocol, PROTOCOL_TCP);
	b = make_tcp6(44, "\x3c\x00\x00\x08\x00\x00\x00\x07", 8);
	assert_int_equal(parse(&b, &p), REASON_PACKET_FRAGMENT);
	/* the bytes of a later fragment are no headers */
	assert_int_equal(p.destination_port, 0);
}

static void
ipv6_lengths_that_lie(void **state)
{
	struct buf b = make_tcp6(6, "", 0);

	put16(&b, 4, TCP_LENGTH + 1);
	assert_int_equal(reason_of(b), REASON_PACKET_TRUNCATED);
	put16(&b, 4, 19);
	assert_int_equal(reason_of(b), REASON_PACKET_MALFORMED);
	put16(&b, 4, 0); /* a jumbogram, or a lie */
	assert_int_equal(reason_of(b), REASON_PACKET_MALFORMED);
}

static struct buf
make_udp4(unsigned length)
{
	struct buf b = {.length = 0};

	add(&b, tcp4, TCP_AT);
	add(&b, "\x4e\x20\x4e\x21\x00\x00\x00\x00", 8);
	add(&b, "abc", 3);
	b.bytes[9] = PROTOCOL_UDP;
	put16(&b, 2, (unsigned)b.length);
	put16(&b, TCP_AT + 4, length);
	return b;
}

static void
udp_is_read_and_its_length_must_be_that_of_the_packet(void **state)
{
	struct buf b = make_udp4(11);
	struct packet p;

	assert_int_equal(parse(&b, &p), REASON_UNDECIDED);
	assert_int_equal(p.source_port, 20000);
	assert_int_equal(p.destination_port, 20001);
	assert_int_equal(p.payload_length, 3);
	for (unsigned length = 0; length < 20; length++)
		if (length != 11)
			assert_int_equal(reason_of(make_udp4(length)), REASON_PACKET_MALFORMED);
}

static struct buf
make_icmp(bool v6, uint8_t type)
{
	struct buf b = {.length = 0};

	add(&b, v6 ? ipv6_header : tcp4, v6 ? 40 : TCP_AT);
	add(&b,
	    "\x00\x00\x00\x00\x12\x34\x00\x01"
	    "data",
	    12);
	b.bytes[v6 ? 6 : 9] = v6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP;
	b.bytes[v6 ? 40 : 20] = type;
	put16(&b, v6 ? 4 : 2, v6 ? 12 : 32);
	return b;
}

static void
icmp_echo_is_read_with_its_identifier_as_ports(void **state)
{
	static const uint8_t types[2][2] = {{8, 0}, {128, 129}};
	struct packet p;
	struct buf b;

	for (unsigned v6 = 0; v6 < 2; v6++)
		for (unsigned reply = 0; reply < 2; reply++) {
			b = make_icmp(v6, types[v6][reply]);
			assert_int_equal(parse(&b, &p), REASON_UNDECIDED);
			assert_int_equal(p.icmp_reply, reply);
			assert_int_equal(p.source_port, 0x1234);
			assert_int_equal(p.destination_port, 0x1234);
		}
	b = make_icmp(false, 3); /* unreachable: no identifier there */
	assert_int_equal(parse(&b, &p), REASON_UNDECIDED);
	assert_int_equal(p.icmp_type, 3);
	assert_int_equal(p.source_port, 0);
	b = make_icmp(true, 128);
	b.bytes[6] = PROTOCOL_ICMP; /* ICMP of IPv4 inside IPv6 is nobody's echo */
	assert_int_equal(parse(&b, &p), REASON_UNDECIDED);
	assert_int_equal(p.source_port, 0);
	b = make_icmp(false, 8);
	b.bytes[3] = 27; /* seven bytes of ICMP */
	assert_int_equal(parse(&b, &p), REASON_PACKET_MALFORMED);
}

static void
other_transports_have_no_ports(void **state)
{
	struct buf b = make_tcp4();
	struct packet p;

	b.bytes[9] = 50;
	assert_int_equal(parse(&b, &p), REASON_UNDECIDED);
	assert_int_equal(p.protocol, 50);
	assert_int_equal(p.source_port, 0);
	assert_int_equal(p.payload_length, p.transport_length);
	assert_true(packet_checksum_ok(&p));
}

/* Each bit of the packet that the checksum protects, turned over, makes it wrong. */
static void
check_checksum(struct buf *b, size_t first, size_t addresses)
{
	enum reason reason;
	struct packet p;

	assert_true(packet_parse(b->bytes, b->length, &p, &reason));
	assert_true(packet_checksum_ok(&p));
	for (size_t i = first; i < b->length; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			if (i == addresses) /* on to the transport */
				i = (size_t)(p.transport - b->bytes);
			b->bytes[i] ^= (uint8_t)(1 << bit);
			if (packet_parse(b->bytes, b->length, &p, &reason))
				assert_false(packet_checksum_ok(&p));
			b->bytes[i] ^= (uint8_t)(1 << bit);
		}
}

static void
checksums_find_every_bit_that_changed(void **state)
{
	struct buf b = make_tcp4();

	set_checksum(&b, TCP_AT, TCP_AT + 16, PROTOCOL_TCP);
	check_checksum(&b, 12, 20);
	b = make_tcp6(6, "", 0);
	set_checksum(&b, 40, 56, PROTOCOL_TCP);
	check_checksum(&b, 8, 40);
	b = make_udp4(11);
	set_checksum(&b, TCP_AT, TCP_AT + 6, PROTOCOL_UDP);
	check_checksum(&b, 12, 20);
}

static void
udp_without_checksum_is_right_over_ipv4_only(void **state)
{
	struct buf b = make_udp4(11);
	struct packet p;
	enum reason reason;

	assert_true(packet_parse(b.bytes, b.length, &p, &reason));
	assert_true(packet_checksum_ok(&p));
	p.family = FAMILY_IPV6;
	assert_false(packet_checksum_ok(&p));
}

static void
segments_that_we_build_are_good_packets(void **state)
{
	static const enum family families[] = {FAMILY_IPV4, FAMILY_IPV6};

	for (unsigned i = 0; i < 400; i++) {
		struct segment s = {
		    .family = families[i % 2],
		    .source_port = (uint16_t)(i * 163),
		    .destination_port = 502,
		    .sequence = i * 0x01234567,
		    .acknowledgement = ~i,
		    .tcp_flags = TCP_RST | (i % 3 ? TCP_ACK : 0),
		};
		uint8_t *buf = malloc(SEGMENT_SIZE_MAX);
		enum reason reason;
		struct packet p;
		size_t length;
		uint32_t sum = 0;

		memset(s.source.bytes, (int)i, i % 2 ? 16 : 4);
		memset(s.destination.bytes, (int)(i * 7), i % 2 ? 16 : 4);
		assert_non_null(buf);
		length = segment_build(&s, buf);
		assert_int_equal(length, i % 2 ? 60 : 40);
		assert_true(packet_parse(buf, length, &p, &reason));
		assert_true(packet_checksum_ok(&p));
		assert_int_equal(p.family, s.family);
		assert_memory_equal(&p.source, &s.source, sizeof(s.source));
		assert_memory_equal(&p.destination, &s.destination, sizeof(s.destination));
		assert_int_equal(p.source_port, s.source_port);
		assert_int_equal(p.destination_port, s.destination_port);
		assert_int_equal(p.sequence, s.sequence);
		assert_int_equal(p.acknowledgement, s.acknowledgement);
		assert_int_equal(p.tcp_flags, s.tcp_flags);
		assert_int_equal(p.payload_length, 0);
		for (size_t at = 0; i % 2 == 0 && at < 20; at += 2)
			sum += (uint32_t)buf[at] << 8 | buf[at + 1];
		assert_int_equal((sum & 0xffff) + (sum >> 16), i % 2 ? 0 : 0xffff);
		free(buf);
	}
}

static void
addresses_are_printed(void **state)
{
	struct address a = {{0xfd, 0}};
	char text[46];

	a.bytes[15] = 1;
	assert_string_equal(address_print(FAMILY_IPV6, &a, text, sizeof(text)), "fd00::1");
	assert_string_equal(address_print(FAMILY_NONE, &a, text, sizeof(text)), "");
	assert_string_equal(address_print(FAMILY_IPV6, &a, text, 3), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_tcp_segment_is_read),
	    cmocka_unit_test(every_shorter_packet_is_truncated),
	    cmocka_unit_test(a_truncated_packet_tells_what_is_there),
	    cmocka_unit_test(lengths_that_lie_are_malformed_or_truncated),
	    cmocka_unit_test(ipv4_options_are_skipped_and_source_routes_refused),
	    cmocka_unit_test(ipv6_extension_headers_are_followed),
	    cmocka_unit_test(ipv6_fragments_are_told_and_atomic_ones_are_whole),
	    cmocka_unit_test(ipv6_lengths_that_lie),
	    cmocka_unit_test(udp_is_read_and_its_length_must_be_that_of_the_packet),
	    cmocka_unit_test(icmp_echo_is_read_with_its_identifier_as_ports),
	    cmocka_unit_test(other_transports_have_no_ports),
	    cmocka_unit_test(checksums_find_every_bit_that_changed),
	    cmocka_unit_test(udp_without_checksum_is_right_over_ipv4_only),
	    cmocka_unit_test(segments_that_we_build_are_good_packets),
	    cmocka_unit_test(addresses_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
