/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults under load: what a conduit of each kind does while something fails, as the table of
 * sluiced(8), "When something fails", has it.
 *
 * The load is permitted polling of three protocols over fifty connections, and a client that does
 * nothing but try the forbidden write.  Each cell does one harm, looks for a while, puts it right,
 * and makes a row of what it has seen; the manual must have that very row.  After each, the gateway
 * must be what it was.  See life.h.
 */
#include "life.h"

#include <stdio.h>

#include "bench_protocol.h"
#include "fleet.h"
#include "harm.h"

enum {
	REQUEST_MS = 3000,
	WINDOW_MS = 700, /* while the harm lasts, at least */
	BEFORE_MS = 150, /* of which the first part is not counted */
	ROW_SIZE = 256,
	TOLD_MS = 6000,
	NEW_MS = 1500,
	STEADY = 200,
	STEADY_MS = 10000,
	CROWD = 120,
};

struct fault {
	const char *name;   /* of the manual's row */
	const char *limits; /* in front of the policy; or NULL */
	const char *extra;  /* channels beside those of the fleet; or NULL */
	const char *options[8];
	bool kept;              /* by a service manager */
	const char *audit_full; /* on a disk of its own; or NULL */
	void (*harm)(void);
	void (*repair)(void);  /* NULL: it is over by itself */
	const char *told;      /* alarm, reason or type of event; NULL: it is not told */
	const char *told_open; /* in an open conduit, if that is another */
	const char *or_open;   /* or this, as it happens */
};

static bool under_load;
static struct fleet_count fleet;

/* ---- harms ---- */

static void
kill_inspectors(void)
{
	harm_signal_inspectors(SIGKILL);
}

static void
stop_inspectors(void)
{
	harm_signal_inspectors(SIGSTOP);
}

static void
wake_inspectors(void)
{
	harm_signal_inspectors(SIGCONT);
}

static void
crowd_of_connections(void)
{
	harm_crowd(CROWD, PLC1, 502, message_read, sizeof(message_read));
}

static void
crowd_of_states(void)
{
	uint8_t request[BENCH_MESSAGE_MAX];
	const struct bench_protocol *dnp3 = &bench_protocols[1];

	harm_crowd(CROWD, RTU1, fleet_port(dnp3->name), request, bench_request(dnp3, 0, request));
}

/* Answers of 259 bytes each, of which nobody says that they have come. */
static void
crowd_of_bytes(void)
{
	enum { REQUESTS = 8, SIZE = 12 };
	static uint8_t requests[REQUESTS * SIZE];

	for (unsigned i = 0; i < REQUESTS; i++)
		memcpy(&requests[i * SIZE],
		    (uint8_t[SIZE]){0, (uint8_t)i, 0, 0, 0, 6, 1, 3, 0, 0, 0, 125}, SIZE);
	harm_crowd(CROWD, PLC1, 502, requests, sizeof(requests));
}

static void
starve(void)
{
	harm_starve(true);
	gate_signal(SIGHUP);
}

static void
feed(void)
{
	harm_starve(false);
}

static void
leave_readers(void)
{
	const char *arguments[] = {SLUICE, "events", "--control", lab_path("control"), NULL};
	pid_t reader = lab_start(LAB_GATEWAY, "events", arguments);

	lab_sleep_ms(100);
	lab_stop(reader, SIGKILL);
	lab_shell(LAB_GATEWAY, "kill -KILL $(pgrep -x sluiced:log -P %d)", (int)gate_pid());
}

static void
kill_supervisor(void)
{
	gate_signal(SIGKILL);
}

static void
kill_supervisor_for_good(void)
{
	gate_stop(SIGKILL);
}

static void
stop_daemon(void)
{
	gate_stop(SIGTERM);
}

static void
start_daemon(void)
{
	gate_start(lab_path("life.conf"), NULL);
}

static void
shut_door(void)
{
	lab_shell(LAB_GATEWAY, "ip link set eth1 down");
}

static void
open_door(void)
{
	lab_shell(LAB_GATEWAY,
	    "ip link set eth1 up; ip -6 addr replace fd00:20::1/64 dev eth1 nodad; "
	    "ip -6 route replace fd00:20::/64 dev eth1");
}

/* Switched off and on: nothing is forwarded before the network is up. */
static void
boot(void)
{
	shut_door();
	gate_stop(SIGTERM);
	lab_shell(LAB_GATEWAY, "nft delete table inet sluice; conntrack -F >/dev/null 2>&1");
	gate_run((const char *[]){"--boot", "-c", lab_path("life.conf"), NULL});
	open_door();
}

static void
reload(void)
{
	gate_signal(SIGHUP);
}

static void
upgrade(void)
{
	life_sluice("restart", NULL);
}

/* Its power fails and comes back; it knows nothing of its connections. */
static void
switch_controllers_off(void)
{
	lab_shell(LAB_PUMPS, "ip link set eth0 down");
	fleet_servers_stop();
}

static void
switch_controllers_on(void)
{
	fleet_servers_start();
	lab_shell(LAB_PUMPS,
	    "ip link set eth0 up; ip route replace default via 10.20.0.1; "
	    "for h in 11 12 31; do ip -6 addr replace fd00:20::$h/64 dev eth0 nodad; done; "
	    "ip -6 route replace default via fd00:20::1");
}

/* ---- cells ---- */

static const char crowd_of_dnp3[] =
    ", { name = \"crowd\"; clients = [\"attacker\"]; servers = [\"rtu1\"]; protocol = \"dnp3\"; "
    "port = 5501; rules: ( { access = [\"read\"]; } ); }";

static void
start(const struct fault *fault, const char *when_down)
{
	char extra[8192];
	const struct gate_policy policy = {.when_down = when_down,
	    .clients = "\"hmi\", \"attacker\", \"" HARM_STRIKER "\"",
	    .extra = extra};

	snprintf(extra, sizeof(extra), "%s%s", fleet_channels(), fault->extra ? fault->extra : "");
	if (fault->audit_full) {
		life_start_on_small_disk(fault->audit_full, &policy);
		return;
	}
	gate_write_policy("life.conf", &policy);
	if (fault->limits)
		assert_int_equal(lab_shell(LAB_GATEWAY, "echo 'limits: { %s };' >>%s",
				     fault->limits, lab_path("life.conf")),
		    0);
	if (fault->kept)
		gate_start_kept(lab_path("life.conf"), fault->options);
	else
		gate_start(lab_path("life.conf"), fault->options);
}

static void
end_load(void)
{
	if (!under_load)
		return;
	under_load = false;
	harm_strike_stop();
	fleet_stop();
	harm_crowd_leave();
	harm_empty_tracking();
}

static bool
is_told(size_t before, const char *word)
{
	char text[64];

	snprintf(text, sizeof(text), "\"%s\"", word);
	return lab_file_wait(gate_events(), before, text, TOLD_MS);
}

/* Has the manual that line? */
static bool
manual_has(const char *row)
{
	char *manual = lab_file_read(MANUAL, 0), line[ROW_SIZE + 8];
	bool has;

	snprintf(line, sizeof(line), "\n%s\n", row);
	has = strstr(manual, line) != NULL;
	free(manual);
	return has;
}

/* A client that comes now is served. */
static bool
takes_new(void)
{
	int fd = client_connect(PLC1, NEW_MS);
	bool answered = fd >= 0 && life_reads(fd, NEW_MS);

	if (fd >= 0)
		client_close(fd);
	return answered;
}

/* Afterwards all is as before. */
static void
works_again(void)
{
	lab_sleep_ms(300); /* what passed unjudged has arrived by now */
	device_clear(PLC1);
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

static void
look(const struct fault *fault, const char *when_down, char *ret_row)
{
	size_t before;
	unsigned answered;
	bool passed, told;
	const char *permitted, *word = fault->told;
	char either[64];

	if (fault->told_open && strcmp(when_down, "open") == 0)
		word = fault->told_open;
	start(fault, when_down);
	before = lab_file_size(gate_events());
	fleet_start(&fleet);
	harm_strike_start();
	under_load = true;
	assert_true(fleet_wait(&fleet, STEADY, STEADY_MS));
	life_unharmed();
	fault->harm();
	lab_sleep_ms(BEFORE_MS);
	answered = fleet.answered;
	lab_sleep_ms(WINDOW_MS);
	permitted = fleet.answered == answered ? "waits" : takes_new() ? "goes on" : "old only";
	passed = device_read(PLC1, 50) != 0;
	if (fault->repair)
		fault->repair();
	told = word && is_told(before, word);
	if (word && word == fault->told_open && fault->or_open) {
		told = told || is_told(before, fault->or_open);
		snprintf(either, sizeof(either), "%s or %s", word, fault->or_open);
		word = either;
	}
	end_load();
	snprintf(ret_row, ROW_SIZE, ".It %s Ta %s Ta %s Ta %s Ta %s Ta %s", fault->name, when_down,
	    passed ? "passes" : "stopped", permitted, fleet.broken > 0 ? "connections" : "nothing",
	    told ? word : "\\(en");
	print_message("# %s: asked %u, answered %u, connections ended %u, late %u, slowest %u ms\n",
	    ret_row, fleet.asked, fleet.answered, fleet.broken, fleet.late, fleet.slowest_ms);
}

static void
cell(const struct fault *fault, const char *when_down)
{
	char row[ROW_SIZE];

	look(fault, when_down, row);
	works_again();
	if (fault->audit_full)
		life_end_on_small_disk();
	if (!manual_has(row))
		fail_msg("sluiced(8) has not this line, which is what was seen:\n%s", row);
}

/* In this order they are in the manual. */
#define FAULTS(X)                                                                                  \
	X(inspector_crash, .name = "inspector crash", .harm = kill_inspectors,                     \
	    .told = "inspector-died")                                                              \
	X(inspector_stuck, .name = "stuck inspector", .options = {"--watchdog", "2"},              \
	    .harm = stop_inspectors, .told = "inspector-died")                                     \
	X(queue_overflow, .name = "queue overflow",                                                \
	    .options = {"--watchdog", "0", "--inspectors", "1", "--queue-length", "24"},           \
	    .harm = stop_inspectors, .repair = wake_inspectors, .told = "queue-overflow",          \
	    .told_open = "stream-bypassed", .or_open = "stream-gap")                               \
	X(flow_table_full, .name = "flow table full", .limits = "flows = 160; ",                   \
	    .options = {"--inspectors", "1"}, .harm = crowd_of_connections,                        \
	    .told = "flow-table-full")                                                             \
	X(state_full, .name = "dissector state full", .limits = "states = 64; ",                   \
	    .extra = crowd_of_dnp3, .options = {"--inspectors", "1"}, .harm = crowd_of_states,     \
	    .told = "state-full")                                                                  \
	X(held_full, .name = "held bytes full", .limits = "held_bytes = 65536; ",                  \
	    .options = {"--inspectors", "1"}, .harm = crowd_of_bytes, .told = "held-full")         \
	X(out_of_memory, .name = "out of memory", .harm = starve, .repair = feed,                  \
	    .told = "reload-failed")                                                               \
	X(disk_full, .name = "event disk full", .audit_full = "continue", .harm = life_fill_disk,  \
	    .repair = life_make_room, .told = "events-unwritten")                                  \
	X(disk_full_deny, .name = "event disk full, denying", .audit_full = "deny",                \
	    .harm = life_fill_disk, .repair = life_make_room, .told = "events-unwritten")          \
	X(reader_gone, .name = "log reader gone", .harm = leave_readers, .told = "listener-died")  \
	X(supervisor_killed, .name = "supervisor killed", .kept = true, .harm = kill_supervisor,   \
	    .told = "start")                                                                       \
	X(supervisor_killed_for_good, .name = "supervisor killed for good",                        \
	    .harm = kill_supervisor_for_good, .repair = start_daemon, .told = "start")             \
	X(daemon_stopped, .name = "daemon stopped", .harm = stop_daemon, .repair = start_daemon,   \
	    .told = "stop")                                                                        \
	X(booting, .name = "boot", .harm = boot, .repair = start_daemon, .told = "start")          \
	X(reloading, .name = "reload", .harm = reload, .told = "reload")                           \
	X(upgrading, .name = "upgrade", .harm = upgrade, .told = "start")                          \
	X(tracking_full, .name = "conntrack table full", .harm = harm_fill_tracking,               \
	    .repair = harm_empty_tracking, .told = "tracking-full")                                \
	X(interface_down, .name = "interface down and up", .harm = shut_door, .repair = open_door) \
	X(controller_reboot, .name = "controller reboot", .harm = switch_controllers_off,          \
	    .repair = switch_controllers_on)

/* clang-format off */
#define FAULT(word, ...) static const struct fault fault_##word = {__VA_ARGS__};
FAULTS(FAULT)
/* clang-format on */

static void
closed(void **state)
{
	cell(*state, "closed");
}

static void
open_(void **state)
{
	cell(*state, "open");
}

static int
tear_down(void **state)
{
	end_load();
	return life_tear_down(state);
}

/* No row but these: as many as there are cells. */
static void
manual_has_no_other_rows(void **state)
{
	char *manual = lab_file_read(MANUAL, 0);
	size_t count = 0;

	for (const char *at = manual; (at = strstr(at, " Ta closed Ta ")) != NULL; at++)
		count++;
	for (const char *at = manual; (at = strstr(at, " Ta open Ta ")) != NULL; at++)
		count++;
	free(manual);
	assert_int_equal(count, life_faults_closed_count - 1 + life_faults_open_count);
}

#define CELL(word, run) {#word, run, life_set_up, tear_down, (void *)(uintptr_t)&fault_##word},
#define CLOSED(word, ...) CELL(word, closed)
#define OPEN(word, ...) CELL(word, open_)

/* clang-format off */
const struct CMUnitTest life_faults_closed_tests[] = {
    FAULTS(CLOSED)
    LIFE_TEST(manual_has_no_other_rows),
};
const struct CMUnitTest life_faults_open_tests[] = {
    FAULTS(OPEN)
};
/* clang-format on */
const size_t life_faults_closed_count =
    sizeof(life_faults_closed_tests) / sizeof(life_faults_closed_tests[0]);
const size_t life_faults_open_count =
    sizeof(life_faults_open_tests) / sizeof(life_faults_open_tests[0]);
