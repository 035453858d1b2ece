/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Harm: what befalls a gateway under load, one function each: crowds of clients, a kernel without
 * room, a supervisor without memory, doors that shut.
 *
 * Nothing is judged here, and nothing is waited for beyond the harm itself.
 */
#ifndef SLUICE_HARM_H
#define SLUICE_HARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address of the supervision zone that no asset of the tests has. */
#define HARM_STRIKER "10.10.0.9"

/* A client there that sends the forbidden write of client.h on one new connection after the other,
 * in a thread of its own; it goes on until it is stopped. */
void harm_strike_start(void);
void harm_strike_stop(void); /* nothing happens if there is none */

/* The attacker opens so many connections to a server, fewer if it gets no more, says `bytes` on
 * each and acknowledges nothing that is answered; they stay until harm_crowd_leave(). */
enum { HARM_CROWD_MAX = 128 };
void harm_crowd(
    unsigned count, const char *server, uint16_t port, const void *bytes, size_t length);
void harm_crowd_leave(void);

/* Connection tracking of the gateway has no room for another connection, from now on and until
 * then. */
void harm_fill_tracking(void);
void harm_empty_tracking(void); /* nothing happens if it has */

/* The supervisor gets no more memory than it has; or all that there is. */
void harm_starve(bool starve);

/* Signal all inspectors. */
void harm_signal_inspectors(int number);

#endif
