/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pair: sockets of the kernel on both sides of the gateway, for attacks whose server the test
 * itself plays.
 */
#ifndef SLUICE_ATTACK_PAIR_H
#define SLUICE_ATTACK_PAIR_H

#include <sys/socket.h>
#include <sys/types.h>

#include "attack.h"
#include "lab.h"

enum { CONNECT_MS = 600, ANSWER_MS = 1500 };

struct endpoint {
	struct sockaddr_storage address;
	socklen_t size;
};

struct endpoint pair_endpoint(const char *address, uint16_t port);

int pair_listen(enum lab_place place, const char *address, uint16_t port);

/* A zone's host that the tests speak for: the HMI, the first PLC. */
const char *pair_own_address(enum lab_place place, int family);

/* A connection from one zone to an address, or -1 if there is none in time. */
int pair_connect(enum lab_place place, const char *address, uint16_t port, uint16_t *ret_own_port);

/* Bytes that come within the time; -errno if the connection broke, 0 at its end or when nothing
 * came. */
ssize_t pair_receive(int fd, uint8_t *buffer, size_t size, unsigned ms);

void pair_send(int fd, const void *data, size_t length);

/* A client in supervision, connected to a server that the test itself plays. */
struct pair {
	int listener;
	int client;
	int server;
};

struct pair pair_open(struct attempt *a);
void pair_close(struct pair *pair);

#endif
