/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7 server that believes everything, and writes down what reached it.
 *
 *   s7_server LOG PORT ADDRESS...
 *
 * It answers a connection request, set-up, and jobs, so that a session goes on; there is no
 * controller behind it.  A job with the reference 0xee00 and more is answered with a lie, see
 * lies[].  Lines of LOG, in hexadecimal digits, written before the answer:
 *
 *   stream    all bytes of the connection so far, each time that some came
 *   tpdu      a TPDU that carries no data
 *   message   what data TPDUs up to the end mark carried
 *
 * A message of which no `stream` and no `message` holds every byte has not arrived, however a
 * server might put bytes together.  Nothing here is shared with the dissector that is tested.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	STREAM_MAX = 16384,
	SOCKETS_MAX = 512,
	TPKT_SIZE = 4,
	FRAME_MIN = 7,
	DATA_AT = 7,
	HEADER_SIZE = 10,
	PDU_AGREED = 240,
};

struct connection {
	bool listens;
	bool lost; /* a length made no sense: nothing but the stream is looked at any more */
	size_t length, parsed, message_length;
	uint8_t stream[STREAM_MAX], message[STREAM_MAX];
};

/* Frames instead of an answer, by the low byte of the reference; the list of attacks says what each
 * is. */
#define ANSWER(length, number, parameters, data) \
	3, 0, 0, length, 2, 0xf0, 0x80, 0x32, 3, 0, 0, 0xee, number, 0, parameters, 0, data, 0, 0
#define UNREADABLE 4, 1, 0x0a, 0, 0, 0
static const struct {
	uint8_t length;
	uint8_t frames[64];
} lies[] = {
    {25, {ANSWER(25, 0, 2, 4), UNREADABLE}},
    {25, {ANSWER(25, 0x77, 2, 4), UNREADABLE}},
    {22, {ANSWER(22, 2, 2, 1), 5, 1, 0xff}},
    {29, {ANSWER(29, 3, 2, 8), 4, 2, 0x0a, 0, 0, 0, 0x0a, 0, 0, 0}},
    {50, {ANSWER(25, 4, 2, 4), UNREADABLE, ANSWER(25, 4, 2, 4), UNREADABLE}},
    {26, {ANSWER(26, 5, 2, 4), UNREADABLE, 0}},
    {25, {ANSWER(24, 6, 2, 4), UNREADABLE}},
    {33,
	{3, 0, 0, 33, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0, 9, 0, 16, 0, 0, 0x29, 0, 0, 0, 0, 0, 9, 'P',
	    '_', 'P', 'R', 'O', 'G', 'R', 'A', 'M'}},
    {35,
	{3, 0, 0, 35, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 2, 1, 0, 18, 0, 0, 0x1b, 0, 0, 0, 0, 0, 0, 0, 9,
	    '_', '0', 'A', '0', '0', '0', '0', '2', 'P'}},
    {29,
	{3, 0, 0, 29, 2, 0xf0, 0x80, 0x72, 1, 0, 14, 0x32, 0, 0, 4, 0xca, 0, 0, 0, 1, 0x34, 0, 0, 0,
	    0, 0x72, 1, 0, 0}},
    {22, {3, 0, 0, 22, 17, 0xd0, 0, 1, 0, 2, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2}},
};

static struct pollfd sockets[SOCKETS_MAX];
static struct connection connections[SOCKETS_MAX];
static nfds_t count;
static FILE *log_file;

static void
die(const char *what)
{
	fprintf(stderr, "s7_server: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
record(const char *word, const uint8_t *bytes, size_t length)
{
	fprintf(log_file, "%s ", word);
	for (size_t i = 0; i < length; i++)
		fprintf(log_file, "%02x", bytes[i]);
	fputc('\n', log_file);
	fflush(log_file);
}

static void
answer(int fd, const uint8_t *bytes, size_t length)
{
	if (send(fd, bytes, length, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
		die("send");
}

/* A connection request is confirmed as it was asked for. */
static void
confirm(int fd, const uint8_t *frame, size_t length)
{
	uint8_t confirmation[256];

	if (length < 11 || length > sizeof(confirmation))
		return;
	memcpy(confirmation, frame, length);
	confirmation[5] = 0xd0;
	memcpy(&confirmation[6], &frame[8], 2);
	confirmation[8] = 0;
	confirmation[9] = 2;
	answer(fd, confirmation, length);
}

/* Parameters and data of the answer to a job; how many of them are parameters. */
static size_t
answer_body(const uint8_t *job, size_t length, uint8_t *body, size_t *ret_length)
{
	static const uint8_t agreed[] = {0xf0, 0, 0, 1, 0, 1, 0, PDU_AGREED},
			     none[] = {0x0a, 0, 0, 0};
	size_t items = length > HEADER_SIZE + 1 ? job[HEADER_SIZE + 1] : 0;

	body[0] = job[HEADER_SIZE];
	body[1] = (uint8_t)items;
	*ret_length = 2 + items;
	switch (job[HEADER_SIZE]) {
	case 0xf0:
		memcpy(body, agreed, sizeof(agreed));
		return *ret_length = sizeof(agreed);
	case 0x04: /* there are no variables */
		*ret_length = 2 + sizeof(none) * items;
		for (size_t i = 0; i < items; i++)
			memcpy(&body[2 + sizeof(none) * i], none, sizeof(none));
		return 2;
	case 0x05:
		memset(&body[2], 0xff, items);
		return 2;
	default:
		return *ret_length = 1;
	}
}

static void
answer_message(int fd, const uint8_t *job, size_t length)
{
	uint8_t frame[2048] = {3, 0, 0, 0, 2, 0xf0, 0x80, 0x32, 3};
	size_t all, parameters, size;

	if (length <= HEADER_SIZE || job[0] != 0x32 || job[1] != 1)
		return;
	if (job[4] == 0xee && job[5] < sizeof(lies) / sizeof(lies[0])) {
		answer(fd, lies[job[5]].frames, lies[job[5]].length);
		return;
	}
	parameters = answer_body(job, length, &frame[DATA_AT + HEADER_SIZE + 2], &size);
	all = DATA_AT + HEADER_SIZE + 2 + size;
	frame[2] = (uint8_t)(all >> 8);
	frame[3] = (uint8_t)all;
	memcpy(&frame[11], &job[4], 2);
	frame[14] = (uint8_t)parameters;
	frame[15] = (uint8_t)((size - parameters) >> 8);
	frame[16] = (uint8_t)(size - parameters);
	answer(fd, frame, all);
}

static void
take_frame(int fd, struct connection *c, const uint8_t *frame, size_t length)
{
	uint8_t type = frame[5] & 0xf0;

	if (type != 0xf0) {
		record("tpdu", frame, length);
		if (type == 0xe0)
			confirm(fd, frame, length);
		return;
	}
	memcpy(&c->message[c->message_length], &frame[DATA_AT], length - DATA_AT);
	c->message_length += length - DATA_AT;
	if ((frame[6] & 0x80) == 0)
		return;
	record("message", c->message, c->message_length);
	answer_message(fd, c->message, c->message_length);
	c->message_length = 0;
}

static void
take_frames(int fd, struct connection *c)
{
	while (!c->lost && c->length - c->parsed >= TPKT_SIZE) {
		const uint8_t *frame = &c->stream[c->parsed];
		size_t length = (size_t)frame[2] << 8 | frame[3];

		c->lost = length < FRAME_MIN;
		if (c->lost || c->length - c->parsed < length)
			return;
		take_frame(fd, c, frame, length);
		c->parsed += length;
	}
}

static void
add_socket(int fd, bool listens)
{
	if (fd < 0 || count == SOCKETS_MAX)
		die("socket");
	connections[count].listens = listens;
	connections[count].lost = false;
	connections[count].length = connections[count].parsed = 0;
	connections[count].message_length = 0;
	sockets[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void
remove_socket(nfds_t i)
{
	close(sockets[i].fd);
	count--;
	sockets[i] = sockets[count];
	connections[i] = connections[count];
}

static void
serve(nfds_t i)
{
	struct connection *c = &connections[i];
	ssize_t got;

	if (c->listens) {
		add_socket(accept(sockets[i].fd, NULL, NULL), false);
		return;
	}
	got = recv(sockets[i].fd, &c->stream[c->length], STREAM_MAX - c->length, 0);
	if (got <= 0) {
		remove_socket(i);
		return;
	}
	c->length += (size_t)got;
	record("stream", c->stream, c->length);
	take_frames(sockets[i].fd, c);
}

static void
listen_at(const char *address, uint16_t port)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	char mapped[INET6_ADDRSTRLEN + 8];
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1, no = 0;

	snprintf(mapped, sizeof(mapped), strchr(address, ':') ? "%s" : "::ffff:%s", address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	if (inet_pton(AF_INET6, mapped, &to.sin6_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0 || listen(fd, 16) < 0)
		die(address);
	add_socket(fd, true);
}

int
main(int argc, char **argv)
{
	if (argc < 4 || !(log_file = fopen(argv[1], "ae")))
		die("use: s7_server LOG PORT ADDRESS...");
	for (int i = 3; i < argc; i++)
		listen_at(argv[i], (uint16_t)atoi(argv[2]));
	record("ready", NULL, 0);
	while (poll(sockets, count, -1) > 0)
		for (nfds_t i = count; i-- > 0;)
			if (i < count && sockets[i].revents)
				serve(i);
	return 1;
}
