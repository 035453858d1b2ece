/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pinger: one question after the other to a server of its own on RTU1, over a plain channel or in
 * datagrams of DNP3, each end in a thread; it keeps count of what got lost.
 */
#ifndef SLUICE_PINGER_H
#define SLUICE_PINGER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { PINGER_DATAGRAMS = 5600 };

struct pinger {
	uint16_t port;
	bool datagrams;
	pthread_t client, server;
	int listener;
	atomic_bool stop;   /* asking */
	atomic_bool closed; /* answering */
	atomic_uint asked;  /* over all times that it was started */
	atomic_uint lost;   /* without an answer within two seconds */
	atomic_uint broken; /* connections that ended */
};

/* The channel of datagrams, for gate_policy.extra; the plain one at port 8080 is there. */
const char *pinger_channels(void);

void pinger_start(struct pinger *pinger);
void pinger_stop(struct pinger *pinger);

#endif
