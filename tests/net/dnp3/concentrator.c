/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Concentrator: thirty-one outstations behind one connection, and a master that asks all of them at
 * once.
 *
 *   lab.sh dnp3_concentrator [NAME-PATTERN]
 *
 * Both ends send a frame of each conversation in turn, as a concentrator of serial lines and a
 * master with a session for each outstation do: segments of many responses between each other,
 * confirmations between the segments of requests, unsolicited responses between all.  Nothing of it
 * is forbidden, so all must be as without a firewall: every question answered, byte for byte, on
 * one connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "choose.h"
#include "gate.h"
#include "lab.h"
#include "peer.h"
#include "wire.h"

enum {
	OUTSTATIONS = 31,
	QUESTIONS = 40, /* to each: half of them reads, half controls */
	STORM_MS = 60000,
	STILL_MS = 5000, /* nobody has said anything for so long: something was lost */
	PIPE_MAX = 1 << 17,
	FRAGMENTS_MAX = 3, /* of a response */
	SEGMENT_MIN = 20,
	QUEUE_MAX = 4,
};

/* Octets of IEEE 1815, clauses 4, 8 and 9. */
enum { FIN = 0x80, FIR = 0x40, SEQUENCE = 0x3f };
enum { APP_FIR = 0x80, APP_FIN = 0x40, APP_CON = 0x20, APP_UNS = 0x10, APP_SEQUENCE = 0x0f };
enum { CONFIRM = 0, READ = 1, DIRECT_OPERATE = 5, RESPONSE = 129, UNSOLICITED = 130 };

struct fragment {
	uint8_t bytes[WIRE_FRAGMENT_MAX];
	size_t length;
	size_t at; /* bytes that were sent */
};

/* One end of the conversation between the master and one outstation. */
struct talk {
	struct fragment out[QUEUE_MAX]; /* one behind the other, a segment each turn */
	size_t out_first, out_count;
	struct fragment in; /* being put together */
	uint8_t transport_out, transport_in;
	bool open;
	/* the outstation's */
	unsigned fragments; /* of a response, that are still to come */
	uint8_t sequence;   /* of the next fragment */
	unsigned reads;     /* that were answered */
	/* the master's */
	unsigned asked, answered, unsolicited;
};

struct side {
	int fd;
	bool master;
	bool broken;
	uint8_t in[PIPE_MAX], out[PIPE_MAX];
	size_t in_length, out_length;
	struct talk talks[OUTSTATIONS + 1]; /* by address */
};

static struct side master, concentrator;
static uint64_t last_word_ms;
static unsigned seed;

/* The same numbers each time. */
static unsigned
pick(unsigned from, unsigned to)
{
	seed = seed * 1103515245 + 12345;
	return from + (seed >> 16) % (to - from + 1);
}

/* ---- what is said ---- */

static void
put(struct fragment *f, const void *bytes, size_t length)
{
	assert_true(f->length + length <= sizeof(f->bytes));
	memcpy(&f->bytes[f->length], bytes, length);
	f->length += length;
}

static struct fragment *
begin(struct fragment *f, uint8_t control, uint8_t function)
{
	f->length = f->at = 0;
	put(f, (uint8_t[2]){control, function}, 2);
	return f;
}

/* Behind what is said already. */
static struct fragment *
say(struct talk *t, uint8_t control, uint8_t function)
{
	assert_true(t->out_count < QUEUE_MAX);
	return begin(&t->out[(t->out_first + t->out_count++) % QUEUE_MAX], control, function);
}

/* Analog inputs whose values tell which outstation, read and fragment they are of. */
static void
put_analogs(struct fragment *f, unsigned outstation, unsigned read, unsigned left)
{
	unsigned points = 40 + (outstation * 37 + read * 101 + left * 59) % 340;

	put(f, (uint8_t[2]){0, 0}, 2);
	put(f, (uint8_t[7]){30, 1, 1, 0, 0, (uint8_t)(points - 1), (uint8_t)((points - 1) >> 8)},
	    7);
	for (unsigned i = 0; i < points; i++)
		put(f,
		    (uint8_t[5]){1, (uint8_t)i, (uint8_t)outstation, (uint8_t)read, (uint8_t)left},
		    5);
}

/* Latch on, forty outputs: more than one segment has room for. */
static void
put_controls(struct fragment *f)
{
	put(f, (uint8_t[4]){12, 1, 0x17, 40}, 4);
	for (uint8_t i = 0; i < 40; i++)
		put(f, (uint8_t[12]){i, 3, 1, 0xf4, 1}, 12);
}

static void
put_events(struct fragment *f, unsigned outstation)
{
	put(f, (uint8_t[7]){0, 0, 2, 1, 0x28, 200, 0}, 7);
	for (unsigned i = 0; i < 200; i++)
		put(f, (uint8_t[3]){(uint8_t)i, 0, (uint8_t)(0x80 + outstation % 2)}, 3);
}

/* ---- the outstations ---- */

static unsigned
fragments_of(unsigned outstation, unsigned read)
{
	return 1 + (outstation + read) % FRAGMENTS_MAX;
}

static void
answer_read(struct talk *t, unsigned outstation, bool first)
{
	uint8_t control = (uint8_t)(APP_CON | (first ? APP_FIR : 0) | t->sequence);

	t->fragments--;
	if (t->fragments == 0)
		control |= APP_FIN;
	put_analogs(say(t, control, RESPONSE), outstation, t->reads, t->fragments);
	t->sequence = (t->sequence + 1) & APP_SEQUENCE;
}

static void
speak_unasked(struct talk *t, unsigned outstation)
{
	uint8_t control = APP_FIR | APP_FIN | APP_CON | APP_UNS;

	put_events(say(t, control | (t->reads & APP_SEQUENCE), UNSOLICITED), outstation);
}

static void
obey(struct talk *t, unsigned outstation)
{
	const struct fragment *in = &t->in;
	uint8_t control = in->bytes[0];
	struct fragment *out;

	switch (in->bytes[1]) {
	case READ:
		t->sequence = control & APP_SEQUENCE;
		t->fragments = fragments_of(outstation, ++t->reads);
		answer_read(t, outstation, true);
		return;
	case DIRECT_OPERATE:
		out = say(t, control, RESPONSE);
		put(out, (uint8_t[2]){0, 0}, 2);
		put(out, &in->bytes[2], in->length - 2);
		return;
	case CONFIRM:
		if (control & APP_UNS)
			return;
		if (t->fragments > 0)
			answer_read(t, outstation, false);
		else if (t->reads % 2 == 1)
			speak_unasked(t, outstation);
		return;
	default:
		fail_msg("outstation %u got function %u", outstation, in->bytes[1]);
	}
}

/* ---- the master ---- */

static void
ask(struct talk *t)
{
	uint8_t control = APP_FIR | APP_FIN | (t->asked & APP_SEQUENCE);

	if (t->asked == QUESTIONS)
		return;
	if (t->asked++ % 2 == 0) {
		put(say(t, control, READ), (uint8_t[6]){60, 2, 6, 60, 1, 6}, 6);
	} else {
		put_controls(say(t, control, DIRECT_OPERATE));
	}
}

static void
check(const struct fragment *found, const struct fragment *expected)
{
	assert_int_equal(found->length, expected->length);
	assert_memory_equal(&found->bytes[2], &expected->bytes[2], found->length - 2);
}

static void
confirm(struct talk *t, uint8_t control)
{
	say(t, APP_FIR | APP_FIN | (control & (APP_UNS | APP_SEQUENCE)), CONFIRM);
}

static void
hear_response(struct talk *t, unsigned outstation, uint8_t control)
{
	static struct fragment expected;
	bool read = t->asked % 2 == 1;

	begin(&expected, 0, 0);
	if (read && (control & APP_FIR))
		t->fragments = fragments_of(outstation, ++t->reads);
	if (read)
		put_analogs(&expected, outstation, t->reads, --t->fragments);
	else
		put(&expected, (uint8_t[2]){0, 0}, 2);
	if (!read)
		put_controls(&expected);
	check(&t->in, &expected);
	if (control & APP_CON)
		confirm(t, control);
	if (!(control & APP_FIN))
		return;
	t->answered++;
	ask(t);
}

static void
hear(struct talk *t, unsigned outstation)
{
	static struct fragment expected;
	uint8_t control = t->in.bytes[0];

	if (t->in.bytes[1] == RESPONSE) {
		hear_response(t, outstation, control);
		return;
	}
	assert_int_equal(t->in.bytes[1], UNSOLICITED);
	begin(&expected, 0, 0);
	put_events(&expected, outstation);
	check(&t->in, &expected);
	t->unsolicited++;
	confirm(t, control);
}

/* ---- frames ---- */

/* The next segment of what this end says to the other in the conversation. */
static void
speak(struct side *side, unsigned outstation)
{
	struct talk *t = &side->talks[outstation];
	uint8_t user[WIRE_USER_MAX];
	struct wire wire = {.length = 0};
	struct fragment *f = &t->out[t->out_first];
	size_t part, most = pick(SEGMENT_MIN, WIRE_USER_MAX - 1);

	if (t->out_count == 0 || side->out_length + WIRE_MAX > sizeof(side->out))
		return;
	part = f->length - f->at < most ? f->length - f->at : most;
	user[0] = (uint8_t)(t->transport_out | (f->at == 0 ? FIR : 0) |
	    (f->at + part == f->length ? FIN : 0));
	t->transport_out = (t->transport_out + 1) & SEQUENCE;
	memcpy(&user[1], &f->bytes[f->at], part);
	f->at += part;
	if (f->at == f->length) {
		t->out_first = (t->out_first + 1) % QUEUE_MAX;
		t->out_count--;
	}
	if (side->master)
		wire_put_frame(&wire, WIRE_FROM_MASTER, outstation, 1, user, 1 + part);
	else
		wire_put_frame(&wire, WIRE_FROM_OUTSTATION, 1, outstation, user, 1 + part);
	memcpy(&side->out[side->out_length], wire.bytes, wire.length);
	side->out_length += wire.length;
}

static void
take_segment(struct side *side, unsigned outstation, const uint8_t *user, size_t length)
{
	struct talk *t = &side->talks[outstation];

	assert_true(outstation >= 1 && outstation <= OUTSTATIONS);
	if (user[0] & FIR)
		t->in.length = 0;
	else
		assert_true(t->open && (user[0] & SEQUENCE) == t->transport_in);
	t->open = !(user[0] & FIN);
	t->transport_in = (user[0] + 1) & SEQUENCE;
	put(&t->in, &user[1], length - 1);
	if (t->open)
		return;
	if (side->master)
		hear(t, outstation);
	else
		obey(t, outstation);
}

/* Frames that are here, the first of them at the beginning. */
static void
take_frames(struct side *side)
{
	size_t at = 0;

	while (side->in_length - at >= WIRE_HEADER) {
		struct wire wire = {.length = 0};
		const uint8_t *header = &side->in[at];
		size_t size = wire_frame_size(header[2] - 5u);
		uint8_t user[WIRE_USER_MAX];

		assert_true(header[0] == 0x05 && header[1] == 0x64);
		if (side->in_length - at < size)
			break;
		wire_put(&wire, header, size);
		take_segment(side,
		    side->master ? header[6] | header[7] << 8 : header[4] | header[5] << 8, user,
		    wire_user_data(&wire, user));
		at += size;
	}
	memmove(side->in, &side->in[at], side->in_length - at);
	side->in_length -= at;
}

/* ---- the connection ---- */

/* In pieces that begin and end anywhere. */
static void
exchange(struct side *side)
{
	size_t room = sizeof(side->in) - side->in_length, some = pick(1, 3000);
	ssize_t n;

	if (side->out_length > 0) {
		n = send(side->fd, side->out, some < side->out_length ? some : side->out_length,
		    MSG_NOSIGNAL);
		if (n > 0) {
			memmove(side->out, &side->out[n], side->out_length - (size_t)n);
			side->out_length -= (size_t)n;
		} else if (errno != EAGAIN) {
			side->broken = true;
		}
	}
	n = recv(side->fd, &side->in[side->in_length], room, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		side->broken = true;
	if (n <= 0)
		return;
	side->in_length += (size_t)n;
	last_word_ms = lab_now_ms();
	take_frames(side);
}

static unsigned
answered(void)
{
	unsigned count = 0;

	for (unsigned i = 1; i <= OUTSTATIONS; i++)
		count += master.talks[i].answered;
	return count;
}

static void
talk_to_the_end(void)
{
	uint64_t end_ms = lab_now_ms() + STORM_MS;

	last_word_ms = lab_now_ms();
	while (answered() < OUTSTATIONS * QUESTIONS && !master.broken && !concentrator.broken &&
	    lab_now_ms() < end_ms && lab_now_ms() - last_word_ms < STILL_MS) {
		struct pollfd fds[2] = {
		    {.fd = master.fd, .events = POLLIN}, {.fd = concentrator.fd, .events = POLLIN}};

		for (unsigned i = 1; i <= OUTSTATIONS; i++) {
			speak(&concentrator, i);
			speak(&master, i);
		}
		poll(fds, 2, 1);
		exchange(&master);
		exchange(&concentrator);
	}
}

static void
connect_both(void)
{
	int listener = lab_socket(LAB_PUMPS, AF_INET, SOCK_STREAM, 0), one = 1;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT_DNP3)};
	struct sockaddr_in from = {.sin_family = AF_INET};

	inet_pton(AF_INET, station_address(STATION_CAREFUL, OVER_TCP), &to.sin_addr);
	inet_pton(AF_INET, "10.10.0.5", &from.sin_addr);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&to, sizeof(to)) || listen(listener, 1))
		lab_fail("no concentrator: %s", strerror(errno));
	master.fd = lab_socket(LAB_SUPERVISION, AF_INET, SOCK_STREAM, 0);
	if (bind(master.fd, (struct sockaddr *)&from, sizeof(from)) ||
	    connect(master.fd, (struct sockaddr *)&to, sizeof(to)))
		lab_fail("no connection to the concentrator: %s", strerror(errno));
	concentrator.fd = accept(listener, NULL, NULL);
	close(listener);
	fcntl(master.fd, F_SETFL, O_NONBLOCK);
	fcntl(concentrator.fd, F_SETFL, O_NONBLOCK);
	setsockopt(concentrator.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* All questions at once, to the last answer or the end of the connection. */
static void
begin_storm(void)
{
	memset(&master, 0, sizeof(master));
	memset(&concentrator, 0, sizeof(concentrator));
	master.master = true;
	seed = 1;
	connect_both();
	for (unsigned i = 1; i <= OUTSTATIONS; i++)
		ask(&master.talks[i]);
	talk_to_the_end();
}

/* Each answer is right as it is heard. */
static void
storm(void)
{
	unsigned unsolicited = 0;

	begin_storm();
	for (unsigned i = 1; i <= OUTSTATIONS; i++)
		unsolicited += master.talks[i].unsolicited;
	if (master.broken || concentrator.broken)
		fail_msg("the connection broke after %u answers", answered());
	assert_int_equal(answered(), OUTSTATIONS * QUESTIONS);
	assert_true(unsolicited > OUTSTATIONS);
}

static const char channel[] =
    ",\n      { name = \"concentrator\"; clients = [\"hmi\"]; servers = [\"plc1\"];"
    " protocol = \"dnp3\"; outstanding = 64;\n        rules: (\n"
    "          { access = [\"read\"]; units = [\"1>1-31\"]; %s },\n"
    "          { functions = [\"direct-operate\"]; units = [\"1>1-31\"];\n"
    "            points = [\"g12:0-39\"]; values = [\"latch-on\"]; } ); }";

static void
guard(const char *limit)
{
	char text[1024];

	snprintf(text, sizeof(text), channel, limit);
	gate_start(
	    gate_write_policy("concentrator.conf", &(struct gate_policy){.extra = text}), NULL);
}

static void
a_storm_without_a_firewall(void **state)
{
	storm();
}

static void
a_storm_is_as_without_a_firewall(void **state)
{
	size_t before = lab_file_size(gate_events());
	char *events;

	guard("");
	storm();
	events = lab_file_read(gate_events(), before);
	assert_null(strstr(events, "\"deny\""));
	free(events);
}

/* Every point of what comes unasked is judged, however long it is and whatever else is said. */
static void
a_storm_is_judged_to_the_last_point(void **state)
{
	guard("points = [\"class:*\", \"g2:0-199\"];");
	storm();
}

static void
a_forbidden_point_in_a_storm_is_found(void **state)
{
	size_t before = lab_file_size(gate_events());
	struct sockaddr_in own = {.sin_port = 0};
	socklen_t size = sizeof(own);

	guard("points = [\"class:*\", \"g2:0-198\"];");
	begin_storm();
	getsockname(master.fd, (struct sockaddr *)&own, &size);
	assert_true(master.broken || concentrator.broken);
	for (unsigned i = 1; i <= OUTSTATIONS; i++)
		assert_int_equal(master.talks[i].unsolicited, 0);
	assert_true(gate_event_wait(before, ntohs(own.sin_port), "point-denied", false, 1000));
}

static int
tear_down(void **state)
{
	close(master.fd);
	close(concentrator.fd);
	gate_stop(SIGTERM);
	gate_flush();
	return 0;
}

#define TEST(function)                                     \
	{                                                  \
#function, function, NULL, tear_down, NULL \
	}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_storm_without_a_firewall),
	    TEST(a_storm_is_as_without_a_firewall),
	    TEST(a_storm_is_judged_to_the_last_point),
	    TEST(a_forbidden_point_in_a_storm_is_found),
	};

	choose_tests(argc > 1 ? argv[1] : NULL, tests, sizeof(tests) / sizeof(tests[0]));
	lab_init();
	return cmocka_run_group_tests_name("concentrator", tests, NULL, NULL) > 0;
}
