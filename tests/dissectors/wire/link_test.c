/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of the link layers of captures: where the IP packet begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "link.h"

#define MACS "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"
#define TAG(type) "\x00\x2a" type
#define IP4 "\x08\x00"
#define IP6 "\x86\xdd"
#define VLAN "\x81\x00"
#define QINQ "\x88\xa8"
#define PPPOE "\x88\x64\x11\x00\x00\x01\x00\x02"
#define COOKED "\x00\x00\x00\x01\x00\x06\x01\x02\x03\x04\x05\x06\x00\x00"
#define COOKED2 "\x00\x00\x00\x00\x00\x02\x00\x01\x00\x06\x01\x02\x03\x04\x05\x06\x00\x00"

struct link_case {
	int type;
	const char *bytes;
	size_t length;
	enum link_result result;
	size_t offset;
};

#define CASE(type, bytes, result, offset)                      \
	{                                                      \
		type, bytes, sizeof(bytes) - 1, result, offset \
	}

static const struct link_case cases[] = {
    CASE(1, MACS IP4, LINK_IP, 14),
    CASE(1, MACS IP6, LINK_IP, 14),
    CASE(1, MACS VLAN TAG(IP4), LINK_IP, 18),
    CASE(1, MACS QINQ TAG(VLAN) TAG(IP6), LINK_IP, 22),
    CASE(1, MACS "\x91\x00" TAG(VLAN) TAG(IP4), LINK_IP, 22),
    CASE(1, MACS VLAN TAG(VLAN) TAG(VLAN) TAG(VLAN) TAG(IP4), LINK_IP, 30),
    CASE(1, MACS VLAN TAG(VLAN) TAG(VLAN) TAG(VLAN) TAG(VLAN) TAG(IP4), LINK_OTHER, 0),
    CASE(1, MACS "\x08\x06", LINK_OTHER, 0),
    CASE(1, MACS "\x88\xcc", LINK_OTHER, 0),
    CASE(1, MACS "\x00\x26", LINK_OTHER, 0),
    CASE(1, MACS PPPOE "\x00\x21", LINK_PPPOE, 22),
    CASE(1, MACS VLAN TAG(PPPOE) "\x00\x57", LINK_PPPOE, 26),
    CASE(1, MACS PPPOE "\xc0\x21", LINK_OTHER, 0),
    CASE(1, MACS "\x88\x64\x11\x09\x00\x01\x00\x02\x00\x21", LINK_OTHER, 0),
    CASE(113, COOKED IP4, LINK_IP, 16),
    CASE(113, COOKED VLAN TAG(IP6), LINK_IP, 20),
    CASE(113, COOKED "\x00\x04", LINK_OTHER, 0),
    CASE(276, IP4 COOKED2, LINK_IP, 20),
    CASE(276, VLAN COOKED2 TAG(IP4), LINK_IP, 24),
    CASE(101, "\x45", LINK_IP, 0),
    CASE(12, "\x60", LINK_IP, 0),
    CASE(14, "\x45", LINK_IP, 0),
    CASE(228, "\x45", LINK_IP, 0),
    CASE(229, "\x60", LINK_IP, 0),
    CASE(101, "\x15", LINK_OTHER, 0),
    CASE(0, "\x02\x00\x00\x00", LINK_IP, 4),
    CASE(0, "\x00\x00\x00\x02", LINK_IP, 4),
    CASE(0, "\x1e\x00\x00\x00", LINK_IP, 4),
    CASE(108, "\x00\x00\x00\x18", LINK_IP, 4),
    CASE(0, "\x07\x00\x00\x00", LINK_OTHER, 0),
};

static enum link_result
find(const struct link_case *k, size_t length, size_t *ret_offset)
{
	uint8_t *copy = malloc(length > 0 ? length : 1);
	enum link_result result;

	assert_non_null(copy);
	memcpy(copy, k->bytes, length);
	result = link_find_ip(k->type, copy, length, ret_offset);
	free(copy);
	return result;
}

static void
the_ip_packet_is_found_behind_every_known_header(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t offset = 0;

		assert_true(link_type_known(cases[i].type));
		assert_int_equal(find(&cases[i], cases[i].length, &offset), cases[i].result);
		assert_int_equal(offset, cases[i].offset);
	}
}

static void
a_frame_shorter_than_its_headers_is_malformed(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t n = 0; n < cases[i].length && cases[i].result >= LINK_IP; n++) {
			size_t offset = 1234;

			assert_int_equal(find(&cases[i], n, &offset), LINK_MALFORMED);
			assert_int_equal(offset, 1234);
		}
}

static void
other_link_types_are_not_known(void **state)
{
	size_t offset;

	assert_false(link_type_known(105));
	assert_string_equal(link_type_name(105), "unknown");
	assert_string_equal(link_type_name(1), "Ethernet");
	assert_int_equal(link_find_ip(105, (const uint8_t *)"x", 1, &offset), LINK_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_ip_packet_is_found_behind_every_known_header),
	    cmocka_unit_test(a_frame_shorter_than_its_headers_is_malformed),
	    cmocka_unit_test(other_link_types_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
