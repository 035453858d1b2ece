/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which ICMP errors the kernel forwards with a ruleset in it: those that routers send about
 * permitted connections, whatever addresses the routers have, and no others.  Run by
 * tests/net/lab.sh; no daemon.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "peers.h"
#include "rig.h"
#include "router.h"

enum { TRANSFER_BYTES = 5180, TRANSFER_MS = 4000 };

static const char third_zone[] = " third: { class = \"control\"; sl_t = 2; interfaces = [\"eth2\"];"
				 "  networks = [\"10.30.0.0/24\", \"fd00:30::/64\"]; };";

static const struct peer_wire supervision_wire = {LAB_SUPERVISION, "eth0", 0x10},
			      pumps_wire = {LAB_PUMPS, "eth0", 0x20},
			      third_wire = {LAB_SUPERVISION, "third0", 0x30};

/* A client in pumps, its server in supervision, and a router that is in no network of a zone. */
static const struct family {
	const char *client;
	const char *server;
	const char *router;
	const char *gateway;
	const char *third;
} families[] = {
    {"10.20.0.12", "10.10.0.9", "192.0.2.2", "10.20.0.1", "10.30.0.5"},
    {"fd00:20::12", "fd00:10::9", "2001:db8:99::2", "fd00:20::1", "fd00:30::5"},
};

/* Types of errors in each family: destination-unreachable, (packet-too-big,) time-exceeded,
 * parameter-problem. */
static const uint8_t error_types[2][4] = {{3, 11, 12}, {1, 2, 3, 4}};

struct pair {
	int client;
	int server;
};

/* A datagram there and one back. */
static struct pair
connect_pair(const struct family *family)
{
	struct pair pair = {peer_udp(LAB_PUMPS, family->client, 4123),
	    peer_udp(LAB_SUPERVISION, family->server, 123)};

	assert_true(peer_datagram(pair.client, family->server, 123, pair.server));
	assert_true(peer_datagram(pair.server, family->client, 4123, pair.client));
	peer_want_errors(pair.client);
	peer_want_errors(pair.server);
	return pair;
}

static void
disconnect(struct pair *pair)
{
	close(pair->client);
	close(pair->server);
}

/* An error about what the client has sent, which a router says from `router`. */
static struct peer_error
about_request(const struct family *family, const char *router, uint8_t type)
{
	return (struct peer_error){router, family->client, 4123, family->server, 123, type};
}

/* And about what the server has sent. */
static struct peer_error
about_answer(const struct family *family, const char *router, uint8_t type)
{
	return (struct peer_error){router, family->server, 123, family->client, 4123, type};
}

/* It does not come, and is counted as `reason`. */
static void
refused(const struct peer_wire *wire, struct peer_error error, int receiver, const char *reason)
{
	unsigned long before = rig_counter(reason);

	peer_send_error(wire, &error);
	if (peer_told(receiver, PEER_DROP_MS))
		fail_msg(
		    "type %u from %s at %s has come", error.type, error.router, wire->interface);
	if (rig_counter(reason) != before + 1)
		fail_msg("type %u from %s: not counted as %s", error.type, error.router, reason);
}

static void
comes(const struct peer_wire *wire, struct peer_error error, int receiver)
{
	unsigned long before = rig_counter("c/time");

	peer_send_error(wire, &error);
	if (!peer_told(receiver, PEER_PASS_MS))
		fail_msg("type %u from %s has not come", error.type, error.router);
	assert_int_equal(rig_counter("c/time"), before + 1);
}

static void
errors_come_from_routers_of_any_address(void **state)
{
	rig_apply("1", EVERY_PLAIN);
	for (size_t i = 0; i < 2; i++) {
		struct pair pair = connect_pair(&families[i]);

		for (size_t k = 0; k < 4 && error_types[i][k] != 0; k++) {
			uint8_t type = error_types[i][k];
			const char *router = families[i].router;

			comes(&supervision_wire, about_request(&families[i], router, type),
			    pair.client);
			comes(&pumps_wire, about_answer(&families[i], router, type), pair.server);
		}
		disconnect(&pair);
	}
	assert_int_equal(rig_counter("reason/wrong-zone"), 0);
}

/* Redirects, source quench: those change routes and rates, and nobody sends them for good. */
static void
other_related_icmp_does_not_come(void **state)
{
	static const uint8_t types[2][2] = {{4, 5}, {137, 137}};

	rig_apply("1", EVERY_PLAIN);
	for (size_t i = 0; i < 2; i++) {
		struct pair pair = connect_pair(&families[i]);

		for (size_t k = 0; k < 2; k++) {
			struct peer_error error =
			    about_request(&families[i], families[i].router, types[i][k]);

			refused(&supervision_wire, error, pair.client,
			    i == 0 ? "reason/wrong-zone" : "reason/invalid");
		}
		disconnect(&pair);
	}
}

/* A fresh start for each test, the wire to the third zone too. */
static int
clean(void **state)
{
	lab_shell(LAB_GATEWAY, "ip link del eth2 2>/dev/null");
	return rig_clean(state);
}

/* Both ends of the wire to a third zone. */
static void
third_zone_up(void)
{
	assert_int_equal(
	    lab_shell(LAB_GATEWAY,
		"set -e; ip link add eth2 address 02:00:00:00:30:01 type veth peer name third0 "
		"netns $LAB_SUPERVISION; ip addr add 10.30.0.1/24 dev eth2; "
		"ip addr add fd00:30::1/64 dev eth2 nodad; ip link set eth2 up; "
		"sysctl -qw net.ipv4.conf.eth2.rp_filter=0; "
		"ip -n $LAB_SUPERVISION link set third0 up"),
	    0);
}

static void
a_third_zone_forges_nothing(void **state)
{
	third_zone_up();
	rig_write_policy(EVERY_PLAIN, "closed", third_zone, "");
	rig_apply_policy("1");
	for (size_t i = 0; i < 2; i++) {
		const struct family *f = &families[i];
		struct pair pair = connect_pair(f);
		uint8_t type = error_types[i][0];

		/* with an address of its own, of nobody, and of a host at the other end */
		refused(&third_wire, about_request(f, f->third, type), pair.client,
		    "reason/no-channel");
		refused(
		    &third_wire, about_answer(f, f->third, type), pair.server, "reason/no-channel");
		refused(&third_wire, about_request(f, f->router, type), pair.client,
		    "reason/wrong-zone");
		refused(&third_wire, about_answer(f, f->router, type), pair.server,
		    "reason/wrong-zone");
		refused(&third_wire, about_request(f, f->server, type), pair.client,
		    "reason/wrong-zone");
		/* from the receiver's own side: what that side has sent never came from there */
		refused(&pumps_wire, about_request(f, f->router, type), pair.client,
		    "reason/wrong-zone");
		disconnect(&pair);
	}
}

static void
errors_about_what_no_channel_permits_do_not_come(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		const struct family *f = &families[i];
		uint8_t type = error_types[i][0];
		struct pair pair;

		rig_apply("1", EVERY_PLAIN);
		pair = connect_pair(f);
		/* a reload has taken the channel away; connection tracking knows it still */
		rig_apply("2", FILES_CHANNEL);
		refused(&supervision_wire, about_request(f, f->router, type), pair.client,
		    "reason/wrong-zone");
		refused(&supervision_wire, about_request(f, f->server, type), pair.client,
		    "reason/no-channel");
		refused(&pumps_wire, about_answer(f, f->router, type), pair.server,
		    "reason/wrong-zone");
		/* nobody knows it */
		rig_apply("3", EVERY_PLAIN);
		lab_shell(LAB_GATEWAY, "conntrack -F");
		refused(&supervision_wire, about_request(f, f->router, type), pair.client,
		    "reason/invalid");
		disconnect(&pair);
	}
}

/* Connections of the machine itself: input, where the errors end there. */
static void
errors_about_connections_of_the_machine_itself(void **state)
{
	static const char ask[] =
	    "a: { from = \"appliance\"; to = \"supervision\"; mode = \"enforce\";"
	    " on_deny = \"drop\"; when_down = \"closed\"; rationale = \"test\"; channels: ("
	    " { name = \"time\"; clients = [\"10.20.0.1\", \"fd00:20::1\"];"
	    "  servers = [\"10.10.0.9\", \"fd00:10::9\"]; protocol = \"udp\"; port = 123; } ); };";
	char zones[1024];

	third_zone_up();
	snprintf(zones, sizeof(zones), "%s%s", rig_gateway_zone, third_zone);
	rig_write_policy(FILES_CHANNEL, "closed", zones, ask);
	rig_apply_policy("1");
	for (size_t i = 0; i < 2; i++) {
		struct family f = families[i];
		struct pair pair = {peer_udp(LAB_GATEWAY, f.gateway, 4123),
		    peer_udp(LAB_SUPERVISION, f.server, 123)};
		uint8_t type = error_types[i][0];
		struct peer_error error;

		f.client = f.gateway;
		assert_true(peer_datagram(pair.client, f.server, 123, pair.server));
		peer_want_errors(pair.client);
		refused(&third_wire, about_request(&f, f.third, type), pair.client,
		    "reason/no-channel");
		refused(&third_wire, about_request(&f, f.router, type), pair.client,
		    "reason/wrong-zone");
		error = about_request(&f, f.router, type);
		peer_send_error(&supervision_wire, &error);
		assert_true(peer_told(pair.client, PEER_PASS_MS));
		disconnect(&pair);
	}
}

/* Bytes that arrive of those that the client sends at once. */
static size_t
transfer(const char *from, const char *to)
{
	uint64_t end = lab_now_ms() + TRANSFER_MS;
	int listener = peer_listen(LAB_PUMPS, to, 8000), client, server;
	char bytes[TRANSFER_BYTES] = {0};
	size_t got = 0;

	client = peer_connect(LAB_SUPERVISION, from, to, 8000, PEER_PASS_MS);
	assert_true(client >= 0);
	server = peer_accept(listener);
	assert_int_equal(send(client, bytes, sizeof(bytes), 0), sizeof(bytes));
	while (got < sizeof(bytes) && lab_now_ms() < end) {
		struct pollfd p = {.fd = server, .events = POLLIN};
		ssize_t n = poll(&p, 1, 100) > 0 ? recv(server, bytes, sizeof(bytes), 0) : 0;

		got += n > 0 ? (size_t)n : 0;
	}
	close(client);
	close(server);
	close(listener);
	return got;
}

/* The last: it changes the laboratory. */
static void
transfers_pass_a_router_of_a_smaller_mtu(void **state)
{
	router_up();
	rig_apply("1", EVERY_PLAIN);
	assert_int_equal(transfer("10.10.0.5", "10.20.0.11"), TRANSFER_BYTES);
	assert_int_equal(transfer("fd00:10::5", "fd00:20::11"), TRANSFER_BYTES);
	assert_int_equal(rig_counter("reason/wrong-zone"), 0);
	/* the router has spoken, or the test would prove nothing */
	assert_int_equal(
	    lab_shell(LAB_SUPERVISION, "ip route get 10.20.0.11 | grep -q 'mtu 1300'"), 0);
	assert_int_equal(
	    lab_shell(LAB_SUPERVISION, "ip route get fd00:20::11 | grep -q 'mtu 1300'"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(errors_come_from_routers_of_any_address, clean),
	    cmocka_unit_test_setup(other_related_icmp_does_not_come, clean),
	    cmocka_unit_test_setup(a_third_zone_forges_nothing, clean),
	    cmocka_unit_test_setup(errors_about_what_no_channel_permits_do_not_come, clean),
	    cmocka_unit_test_setup(errors_about_connections_of_the_machine_itself, clean),
	    cmocka_unit_test_setup(transfers_pass_a_router_of_a_smaller_mtu, clean),
	};

	rig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
