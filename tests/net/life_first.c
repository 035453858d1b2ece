/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server speaks first on a connection that is older than sluiced: a slow answer, a report of an
 * outstation, values that a controller pushes.  And a plain channel beside, whose packets those of
 * an inspected one could be.  See life.h.
 */
#include "life.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "attack_pair.h"

enum { ARRIVE_MS = 1500, SILENCE_MS = 400, EVENT_MS = 1000, NTP = 123, DNP3 = 20000 };

#define HMI "10.10.0.5"
#define HMI_IPV6 "fd00:10::5"

#define BYTES_OF(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* DNP3 from outstation 10 to master 1, and back: with no content but what they are. */
static const uint8_t unsolicited[] = {0x05, 0x64, 0x0a, 0x44, 0x01, 0x00, 0x0a, 0x00, 0x6e, 0x25,
    0xc0, 0xf3, 0x82, 0x80, 0x00, 0x2a, 0x77};
static const uint8_t restart[] = {
    0x05, 0x64, 0x08, 0xc4, 0x0a, 0x00, 0x01, 0x00, 0xfc, 0x42, 0xc0, 0xc1, 0x0d, 0xd2, 0x2d};
static const uint8_t poll_event[] = {0x05, 0x64, 0x0b, 0xc4, 0x0a, 0x00, 0x01, 0x00, 0xac, 0xd1,
    0xc0, 0xc0, 0x01, 0x3c, 0x02, 0x06, 0x54, 0xe0};

/* What a server says first, and how its channel is. */
struct first {
	uint16_t port;
	struct gate_policy policy;
	const uint8_t *says;
	size_t length;
};

#define READS "{ access = [\"read\"]; }"
#define REPORTS READS ", { functions = [\"unsolicited-response\"]; }"

static const struct first modbus = {
    502, {.rules = READS}, BYTES_OF(0, 3, 0, 0, 0, 5, 1, 3, 2, 0, 1)};
static const struct first dnp3 = {
    DNP3, {.protocol = "dnp3", .rules = REPORTS}, unsolicited, sizeof(unsolicited)};
static const struct first s7 = {102, {.protocol = "s7comm", .rules = "{ access = [\"any\"]; }"},
    BYTES_OF(0x03, 0x00, 0x00, 0x30, 0x02, 0xf0, 0x80, 0x32, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x0c, 0x00, 0x13, 0x00, 0x01, 0x12, 0x08, 0x12, 0x02, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00,
	0xff, 0x09, 0x00, 0x0f, 0x00, 0x02, 0xff, 0x04, 0x00, 0x20, 0x01, 0x02, 0x03, 0x04, 0xff,
	0x03, 0x00, 0x01, 0x01)};

/* A connection that nobody has looked at, then sluiced, then the server. */
static void
speak_first(const struct first *first, const char *server, const char *mode, const char *pickup)
{
	struct gate_policy policy = first->policy;
	int listener = pair_listen(LAB_PUMPS, server, first->port);
	bool passes = strcmp(mode, "monitor") == 0 || strcmp(pickup, "resync") == 0;
	uint8_t buffer[256];
	uint16_t port;
	int client, accepted;
	size_t before;

	client = pair_connect(LAB_SUPERVISION, server, first->port, &port);
	assert_true(client >= 0);
	accepted = accept(listener, NULL, NULL);
	assert_true(accepted >= 0);
	policy.mode = mode;
	policy.pickup = pickup;
	policy.clients = "\"hmi\", \"hmi6\"";
	life_start(&policy, NULL);
	before = lab_file_size(gate_events());
	pair_send(accepted, first->says, first->length);
	if (passes) {
		assert_int_equal(
		    pair_receive(client, buffer, sizeof(buffer), ARRIVE_MS), first->length);
		assert_memory_equal(buffer, first->says, first->length);
	} else {
		assert_int_equal(
		    pair_receive(client, buffer, sizeof(buffer), ARRIVE_MS), -ECONNRESET);
		assert_int_equal(
		    pair_receive(accepted, buffer, sizeof(buffer), ARRIVE_MS), -ECONNRESET);
		assert_true(gate_event_wait(before, port, "stream-middle", false, EVENT_MS));
	}
	close(client);
	close(accepted);
	close(listener);
}

static void
slow_answer_is_reset_at_both_ends(void **state)
{
	speak_first(&modbus, RTU1, "enforce", "reset");
}

static void
slow_answer_is_reset_at_both_ends_ipv6(void **state)
{
	speak_first(&modbus, RTU1_IPV6, "enforce", "reset");
}

static void
slow_answer_is_picked_up(void **state)
{
	speak_first(&modbus, RTU1, "enforce", "resync");
}

static void
slow_answer_is_monitored(void **state)
{
	speak_first(&modbus, RTU1, "monitor", "reset");
}

static void
unsolicited_response_is_reset_at_both_ends(void **state)
{
	speak_first(&dnp3, RTU1, "enforce", "reset");
}

static void
unsolicited_response_is_picked_up(void **state)
{
	speak_first(&dnp3, RTU1, "enforce", "resync");
}

static void
unsolicited_response_is_picked_up_ipv6(void **state)
{
	speak_first(&dnp3, RTU1_IPV6, "enforce", "resync");
}

static void
unsolicited_response_is_monitored(void **state)
{
	speak_first(&dnp3, RTU1, "monitor", "reset");
}

static void
push_is_reset_at_both_ends(void **state)
{
	speak_first(&s7, RTU1, "enforce", "reset");
}

static void
push_is_picked_up(void **state)
{
	speak_first(&s7, RTU1, "enforce", "resync");
}

static void
push_is_monitored(void **state)
{
	speak_first(&s7, RTU1, "monitor", "reset");
}

/* ---- a connection that the inspector knows, and connection tracking no more ---- */

enum { IDLE_S = 1, IDLE_MS = 2500 };

static void
flush(void)
{
	lab_shell(LAB_GATEWAY, "conntrack -F");
}

static void
rest(void)
{
	lab_sleep_ms(IDLE_MS);
}

/* The time after which connection tracking forgets a connection that rests. */
static void
set_idle(unsigned seconds)
{
	if (lab_shell(LAB_GATEWAY,
		"sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=%u", seconds) != 0)
		lab_fail("the idle time can't be set");
}

static bool
is_tracked(uint16_t port)
{
	size_t before = lab_file_size(lab_path("shell.out"));
	bool found;
	char *text;

	lab_shell(LAB_GATEWAY,
	    "conntrack -L -p tcp --sport %u 2>/dev/null;"
	    " conntrack -L -p tcp --dport %u 2>/dev/null",
	    port, port);
	text = lab_file_read(lab_path("shell.out"), before);
	found = text[0] != '\0';
	free(text);
	return found;
}

static void
arrives(int from, int to, const uint8_t *bytes, size_t length)
{
	uint8_t buffer[256];

	pair_send(from, bytes, length);
	assert_int_equal(pair_receive(to, buffer, sizeof(buffer), ARRIVE_MS), length);
	assert_memory_equal(buffer, bytes, length);
}

/* The first connection request and the set-up of S7, and what answers them. */
static void
open_s7(int client, int server)
{
	arrives(client, server,
	    BYTES_OF(0x03, 0, 0, 0x16, 0x11, 0xe0, 0, 0, 0, 1, 0, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2,
		0xc0, 1, 0x0a));
	arrives(server, client,
	    BYTES_OF(0x03, 0, 0, 0x16, 0x11, 0xd0, 0, 1, 0, 1, 0, 0xc0, 1, 0x0a, 0xc1, 2, 1, 0,
		0xc2, 2, 1, 2));
	arrives(client, server,
	    BYTES_OF(0x03, 0, 0, 0x19, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0xf0, 0, 0,
		1, 0, 1, 1, 0xe0));
	arrives(server, client,
	    BYTES_OF(0x03, 0, 0, 0x1b, 2, 0xf0, 0x80, 0x32, 3, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0xf0,
		0, 0, 1, 0, 1, 1, 0xe0));
}

/* It goes on in every mode: nothing of it went by unjudged. */
static void
forgotten(const struct first *first, const char *server, const char *mode, const char *pickup,
    void (*forget)(void))
{
	int listener = pair_listen(LAB_PUMPS, server, first->port), client, accepted;
	struct gate_policy policy = first->policy;
	uint16_t port;

	policy.mode = mode;
	policy.pickup = pickup;
	policy.clients = "\"hmi\", \"hmi6\"";
	life_start(&policy, NULL);
	if (forget == rest)
		set_idle(IDLE_S);
	client = pair_connect(LAB_SUPERVISION, server, first->port, &port);
	assert_true(client >= 0);
	accepted = accept(listener, NULL, NULL);
	assert_true(accepted >= 0);
	if (first == &s7)
		open_s7(client, accepted);
	arrives(accepted, client, first->says, first->length);
	assert_true(is_tracked(port));
	for (unsigned i = 0; i < 2; i++) {
		forget();
		assert_false(is_tracked(port)); /* or nothing is tried here */
		arrives(accepted, client, first->says, first->length);
	}
	set_idle(432000); /* the kernel's own */
	close(client);
	close(accepted);
	close(listener);
}

#define FORGOTTEN(name, first, server, mode, pickup, forget)       \
	static void name(void **state)                             \
	{                                                          \
		forgotten(&(first), server, mode, pickup, forget); \
	}

FORGOTTEN(slow_answer_after_a_flush, modbus, RTU1, "enforce", "reset", flush)
FORGOTTEN(slow_answer_after_a_flush_ipv6, modbus, RTU1_IPV6, "enforce", "reset", flush)
FORGOTTEN(slow_answer_after_a_flush_resync, modbus, RTU1, "enforce", "resync", flush)
FORGOTTEN(slow_answer_after_a_flush_monitored, modbus, RTU1, "monitor", "reset", flush)
FORGOTTEN(slow_answer_after_the_idle_time, modbus, RTU1, "enforce", "reset", rest)
FORGOTTEN(unsolicited_response_after_a_flush, dnp3, RTU1, "enforce", "reset", flush)
FORGOTTEN(unsolicited_response_after_a_flush_resync, dnp3, RTU1, "enforce", "resync", flush)
FORGOTTEN(unsolicited_response_after_a_flush_monitored, dnp3, RTU1, "monitor", "reset", flush)
FORGOTTEN(unsolicited_response_after_the_idle_time, dnp3, RTU1, "enforce", "reset", rest)
FORGOTTEN(push_after_a_flush, s7, RTU1, "enforce", "reset", flush)
FORGOTTEN(push_after_a_flush_resync, s7, RTU1, "enforce", "resync", flush)
FORGOTTEN(push_after_a_flush_monitored, s7, RTU1, "monitor", "reset", flush)
FORGOTTEN(push_after_the_idle_time, s7, RTU1, "enforce", "reset", rest)

/* Of a plain channel nobody knows the middle: what the server says is dropped, and told. */
static void
plain_server_after_a_flush_is_told(void **state)
{
	int listener = pair_listen(LAB_PUMPS, RTU1, 8080), client, accepted;
	uint8_t buffer[16];
	uint16_t port;
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	client = pair_connect(LAB_SUPERVISION, RTU1, 8080, &port);
	assert_true(client >= 0);
	accepted = accept(listener, NULL, NULL);
	assert_true(accepted >= 0);
	arrives(accepted, client, BYTES_OF('x'));
	flush();
	before = lab_file_size(gate_events());
	pair_send(accepted, (const uint8_t[]){'y'}, 1);
	assert_int_equal(pair_receive(client, buffer, sizeof(buffer), SILENCE_MS), 0);
	assert_true(gate_event_wait(before, 8080, "no-channel", false, 4 * EVENT_MS));
	close(client);
	close(accepted);
	close(listener);
}

/* ---- datagrams ---- */

static int
bound(enum lab_place place, const char *address, uint16_t port)
{
	struct endpoint e = pair_endpoint(address, port);
	int fd = lab_socket(place, e.address.ss_family, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&e.address, e.size), 0);
	return fd;
}

static void
say(int fd, const char *address, uint16_t port, const uint8_t *bytes, size_t length)
{
	struct endpoint e = pair_endpoint(address, port);

	assert_int_equal(
	    sendto(fd, bytes, length, 0, (struct sockaddr *)&e.address, e.size), length);
}

/* An outstation reports by UDP to a master that nobody has seen. */
static void
report(const char *hmi, const char *rtu, const char *mode, const char *pickup)
{
	int master = bound(LAB_SUPERVISION, hmi, DNP3), outstation = bound(LAB_PUMPS, rtu, DNP3);
	bool passes = strcmp(mode, "monitor") == 0 || strcmp(pickup, "resync") == 0;
	uint8_t buffer[256];
	size_t before;

	life_start(&(struct gate_policy){.protocol = "dnp3",
		       .rules = REPORTS,
		       .mode = mode,
		       .pickup = pickup,
		       .settings = "transport = \"udp\";",
		       .clients = "\"hmi\", \"hmi6\""},
	    NULL);
	before = lab_file_size(gate_events());
	for (unsigned i = 0; i < 3; i++) {
		say(outstation, hmi, DNP3, unsolicited, sizeof(unsolicited));
		assert_int_equal(
		    pair_receive(master, buffer, sizeof(buffer), passes ? ARRIVE_MS : SILENCE_MS),
		    passes ? sizeof(unsolicited) : 0);
	}
	if (!passes)
		assert_true(gate_event_wait(before, DNP3, "stream-middle", false, EVENT_MS));
	/* the master's are requests all the same */
	before = lab_file_size(gate_events());
	if (strcmp(mode, "enforce") == 0) {
		say(master, rtu, DNP3, restart, sizeof(restart));
		assert_int_equal(pair_receive(outstation, buffer, sizeof(buffer), SILENCE_MS), 0);
		assert_true(gate_event_wait(before, DNP3, "function-denied", false, EVENT_MS));
	}
	say(master, rtu, DNP3, poll_event, sizeof(poll_event));
	assert_int_equal(
	    pair_receive(outstation, buffer, sizeof(buffer), ARRIVE_MS), sizeof(poll_event));
	close(master);
	close(outstation);
}

static void
report_by_datagram_is_told(void **state)
{
	report(HMI, RTU1, "enforce", "reset");
}

static void
report_by_datagram_is_picked_up(void **state)
{
	report(HMI, RTU1, "enforce", "resync");
}

static void
report_by_datagram_is_picked_up_ipv6(void **state)
{
	report(HMI_IPV6, RTU1_IPV6, "enforce", "resync");
}

static void
report_by_datagram_is_monitored(void **state)
{
	report(HMI, RTU1, "monitor", "reset");
}

/*
 * The master sends from port 123, to which a plain channel goes from the outstation's side: a
 * datagram of the outstation is no request of that channel, and the master's are no answers of it.
 */
static void
plain_channel_beside(const char *hmi, const char *rtu)
{
	int master = bound(LAB_SUPERVISION, hmi, NTP), outstation = bound(LAB_PUMPS, rtu, DNP3);
	uint8_t buffer[256];
	size_t before;

	life_start(&(struct gate_policy){.protocol = "dnp3",
		       .rules = REPORTS,
		       .settings = "transport = \"udp\";",
		       .clients = "\"hmi\", \"hmi6\"",
		       .extra = ",\n{ name = \"time\"; clients = [\"pumps\"]; servers = [\"hmi\", "
				"\"hmi6\"]; protocol = \"udp\"; port = 123; }"},
	    NULL);
	before = lab_file_size(gate_events());
	say(outstation, hmi, NTP, unsolicited, sizeof(unsolicited));
	pair_receive(master, buffer, sizeof(buffer), SILENCE_MS);
	for (unsigned i = 0; i < 3; i++) {
		say(master, rtu, DNP3, restart, sizeof(restart));
		assert_int_equal(pair_receive(outstation, buffer, sizeof(buffer), SILENCE_MS), 0);
	}
	assert_true(gate_event_wait(before, NTP, "function-denied", false, EVENT_MS));
	close(master);
	close(outstation);
}

static void
cold_restart_beside_a_plain_channel(void **state)
{
	plain_channel_beside(HMI, RTU1);
}

static void
cold_restart_beside_a_plain_channel_ipv6(void **state)
{
	plain_channel_beside(HMI_IPV6, RTU1_IPV6);
}

const struct CMUnitTest life_first_tests[] = {
    LIFE_TEST(slow_answer_is_reset_at_both_ends),
    LIFE_TEST(slow_answer_is_reset_at_both_ends_ipv6),
    LIFE_TEST(slow_answer_is_picked_up),
    LIFE_TEST(slow_answer_is_monitored),
    LIFE_TEST(unsolicited_response_is_reset_at_both_ends),
    LIFE_TEST(unsolicited_response_is_picked_up),
    LIFE_TEST(unsolicited_response_is_picked_up_ipv6),
    LIFE_TEST(unsolicited_response_is_monitored),
    LIFE_TEST(push_is_reset_at_both_ends),
    LIFE_TEST(push_is_picked_up),
    LIFE_TEST(push_is_monitored),
    LIFE_TEST(slow_answer_after_a_flush),
    LIFE_TEST(slow_answer_after_a_flush_ipv6),
    LIFE_TEST(slow_answer_after_a_flush_resync),
    LIFE_TEST(slow_answer_after_a_flush_monitored),
    LIFE_TEST(slow_answer_after_the_idle_time),
    LIFE_TEST(unsolicited_response_after_a_flush),
    LIFE_TEST(unsolicited_response_after_a_flush_resync),
    LIFE_TEST(unsolicited_response_after_a_flush_monitored),
    LIFE_TEST(unsolicited_response_after_the_idle_time),
    LIFE_TEST(push_after_a_flush),
    LIFE_TEST(push_after_a_flush_resync),
    LIFE_TEST(push_after_a_flush_monitored),
    LIFE_TEST(push_after_the_idle_time),
    LIFE_TEST(plain_server_after_a_flush_is_told),
    LIFE_TEST(report_by_datagram_is_told),
    LIFE_TEST(report_by_datagram_is_picked_up),
    LIFE_TEST(report_by_datagram_is_picked_up_ipv6),
    LIFE_TEST(report_by_datagram_is_monitored),
    LIFE_TEST(cold_restart_beside_a_plain_channel),
    LIFE_TEST(cold_restart_beside_a_plain_channel_ipv6),
};
const size_t life_first_count = sizeof(life_first_tests) / sizeof(life_first_tests[0]);
