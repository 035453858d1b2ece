/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Talk: see talk.h. */
#include "talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "dissectors.h"

enum { PLACES = 4 * TALKS_MAX, S7_PLUS = 0x72 };

int
talks_init(struct talks *talks)
{
	*talks = (struct talks){
	    .items = calloc(TALKS_MAX, sizeof(*talks->items)),
	    .places = calloc(PLACES, sizeof(*talks->places)),
	};
	return talks->items && talks->places ? 0 : -ENOMEM;
}

void
talks_done(struct talks *talks)
{
	free(talks->items);
	free(talks->places);
	*talks = (struct talks){.count = 0};
}

/* S7comm and its successor have the same port; what stands behind TPKT and COTP tells. */
static bool
is_s7_plus(const struct packet *packet)
{
	struct cursor c;
	uint8_t length, protocol;

	cursor_init(&c, packet->payload, packet->payload_length, packet->payload_length);
	cursor_take(&c, 4, "TPKT");
	length = cursor_u8(&c, "COTP");
	cursor_take(&c, length, "COTP");
	protocol = cursor_u8(&c, "protocol");
	return cursor_ok(&c) && protocol == S7_PLUS;
}

/* The protocol of a port, NULL if none has it for itself. */
static const struct dissector *
dissector_of(uint8_t transport, uint16_t port)
{
	for (const struct dissector *const *d = dissectors; *d; d++)
		if ((*d)->port == port && (transport == PROTOCOL_TCP ? (*d)->tcp : (*d)->udp))
			return *d;
	return NULL;
}

static uint32_t
hash(const struct talk *talk)
{
	const uint8_t *bytes[] = {talk->client.bytes, talk->server.bytes};
	uint32_t h = 2166136261u ^ talk->transport ^ (uint32_t)talk->port << 8;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < sizeof(talk->client.bytes); i++)
			h = (h ^ bytes[k][i]) * 16777619u;
	return h ^ h >> 15;
}

static bool
same(const struct talk *a, const struct talk *b)
{
	return a->family == b->family && a->transport == b->transport && a->port == b->port &&
	    memcmp(&a->client, &b->client, sizeof(a->client)) == 0 &&
	    memcmp(&a->server, &b->server, sizeof(a->server)) == 0;
}

/* The place of a talk in the table: its own, or a free one. */
static uint32_t *
place_of(const struct talks *talks, const struct talk *talk)
{
	uint32_t i = hash(talk) % PLACES;

	while (talks->places[i] != 0 && !same(&talks->items[talks->places[i] - 1], talk))
		i = (i + 1) % PLACES;
	return &talks->places[i];
}

/* Does this talk stand there already? */
static bool
is_known(const struct talks *talks, const struct talk *talk)
{
	return *place_of(talks, talk) != 0;
}

static struct talk
talk_of(const struct packet *packet, bool answer)
{
	bool icmp = packet->protocol == PROTOCOL_ICMP || packet->protocol == PROTOCOL_ICMPV6;

	return (struct talk){
	    .family = packet->family,
	    .transport = icmp ? PROTOCOL_ICMP : packet->protocol,
	    .client = answer ? packet->destination : packet->source,
	    .server = answer ? packet->source : packet->destination,
	    .port = icmp ? 0
		: answer ? packet->source_port
			 : packet->destination_port,
	};
}

/* Which way a packet goes that begins nothing: 1 it is an answer, 0 it is not; and it is a guess.
 */
static bool
guess_answer(const struct talks *talks, const struct packet *packet)
{
	struct talk there = talk_of(packet, false), back = talk_of(packet, true);
	bool known_there = is_known(talks, &there), known_back = is_known(talks, &back);
	bool own_there, own_back;

	if (known_there != known_back)
		return known_back;
	own_there = dissector_of(packet->protocol, packet->destination_port) != NULL;
	own_back = dissector_of(packet->protocol, packet->source_port) != NULL;
	if (own_there != own_back)
		return own_back;
	return packet->source_port < packet->destination_port;
}

static void
take(struct talks *talks, struct talk talk, const struct packet *packet, bool answer, uint32_t file,
    uint64_t frame)
{
	uint32_t *place = place_of(talks, &talk);
	struct talk *item;

	if (*place == 0) {
		if (talks->count == TALKS_MAX) {
			talks->untold++;
			return;
		}
		talk.dissector = dissector_of(talk.transport, talk.port);
		talk.first_file = file;
		talk.first_frame = frame;
		talks->items[talks->count++] = talk;
		*place = talks->count;
	}
	item = &talks->items[*place - 1];
	item->last_file = file;
	item->last_frame = frame;
	item->guessed &= talk.guessed;
	item->middle |= talk.middle;
	item->packets += !answer;
	item->answers += answer;
	item->refused |= answer && packet->protocol == PROTOCOL_TCP &&
	    (packet->tcp_flags & TCP_RST) && item->answers == 1;
	if (item->dissector && packet->payload_length > 0 && is_s7_plus(packet) &&
	    strcmp(item->dissector->name, "s7comm") == 0)
		item->dissector = dissector_find("s7comm-plus");
}

static void
add_tcp(struct talks *talks, const struct packet *packet, uint32_t file, uint64_t frame)
{
	bool syn = packet->tcp_flags & TCP_SYN, ack = packet->tcp_flags & TCP_ACK;
	bool answer = syn ? ack : guess_answer(talks, packet);
	struct talk talk = talk_of(packet, answer);

	talk.guessed = !syn;
	talk.middle = !syn && !is_known(talks, &talk);
	take(talks, talk, packet, answer, file, frame);
}

void
talks_add(struct talks *talks, const struct packet *packet, uint32_t file, uint64_t frame)
{
	bool answer;

	switch (packet->protocol) {
	case PROTOCOL_TCP:
		add_tcp(talks, packet, file, frame);
		return;
	case PROTOCOL_UDP:
		answer = guess_answer(talks, packet);
		take(talks, talk_of(packet, answer), packet, answer, file, frame);
		return;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		if (packet->icmp_type == 8 || packet->icmp_type == 0 || packet->icmp_type == 128 ||
		    packet->icmp_type == 129) {
			answer = packet->icmp_reply;
			take(talks, talk_of(packet, answer), packet, answer, file, frame);
		}
		return;
	default:
		talks->others++;
	}
}
