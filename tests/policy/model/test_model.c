/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Model: words, and the zone of an address. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "load.h"

static const char *
zone_of(const struct policy *policy, const char *text)
{
	struct address address = {{0}};
	enum family family = strchr(text, ':') ? FAMILY_IPV6 : FAMILY_IPV4;
	const struct zone *zone;

	assert_int_equal(
	    inet_pton(family == FAMILY_IPV6 ? AF_INET6 : AF_INET, text, address.bytes), 1);
	zone = policy_find_zone(policy, family, &address);
	return zone ? zone->name : "none";
}

static void
test_find_zone(void **state)
{
	static const char text[] =
	    "zones: { a: { class = \"control\"; interfaces = [\"eth0\"]; networks = "
	    "[\"10.1.0.0/24\", \"fd01::/64\"]; };"
	    " gw: { class = \"gateway\"; networks = [\"10.1.0.1\", \"10.2.0.1\"]; };"
	    " b: { class = \"safety\"; interfaces = [\"eth1\"]; networks = [\"10.2.0.0/24\"]; }; "
	    "}; conduits: { };";
	struct diagnostics diagnostics;
	struct policy *policy;

	assert_int_equal(policy_load_text(text, "text", &policy, &diagnostics), 0);
	assert_string_equal(zone_of(policy, "10.1.0.77"), "a");
	assert_string_equal(zone_of(policy, "fd01::77"), "a");
	assert_string_equal(zone_of(policy, "10.2.0.77"), "b");
	assert_string_equal(zone_of(policy, "10.1.0.1"), "gw");
	assert_string_equal(zone_of(policy, "10.2.0.1"), "gw");
	assert_string_equal(zone_of(policy, "10.3.0.1"), "none");
	assert_string_equal(zone_of(policy, "fd02::1"), "none");
	diagnostics_done(&diagnostics);
	policy_free(policy);
}

static void
test_words(void **state)
{
	assert_string_equal(zone_class_word(ZONE_GATEWAY), "gateway");
	assert_string_equal(zone_class_word(ZONE_CLASS_COUNT), "?");
	assert_string_equal(conduit_mode_word(MODE_MONITOR), "monitor");
	assert_string_equal(on_deny_word(ON_DENY_REFUSE), "refuse");
	assert_string_equal(when_down_word(WHEN_DOWN_OPEN), "open");
	assert_string_equal(pickup_word(PICKUP_RESYNC), "resync");
	assert_string_equal(channel_log_word(LOG_ALL), "all");
	assert_string_equal(channel_log_word((enum channel_log)99), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find_zone),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
