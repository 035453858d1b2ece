/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Make poll: a large capture of Modbus polling for benches.
 *
 *   make-poll FILE CONNECTIONS EXCHANGES
 *
 * Each connection opens with a handshake and then reads ten holding registers EXCHANGES times
 * (requests and responses of FC 3, an ACK of the client after each), all connections in turn.
 * Clients are 10.10.0.5 with ports from 10000 on, the server is 10.20.0.11.  250 exchanges on 1000
 * connections are 753,000 frames.
 */
#include <stdlib.h>
#include <string.h>

#include "frames.h"

enum {
	SYN = 0x02,
	PSH = 0x08,
	ACK = 0x10,
	PORT_FIRST = 10000,
	REQUEST_SIZE = 12,
	RESPONSE_SIZE = 29
};

static const uint32_t client_initial = 1000, server_initial = 5000;

struct connection {
	struct frames_host client;
	struct frames_host server;
	uint32_t sent;     /* bytes of the client */
	uint32_t answered; /* bytes of the server */
};

static void
add(struct frames *frames, const struct connection *c, bool from_client, uint8_t flags,
    const uint8_t *payload, size_t length)
{
	uint32_t client_next = client_initial + (flags & SYN && from_client ? 0 : 1) + c->sent;
	uint32_t server_next = server_initial + (flags & SYN && !from_client ? 0 : 1) + c->answered;
	struct frames_segment segment = {
	    .source = from_client ? &c->client : &c->server,
	    .destination = from_client ? &c->server : &c->client,
	    .sequence = from_client ? client_next : server_next,
	    .acknowledgement = !(flags & ACK) ? 0
		: from_client                 ? server_next
					      : client_next,
	    .flags = flags,
	    .payload = payload,
	    .length = length,
	};

	frames_add_segment(frames, &segment);
}

static void
add_exchange(struct frames *frames, struct connection *c, unsigned transaction)
{
	uint8_t request[REQUEST_SIZE] = {0, 0, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10};
	uint8_t response[RESPONSE_SIZE] = {0, 0, 0, 0, 0, 23, 1, 3, 20};

	request[0] = response[0] = (uint8_t)(transaction >> 8);
	request[1] = response[1] = (uint8_t)transaction;
	add(frames, c, true, ACK | PSH, request, sizeof(request));
	c->sent += sizeof(request);
	add(frames, c, false, ACK | PSH, response, sizeof(response));
	c->answered += sizeof(response);
	add(frames, c, true, ACK, NULL, 0);
}

static void
make(struct frames *frames, struct connection *connections, unsigned count, unsigned exchanges)
{
	frames_begin(frames);
	for (unsigned i = 0; i < count; i++) {
		connections[i].client =
		    (struct frames_host){{10, 10, 0, 5}, false, (uint16_t)(PORT_FIRST + i)};
		connections[i].server = (struct frames_host){{10, 20, 0, 11}, false, 502};
		add(frames, &connections[i], true, SYN, NULL, 0);
		add(frames, &connections[i], false, SYN | ACK, NULL, 0);
		add(frames, &connections[i], true, ACK, NULL, 0);
	}
	for (unsigned e = 0; e < exchanges; e++)
		for (unsigned i = 0; i < count; i++)
			add_exchange(frames, &connections[i], e);
}

int
main(int argc, char **argv)
{
	struct frames frames = {.link_type = 1, .time_ns = 1767600000000000000, .step_ns = 10000};
	unsigned count = argc == 4 ? (unsigned)atoi(argv[2]) : 0;
	unsigned exchanges = argc == 4 ? (unsigned)atoi(argv[3]) : 0;
	struct connection *connections = calloc(count + 1, sizeof(*connections));

	if (count == 0 || count > 50000 || exchanges == 0 || !connections) {
		fprintf(stderr, "usage: make-poll FILE CONNECTIONS EXCHANGES\n");
		return 1;
	}
	frames.file = fopen(argv[1], "w");
	if (!frames.file) {
		perror(argv[1]);
		return 1;
	}
	make(&frames, connections, count, exchanges);
	free(connections);
	if (fclose(frames.file) != 0) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
