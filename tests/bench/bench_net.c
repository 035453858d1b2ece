/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bench of the firewall in its place: Modbus transactions a second through the gateway.
 *
 *   lab.sh bench_net [--quick]
 *
 * Three gateways in turn, several rounds: rules that accept what is established (plain), a program
 * that accepts all packets from a queue (accept-all), and Sluice.  Ratios are those of one round;
 * the tables show medians over the rounds.  The CPU time is that of the processes behind the queue,
 * kernel work on their account included.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_load.h"
#include "device.h"
#include "gate.h"
#include "lab.h"

enum { ROUNDS_MAX = 9, QUEUE = 100, QUEUES = 2, CHANNELS = 10000, PIDS_MAX = 20 };

enum yardstick { PLAIN = 0, ACCEPT_ALL, SLUICE, SLUICE_LARGE, YARDSTICKS };

static const char *const yardstick_names[] = {
    "plain", "accept-all", "sluice", "sluice with 10,000 channels"};

static const unsigned connections[] = {1, 16, 64};
enum { SIZES = sizeof(connections) / sizeof(connections[0]), SIZE_16 = 1 };

struct measurement {
	double per_second;
	double cpu_us; /* for each transaction */
};

static struct measurement results[YARDSTICKS][SIZES][ROUNDS_MAX];
static double load_ms[ROUNDS_MAX];

static pid_t engine_pids[PIDS_MAX];
static size_t engine_count;
static double cpu_before, cpu_spent;

static double
engine_cpu(void)
{
	double sum = 0;

	for (size_t i = 0; i < engine_count; i++) {
		clockid_t clock;
		struct timespec used;

		if (clock_getcpuclockid(engine_pids[i], &clock) != 0 ||
		    clock_gettime(clock, &used) != 0)
			lab_fail("process %d has gone", (int)engine_pids[i]);
		sum += (double)used.tv_sec + (double)used.tv_nsec / 1e9;
	}
	return sum;
}

static void
begin(void)
{
	cpu_before = engine_cpu();
}

static void
end(void)
{
	cpu_spent = engine_cpu() - cpu_before;
}

static void
gateway_command(const char *command)
{
	if (lab_shell(LAB_GATEWAY, "%s", command) != 0)
		lab_fail("this failed in the gateway: %s", command);
}

static void
plain_start(void)
{
	gateway_command(
	    "nft 'table inet plain { chain forward { type filter hook forward priority 0; policy "
	    "drop; "
	    "ct state established,related accept; ct state new tcp dport 502 accept; }; }'");
	engine_count = 0;
}

static void
accept_all_start(void)
{
	engine_count = QUEUES;
	for (unsigned i = 0; i < QUEUES; i++) {
		char number[16];

		snprintf(number, sizeof(number), "%u", QUEUE + i);
		engine_pids[i] = lab_start(
		    LAB_GATEWAY, "accept_all", (const char *[]){ACCEPT_ALL_PROGRAM, number, NULL});
	}
	lab_sleep_ms(100);
	gateway_command("iptables-nft -A FORWARD -j NFQUEUE --queue-balance 100:101");
}

static void
accept_all_stop(void)
{
	for (size_t i = 0; i < engine_count; i++)
		lab_stop(engine_pids[i], SIGTERM);
	gateway_command("nft flush ruleset");
}

/* More channels: pairs of hosts that nobody uses. */
static char *
more_channels(unsigned count)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		lab_fail("no memory");
	for (unsigned i = 0; i < count; i++)
		fprintf(out,
		    ",\n{ name = \"c%u\"; clients = [\"10.10.0.%u\"]; servers = [\"10.20.0.%u\"]; "
		    "protocol = \"modbus\"; "
		    "rules: ( { access = [\"read\"]; } ); }",
		    i, 100 + i % 100, 100 + i / 100);
	fclose(out);
	return text;
}

static void
sluice_start(unsigned channels, unsigned round)
{
	char *extra = more_channels(channels - 2);
	size_t before;

	gate_start(gate_write_policy("bench.conf", &(struct gate_policy){.extra = extra}), NULL);
	if (channels > 1000) {
		uint64_t start = lab_now_ms();

		before = lab_file_size(gate_events());
		gate_signal(SIGHUP);
		if (!gate_note_wait(before, "reload", 60000))
			lab_fail("%u channels do not load", channels);
		load_ms[round] = (double)(lab_now_ms() - start);
	}
	engine_count = gate_inspectors(engine_pids);
	free(extra);
}

static void
measure(enum yardstick yardstick, size_t size, unsigned round, unsigned ms)
{
	uint64_t transactions;
	struct measurement *m = &results[yardstick][size][round];

	bench_load_name(yardstick_names[yardstick], connections[size]);
	m->per_second = bench_load_run(PLC1, connections[size], ms, begin, end, &transactions);
	m->cpu_us = cpu_spent * 1e6 / (double)transactions;
}

static void
run_round(unsigned round, unsigned ms)
{
	plain_start();
	for (size_t size = 0; size < SIZES; size++)
		measure(PLAIN, size, round, ms);
	gateway_command("nft flush ruleset");
	accept_all_start();
	for (size_t size = 0; size < SIZES; size++)
		measure(ACCEPT_ALL, size, round, ms);
	accept_all_stop();
	sluice_start(10, round);
	for (size_t size = 0; size < SIZES; size++)
		measure(SLUICE, size, round, ms);
	gate_stop(SIGTERM);
	gate_flush();
	sluice_start(CHANNELS, round);
	measure(SLUICE_LARGE, SIZE_16, round, ms);
	gate_stop(SIGTERM);
	gate_flush();
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Median over the rounds of one yardstick divided by another of the same round. */
static double
ratio(enum yardstick of, enum yardstick to, size_t size, unsigned rounds)
{
	double values[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++)
		values[i] = results[of][size][i].per_second / results[to][size][i].per_second;
	return median(values, rounds);
}

static double
cpu(enum yardstick of, size_t size, unsigned rounds)
{
	double values[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++)
		values[i] = results[of][size][i].cpu_us;
	return median(values, rounds);
}

static double
per_second(enum yardstick of, size_t size, unsigned rounds)
{
	double values[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++)
		values[i] = results[of][size][i].per_second;
	return median(values, rounds);
}

static void
print_results(unsigned rounds)
{
	printf("Through the gateway: closed-loop reads of 10 registers, medians of %u rounds\n",
	    rounds);
	printf("%-12s %10s | %10s %8s | %10s %8s | %s\n", "connections", "plain /s", "accept-all",
	    "CPU us", "Sluice", "CPU us", "Sluice / accept-all");
	for (size_t i = 0; i < SIZES; i++)
		printf("%-12u %10.0f | %10.2f %8.1f | %10.2f %8.1f | %.2f  aim 0.95%s\n",
		    connections[i], per_second(PLAIN, i, rounds),
		    ratio(ACCEPT_ALL, PLAIN, i, rounds), cpu(ACCEPT_ALL, i, rounds),
		    ratio(SLUICE, PLAIN, i, rounds), cpu(SLUICE, i, rounds),
		    ratio(SLUICE, ACCEPT_ALL, i, rounds), i == SIZE_16 ? ", 26 us" : "");
	printf("%-58s %8.2f  aim 0.95\n", "10,000 channels / 10 channels, 16 connections",
	    ratio(SLUICE_LARGE, SLUICE, SIZE_16, rounds));
	printf("%-58s %8.0f  aim 2000\n", "ms to put 10,000 channels in force, one transaction",
	    median(load_ms, rounds));
}

int
main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	unsigned rounds = quick ? 3 : 7, ms = quick ? 400 : 1500;
	pid_t server;

	lab_init();
	server = bench_server_start();
	bench_spinners_start();
	for (unsigned i = 0; i < rounds; i++)
		run_round(i, ms);
	bench_spinners_stop();
	lab_stop(server, SIGKILL);
	print_results(rounds);
	return 0;
}
