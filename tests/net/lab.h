/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lab: the three namespaces of lab.sh, seen from a test program that runs inside it.
 *
 * Sockets, programs and files of a test.  Whatever goes wrong here is the laboratory's fault, not
 * the firewall's, and ends the program at once with a sentence.
 */
#ifndef SLUICE_LAB_H
#define SLUICE_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum lab_place { LAB_SUPERVISION = 0, LAB_GATEWAY, LAB_PUMPS };

/* Say what is wrong with the laboratory and end the program. */
void lab_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* End the program with 77 (skipped), or with the words of TAP if that is asked for; say why. */
void lab_skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Find the namespaces and make a directory for this program's files; skips when there is no
 * laboratory. */
void lab_init(void);

/* Is the gateway a bridge (LAB_BRIDGE, see lab.sh)? */
bool lab_bridged(void);

/* A path in the program's own directory (a good for eight more calls). */
const char *lab_path(const char *name);

/* What this thread opens from now on belongs there. */
void lab_enter(enum lab_place place);

/* Start a program in a namespace, output to files NAME.out and NAME.err of the directory; its
 * process id. */
pid_t lab_start(enum lab_place place, const char *name, const char *const argv[]);

/* The same and wait for it; its exit status, or 128 + signal. */
int lab_run(enum lab_place place, const char *name, const char *const argv[]);

/* A shell command in a namespace; its exit status. */
int lab_shell(enum lab_place place, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* End a program that was started here; its exit status. SIGKILL follows after two seconds. */
int lab_stop(pid_t pid, int signal_number);

/* A socket of a namespace. */
int lab_socket(enum lab_place place, int domain, int type, int protocol);

uint64_t lab_now_ms(void);
void lab_sleep_ms(unsigned ms);

/* Size of a file, 0 if there is none. */
size_t lab_file_size(const char *path);

/* What a file holds behind `offset`, newly allocated and ended by a zero. Never NULL. */
char *lab_file_read(const char *path, size_t offset);

/* Wait until the file holds the text behind `offset`. */
bool lab_file_wait(const char *path, size_t offset, const char *text, unsigned timeout_ms);

void lab_file_write(const char *path, const char *text);

#endif
