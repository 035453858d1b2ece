/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bench protocols: what the benches say in each inspected protocol, one row each.
 *
 * On a connection both ends count exchanges from 0.  The first ones open what the protocol has to
 * open, then one is repeated without end.  Never more than one request waits for its response.
 */
#ifndef SLUICE_BENCH_PROTOCOL_H
#define SLUICE_BENCH_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

enum { BENCH_PROTOCOLS = 3, BENCH_MESSAGE_MAX = 64 };

struct bench_message {
	uint16_t length;
	uint8_t bytes[BENCH_MESSAGE_MAX];
	void (*number)(uint8_t *bytes, uint32_t n); /* make it that of exchange n; or NULL */
};

struct bench_exchange {
	struct bench_message request;
	struct bench_message response;
};

struct bench_protocol {
	const char *name; /* word in policies */
	const char *what; /* is repeated */
	uint16_t port;
	const char *rules; /* in a policy: they permit this and not much more */
	const struct bench_exchange *exchanges;
	uint32_t exchange_count; /* the last is the one that is repeated */
};

extern const struct bench_protocol bench_protocols[BENCH_PROTOCOLS];

/* Write the request or response of exchange n to buf; its length. */
size_t bench_request(const struct bench_protocol *p, uint32_t n, uint8_t buf[BENCH_MESSAGE_MAX]);
size_t bench_response(const struct bench_protocol *p, uint32_t n, uint8_t buf[BENCH_MESSAGE_MAX]);

#endif
