/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Life: what tests of the daemon's life share; the lists are in life_*.c, the program is life.c. */
#ifndef SLUICE_LIFE_H
#define SLUICE_LIFE_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "device.h"
#include "gate.h"
#include "lab.h"
#include "raw.h"

/* Nothing forbidden has been written. */
void life_unharmed(void);

/* The policy of the file life.conf, written and started. */
void life_start(const struct gate_policy *policy, const char *const *more);

/* A connection that works, or the test fails. */
int life_connect(void);

/* Reads and is answered. */
bool life_reads(int fd, unsigned ms);

/* A new connection that sends the forbidden write in two pieces, `between` being called after the
 * first. */
void life_attack(void (*between)(void));

/* Does the gateway have our table? */
bool life_table(void);

/* The beginning of a shell command that runs a copy of the program as nobody, wherever the build
 * is. */
const char *life_as_nobody(const char *program);

extern const struct CMUnitTest life_start_tests[];
extern const size_t life_start_count;
/* sluiced refuses to start, and what it says names `word`. */
void life_refuses(const char *const *arguments, const char *word);

/* Our table lets nothing through, whoever asks: the conduit's client or a stranger. */
void life_shut(void);

extern const struct CMUnitTest life_failed_tests[];
extern const size_t life_failed_count;
extern const struct CMUnitTest life_crash_tests[];
extern const size_t life_crash_count;
extern const struct CMUnitTest life_reload_tests[];
extern const size_t life_reload_count;
extern const struct CMUnitTest life_restart_tests[];
extern const size_t life_restart_count;
extern const struct CMUnitTest life_table_tests[];
extern const size_t life_table_count;
extern const struct CMUnitTest life_links_tests[];
extern const size_t life_links_count;
extern const struct CMUnitTest life_shares_tests[];
extern const size_t life_shares_count;
extern const struct CMUnitTest life_storm_tests[];
extern const size_t life_storm_count;
extern const struct CMUnitTest life_told_tests[];
extern const size_t life_told_count;

extern const struct CMUnitTest life_change_tests[];
extern const size_t life_change_count;
extern const struct CMUnitTest life_isolate_tests[];
extern const size_t life_isolate_count;

/* Run the tool with the daemon's control socket, words ended by NULL; its exit status.  What it has
 * said is in the files sluice.out and sluice.err of the laboratory, which begin anew. */
int life_sluice(const char *command, ...) __attribute__((sentinel));

/* Has the tool said that, on standard output or standard error? */
bool life_said(const char *text);

extern const struct CMUnitTest life_boot_tests[];
extern const size_t life_boot_count;
extern const struct CMUnitTest life_audit_tests[];
extern const size_t life_audit_count;

/* A gateway whose events are on a file system of their own, `usual` with more in front of it; fill
 * that, so that events can't be written; give it room again, and end it. */
void life_start_on_small_disk(const char *audit_full, const struct gate_policy *usual);
void life_fill_disk(void);
void life_make_room(void);
void life_end_on_small_disk(void);

extern const struct CMUnitTest life_faults_closed_tests[];
extern const size_t life_faults_closed_count;
extern const struct CMUnitTest life_faults_open_tests[];
extern const size_t life_faults_open_count;
extern const struct CMUnitTest life_roles_tests[];
extern const size_t life_roles_count;
extern const struct CMUnitTest life_first_tests[];
extern const size_t life_first_count;

int life_set_up(void **state);
int life_tear_down(void **state);

#define LIFE_TEST(function)                                            \
	{                                                              \
#function, function, life_set_up, life_tear_down, NULL \
	}

#endif
