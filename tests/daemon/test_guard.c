/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a new policy is taken back because of what it stops, and when it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "diagnostics.h"
#include "guard.h"
#include "load.h"

/* Two conduits of one channel each, the second plain; the first may be left out. */
static struct policy *
load(const char *first)
{
	static const char frame[] =
	    "zones: { a: { class = \"control\"; interfaces = [\"eth0\"]; networks = "
	    "[\"10.1.0.0/24\"]; }; b: { class = \"control\"; interfaces = [\"eth1\"]; networks = "
	    "[\"10.2.0.0/24\"]; }; };\n"
	    "conduits: { %s\n"
	    " second: { from = \"a\"; to = \"b\"; channels: ( { name = \"web\"; clients = [\"a\"]; "
	    "servers = [\"b\"]; protocol = \"tcp\"; port = 80; } ); }; };\n";
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	char text[2048];

	snprintf(text, sizeof(text), frame, first);
	assert_int_equal(policy_load_text(text, "test.conf", &policy, &diagnostics), 0);
	diagnostics_done(&diagnostics);
	return policy;
}

static const char first[] = "first: { from = \"a\"; to = \"b\"; channels: ( { name = \"hmi\"; "
			    "clients = [\"10.1.0.5\"]; servers = [\"10.2.0.7\"]; protocol = "
			    "\"modbus\"; rules: ( { access = [\"read\"]; } ); } ); };";

struct fixture {
	struct policy *before;
	struct compiled *compiled;
	struct guard *guard;
};

/* Before the change the first conduit has carried something, the second nothing. */
static int
set_up(void **state)
{
	static struct fixture fixture;
	const struct traffic traffic[2] = {{.permitted = 5}};

	fixture.before = load(first);
	assert_int_equal(compiled_new(fixture.before, &fixture.compiled), 0);
	fixture.guard = guard_new(fixture.compiled, traffic);
	assert_non_null(fixture.guard);
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	guard_free(fixture->guard);
	compiled_free(fixture->compiled);
	policy_free(fixture->before);
	return 0;
}

static void
silence_says_nothing(void **state)
{
	const struct fixture *fixture = *state;

	assert_null(guard_judge(fixture->guard, fixture->before, (struct traffic[2]){{0}}));
}

static void
denials_alone_are_what_nobody_wanted(void **state)
{
	const struct fixture *fixture = *state;

	assert_string_equal(
	    guard_judge(fixture->guard, fixture->before, (struct traffic[2]){{.denied = 1}}),
	    "first");
}

static void
one_permitted_message_is_enough(void **state)
{
	const struct fixture *fixture = *state;

	assert_null(guard_judge(
	    fixture->guard, fixture->before, (struct traffic[2]){{.permitted = 1, .denied = 99}}));
}

static void
what_carried_nothing_is_not_missed(void **state)
{
	const struct fixture *fixture = *state;

	assert_null(
	    guard_judge(fixture->guard, fixture->before, (struct traffic[2]){{0}, {.denied = 9}}));
}

static void
drop(struct guard *guard, uint8_t client, uint16_t port, bool answer)
{
	struct event event = {.type = EVENT_DROP, .family = FAMILY_IPV4, .transport = PROTOCOL_TCP};
	struct address hmi = {.bytes = {10, 1, 0, client}}, plc = {.bytes = {10, 2, 0, 7}};

	event.source = answer ? plc : hmi;
	event.destination = answer ? hmi : plc;
	event.source_port = answer ? port : 40000;
	event.destination_port = answer ? 40000 : port;
	guard_see(guard, &event);
}

/* The conduit is gone: the kernel drops what it would have permitted, in either direction. */
static void
dropped_packets_count_for_the_conduit_of_before(void **state)
{
	const struct fixture *fixture = *state;
	struct policy *now = load("");

	drop(fixture->guard, 6, 502, false); /* somebody else */
	drop(fixture->guard, 5, 503, false); /* something else */
	assert_null(guard_judge(fixture->guard, now, (struct traffic[1]){{0}}));
	drop(fixture->guard, 5, 502, true);
	assert_string_equal(guard_judge(fixture->guard, now, (struct traffic[1]){{0}}), "first");
	policy_free(now);
}

static void
island_is_left_out(void **state)
{
	const struct fixture *fixture = *state;
	struct policy *now = load(first);

	policy_isolate(now, "b");
	drop(fixture->guard, 5, 502, false);
	assert_null(guard_judge(fixture->guard, now, (struct traffic[2]){{.denied = 3}}));
	policy_free(now);
}

#define GUARD_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    GUARD_TEST(silence_says_nothing),
	    GUARD_TEST(denials_alone_are_what_nobody_wanted),
	    GUARD_TEST(one_permitted_message_is_enough),
	    GUARD_TEST(what_carried_nothing_is_not_missed),
	    GUARD_TEST(dropped_packets_count_for_the_conduit_of_before),
	    GUARD_TEST(island_is_left_out),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
