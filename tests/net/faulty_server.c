/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faulty server: a Modbus device that answers as real ones have been seen to, which the
 * specification does not permit.
 *
 *   faulty_server ADDRESS PORT
 *
 * The address of the first register that a client reads chooses the fault, see faults.h.  Requests
 * are reads of registers only, whole in one segment; one client at a time.
 */
#include "faults.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD = 8, REQUEST = 12, RESPONSE_MAX = 260 };

static int client;

static void
put(const uint8_t *bytes, size_t length)
{
	if (send(client, bytes, length, MSG_NOSIGNAL) < 0)
		perror("send");
}

static void
pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

/* The header of a response to the request, `count` registers behind it; its length. */
static size_t
response(const uint8_t *request, unsigned count, uint8_t *ret_bytes)
{
	memset(ret_bytes, 0, RESPONSE_MAX);
	memcpy(ret_bytes, request, HEAD);
	ret_bytes[5] = (uint8_t)(3 + 2 * count);
	ret_bytes[8] = (uint8_t)(2 * count);
	return 9 + 2 * (size_t)count;
}

static void
answer(const uint8_t *request)
{
	enum fault fault = (enum fault)(request[9] % FAULT_COUNT);
	uint8_t bytes[RESPONSE_MAX];
	uint8_t gave_up[9] = {0};
	size_t length = response(request, request[11], bytes);

	memcpy(gave_up, request, HEAD);
	gave_up[5] = 3;
	gave_up[7] |= 0x80;
	gave_up[8] = 0x0b; /* gateway target device failed to respond */
	switch (fault) {
	case FAULT_NONE:
	case FAULT_COUNT:
		break;
	case FAULT_UNIT:
		bytes[6]++;
		break;
	case FAULT_TRANSACTION:
		bytes[1]++;
		break;
	case FAULT_FUNCTION:
		bytes[7] = 4;
		break;
	case FAULT_LATE:
		put(gave_up, sizeof(gave_up));
		pause_ms(FAULT_LATE_MS);
		break;
	case FAULT_SLOW:
		pause_ms(FAULT_LATE_MS);
		break;
	case FAULT_TWICE:
		put(bytes, length);
		break;
	case FAULT_LONGER:
		length = response(request, request[11] + 1U, bytes);
		break;
	case FAULT_UNREADABLE:
		bytes[8]++;
		break;
	}
	put(bytes, length);
}

static void
serve(void)
{
	uint8_t request[REQUEST];

	while (recv(client, request, sizeof(request), MSG_WAITALL) == REQUEST)
		answer(request);
	close(client);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	if (argc < 3 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
		fputs("use: faulty_server ADDRESS PORT\n", stderr);
		return 2;
	}
	address.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 4) < 0) {
		perror(argv[1]);
		return 1;
	}
	while ((client = accept(fd, NULL, NULL)) >= 0)
		serve();
	return 1;
}
