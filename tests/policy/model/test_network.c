/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network: reading, printing, containment against a bit-by-bit answer. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "network.h"

static struct network
get(const char *text)
{
	struct network network;

	assert_int_equal(network_read(text, &network), 0);
	return network;
}

static void
test_read(void **state)
{
	static const char *const texts[][2] = {
	    {"10.0.0.0/8", "10.0.0.0/8"},
	    {"10.1.2.3", "10.1.2.3"},
	    {"10.1.2.3/32", "10.1.2.3"},
	    {"0.0.0.0/0", "0.0.0.0/0"},
	    {"FD00::/64", "fd00::/64"},
	    {"fd00:0:0::1", "fd00::1"},
	    {"::/0", "::/0"},
	    {"::1/128", "::1"},
	    {"10.1.2.254/31", "10.1.2.254/31"},
	};
	struct network network;
	char text[NETWORK_TEXT_MAX];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		network = get(texts[i][0]);
		assert_string_equal(network_print(&network, text, sizeof(text)), texts[i][1]);
	}
}

static void
test_read_wrong(void **state)
{
	static const char *const texts[] = {"", "/", "/8", "10.0.0.0/", "10.0.0/8", "10.0.0.256",
	    "10.0.0.01", "10.0.0.0/ 8", "10.0.0.0/-1", "10.0.0.0/8/8", "fd00::%eth0", "fd00",
	    "plc1", "10.0.0.0/x", "1111:2222:3333:4444:5555:6666:7777:8888:9999", " 10.0.0.1",
	    "1111111111111111111111111111111111111111111111111111"};
	struct network network = {.family = FAMILY_NONE};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(network_read(texts[i], &network), -EINVAL);
	assert_int_equal(network_read("10.0.0.0/33", &network), -ERANGE);
	assert_int_equal(network_read("fd00::/129", &network), -ERANGE);
	assert_int_equal(network_read("10.0.0.0/99999999999999999999", &network), -ERANGE);
	assert_int_equal(network.family, FAMILY_NONE);
	assert_int_equal(network_read("10.0.0.1/8", &network), -EDOM);
	assert_int_equal(network.address.bytes[3], 0);
	assert_int_equal(network_read("0.0.0.1/0", &network), -EDOM);
	assert_int_equal(network_read("fd00::1/127", &network), -EDOM);
}

static bool
contains_slowly(const struct network *network, const struct address *address)
{
	unsigned i;

	for (i = 0; i < network->prefix; i++)
		if ((network->address.bytes[i / 8] ^ address->bytes[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static void
test_contains(void **state)
{
	struct network network = {.family = FAMILY_IPV6};
	struct address address;
	unsigned seed = 3, i, bit;
	int n;

	for (n = 0; n < 20000; n++) {
		for (i = 0; i < 16; i++)
			network.address.bytes[i] = (uint8_t)rand_r(&seed);
		address = network.address;
		bit = (unsigned)rand_r(&seed) % 128;
		address.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		network.prefix = (uint8_t)(rand_r(&seed) % 129);
		network.address = network_mask(&network.address, network.prefix);
		assert_int_equal(network_contains(&network, FAMILY_IPV6, &address),
		    contains_slowly(&network, &address));
		assert_int_equal(
		    network_contains(&network, FAMILY_IPV6, &address), bit >= network.prefix);
		assert_false(network_contains(&network, FAMILY_IPV4, &address));
	}
}

static void
test_overlap(void **state)
{
	struct network all = get("0.0.0.0/0"), ten = get("10.0.0.0/8"), lan = get("10.1.0.0/16");
	struct network other = get("10.2.0.0/16"), host = get("10.1.0.1"), six = get("::/0");

	assert_true(network_within(&host, &lan));
	assert_false(network_within(&lan, &host));
	assert_true(network_within(&lan, &lan));
	assert_true(network_overlap(&ten, &lan));
	assert_true(network_overlap(&lan, &all));
	assert_false(network_overlap(&lan, &other));
	assert_false(network_overlap(&all, &six));
	assert_true(network_compare(&ten, &lan) < 0);
	assert_true(network_compare(&lan, &host) < 0);
	assert_true(network_compare(&host, &other) < 0);
	assert_true(network_compare(&other, &six) < 0);
	assert_int_equal(network_compare(&lan, &lan), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_read_wrong),
	    cmocka_unit_test(test_contains),
	    cmocka_unit_test(test_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
