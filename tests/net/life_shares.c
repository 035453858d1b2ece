/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client that takes whatever the running daemon gives it, and others beside it. See life.h. */
#include "life.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
	REQUEST_MS = 1500,
	FLOWS = 64,
	FLOOD = FLOWS + 16,
	CONNECTIONS = 8,
	STORM = 1000,
	TOLD_MS = 5000
};

/* One inspector and as few connections as it can be told. */
static void
start_small(void)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});
	char *text = lab_file_read(policy, 0), *small;

	assert_true(
	    asprintf(&small, "limits: { flows = %d; held_bytes = 65536; };\n%s", FLOWS, text) > 0);
	lab_file_write(policy, small);
	free(text);
	free(small);
	gate_start(lab_path("life.conf"), (const char *[]){"--inspectors", "1", NULL});
}

/* Its socket has seen all traffic since it was opened and may have had no room left for the reset.
 */
static bool
is_told(struct raw *raw)
{
	for (unsigned attempt = 0; attempt < 3; attempt++) {
		raw_data(raw, sizeof(message_read), message_forbidden, sizeof(message_forbidden));
		if (raw_wait_reset(raw, REQUEST_MS))
			return true;
	}
	return false;
}

/* Who has taken every connection that there is costs the HMI neither an old one nor a new one. */
static void
flood_costs_others_nothing(void **state)
{
	static struct raw flood[FLOOD];
	static struct poller poller; /* goes on where an assertion ends the test */
	int fds[CONNECTIONS];
	size_t before;

	start_small();
	before = lab_file_size(gate_events());
	poller_start(&poller, PLC1);
	for (unsigned i = 0; i < FLOOD; i++) {
		raw_open(&flood[i], PLC1, 502);
		if (raw_connect(&flood[i], false)) {
			raw_data(&flood[i], 0, message_read, sizeof(message_read));
			raw_wait_data(&flood[i], READ_RESPONSE_SIZE, REQUEST_MS);
		}
	}
	for (unsigned i = 0; i < CONNECTIONS; i++)
		fds[i] = life_connect();
	/* the oldest of the flood had to go for them, and is told so when it goes on */
	assert_true(
	    gate_event_wait(before, flood[0].source_port, "flow-gave-way", false, REQUEST_MS));
	assert_true(is_told(&flood[0]));
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		assert_true(life_reads(fds[i], REQUEST_MS));
		client_close(fds[i]);
	}
	assert_true(poller_wait(&poller, 20, REQUEST_MS));
	poller_stop(&poller);
	assert_int_equal(poller.failed, 0);
	for (unsigned i = 0; i < FLOOD; i++)
		raw_close(&flood[i]);
	life_unharmed();
}

/* Nobody reads what the inspector has to tell, and one client has had much more denied than there
 * is room for: what another is denied afterwards is told nevertheless. */
static void
storm_of_denials_costs_others_no_event(void **state)
{
	struct sockaddr_in own;
	socklen_t size = sizeof(own);
	size_t before;
	int fd;

	life_start(
	    &(struct gate_policy){.on_deny = "reset"}, (const char *[]){"--inspectors", "1", NULL});
	before = lab_file_size(gate_events());
	fd = life_connect();
	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
	gate_signal(SIGSTOP);
	for (unsigned i = 0; i < STORM; i++) {
		struct raw raw;

		raw_open(&raw, PLC1, 502);
		assert_true(raw_connect(&raw, false));
		raw_data(&raw, 0, message_forbidden, sizeof(message_forbidden));
		raw_wait_reset(&raw, REQUEST_MS);
		raw_close(&raw);
	}
	assert_false(client_ask(fd, message_forbidden, REQUEST_MS, NULL));
	gate_signal(SIGCONT);
	assert_true(gate_event_wait(before, ntohs(own.sin_port), "point-denied", false, TOLD_MS));
	/* and of the storm, what found no room is in a summary */
	assert_true(gate_note_wait(before, "storm", TOLD_MS));
	assert_false(gate_note_wait(before, "lost", 0));
	client_close(fd);
	life_unharmed();
}

/*
 * Three requests in one segment, of which one may wait: it goes on alone, and the client's kernel
 * sends the others again by itself.
 */
static void
segment_with_too_many_requests_comes_again(void **state)
{
	uint8_t three[3 * sizeof(message_read)], answers[3 * READ_RESPONSE_SIZE];
	size_t before;
	int fd;

	life_start(&(struct gate_policy){.settings = "outstanding = 1;"}, NULL);
	before = lab_file_size(gate_events());
	fd = life_connect();
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 3; i++) {
			memcpy(
			    &three[i * sizeof(message_read)], message_read, sizeof(message_read));
			three[i * sizeof(message_read)] = (uint8_t)(1 + i);
		}
		assert_int_equal(send(fd, three, sizeof(three), MSG_NOSIGNAL), sizeof(three));
		for (size_t got = 0; got < sizeof(answers);) {
			struct pollfd p = {.fd = fd, .events = POLLIN};
			ssize_t n;

			assert_int_equal(poll(&p, 1, TOLD_MS), 1);
			n = recv(fd, &answers[got], sizeof(answers) - got, 0);
			assert_true(n > 0);
			got += (size_t)n;
		}
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(answers[i * READ_RESPONSE_SIZE], 1 + i);
	}
	assert_true(gate_event_wait(before, 0, "outstanding-full", false, TOLD_MS));
	client_close(fd);
	life_unharmed();
}

const struct CMUnitTest life_shares_tests[] = {
    LIFE_TEST(flood_costs_others_nothing),
    LIFE_TEST(storm_of_denials_costs_others_no_event),
    LIFE_TEST(segment_with_too_many_requests_comes_again),
};
const size_t life_shares_count = sizeof(life_shares_tests) / sizeof(life_shares_tests[0]);
