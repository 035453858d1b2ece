/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inspectors that are killed, stopped or drowned. See life.h. */
#include "life.h"

#include <stdio.h>

#include "harm.h"

enum { REQUEST_MS = 1500, SILENCE_MS = 500, KILLS = 6, RESTART_MS = 5000, FLOOD = 300 };

/* A message that an inspector can't stand, if it has deadly.so. */
static const uint8_t deadly[12] = {0xde, 0xad, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10};

static void
kill_inspectors(void)
{
	harm_signal_inspectors(SIGKILL);
}

/* Is everyone who inspects somebody else than before? */
static bool
replaced_within(const pid_t *before, size_t count, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;
	pid_t now[GATE_INSPECTORS_MAX];

	for (;;) {
		size_t here = gate_inspectors(now), old = 0;

		for (size_t i = 0; i < here; i++)
			for (size_t j = 0; j < count; j++)
				old += now[i] == before[j];
		if (here == count && old == 0)
			return true;
		if (lab_now_ms() > end)
			return false;
		lab_sleep_ms(1);
	}
}

/* How long it takes is said, and not judged: that depends on what else the machine has to do. */
static void
killed_inspectors_are_replaced_at_once(void **state)
{
	pid_t before[GATE_INSPECTORS_MAX];
	size_t count, offset = lab_file_size(gate_events());
	uint64_t start;

	life_start(&(struct gate_policy){0}, NULL);
	count = gate_inspectors(before);
	start = lab_now_ms();
	kill_inspectors();
	assert_true(replaced_within(before, count, RESTART_MS));
	print_message("# replaced after %u ms\n", (unsigned)(lab_now_ms() - start));
	assert_true(gate_note_wait(offset, "alarm", 1000));
	client_close(life_connect());
}

/* Does the capture hold a packet that ends in these bytes, and does `sluice replay` read it, as a
 * packet of a connection that it has not seen begin? */
static bool
is_kept(const char *name, const uint8_t *bytes, size_t length)
{
	uint8_t file[2048];
	char path[512];
	FILE *stream;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", gate_state(), name);
	stream = fopen(path, "r");
	if (!stream)
		return false;
	size = fread(file, 1, sizeof(file), stream);
	fclose(stream);
	return size > length && memcmp(&file[size - length], bytes, length) == 0 &&
	    lab_shell(LAB_GATEWAY, "%s replay %s %s | grep -q 'stream-middle'", SLUICE,
		lab_path("life.conf"), path) == 0;
}

/* A message that an inspector can't stand: it is recorded and its connection ends; others go on. */
static void
deadly_message_ends_its_connection_only(void **state)
{
	pid_t before[GATE_INSPECTORS_MAX];
	size_t offset = lab_file_size(gate_events());
	int other, victim;

	setenv("LD_PRELOAD", DEADLY, 1);
	life_start(&(struct gate_policy){0}, (const char *[]){"--inspectors", "1", NULL});
	unsetenv("LD_PRELOAD");
	other = life_connect();
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(gate_inspectors(before), 1);
		victim = life_connect();
		assert_false(client_ask(victim, deadly, SILENCE_MS, NULL));
		assert_true(replaced_within(before, 1, RESTART_MS));
		assert_false(life_reads(victim, SILENCE_MS));
		client_close(victim);
		assert_true(life_reads(other, REQUEST_MS));
	}
	client_close(other);
	assert_true(gate_note_wait(offset, "crash", REQUEST_MS));
	assert_true(lab_file_wait(gate_events(), offset, "\"capture\":\"deadly-1.pcap\"", 0));
	assert_true(is_kept("deadly-0.pcap", deadly, sizeof(deadly)));
	assert_true(lab_file_wait(gate_events(), offset, "\"alarm\":\"inspector-died\"", 0));
	assert_true(lab_file_wait(gate_events(), offset, "dead0000000601030000000a\"", 0));
}

static void
say_deadly(unsigned times)
{
	pid_t before[GATE_INSPECTORS_MAX];

	while (times-- > 0) {
		int victim = life_connect();

		assert_int_equal(gate_inspectors(before), 1);
		assert_false(client_ask(victim, deadly, SILENCE_MS, NULL));
		assert_true(replaced_within(before, 1, RESTART_MS));
		client_close(victim);
	}
}

/* Nothing of that peer's gets to an inspector, nor past one; all others are served. */
static void
assert_barred(int other)
{
	assert_true(client_connect(PLC1, SILENCE_MS) < 0);
	assert_true(life_reads(other, REQUEST_MS));
	assert_int_equal(life_sluice("status", NULL), 1);
	assert_true(life_said("10.10.0.5 has killed inspectors"));
	assert_false(life_said("10.10.0.9 has killed inspectors"));
}

/* Three deaths by one peer: it is kept out for a while, through repairs and reloads. */
static void
bar_peer(const char *when_down)
{
	size_t offset = lab_file_size(gate_events());
	int other;

	setenv("LD_PRELOAD", DEADLY, 1);
	life_start(&(struct gate_policy){.when_down = when_down,
		       .clients = "\"hmi\", \"" HARM_STRIKER "\""},
	    (const char *[]){"--inspectors", "1", NULL});
	unsetenv("LD_PRELOAD");
	other = client_connect_from(HARM_STRIKER, PLC1, REQUEST_MS);
	say_deadly(2);
	client_close(life_connect());
	assert_false(lab_file_wait(gate_events(), offset, "\"peer-barred\"", 0));
	say_deadly(1);
	assert_true(lab_file_wait(gate_events(), offset,
	    "\"peer-barred\",\"peer\":\"10.10.0.5\",\"seconds\":\"600\",\"way_back\"", REQUEST_MS));
	assert_barred(other);
	offset = lab_file_size(gate_events());
	lab_shell(LAB_GATEWAY, "nft flush ruleset");
	assert_true(lab_file_wait(gate_events(), offset, "put right", RESTART_MS));
	assert_barred(other);
	gate_signal(SIGHUP);
	assert_true(gate_note_wait(offset, "reload", RESTART_MS));
	assert_barred(other);
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "nft list set inet sluice barred4 | "
			     "grep -q '10.10.0.5 timeout .* expires '"),
	    0);
	assert_int_equal(life_sluice("restart", NULL), 0); /* the way back */
	client_close(life_connect());
	assert_true(life_reads(other, REQUEST_MS));
	client_close(other);
	life_attack(NULL);
	life_unharmed();
}

static void
peer_that_kills_again_and_again_is_barred(void **state)
{
	bar_peer("closed");
}

static void
peer_is_barred_from_an_open_conduit_too(void **state)
{
	bar_peer("open");
}

/* Whoever inspects has no rights, no files and no way to get any. */
static void
inspectors_have_nothing_but_their_queue(void **state)
{
	static const char *const lines[] = {"Uid:\t65534\t65534\t65534\t65534$",
	    "CapEff:\t0000000000001000$", "CapPrm:\t0000000000001000$",
	    "CapInh:\t0000000000000000$", "CapAmb:\t0000000000000000$",
	    "CapBnd:\t0000000000000000$", "NoNewPrivs:\t1$", "Seccomp:\t2$"};
	pid_t pids[GATE_INSPECTORS_MAX];
	size_t count;

	life_start(&(struct gate_policy){0}, (const char *[]){"--inspectors", "3", NULL});
	count = gate_inspectors(pids);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < sizeof(lines) / sizeof(lines[0]); k++)
			if (lab_shell(LAB_GATEWAY, "grep -q '^%s' /proc/%d/status", lines[k],
				(int)pids[i]) != 0)
				fail_msg("not %s", lines[k]);
		assert_int_equal(
		    lab_shell(LAB_GATEWAY, "test -z \"$(ls -A /proc/%d/root/)\"", (int)pids[i]), 0);
		/* standard ones, queue, three sockets that only send, events, orders */
		assert_int_equal(
		    lab_shell(LAB_GATEWAY, "test $(ls /proc/%d/fd | wc -l) = 9", (int)pids[i]), 0);
	}
}

/* Under load, again and again: pollers live on, nothing forbidden passes. */
static void
killed_inspectors_lose_no_connection(void **state)
{
	struct poller pollers[3];

	life_start(&(struct gate_policy){0}, NULL);
	for (size_t i = 0; i < 3; i++)
		poller_start(&pollers[i], PLC1);
	for (unsigned i = 0; i < KILLS; i++) {
		assert_true(poller_wait(&pollers[i % 3], 20, 5000));
		kill_inspectors();
		life_attack(i % 2 ? kill_inspectors : NULL);
		life_unharmed();
		lab_sleep_ms(1200); /* not so often that it looks like a crash loop */
	}
	for (size_t i = 0; i < 3; i++) {
		assert_true(poller_wait(&pollers[i], 20, 5000));
		poller_stop(&pollers[i]);
		assert_int_equal(pollers[i].failed, 0);
	}
}

/* The first half was let through by one inspector; its successor must know that. */
static void
killed_in_the_middle_of_a_message(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	life_attack(kill_inspectors);
	life_unharmed();
	client_close(life_connect());
}

static void
stopped_inspectors_let_nothing_pass(void **state)
{
	int fd;

	life_start(&(struct gate_policy){0}, (const char *[]){"--watchdog", "0", NULL});
	fd = life_connect();
	harm_signal_inspectors(SIGSTOP);
	assert_false(life_reads(fd, SILENCE_MS));
	life_attack(NULL);
	life_unharmed();
	harm_signal_inspectors(SIGCONT);
	lab_sleep_ms(SILENCE_MS);
	life_unharmed();
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
}

/* An open conduit does not wait for ever: a full queue lets pass what layer 3 and 4 permit. */
static void
stopped_inspectors_of_an_open_conduit(void **state)
{
	bool answered = false;
	int fds[8];

	life_start(&(struct gate_policy){.when_down = "open"},
	    (const char *[]){"--watchdog", "0", "--queue-length", "2", NULL});
	for (size_t i = 0; i < 8; i++)
		fds[i] = life_connect();
	harm_signal_inspectors(SIGSTOP);
	for (unsigned turn = 0; turn < 4; turn++)
		for (size_t i = 0; i < 8; i++)
			answered = life_reads(fds[i], 200) || answered;
	assert_true(answered);
	assert_true(client_connect_from("10.10.0.20", PLC1, 500) < 0);
	harm_signal_inspectors(SIGCONT);
	for (size_t i = 0; i < 8; i++)
		client_close(fds[i]);
}

/* One that stands still while packets wait is replaced, and the connection goes on. */
static void
stopped_inspectors_are_replaced_by_the_watchdog(void **state)
{
	pid_t before[GATE_INSPECTORS_MAX];
	size_t count;
	int fd;

	life_start(&(struct gate_policy){0},
	    (const char *[]){"--watchdog", "1", "--inspectors", "1", NULL});
	fd = life_connect();
	count = gate_inspectors(before);
	harm_signal_inspectors(SIGSTOP);
	assert_false(life_reads(fd, 100));
	assert_true(replaced_within(before, count, 6000));
	client_close(fd);
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

/* More packets than the queue has room for, half of them forbidden; the inspectors sleep, then wake
 * up. */
static void
overflowing_queue_lets_nothing_pass(void **state)
{
	size_t offset = lab_file_size(gate_events());
	struct raw raws[4];
	int fd;

	life_start(&(struct gate_policy){0},
	    (const char *[]){"--watchdog", "0", "--queue-length", "8", NULL});
	fd = life_connect();
	for (size_t i = 0; i < 4; i++) {
		raw_open(&raws[i], PLC1, 502);
		assert_true(raw_connect(&raws[i], false));
	}
	harm_signal_inspectors(SIGSTOP);
	for (unsigned i = 0; i < FLOOD; i++)
		raw_data(&raws[i % 4], 0, message_forbidden, 12);
	life_unharmed();
	harm_signal_inspectors(SIGCONT);
	assert_true(gate_note_wait(offset, "alarm", 5000));
	lab_sleep_ms(SILENCE_MS);
	life_unharmed();
	assert_true(life_reads(fd, 4000));
	for (size_t i = 0; i < 4; i++)
		raw_close(&raws[i]);
	client_close(fd);
}

const struct CMUnitTest life_crash_tests[] = {
    LIFE_TEST(killed_inspectors_are_replaced_at_once),
    LIFE_TEST(deadly_message_ends_its_connection_only),
    LIFE_TEST(peer_that_kills_again_and_again_is_barred),
    LIFE_TEST(peer_is_barred_from_an_open_conduit_too),
    LIFE_TEST(inspectors_have_nothing_but_their_queue),
    LIFE_TEST(killed_inspectors_lose_no_connection),
    LIFE_TEST(killed_in_the_middle_of_a_message),
    LIFE_TEST(stopped_inspectors_let_nothing_pass),
    LIFE_TEST(stopped_inspectors_of_an_open_conduit),
    LIFE_TEST(stopped_inspectors_are_replaced_by_the_watchdog),
    LIFE_TEST(overflowing_queue_lets_nothing_pass),
};
const size_t life_crash_count = sizeof(life_crash_tests) / sizeof(life_crash_tests[0]);
