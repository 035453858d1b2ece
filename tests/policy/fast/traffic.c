/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic: see traffic.h. */
#include "traffic.h"

#include <string.h>

#include "inet_wire.h"

enum { LINK = 14 };

uint32_t
random_below(struct random *random, uint32_t limit)
{
	/* splitmix64 */
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) % limit);
}

static uint32_t
one_of(struct random *random, const uint32_t *choices, uint32_t count)
{
	return choices[random_below(random, count)];
}

#define ONE_OF(random, ...)                             \
	one_of(random, (const uint32_t[]){__VA_ARGS__}, \
	    sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* ---- messages ---- */

static void
put_header(struct shot *shot, uint8_t unit, uint8_t function)
{
	inet_put16(shot->message, random_below(shot->random, 65536));
	inet_put16(&shot->message[2], 0);
	shot->message[6] = unit;
	shot->message[7] = function;
}

static void
close_message(struct shot *shot, size_t length)
{
	shot->length = length;
	inet_put16(&shot->message[4], (unsigned)(length - 6));
}

static unsigned
value(struct random *random)
{
	return ONE_OF(random, 0, 1, 7, 99, 100, 101, 1499, 1500, 1501, 32768, 65535);
}

/* What writes several, from the quantity on. */
static void
put_multiple(struct shot *shot, uint8_t function, uint32_t quantity)
{
	uint32_t bytes = function == 15 ? (quantity + 7) / 8 : quantity * 2;

	shot->message[12] = (uint8_t)bytes;
	for (uint32_t i = 0; i < bytes; i++)
		shot->message[13 + i] = (uint8_t)random_below(shot->random, 256);
	for (uint32_t i = 0; function == 16 && i < quantity; i++)
		inet_put16(&shot->message[13 + 2 * i], value(shot->random));
	if (function == 15 && quantity % 8 != 0)
		shot->message[12 + bytes] &= (uint8_t)((1U << (quantity % 8)) - 1);
	close_message(shot, 13 + bytes);
}

void
shot_request(struct shot *shot)
{
	struct random *r = shot->random;
	uint8_t function = (uint8_t)ONE_OF(r, 3, 3, 3, 4, 1, 2, 6, 6, 5, 16, 16, 15, 15, 22, 7);
	uint32_t quantity = ONE_OF(r, 1, 1, 2, 3, 5, 8, 9, 10, 11, 16, 17, 30);

	put_header(shot, (uint8_t)ONE_OF(r, 1, 1, 1, 1, 2, 0, 255), function);
	inet_put16(&shot->message[8],
	    ONE_OF(
		r, 0, 1, 5, 8, 9, 10, 11, 12, 19, 20, 38, 39, 40, 41, 42, 43, 100, 65530, 65535));
	inet_put16(&shot->message[10],
	    function == 5       ? (random_below(r, 2) ? 0xff00 : 0)
		: function == 6 ? value(r)
				: quantity);
	close_message(shot, function == 7 ? 8 : 12);
	if (function == 15 || function == 16)
		put_multiple(shot, function, quantity);
	if (function == 22) {
		inet_put16(&shot->message[12], 7);
		close_message(shot, 14);
	}
}

/* What an honest server says to the request that waits, or to the last one. */
void
shot_answer(struct shot *shot)
{
	const uint8_t *request = shot->talk->request;
	uint8_t function = request[7];
	uint32_t quantity = (uint32_t)request[10] << 8 | request[11], bytes;

	memcpy(shot->message, request, 14);
	if (function >= 1 && function <= 4) {
		bytes = function <= 2 ? (quantity + 7) / 8 : quantity * 2;
		if (bytes > 250)
			bytes = 250;
		shot->message[8] = (uint8_t)bytes;
		for (uint32_t i = 0; i < bytes; i++)
			shot->message[9 + i] = (uint8_t)random_below(shot->random, 256);
		close_message(shot, 9 + bytes);
	} else if (function == 7) {
		shot->message[8] = 0;
		close_message(shot, 9);
	} else {
		close_message(shot, function == 22 ? 14 : 12);
	}
	if (random_below(shot->random, 40) == 0) {
		shot->message[7] |= 0x80;
		shot->message[8] = (uint8_t)(1 + random_below(shot->random, 4));
		close_message(shot, 9);
	}
}

/* ---- packets ---- */

static size_t
ip_header(const struct shot *shot)
{
	return shot->talk->ipv6 ? 40 : 20;
}

void
shot_seal_ip(struct shot *shot)
{
	if (shot->talk->ipv6)
		return;
	inet_put16(&shot->ip[10], 0);
	inet_put16(&shot->ip[10], (uint16_t)~inet_sum(0, shot->ip, 20));
}

void
shot_seal_tcp(struct shot *shot)
{
	size_t length = shot->frame.size - LINK - ip_header(shot);
	uint32_t sum = PROTOCOL_TCP + (uint32_t)length;

	sum = shot->talk->ipv6 ? inet_sum(sum, &shot->ip[8], 32) : inet_sum(sum, &shot->ip[12], 8);
	inet_put16(&shot->tcp[16], 0);
	inet_put16(&shot->tcp[16], (uint16_t)~inet_sum(sum, shot->tcp, length));
}

/* Timestamps as most stacks send them. */
static void
put_stamps(struct shot *shot)
{
	static const uint8_t stamps[12] = {1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7};
	size_t header = ip_header(shot), rest = shot->frame.size - LINK - header - 20;

	memmove(&shot->tcp[32], &shot->tcp[20], rest);
	memcpy(&shot->tcp[20], stamps, sizeof(stamps));
	shot->tcp[12] = 0x80;
	shot->frame.size += 12;
	if (shot->talk->ipv6)
		inet_put16(&shot->ip[4], (unsigned)(rest + 32));
	else
		inet_put16(&shot->ip[2], (unsigned)(header + rest + 32));
	shot_seal_ip(shot);
	shot_seal_tcp(shot);
}

static void
build(struct shot *shot)
{
	struct sim *sim = shot->world->whole;
	struct frame *frame = &shot->frame;

	sim->ipv6 = shot->talk->ipv6;
	sim->client_port = shot->talk->port;
	memset(frame->bytes, 0, LINK);
	inet_put16(&frame->bytes[12], shot->talk->ipv6 ? 0x86dd : 0x0800);
	shot->ip = &frame->bytes[LINK];
	shot->tcp = &frame->bytes[LINK + ip_header(shot)];
	frame->size = (uint32_t)(LINK +
	    sim_packet(sim, shot->from, shot->sequence, shot->acknowledgement, shot->flags,
		shot->message, shot->length, shot->ip));
	frame->interface = shot->from == DIRECTION_REQUEST ? 1 : 2;
	if (shot->stamps)
		put_stamps(shot);
}

/* ---- connections ---- */

void
traffic_init(struct traffic *traffic, struct world *world, uint64_t seed)
{
	*traffic = (struct traffic){.world = world, .random.state = seed, .last = "none"};
	for (int i = 0; i < TALKS; i++) {
		traffic->talks[i].port = (uint16_t)(40000 + i);
		traffic->talks[i].ipv6 = i % 3 == 2;
	}
}

static struct shot
shot_of(struct traffic *traffic, struct talk *talk, enum direction from)
{
	return (struct shot){.random = &traffic->random,
	    .world = traffic->world,
	    .talk = talk,
	    .from = from,
	    .sequence = talk->next[from],
	    .acknowledgement = talk->next[1 - from],
	    .flags = TCP_ACK | TCP_PSH};
}

/* What the engine alone knows of it now is where both ends are. */
static void
follow(struct traffic *traffic, struct talk *talk)
{
	const struct flow *flow = world_flow(traffic->world, talk->ipv6, talk->port);

	if (!flow || flow->state != FLOW_OPEN || stream_pending(&flow->stream[0]) > 0 ||
	    stream_pending(&flow->stream[1]) > 0 || flow->stream[0].fin || flow->stream[1].fin) {
		talk->open = false;
		return;
	}
	talk->next[0] = flow->stream[0].next;
	talk->next[1] = flow->stream[1].next;
	talk->waiting = flow->outstanding_count > flow->late_count;
}

/* Both ends give it up, as far as they know where they are. */
static bool
close_talk(struct traffic *traffic, struct talk *talk)
{
	for (int from = 0; from < 2; from++) {
		struct shot shot = shot_of(traffic, talk, from);

		shot.flags = TCP_RST | TCP_ACK;
		build(&shot);
		if (!world_packet(traffic->world, &shot.frame))
			return false;
	}
	return true;
}

static bool
open_talk(struct traffic *traffic, struct talk *talk)
{
	uint32_t isn[2] = {
	    random_below(&traffic->random, UINT32_MAX), random_below(&traffic->random, UINT32_MAX)};

	if (!close_talk(traffic, talk))
		return false;
	talk->port = (uint16_t)(talk->port + TALKS >= 60000 ? 40000 : talk->port + TALKS);
	for (int from = 0; from < 2; from++) {
		struct shot shot = shot_of(traffic, talk, from);

		shot.sequence = isn[from];
		shot.acknowledgement = from ? isn[0] + 1 : 0;
		shot.flags = from ? TCP_SYN | TCP_ACK : TCP_SYN;
		build(&shot);
		if (!world_packet(traffic->world, &shot.frame))
			return false;
	}
	talk->next[0] = isn[0] + 1;
	talk->next[1] = isn[1] + 1;
	talk->open = true;
	talk->waiting = false;
	return true;
}

static const struct twist *
choose_twist(struct traffic *traffic)
{
	const struct twist *twist;

	if (random_below(&traffic->random, 8) != 0)
		return &twists[0];
	twist = &twists[random_below(&traffic->random, (uint32_t)twist_count)];
	return twist->marks && traffic->world->recogniser.kernel ? &twists[0] : twist;
}

static void
like(struct traffic *traffic, const struct shot *shot)
{
	struct liked *liked = &traffic->liked[random_below(&traffic->random, LIKED)];
	uint8_t function = shot->message[7];

	if (function > 6 && function != 15 && function != 16)
		return; /* the engine's business */
	memcpy(liked->message, shot->message, shot->length);
	liked->length = shot->length;
}

static bool
fire(struct traffic *traffic, struct shot *shot, const struct twist *twist)
{
	struct talk *talk = shot->talk;
	bool same;

	traffic->last = twist->name;
	shot->stamps = random_below(shot->random, 3) == 0;
	if (twist->message)
		twist->message(shot);
	build(shot);
	shot->frame.shared = random_below(shot->random, 2);
	if (twist->packet)
		twist->packet(shot);
	if (shot->generation)
		world_generation(traffic->world, 99);
	same = world_packet(traffic->world, &shot->frame);
	if (shot->generation)
		world_generation(traffic->world, 0);
	follow(traffic, talk);
	if (traffic->world->verdict == VERDICT_ALLOW) {
		memcpy(talk->sent[shot->from], shot->message, shot->length);
		talk->sent_length[shot->from] = shot->length;
	}
	if (traffic->world->verdict == VERDICT_ALLOW && shot->from == DIRECTION_REQUEST &&
	    shot->length >= 8) {
		memcpy(talk->request, shot->message, shot->length);
		talk->request_length = shot->length;
		if (talk->open && talk->waiting)
			like(traffic, shot);
	}
	return same;
}

static void
ask(struct traffic *traffic, struct shot *shot)
{
	const struct liked *liked = &traffic->liked[random_below(&traffic->random, LIKED)];

	if (liked->length == 0 || random_below(&traffic->random, 20) == 0) {
		shot_request(shot);
		return;
	}
	memcpy(shot->message, liked->message, liked->length);
	shot->length = liked->length;
	inet_put16(shot->message, random_below(&traffic->random, 65536));
}

bool
traffic_step(struct traffic *traffic)
{
	struct random *r = &traffic->random;
	struct talk *talk = &traffic->talks[random_below(r, TALKS)];
	const struct twist *twist = choose_twist(traffic);
	struct shot shot;

	traffic->world->now_ns += random_below(r, 4) == 0 ? random_below(r, 2000000000) : 1000;
	if (!talk->open && !open_talk(traffic, talk))
		return false;
	shot = shot_of(traffic, talk, talk->waiting ? DIRECTION_RESPONSE : DIRECTION_REQUEST);
	if (talk->waiting)
		shot_answer(&shot);
	else
		ask(traffic, &shot);
	if (!fire(traffic, &shot, twist))
		return false;
	if (random_below(r, 200) == 0)
		world_crash(traffic->world);
	return random_below(r, 100) != 0 || world_compare(traffic->world);
}
