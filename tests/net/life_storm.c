/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client whose denials are a storm: few events, none of them lost, nobody else's hidden. See
 * life.h. */
#include "life.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	REQUEST_MS = 1500,
	FLOOD = 100000,
	REFUSALS = 1000,
	AT_ONCE = 8, /* requests that wait for their answer */
	REQUEST_SIZE = 12,
	REFUSAL_SIZE = 9,
	LINES_MAX = 60,
	TOLD_MS = 5000,
};

/* What a connection is denied, and what comes for each denial. */
struct flood {
	const char *mode;
	unsigned denials;
	unsigned at_once;
	size_t answer_size;
};

/* They differ in their transaction. */
static void
ask_forbidden(const struct flood *flood, int fd, unsigned *transaction)
{
	uint8_t requests[AT_ONCE][REQUEST_SIZE], answers[AT_ONCE * REQUEST_SIZE];
	size_t size = flood->at_once * REQUEST_SIZE;
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	size_t have = 0;

	for (unsigned i = 0; i < flood->at_once; i++) {
		memcpy(requests[i], message_forbidden, REQUEST_SIZE);
		++*transaction;
		requests[i][0] = (uint8_t)(*transaction >> 8);
		requests[i][1] = (uint8_t)*transaction;
	}
	assert_int_equal(send(fd, requests, size, MSG_NOSIGNAL), size);
	while (have < flood->at_once * flood->answer_size) {
		ssize_t n;

		assert_int_equal(poll(&readable, 1, TOLD_MS), 1);
		n = recv(fd, answers + have, sizeof(answers) - have, 0);
		assert_true(n > 0);
		/* the server waits with the next until it knows that we have this */
		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
		have += (size_t)n;
	}
}

struct sums {
	uint64_t one_by_one;
	uint64_t summed;
	unsigned lines;
	unsigned over;
};

/* Of denials with the reason of our flood. */
static struct sums
read_events(size_t before)
{
	struct sums sums = {0};
	char *text = lab_file_read(gate_events(), before), *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		json_t *event = json_loads(line, 0, NULL);
		const json_t *sluice = json_object_get(event, "sluice");
		const char *type = json_string_value(json_object_get(event, "event_type"));
		const char *reason = json_string_value(json_object_get(sluice, "reason"));

		if (type && reason && strcmp(reason, "point-denied") == 0) {
			sums.lines++;
			sums.one_by_one += strcmp(type, "verdict") == 0;
			sums.summed +=
			    (uint64_t)json_integer_value(json_object_get(sluice, "count"));
			sums.over += json_is_true(json_object_get(sluice, "over"));
		}
		json_decref(event);
	}
	free(text);
	return sums;
}

/* The other client's denial is in the middle of it, and told at once. */
static void
deny_another(bool monitor)
{
	size_t before = lab_file_size(gate_events());
	struct raw raw;

	raw_open(&raw, PLC1, 502);
	assert_true(raw_connect(&raw, false));
	raw_data(&raw, 0, message_forbidden, sizeof(message_forbidden));
	assert_true(gate_event_wait(before, raw.source_port, "point-denied", monitor, REQUEST_MS));
	raw_close(&raw);
}

static void
flood_and_count(const struct flood *flood)
{
	unsigned transaction = 0;
	char counted[64];
	size_t before = lab_file_size(gate_events());
	struct sums sums;
	int fd;

	life_start(&(struct gate_policy){.on_deny = "refuse", .mode = flood->mode}, NULL);
	fd = life_connect();
	while (transaction < flood->denials / 2)
		ask_forbidden(flood, fd, &transaction);
	deny_another(strcmp(flood->mode, "monitor") == 0);
	while (transaction < flood->denials)
		ask_forbidden(flood, fd, &transaction);
	/* while it runs: a summary of the last is told although no packet comes any more */
	assert_true(lab_file_wait(gate_events(), before, "\"event_type\":\"storm\"", TOLD_MS));
	assert_int_equal(life_sluice("metrics", NULL), 0);
	snprintf(counted, sizeof(counted), "sluice_reason_total{reason=\"point-denied\"} %u\n",
	    flood->denials + 1);
	assert_true(life_said(counted));
	assert_true(life_said("sluice_events_lost_total 0\n"));
	assert_true(life_said("sluice_denials_homeless_total 0\n"));
	assert_int_equal(gate_stop(SIGTERM), 0);
	sums = read_events(before);
	print_message("# %u lines, %llu denials one by one, %llu in summaries\n", sums.lines,
	    (unsigned long long)sums.one_by_one, (unsigned long long)sums.summed);
	assert_int_equal(sums.one_by_one + sums.summed, flood->denials + 1);
	assert_true(sums.lines <= LINES_MAX);
	assert_true(sums.over >= 1);
	client_close(fd);
}

static const struct flood refusals = {"enforce", REFUSALS, 1, REFUSAL_SIZE};

/* The plant does what monitor mode lets pass, and it is recorded what it would have denied. */
static void
hundred_thousand_denials_are_few_lines(void **state)
{
	flood_and_count(&(struct flood){"monitor", FLOOD, AT_ONCE, REQUEST_SIZE});
}

static void
refusals_are_few_lines(void **state)
{
	flood_and_count(&refusals);
	life_unharmed();
}

/* One inspector dies in the middle of a storm, and its successor goes on counting. */
static void
a_crash_loses_no_denial(void **state)
{
	pid_t pids[GATE_INSPECTORS_MAX];
	size_t before = lab_file_size(gate_events());
	unsigned transaction = 0;
	struct sums sums;
	int fd;

	life_start(&(struct gate_policy){.on_deny = "refuse"},
	    (const char *[]){"--inspectors", "1", NULL});
	fd = life_connect();
	while (transaction < 400)
		ask_forbidden(&refusals, fd, &transaction);
	assert_int_equal(gate_inspectors(pids), 1);
	kill(pids[0], SIGKILL);
	client_close(fd);
	fd = life_connect();
	while (transaction < 800)
		ask_forbidden(&refusals, fd, &transaction);
	client_close(fd);
	/* a policy anew is another generation: what was counted before keeps its names */
	assert_int_equal(life_sluice("reload", NULL), 0);
	assert_int_equal(gate_stop(SIGTERM), 0);
	sums = read_events(before);
	assert_int_equal(sums.one_by_one + sums.summed, 800);
	assert_false(lab_file_wait(gate_events(), before, "\"event_type\":\"lost\"", 0));
	life_unharmed();
}

static int
open_sink(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", lab_path(name));
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Does a message come within the time that holds the text? */
static bool
sink_gets(int fd, const char *text)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	char message[8192];

	while (poll(&readable, 1, TOLD_MS) == 1) {
		ssize_t n = recv(fd, message, sizeof(message) - 1, 0);

		message[n > 0 ? n : 0] = '\0';
		if (strstr(message, text))
			return true;
	}
	return false;
}

/* A syslog daemon and a journal get what the file gets; that nobody reads what they get stops
 * neither traffic nor the file. */
static void
sinks_get_events_and_stop_nothing(void **state)
{
	int syslog = open_sink("syslog.sock"), journal = open_sink("journal.sock"), fd;
	size_t before = lab_file_size(gate_events());
	unsigned transaction = 0;
	char *option;

	assert_true(asprintf(&option, "--journal=%s", lab_path("journal.sock")) > 0);
	life_start(&(struct gate_policy){.on_deny = "refuse"},
	    (const char *[]){
		"--storm-after", "100000", "--syslog", lab_path("syslog.sock"), option, NULL});
	free(option);
	fd = life_connect();
	ask_forbidden(&refusals, fd, &transaction);
	assert_true(sink_gets(syslog, " verdict [sluice@32473 src_ip=\"10.10.0.5\""));
	assert_true(sink_gets(journal, "\nSLUICE_REASON=point-denied\n"));
	while (transaction < REFUSALS)
		ask_forbidden(&refusals, fd, &transaction);
	assert_true(life_reads(fd, REQUEST_MS));
	assert_true(lab_file_wait(
	    gate_events(), before, "\"alarm\":\"sink-unsent\",\"sink\":\"syslog\"", TOLD_MS));
	assert_int_equal(read_events(before).one_by_one, REFUSALS);
	assert_true(sink_gets(syslog, " lost [sluice@32473 count="));
	close(journal);
	close(syslog);
	client_close(fd);
	life_unharmed();
}

/* Debian's fever reads what Suricata writes, each member with its type. */
static void
fever_reads_our_alerts(void **state)
{
	unsigned transaction = 0;
	int fd;

	if (lab_shell(LAB_GATEWAY, "command -v fever") != 0)
		skip();
	unlink(gate_events());
	life_start(&(struct gate_policy){.on_deny = "refuse"},
	    (const char *[]){"--denials", "alert", NULL});
	fd = life_connect();
	while (transaction < 100)
		ask_forbidden(&refusals, fd, &transaction);
	client_close(fd);
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_true(lab_file_wait(gate_events(), 0, "\"event\":\"storm\"", 0));
	assert_int_equal(lab_shell(LAB_GATEWAY, "%s %s", FEVER, gate_events()), 0);
}

const struct CMUnitTest life_storm_tests[] = {
    LIFE_TEST(hundred_thousand_denials_are_few_lines),
    LIFE_TEST(refusals_are_few_lines),
    LIFE_TEST(a_crash_loses_no_denial),
    LIFE_TEST(sinks_get_events_and_stop_nothing),
    LIFE_TEST(fever_reads_our_alerts),
};
const size_t life_storm_count = sizeof(life_storm_tests) / sizeof(life_storm_tests[0]);
