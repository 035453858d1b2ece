/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bench of the firewall in its place: transactions a second through the gateway, for each protocol.
 *
 *   lab.sh bench_net [--quick]
 *
 * Three gateways in turn, in several rounds: rules that accept what is established (plain), a
 * program that accepts all packets from a queue (accept-all), and Sluice.  Ratios are those of one
 * round; the tables show medians over the rounds.  The CPU time is that of the processes behind the
 * queue, kernel work on their account included.
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

enum { ROUNDS_MAX = 11, QUEUE = 100, QUEUES = 2, CHANNELS = 10000, PIDS_MAX = 20, MODBUS = 0 };

enum yardstick { PLAIN = 0, ACCEPT_ALL, SLUICE, SLUICE_LARGE, ACCEPT_CARRYING, YARDSTICKS };

static const unsigned connections[] = {1, 16, 64};
enum { SIZES = sizeof(connections) / sizeof(connections[0]), SIZE_16 = 1 };

struct measurement {
	double per_second;
	double cpu_us; /* for each transaction */
};

static struct measurement results[BENCH_PROTOCOLS][YARDSTICKS][SIZES][ROUNDS_MAX];
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
plain_start(unsigned round)
{
	(void)round;
	gateway_command(
	    "nft 'table inet plain { chain forward { type filter hook forward priority 0; policy "
	    "drop; "
	    "ct state established,related accept; "
	    "ct state new tcp dport { 102, 502, 20000 } accept; }; }'");
	engine_count = 0;
}

static void
plain_stop(void)
{
	gateway_command("nft flush ruleset");
}

static void
start_queues(const char *how)
{
	engine_count = QUEUES;
	for (unsigned i = 0; i < QUEUES; i++) {
		char number[16];

		snprintf(number, sizeof(number), "%u", QUEUE + i);
		engine_pids[i] = lab_start(LAB_GATEWAY, "accept_all",
		    (const char *[]){ACCEPT_ALL_PROGRAM, number, how, NULL});
	}
	lab_sleep_ms(100);
	gateway_command("iptables-nft -A FORWARD -j NFQUEUE --queue-balance 100:101");
}

static void
accept_all_start(unsigned round)
{
	(void)round;
	start_queues(NULL);
}

static void
accept_carrying_start(unsigned round)
{
	(void)round;
	start_queues("carry");
}

static void
accept_all_stop(void)
{
	for (size_t i = 0; i < engine_count; i++)
		lab_stop(engine_pids[i], SIGTERM);
	gateway_command("nft flush ruleset");
}

/* Channels of the other protocols; and pairs of hosts that nobody uses, `count` in all. */
static char *
more_channels(unsigned count)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		lab_fail("no memory");
	for (size_t i = 1; i < BENCH_PROTOCOLS; i++)
		fprintf(out,
		    ",\n{ name = \"%s\"; clients = [\"hmi\"]; servers = [\"plc1\"]; "
		    "protocol = \"%s\"; rules: ( %s ); }",
		    bench_protocols[i].name, bench_protocols[i].name, bench_protocols[i].rules);
	for (unsigned i = BENCH_PROTOCOLS - 1; i < count; i++)
		fprintf(out,
		    ",\n{ name = \"c%u\"; clients = [\"10.10.0.%u\"]; servers = [\"10.20.0.%u\"]; "
		    "protocol = \"modbus\"; "
		    "rules: ( { access = [\"read\"]; } ); }",
		    i, 100 + i % 100, 100 + i / 100);
	fclose(out);
	return text;
}

static void
start_with(unsigned channels, unsigned round)
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
sluice_start(unsigned round)
{
	start_with(10, round);
}

static void
sluice_large_start(unsigned round)
{
	start_with(CHANNELS, round);
}

static void
sluice_stop(void)
{
	gate_stop(SIGTERM);
	gate_flush();
}

static const struct gateway {
	const char *name;
	void (*start)(unsigned round);
	void (*stop)(void);
} gateways[YARDSTICKS] = {
    [PLAIN] = {"plain", plain_start, plain_stop},
    [ACCEPT_ALL] = {"accept-all", accept_all_start, accept_all_stop},
    [SLUICE] = {"sluice", sluice_start, sluice_stop},
    [SLUICE_LARGE] = {"sluice with 10,000 channels", sluice_large_start, sluice_stop},
    [ACCEPT_CARRYING] = {"accept-all, carrying", accept_carrying_start, accept_all_stop},
};

static void
measure(size_t protocol, enum yardstick yardstick, size_t size, unsigned round, unsigned ms)
{
	struct bench_load load = {.protocol = &bench_protocols[protocol],
	    .server = PLC1,
	    .connections = connections[size],
	    .ms = ms,
	    .begin = begin,
	    .end = end};
	struct measurement *m = &results[protocol][yardstick][size][round];
	uint64_t transactions;

	gateways[yardstick].start(round);
	bench_load_name(gateways[yardstick].name, load.protocol, load.connections);
	m->per_second = bench_load_run(&load, &transactions);
	m->cpu_us = cpu_spent * 1e6 / (double)transactions;
	gateways[yardstick].stop();
}

/*
 * What is compared is measured one after the other, so that a machine that gets slower or faster
 * for some seconds does not tell them apart; every second round goes the other way round.
 */
static void
run_round(unsigned round, unsigned ms)
{
	for (size_t i = 0; i < BENCH_PROTOCOLS * SIZES; i++) {
		size_t protocol = i / SIZES, size = i % SIZES;
		size_t count = protocol == MODBUS && size == SIZE_16 ? YARDSTICKS : SLUICE_LARGE;

		for (size_t k = 0; k < count; k++)
			measure(protocol, round % 2 ? count - 1 - k : k, size, round, ms);
	}
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

enum figure { PER_SECOND = 0, CPU_US };

/* Median over the rounds. */
static double
figure(enum figure what, const struct measurement of[ROUNDS_MAX], unsigned rounds)
{
	double values[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++)
		values[i] = what == CPU_US ? of[i].cpu_us : of[i].per_second;
	return median(values, rounds);
}

/* Median over the rounds of one yardstick divided by another of the same round. */
static double
ratio(const struct measurement of[ROUNDS_MAX], const struct measurement to[ROUNDS_MAX],
    unsigned rounds)
{
	double values[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++)
		values[i] = of[i].per_second / to[i].per_second;
	return median(values, rounds);
}

static void
print_protocol(size_t protocol, unsigned rounds)
{
	const struct bench_protocol *p = &bench_protocols[protocol];

	printf("%s: closed-loop %s\n", p->name, p->what);
	printf("%-12s %10s | %10s %8s | %10s %8s | %s\n", "connections", "plain /s", "accept-all",
	    "CPU us", "Sluice", "CPU us", "Sluice / accept-all");
	for (size_t i = 0; i < SIZES; i++) {
		const struct measurement *plain = results[protocol][PLAIN][i],
					 *all = results[protocol][ACCEPT_ALL][i],
					 *sluice = results[protocol][SLUICE][i];

		printf("%-12u %10.0f | %10.2f %8.1f | %10.2f %8.1f | %.2f  aim 0.95%s\n",
		    connections[i], figure(PER_SECOND, plain, rounds), ratio(all, plain, rounds),
		    figure(CPU_US, all, rounds), ratio(sluice, plain, rounds),
		    figure(CPU_US, sluice, rounds), ratio(sluice, all, rounds),
		    i == SIZE_16 ? ", 26 us" : "");
	}
}

static void
print_results(unsigned rounds)
{
	printf("Through the gateway: medians of %u rounds\n", rounds);
	for (size_t i = 0; i < BENCH_PROTOCOLS; i++)
		print_protocol(i, rounds);
	printf("%-58s %8.2f  aim 0.95\n", "10,000 channels / 10 channels, 16 connections",
	    ratio(
		results[MODBUS][SLUICE_LARGE][SIZE_16], results[MODBUS][SLUICE][SIZE_16], rounds));
	printf("%-58s %8.2f\n", "accept-all that carries the packets / without, 16",
	    ratio(results[MODBUS][ACCEPT_CARRYING][SIZE_16], results[MODBUS][ACCEPT_ALL][SIZE_16],
		rounds));
	printf("%-58s %8.0f  aim 2000\n", "ms to put 10,000 channels in force, one transaction",
	    median(load_ms, rounds));
}

int
main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	unsigned rounds = quick ? 3 : 11, ms = quick ? 300 : 700;
	pid_t servers[BENCH_PROTOCOLS];

	lab_init();
	for (size_t i = 0; i < BENCH_PROTOCOLS; i++)
		servers[i] = bench_server_start(&bench_protocols[i]);
	bench_spinners_start();
	for (unsigned i = 0; i < rounds; i++)
		run_round(i, ms);
	bench_spinners_stop();
	for (size_t i = 0; i < BENCH_PROTOCOLS; i++)
		lab_stop(servers[i], SIGKILL);
	print_results(rounds);
	return 0;
}
