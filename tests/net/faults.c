/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: a client on libmodbus polls a server that answers wrongly, through the gateway.
 *
 *   lab.sh faults [NAME-PATTERN]
 *
 * An answer operates nothing, so the client may make of it what it makes of it without Sluice: the
 * connection lives, the next poll is answered, and the operator is told once.  Only what can't be
 * read, or contradicts what was asked, ends it.
 */
#include <errno.h>
#include <modbus.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "choose.h"
#include "device.h"
#include "faults.h"
#include "gate.h"
#include "lab.h"

enum { PATIENCE_US = 150000, EVENT_MS = 3000, QUIET_MS = 300, READS = 3, COUNT = 2 };

static pid_t server;
static modbus_t *client;
static size_t events_before;

static void
connect_client(void)
{
	lab_enter(LAB_SUPERVISION);
	client = modbus_new_tcp(RTU1, 502);
	assert_non_null(client);
	modbus_set_slave(client, 1);
	modbus_set_response_timeout(client, 0, PATIENCE_US);
	for (int i = 0; i < 50 && modbus_connect(client) < 0; i++)
		lab_sleep_ms(20);
	assert_true(modbus_get_socket(client) >= 0);
}

static void
end_client(void)
{
	if (!client)
		return;
	modbus_close(client);
	modbus_free(client);
	client = NULL;
}

static bool
poll_once(enum fault fault)
{
	uint16_t registers[COUNT + 1];
	int got = modbus_read_registers(client, (int)fault, COUNT, registers);

	return got == COUNT;
}

/* What is still to come has come, and the client throws away what it does not want. */
static void
settle(void)
{
	lab_sleep_ms(FAULT_LATE_MS + QUIET_MS);
	modbus_flush(client);
}

static bool
connection_lives(void)
{
	for (int i = 0; i < READS; i++)
		if (!poll_once(FAULT_NONE))
			return false;
	return true;
}

static size_t
events_with(const char *word)
{
	char *events = lab_file_read(gate_events(), events_before), *at = events;
	size_t count = 0;

	for (; (at = strstr(at, word)); at++)
		count++;
	free(events);
	return count;
}

static void
start(const struct gate_policy *policy)
{
	gate_start(gate_write_policy("faults.conf", policy), NULL);
	events_before = lab_file_size(gate_events());
	connect_client();
	assert_true(connection_lives());
}

static int
tear_down(void **state)
{
	end_client();
	gate_stop(SIGTERM);
	gate_flush();
	return 0;
}

static const enum fault harmless[] = {
    FAULT_UNIT, FAULT_TRANSACTION, FAULT_FUNCTION, FAULT_LATE, FAULT_SLOW, FAULT_TWICE};

enum { HARMLESS = sizeof(harmless) / sizeof(harmless[0]) };

/* How many of these the client gets that answer nothing. */
static size_t
provoke_all(void)
{
	size_t strange = 0;

	for (size_t i = 0; i < HARMLESS; i++) {
		poll_once(harmless[i]);
		settle();
		assert_true(connection_lives());
		strange += harmless[i] != FAULT_LATE && harmless[i] != FAULT_SLOW;
	}
	return strange;
}

static void
wrong_answers_do_not_end_a_connection(void **state)
{
	size_t strange;

	start(&(struct gate_policy){0});
	strange = provoke_all();
	assert_true(lab_file_wait(gate_events(), events_before, "response-unmatched", EVENT_MS));
	lab_sleep_ms(QUIET_MS);
	assert_int_equal(events_with("\"response-unmatched\""), strange);
	assert_int_equal(events_with("\"deny\""), 0);
}

static void
monitor_mode_lets_the_same_pass_and_tells_the_same(void **state)
{
	size_t strange;

	start(&(struct gate_policy){.mode = "monitor"});
	strange = provoke_all();
	assert_true(lab_file_wait(gate_events(), events_before, "response-unmatched", EVENT_MS));
	lab_sleep_ms(QUIET_MS);
	assert_int_equal(events_with("\"response-unmatched\""), strange);
}

static void
answers_that_the_channel_expects_are_not_told(void **state)
{
	start(&(struct gate_policy){.settings = "answers = \"any\";"});
	poll_once(FAULT_UNIT);
	settle();
	poll_once(FAULT_TRANSACTION);
	settle();
	assert_true(connection_lives());
	assert_int_equal(events_with("response-unmatched"), 0);
}

static void
ends_with(enum fault fault, const char *reason)
{
	start(&(struct gate_policy){0});
	assert_false(poll_once(fault));
	assert_true(lab_file_wait(gate_events(), events_before, reason, EVENT_MS));
	assert_false(connection_lives());
	/* and a new one is there at once */
	end_client();
	connect_client();
	assert_true(connection_lives());
}

static void
answer_that_contradicts_its_request_ends_the_connection(void **state)
{
	ends_with(FAULT_LONGER, "response-mismatch");
}

static void
answer_that_nobody_can_read_ends_the_connection(void **state)
{
	ends_with(FAULT_UNREADABLE, "length-mismatch");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(wrong_answers_do_not_end_a_connection, tear_down),
	    cmocka_unit_test_teardown(
		monitor_mode_lets_the_same_pass_and_tells_the_same, tear_down),
	    cmocka_unit_test_teardown(answers_that_the_channel_expects_are_not_told, tear_down),
	    cmocka_unit_test_teardown(
		answer_that_contradicts_its_request_ends_the_connection, tear_down),
	    cmocka_unit_test_teardown(answer_that_nobody_can_read_ends_the_connection, tear_down),
	};
	int failed;

	choose_tests(argc > 1 ? argv[1] : NULL, tests, sizeof(tests) / sizeof(tests[0]));
	lab_init();
	server = lab_start(
	    LAB_PUMPS, "faulty_server", (const char *[]){FAULTY_SERVER, RTU1, "502", NULL});
	failed = cmocka_run_group_tests_name("faults", tests, NULL, NULL);
	lab_stop(server, SIGKILL);
	return failed > 0;
}
