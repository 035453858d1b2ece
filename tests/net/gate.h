/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gate: what stands in the gateway namespace during a test: nothing, or sluiced with a policy.
 */
#ifndef SLUICE_GATE_H
#define SLUICE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How the gateway stands for the attack lists. */
enum gate {
	GATE_PLAIN = 0, /* a forwarding gateway without a firewall */
	GATE_RESET,     /* enforce, on_deny = "reset" */
	GATE_DROP,      /* enforce, on_deny = "drop" */
	GATE_REFUSE,    /* enforce, on_deny = "refuse" */
	GATE_MONITOR,
};

/* What differs between the policies of the tests; NULL stands for the first word in each comment.
 */
struct gate_policy {
	const char *mode;      /* enforce, monitor */
	const char *on_deny;   /* reset, drop, refuse */
	const char *when_down; /* closed, open */
	const char *pickup;    /* reset, resync */
	const char *settings;  /* more settings of the channel, a semicolon behind each */
	const char *protocol;  /* modbus; another needs rules of its own */
	const char *clients;   /* instead of all clients: a libconfig list without its brackets */
	const char *rules;     /* instead of the usual rules: the same */
	const char *extra;     /* more channels, each with a comma before it */
};

/* Write a policy file into the laboratory's directory; its path. */
const char *gate_write_policy(const char *name, const struct gate_policy *policy);

/* With GATE_MARK_MASK in the environment policies have that mask of marks, and a table of somebody
 * else's sets all other bits and drops what has lost them. */

/* Start sluiced with a policy file and more arguments (NULL: none), and wait until it inspects. */
void gate_start(const char *policy_file, const char *const *more);

/* The same under a keeper (keeper.c), which starts it again whenever it ends, with what it has
 * left. */
void gate_start_kept(const char *policy_file, const char *const *more);

/* The same without a keeper, from a copy of the program at `copy`, which may be replaced. */
void gate_start_copy(const char *copy, const char *policy_file);

/* The process that is sluiced at the moment; 0: none. */
pid_t gate_pid(void);

/* The program that is tested. */
const char *gate_program(void);

/* Run sluiced with arguments ended by NULL and wait; its exit status. What it says is in
 * gate_log(). */
int gate_run(const char *const *arguments);

/* Signal the supervisor. */
void gate_signal(int number);

/* End what gate_start() started; its exit status. Nothing happens if it has ended already. */
int gate_stop(int number);

enum { GATE_INSPECTORS_MAX = 16 };

/* Process ids of the inspectors; their number. */
size_t gate_inspectors(pid_t ret_pids[GATE_INSPECTORS_MAX]);

/* The events file. */
const char *gate_events(void);

/* The directory in which sluiced keeps the last good policy. */
const char *gate_state(void);

/* What sluiced has said: a file of lines. */
const char *gate_log(void);

/* Is there an event with this client port (either side) and reason behind `offset`? Waits for it.
 */
bool gate_event_wait(size_t offset, uint16_t port, const char *reason, bool monitor, unsigned ms);

/* What became of it, by the last event behind `offset` of a denial with this client port: the word
 * of on_deny, newly allocated; NULL if there is none that says so. */
char *gate_event_done(size_t offset, uint16_t port);

/* Is there an event of this type behind `offset`? Waits for it. */
bool gate_note_wait(size_t offset, const char *event_type, unsigned ms);

/* Remove the table by `sluiced --flush`; its exit status. */
int gate_flush(void);

#endif
