/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of what takes mirrored frames out of their carriers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decap.h"

#define INNER "the frame inside"

enum { GRE = 47, UDP = 17, ICMP = 1, FRAME_MAX = 256, ETHERNET = 1, RAW = 101 };

struct decap_case {
	int protocol;  /* of the IP packet that carries */
	unsigned port; /* of the datagram */
	const char *header;
	size_t header_length;
	enum carrier carrier;
	int link_type;
};

#define CASE(protocol, port, header, carrier, link_type)                       \
	{                                                                      \
		protocol, port, header, sizeof(header) - 1, carrier, link_type \
	}

static const struct decap_case cases[] = {
    CASE(GRE, 0, "\x00\x00\x08\x00", CARRIER_GRE, RAW),
    CASE(GRE, 0, "\x00\x00\x86\xdd", CARRIER_GRE, RAW),
    CASE(GRE, 0, "\x00\x00\x65\x58", CARRIER_GRE, ETHERNET),
    CASE(GRE, 0, "\xb0\x00\x65\x58sum_key_seq_", CARRIER_GRE, ETHERNET),
    CASE(GRE, 0, "\x00\x00\x88\xbe", CARRIER_ERSPAN, ETHERNET),
    CASE(GRE, 0, "\x10\x00\x88\xbeseq_erspan_2", CARRIER_ERSPAN, ETHERNET),
    CASE(GRE, 0, "\x10\x00\x22\xebseq_ersp_type_3\x00", CARRIER_ERSPAN, ETHERNET),
    CASE(GRE, 0, "\x10\x00\x22\xebseq_ersp_type_3\x01platform", CARRIER_ERSPAN, ETHERNET),
    CASE(UDP, 4789, "\x08\x00\x00\x00\x00\x00\x07\x00", CARRIER_VXLAN, ETHERNET),
    CASE(UDP, 8472, "\x08\x00\x00\x00\x00\x00\x07\x00", CARRIER_VXLAN, ETHERNET),
    CASE(UDP, 37008, "\x01\x00\x00\x01\x01", CARRIER_TZSP, ETHERNET),
    CASE(UDP, 37008, "\x01\x01\x00\x01\x00\x0a\x02xy\x01", CARRIER_TZSP, ETHERNET),
    /* a version or flag that nobody knows, other protocols inside, none of them */
    CASE(GRE, 0, "\x00\x01\x08\x00", CARRIER_NONE, 0),
    CASE(GRE, 0, "\x40\x00\x08\x00", CARRIER_NONE, 0),
    CASE(GRE, 0, "\x00\x00\x88\x0b", CARRIER_NONE, 0),
    CASE(UDP, 4789, "\x00\x00\x00\x00\x00\x00\x07\x00", CARRIER_NONE, 0),
    CASE(UDP, 37008, "\x02\x00\x00\x01\x01", CARRIER_NONE, 0),
    CASE(UDP, 37008, "\x01\x04\x00\x01\x01", CARRIER_NONE, 0),
    CASE(UDP, 37008, "\x01\x00\x00\x12\x01", CARRIER_NONE, 0),
    CASE(UDP, 53, "\x08\x00\x00\x00\x00\x00\x07\x00", CARRIER_NONE, 0),
    CASE(ICMP, 0, "\x08\x00\x00\x00\x00\x00\x07\x00", CARRIER_NONE, 0),
};

/* Ethernet, IPv4, perhaps UDP, the case's header, and `length` bytes of what is inside. */
static size_t
build(const struct decap_case *k, size_t length, uint8_t *frame)
{
	static const char addresses[] = "\x02\x02\x02\x02\x02\x02\x04\x04\x04\x04\x04\x04\x08\x00";
	uint8_t *ip = frame + 14, *next = ip + 20;

	memset(frame, 0, FRAME_MAX);
	memcpy(frame, addresses, 14);
	memcpy(ip, "\x45\0\0\0\0\0\x40\0\x40\0\0\0\xac\x10\0\1\xac\x10\0\2", 20);
	ip[9] = (uint8_t)k->protocol;
	if (k->protocol == UDP) {
		size_t datagram = 8 + k->header_length + length;

		next[2] = (uint8_t)(k->port >> 8);
		next[3] = (uint8_t)k->port;
		next[5] = (uint8_t)datagram;
		next += 8;
	}
	memcpy(next, k->header, k->header_length);
	memcpy(next + k->header_length, INNER, length);
	next += k->header_length + length;
	ip[3] = (uint8_t)(next - ip);
	return (size_t)(next - frame);
}

/* In memory of just that size, so that a sanitizer sees a read beyond it. */
static bool
unwrap(const uint8_t *frame, size_t length, struct carried *ret_carried, uint8_t **ret_copy)
{
	*ret_copy = malloc(length);
	assert_non_null(*ret_copy);
	memcpy(*ret_copy, frame, length);
	return decap_frame(ETHERNET, *ret_copy, length, ret_carried);
}

static void
a_carried_frame_is_found(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct decap_case *k = &cases[i];
		struct carried carried = {0};
		uint8_t frame[FRAME_MAX], *copy;
		size_t length = build(k, strlen(INNER), frame);

		assert_int_equal(
		    unwrap(frame, length, &carried, &copy), k->carrier != CARRIER_NONE);
		assert_int_equal(carried.carrier, k->carrier);
		assert_int_equal(carried.link_type, k->link_type);
		if (k->carrier != CARRIER_NONE) {
			assert_int_equal(carried.length, strlen(INNER));
			assert_memory_equal(carried.data, INNER, strlen(INNER));
		}
		free(copy);
	}
}

static void
bytes_behind_the_packet_are_not_carried(void **state)
{
	struct carried carried = {0};
	uint8_t frame[FRAME_MAX], *copy;
	size_t length = build(&cases[0], 4, frame);

	assert_true(unwrap(frame, length + 20, &carried, &copy));
	assert_int_equal(carried.length, 4);
	free(copy);
}

static void
a_frame_that_is_cut_carries_nothing(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t frame[FRAME_MAX], *copy;
		size_t length = build(&cases[i], strlen(INNER), frame);

		for (size_t n = 1; n < length; n++) {
			struct carried carried = {.length = 77};

			assert_false(unwrap(frame, n, &carried, &copy));
			assert_int_equal(carried.length, 77);
			free(copy);
		}
	}
}

/* A carrier whose own length ends inside its header. */
static void
a_header_that_is_not_whole_carries_nothing(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t n = 0; n <= cases[i].header_length; n++) {
			struct decap_case k = cases[i];
			struct carried carried = {0};
			uint8_t frame[FRAME_MAX], *copy;

			k.header_length = n;
			assert_false(unwrap(frame, build(&k, 0, frame), &carried, &copy));
			free(copy);
		}
}

static void
a_session_of_pppoe_carries_ip(void **state)
{
	static const char frame[] = "\x02\x02\x02\x02\x02\x02\x04\x04\x04\x04\x04\x04\x88\x64"
				    "\x11\x00\x00\x01\x00\x12\x00\x21" INNER;
	struct carried carried = {0};
	uint8_t *copy;

	assert_true(unwrap((const uint8_t *)frame, sizeof(frame) - 1, &carried, &copy));
	assert_int_equal(carried.carrier, CARRIER_PPPOE);
	assert_int_equal(carried.link_type, RAW);
	assert_int_equal(carried.length, strlen(INNER));
	free(copy);
}

static void
every_carrier_has_a_name(void **state)
{
	for (int i = 0; i < CARRIER_COUNT; i++)
		assert_non_null(carrier_name((enum carrier)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_carried_frame_is_found),
	    cmocka_unit_test(bytes_behind_the_packet_are_not_carried),
	    cmocka_unit_test(a_frame_that_is_cut_carries_nothing),
	    cmocka_unit_test(a_header_that_is_not_whole_carries_nothing),
	    cmocka_unit_test(a_session_of_pppoe_carries_ip),
	    cmocka_unit_test(every_carrier_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
