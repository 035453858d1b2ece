/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nflog: what a message of the kernel becomes, and that no message, cut off or wrong, is read
 * beyond its end (in memory of exactly its size, for the sanitizer and valgrind).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nflog.h"

/* Attributes: prefix "wrong-zone", interface 7, a UDP datagram 10.1.0.2:1000 > 10.2.0.3:502 cut off
 * behind its ports. */
static const uint8_t message[] = {
    0x0f, 0, 10, 0, 'w', 'r', 'o', 'n', 'g', '-', 'z', 'o', 'n', 'e', 0, 0, /* NFULA_PREFIX */
    0x08, 0, 4, 0, 0, 0, 0, 7,                                            /* NFULA_IFINDEX_INDEV */
    0x20, 0, 9, 0,                                                        /* NFULA_PAYLOAD */
    0x45, 0, 0x01, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 1, 0, 2, 10, 2, 0, 3, /* IPv4 */
    0x03, 0xe8, 0x01, 0xf6, 0, 0xec, 0, 0,                                /* UDP */
};

static void
parse(const uint8_t *bytes, size_t size, struct event *ret_event)
{
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, bytes, size);
	nflog_parse(copy, size, ret_event);
	free(copy);
}

static void
packet_that_is_cut_off(void **state)
{
	struct event event;

	parse(message, sizeof(message), &event);
	assert_int_equal(event.type, EVENT_DROP);
	assert_int_equal(event.reason, REASON_WRONG_ZONE);
	assert_int_equal(event.verdict, VERDICT_DENY);
	assert_int_equal(event.unit, 7);
	assert_int_equal(event.family, FAMILY_IPV4);
	assert_int_equal(event.source.bytes[3], 2);
	assert_int_equal(event.source_port, 1000);
	assert_int_equal(event.destination_port, 502);
}

static void
every_prefix_and_every_changed_byte(void **state)
{
	uint8_t changed[sizeof(message)];
	struct event event;

	for (size_t size = 0; size <= sizeof(message); size++)
		parse(message, size, &event);
	for (size_t at = 0; at < sizeof(message); at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(changed, message, sizeof(message));
			changed[at] ^= (uint8_t)(1U << bit);
			parse(changed, sizeof(changed), &event);
			assert_int_equal(event.type, EVENT_DROP);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packet_that_is_cut_off),
	    cmocka_unit_test(every_prefix_and_every_changed_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
