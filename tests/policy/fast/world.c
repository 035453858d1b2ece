/* SPDX-License-Identifier: GPL-2.0-or-later */
/* World: see world.h. */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine_desk.h"
#include "engine_fast.h"
#include "fast_rows.h"
#include "flow_fast.h"
#include "inet_wire.h"

enum { LINK = 14, GENERATION = 3, CLIENTS_INTERFACE = 1, SERVERS_INTERFACE = 2 };

static bool __attribute__((format(printf, 2, 3)))
differ(struct world *world, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(world->why, sizeof(world->why), format, arguments);
	va_end(arguments);
	return false;
}

static uint64_t
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- life ---- */

static void
compile(struct world *world)
{
	const struct policy *policy = world->split->policy;
	struct recogniser *r = &world->recogniser;

	fast_quantities(r->config->quantity_max);
	r->config->seed = 0x5eed5eed5eed;
	r->config->generation = GENERATION;
	r->config->mark_mask = UINT32_MAX;
	r->config->until_ns = UINT64_MAX;
	r->config->flow_mask = FLOWS - 1;
	r->config->channel_count = CHANNELS;
	for (uint32_t i = 0; i < policy->channel_count && i < CHANNELS; i++) {
		struct fast_channel *channel = &r->channels[i];

		channel->row_first = i * FAST_ROWS_MAX;
		fast_compile(
		    policy->channels[i], &r->rows[channel->row_first], &channel->row_count);
		channel->mark[0] = 0x100 + 2 * i;
		channel->mark[1] = 0x101 + 2 * i;
	}
	recogniser_changed(r);
}

static void
serve(struct world *world)
{
	struct fast_desk desk = {.flows = world->recogniser.flows,
	    .channels = world->recogniser.channels,
	    .number = 2,
	    .config = *world->recogniser.config};

	engine_serve_fast(world->split->engine, &desk);
}

struct world *
world_new(const struct scene *scene, const char *object, const char **ret_why)
{
	static const char limits[] = "flows = 4096; held_bytes = 1048576;";
	struct world *world = calloc(1, sizeof(*world));
	struct sim *split;

	recogniser_init(&world->recogniser);
	if (object && !kernel_init(&world->recogniser, object, ret_why)) {
		free(world);
		return NULL;
	}
	world->whole = sim_new_limited(limits, scene->conduit, scene->channel, scene->rules);
	world->split = split =
	    sim_new_limited(limits, scene->conduit, scene->channel, scene->rules);
	engine_free(split->engine);
	free(split->rates);
	split->rates = world->recogniser.rates;
	if (engine_new(split->arena, split->compiled, split->rates, &split->engine) != 0)
		abort();
	engine_observe(world->whole->engine, OBSERVE_LOG, NULL, NULL);
	world->now_ns = clock_ns();
	compile(world);
	serve(world);
	return world;
}

void
world_free(struct world *world)
{
	engine_leave_fast(world->split->engine);
	world->split->rates = NULL;
	recogniser_done(&world->recogniser);
	sim_free(world->split);
	sim_free(world->whole);
	free(world);
}

void
world_crash(struct world *world)
{
	struct sim *split = world->split;
	struct flow_table *table = &split->engine->table;

	/* nothing is taken back by who is dead */
	free(table->fast->seats);
	free(table->fast);
	table->fast = NULL;
	engine_free(split->engine);
	if (engine_new(split->arena, split->compiled, split->rates, &split->engine) != 0)
		abort();
	serve(world);
	engine_inherit_fast(split->engine);
}

void
world_generation(struct world *world, uint32_t generation)
{
	world->recogniser.config->generation = generation ? generation : GENERATION;
	recogniser_changed(&world->recogniser);
}

/* ---- what the kernel does by itself ---- */

static unsigned
get16(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

static bool
ipv4_goes_on(const uint8_t *ip, size_t size, size_t *ret_length)
{
	size_t header = (ip[0] & 15u) * 4;

	*ret_length = get16(&ip[2]);
	return ip[0] >> 4 == 4 && header >= 20 && *ret_length >= header && *ret_length <= size &&
	    inet_sum(0, ip, header) == 0xffff && ip[8] > 1 && (get16(&ip[6]) & 0x3fff) == 0;
}

static bool
ipv6_goes_on(const uint8_t *ip, size_t size, size_t *ret_length)
{
	*ret_length = 40 + get16(&ip[4]);
	return ip[0] >> 4 == 6 && *ret_length <= size && ip[7] > 1;
}

/* Would the packet come to the rules at all, as it is? */
static bool
goes_on(const struct frame *frame, size_t *ret_length)
{
	const uint8_t *ip = &frame->bytes[LINK];
	size_t size = frame->size - LINK;
	bool from_client;

	if (frame->for_others)
		return false;
	if (get16(&frame->bytes[12]) == 0x0800) {
		from_client = ip[13] == 10;
		if (!ipv4_goes_on(ip, size, ret_length))
			return false;
	} else if (get16(&frame->bytes[12]) == 0x86dd) {
		from_client = ip[11] == 0x10;
		if (!ipv6_goes_on(ip, size, ret_length))
			return false;
	} else {
		return false;
	}
	return frame->interface == (from_client ? CLIENTS_INTERFACE : SERVERS_INTERFACE);
}

/* Do the rules let it pass without asking anybody? */
static bool
is_bare(const uint8_t *ip, size_t length)
{
	enum reason reason = REASON_UNDECIDED;
	struct packet packet;

	return packet_parse(ip, length, &packet, &reason) && packet.protocol == PROTOCOL_TCP &&
	    packet.payload_length == 0 &&
	    (packet.tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_URG)) == 0;
}

/* ---- comparing ---- */

static bool
same_stream(struct world *world, const struct flow *a, const struct flow *b, int direction)
{
	const struct stream *x = &a->stream[direction], *y = &b->stream[direction];
	static uint8_t left[STREAM_KEPT_MAX], right[STREAM_KEPT_MAX];
	size_t length = x->next - x->kept;

	if (x->next != y->next || x->message != y->message || x->kept != y->kept ||
	    x->acked != y->acked || x->fin != y->fin)
		return differ(world, "stream %d: next %u %u, acked %u %u, kept %u %u", direction,
		    x->next, y->next, x->acked, y->acked, x->kept, y->kept);
	stream_copy(&world->whole->engine->table.pool, x, x->kept, left, length);
	stream_copy(&world->split->engine->table.pool, y, y->kept, right, length);
	return memcmp(left, right, length) == 0 ||
	    differ(world, "bytes kept, direction %d", direction);
}

static bool
same_requests(struct world *world, const struct flow *a, const struct flow *b)
{
	for (uint32_t i = 0; i < a->outstanding_count; i++) {
		const struct outstanding *x = flow_outstanding(&world->whole->engine->table, a, i);
		const struct outstanding *y = flow_outstanding(&world->split->engine->table, b, i);

		if (x->token != y->token || x->expect != y->expect || x->asked_ms != y->asked_ms)
			return differ(world, "request %u that waits", i);
	}
	return true;
}

/* Where chunks lie is nobody's business. */
static bool
same_flow(struct world *world, uint32_t index)
{
	struct flow_table *left = &world->whole->engine->table;
	struct flow_table *right = &world->split->engine->table;
	struct flow a = left->flows[index], b = right->flows[index];
	struct flow_note x = left->notes[index], y = right->notes[index];

	if (a.state != b.state || a.outstanding_count != b.outstanding_count)
		return differ(world, "state %u %u, requests %u %u", a.state, b.state,
		    a.outstanding_count, b.outstanding_count);
	if (a.state == FLOW_FREE)
		return true;
	for (int direction = 0; direction < 2; direction++)
		if (!same_stream(world, &a, &b, direction))
			return false;
	if (!same_requests(world, &left->flows[index], &right->flows[index]))
		return false;
	memset(a.stream, 0, sizeof(a.stream));
	memset(b.stream, 0, sizeof(b.stream));
	for (size_t i = 0; i < sizeof(a); i++)
		if (((const uint8_t *)&a)[i] != ((const uint8_t *)&b)[i])
			return differ(world, "byte %zu of a flow", i);
	return (x.bytes == y.bytes && x.messages == y.messages && x.unit == y.unit &&
		   x.first == y.first && x.last == y.last && x.function == y.function &&
		   x.space == y.space && x.span_count == y.span_count && x.reason == y.reason &&
		   x.has_unit == y.has_unit) ||
	    differ(world, "note: messages %u %u, bytes %lu %lu, first %u %u", x.messages,
		y.messages, (unsigned long)x.bytes, (unsigned long)y.bytes, x.first, y.first);
}

static bool
same_rates(struct world *world)
{
	for (uint32_t i = 0; i < world->whole->policy->rate_count; i++)
		if (world->whole->rates[i].arrival_ns != world->split->rates[i].arrival_ns)
			return differ(world, "rate %u", i);
	return true;
}

static bool
same_counters(struct world *world)
{
	const struct flow_arena *a = world->whole->arena, *b = world->split->arena;
	struct engine_counters x = a->counters, y = b->counters;

	if (x.packets != y.packets || x.messages != y.messages || x.allowed != y.allowed ||
	    x.denied != y.denied || memcmp(x.by_reason, y.by_reason, sizeof(x.by_reason)) != 0)
		return differ(world, "counters: packets %lu %lu, messages %lu %lu",
		    (unsigned long)x.packets, (unsigned long)y.packets, (unsigned long)x.messages,
		    (unsigned long)y.messages);
	for (uint32_t i = 0; i < world->whole->policy->channel_count; i++)
		if (world->whole->engine->table.channels[i].messages !=
		    world->split->engine->table.channels[i].messages)
			return differ(world, "messages of channel %u", i);
	return true;
}

bool
world_compare(struct world *world)
{
	const struct flow_arena *arena = world->whole->arena;

	engine_take_back_all(world->split->engine);
	for (uint32_t i = 1; i <= arena->flow_top; i++)
		if (!same_flow(world, i))
			return false;
	return same_rates(world) && same_counters(world);
}

/* ---- a packet ---- */

static struct flow *
flow_of(const struct flow_table *table, const uint8_t *ip, size_t length)
{
	enum reason reason = REASON_UNDECIDED;
	enum direction direction;
	struct packet packet;

	if (!packet_parse(ip, length, &packet, &reason))
		return NULL;
	return flow_find(table, &packet, &direction);
}

static void
judge(struct sim *sim, const struct frame *frame, size_t length, uint64_t now_ns)
{
	struct engine_packet in = {.data = &frame->bytes[LINK],
	    .length = length,
	    .now_ns = now_ns,
	    .wall_ns = now_ns,
	    .interface = frame->interface,
	    .checksum_trusted = frame->filled_in};

	engine_packet(sim->engine, &in, &sim->outcome);
}

/* Vouched for: the engine would have let it pass as it is. */
static bool
was_right(struct world *world, const struct frame *frame, const struct answer *answer, bool goes,
    size_t length)
{
	const struct outcome *o = &world->whole->outcome;

	world->vouched++;
	if (!goes)
		return differ(world, "it would not have got as far");
	if (answer->read_shared)
		return differ(world, "its sender can still change it");
	if (frame->elsewhere)
		return differ(world, "its sender has chosen where a sum is written");
	if (is_bare(&frame->bytes[LINK], length))
		return differ(world, "there is nothing to vouch for");
	if (o->verdict != VERDICT_ALLOW)
		return differ(world, "the engine denies: %s", reason_word(o->reason));
	if (o->bytes || o->segment_count > 0)
		return differ(world, "the engine lets other bytes pass");
	if (!o->channel ||
	    answer->mark !=
		world->recogniser.channels[o->channel->index].mark[0] +
		    (frame->interface == SERVERS_INTERFACE))
		return differ(world, "the mark is of another channel or direction");
	return world->recogniser.config->generation == GENERATION ||
	    differ(world, "its time in the kernel is over");
}

static bool
was_left(struct world *world, const struct frame *frame, size_t length)
{
	const struct outcome *a = &world->whole->outcome, *b = &world->split->outcome;
	const struct flow *flow;

	judge(world->split, frame, length, world->now_ns);
	if (a->verdict != b->verdict || a->reason != b->reason ||
	    a->segment_count != b->segment_count || !a->bytes != !b->bytes)
		return differ(world, "verdicts: %d %s, %d %s", a->verdict, reason_word(a->reason),
		    b->verdict, reason_word(b->reason));
	flow = flow_of(&world->whole->engine->table, &frame->bytes[LINK], length);
	return (!flow || same_flow(world, flow_index(&world->whole->engine->table, flow))) &&
	    same_rates(world);
}

/* The kernel has a clock of its own, and what it writes down is what the engine is to be told. */
static uint64_t
asked_at(const struct world *world, const struct frame *frame, size_t length)
{
	const struct flow_table *table = &world->split->engine->table;
	const struct flow *flow = flow_of(table, &frame->bytes[LINK], length);
	const struct fast_flow *place = flow ? flow_seat(table, flow)->place : NULL;

	return place ? place->last_ns : world->now_ns;
}

bool
world_packet(struct world *world, const struct frame *frame)
{
	struct answer answer;
	size_t length = 0;
	bool goes = goes_on(frame, &length);

	world->packets++;
	world->verdict = VERDICT_DENY;
	if (world->recogniser.kernel)
		world->now_ns = clock_ns();
	recogniser_ask(&world->recogniser, frame, world->now_ns, &answer);
	if (answer.vouched && world->recogniser.kernel && goes)
		world->now_ns = asked_at(world, frame, length);
	if (!goes || is_bare(&frame->bytes[LINK], length))
		return !answer.vouched || was_right(world, frame, &answer, goes, length);
	judge(world->whole, frame, length, world->now_ns);
	world->verdict = world->whole->outcome.verdict;
	if (answer.vouched)
		return was_right(world, frame, &answer, goes, length) && same_rates(world);
	return was_left(world, frame, length);
}

struct flow *
world_flow(const struct world *world, bool ipv6, uint16_t port)
{
	const struct flow_table *table = &world->whole->engine->table;

	for (uint32_t i = 1; i <= table->arena->flow_top; i++) {
		struct flow *flow = &table->flows[i];

		if (flow->state != FLOW_FREE && flow->port[0] == port &&
		    flow->family == (ipv6 ? FAMILY_IPV6 : FAMILY_IPV4))
			return flow;
	}
	return NULL;
}
