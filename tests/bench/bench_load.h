/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bench load: both ends of a closed-loop Modbus load, each connection with one read at a time.
 *
 * The two ends are as cheap as they can be, so that what stands between them is what is measured.
 */
#ifndef SLUICE_BENCH_LOAD_H
#define SLUICE_BENCH_LOAD_H

#include <stdint.h>
#include <sys/types.h>

enum { BENCH_CONNECTIONS_MAX = 256 };

/* Start a server in the pumps namespace, port 502 of every address; answers reads of 10 registers.
 * Its process. */
pid_t bench_server_start(void);

/* What is measured next, for messages. */
void bench_load_name(const char *name, unsigned connections);

/*
 * Connect from the supervision namespace, warm up, and return the transactions a second over `ms`.
 * `begin` and `end` are called when the measured time begins and ends.  *ret_transactions: how many
 * there were in it.
 */
double bench_load_run(const char *server, unsigned connections, unsigned ms, void (*begin)(void),
    void (*end)(void), uint64_t *ret_transactions);

/* Start a process of idle priority on each CPU that never rests, so that virtual CPUs are not
 * halted. */
void bench_spinners_start(void);
void bench_spinners_stop(void);

#endif
