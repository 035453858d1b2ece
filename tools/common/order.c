/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order: see order.h.
 *
 * The connections are a table without collision lists: one that pushes out another costs that one
 * its place in time, nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "link.h"
#include "order.h"
#include "packet.h"

enum { CONNECTIONS = 1 << 14, WAIT_NS = ORDER_WAIT_MS * 1000000, AHEAD_MAX = 1 << 24 };

/* A host's end of a connection. */
struct end {
	struct address address;
	uint16_t port;
};

struct connection {
	enum family family; /* FAMILY_NONE: the place is free */
	struct end ends[2]; /* the lower one first */
	bool known[2];      /* something of this end was seen */
	uint32_t next[2];   /* sequence number behind the last byte seen of it */
	unsigned waiting[2];
};

struct segment_seen {
	struct connection *connection; /* NULL: no segment of TCP */
	unsigned side;                 /* whose it is */
	uint8_t flags;
	uint32_t acknowledged;
	uint32_t begin;
	uint32_t end;
};

struct waiting {
	struct frame frame; /* its data are ours */
	struct segment_seen segment;
	bool passed; /* by a frame that stands behind it */
};

struct order {
	order_each *each;
	void *context;
	uint64_t changed;
	unsigned count;
	struct waiting waiting[ORDER_FRAMES_MAX]; /* the one that came first, first */
	struct connection connections[CONNECTIONS];
};

struct order *
order_new(order_each *each, void *context)
{
	struct order *order = calloc(1, sizeof(*order));

	if (order) {
		order->each = each;
		order->context = context;
	}
	return order;
}

void
order_free(struct order *order)
{
	if (!order)
		return;
	for (unsigned i = 0; i < order->count; i++)
		free((void *)order->waiting[i].frame.data);
	free(order);
}

uint64_t
order_changed(const struct order *order)
{
	return order->changed;
}

static uint32_t
hash_end(uint32_t hash, const struct end *end)
{
	for (size_t i = 0; i < sizeof(end->address.bytes); i++)
		hash = (hash ^ end->address.bytes[i]) * 16777619;
	return (hash ^ end->port) * 16777619;
}

static bool
is_same(const struct connection *connection, enum family family, const struct end ends[2])
{
	for (int i = 0; i < 2; i++)
		if (connection->ends[i].port != ends[i].port ||
		    memcmp(&connection->ends[i].address, &ends[i].address,
			sizeof(ends[i].address)) != 0)
			return false;
	return connection->family == family;
}

/* NULL if the place is taken by one of whose frames some wait. */
static struct connection *
find_connection(struct order *order, const struct packet *packet, unsigned *ret_side)
{
	struct end from = {packet->source, packet->source_port};
	struct end to = {packet->destination, packet->destination_port};
	int difference = memcmp(&from.address, &to.address, sizeof(from.address));
	unsigned side = difference > 0 || (difference == 0 && from.port > to.port);
	struct end ends[2] = {side ? to : from, side ? from : to};
	uint32_t hash = hash_end(hash_end(2166136261, &ends[0]), &ends[1]);
	struct connection *connection = &order->connections[(hash ^ hash >> 16) % CONNECTIONS];

	if (!is_same(connection, packet->family, ends)) {
		if (connection->waiting[0] + connection->waiting[1] > 0)
			return NULL;
		*connection = (struct connection){.family = packet->family};
		memcpy(connection->ends, ends, sizeof(ends));
	}
	*ret_side = side;
	return connection;
}

static struct segment_seen
look(struct order *order, const struct frame *frame)
{
	struct segment_seen segment = {0};
	struct packet packet = {0};
	enum reason reason;
	size_t offset = 0, length;
	struct cursor c;

	if (frame->truncated ||
	    link_find_ip(frame->link_type, frame->data, frame->length, &offset) != LINK_IP)
		return segment;
	cursor_init(&c, frame->data, frame->length, frame->length);
	cursor_bytes(&c, offset, "link");
	length = cursor_here(&c);
	if (!packet_parse(cursor_bytes(&c, length, "packet"), length, &packet, &reason) ||
	    packet.protocol != PROTOCOL_TCP)
		return segment;
	segment.connection = find_connection(order, &packet, &segment.side);
	segment.flags = packet.tcp_flags;
	segment.acknowledged = packet.acknowledgement;
	segment.begin = packet.sequence;
	segment.end = packet.sequence + packet.payload_length +
	    ((packet.tcp_flags & TCP_SYN) != 0) + ((packet.tcp_flags & TCP_FIN) != 0);
	return segment;
}

/* Does it acknowledge what its peer has not sent, as far as was seen? */
static bool
is_early(const struct segment_seen *segment)
{
	const struct connection *connection = segment->connection;
	unsigned peer = !segment->side;
	int32_t ahead;

	if (!(segment->flags & TCP_ACK) || segment->flags & TCP_RST)
		return false;
	if (!connection->known[peer]) /* an answer to a SYN */
		return segment->flags & TCP_SYN && !connection->known[segment->side];
	ahead = (int32_t)(segment->acknowledged - connection->next[peer]);
	return ahead > 0 && ahead <= AHEAD_MAX;
}

static void
note_sent(const struct segment_seen *segment)
{
	struct connection *connection = segment->connection;
	unsigned side = segment->side;

	if ((segment->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		connection->known[0] = connection->known[1] = false;
	if (!connection->known[side] || segment->flags & TCP_SYN ||
	    (int32_t)(segment->end - connection->next[side]) > 0)
		connection->next[side] = segment->end;
	connection->known[side] = true;
}

/* Take out a frame that waits and hand it out; whoever waited for it in vain waits no more. */
static bool
release(struct order *order, unsigned index)
{
	struct waiting waiting = order->waiting[index];
	struct segment_seen *segment = &waiting.segment;
	struct connection *connection = segment->connection;
	bool more;

	order->count--;
	memmove(&order->waiting[index], &order->waiting[index + 1],
	    (order->count - index) * sizeof(order->waiting[0]));
	connection->waiting[segment->side]--;
	if (is_early(segment)) {
		connection->next[!segment->side] = segment->acknowledged;
		connection->known[!segment->side] = true;
	} else {
		order->changed += waiting.passed;
	}
	note_sent(segment);
	more = order->each(order->context, &waiting.frame);
	free((void *)waiting.frame.data);
	return more;
}

/* Let go who waited for this end of a connection, and who waited behind them. */
static bool
release_ready(struct order *order, const struct connection *connection)
{
	bool stopped[2] = {false, false}, more = true;
	unsigned i = 0;

	while (i < order->count && more) {
		struct segment_seen *segment = &order->waiting[i].segment;

		if (segment->connection != connection || stopped[segment->side]) {
			i++;
		} else if (is_early(segment)) {
			stopped[segment->side] = true;
			i++;
		} else {
			more = release(order, i);
			stopped[0] = stopped[1] = false;
			i = 0;
		}
	}
	return more;
}

static bool
release_old(struct order *order, uint64_t now_ns)
{
	bool more = true;

	while (more && order->count > 0) {
		struct waiting *first = &order->waiting[0];
		const struct connection *connection = first->segment.connection;

		if (order->count < ORDER_FRAMES_MAX && now_ns < first->frame.wall_ns + WAIT_NS)
			break;
		more = release(order, 0) && release_ready(order, connection);
	}
	return more;
}

/* Its host has sent more before it, which the capture lacks: nobody needs to wait for that. */
static bool
shows_loss(const struct segment_seen *segment)
{
	const struct connection *connection = segment->connection;

	return connection->known[segment->side] && connection->waiting[!segment->side] > 0 &&
	    (int32_t)(segment->begin - connection->next[segment->side]) > 0;
}

static bool
release_all(struct order *order, const struct connection *connection)
{
	bool more = true;

	for (unsigned i = 0; i < order->count && more;)
		if (order->waiting[i].segment.connection == connection)
			more = release(order, i);
		else
			i++;
	return more;
}

static bool
hold(struct order *order, const struct frame *frame, const struct segment_seen *segment)
{
	struct waiting *waiting = &order->waiting[order->count];
	uint8_t *data = malloc(frame->length);

	if (!data)
		return false;
	memcpy(data, frame->data, frame->length);
	*waiting = (struct waiting){.frame = *frame, .segment = *segment};
	waiting->frame.data = data;
	segment->connection->waiting[segment->side]++;
	order->count++;
	return true;
}

bool
order_frame(struct order *order, const struct frame *frame)
{
	struct segment_seen segment;

	if (!release_old(order, frame->wall_ns))
		return false;
	segment = look(order, frame);
	if (!segment.connection)
		return order->each(order->context, frame);
	if (shows_loss(&segment) && !release_all(order, segment.connection))
		return false;
	if ((segment.connection->waiting[segment.side] > 0 || is_early(&segment)) &&
	    hold(order, frame, &segment))
		return true;
	note_sent(&segment);
	for (unsigned i = 0; i < order->count; i++)
		if (order->waiting[i].segment.connection == segment.connection)
			order->waiting[i].passed = true;
	return order->each(order->context, frame) && release_ready(order, segment.connection);
}

bool
order_end(struct order *order)
{
	return release_old(order, UINT64_MAX);
}
