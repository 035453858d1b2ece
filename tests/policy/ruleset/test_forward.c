/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel forwards with a ruleset in it, between real sockets.  Run by tests/net/lab.sh; no
 * daemon.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "peers.h"
#include "raw.h"
#include "rig.h"

static void
plain_tcp_passes(void **state)
{
	static const char *const pairs[][2] = {
	    {"10.10.0.5", "10.20.0.11"}, {"fd00:10::5", "fd00:20::11"}};

	rig_apply("1", EVERY_PLAIN);
	for (size_t i = 0; i < 2; i++) {
		static const uint16_t ports[] = {8000, 9000, 9010};

		for (size_t k = 0; k < 3; k++) {
			int listener = peer_listen(LAB_PUMPS, pairs[i][1], ports[k]);
			int client = peer_connect(
			    LAB_SUPERVISION, pairs[i][0], pairs[i][1], ports[k], PEER_PASS_MS);
			int server;

			assert_true(client >= 0);
			server = peer_accept(listener);
			assert_int_equal(peer_pass(client, server, PEER_PASS_MS), 0);
			assert_int_equal(peer_pass(server, client, PEER_PASS_MS), 0);
			close(client);
			close(server);
			close(listener);
		}
	}
	assert_true(rig_counter("c/files") > 0);
	assert_true(rig_counter("c/range") > 0);
	assert_int_equal(rig_counter("reason/no-channel"), 0);
	assert_int_equal(rig_counter("reason/wrong-zone"), 0);
}

static void
plain_udp_and_its_answers_pass(void **state)
{
	static const char *const pairs[][2] = {
	    {"10.20.0.12", "10.10.0.9"}, {"fd00:20::12", "fd00:10::9"}};

	rig_apply("1", EVERY_PLAIN);
	for (size_t i = 0; i < 2; i++) {
		int server = peer_udp(LAB_SUPERVISION, pairs[i][1], 123);
		int client = peer_udp(LAB_PUMPS, pairs[i][0], 123);

		/* the server speaks first: no channel permits that */
		assert_false(peer_datagram(server, pairs[i][0], 123, client));
		assert_true(peer_datagram(client, pairs[i][1], 123, server));
		assert_true(peer_datagram(server, pairs[i][0], 123, client));
		close(client);
		close(server);
	}
	assert_true(rig_counter("reason/no-channel") >= 2);
}

static void
echo_passes_and_other_icmp_does_not(void **state)
{
	enum { TIMESTAMP = 13, TIMESTAMP_REPLY = 14 };

	rig_apply("1", EVERY_PLAIN);
	assert_int_equal(peer_ping(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11"), 0);
	assert_int_equal(peer_ping(LAB_SUPERVISION, "fd00:10::5", "fd00:20::11"), 0);
	assert_int_equal(peer_ping(LAB_PUMPS, "10.20.0.11", "10.10.0.5"), -ETIMEDOUT);
	assert_int_equal(peer_ping(LAB_PUMPS, "fd00:20::11", "fd00:10::5"), -ETIMEDOUT);
	assert_int_equal(
	    peer_icmp(LAB_SUPERVISION, "10.20.0.11", TIMESTAMP, TIMESTAMP_REPLY), -ETIMEDOUT);
	/* it is the ruleset that stops it */
	lab_shell(LAB_GATEWAY, "nft flush ruleset");
	assert_int_equal(peer_icmp(LAB_SUPERVISION, "10.20.0.11", TIMESTAMP, TIMESTAMP_REPLY), 0);
}

static void
what_no_channel_names_is_dropped(void **state)
{
	static const struct {
		enum lab_place place;
		const char *from;
		const char *to;
		uint16_t port;
	} rows[] = {
	    {LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 8001}, /* another port */
	    {LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 8999}, /* beside a range */
	    {LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 9011},
	    {LAB_SUPERVISION, "10.10.0.9", "10.20.0.11", 8000}, /* another client */
	    {LAB_SUPERVISION, "10.10.0.5", "10.20.0.12", 8000}, /* another server */
	    {LAB_PUMPS, "10.20.0.11", "10.10.0.5", 8000},       /* the other direction */
	    {LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 123},  /* another transport */
	    {LAB_SUPERVISION, "fd00:10::5", "fd00:20::11", 8001},
	    {LAB_SUPERVISION, "fd00:10::9", "fd00:20::11", 8000},
	    {LAB_SUPERVISION, "fd00:10::5", "fd00:20::12", 8000},
	    {LAB_PUMPS, "fd00:20::11", "fd00:10::5", 8000},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum lab_place other = rows[i].place == LAB_PUMPS ? LAB_SUPERVISION : LAB_PUMPS;
		int listener = peer_listen(other, rows[i].to, rows[i].port);
		unsigned long before;

		rig_apply("1", EVERY_PLAIN);
		before = rig_counter("reason/no-channel");
		assert_false(
		    peer_can_connect(rows[i].place, rows[i].from, rows[i].to, rows[i].port));
		assert_true(rig_counter("reason/no-channel") > before);
		/* or the test would prove nothing */
		lab_shell(LAB_GATEWAY, "nft flush ruleset; conntrack -F");
		assert_true(
		    peer_can_connect(rows[i].place, rows[i].from, rows[i].to, rows[i].port));
		close(listener);
	}
}

static void
an_address_at_the_wrong_interface_is_dropped(void **state)
{
	int server = peer_udp(LAB_SUPERVISION, "10.10.0.9", 123);
	char byte;

	rig_apply("1", EVERY_PLAIN);
	/* as it should be */
	peer_forge(LAB_PUMPS, "10.20.0.11", "10.10.0.9", 123);
	lab_sleep_ms(PEER_DROP_MS);
	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), 1);
	assert_int_equal(rig_counter("reason/wrong-zone"), 0);
	/* the same permitted packet, but from the server's own side */
	lab_shell(LAB_GATEWAY, "conntrack -F");
	peer_forge(LAB_SUPERVISION, "10.20.0.11", "10.10.0.9", 123);
	lab_sleep_ms(PEER_DROP_MS);
	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(rig_counter("reason/wrong-zone"), 1);
	/* addresses of no zone, as source and as destination */
	peer_forge(LAB_PUMPS, "192.0.2.1", "10.10.0.9", 123);
	lab_shell(LAB_GATEWAY, "ip route add 192.0.2.0/24 via 10.10.0.9");
	peer_forge(LAB_PUMPS, "10.20.0.11", "192.0.2.1", 123);
	lab_sleep_ms(PEER_DROP_MS);
	lab_shell(LAB_GATEWAY, "ip route del 192.0.2.0/24");
	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(rig_counter("reason/wrong-zone"), 3);
	close(server);
}

/* Does the forged datagram of a client arrive at the server? */
static bool
forged_arrives(enum lab_place place, int server)
{
	char byte;

	peer_forge(place, "10.20.0.11", "10.10.0.9", 123);
	lab_sleep_ms(PEER_DROP_MS);
	return recv(server, &byte, 1, MSG_DONTWAIT) == 1;
}

static void
an_established_connection_keeps_to_its_interfaces(void **state)
{
	int server = peer_udp(LAB_SUPERVISION, "10.10.0.9", 123);
	int client = peer_udp(LAB_PUMPS, "10.20.0.11", 4000); /* the port of what is forged */

	rig_apply("1", EVERY_PLAIN);
	assert_true(forged_arrives(LAB_PUMPS, server));
	assert_true(peer_datagram(server, "10.20.0.11", 4000, client));
	assert_true(forged_arrives(LAB_PUMPS, server));
	/* the client's address on the server's own side */
	assert_false(forged_arrives(LAB_SUPERVISION, server));
	assert_int_equal(rig_counter("reason/wrong-zone"), 1);
	/* the answer would leave on the side that it came from */
	lab_shell(LAB_GATEWAY, "ip route add 10.20.0.11/32 via 10.10.0.5");
	assert_false(peer_datagram(server, "10.20.0.11", 4000, client));
	lab_shell(LAB_GATEWAY, "ip route del 10.20.0.11/32 via 10.10.0.5");
	assert_int_equal(rig_counter("reason/wrong-zone"), 2);
	assert_true(peer_datagram(server, "10.20.0.11", 4000, client));
	close(client);
	close(server);
}

static void
a_zone_behind_another_is_told_by_its_networks(void **state)
{
	static const char more_zones[] =
	    " office: { class = \"dmz\"; behind = [\"supervision\"]; networks = "
	    "[\"10.11.0.0/24\"]; };";
	static const char more_conduits[] =
	    " far: { from = \"office\"; to = \"pumps\"; channels: ( { name = \"files\"; clients = "
	    "[\"10.11.0.5\"]; servers = [\"10.20.0.11\"]; protocol = \"tcp\"; port = 7000; } ); };";
	int near = peer_listen(LAB_PUMPS, "10.20.0.11", 8000);
	int far = peer_listen(LAB_PUMPS, "10.20.0.11", 7000);
	unsigned long before;

	lab_shell(LAB_SUPERVISION, "ip addr add 10.11.0.5/32 dev eth0");
	lab_shell(LAB_GATEWAY, "ip route add 10.11.0.0/24 via 10.10.0.5");
	rig_write_policy(FILES_CHANNEL, "closed", more_zones, more_conduits);
	rig_apply_policy("1");
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 8000));
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.11.0.5", "10.20.0.11", 7000));
	assert_false(peer_can_connect(LAB_SUPERVISION, "10.11.0.5", "10.20.0.11", 8000));
	assert_false(peer_can_connect(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 7000));
	assert_int_equal(rig_counter("reason/wrong-zone"), 0);
	/* its addresses on the other side */
	before = rig_counter("reason/wrong-zone");
	peer_forge(LAB_PUMPS, "10.11.0.5", "10.10.0.9", 123);
	lab_sleep_ms(PEER_DROP_MS);
	assert_int_equal(rig_counter("reason/wrong-zone"), before + 1);
	lab_shell(LAB_GATEWAY, "ip route del 10.11.0.0/24 via 10.10.0.5");
	lab_shell(LAB_SUPERVISION, "ip addr del 10.11.0.5/32 dev eth0");
	close(near);
	close(far);
}

static void
established_connections_meet_the_first_rule_only(void **state)
{
	int server = peer_udp(LAB_SUPERVISION, "10.10.0.9", 123);
	int client = peer_udp(LAB_PUMPS, "10.20.0.12", 123);
	int other = peer_udp(LAB_PUMPS, "10.20.0.11", 123);
	unsigned long before;

	rig_apply("1", EVERY_PLAIN);
	assert_true(peer_datagram(client, "10.10.0.9", 123, server));
	assert_true(peer_datagram(server, "10.20.0.12", 123, client));
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "nft add rule inet sluice forward index 0 drop"), 0);
	before = rig_counter("c/time");
	assert_true(peer_datagram(client, "10.10.0.9", 123, server));
	assert_true(peer_datagram(server, "10.20.0.12", 123, client));
	assert_int_equal(rig_counter("c/time"), before + 2);
	assert_false(peer_datagram(other, "10.10.0.9", 123, server));
	close(client);
	close(other);
	close(server);
}

static void
a_plain_connection_begins_with_syn(void **state)
{
	int listener = peer_listen(LAB_PUMPS, "10.20.0.11", 8000), tap;
	struct raw raw;

	rig_apply("1", EVERY_PLAIN);
	tap = peer_tap(LAB_PUMPS);
	raw_open(&raw, "10.20.0.11", 8000);
	raw.received = 77;
	raw_send(&raw, &(struct segment){.data = "x", .length = 1});
	assert_true(raw_wait_reset(&raw, PEER_PASS_MS));
	assert_false(peer_tapped(tap, 8000, FLAG_PSH | FLAG_ACK, PEER_DROP_MS));
	assert_int_equal(rig_counter("reason/stream-middle"), 1);
	raw_close(&raw);
	/* from its beginning it passes */
	raw_open(&raw, "10.20.0.11", 8000);
	assert_true(raw_connect(&raw, false));
	raw_data(&raw, 0, "x", 1);
	assert_true(peer_tapped(tap, 8000, FLAG_PSH | FLAG_ACK, PEER_PASS_MS));
	raw_close(&raw);
	close(tap);
	close(listener);
}

struct connection {
	int listener;
	int client;
	int server;
};

static struct connection
connect_files(void)
{
	struct connection c = {.listener = peer_listen(LAB_PUMPS, "10.20.0.11", 8000)};

	c.client = peer_connect(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 8000, PEER_PASS_MS);
	if (c.client < 0)
		lab_fail("no connection: %s", strerror(-c.client));
	c.server = peer_accept(c.listener);
	return c;
}

static void
disconnect(struct connection *c)
{
	close(c->client);
	close(c->server);
	close(c->listener);
}

static void
a_reload_keeps_permitted_connections_and_counters(void **state)
{
	struct connection c;
	unsigned long before;

	rig_apply("1", EVERY_PLAIN);
	c = connect_files();
	before = rig_counter("c/files");
	assert_true(before >= 3);
	rig_apply("2", RANGE_CHANNEL "," FILES_CHANNEL); /* other numbers of channels, too */
	assert_int_equal(rig_counter("c/files"), before);
	/* the server speaks first: the mark is found by the connection's first direction */
	assert_int_equal(peer_pass(c.server, c.client, PEER_PASS_MS), 0);
	assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	for (unsigned generation = 3; generation < 8; generation++) {
		char text[16];

		snprintf(text, sizeof(text), "%u", generation);
		rig_apply(text, EVERY_PLAIN);
		assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	}
	assert_int_equal(rig_counter("reason/flow-cut"), 0);
	disconnect(&c);
}

/* `places`: more zones. With a gateway zone the kernel's resets have to pass chain output. */
static void
reload_and_cut(const char *places)
{
	int time_server = peer_udp(LAB_SUPERVISION, "10.10.0.9", 123);
	int time_client = peer_udp(LAB_PUMPS, "10.20.0.12", 123);
	struct connection c;

	rig_write_policy(EVERY_PLAIN, "closed", places, "");
	rig_apply_policy("1");
	c = connect_files();
	assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	assert_true(peer_datagram(time_client, "10.10.0.9", 123, time_server));
	assert_true(peer_datagram(time_server, "10.20.0.12", 123, time_client));
	rig_write_policy(RANGE_CHANNEL, "closed", places, "");
	rig_apply_policy("2");
	assert_int_equal(peer_pass(c.client, c.server, PEER_DROP_MS), -ECONNRESET);
	assert_int_equal(peer_pass(c.server, c.client, PEER_DROP_MS), -ECONNRESET);
	assert_false(peer_datagram(time_client, "10.10.0.9", 123, time_server));
	assert_false(peer_datagram(time_server, "10.20.0.12", 123, time_client));
	assert_true(rig_counter("reason/flow-cut") >= 4);
	disconnect(&c);
	close(time_server);
	close(time_client);
}

static void
a_reload_cuts_forbidden_connections(void **state)
{
	reload_and_cut("");
}

static void
a_reload_cuts_forbidden_connections_with_a_rig_gateway_zone(void **state)
{
	reload_and_cut(rig_gateway_zone);
}

static void
marks_of_an_earlier_generation_mean_nothing(void **state)
{
	struct connection c;

	rig_apply("1", FILES_CHANNEL); /* channel 0 */
	c = connect_files();
	assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	rig_apply("2", RANGE_CHANNEL);
	rig_apply("1", RANGE_CHANNEL); /* channel 0 again, of generation 1 again, but another one */
	assert_int_equal(peer_pass(c.client, c.server, PEER_DROP_MS), -ECONNRESET);
	disconnect(&c);
}

static void
icmp_errors_of_permitted_connections_pass(void **state)
{
	rig_apply("1", EVERY_PLAIN);
	assert_int_equal(peer_refused(LAB_PUMPS, "10.20.0.12", "10.10.0.9", 123), -ECONNREFUSED);
	assert_int_equal(peer_refused(LAB_PUMPS, "fd00:20::12", "fd00:10::9", 123), -ECONNREFUSED);
	assert_int_equal(peer_refused(LAB_PUMPS, "10.20.0.12", "10.10.0.9", 124), -ETIMEDOUT);
	assert_int_equal(peer_refused(LAB_PUMPS, "fd00:20::12", "fd00:10::9", 124), -ETIMEDOUT);
}

static void
other_related_icmp_does_not_pass(void **state)
{
	enum { UNREACHABLE = 3, QUENCH = 4, REDIRECT = 5, EXCEEDED = 11 };
	static const struct {
		uint8_t type;
		bool passes;
	} rows[] = {{UNREACHABLE, true}, {QUENCH, false}, {REDIRECT, false}, {EXCEEDED, true}};
	int client = peer_udp(LAB_PUMPS, "10.20.0.12", 4123),
	    server = peer_udp(LAB_SUPERVISION, "10.10.0.9", 123);
	int tap = peer_tap(LAB_PUMPS);

	rig_apply("1", EVERY_PLAIN);
	assert_true(peer_datagram(client, "10.10.0.9", 123, server));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		peer_icmp_error(
		    LAB_SUPERVISION, "10.10.0.9", 123, "10.20.0.12", 4123, rows[i].type);
		if (peer_tapped_icmp(tap, rows[i].type, PEER_DROP_MS) != rows[i].passes)
			fail_msg("ICMP type %u: expected %s", rows[i].type,
			    rows[i].passes ? "passed" : "dropped");
		/* of a connection that is not there */
		peer_icmp_error(
		    LAB_SUPERVISION, "10.10.0.9", 123, "10.20.0.12", 4124, rows[i].type);
		assert_false(peer_tapped_icmp(tap, rows[i].type, PEER_DROP_MS));
	}
	close(tap);
	close(client);
	close(server);
}

/* No inspector listens in this laboratory: what is queued shows what the conduit's contract does.
 */
static void
without_an_inspector_the_conduit_decides(void **state)
{
	int listener = peer_listen(LAB_PUMPS, "10.20.0.11", 502);
	int listener6 = peer_listen(LAB_PUMPS, "fd00:20::11", 502);

	rig_write_policy(MODBUS_CHANNEL, "closed", "", "");
	rig_apply_policy("1");
	assert_false(peer_can_connect(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 502));
	assert_false(peer_can_connect(LAB_SUPERVISION, "fd00:10::5", "fd00:20::11", 502));
	assert_true(rig_counter("c/modbus") >= 2);
	assert_int_equal(rig_counter("reason/no-channel"), 0);
	rig_write_policy(MODBUS_CHANNEL, "open", "", "");
	rig_apply_policy("2");
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 502));
	assert_true(peer_can_connect(LAB_SUPERVISION, "fd00:10::5", "fd00:20::11", 502));
	close(listener);
	close(listener6);
}

static void
only_segments_that_change_nothing_stay_in_the_kernel(void **state)
{
	static const struct {
		struct segment segment;
		bool queued;
	} rows[] = {
	    {{.flags = FLAG_ACK}, false},
	    {{.flags = FLAG_ACK, .data = "x", .length = 1}, true},
	    {{.flags = FLAG_ACK, .data = "\0", .length = 1}, true},
	    {{.flags = FLAG_ACK | FLAG_PSH, .data = "0123456789", .length = 10}, true},
	    {{.flags = FLAG_ACK | FLAG_URG, .urgent = 3}, true},
	    {{.flags = FLAG_ACK | FLAG_SYN}, true},
	    {{.flags = FLAG_ACK | FLAG_PSH}, false},
	    {{.flags = FLAG_ACK | FLAG_FIN}, true},
	    {{.flags = FLAG_ACK | FLAG_RST}, true},
	};
	int listener = peer_listen(LAB_PUMPS, "10.20.0.11", 502);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct raw raw;
		int tap;

		rig_write_policy(MODBUS_CHANNEL, "open", "", "");
		rig_apply_policy("1");
		raw_open(&raw, "10.20.0.11", 502);
		assert_true(raw_connect(&raw, false));
		rig_write_policy(MODBUS_CHANNEL, "closed", "", "");
		rig_apply_policy("2");
		tap = peer_tap(LAB_PUMPS);
		raw_send(&raw, &rows[i].segment);
		if (rows[i].queued == peer_tapped(tap, 502, rows[i].segment.flags, PEER_DROP_MS))
			fail_msg("row %zu: expected %squeued", i, rows[i].queued ? "" : "not ");
		raw_close(&raw);
		close(tap);
	}
	close(listener);
}

static void
the_machine_itself_is_left_alone_without_a_rig_gateway_zone(void **state)
{
	int listener = peer_listen(LAB_GATEWAY, "10.10.0.1", 2222),
	    outside = peer_listen(LAB_PUMPS, "10.20.0.11", 2223);

	rig_apply("1", EVERY_PLAIN);
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.10.0.9", "10.10.0.1", 2222));
	assert_true(peer_can_connect(LAB_GATEWAY, "10.20.0.1", "10.20.0.11", 2223));
	close(listener);
	close(outside);
}

static void
a_rig_gateway_zone_filters_the_machine_itself(void **state)
{
	static const char manage[] =
	    "m: { from = \"supervision\"; to = \"appliance\"; mode = \"enforce\"; on_deny = "
	    "\"drop\";"
	    " when_down = \"closed\"; rationale = \"test\"; channels: ("
	    " { name = \"ssh\"; clients = [\"10.10.0.5\", \"fd00:10::5\"];"
	    "  servers = [\"10.10.0.1\", \"fd00:10::1\"]; protocol = \"tcp\"; port = 2222; } ); };"
	    "o: { from = \"appliance\"; to = \"pumps\"; mode = \"enforce\"; on_deny = \"drop\";"
	    " when_down = \"closed\"; rationale = \"test\"; channels: ("
	    " { name = \"out\"; clients = [\"10.20.0.1\"]; servers = [\"10.20.0.11\"]; protocol = "
	    "\"tcp\";"
	    "  port = 2223; } ); };";
	int listener = peer_listen(LAB_GATEWAY, "10.10.0.1", 2222);
	int listener6 = peer_listen(LAB_GATEWAY, "fd00:10::1", 2222);
	int other = peer_listen(LAB_GATEWAY, "10.10.0.1", 2223);
	int outside = peer_listen(LAB_PUMPS, "10.20.0.11", 2223);
	int unnamed = peer_listen(LAB_PUMPS, "10.20.0.12", 2223);

	rig_write_policy(EVERY_PLAIN, "closed", rig_gateway_zone, manage);
	rig_apply_policy("1");
	/* neighbour discovery works: nobody knows anybody yet */
	lab_shell(LAB_GATEWAY, "ip neigh flush all");
	lab_shell(LAB_SUPERVISION, "ip neigh flush all");
	assert_true(peer_can_connect(LAB_SUPERVISION, "fd00:10::5", "fd00:10::1", 2222));
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.10.0.5", "10.10.0.1", 2222));
	assert_false(peer_can_connect(LAB_SUPERVISION, "10.10.0.9", "10.10.0.1", 2222));
	assert_false(peer_can_connect(LAB_SUPERVISION, "10.10.0.5", "10.10.0.1", 2223));
	assert_true(peer_can_connect(LAB_GATEWAY, "10.20.0.1", "10.20.0.11", 2223));
	assert_false(peer_can_connect(LAB_GATEWAY, "10.20.0.1", "10.20.0.12", 2223));
	assert_true(peer_can_connect(LAB_GATEWAY, "127.0.0.1", "10.10.0.1", 2223)); /* loopback */
	assert_int_equal(peer_ping(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11"), 0);
	assert_int_equal(peer_ping(LAB_SUPERVISION, "10.10.0.5", "10.10.0.1"), -ETIMEDOUT);
	/* and lets go of it again, without a base chain being deleted */
	rig_apply("2", EVERY_PLAIN);
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.10.0.9", "10.10.0.1", 2223));
	close(listener);
	close(listener6);
	close(other);
	close(outside);
	close(unnamed);
}

/* Without an inspector a closed conduit drops whatever is queued: a reset that comes was not. */
static void
resets_of_the_inspector_leave_the_machine(void **state)
{
	static const char *const places[] = {"", rig_gateway_zone};

	for (size_t i = 0; i < 2; i++) {
		int listener = peer_listen(LAB_PUMPS, "10.20.0.11", 502);
		struct raw raw;

		rig_write_policy(MODBUS_CHANNEL, "open", places[i], "");
		rig_apply_policy("1");
		raw_open(&raw, "10.20.0.11", 502);
		assert_true(raw_connect(&raw, false));
		rig_write_policy(MODBUS_CHANNEL, "closed", places[i], "");
		rig_apply_policy("2");
		peer_reset("10.20.0.11", 502, "10.10.0.66", raw.source_port, raw.received);
		assert_true(raw_wait_reset(&raw, PEER_PASS_MS));
		raw_close(&raw);
		close(listener);
	}
}

/* That they are kept is looked at behind each test; here, that they were there to be lost. */
static void
others_keep_their_bits_of_marks(void **state)
{
	struct connection c;
	int listener;

	rig_write_policy(EVERY_PLAIN "," MODBUS_CHANNEL, "open", "", "");
	rig_apply_policy("1");
	c = connect_files();
	assert_int_equal(peer_pass(c.server, c.client, PEER_PASS_MS), 0);
	listener = peer_listen(LAB_PUMPS, "10.20.0.11", 502);
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 502));
	assert_true(rig_counter("c/modbus") > 0);
	/* a new policy marks the connection anew */
	rig_apply_policy("2");
	assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	assert_true(rig_others("kept") > 10);
	assert_true(rig_others("judged") >= 2); /* a SYN and its answer, with marks of ours */
	disconnect(&c);
	close(listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(plain_tcp_passes), RIG_TEST(plain_udp_and_its_answers_pass),
	    RIG_TEST(echo_passes_and_other_icmp_does_not),
	    RIG_TEST(what_no_channel_names_is_dropped),
	    RIG_TEST(an_address_at_the_wrong_interface_is_dropped),
	    RIG_TEST(an_established_connection_keeps_to_its_interfaces),
	    RIG_TEST(a_zone_behind_another_is_told_by_its_networks),
	    RIG_TEST(established_connections_meet_the_first_rule_only),
	    RIG_TEST(a_plain_connection_begins_with_syn),
	    RIG_TEST(a_reload_keeps_permitted_connections_and_counters),
	    RIG_TEST(a_reload_cuts_forbidden_connections),
	    RIG_TEST(a_reload_cuts_forbidden_connections_with_a_rig_gateway_zone),
	    RIG_TEST(marks_of_an_earlier_generation_mean_nothing),
	    RIG_TEST(icmp_errors_of_permitted_connections_pass),
	    RIG_TEST(other_related_icmp_does_not_pass),
	    RIG_TEST(without_an_inspector_the_conduit_decides),
	    RIG_TEST(only_segments_that_change_nothing_stay_in_the_kernel),
	    RIG_TEST(the_machine_itself_is_left_alone_without_a_rig_gateway_zone),
	    RIG_TEST(a_rig_gateway_zone_filters_the_machine_itself),
	    RIG_TEST(resets_of_the_inspector_leave_the_machine),
	    RIG_TEST(others_keep_their_bits_of_marks), /* the last: where there are others */
	};
	size_t count = sizeof(tests) / sizeof(tests[0]);

	rig_init();
	return _cmocka_run_group_tests(
	    "forward", tests, rig_shares_marks() ? count : count - 1, NULL, NULL);
}
