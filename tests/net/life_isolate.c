/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A zone becomes an island, stays one whatever happens, and is connected again. See life.h. */
#include "life.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

enum { WAIT_MS = 5000, LOAD_MS = 500, WEB_PORT = 8080 };

static void
start(void)
{
	life_start(&(struct gate_policy){0}, NULL);
}

static void
isolate(void)
{
	assert_int_equal(life_sluice("isolate", "pumps", "--reason", "worm", NULL), 0);
}

/* What crosses the gateway from now on is counted where it arrives; the resets with which the
 * firewall ends connections are not what crosses. */
static void
count_arrivals(void)
{
	static const struct {
		enum lab_place place;
		unsigned from;
	} ends[] = {{LAB_PUMPS, 10}, {LAB_SUPERVISION, 20}};

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    lab_shell(ends[i].place,
			"nft 'add table inet arrivals; delete table inet arrivals\n"
			"table inet arrivals {\n counter crossed { packets 0 bytes 0; }\n"
			" chain arrive {\n  type filter hook prerouting priority -300;\n"
			"  tcp flags & rst == rst accept\n"
			"  ip saddr 10.%u.0.2-10.%u.0.254 counter name crossed\n"
			"  ip6 saddr fd00:%u::2-fd00:%u::ffff counter name crossed\n }\n}'",
			ends[i].from, ends[i].from, ends[i].from, ends[i].from),
		    0);
}

/* Nothing has come, neither there nor here. */
static bool
nothing_arrived(enum lab_place place)
{
	return lab_shell(place, "nft list counter inet arrivals crossed | grep -q 'packets 0 '") ==
	    0;
}

/* Until the other end has reset the connection. */
static bool
is_reset(int fd, unsigned ms)
{
	struct pollfd file = {.fd = fd, .events = POLLIN};
	uint8_t byte;

	return poll(&file, 1, (int)ms) == 1 && recv(fd, &byte, 1, MSG_DONTWAIT) < 0 &&
	    errno == ECONNRESET;
}

static void
island_lets_nothing_pass_under_load(void **state)
{
	struct poller poller;
	size_t before;
	int fd;

	start();
	before = lab_file_size(gate_events());
	poller_start(&poller, PLC1);
	assert_true(poller_wait(&poller, 20, WAIT_MS));
	fd = life_connect();
	isolate();
	count_arrivals();
	assert_true(is_reset(fd, WAIT_MS)); /* without a packet of its own */
	assert_true(client_connect(PLC1, 300) < 0);
	lab_shell(LAB_SUPERVISION, "ping -c 2 -i 0.1 -W 1 10.20.0.11");
	lab_shell(LAB_PUMPS, "ping -c 2 -i 0.1 -W 1 10.10.0.5");
	lab_sleep_ms(LOAD_MS);
	assert_true(nothing_arrived(LAB_PUMPS));
	assert_true(nothing_arrived(LAB_SUPERVISION));
	assert_int_equal(life_sluice("rejoin", "pumps", NULL), 0);
	assert_true(poller_wait(&poller, 20, 4 * WAIT_MS));
	assert_false(nothing_arrived(LAB_PUMPS)); /* the count counts */
	assert_false(lab_file_wait(gate_events(), before, "interface-gone", 0));
	poller_stop(&poller);
	client_close(fd);
}

/* A plain connection to the web server of an RTU; the server's end in *ret_server. */
static int
web_connect(int *ret_server)
{
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(WEB_PORT)};
	struct sockaddr_in client = {.sin_family = AF_INET};
	int listener = lab_socket(LAB_PUMPS, AF_INET, SOCK_STREAM, 0), one = 1;
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, RTU1, &server.sin_addr);
	inet_pton(AF_INET, "10.10.0.5", &client.sin_addr);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(listener, (struct sockaddr *)&server, sizeof(server)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&client, sizeof(client)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&server, sizeof(server)), 0);
	*ret_server = accept(listener, NULL, NULL);
	assert_true(*ret_server >= 0);
	close(listener);
	return fd;
}

static bool
arrives(int from, int to, unsigned ms)
{
	struct pollfd file = {.fd = to, .events = POLLIN};
	uint8_t byte = 7;

	return send(from, &byte, 1, MSG_NOSIGNAL) == 1 && poll(&file, 1, (int)ms) == 1 &&
	    recv(to, &byte, 1, MSG_DONTWAIT) == 1;
}

/* Who says nothing while the zone is isolated finds the connection cut afterwards. */
static void
plain_connection_stays_cut(void **state)
{
	int server, fd, silent_server, silent;

	start();
	fd = web_connect(&server);
	assert_true(arrives(fd, server, WAIT_MS));
	silent = web_connect(&silent_server);
	assert_true(arrives(silent_server, silent, WAIT_MS));
	isolate();
	assert_false(arrives(fd, server, 300));
	assert_true(is_reset(fd, WAIT_MS));
	assert_int_equal(life_sluice("rejoin", "pumps", NULL), 0);
	assert_false(arrives(silent, silent_server, 300));
	assert_true(is_reset(silent, WAIT_MS));
	close(fd);
	close(server);
	close(silent);
	close(silent_server);
	fd = web_connect(&server);
	assert_true(arrives(fd, server, WAIT_MS));
	close(fd);
	close(server);
}

static void
is_island(void)
{
	assert_true(client_connect(PLC1, 300) < 0);
	assert_int_equal(life_sluice("status", NULL), 1);
	assert_true(life_said("zone pumps is isolated by root, uid 0"));
	assert_true(life_said("worm"));
	life_sluice("status", "--json", NULL);
	assert_true(life_said("\"isolated\":true"));
}

static void
island_stays_one_through_reload_restart_and_boot(void **state)
{
	size_t before;

	start();
	isolate();
	is_island();
	before = lab_file_size(gate_events());
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "drop"});
	gate_signal(SIGHUP);
	assert_true(gate_note_wait(before, "reload", WAIT_MS));
	is_island();
	gate_stop(SIGTERM);
	assert_true(client_connect(PLC1, 300) < 0);
	gate_start(lab_path("life.conf"), NULL);
	is_island();
	gate_stop(SIGKILL);
	lab_shell(LAB_GATEWAY, "nft flush ruleset"); /* as after a boot */
	gate_start(lab_path("life.conf"), NULL);
	is_island();
	assert_int_equal(life_sluice("rejoin", "pumps", "--reason", "clean", NULL), 0);
	client_close(life_connect());
	gate_stop(SIGTERM);
	gate_start(lab_path("life.conf"), NULL);
	client_close(life_connect());
	life_sluice("status", NULL);
	assert_true(life_said("policy"));
	assert_false(life_said("isolated"));
}

static void
events_tell_who_and_why(void **state)
{
	size_t before;

	start();
	before = lab_file_size(gate_events());
	isolate();
	assert_true(gate_note_wait(before, "isolate", WAIT_MS));
	assert_true(lab_file_wait(
	    gate_events(), before, "\"zone\":\"pumps\",\"who\":\"root, uid 0, pid ", 0));
	assert_true(lab_file_wait(gate_events(), before, "\"why\":\"worm\"", 0));
	before = lab_file_size(gate_events());
	assert_int_equal(life_sluice("rejoin", "pumps", "--json", NULL), 0);
	assert_true(life_said("\"conduits\":1"));
	assert_true(gate_note_wait(before, "rejoin", WAIT_MS));
}

/* Who sits in a zone from which the machine itself is reached does not lock herself out unasked. */
static void
island_of_who_asks_needs_force(void **state)
{
	start();
	assert_int_equal(
	    lab_shell(LAB_GATEWAY,
		"sed -i -e 's/^zones: {/zones: {\\n  box: { class = \"gateway\"; networks = "
		"[\"10.10.0.1\\/32\"]; };/' -e 's/^conduits: {/conduits: {\\n  care: { from = "
		"\"supervision\"; to = \"box\"; channels: ( { name = \"ssh\"; clients = "
		"[\"hmi\"]; servers = [\"box\"]; protocol = \"tcp\"; port = 22; } ); };/' %s",
		lab_path("life.conf")),
	    0);
	assert_int_equal(life_sluice("reload", NULL), 0);
	assert_int_equal(life_sluice("isolate", "supervision", NULL), 1);
	assert_true(life_said("nobody could come to this machine by SSH any more"));
	client_close(life_connect());
	assert_int_equal(life_sluice("isolate", "pumps", NULL), 0);
	assert_int_equal(life_sluice("isolate", "--force", "supervision", NULL), 0);
	assert_true(client_connect(PLC1, 300) < 0);
}

/* As sluice(1) has it. */
static void
example_of_the_manual(void **state)
{
	start();
	assert_int_equal(life_sluice("isolate", "--reason", "worm on plc2", "pumps", NULL), 0);
	assert_true(life_said("zone pumps is isolated: 1 conduit\n"));
	assert_int_equal(life_sluice("isolate", "pumps", NULL), 0);
	assert_true(life_said("zone pumps was isolated already: 1 conduit\n"));
	assert_int_equal(life_sluice("rejoin", "--reason", "plc2 replaced", "pumps", NULL), 0);
	assert_true(life_said("zone pumps is connected again: 1 conduit\n"));
}

static void
what_is_wrong_changes_nothing(void **state)
{
	int fd;

	start();
	fd = life_connect();
	assert_int_equal(life_sluice("isolate", "pumsp", NULL), 1);
	assert_true(life_said("there is no zone \"pumsp\""));
	assert_true(life_said("did you mean \"pumps\"?"));
	assert_int_equal(life_sluice("rejoin", "pumps", NULL), 0);
	assert_true(life_said("was not isolated"));
	assert_int_equal(life_sluice("isolate", NULL), 2);
	assert_true(life_reads(fd, WAIT_MS));
	client_close(fd);
	gate_stop(SIGTERM);
	assert_int_equal(life_sluice("isolate", "pumps", NULL), 2);
}

/* A policy can't end an isolation by having no such zone. */
static void
zone_that_is_isolated_can_not_be_left_out(void **state)
{
	size_t before;

	start();
	isolate();
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "sed -i 's/pumps/others/' %s", lab_path("life.conf")), 0);
	before = lab_file_size(gate_events());
	assert_int_equal(life_sluice("reload", NULL), 1);
	assert_true(life_said("zone \"pumps\" is isolated"));
	assert_true(gate_note_wait(before, "alarm", WAIT_MS));
	is_island();
}

/* What can't be read might have named any zone. */
static void
record_that_can_not_be_read_isolates_all(void **state)
{
	start();
	isolate();
	gate_stop(SIGTERM);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "sed -i s/pumps/lumps/ %s/isolated", gate_state()), 0);
	gate_start(lab_path("life.conf"), NULL);
	assert_true(client_connect(PLC1, 300) < 0);
	assert_int_equal(life_sluice("status", NULL), 1);
	assert_true(life_said("zone supervision is isolated by sluiced"));
	assert_true(life_said("zone pumps is isolated by sluiced"));
	assert_int_equal(life_sluice("rejoin", "pumps", NULL), 0);
	assert_true(client_connect(PLC1, 300) < 0);
	assert_int_equal(life_sluice("rejoin", "supervision", NULL), 0);
	client_close(life_connect());
}

static void
zone_is_isolated_even_if_that_can_not_be_kept(void **state)
{
	size_t before;

	start();
	before = lab_file_size(gate_events());
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "rm -r %s && touch %s", gate_state(), gate_state()), 0);
	assert_int_equal(life_sluice("isolate", "pumps", NULL), 0);
	assert_true(life_said("can't be kept for the next start"));
	assert_true(lab_file_wait(gate_events(), before, "isolation-not-kept", WAIT_MS));
	assert_true(client_connect(PLC1, 300) < 0);
}

const struct CMUnitTest life_isolate_tests[] = {
    LIFE_TEST(island_lets_nothing_pass_under_load),
    LIFE_TEST(plain_connection_stays_cut),
    LIFE_TEST(island_stays_one_through_reload_restart_and_boot),
    LIFE_TEST(events_tell_who_and_why),
    LIFE_TEST(island_of_who_asks_needs_force),
    LIFE_TEST(example_of_the_manual),
    LIFE_TEST(what_is_wrong_changes_nothing),
    LIFE_TEST(zone_that_is_isolated_can_not_be_left_out),
    LIFE_TEST(record_that_can_not_be_read_isolates_all),
    LIFE_TEST(zone_is_isolated_even_if_that_can_not_be_kept),
};
const size_t life_isolate_count = sizeof(life_isolate_tests) / sizeof(life_isolate_tests[0]);
