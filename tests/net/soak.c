/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Soak: all that happens to a gateway in years, in minutes.
 *
 *   lab.sh soak [SECONDS [SEED]]     600 seconds unless told; the seed is printed, and gives the
 * same order of events again
 *
 * Four protocols and a plain channel are polled, a client strikes with what is forbidden, and
 * meanwhile the policy is loaded again, the daemon ends and begins anew in every way, inspectors
 * are killed, a zone is cut off, crowds come.  Judged is at the end:
 *
 *   - nothing forbidden has arrived: each packet that reaches the pumps' zone was looked at there;
 *   - nothing permitted was lost, but what was under way when a zone was cut off, and datagrams
 * that an inspector had taken when it was killed;
 *   - each blow was denied and told: what has struck, what was counted and what was told agree, but
 * for what a process had in hand when it was killed;
 *   - no process has grown.
 *
 * No figure of it is judged by the clock.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "blow.h"
#include "client.h"
#include "device.h"
#include "fleet.h"
#include "gate.h"
#include "harm.h"
#include "lab.h"
#include "pinger.h"
#include "witness.h"

enum {
	SECONDS = 600,
	SECONDS_MAX = 7 * 86400,
	START_MS = 20000,
	STEADY = 300,
	STEADY_MS = 10000,
	PAUSE_MIN_MS = 400,
	PAUSE_MAX_MS = 1600,
	CROWD = 60,
	GROWTH_KIB = 4096,
	IN_HAND = 4, /* messages, events or datagrams that go with somebody who is killed */
};

static struct fleet_count fleet;
static struct pinger plain, datagrams;
static uint64_t asked, answered; /* of fleets before this one */
static unsigned failures;
static unsigned kills;

static void __attribute__((format(printf, 2, 3))) expect(bool holds, const char *format, ...)
{
	va_list arguments;

	printf(holds ? "ok    " : "FAIL  ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	failures += !holds;
}

/* ---- what is permitted ---- */

static void
start_load(void)
{
	fleet_start(&fleet);
	pinger_start(&plain);
	pinger_start(&datagrams);
	blow_start();
}

static void
stop_load(void)
{
	blow_stop();
	pinger_stop(&datagrams);
	pinger_stop(&plain);
	fleet_stop();
	asked += fleet.asked;
	answered += fleet.answered;
	if (fleet.broken > 0 || fleet.late > 0)
		expect(false, "%u connections of the fleet ended, %u requests came late",
		    fleet.broken, fleet.late);
}

/* ---- what happens ---- */

static void
wait_note(size_t before, const char *type)
{
	if (!gate_note_wait(before, type, START_MS))
		expect(false, "nothing is told of a %s", type);
}

static void
do_reload(void)
{
	size_t before = lab_file_size(gate_events());

	gate_signal(SIGHUP);
	wait_note(before, "reload");
}

static void
do_restart(void)
{
	size_t before = lab_file_size(gate_events());

	if (lab_shell(LAB_GATEWAY, "%s restart --control %s >/dev/null", SLUICE,
		lab_path("control")) != 0)
		expect(false, "sluice restart fails");
	wait_note(before, "start");
}

static void
do_term(void)
{
	size_t before = lab_file_size(gate_events());

	gate_signal(SIGTERM);
	wait_note(before, "start");
}

static void
do_kill_supervisor(void)
{
	size_t before = lab_file_size(gate_events());

	kills++;
	gate_signal(SIGKILL);
	wait_note(before, "start");
}

static void
do_kill_inspectors(void)
{
	size_t before = lab_file_size(gate_events());

	kills++;
	harm_signal_inspectors(SIGKILL);
	wait_note(before, "alarm");
}

static void
do_isolate(void)
{
	size_t before = lab_file_size(gate_events());
	int fd;

	stop_load();
	if (lab_shell(LAB_GATEWAY, "%s isolate pumps --control %s >/dev/null", SLUICE,
		lab_path("control")) != 0)
		expect(false, "sluice isolate fails");
	wait_note(before, "isolate");
	fd = client_connect(PLC1, 300);
	if (fd >= 0)
		expect(false, "an island is reached");
	if (lab_shell(LAB_GATEWAY, "%s rejoin pumps --control %s >/dev/null", SLUICE,
		lab_path("control")) != 0)
		expect(false, "sluice rejoin fails");
	start_load();
}

static void
do_crowd(void)
{
	harm_crowd(CROWD, PLC1, 502, message_read, sizeof(message_read));
	harm_crowd_leave();
}

/* What no channel names, to many ports. */
static void
do_scan(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, PLC1, &to.sin_addr);
	for (uint16_t port = 1000; port < 3000; port++) {
		to.sin_port = htons(port);
		(void)!sendto(fd, "scan", 4, 0, (struct sockaddr *)&to, sizeof(to));
	}
	close(fd);
}

static struct {
	const char *name;
	void (*act)(void);
	unsigned count;
} acts[] = {
    {"reloads", do_reload, 0},
    {"restarts by sluice restart", do_restart, 0},
    {"restarts by the service manager", do_term, 0},
    {"supervisors killed", do_kill_supervisor, 0},
    {"inspectors killed, all of them", do_kill_inspectors, 0},
    {"isolations", do_isolate, 0},
    {"crowds", do_crowd, 0},
    {"scans", do_scan, 0},
};

enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

/* Each once in an order of chance, then the next round: a short run has all of them, too. */
static void
act(unsigned *seed)
{
	static unsigned order[ACTS], next = ACTS;

	if (next == ACTS) {
		for (unsigned i = 0; i < ACTS; i++) {
			unsigned other = (unsigned)rand_r(seed) % (i + 1);

			order[i] = order[other];
			order[other] = i;
		}
		next = 0;
	}
	acts[order[next]].act();
	acts[order[next++]].count++;
	if (!fleet_wait(&fleet, STEADY, STEADY_MS))
		expect(false, "the fleet stands still");
	lab_sleep_ms(PAUSE_MIN_MS + (unsigned)rand_r(seed) % (PAUSE_MAX_MS - PAUSE_MIN_MS));
}

/* ---- what is judged ---- */

static unsigned long
anonymous_kib(pid_t pid)
{
	char path[64], line[128];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %lu", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

/* Of the supervisor and its inspectors, what is nobody else's. */
static unsigned long
memory_kib(void)
{
	pid_t pids[GATE_INSPECTORS_MAX];
	size_t count = gate_inspectors(pids);
	unsigned long kib = anonymous_kib(gate_pid());

	for (size_t i = 0; i < count; i++)
		kib += anonymous_kib(pids[i]);
	return kib;
}

/* Denials for what a rule does not allow, which nothing but a blow gets here. */
static bool
is_of_blow(const char *reason)
{
	return reason &&
	    (strcmp(reason, "point-denied") == 0 || strcmp(reason, "function-denied") == 0);
}

static uint64_t
denials_counted(void)
{
	json_t *status, *reasons;
	uint64_t sum = 0;
	const char *word;
	json_t *value;

	lab_shell(LAB_GATEWAY, "%s status --json --control %s >%s", SLUICE, lab_path("control"),
	    lab_path("status.json"));
	status = json_load_file(lab_path("status.json"), 0, NULL);
	reasons = json_object_get(json_object_get(status, "engine"), "reasons");
	json_object_foreach(reasons, word, value) if (is_of_blow(word)) sum +=
	    (uint64_t)json_integer_value(value);
	json_decref(status);
	return sum;
}

struct told {
	uint64_t denials; /* of blows: one by one, or summed up where they were many */
	uint64_t lost;    /* events that could not be told: those of a scan, if all denials were */
};

static void
add_event(struct told *told, const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *type = json_string_value(json_object_get(event, "event_type"));
	const char *verdict = json_string_value(json_object_get(sluice, "verdict"));

	if (type && strcmp(type, "lost") == 0)
		told->lost += (uint64_t)json_integer_value(json_object_get(event, "count"));
	if (!type || !verdict || strcmp(verdict, "deny") != 0 ||
	    !is_of_blow(json_string_value(json_object_get(sluice, "reason"))))
		return;
	told->denials += strcmp(type, "storm") == 0
	    ? (uint64_t)json_integer_value(json_object_get(sluice, "count"))
	    : strcmp(type, "verdict") == 0;
}

static struct told
read_told(void)
{
	FILE *file = fopen(gate_events(), "re");
	char *line = NULL;
	size_t room = 0;
	struct told told = {0};

	while (file && getline(&line, &room, file) > 0) {
		json_t *event = json_loads(line, 0, NULL);

		add_event(&told, event);
		json_decref(event);
	}
	free(line);
	if (file)
		fclose(file);
	return told;
}

/* Each differs by what somebody had in hand when he was killed, and by no more. */
static bool
agrees(uint64_t one, uint64_t other)
{
	uint64_t difference = one > other ? one - other : other - one;

	return difference <= (uint64_t)kills * IN_HAND;
}

static void
judge(unsigned long before_kib)
{
	unsigned long now_kib = memory_kib();
	uint64_t counted = denials_counted(), blows = blow_count();
	struct told told;

	gate_stop(SIGTERM);
	told = read_told();
	expect(witness_missed() == 0, "the witness has missed %u packets of %llu", witness_missed(),
	    (unsigned long long)witness_packets());
	expect(witness_forbidden() == 0, "%u forbidden messages have arrived", witness_forbidden());
	expect(asked == answered,
	    "requests of three protocols over %u connections: %llu asked, %llu "
	    "answered",
	    FLEET_CONNECTIONS, (unsigned long long)asked, (unsigned long long)answered);
	expect(plain.lost == 0 && plain.broken == 0, "plain channel: %u asked, %u lost",
	    plain.asked, plain.lost);
	expect(datagrams.lost <= kills * IN_HAND,
	    "datagrams of DNP3: %u asked, %u lost, with %u times somebody killed", datagrams.asked,
	    datagrams.lost, kills);
	expect(blow_count() > 0 && blow_answered() == 0, "%u blows, %u answered by the server",
	    blow_count(), blow_answered());
	expect(counted >= blow_sure() && agrees(counted, blows),
	    "denials of blows: %llu counted; %u of them have seen their end",
	    (unsigned long long)counted, blow_sure());
	expect(told.denials <= counted && agrees(told.denials, counted),
	    "and %llu told; of other events %llu were told to be lost",
	    (unsigned long long)told.denials, (unsigned long long)told.lost);
	expect(now_kib <= before_kib + GROWTH_KIB, "memory of all processes: %lu KiB, %lu before",
	    now_kib, before_kib);
}

static void
run(unsigned seconds, unsigned seed)
{
	uint64_t end = lab_now_ms() + 1000 * (uint64_t)seconds,
		 quarter = lab_now_ms() + 250 * seconds;
	unsigned long before_kib = 0;

	while (lab_now_ms() < end || acts[ACTS - 1].count == 0) {
		act(&seed);
		if (before_kib == 0 && lab_now_ms() >= quarter)
			before_kib = memory_kib();
	}
	stop_load();
	for (unsigned i = 0; i < ACTS; i++)
		printf("      %u %s\n", acts[i].count, acts[i].name);
	judge(before_kib);
}

int
main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : SECONDS;
	unsigned seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : (unsigned)time(NULL);
	char extra[8192];

	if (seconds == 0 || seconds > SECONDS_MAX) {
		fprintf(stderr, "soak: seconds of 1 to %d expected\n", SECONDS_MAX);
		return 2;
	}
	lab_init();
	printf("soak: %u seconds, seed %u\n", seconds, seed);
	snprintf(extra, sizeof(extra), "%s%s", fleet_channels(), pinger_channels());
	device_start();
	witness_start();
	gate_start_kept(
	    gate_write_policy("soak.conf", &(struct gate_policy){.extra = extra}), NULL);
	plain = (struct pinger){.port = 8080};
	datagrams = (struct pinger){.port = PINGER_DATAGRAMS, .datagrams = true};
	start_load();
	run(seconds, seed);
	witness_stop();
	device_stop();
	printf("soak: %s\n", failures ? "FAILED" : "all of it held");
	return failures > 0;
}
