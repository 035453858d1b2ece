/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Client: a Modbus client of the supervision zone on a kernel socket, one request at a time; and a
 * poller, which is one that reads a hundred times a second in a thread of its own and keeps count.
 */
#ifndef SLUICE_CLIENT_H
#define SLUICE_CLIENT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One read of 10 registers, and 12 bytes each of it, a permitted and a forbidden write. */
extern const uint8_t message_read[12];
extern const uint8_t message_permitted[12];
extern const uint8_t message_forbidden[12];
enum { READ_RESPONSE_SIZE = 29, WRITE_RESPONSE_SIZE = 12 };

/* From the HMI, connect to port 502 of an IPv4 address; -1 if there is no answer within the time.
 */
int client_connect(const char *server, unsigned ms);

/* The same from another address of the zone; 10.10.0.20 is one that no channel of the tests names.
 */
int client_connect_from(const char *own, const char *server, unsigned ms);

/* Send 12 bytes and wait for an answer: true if there was one. `ret_error` (may be NULL): 0 or the
 * socket's error. */
bool client_ask(int fd, const uint8_t request[12], unsigned ms, int *ret_error);

/* Segments that the kernel had to send again on this connection. */
unsigned client_retransmissions(int fd);

/* End a connection at once. */
void client_close(int fd);

struct poller {
	pthread_t thread;
	const char *server;
	atomic_bool stop;
	atomic_uint answered;
	atomic_uint
	    failed; /* requests without an answer within two seconds, and broken connections */
	atomic_uint retransmissions; /* what packets got lost, counted by the kernel */
	atomic_uint slowest_ms;
};

void poller_start(struct poller *poller, const char *server);

/* Wait until so many more answers have come; false if they don't within the time. */
bool poller_wait(struct poller *poller, unsigned answers, unsigned ms);

void poller_stop(struct poller *poller);

#endif
