/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridge: frames at the ports of a bridge that is one of Sluice's, and what becomes of the bridge.
 *
 *	LAB_BRIDGE=yes lab.sh bridge plain|guarded [PATTERN]
 *
 * `plain`: a bridge without a firewall, which each frame must pass, or the row proves nothing.
 */
#include <jansson.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#include "choose.h"
#include "life.h"

enum { FRAME_MAX = 256, ARRIVAL_MS = 1000, SILENCE_MS = 250, TOLD_MS = 3000 };

#define OPERATOR 2, 0, 0, 0, 0x10, 5
#define CONTROLLER 2, 0, 0, 0, 0x20, 0x11
#define BRIDGE 2, 0, 0, 0, 0, 1
#define EVERYBODY 255, 255, 255, 255, 255, 255
#define HMI 10, 10, 0, 5
#define ENGINEERING 10, 10, 0, 20
#define PLC 10, 20, 0, 11
#define PLC_TWO 10, 20, 0, 12
#define NOBODY 10, 99, 0, 1
#define UNSPECIFIED 0, 0, 0, 0
#define ARP_HEAD(operation) 8, 6, 0, 1, 8, 0, 6, 4, 0, operation
#define BYTES(...) {__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__})
#define TO_PLC CONTROLLER, OPERATOR
#define TO_ALL EVERYBODY, OPERATOR
#define IP(...) 8, 0, 0x45, 0, 0, 36, 0, 1, 0, 0, 64, 17, 0, 0, __VA_ARGS__
#define UDP(high, low) 200, 1, high, low, 0, 16, 0, 0

enum outcome { PASSES = 0, COUNTED, TOLD };

/* A frame up to where the marker is put. */
struct frame {
	const char *name;
	enum lab_place from;
	uint8_t bytes[FRAME_MAX];
	size_t length;
	enum outcome outcome;
	const char *reason;
};

#define S LAB_SUPERVISION
#define P LAB_PUMPS

static const struct frame frames[] = {
    {"question_of_a_client_for_its_server", S,
	BYTES(TO_ALL, ARP_HEAD(1), OPERATOR, HMI, 0, 0, 0, 0, 0, 0, PLC), PASSES, NULL},
    {"answer_of_a_server", P,
	BYTES(OPERATOR, CONTROLLER, ARP_HEAD(2), CONTROLLER, PLC, OPERATOR, HMI), PASSES, NULL},
    {"permitted_datagram", S, BYTES(TO_PLC, IP(HMI, PLC), UDP(0, 123)), PASSES, NULL},
    {"answer_forged_for_a_controller", S,
	BYTES(TO_PLC, ARP_HEAD(2), OPERATOR, PLC_TWO, CONTROLLER, PLC), TOLD, "wrong-port"},
    {"answer_forged_for_the_client", P,
	BYTES(OPERATOR, CONTROLLER, ARP_HEAD(2), CONTROLLER, HMI, OPERATOR, ENGINEERING), TOLD,
	"wrong-port"},
    {"announcement_forged", S,
	BYTES(TO_ALL, ARP_HEAD(1), OPERATOR, PLC_TWO, 0, 0, 0, 0, 0, 0, PLC_TWO), TOLD,
	"wrong-port"},
    {"announcement_of_nobody", S, BYTES(TO_ALL, ARP_HEAD(2), OPERATOR, NOBODY, EVERYBODY, NOBODY),
	TOLD, "wrong-port"},
    {"question_within_a_zone", S,
	BYTES(TO_ALL, ARP_HEAD(1), OPERATOR, HMI, 0, 0, 0, 0, 0, 0, ENGINEERING), COUNTED,
	"other-port"},
    {"question_without_an_address", S,
	BYTES(TO_ALL, ARP_HEAD(1), OPERATOR, UNSPECIFIED, 0, 0, 0, 0, 0, 0, PLC), COUNTED,
	"other-port"},
    {"arp_of_other_hardware", S,
	BYTES(TO_ALL, 8, 6, 0, 6, 8, 0, 6, 4, 0, 1, OPERATOR, HMI, 0, 0, 0, 0, 0, 0, PLC), TOLD,
	"frame"},
    {"arp_of_another_operation", S,
	BYTES(TO_ALL, ARP_HEAD(8), OPERATOR, HMI, 0, 0, 0, 0, 0, 0, PLC), TOLD, "frame"},
    {"tagged_arp", S,
	BYTES(TO_ALL, 0x81, 0, 0, 10, ARP_HEAD(1), OPERATOR, HMI, 0, 0, 0, 0, 0, 0, PLC), TOLD,
	"frame"},
    {"tagged_twin_of_a_permitted_datagram", S,
	BYTES(TO_PLC, 0x81, 0, 0, 10, IP(HMI, PLC), UDP(0, 123)), TOLD, "frame"},
    {"priority_tag", S, BYTES(TO_PLC, 0x81, 0, 0xc0, 0, IP(HMI, PLC), UDP(0, 123)), TOLD, "frame"},
    {"two_tags", S, BYTES(TO_PLC, 0x88, 0xa8, 0, 1, 0x81, 0, 0, 10, IP(HMI, PLC), UDP(0, 123)),
	TOLD, "frame"},
    {"datagram_in_pppoe", S,
	BYTES(TO_PLC, 0x88, 0x64, 0x11, 0, 0, 1, 0, 38, 0, 0x21, IP(HMI, PLC), UDP(0, 123)), TOLD,
	"frame"},
    {"profinet", S, BYTES(TO_PLC, 0x88, 0x92, 0x80, 0, 0, 0), TOLD, "frame"},
    {"goose", S, BYTES(1, 0x0c, 0xcd, 1, 0, 1, OPERATOR, 0x88, 0xb8, 0, 1), TOLD, "frame"},
    {"logical_link_control", S, BYTES(1, 0x0e, 0xcf, 0, 0, 0, OPERATOR, 0, 16, 0x42, 0x42, 3), TOLD,
	"frame"},
    {"ipv6", S, BYTES(TO_PLC, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 8, 59, 64), TOLD, "frame"},
    {"address_of_a_controller_at_the_clients_port", S, BYTES(TO_PLC, IP(PLC_TWO, PLC), UDP(0, 123)),
	TOLD, "wrong-port"},
    {"address_of_nobody", S, BYTES(TO_PLC, IP(NOBODY, PLC), UDP(0, 123)), TOLD, "wrong-port"},
    {"address_of_a_client_at_the_servers_port", P,
	BYTES(OPERATOR, CONTROLLER, IP(ENGINEERING, HMI), UDP(0, 123)), TOLD, "wrong-port"},
    {"port_that_no_channel_names", S, BYTES(TO_PLC, IP(HMI, PLC), UDP(0, 124)), TOLD, "no-channel"},
    {"client_that_no_channel_names", S, BYTES(TO_PLC, IP(ENGINEERING, PLC), UDP(0, 123)), TOLD,
	"no-channel"},
    {"datagram_backwards", P, BYTES(OPERATOR, CONTROLLER, IP(PLC, HMI), UDP(0, 123)), TOLD,
	"no-channel"},
    {"datagram_to_all", S, BYTES(TO_ALL, IP(HMI, 255, 255, 255, 255), UDP(0, 123)), COUNTED,
	"other-port"},
    {"host_that_looks_for_an_address", S,
	BYTES(TO_ALL, IP(UNSPECIFIED, 255, 255, 255, 255), UDP(0, 67)), COUNTED, "other-port"},
    {"station_that_the_bridge_does_not_know", S,
	BYTES(2, 0, 0, 0, 0x77, 0x77, OPERATOR, IP(HMI, 10, 20, 0, 77), UDP(0, 123)), COUNTED,
	"other-port"},
};

enum { FRAMES = sizeof(frames) / sizeof(frames[0]), MARKER = 8 };

static bool guarded;
static unsigned number; /* of frames sent, part of the marker */

static int
wire_open(enum lab_place place, const char *interface)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int fd;

	lab_enter(place);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	address.sll_ifindex = (int)if_nametoindex(interface);
	assert_true(fd >= 0 && address.sll_ifindex > 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Does the marker come within the time?  What the place itself sends does not count. */
static bool
wire_carries(int fd, const uint8_t marker[MARKER], unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;

	for (;;) {
		uint64_t now = lab_now_ms();
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		struct sockaddr_ll from = {0};
		socklen_t size = sizeof(from);
		uint8_t frame[2048];
		ssize_t length;

		if (now >= end || poll(&ready, 1, (int)(end - now)) <= 0)
			return false;
		length = recvfrom(fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &size);
		if (length > 0 && from.sll_pkttype != PACKET_OUTGOING &&
		    memmem(frame, (size_t)length, marker, MARKER))
			return true;
	}
}

/* The header of an IPv4 packet without a checksum gets one. */
static void
finish_ipv4(uint8_t *frame, size_t length)
{
	static const uint8_t head[] = {8, 0, 0x45, 0};
	uint8_t *at = memmem(frame, length, head, sizeof(head));
	uint32_t sum = 0;

	if (!at)
		return;
	at += 2;
	for (size_t i = 0; i < 20; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	at[10] = (uint8_t)(sum >> 8);
	at[11] = (uint8_t)sum;
}

/* Send the frame; does it arrive at the other side? */
static bool
crosses(const struct frame *frame)
{
	uint8_t marker[MARKER] = {'m', 'a', 'r', 'k', 0xee}, bytes[FRAME_MAX] = {0};
	int sender = wire_open(frame->from, "eth0");
	int receiver = wire_open(frame->from == S ? P : S, "eth0");
	int spare = wire_open(LAB_GATEWAY, "spare");
	bool arrives;

	number++;
	marker[6] = (uint8_t)(number >> 8);
	marker[7] = (uint8_t)number;
	memcpy(bytes, frame->bytes, frame->length);
	finish_ipv4(bytes, frame->length);
	memcpy(&bytes[frame->length], marker, MARKER);
	assert_true(send(sender, bytes, frame->length + MARKER, 0) > 0);
	arrives = wire_carries(
	    receiver, marker, guarded && frame->outcome != PASSES ? SILENCE_MS : ARRIVAL_MS);
	/* at a port that is of no zone, nothing arrives at all */
	if (guarded)
		assert_false(wire_carries(spare, marker, 20));
	close(sender);
	close(receiver);
	close(spare);
	return arrives;
}

static json_int_t
drops(const char *reason)
{
	char *text;
	json_t *status;
	json_int_t count;

	lab_shell(LAB_GATEWAY, "%s status --json --control %s >%s", SLUICE, lab_path("control"),
	    lab_path("status.json"));
	text = lab_file_read(lab_path("status.json"), 0);
	status = json_loads(text, 0, NULL);
	assert_non_null(status);
	count = json_integer_value(
	    json_object_get(json_object_get(json_object_get(status, "kernel"), "drops"), reason));
	json_decref(status);
	free(text);
	return count;
}

static void
frame_at_a_port(void **state)
{
	const struct frame *frame = *state;
	json_int_t dropped = guarded && frame->reason ? drops(frame->reason) : 0;
	bool arrived = crosses(frame);

	if (!guarded || frame->outcome == PASSES) {
		assert_true(arrived);
		return;
	}
	assert_false(arrived);
	assert_true(drops(frame->reason) > dropped);
	if (frame->outcome == TOLD)
		assert_true(
		    gate_event_wait(0, 0, frame->reason, false, TOLD_MS)); /* once a minute */
}

static const struct frame *
find_frame(const char *name)
{
	for (size_t i = 0; i < FRAMES; i++)
		if (strcmp(frames[i].name, name) == 0)
			return &frames[i];
	lab_fail("there is no frame %s", name);
}

/* Permitted frames pass, forbidden ones don't. */
static bool
guards(void)
{
	return crosses(find_frame("permitted_datagram")) &&
	    !crosses(find_frame("port_that_no_channel_names")) &&
	    !crosses(find_frame("address_of_a_controller_at_the_clients_port")) &&
	    !crosses(find_frame("answer_forged_for_a_controller"));
}

static void
gateway(const char *commands)
{
	assert_int_equal(lab_shell(LAB_GATEWAY, "set -e; %s", commands), 0);
}

/* A frame to the bridge's own hardware address goes to the machine, which may route it. */
static void
routed_through_the_bridges_own_address(void **state)
{
	static const struct frame frame = {"to the bridge", S,
	    BYTES(BRIDGE, OPERATOR, IP(ENGINEERING, PLC), UDP(0, 124)), TOLD, "unguarded"};
	bool arrived;

	gateway("ip addr add 10.98.0.1/8 dev br0; sysctl -q -w net.ipv4.ip_forward=1");
	arrived = crosses(&frame);
	gateway("sysctl -q -w net.ipv4.ip_forward=0; ip addr del 10.98.0.1/8 dev br0");
	assert_int_equal(arrived, !guarded);
}

/* Whether, and how. */
static void
status_says_that_it_is_bridged(void **state)
{
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "%s status --control %s", SLUICE, lab_path("control")), 0);
	assert_true(lab_file_wait(lab_path("shell.out"), 0,
	    "zones at ports of a bridge: shown to the rules by bridge netfilter", 0));
}

/* What nobody judged does not pass, from the first frame on, and it is put right and told. */
static void
bridge_that_no_longer_shows_its_packets(void **state)
{
	size_t before = lab_file_size(gate_events());
	json_int_t dropped = drops("unguarded");

	gateway("ip link set br0 type bridge nf_call_iptables 0");
	assert_false(crosses(find_frame("port_that_no_channel_names")));
	assert_true(lab_file_wait(gate_events(), before, "\"bridge-unguarded\"", TOLD_MS));
	assert_true(guards());
	assert_true(drops("unguarded") >= dropped);
}

static void
table_of_the_bridge_deleted_by_somebody(void **state)
{
	size_t before = lab_file_size(gate_events());

	gateway("nft delete table bridge sluice");
	assert_true(lab_file_wait(gate_events(), before, "\"table-changed\"", TOLD_MS));
	assert_true(guards());
	gateway("nft flush ruleset");
	lab_sleep_ms(1500); /* the second time within a second */
	assert_true(guards());
}

static void
port_that_leaves_the_bridge_and_comes_back(void **state)
{
	gateway("ip link set eth1 nomaster");
	assert_false(crosses(find_frame("permitted_datagram")));
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "%s status --control %s", SLUICE, lab_path("control")), 1);
	assert_true(
	    lab_file_wait(lab_path("shell.out"), 0, "eth1 is no port of the bridge br0", 0));
	gateway("ip link set eth1 master br0");
	assert_true(guards());
}

static void
bridge_that_is_made_anew(void **state)
{
	size_t before = lab_file_size(gate_events());

	gateway("ip link del br0");
	gateway("ip link add br0 address 02:00:00:00:00:01 type bridge forward_delay 0 "
		"mcast_snooping 0; ip link set br0 up; ip link set eth0 master br0; "
		"ip link set eth1 master br0; ip link set eth2 master br0");
	assert_false(crosses(find_frame("port_that_no_channel_names")));
	assert_true(lab_file_wait(gate_events(), before, "\"bridge-unguarded\"", TOLD_MS));
	assert_true(guards());
}

static void
island(void **state)
{
	static const char order[] = "%s isolate pumps --control %s",
			  end[] = "%s rejoin pumps --control %s";

	assert_int_equal(lab_shell(LAB_GATEWAY, order, SLUICE, lab_path("control")), 0);
	assert_false(crosses(find_frame("permitted_datagram")));
	assert_false(crosses(find_frame("question_of_a_client_for_its_server")));
	assert_int_equal(lab_shell(LAB_GATEWAY, end, SLUICE, lab_path("control")), 0);
	assert_true(guards());
}

static void
reload_keeps_the_bridge_guarded(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		size_t before = lab_file_size(gate_events());

		gate_signal(SIGHUP);
		assert_true(gate_note_wait(before, "reload", TOLD_MS));
		assert_true(guards());
	}
}

static void
killed_supervisor_leaves_the_bridge_guarded(void **state)
{
	gate_stop(SIGKILL);
	assert_false(crosses(find_frame("port_that_no_channel_names")));
	assert_false(crosses(find_frame("answer_forged_for_a_controller")));
	assert_true(crosses(find_frame("permitted_datagram"))); /* a plain channel */
	gate_start(lab_path("bridge.conf"), NULL);
	assert_true(guards());
}

static const struct CMUnitTest lives[] = {
    cmocka_unit_test(status_says_that_it_is_bridged),
    cmocka_unit_test(bridge_that_no_longer_shows_its_packets),
    cmocka_unit_test(table_of_the_bridge_deleted_by_somebody),
    cmocka_unit_test(port_that_leaves_the_bridge_and_comes_back),
    cmocka_unit_test(bridge_that_is_made_anew),
    cmocka_unit_test(island),
    cmocka_unit_test(reload_keeps_the_bridge_guarded),
    cmocka_unit_test(killed_supervisor_leaves_the_bridge_guarded),
};

enum { LIVES = sizeof(lives) / sizeof(lives[0]) };

static void
start(void)
{
	lab_init();
	gateway("ip link add eth2 type veth peer name spare; ip link set spare up; "
		"ip link set eth2 up; ip link set eth2 master br0");
	if (guarded)
		gate_start(
		    gate_write_policy("bridge.conf",
			&(struct gate_policy){
			    .extra = ",\n      { name = \"time\"; clients = [\"hmi\"]; servers = "
				     "[\"plc1\"]; protocol = \"udp\"; port = 123; }"}),
		    (const char *[]){"--storm-after", "100000", NULL});
}

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[FRAMES + LIVES + 1];
	size_t count = 0;
	int failed;

	guarded = argc > 1 && strcmp(argv[1], "guarded") == 0;
	for (size_t i = 0; i < FRAMES; i++)
		tests[count++] = (struct CMUnitTest){.name = frames[i].name,
		    .test_func = frame_at_a_port,
		    .initial_state = (void *)&frames[i]};
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(routed_through_the_bridges_own_address);
	for (size_t i = 0; i < LIVES && guarded; i++)
		tests[count++] = lives[i];
	choose_tests(argc > 2 ? argv[2] : NULL, tests, count);
	start();
	failed = _cmocka_run_group_tests("bridge", tests, count, NULL, NULL);
	if (guarded) {
		gate_stop(SIGTERM);
		gate_flush();
	}
	return failed > 0;
}
