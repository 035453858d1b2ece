/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces that come, go and change their names while sluiced runs: all of it is told, and what
 * has the name of a zone's interface takes its place without a reload.  See life.h.
 */
#include <poll.h>
#include <sys/socket.h>

#include "life.h"
#include "router.h"

enum { TOLD_MS = 3000, REQUEST_MS = 1500 };

/* One program of the gateway's shell after the other; all must do. */
static void
gateway(const char *commands)
{
	assert_int_equal(lab_shell(LAB_GATEWAY, "set -e; %s", commands), 0);
}

static const char back_with_addresses[] =
    "ip link set eth1 up; ip -4 addr replace 10.20.0.1/24 dev eth1; "
    "ip -6 addr replace fd00:20::1/64 dev eth1 nodad; "
    "sysctl -q net.ipv6.conf.eth1.forwarding=1";

static void
told(size_t before, const char *text)
{
	assert_true(lab_file_wait(gate_events(), before, text, TOLD_MS));
}

/* Whether `sluice status` says that all is fine, as its exit status. */
static int
status(void)
{
	return lab_shell(LAB_GATEWAY, "%s status --control %s", SLUICE, lab_path("control"));
}

/* It is there again: permitted requests are answered and nothing else. */
static void
works_again(void)
{
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
	assert_int_equal(status(), 0);
}

static void
renamed_interface_is_told_and_takes_its_place_again(void **state)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	client_close(life_connect());
	before = lab_file_size(gate_events());
	gateway("ip link set eth1 down; ip link set eth1 name other0; ip link set other0 up");
	told(before, "\"interface-gone\"");
	told(before, "\"how\":\"renamed to other0\"");
	told(before, "\"zone\":\"pumps\"");
	assert_true(client_connect(PLC1, 300) < 0);
	assert_int_equal(status(), 1);
	assert_true(lab_file_wait(lab_path("shell.out"), 0, "there is no interface eth1", 0));
	before = lab_file_size(gate_events());
	gateway("ip link set other0 down; ip link set other0 name eth1");
	gateway(back_with_addresses);
	told(before, "\"interface-back\"");
	works_again();
}

/* Somebody takes an interface down, somebody pulls the plug at the other end; both are put right.
 */
static void
interface_that_is_down_is_told(void **state)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	client_close(life_connect());
	before = lab_file_size(gate_events());
	gateway("ip link set eth1 down");
	told(before, "\"interface-down\"");
	told(before, "\"how\":\"down\"");
	assert_int_equal(status(), 1);
	assert_true(lab_file_wait(lab_path("shell.out"), 0, "the interface eth1 is down", 0));
	before = lab_file_size(gate_events());
	gateway(back_with_addresses);
	told(before, "\"interface-up\"");
	works_again();
	before = lab_file_size(gate_events());
	assert_int_equal(lab_shell(LAB_PUMPS, "ip link set eth0 down"), 0);
	told(before, "\"how\":\"without a carrier\"");
	assert_int_equal(status(), 1);
	before = lab_file_size(gate_events());
	assert_int_equal(lab_shell(LAB_PUMPS,
			     "ip link set eth0 up; ip route replace default via 10.20.0.1; "
			     "ip -6 addr replace fd00:20::11/64 dev eth0 nodad"),
	    0);
	told(before, "\"interface-up\"");
	works_again();
}

/* A loose plug: a hundred times, and a few events. */
static void
loose_plug_is_told_once_a_second(void **state)
{
	char *text;
	unsigned count = 0;
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	before = lab_file_size(gate_events());
	gateway("for i in $(seq 100); do ip link set eth1 down; ip link set eth1 up; done");
	gateway(back_with_addresses);
	lab_sleep_ms(2500);
	text = lab_file_read(gate_events(), before);
	for (const char *at = text; (at = strstr(at, "\"interface-")); at++)
		count++;
	free(text);
	assert_in_range(count, 0, 20);
	works_again();
}

static void
removed_interface_is_told_and_its_successor_takes_its_place(void **state)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	before = lab_file_size(gate_events());
	gateway("ip link set eth1 netns $LAB_SUPERVISION name away0");
	told(before, "\"how\":\"removed\"");
	assert_int_equal(status(), 1);
	before = lab_file_size(gate_events());
	assert_int_equal(
	    lab_shell(LAB_SUPERVISION, "ip link set away0 netns $LAB_GATEWAY name eth1"), 0);
	gateway(back_with_addresses);
	told(before, "\"interface-back\"");
	works_again();
}

/* At the start it is not there: that is a finding, and none any more when it comes. */
static void
interface_that_comes_after_the_start(void **state)
{
	size_t before = lab_file_size(gate_events());

	gateway("ip link set eth1 down; ip link set eth1 name other0");
	life_start(&(struct gate_policy){0}, NULL);
	assert_int_equal(status(), 1);
	gateway("ip link set other0 name eth1");
	gateway(back_with_addresses);
	told(before, "\"interface-back\"");
	works_again();
}

/* Nothing is forwarded through a door that no zone has, and that there is one is told. */
static void
interface_of_no_zone(void **state)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	before = lab_file_size(gate_events());
	gateway("ip link add new0 type veth peer name new1 netns $LAB_PUMPS");
	told(before, "\"interface-of-no-zone\"");
	told(before, "\"interface\":\"new0\"");
	gateway("ip link del new0");
	works_again();
}

/*
 * Twenty of the longest permitted writes at once, 5,180 bytes, over a router that takes less at a
 * time than the client sends.  The last of the list: it changes the laboratory.
 */
static void
judged_writes_pass_a_router_of_a_smaller_mtu(void **state)
{
	enum { WRITES = 20, WRITE_SIZE = 259, REGISTERS = 123, ANSWERS = WRITES * 12 };
	uint8_t writes[WRITES * WRITE_SIZE] = {0}, answers[ANSWERS];
	size_t got = 0;
	ssize_t n;
	int fd;

	for (unsigned i = 0; i < WRITES; i++) {
		uint8_t head[] = {0, (uint8_t)i, 0, 0, 0, 253, 1, 16, 0, 0, 0, REGISTERS, 246};

		memcpy(&writes[i * WRITE_SIZE], head, sizeof(head));
	}
	router_up();
	life_start(&(struct gate_policy){.settings = "outstanding = 20;",
		       .rules = "{ access = [\"any\"]; }"},
	    NULL);
	fd = life_connect();
	assert_int_equal(send(fd, writes, sizeof(writes), 0), sizeof(writes));
	while (
	    got < ANSWERS && poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, TOLD_MS) > 0) {
		n = recv(fd, answers, sizeof(answers), 0);
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	assert_int_equal(got, ANSWERS);
	client_close(fd);
	/* the router has spoken, or the test would prove nothing */
	assert_int_equal(
	    lab_shell(LAB_SUPERVISION, "ip route get 10.20.0.11 | grep -q 'mtu 1300'"), 0);
}

const struct CMUnitTest life_links_tests[] = {
    LIFE_TEST(renamed_interface_is_told_and_takes_its_place_again),
    LIFE_TEST(interface_that_is_down_is_told),
    LIFE_TEST(loose_plug_is_told_once_a_second),
    LIFE_TEST(removed_interface_is_told_and_its_successor_takes_its_place),
    LIFE_TEST(interface_that_comes_after_the_start),
    LIFE_TEST(interface_of_no_zone),
    LIFE_TEST(judged_writes_pass_a_router_of_a_smaller_mtu),
};
const size_t life_links_count = sizeof(life_links_tests) / sizeof(life_links_tests[0]);
