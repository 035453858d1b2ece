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

#include "lab.h"
#include "peers.h"
#include "raw.h"

static const char *queue_option = "-q2"; /* or "-t" for the compat target */

static const char zones[] =
    "zones: {"
    " supervision: { class = \"control\"; sl_t = 2; interfaces = [\"eth0\"];"
    "  networks = [\"10.10.0.0/24\", \"fd00:10::/64\"]; };"
    " pumps: { class = \"control\"; sl_t = 3; interfaces = [\"eth1\"];"
    "  networks = [\"10.20.0.0/24\", \"fd00:20::/64\"]; };"
    "%s};";

static const char gateway_zone[] =
    " appliance: { class = \"gateway\"; sl_t = 3;"
    "  networks = [\"10.10.0.1\", \"10.20.0.1\", \"fd00:10::1\", \"fd00:20::1\"]; };";

/* Channels of the tests. */
#define FILES_CHANNEL                                                                    \
	"{ name = \"files\"; clients = [\"10.10.0.5\", \"10.10.0.66\", \"fd00:10::5\"];" \
	" servers = [\"10.20.0.11\", \"fd00:20::11\"]; protocol = \"tcp\"; port = 8000; }"
#define RANGE_CHANNEL                                                                         \
	"{ name = \"range\"; clients = [\"supervision\"]; servers = [\"pumps\"]; protocol = " \
	"\"tcp\";"                                                                            \
	" port = \"9000-9010\"; }"
#define TIME_CHANNEL                                                                           \
	"{ name = \"time\"; clients = [\"pumps\"]; servers = [\"10.10.0.9\", \"fd00:10::9\"];" \
	" protocol = \"udp\"; port = 123; }"
#define PING_CHANNEL                                                                         \
	"{ name = \"ping\"; clients = [\"supervision\"]; servers = [\"pumps\"]; protocol = " \
	"\"icmp-echo\"; }"
#define MODBUS_CHANNEL                                                                         \
	"{ name = \"modbus\"; clients = [\"supervision\"]; servers = [\"pumps\"]; protocol = " \
	"\"modbus\";"                                                                          \
	" rules: ( { access = [\"read\"]; } ); }"
#define EVERY_PLAIN FILES_CHANNEL "," RANGE_CHANNEL "," TIME_CHANNEL "," PING_CHANNEL

/* The tool in the gateway; its exit status. Output is added to tool.out and tool.err. */
static int
tool(const char *command, const char *generation, const char *policy)
{
	return lab_run(LAB_GATEWAY, "tool",
	    (const char *[]){RULESET_TOOL, queue_option, "-g", generation, command, policy, NULL});
}

static void
write_policy(
    const char *channels, const char *when_down, const char *more_zones, const char *more_conduits)
{
	char text[8192], places[2048];

	snprintf(places, sizeof(places), zones, more_zones);
	snprintf(text, sizeof(text),
	    "site: { name = \"Test\"; owner = \"tests\"; approved = \"2026-10-05\"; review_days = "
	    "365; };\n%s\n"
	    "conduits: { c: { from = \"supervision\"; to = \"pumps\"; mode = \"enforce\"; on_deny "
	    "= \"drop\";"
	    " when_down = \"%s\"; rationale = \"test\"; channels: ( %s ); }; %s };",
	    places, when_down, channels, more_conduits);
	lab_file_write(lab_path("policy.conf"), text);
}

static void
apply_policy(const char *generation)
{
	if (tool("apply", generation, lab_path("policy.conf")) != 0)
		lab_fail("the ruleset was refused:\n%s", lab_file_read(lab_path("tool.err"), 0));
}

static void
apply(const char *generation, const char *channels)
{
	write_policy(channels, "closed", "", "");
	apply_policy(generation);
}

/* Packets of a counter of the table. */
static unsigned long
counter(const char *name)
{
	size_t before = lab_file_size(lab_path("tool.out"));
	char line[128], *text, *found;
	unsigned long packets;

	if (tool("counters", "1", NULL) != 0)
		lab_fail("no counters");
	text = lab_file_read(lab_path("tool.out"), before);
	snprintf(line, sizeof(line), "%s ", name);
	found = strstr(text, line);
	if (found == NULL)
		lab_fail("no counter %s in:\n%s", name, text);
	packets = strtoul(found + strlen(line), NULL, 10);
	free(text);
	return packets;
}

/* A fresh start for each test: no table, no connections, no neighbours. */
static int
clean(void **state)
{
	lab_shell(LAB_GATEWAY,
	    "nft flush ruleset; conntrack -F; ip neigh flush nud reachable; ip neigh flush nud "
	    "stale");
	return 0;
}

static void
plain_tcp_passes(void **state)
{
	static const char *const pairs[][2] = {
	    {"10.10.0.5", "10.20.0.11"}, {"fd00:10::5", "fd00:20::11"}};

	apply("1", EVERY_PLAIN);
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
	assert_true(counter("c/files") > 0);
	assert_true(counter("c/range") > 0);
	assert_int_equal(counter("reason/no-channel"), 0);
	assert_int_equal(counter("reason/wrong-zone"), 0);
}

static void
plain_udp_and_its_answers_pass(void **state)
{
	static const char *const pairs[][2] = {
	    {"10.20.0.12", "10.10.0.9"}, {"fd00:20::12", "fd00:10::9"}};

	apply("1", EVERY_PLAIN);
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
	assert_true(counter("reason/no-channel") >= 2);
}

static void
echo_passes_and_other_icmp_does_not(void **state)
{
	enum { TIMESTAMP = 13, TIMESTAMP_REPLY = 14 };

	apply("1", EVERY_PLAIN);
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

		apply("1", EVERY_PLAIN);
		before = counter("reason/no-channel");
		assert_false(
		    peer_can_connect(rows[i].place, rows[i].from, rows[i].to, rows[i].port));
		assert_true(counter("reason/no-channel") > before);
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

	apply("1", EVERY_PLAIN);
	/* as it should be */
	peer_forge(LAB_PUMPS, "10.20.0.11", "10.10.0.9", 123);
	lab_sleep_ms(PEER_DROP_MS);
	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), 1);
	assert_int_equal(counter("reason/wrong-zone"), 0);
	/* the same permitted packet, but from the server's own side */
	lab_shell(LAB_GATEWAY, "conntrack -F");
	peer_forge(LAB_SUPERVISION, "10.20.0.11", "10.10.0.9", 123);
	lab_sleep_ms(PEER_DROP_MS);
	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(counter("reason/wrong-zone"), 1);
	/* addresses of no zone, as source and as destination */
	peer_forge(LAB_PUMPS, "192.0.2.1", "10.10.0.9", 123);
	lab_shell(LAB_GATEWAY, "ip route add 192.0.2.0/24 via 10.10.0.9");
	peer_forge(LAB_PUMPS, "10.20.0.11", "192.0.2.1", 123);
	lab_sleep_ms(PEER_DROP_MS);
	lab_shell(LAB_GATEWAY, "ip route del 192.0.2.0/24");
	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(counter("reason/wrong-zone"), 3);
	close(server);
}

static void
a_plain_connection_begins_with_syn(void **state)
{
	int listener = peer_listen(LAB_PUMPS, "10.20.0.11", 8000), tap;
	struct raw raw;

	apply("1", EVERY_PLAIN);
	tap = peer_tap(LAB_PUMPS);
	raw_open(&raw, "10.20.0.11", 8000);
	raw.received = 77;
	raw_send(&raw, &(struct segment){.data = "x", .length = 1});
	assert_true(raw_wait_reset(&raw, PEER_PASS_MS));
	assert_false(peer_tapped(tap, 8000, FLAG_PSH | FLAG_ACK, PEER_DROP_MS));
	assert_int_equal(counter("reason/stream-middle"), 1);
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

	apply("1", EVERY_PLAIN);
	c = connect_files();
	before = counter("c/files");
	assert_true(before >= 3);
	apply("2", RANGE_CHANNEL "," FILES_CHANNEL); /* other numbers of channels, too */
	assert_int_equal(counter("c/files"), before);
	/* the server speaks first: the mark is found by the connection's first direction */
	assert_int_equal(peer_pass(c.server, c.client, PEER_PASS_MS), 0);
	assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	for (unsigned generation = 3; generation < 8; generation++) {
		char text[16];

		snprintf(text, sizeof(text), "%u", generation);
		apply(text, EVERY_PLAIN);
		assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	}
	assert_int_equal(counter("reason/flow-cut"), 0);
	disconnect(&c);
}

static void
a_reload_cuts_forbidden_connections(void **state)
{
	int time_server = peer_udp(LAB_SUPERVISION, "10.10.0.9", 123);
	int time_client = peer_udp(LAB_PUMPS, "10.20.0.12", 123);
	struct connection c;

	apply("1", EVERY_PLAIN);
	c = connect_files();
	assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	assert_true(peer_datagram(time_client, "10.10.0.9", 123, time_server));
	assert_true(peer_datagram(time_server, "10.20.0.12", 123, time_client));
	apply("2", RANGE_CHANNEL);
	assert_int_equal(peer_pass(c.client, c.server, PEER_DROP_MS), -ECONNRESET);
	assert_int_equal(peer_pass(c.server, c.client, PEER_DROP_MS), -ECONNRESET);
	assert_false(peer_datagram(time_client, "10.10.0.9", 123, time_server));
	assert_false(peer_datagram(time_server, "10.20.0.12", 123, time_client));
	assert_true(counter("reason/flow-cut") >= 4);
	disconnect(&c);
	close(time_server);
	close(time_client);
}

static void
marks_of_an_earlier_generation_mean_nothing(void **state)
{
	struct connection c;

	apply("1", FILES_CHANNEL); /* channel 0 */
	c = connect_files();
	assert_int_equal(peer_pass(c.client, c.server, PEER_PASS_MS), 0);
	apply("2", RANGE_CHANNEL);
	apply("1", RANGE_CHANNEL); /* channel 0 again, of generation 1 again, but another one */
	assert_int_equal(peer_pass(c.client, c.server, PEER_DROP_MS), -ECONNRESET);
	disconnect(&c);
}

static void
icmp_errors_of_permitted_connections_pass(void **state)
{
	apply("1", EVERY_PLAIN);
	assert_int_equal(peer_refused(LAB_PUMPS, "10.20.0.12", "10.10.0.9", 123), -ECONNREFUSED);
	assert_int_equal(peer_refused(LAB_PUMPS, "fd00:20::12", "fd00:10::9", 123), -ECONNREFUSED);
	assert_int_equal(peer_refused(LAB_PUMPS, "10.20.0.12", "10.10.0.9", 124), -ETIMEDOUT);
	assert_int_equal(peer_refused(LAB_PUMPS, "fd00:20::12", "fd00:10::9", 124), -ETIMEDOUT);
}

/* No inspector listens in this laboratory: what is queued shows what the conduit's contract does.
 */
static void
without_an_inspector_the_conduit_decides(void **state)
{
	int listener = peer_listen(LAB_PUMPS, "10.20.0.11", 502);
	int listener6 = peer_listen(LAB_PUMPS, "fd00:20::11", 502);

	write_policy(MODBUS_CHANNEL, "closed", "", "");
	apply_policy("1");
	assert_false(peer_can_connect(LAB_SUPERVISION, "10.10.0.5", "10.20.0.11", 502));
	assert_false(peer_can_connect(LAB_SUPERVISION, "fd00:10::5", "fd00:20::11", 502));
	assert_true(counter("c/modbus") >= 2);
	assert_int_equal(counter("reason/no-channel"), 0);
	write_policy(MODBUS_CHANNEL, "open", "", "");
	apply_policy("2");
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

		write_policy(MODBUS_CHANNEL, "open", "", "");
		apply_policy("1");
		raw_open(&raw, "10.20.0.11", 502);
		assert_true(raw_connect(&raw, false));
		write_policy(MODBUS_CHANNEL, "closed", "", "");
		apply_policy("2");
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
the_machine_itself_is_left_alone_without_a_gateway_zone(void **state)
{
	int listener = peer_listen(LAB_GATEWAY, "10.10.0.1", 2222),
	    outside = peer_listen(LAB_PUMPS, "10.20.0.11", 2223);

	apply("1", EVERY_PLAIN);
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.10.0.9", "10.10.0.1", 2222));
	assert_true(peer_can_connect(LAB_GATEWAY, "10.20.0.1", "10.20.0.11", 2223));
	close(listener);
	close(outside);
}

static void
a_gateway_zone_filters_the_machine_itself(void **state)
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

	write_policy(EVERY_PLAIN, "closed", gateway_zone, manage);
	apply_policy("1");
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
	apply("2", EVERY_PLAIN);
	assert_true(peer_can_connect(LAB_SUPERVISION, "10.10.0.9", "10.10.0.1", 2223));
	close(listener);
	close(listener6);
	close(other);
	close(outside);
	close(unnamed);
}

static void
resets_of_the_inspector_leave_the_machine(void **state)
{
	static const char *const places[] = {"", gateway_zone};

	for (size_t i = 0; i < 2; i++) {
		int listener = peer_listen(LAB_PUMPS, "10.20.0.11", 8000);
		struct raw raw;

		write_policy(EVERY_PLAIN, "closed", places[i], "");
		apply_policy(i == 0 ? "1" : "2");
		raw_open(&raw, "10.20.0.11", 8000);
		assert_true(raw_connect(&raw, false));
		peer_reset("10.20.0.11", 8000, "10.10.0.66", raw.source_port, raw.received);
		assert_true(raw_wait_reset(&raw, PEER_PASS_MS));
		raw_close(&raw);
		close(listener);
	}
}

/* Output of a command in the gateway, newly allocated. */
static char *
output_of(const char *command)
{
	size_t before = lab_file_size(lab_path("shell.out"));

	lab_shell(LAB_GATEWAY, "%s", command);
	return lab_file_read(lab_path("shell.out"), before);
}

static void
assert_state(const char *expected)
{
	size_t before = lab_file_size(lab_path("tool.out"));
	char *text;

	assert_int_equal(tool("state", "1", NULL), 0);
	text = lab_file_read(lab_path("tool.out"), before);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, expected);
	free(text);
}

/* The tool fails, says this, and changes nothing. */
static void
assert_refused(const char *command, const char *says)
{
	size_t before = lab_file_size(lab_path("tool.err"));
	char *old = output_of("nft list ruleset"), *new, *errors;

	assert_int_equal(tool(command, "9", lab_path("policy.conf")), 1);
	errors = lab_file_read(lab_path("tool.err"), before);
	if (strstr(errors, says) == NULL)
		fail_msg("expected \"%s\" in:\n%s", says, errors);
	new = output_of("nft list ruleset");
	assert_string_equal(old, new);
	free(errors);
	free(old);
	free(new);
}

static void
a_foreign_table_is_left_alone(void **state)
{
	static const char *const foreign[] = {
	    "nft add table inet sluice",
	    "nft 'add table inet sluice { comment \"mine\"; }' && nft 'add chain inet sluice "
	    "forward "
	    "{ type filter hook forward priority 0; policy accept; }'",
	};

	write_policy(EVERY_PLAIN, "closed", "", "");
	assert_state("absent generation 0");
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(lab_shell(LAB_GATEWAY, "%s", foreign[i]), 0);
		assert_state("foreign generation 0");
		assert_refused("apply", "was not made by sluiced");
		assert_refused("remove", "was not made by sluiced");
		lab_shell(LAB_GATEWAY, "nft flush ruleset");
	}
	/* tables of other names do not matter, and are not touched */
	lab_shell(LAB_GATEWAY, "nft add table inet other; nft add table ip sluice");
	apply_policy("5");
	assert_state("ours generation 5");
	assert_int_equal(tool("remove", "1", NULL), 0);
	assert_state("absent generation 0");
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "nft list table inet other && nft list table ip sluice"), 0);
}

static void
what_others_did_to_the_table_is_put_right(void **state)
{
	static const char *const acts[] = {
	    "nft flush ruleset",
	    "nft flush table inet sluice",
	    "nft insert rule inet sluice forward accept",
	    "nft 'add chain inet sluice forward { policy accept; }'",
	    "nft 'add table inet sluice { flags dormant; }'",
	    "nft 'add set inet sluice extra { type ipv4_addr; }'",
	    "nft 'add chain inet sluice extra; add rule inet sluice forward ip saddr { 1.1.1.1, "
	    "2.2.2.2 } jump extra'",
	    "nft delete element inet sluice channels4 { 10.10.0.5 . 10.20.0.11 . tcp . 8000 }",
	    "nft add counter inet sluice extra",
	};
	char *right;

	apply("3", EVERY_PLAIN);
	right = output_of("nft list ruleset");
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		char *now;

		assert_int_equal(lab_shell(LAB_GATEWAY, "%s", acts[i]), 0);
		now = output_of("nft list ruleset");
		if (strcmp(now, right) == 0)
			fail_msg("act %zu changed nothing", i);
		free(now);
		apply_policy("3");
		now = output_of("nft list ruleset");
		assert_string_equal(now, right);
		free(now);
	}
	free(right);
}

static void
a_reload_deletes_no_base_chain(void **state)
{
	static const char handle[] =
	    "nft -a list chain inet sluice forward | grep -m1 'chain forward'";
	char *before, *after;

	apply("1", EVERY_PLAIN);
	before = output_of(handle);
	assert_non_null(strstr(before, "# handle"));
	write_policy(MODBUS_CHANNEL, "open", gateway_zone, "");
	apply_policy("2");
	apply("3", FILES_CHANNEL);
	after = output_of(handle);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void
a_refusal_names_the_object(void **state)
{
	apply("1", EVERY_PLAIN);
	/* the kernel can't make this chain into ours: it has another priority */
	lab_shell(LAB_GATEWAY,
	    "nft 'add chain inet sluice input { type filter hook input priority 10; }'");
	write_policy(EVERY_PLAIN, "closed", gateway_zone, "");
	assert_refused("apply", "chain input: ");
}

static void
without_permission_it_says_so(void **state)
{
	size_t before = lab_file_size(lab_path("shell.err"));
	char *errors;

	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "setpriv --bounding-set -all %s probe", RULESET_TOOL), 1);
	assert_int_equal(lab_shell(LAB_GATEWAY, "setpriv --bounding-set -all %s apply %s",
			     RULESET_TOOL, lab_path("policy.conf")),
	    1);
	errors = lab_file_read(lab_path("shell.err"), before);
	assert_non_null(strstr(errors, "expected CAP_NET_ADMIN"));
	free(errors);
}

static void
probe(void)
{
	char *text;

	if (tool("probe", "1", NULL) != 0)
		lab_fail("no features: %s", lab_file_read(lab_path("tool.err"), 0));
	text = lab_file_read(lab_path("tool.out"), 0);
	if (strstr(text, "queue 1") == NULL)
		queue_option = "-t";
	print_message("%s", text);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(plain_tcp_passes, clean),
	    cmocka_unit_test_setup(plain_udp_and_its_answers_pass, clean),
	    cmocka_unit_test_setup(echo_passes_and_other_icmp_does_not, clean),
	    cmocka_unit_test_setup(what_no_channel_names_is_dropped, clean),
	    cmocka_unit_test_setup(an_address_at_the_wrong_interface_is_dropped, clean),
	    cmocka_unit_test_setup(a_plain_connection_begins_with_syn, clean),
	    cmocka_unit_test_setup(a_reload_keeps_permitted_connections_and_counters, clean),
	    cmocka_unit_test_setup(a_reload_cuts_forbidden_connections, clean),
	    cmocka_unit_test_setup(marks_of_an_earlier_generation_mean_nothing, clean),
	    cmocka_unit_test_setup(icmp_errors_of_permitted_connections_pass, clean),
	    cmocka_unit_test_setup(without_an_inspector_the_conduit_decides, clean),
	    cmocka_unit_test_setup(only_segments_that_change_nothing_stay_in_the_kernel, clean),
	    cmocka_unit_test_setup(the_machine_itself_is_left_alone_without_a_gateway_zone, clean),
	    cmocka_unit_test_setup(a_gateway_zone_filters_the_machine_itself, clean),
	    cmocka_unit_test_setup(resets_of_the_inspector_leave_the_machine, clean),
	    cmocka_unit_test_setup(a_foreign_table_is_left_alone, clean),
	    cmocka_unit_test_setup(what_others_did_to_the_table_is_put_right, clean),
	    cmocka_unit_test_setup(a_reload_deletes_no_base_chain, clean),
	    cmocka_unit_test_setup(a_refusal_names_the_object, clean),
	    cmocka_unit_test_setup(without_permission_it_says_so, clean),
	};

	lab_init();
	for (enum lab_place place = LAB_SUPERVISION; place <= LAB_PUMPS; place++)
		lab_shell(place,
		    "sysctl -qw net.ipv4.ping_group_range='0 0' net.ipv4.conf.all.rp_filter=0"
		    " net.ipv4.conf.eth0.rp_filter=0; sysctl -qw net.ipv4.conf.eth1.rp_filter=0");
	if (lab_shell(LAB_GATEWAY, "command -v nft conntrack setpriv") != 0)
		lab_skip("skipped: nft, conntrack or setpriv is missing (packages nftables, "
			 "conntrack, util-linux)");
	probe();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
