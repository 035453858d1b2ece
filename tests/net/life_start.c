/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting and stopping sluiced, and everything that can be wrong at its start. See life.h. */
#include "life.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <sys/socket.h>

enum { REQUEST_MS = 1500, SILENCE_MS = 700, RELOAD_MS = 5000 };

/* As nobody: one clear line, nothing changed. */
static void
no_permission(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});
	size_t before = lab_file_size(lab_path("shell.err"));

	assert_in_range(lab_shell(LAB_GATEWAY, "%s -c %s --control %s",
			    life_as_nobody(gate_program()), policy, lab_path("nobody.control")),
	    1, 2);
	assert_true(lab_file_wait(lab_path("shell.err"), before, "no permission", 0));
	assert_false(life_table());
}

/* A table of the same name that somebody else made stays as it is. */
static void
foreign_table_is_refused(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});

	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "nft 'add table inet sluice; add chain inet sluice mine'"), 0);
	life_refuses(
	    (const char *[]){"-c", policy, "--control", lab_path("control"), NULL}, "sluice");
	assert_int_not_equal(gate_flush(), 0);
	assert_int_equal(lab_shell(LAB_GATEWAY, "nft list chain inet sluice mine"), 0);
}

/* Nor does its end take anything from the one that runs, which can go on making inspectors. */
static void
second_sluiced_is_refused(void **state)
{
	size_t before;
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	life_refuses(
	    (const char *[]){"-c", lab_path("life.conf"), "--control", lab_path("control"), NULL},
	    "another sluiced (process ");
	life_refuses((const char *[]){"-c", lab_path("life.conf"), "--control",
			 lab_path("control2"), "--queue-base", "6000", NULL},
	    "another sluiced (process ");
	assert_int_not_equal(gate_flush(), 0);
	assert_int_equal(
	    gate_run((const char *[]){"--flush", "--control", lab_path("control2"), NULL}), 2);
	assert_true(life_table());
	assert_true(life_reads(fd, REQUEST_MS));
	before = lab_file_size(gate_events());
	gate_signal(SIGHUP);
	assert_true(gate_note_wait(before, "reload", RELOAD_MS));
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
	life_attack(NULL);
	life_unharmed();
}

/* After SIGTERM an inspected channel of a closed conduit carries nothing, old connection or new. */
/* Take a packet queue, as another program would; what holds it. */
static int
take_queue(uint16_t number)
{
	struct {
		struct nlmsghdr head;
		struct nfgenmsg extra;
		struct nlattr attribute;
		struct nfqnl_msg_config_cmd command;
	} request = {
	    {sizeof(request), NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK,
		0, 0},
	    {AF_UNSPEC, NFNETLINK_V0, htons(number)},
	    {sizeof(request.attribute) + sizeof(request.command), NFQA_CFG_CMD},
	    {NFQNL_CFG_CMD_BIND, 0, 0},
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} answer = {0};
	int fd = lab_socket(LAB_GATEWAY, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);

	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	assert_true(recv(fd, &answer, sizeof(answer), 0) > 0);
	assert_int_equal(answer.error.error, 0);
	return fd;
}

static void
queue_of_another_program_is_left_alone(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});
	int fd = take_queue(5201);

	life_refuses((const char *[]){"-c", policy, "--control", lab_path("control"),
			 "--inspectors", "2", NULL},
	    "queue 5201 is in use by another program");
	life_shut();
	gate_start(lab_path("life.conf"), (const char *[]){"--queue-base", "6000", NULL});
	client_close(life_connect());
	close(fd);
}

/* Names of unix(7) sockets are anybody's: that one of us is at work is believed of root alone. */
static void
name_taken_by_nobody_does_not_matter(void **state)
{
	static const char *const program = "import socket, time\n"
					   "s = socket.socket(socket.AF_UNIX)\n"
					   "s.bind(\"\\0sluice\\0\")\n"
					   "s.listen()\n"
					   "print(\"there\", flush=True)\n"
					   "time.sleep(60)\n";
	const char *const arguments[] = {"setpriv", "--reuid", "65534", "--regid", "65534",
	    "--clear-groups", "/usr/bin/python3", "-c", program, NULL};
	pid_t holder = lab_start(LAB_GATEWAY, "holder", arguments);

	assert_true(lab_file_wait(lab_path("holder.out"), 0, "there", 10000));
	life_start(&(struct gate_policy){0}, NULL);
	assert_true(life_table());
	client_close(life_connect());
	lab_stop(holder, SIGKILL);
}

static void
sigterm_leaves_closed_closed(void **state)
{
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_true(life_table());
	assert_false(life_reads(fd, SILENCE_MS));
	assert_true(client_connect(PLC1, SILENCE_MS) < 0);
	life_attack(NULL);
	life_unharmed();
	client_close(fd);
}

/* After SIGTERM an open conduit carries what its layer 3 and 4 permit, and still nothing else. */
static void
sigterm_leaves_open_open(void **state)
{
	int fd;

	life_start(&(struct gate_policy){.when_down = "open"}, NULL);
	fd = life_connect();
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
	client_close(life_connect());
	assert_true(client_connect_from("10.10.0.20", PLC1, 500) < 0);
}

/* Killing the supervisor opens nothing either; the next one takes over its table. */
static void
supervisor_killed_leaves_closed_closed(void **state)
{
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	gate_stop(SIGKILL);
	lab_sleep_ms(200);
	life_attack(NULL);
	life_unharmed();
	client_close(fd);
	life_start(&(struct gate_policy){0}, NULL);
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

/* The policy is in force nevertheless. */
static void
interfaces_that_cannot_work_are_told(void **state)
{
	static const char text[] =
	    "zones: { a: { class = \"control\"; interfaces = [\"eth0\", \"eth7\"]; networks = "
	    "[\"10.10.0.0/24\"]; };\n"
	    " b: { class = \"control\"; interfaces = [\"eth1\"]; networks = [\"fd00:20::/64\"]; }; "
	    "};\n"
	    "conduits: { };\n";
	size_t before = lab_file_size(gate_log());
	char *said;

	lab_file_write(lab_path("life.conf"), text);
	assert_int_equal(lab_shell(LAB_GATEWAY, "sysctl -q net.ipv6.conf.eth1.forwarding=0"), 0);
	gate_start(lab_path("life.conf"), NULL);
	lab_shell(LAB_GATEWAY, "sysctl -q net.ipv6.conf.eth1.forwarding=1");
	assert_true(life_table());
	said = lab_file_read(gate_log(), before);
	assert_non_null(strstr(said, "zone a: there is no interface eth7"));
	assert_non_null(strstr(said, "zone b: the kernel does not forward IPv6 from eth1"));
	assert_null(strstr(said, "eth0"));
	free(said);
}

static void
flush_removes_the_table(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	gate_stop(SIGTERM);
	assert_true(life_table());
	assert_int_equal(gate_flush(), 0);
	assert_false(life_table());
	assert_int_equal(gate_flush(), 0);
}

static void
flush_at_exit_removes_the_table(void **state)
{
	life_start(&(struct gate_policy){0}, (const char *[]){"--flush", NULL});
	assert_true(life_table());
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_false(life_table());
}

/* A connection that is older than sluiced: its first inspected packet is the forbidden write. */
static void
first_packet_of_an_older_connection_is_forbidden(void **state)
{
	struct raw raw;

	raw_open(&raw, PLC1, 502);
	assert_true(raw_connect(&raw, false));
	raw_data(&raw, 0, message_read, 12);
	assert_true(raw_wait_data(&raw, READ_RESPONSE_SIZE, REQUEST_MS));
	life_start(&(struct gate_policy){0}, NULL);
	raw_data(&raw, 12, message_forbidden, 12);
	raw_listen(&raw, 300);
	life_unharmed();
	assert_true(gate_event_wait(0, raw.source_port, "stream-middle", false, 1000));
	assert_true(raw.reset);
	raw_close(&raw);
}

/* The same in two halves, of which only the second is seen. */
static void
second_half_of_an_older_message(void **state)
{
	struct raw raw;

	raw_open(&raw, PLC1, 502);
	assert_true(raw_connect(&raw, false));
	raw_data(&raw, 0, message_forbidden, 6);
	assert_true(raw_wait_acked(&raw, 6, REQUEST_MS));
	life_start(&(struct gate_policy){.pickup = "resync"}, NULL);
	raw_data(&raw, 6, &message_forbidden[6], 6);
	raw_listen(&raw, 300);
	life_unharmed();
	raw_close(&raw);
}

/* pickup = "resync": a client that was there before goes on reading, and still can't write. */
static void
resync_takes_over_from_a_message_boundary(void **state)
{
	int fd = life_connect(), error;

	life_start(&(struct gate_policy){.pickup = "resync"}, NULL);
	for (unsigned i = 0; i < 5; i++)
		assert_true(life_reads(fd, REQUEST_MS));
	assert_false(client_ask(fd, message_forbidden, 300, &error));
	life_unharmed();
	client_close(fd);
}

/* Restarted in between: the same connection, never seen by the new inspectors. */
static void
first_packet_after_a_restart_is_forbidden(void **state)
{
	struct raw raw;

	life_start(&(struct gate_policy){0}, NULL);
	raw_open(&raw, PLC1, 502);
	assert_true(raw_connect(&raw, false));
	raw_data(&raw, 0, message_read, 12);
	assert_true(raw_wait_data(&raw, READ_RESPONSE_SIZE, REQUEST_MS));
	gate_stop(SIGTERM);
	raw_data(&raw, 12, message_forbidden, 12);
	raw_listen(&raw, 100);
	life_start(&(struct gate_policy){0}, NULL);
	raw_data(&raw, 12, message_forbidden, 12);
	raw_listen(&raw, 300);
	life_unharmed();
	raw_close(&raw);
}

const struct CMUnitTest life_start_tests[] = {
    LIFE_TEST(no_permission),
    LIFE_TEST(foreign_table_is_refused),
    LIFE_TEST(second_sluiced_is_refused),
    LIFE_TEST(queue_of_another_program_is_left_alone),
    LIFE_TEST(name_taken_by_nobody_does_not_matter),
    LIFE_TEST(sigterm_leaves_closed_closed),
    LIFE_TEST(sigterm_leaves_open_open),
    LIFE_TEST(supervisor_killed_leaves_closed_closed),
    LIFE_TEST(interfaces_that_cannot_work_are_told),
    LIFE_TEST(flush_removes_the_table),
    LIFE_TEST(flush_at_exit_removes_the_table),
    LIFE_TEST(first_packet_of_an_older_connection_is_forbidden),
    LIFE_TEST(second_half_of_an_older_message),
    LIFE_TEST(resync_takes_over_from_a_message_boundary),
    LIFE_TEST(first_packet_after_a_restart_is_forbidden),
};
const size_t life_start_count = sizeof(life_start_tests) / sizeof(life_start_tests[0]);
