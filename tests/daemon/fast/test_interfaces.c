/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces: the recogniser on a pair of virtual ones, in a network namespace of the test's own:
 * what a sender of packets can do that no test run in the kernel shows.
 *
 * A raw socket behind it sees each packet with the mark that it bears.
 */
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fast_loader.h"
#include "inet_wire.h"

enum {
	RECEIVE_MARK = 75, /* SO_RCVMARK, Linux 5.19; some headers are older */
	SKIPPED = 77,
	LINK = 14,
	IP = 20,
	TCP = 20,
	MESSAGE = 12,
	FRAME = LINK + IP + TCP + MESSAGE,
	TCP_AT = LINK + IP,
	MESSAGE_AT = LINK + IP + TCP,
	ARRIVE_MS = 2000,
	VOUCHED = 0x5a000001,
	BROUGHT = 0x12345678,
	NEXT = 1000,
	ACKNOWLEDGED = 5000,
};

struct scene {
	struct fast_loader *loader;
	struct fast_desk desk;
	struct fast_flow *flow;
	int sender, receiver;
	unsigned interface;
	uint8_t frame[FRAME];
};

static struct scene scene;

/* ---- two interfaces in two namespaces, and two in one: marks do not leave theirs ---- */

static int own_namespace, peers_namespace;

static void
enter(int namespace)
{
	if (setns(namespace, CLONE_NEWNET) < 0)
		abort();
}

static void
run(const char *command)
{
	if (system(command) != 0) {
		printf("1..0 # SKIP %s\n", command);
		exit(SKIPPED);
	}
}

static void
make_interfaces(void)
{
	char command[160];

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
		printf("1..0 # SKIP network namespaces need root\n");
		exit(SKIPPED);
	}
	peers_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (peers_namespace < 0 || unshare(CLONE_NEWNET) < 0)
		abort();
	own_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(command, sizeof(command),
	    "ip link add fast1 address 02:00:00:00:00:02 type veth peer name fast0 address "
	    "02:00:00:00:00:01 netns /proc/%d/fd/%d",
	    (int)getpid(), peers_namespace);
	run(command);
	run("ip addr add 10.20.0.1/24 dev fast1 && ip link set fast1 up && ip link set lo up");
	run("ip link add near1 address 02:00:00:00:00:02 type veth peer name near0 address "
	    "02:00:00:00:00:01 && ip link set near0 up && ip link set near1 up");
	run("sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.near1.rp_filter=0");
	enter(peers_namespace);
	run("ip addr add 10.20.0.5/24 dev fast0 && ip link set fast0 up");
	enter(own_namespace);
}

static int
open_sender(int namespace, const char *interface)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET};
	int fd, on = 1, mark = BROUGHT;

	enter(namespace);
	address.sll_ifindex = (int)if_nametoindex(interface);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	enter(own_namespace);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static int
open_receiver(void)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP), on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, RECEIVE_MARK, &on, sizeof(on)), 0);
	return fd;
}

/* ---- packets ---- */

/* A read of one holding register, in the next segment of the connection. */
static void
make_frame(uint8_t *frame)
{
	static const uint8_t link[LINK] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
	static const uint8_t ip[IP] = {
	    0x45, 0, 0, IP + TCP + MESSAGE, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 20, 0, 5, 10, 20, 0, 1};
	static const uint8_t message[MESSAGE] = {0, 7, 0, 0, 0, 6, 1, 3, 0, 40, 0, 1};
	uint8_t *tcp = &frame[TCP_AT];
	uint16_t sum;

	memcpy(frame, link, LINK);
	memcpy(&frame[LINK], ip, IP);
	inet_put16(&frame[LINK + 10], (uint16_t)~inet_sum(0, &frame[LINK], IP));
	memset(tcp, 0, TCP);
	inet_put16(tcp, 40000);
	inet_put16(&tcp[2], 502);
	inet_put32(&tcp[4], NEXT);
	inet_put32(&tcp[8], ACKNOWLEDGED);
	tcp[12] = 0x50;
	tcp[13] = 0x18;
	inet_put16(&tcp[14], 8192);
	memcpy(&frame[MESSAGE_AT], message, MESSAGE);
	sum = inet_sum(6 + TCP + MESSAGE, &frame[LINK + 12], 8);
	inet_put16(&tcp[16], (uint16_t)~inet_sum(sum, tcp, TCP + MESSAGE));
}

/* As a guest or a program would that leaves sums to others. */
static void
send_frame(const struct virtio_net_hdr *header)
{
	uint8_t bytes[sizeof(*header) + FRAME];

	memcpy(bytes, header, sizeof(*header));
	memcpy(&bytes[sizeof(*header)], scene.frame, FRAME);
	assert_int_equal(send(scene.sender, bytes, sizeof(bytes), 0), sizeof(bytes));
}

static struct virtio_net_hdr
sum_at(uint16_t start, uint16_t offset)
{
	return (struct virtio_net_hdr){
	    .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = start, .csum_offset = offset};
}

/* The next packet of the connection behind the recogniser: its mark, and its message if wanted. */
static uint32_t
receive(uint8_t *ret_message)
{
	union {
		char bytes[CMSG_SPACE(sizeof(uint32_t))];
		struct cmsghdr header;
	} control;
	uint8_t packet[256];

	for (;;) {
		struct pollfd waiting = {.fd = scene.receiver, .events = POLLIN};
		struct iovec part = {packet, sizeof(packet)};
		struct msghdr message = {.msg_iov = &part,
		    .msg_iovlen = 1,
		    .msg_control = control.bytes,
		    .msg_controllen = sizeof(control.bytes)};
		struct cmsghdr *word;
		uint32_t mark = 0;

		assert_int_equal(poll(&waiting, 1, ARRIVE_MS), 1);
		if (recvmsg(scene.receiver, &message, 0) != IP + TCP + MESSAGE)
			continue;
		if (ret_message)
			memcpy(ret_message, &packet[IP + TCP], MESSAGE);
		word = CMSG_FIRSTHDR(&message);
		if (word)
			memcpy(&mark, CMSG_DATA(word), sizeof(mark));
		return mark;
	}
}

/* ---- the recogniser ---- */

static void
lend(void)
{
	struct fast_flow *flow = scene.flow;

	fast_desk_take(flow);
	flow->generation = 1;
	flow->channel = 0;
	flow->interface[0] = flow->interface[1] = scene.interface;
	flow->next[0] = NEXT;
	flow->next[1] = ACKNOWLEDGED;
	flow->waiting = flow->packets = flow->requests = flow->ended = 0;
	fast_desk_give(flow);
}

static uint64_t
in_a_while(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec + 600) * 1000000000;
}

static void
serve(void)
{
	static const struct fast_channel channel = {.row_count = 1, .mark = {VOUCHED, VOUCHED + 1}};
	static const struct fast_row row = {.functions = 1 << 3,
	    .kind = FAST_ROW_PLAIN,
	    .unit_last = 255,
	    .points = {0, 65535},
	    .ranges = {{1, 0}, {1, 0}, {1, 0}, {1, 0}}};

	scene.desk.config.generation = 1;
	scene.desk.config.mark_mask = UINT32_MAX;
	scene.desk.config.channel_count = scene.desk.config.row_count = 1;
	scene.desk.config.quantity_max[3] = 125;
	assert_int_equal(fast_loader_serve(scene.loader, &scene.desk.config, &channel, &row), 0);
	fast_loader_lease(scene.loader, in_a_while());
}

static int
begin_on(int namespace, const char *from, const char *to)
{
	static const struct fast_sizes sizes = {.flows = 16, .channels = 1, .rows = 1};
	struct fast_key key = {.port = {40000, 502}, .family = 4};
	const char *why = NULL;

	make_frame(scene.frame);
	memcpy(key.address[0], &scene.frame[LINK + 12], 4);
	memcpy(key.address[1], &scene.frame[LINK + 16], 4);
	if (fast_loader_new(&sizes, -1, &scene.loader, &why) < 0) {
		print_message("%s\n", why);
		skip();
	}
	scene.interface = if_nametoindex(to);
	scene.desk = (struct fast_desk){.flows = fast_loader_flows(scene.loader),
	    .config = {.seed = 7, .flow_mask = sizes.flows - 1}};
	scene.flow = fast_desk_claim(&scene.desk, &key);
	assert_non_null(scene.flow);
	assert_int_equal(fast_loader_attach(scene.loader, scene.interface), 0);
	serve();
	lend();
	scene.sender = open_sender(namespace, from);
	scene.receiver = open_receiver();
	return 0;
}

static int
begin(void **state)
{
	return begin_on(peers_namespace, "fast0", "fast1");
}

static int
begin_near(void **state)
{
	return begin_on(own_namespace, "near0", "near1");
}

static int
end(void **state)
{
	close(scene.sender);
	close(scene.receiver);
	fast_loader_free(scene.loader);
	return 0;
}

static void
assert_left_alone(uint32_t mark, enum fast_check check)
{
	assert_int_equal(mark, 0);
	assert_int_equal(scene.flow->owner, FAST_ENGINE);
	assert_int_equal(scene.flow->ended, check);
}

/* ---- tests ---- */

static void
vouches_for_what_is_permitted(void **state)
{
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), VOUCHED);
	assert_int_equal(scene.flow->owner, FAST_KERNEL);
	assert_int_equal(scene.flow->packets, 1);
	assert_int_equal(scene.flow->next[0], NEXT + MESSAGE);
}

/* The same packet once more: its bytes were sent, and it is the engine that compares. */
static void
leaves_repetitions_alone(void **state)
{
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), VOUCHED);
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_left_alone(receive(NULL), FAST_CHECK_TURN);
}

static void
takes_marks_away_that_packets_bring(void **state)
{
	scene.frame[TCP_AT + 4] ^= 1;
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), 0);
	fast_loader_free(scene.loader);
	scene.loader = NULL;
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), BROUGHT);
}

static void
vouches_for_a_sum_that_is_filled_in(void **state)
{
	struct virtio_net_hdr header = sum_at(TCP_AT, 16);

	inet_put16(
	    &scene.frame[TCP_AT + 16], inet_sum(6 + TCP + MESSAGE, &scene.frame[LINK + 12], 8));
	send_frame(&header);
	assert_int_equal(receive(NULL), VOUCHED);
}

/* It is right now, and two bytes of the message would be others when it leaves. */
static void
leaves_a_sum_elsewhere_alone(void **state)
{
	struct virtio_net_hdr header = sum_at(MESSAGE_AT, 10);

	send_frame(&header);
	assert_left_alone(receive(NULL), FAST_CHECK_SUM_PLACE);
}

static void
leaves_a_sum_over_other_bytes_alone(void **state)
{
	/* TCP's own place, counted from behind the header */
	struct virtio_net_hdr header = sum_at(TCP_AT + 6, 10);

	send_frame(&header);
	assert_left_alone(receive(NULL), FAST_CHECK_SUM_PLACE);
}

static void
leaves_a_wrong_sum_alone(void **state)
{
	scene.frame[TCP_AT + 17] ^= 1;
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_left_alone(receive(NULL), FAST_CHECK_SUM);
}

static void
vouches_for_nothing_when_its_lease_is_over(void **state)
{
	fast_loader_lease(scene.loader, 1);
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), 0);
	assert_int_equal(scene.flow->owner, FAST_KERNEL);
	fast_loader_lease(scene.loader, in_a_while());
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), VOUCHED);
}

static void
vouches_for_nothing_when_it_is_halted(void **state)
{
	fast_loader_halt(scene.loader);
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), 0);
	serve();
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), VOUCHED);
}

static void
is_taken_away_by_somebody(void **state)
{
	assert_true(fast_loader_is_attached(scene.loader, scene.interface));
	run("tc filter del dev near1 ingress");
	assert_false(fast_loader_is_attached(scene.loader, scene.interface));
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), BROUGHT);
	assert_int_equal(scene.flow->owner, FAST_KERNEL);
	assert_int_equal(fast_loader_attach(scene.loader, scene.interface), 0);
	assert_int_equal(fast_loader_attach(scene.loader, scene.interface), 0);
	assert_true(fast_loader_is_attached(scene.loader, scene.interface));
	send_frame(&(struct virtio_net_hdr){.flags = 0});
	assert_int_equal(receive(NULL), VOUCHED);
}

/* ---- memory that its sender still writes to ---- */

enum { PAGE = 4096 };

/* A connection of two kernels through the recogniser. */
struct talk {
	int client, server;
	uint16_t port;
};

static void
open_talk(struct talk *talk)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(502)};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	enter(peers_namespace);
	talk->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(0x0a140001);
	assert_int_equal(connect(talk->client, (struct sockaddr *)&address, sizeof(address)), 0);
	enter(own_namespace);
	talk->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(talk->server >= 0);
	assert_int_equal(getsockname(talk->client, (struct sockaddr *)&address, &size), 0);
	talk->port = ntohs(address.sin_port);
	close(listener);
}

static uint32_t
number_of(int fd, int queue)
{
	uint32_t number = 0;
	socklen_t size = sizeof(number);

	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue)), 0);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &number, &size), 0);
	return number;
}

/* As an engine would that has seen it begin. */
static void
lend_talk(const struct talk *talk)
{
	struct fast_key key = {.port = {talk->port, 502}, .family = 4};
	int on = 1, off = 0;

	memcpy(key.address[0], &scene.frame[LINK + 12], 4);
	memcpy(key.address[1], &scene.frame[LINK + 16], 4);
	scene.flow = fast_desk_claim(&scene.desk, &key);
	assert_non_null(scene.flow);
	lend();
	fast_desk_take(scene.flow);
	assert_int_equal(setsockopt(talk->client, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)), 0);
	scene.flow->next[0] = number_of(talk->client, TCP_SEND_QUEUE);
	scene.flow->next[1] = number_of(talk->client, TCP_RECV_QUEUE);
	assert_int_equal(setsockopt(talk->client, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)), 0);
	fast_desk_give(scene.flow);
}

/* Send a permitted message, and change it before its receiver reads: what does that read? */
static uint8_t
change_on_its_way(void)
{
	int file = memfd_create("page", MFD_CLOEXEC);
	uint8_t message[MESSAGE], *page;
	struct talk talk;
	struct pollfd waiting = {.events = POLLIN};
	off_t at = 0;

	assert_int_equal(ftruncate(file, PAGE), 0);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	assert_true(page != MAP_FAILED);
	memcpy(page, &scene.frame[MESSAGE_AT], MESSAGE);
	open_talk(&talk);
	lend_talk(&talk);
	assert_int_equal(sendfile(talk.client, file, &at, MESSAGE), MESSAGE);
	waiting.fd = talk.server;
	assert_int_equal(poll(&waiting, 1, ARRIVE_MS), 1);
	page[9] = 99;
	assert_int_equal(read(talk.server, message, MESSAGE), MESSAGE);
	close(talk.client);
	close(talk.server);
	munmap(page, PAGE);
	close(file);
	return message[9];
}

static void
keeps_what_it_has_read(void **state)
{
	assert_int_equal(change_on_its_way(), 40);
	assert_int_equal(scene.flow->packets, 1);
	/* without it the change arrives, or this test would show nothing */
	fast_loader_halt(scene.loader);
	assert_int_equal(change_on_its_way(), 99);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(vouches_for_what_is_permitted),
	    TEST(leaves_repetitions_alone),
	    cmocka_unit_test_setup_teardown(takes_marks_away_that_packets_bring, begin_near, end),
	    TEST(vouches_for_a_sum_that_is_filled_in),
	    TEST(leaves_a_sum_elsewhere_alone),
	    TEST(leaves_a_sum_over_other_bytes_alone),
	    TEST(leaves_a_wrong_sum_alone),
	    TEST(vouches_for_nothing_when_its_lease_is_over),
	    TEST(vouches_for_nothing_when_it_is_halted),
	    cmocka_unit_test_setup_teardown(is_taken_away_by_somebody, begin_near, end),
	    TEST(keeps_what_it_has_read),
	};

	make_interfaces();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
