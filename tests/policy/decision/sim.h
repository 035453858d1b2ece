/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sim: an engine with a policy, a client, a server, and a clock that the test moves.
 *
 * Builds the packets that the two ends would send and asks the engine about them.  Has a receiver
 * of its own behind the engine, which puts together whatever was let through, so that a test can
 * say what the server got rather than what the engine said.
 */
#ifndef SLUICE_TEST_SIM_H
#define SLUICE_TEST_SIM_H

#include "engine.h"
#include "load.h"

enum { SIM_STREAM_MAX = 1 << 16, SIM_EVENTS_MAX = 512 };

struct sim_end {
	uint32_t isn;
	uint32_t next;                   /* next sequence number to send */
	uint8_t got[SIM_STREAM_MAX];     /* what reached the other end, by offset from isn + 1 */
	uint8_t got_map[SIM_STREAM_MAX]; /* 1: the byte at this offset arrived */
	size_t acked; /* bytes that the receiver has acknowledged to the engine's knowledge */
};

struct sim {
	struct policy *policy;
	struct compiled *compiled;
	struct rate_state *rates;
	void *arena;
	struct engine *engine;
	bool ipv6;
	uint16_t client_port;
	uint16_t server_port; /* 0: that of the first channel */
	uint8_t client_host;  /* last byte of its address; 0: the hmi */
	uint8_t client_net6;  /* which of the client's networks, IPv6: 0 or 1 */
	bool unrecorded;      /* as for engine_packet() */
	uint64_t now_ns;
	struct sim_end end[2];  /* by direction of what they send */
	struct outcome outcome; /* of the last packet */
	uint8_t left[65600];    /* and its bytes as they left, if they did */
	size_t left_length;
	struct event events[SIM_EVENTS_MAX];
	size_t event_count;
	bool changed[2]; /* a byte passed again with another value though nobody had acknowledged it
			  */
	struct outcome cut; /* last one that engine_recheck() gave */
};

/* Policy of the tests: client 10.10.0.5 may talk to 10.20.0.11, Modbus unless `channel_settings`
 * name a protocol, and other clients if they name some; `rules` and the rest are given. */
struct sim *sim_new(const char *conduit_settings, const char *channel_settings, const char *rules);

/* The same with limits. */
struct sim *sim_new_limited(const char *limits, const char *conduit_settings,
    const char *channel_settings, const char *rules);

/* Replace the policy, as a reload does; returns the number of flows cut. */
size_t sim_reload(
    struct sim *sim, const char *conduit_settings, const char *channel_settings, const char *rules);

/* Forget all flows and begin with an empty arena. */
void sim_reset(struct sim *sim);

/* Attach a new engine to the same arena, as after a crash. */
void sim_restart(struct sim *sim);
void sim_free(struct sim *sim);

/* One segment with everything given; the receiver behind gets it if it is allowed. */
enum verdict sim_segment(struct sim *sim, enum direction direction, uint32_t sequence, uint32_t ack,
    uint8_t flags, const uint8_t *payload, size_t length);

/* Payload in order from the current position, which moves on if `advance`. */
enum verdict sim_send(struct sim *sim, enum direction direction, const char *hex);
enum verdict sim_send_bytes(
    struct sim *sim, enum direction direction, const uint8_t *data, size_t length);

/* Three-way handshake from fresh sequence numbers. */
void sim_open(struct sim *sim);

/* A new one with a connection. */
struct sim *sim_opened(
    const char *conduit_settings, const char *channel_settings, const char *rules);

/* Bytes from the client at a sequence number of its own choice. */
enum verdict sim_client_at(struct sim *sim, uint32_t sequence, const char *hex);

/* Bytes of a hex string; returns their number. */
size_t sim_hex(const char *hex, uint8_t *buf, size_t size);

/* Build an IP packet of the flow; returns its length. buf of 65535 bytes. */
size_t sim_packet(const struct sim *sim, enum direction direction, uint32_t sequence, uint32_t ack,
    uint8_t flags, const uint8_t *payload, size_t length, uint8_t *buf);

/* One UDP datagram over IPv4; nobody puts together what arrives. */
enum verdict sim_datagram(
    struct sim *sim, enum direction direction, const uint8_t *data, size_t length);

/* Build the same in `packet`, which has room for 28 bytes more; its length. */
size_t sim_datagram_packet(const struct sim *sim, enum direction direction, const uint8_t *data,
    size_t length, uint8_t *packet);

/* Give a raw packet to the engine. */
enum verdict sim_raw(struct sim *sim, const uint8_t *data, size_t length);

/* Number of bytes in order that the receiver of this direction has got. */
size_t sim_received(const struct sim *sim, enum direction direction);

enum reason sim_reason(const struct sim *sim);

/* Assertions of cmocka: about the last packet's reason; it was let through; it was stopped for this
 * reason. */
void assert_reason(const struct sim *sim, enum reason reason);
void assert_allowed(const struct sim *sim, enum verdict verdict);
void assert_denied(const struct sim *sim, enum verdict verdict, enum reason reason);

#endif
