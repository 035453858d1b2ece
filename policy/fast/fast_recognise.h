/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognise: may the kernel vouch for this packet without asking the engine?
 *
 * Says yes only where the engine would have said yes, and leaves everything else to it: one
 * complete, canonical message in the next segment of a connection that the engine gave away, a
 * request that a single row of the policy permits or the answer to the one request that waits.  No
 * verdict of its own: what is not vouched for goes the way that it would go without this.
 *
 * Text for two compilers, see fast_segment.h.
 */
#ifndef SLUICE_FAST_RECOGNISE_H
#define SLUICE_FAST_RECOGNISE_H

#include "fast_segment.h"

/* ---- connections ---- */

/* Is it this connection, and who sent the packet then? */
FAST_INLINE int
fast_is(const struct fast_flow *flow, struct fast_room *room)
{
	const struct fast_key *key = &flow->key, *seen = &room->seen;
	uint64_t there, back;

	if (key->family != seen->family)
		return 0;
	there = (key->address[0][0] ^ seen->address[0][0]) |
	    (key->address[0][1] ^ seen->address[0][1]) |
	    (key->address[1][0] ^ seen->address[1][0]) |
	    (key->address[1][1] ^ seen->address[1][1]) | (uint64_t)(key->port[0] ^ seen->port[0]) |
	    (uint64_t)(key->port[1] ^ seen->port[1]);
	back = (key->address[0][0] ^ seen->address[1][0]) |
	    (key->address[0][1] ^ seen->address[1][1]) |
	    (key->address[1][0] ^ seen->address[0][0]) |
	    (key->address[1][1] ^ seen->address[0][1]) | (uint64_t)(key->port[0] ^ seen->port[1]) |
	    (uint64_t)(key->port[1] ^ seen->port[0]);
	if (there != 0 && back != 0)
		return 0;
	room->from = there != 0;
	return 1;
}

/* The entry of the packet's connection; NULL: it has none, or not for the recogniser. */
FAST_INLINE struct fast_flow *
fast_find_flow(fast_packet *packet, const struct fast_config *config, struct fast_room *room)
{
	uint32_t place = fast_place(config, &room->seen);

	/* Linux 6.1 refuses a loop that is entered in its middle, which compilers like */
	FAST_UNROLL
	for (uint32_t i = 0; i < FAST_WAYS; i++) {
		struct fast_flow *flow = fast_flow(packet, (place + i) & config->flow_mask);

		if (flow && flow->owner == FAST_KERNEL && fast_is(flow, room))
			return flow;
	}
	return 0;
}

/* It is FAST_BUSY now, unless somebody else was quicker. */
FAST_INLINE int
fast_take_flow(struct fast_flow *flow, struct fast_room *room)
{
	if (!fast_swap(&flow->owner, FAST_KERNEL, FAST_BUSY))
		return 0;
	if (fast_is(flow, room))
		return 1;
	/* it has become another one in between */
	fast_swap(&flow->owner, FAST_BUSY, FAST_KERNEL);
	return 0;
}

/* ---- requests ---- */

/* Modbus, 6.1 to 6.4 */
FAST_INLINE int
fast_is_read(uint32_t function)
{
	return function >= 1 && function <= 4;
}

/* 6.5, 6.6 */
FAST_INLINE int
fast_is_single(uint32_t function)
{
	return function == 5 || function == 6;
}

/* 6.11, 6.12 */
FAST_INLINE int
fast_is_multiple(uint32_t function)
{
	return function == 15 || function == 16;
}

FAST_INLINE int
fast_is_coil_word(uint32_t word)
{
	return word == 0xff00 || word == 0;
}

/* Bytes that hold the points of a read, or those of a write of several. */
FAST_INLINE uint32_t
fast_bytes_of(uint32_t function, uint32_t quantity)
{
	return function == 1 || function == 2 || function == 15 ? (quantity + 7) / 8 : quantity * 2;
}

/* The last byte of bits may have zeros alone behind the last of them. */
FAST_INLINE int
fast_is_padded(const struct fast_room *room, uint32_t quantity, uint32_t bytes)
{
	uint32_t at = FAST_HEAD + bytes;

	if (at >= FAST_WORDS * 8)
		return 0;
	return quantity % 8 == 0 || fast_message(room)[at] >> (quantity % 8) == 0;
}

FAST_INLINE enum fast_check
fast_read_multiple(const struct fast_room *room, uint32_t function, uint32_t quantity)
{
	uint32_t bytes = fast_bytes_of(function, quantity);

	FAST_DEMAND(BYTE_COUNT, fast_message(room)[12] == bytes);
	FAST_DEMAND(FORM, room->length == 13 + bytes);
	if (function == 15)
		FAST_DEMAND(PADDING, fast_is_padded(room, quantity, bytes));
	return FAST_GOOD;
}

/* A request in the form that the dissector takes for canonical, of a function that is known here.
 */
FAST_INLINE enum fast_check
fast_read_request(const struct fast_config *config, struct fast_room *room)
{
	const uint8_t *m = fast_message(room);
	uint32_t function = m[7], quantity = 1;

	room->function = function;
	room->first = fast_be16(&m[8]);
	if (!fast_is_read(function) && !fast_is_single(function) && !fast_is_multiple(function))
		return FAST_CHECK_FORM;
	if (fast_is_multiple(function) ? room->length < 14 : room->length < 12)
		return FAST_CHECK_FORM;
	if (!fast_is_single(function)) {
		quantity = fast_be16(&m[10]);
		FAST_DEMAND(QUANTITY,
		    quantity > 0 && quantity <= config->quantity_max[function % FAST_FUNCTIONS]);
	}
	room->quantity = quantity;
	if (!fast_is_multiple(function))
		FAST_DEMAND(FORM, room->length == 12);
	else
		return fast_read_multiple(room, function, quantity);
	if (function == 5)
		FAST_DEMAND(COIL, fast_is_coil_word(fast_be16(&m[10])));
	return FAST_GOOD;
}

/* ---- rules ---- */

/* Is it not within the range?  Without a branch, each of which doubles what the verifier does. */
FAST_INLINE uint32_t
fast_outside(const struct fast_range *range, uint32_t value)
{
	return ((value - range->first) | (range->last - value)) >> 31;
}

/* Ranges that a row does not use contain nothing. */
FAST_INLINE uint32_t
fast_outside_all(const struct fast_row *row, uint32_t value)
{
	return fast_outside(&row->ranges[0], value) & fast_outside(&row->ranges[1], value) &
	    fast_outside(&row->ranges[2], value) & fast_outside(&row->ranges[3], value);
}

/* Is everything that is written within the limits of the row? */
FAST_INLINE int
fast_values_in(const struct fast_row *row, const struct fast_room *room)
{
	const uint8_t *m = fast_message(room);
	uint32_t outside = 0;

	if (!row->limited || fast_is_read(room->function))
		return 1;
	if (room->function == 5)
		return !fast_outside_all(row, m[10] & 1);
	if (room->function == 6)
		return !fast_outside_all(row, fast_be16(&m[10]));
	if (room->function != 16 || room->quantity > FAST_REGISTERS_MAX)
		return 0;
	for (uint32_t i = 0; i < FAST_REGISTERS_MAX; i++)
		outside |=
		    fast_outside_all(row, fast_be16(&m[13 + 2 * i])) & (i - room->quantity) >> 31;
	return !outside;
}

enum fast_weight {
	FAST_SILENT = 0, /* the row does not speak of the request */
	FAST_SPEAKS,     /* it does, as far as the first point goes */
	FAST_CONTAINS,   /* it permits all of it */
};

/* Looked at by the verifier for itself, once and not for each row. */
FAST_APART int
fast_weigh(const struct fast_row *row, const struct fast_room *room)
{
	uint32_t unit;

	if (!row || !room)
		return FAST_SILENT;
	unit = fast_message(room)[6];
	if (!fast_holds(FAST_CHECK_RULE_FUNCTION, row->functions >> (room->function % 32) & 1) ||
	    !fast_holds(FAST_CHECK_RULE_UNIT, unit >= row->unit_first && unit <= row->unit_last) ||
	    !fast_holds(FAST_CHECK_RULE_FIRST,
		room->first >= row->points.first && room->first <= row->points.last))
		return FAST_SILENT;
	if (!fast_holds(
		FAST_CHECK_RULE_LAST, room->first + room->quantity - 1 <= row->points.last) ||
	    !fast_holds(FAST_CHECK_RULE_VALUES, fast_values_in(row, room)))
		return FAST_SPEAKS;
	return FAST_CONTAINS;
}

/* As rate_use() in decide.c; who comes between goes the slow way. */
FAST_INLINE int
fast_use_rate(fast_packet *packet, const struct fast_row *row, uint64_t now_ns)
{
	uint64_t *rate = fast_rate(packet, row->rate), arrival, later;

	if (!rate)
		return 0;
	arrival = *(volatile uint64_t *)rate;
	if (!fast_holds(FAST_CHECK_RULE_RATE, arrival <= now_ns + row->burst_ns))
		return 0;
	later = (arrival > now_ns ? arrival : now_ns) + row->interval_ns;
	return fast_swap_long(rate, arrival, later);
}

FAST_INLINE int
fast_rate_is_left(fast_packet *packet, const struct fast_row *row, uint64_t now_ns)
{
	const uint64_t *rate = fast_rate(packet, row->rate);

	return rate &&
	    fast_holds(
		FAST_CHECK_RULE_RATE, *(const volatile uint64_t *)rate <= now_ns + row->burst_ns);
}

/*
 * One row must contain the request.  A rate is used only where no rule without one could make it
 * unnecessary, and then that of the first row that has something left, as the engine does.
 */
FAST_INLINE enum fast_check
fast_permit(fast_packet *packet, const struct fast_channel *channel, const struct fast_room *room)
{
	const struct fast_row *rated = 0;
	uint64_t now_ns = room->now_ns;
	int shared = 0, weight;

	for (uint32_t i = 0; i < FAST_ROWS_MAX; i++) {
		const struct fast_row *row;

		if (i >= channel->row_count)
			break;
		row = fast_row(packet, channel->row_first + i);
		if (!row)
			break;
		weight = fast_weigh(row, room);
		if (weight == FAST_SILENT)
			continue;
		if (weight == FAST_CONTAINS && row->kind == FAST_ROW_PLAIN)
			return FAST_GOOD;
		if (row->kind != FAST_ROW_RATED)
			shared = 1;
		else if (!rated && weight == FAST_CONTAINS &&
		    fast_rate_is_left(packet, row, now_ns))
			rated = row;
	}
	FAST_DEMAND(RULE_SHARED, !shared);
	return rated && fast_use_rate(packet, rated, now_ns) ? FAST_GOOD : FAST_CHECK_RULE_RATE;
}

/* ---- answers ---- */

FAST_INLINE enum fast_check
fast_read_answer(const struct fast_flow *flow, const struct fast_room *room)
{
	const uint8_t *m = fast_message(room);
	uint32_t function = flow->asked[7], bytes;

	FAST_DEMAND(TRANSACTION, m[0] == flow->asked[0] && m[1] == flow->asked[1]);
	FAST_DEMAND(UNIT, m[6] == flow->asked[6]);
	FAST_DEMAND(FUNCTION, m[7] == function);
	if (fast_is_read(function)) {
		bytes = fast_bytes_of(function, flow->quantity);
		FAST_DEMAND(ANSWER_FORM, room->length == 9 + bytes);
		FAST_DEMAND(ANSWER_COUNT, m[8] == bytes);
		return FAST_GOOD;
	}
	FAST_DEMAND(ANSWER_FORM, room->length == 12);
	FAST_DEMAND(ANSWER_FIRST, fast_be16(&m[8]) == flow->first);
	if (function == 5)
		FAST_DEMAND(ANSWER_COIL, fast_is_coil_word(fast_be16(&m[10])));
	if (fast_is_multiple(function))
		FAST_DEMAND(ANSWER_QUANTITY, fast_be16(&m[10]) == flow->quantity);
	return FAST_GOOD;
}

/* ---- all of it ---- */

FAST_INLINE enum fast_check
fast_check_segment(fast_packet *packet, const struct fast_flow *flow, const struct fast_room *room,
    uint32_t tcp_at)
{
	const uint8_t *tcp = (const uint8_t *)room->tcp;
	enum fast_sum sum = fast_sum_place(packet, tcp_at);

	FAST_DEMAND(INTERFACE, fast_interface(packet) == flow->interface[room->from & 1]);
	FAST_DEMAND(
	    FLAGS, (tcp[13] & (FAST_FIN | FAST_SYN | FAST_RST | FAST_ACK | FAST_URG)) == FAST_ACK);
	if (room->length < FAST_MESSAGE_MIN || room->length > FAST_MESSAGE_MAX)
		return FAST_CHECK_WHOLE;
	FAST_DEMAND(SUM_PLACE, sum != FAST_SUM_ELSEWHERE);
	FAST_DEMAND(SUM, sum == FAST_SUM_FILLED_IN || fast_segment_sum(room) == 0xffff);
	FAST_DEMAND(TURN, room->from == (flow->waiting != 0));
	FAST_DEMAND(ORDER, fast_be32(&tcp[4]) == flow->next[room->from & 1]);
	FAST_DEMAND(ACKNOWLEDGED, fast_be32(&tcp[8]) == flow->next[~room->from & 1]);
	return FAST_GOOD;
}

FAST_INLINE enum fast_check
fast_check_message(fast_packet *packet, const struct fast_config *config,
    const struct fast_channel *channel, struct fast_flow *flow, struct fast_room *room)
{
	const uint8_t *m = fast_message(room);
	enum fast_check check;

	FAST_DEMAND(PROTOCOL_ID, fast_be16(&m[2]) == 0);
	FAST_DEMAND(WHOLE, fast_be16(&m[4]) + 6 == room->length);
	if (room->from != 0)
		return fast_read_answer(flow, room);
	check = fast_read_request(config, room);
	if (check != FAST_GOOD)
		return check;
	FAST_DEMAND(BROADCAST, fast_is_read(room->function) || m[6] != 0);
	return fast_permit(packet, channel, room);
}

/* It has passed. */
FAST_INLINE void
fast_advance(struct fast_flow *flow, const struct fast_room *room)
{
	flow->next[room->from & 1] += room->length;
	flow->waiting = room->from == 0;
	flow->last_ns = room->now_ns;
	flow->packets++;
	flow->bytes += room->length;
	flow->kept_length = room->length;
	for (unsigned i = 0; i < FAST_WORDS; i++)
		flow->kept[i] = room->message[i];
	if (room->from != 0)
		return;
	flow->requests++;
	flow->asked_ns = flow->last_ns;
	flow->asked_length = room->length;
	flow->first = (uint16_t)room->first;
	flow->quantity = (uint16_t)room->quantity;
	for (unsigned i = 0; i < sizeof(flow->asked); i++)
		flow->asked[i] = fast_message(room)[i];
}

/* Of a connection that is FAST_BUSY.  FAST_GOOD: *ret_mark vouches for the packet. */
FAST_INLINE enum fast_check
fast_judge_flow(fast_packet *packet, const struct fast_config *config, struct fast_flow *flow,
    struct fast_room *room, uint32_t tcp_at, uint32_t *ret_mark)
{
	const struct fast_channel *channel = fast_channel(packet, flow->channel);
	enum fast_check check;

	/* now that it is busy: who has put out another one waits for those that are */
	FAST_DEMAND(
	    GENERATION, flow->generation == *(const volatile uint32_t *)&config->generation);
	if (!channel || flow->channel >= config->channel_count)
		return FAST_CHECK_GENERATION;
	check = fast_check_segment(packet, flow, room, tcp_at);
	if (check == FAST_GOOD)
		check = fast_check_message(packet, config, channel, flow, room);
	if (check != FAST_GOOD)
		return check;
	fast_advance(flow, room);
	*ret_mark = channel->mark[room->from & 1];
	return FAST_GOOD;
}

FAST_INLINE enum fast_check
fast_read_private(fast_packet *packet, struct fast_room *room, uint32_t *ret_tcp_at)
{
	uint32_t protocol = fast_protocol(packet);

	FAST_DEMAND(LINK, fast_is_whole(packet));
	if (fast_size(packet) > FAST_SIZE_MAX)
		return FAST_CHECK_WHOLE;
	if (protocol != FAST_ETHERTYPE_IPV4 && protocol != FAST_ETHERTYPE_IPV6)
		return FAST_CHECK_LINK;
	FAST_DEMAND(PRIVATE, fast_make_private(packet));
	*ret_tcp_at = FAST_LINK_SIZE + (protocol == FAST_ETHERTYPE_IPV4 ? 20 : 40);
	return fast_read(packet, room, *ret_tcp_at);
}

/*
 * Everything.  True: *ret_mark is the mark that vouches for the packet.  False: it goes to the
 * engine, and its connection with it, unless that has not been found, or somebody else is at work
 * on it; then the engine takes it when it gets the packet.
 */
FAST_INLINE int
fast_recognise(fast_packet *packet, uint32_t *ret_mark)
{
	const struct fast_config *config = fast_config(packet);
	struct fast_room *room = fast_room(packet);
	struct fast_flow *flow;
	enum fast_check check;
	uint32_t tcp_at = 0;

	if (!config || !room || config->generation == 0)
		return 0;
	room->now_ns = fast_now_ns(packet);
	if (room->now_ns >= *(const volatile uint64_t *)&config->until_ns)
		return 0;
	if (fast_read_private(packet, room, &tcp_at) != FAST_GOOD || fast_is_bare(room))
		return 0;
	flow = fast_find_flow(packet, config, room);
	if (!flow || !fast_take_flow(flow, room))
		return 0;
	check = fast_judge_flow(packet, config, flow, room, tcp_at, ret_mark);
	if (check == FAST_GOOD)
		return fast_swap(&flow->owner, FAST_BUSY, FAST_KERNEL);
	flow->ended = check;
	fast_swap(&flow->owner, FAST_BUSY, FAST_ENGINE);
	return 0;
}

#endif
