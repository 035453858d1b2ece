/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bench load: both ends of a closed-loop load of one protocol, each connection with one request at
 * a time.
 *
 * The two ends are as cheap as they can be, so that what stands between them is what is measured.
 */
#ifndef SLUICE_BENCH_LOAD_H
#define SLUICE_BENCH_LOAD_H

#include <stdint.h>
#include <sys/types.h>

#include "bench_protocol.h"

enum { BENCH_CONNECTIONS_MAX = 256 };

/* Start a server in the pumps namespace, on the protocol's port of every address. Its process. */
pid_t bench_server_start(const struct bench_protocol *protocol);

/* What is measured next, for messages. */
void bench_load_name(const char *name, const struct bench_protocol *protocol, unsigned connections);

struct bench_load {
	const struct bench_protocol *protocol;
	const char *server;
	unsigned connections;
	unsigned ms;
	void (*begin)(void); /* called when the measured time begins and ends */
	void (*end)(void);
};

/*
 * Connect from the supervision namespace, warm up, and return the transactions a second.
 * *ret_transactions: how many there were in the measured time.
 */
double bench_load_run(const struct bench_load *load, uint64_t *ret_transactions);

/* Start a process of idle priority on each CPU that never rests, so that virtual CPUs are not
 * halted. */
void bench_spinners_start(void);
void bench_spinners_stop(void);

#endif
