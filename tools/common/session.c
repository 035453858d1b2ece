/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session: see session.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cursor.h"
#include "link.h"
#include "session.h"

/* Any value would do: nobody who writes a capture gains from guessing our hash. */
enum { HASH_SEED = 1 };

enum { PACKET_MAX = 65535 };

struct session {
	struct compiled *compiled;
	struct rate_state *rates;
	void *arena;
	size_t arena_size;
	struct engine *engine;
	uint64_t now_ns;
	bool trusted;
};

/* Zeroed memory that costs nothing until it is used; NULL if there is none. */
static void *
arena_map(size_t size)
{
	void *arena = mmap(
	    NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return arena == MAP_FAILED ? NULL : arena;
}

int
session_new(const struct policy *policy, struct session **ret_session)
{
	struct engine_limits limits = {
	    policy->limits.flows, policy->limits.held_bytes, policy->limits.states};
	struct session *session = calloc(1, sizeof(*session));
	int r;

	if (!session)
		return -ENOMEM;
	session->trusted = true;
	session->rates = calloc(policy->rate_count + 1, sizeof(*session->rates));
	session->arena_size = engine_arena_size(&limits);
	session->arena = arena_map(session->arena_size);
	r = session->rates && session->arena ? compiled_new(policy, &session->compiled) : -ENOMEM;
	if (r == 0) {
		engine_arena_init(session->arena, &limits, HASH_SEED);
		r = engine_new(session->arena, session->compiled, session->rates, &session->engine);
	}
	if (r < 0) {
		session_free(session);
		return r;
	}
	*ret_session = session;
	return 0;
}

void
session_free(struct session *session)
{
	if (!session)
		return;
	engine_free(session->engine);
	compiled_free(session->compiled);
	if (session->arena)
		munmap(session->arena, session->arena_size);
	free(session->rates);
	free(session);
}

void
session_trust_checksums(struct session *session, bool trusted)
{
	session->trusted = trusted;
}

struct engine *
session_engine(struct session *session)
{
	return session->engine;
}

/*
 * A segment that was captured before the network card cut it into packets has no length in its IP
 * header: it is as long as its frame.  Returns the packet, or a copy of it with the length, valid
 * until the next call.
 */
static const uint8_t *
with_length(const uint8_t *data, size_t length)
{
	enum { IPV4_LENGTH_AT = 2, IPV6_LENGTH_AT = 4, IPV6_HEADER = 40 };
	static uint8_t copy[PACKET_MAX];
	struct cursor c;
	unsigned version, at, declared;

	cursor_init(&c, data, length, length);
	version = cursor_u8(&c, "version") >> 4;
	at = version == 4 ? IPV4_LENGTH_AT : IPV6_LENGTH_AT;
	cursor_bytes(&c, at - 1, "before");
	declared = cursor_be16(&c, "length");
	if (!cursor_ok(&c) || declared != 0 || length > sizeof(copy) || length <= IPV6_HEADER)
		return data;
	memcpy(copy, data, length);
	declared = (unsigned)(version == 4 ? length : length - IPV6_HEADER);
	copy[at] = (uint8_t)(declared >> 8);
	copy[at + 1] = (uint8_t)declared;
	return copy;
}

/* The bytes from the IP header on, as a cursor's last read; NULL if the frame holds none. */
static enum link_result
find_ip(const struct frame *frame, const uint8_t **ret_data, size_t *ret_length)
{
	size_t offset = 0;
	enum link_result result =
	    link_find_ip(frame->link_type, frame->data, frame->length, &offset);
	struct cursor c;

	if (result != LINK_IP)
		return result;
	cursor_init(&c, frame->data, frame->length, frame->length);
	cursor_bytes(&c, offset, "link");
	*ret_length = cursor_here(&c);
	*ret_data = cursor_bytes(&c, *ret_length, "packet");
	return result;
}

enum session_result
session_judge(struct session *session, const struct frame *frame, struct outcome *ret_outcome)
{
	struct engine_packet packet = {
	    .wall_ns = frame->wall_ns,
	    .checksum_trusted = session->trusted,
	    .truncated = frame->truncated,
	    .recorded = true,
	};
	enum link_result result = find_ip(frame, &packet.data, &packet.length);

	if (result != LINK_IP)
		return result == LINK_OTHER ? SESSION_OTHER : SESSION_MALFORMED;
	if (packet.data && !frame->truncated)
		packet.data = with_length(packet.data, packet.length);
	if (frame->wall_ns > session->now_ns)
		session->now_ns = frame->wall_ns;
	packet.now_ns = session->now_ns;
	engine_packet(session->engine, &packet, ret_outcome);
	return SESSION_JUDGED;
}

bool
session_find_packet(const struct frame *frame, struct packet *ret_packet)
{
	const uint8_t *data = NULL;
	size_t length = 0;
	enum reason reason;

	return find_ip(frame, &data, &length) == LINK_IP &&
	    packet_parse(data, length, ret_packet, &reason);
}

void
session_counters(const struct session *session, struct engine_counters *ret_counters)
{
	engine_counters(session->arena, ret_counters);
}

void
session_channel_counters(
    const struct session *session, uint32_t channel_index, struct channel_counters *ret_counters)
{
	engine_channel_counters(session->arena, channel_index, ret_counters);
}
