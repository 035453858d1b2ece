/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Twists: each one thing that is not as it should be, or that is seldom so.  See traffic.h. */
#include <string.h>

#include "inet_wire.h"
#include "traffic.h"

static uint32_t
below(struct shot *shot, uint32_t limit)
{
	return random_below(shot->random, limit);
}

static void
again(struct shot *shot)
{
	inet_put16(&shot->message[4], (unsigned)(shot->length - 6));
}

/* ---- messages ---- */

static void
flip(struct shot *shot)
{
	shot->message[below(shot, (uint32_t)shot->length)] ^= (uint8_t)(1U << below(shot, 8));
}

static void
set_head(struct shot *shot)
{
	static const uint8_t bytes[] = {0, 1, 2, 0x7f, 0x80, 0xff};

	shot->message[below(shot, 13)] = bytes[below(shot, sizeof(bytes))];
}

static void
protocol_id(struct shot *shot)
{
	shot->message[2 + below(shot, 2)] = (uint8_t)(1 + below(shot, 255));
}

static void
length_field(struct shot *shot)
{
	shot->message[5] = (uint8_t)(shot->message[5] + 1 - 2 * below(shot, 2));
}

static void
append(struct shot *shot)
{
	shot->length += 1 + below(shot, 4);
	if (below(shot, 2))
		again(shot);
}

static void
cut(struct shot *shot)
{
	shot->length -= 1 + below(shot, (uint32_t)shot->length - 1);
	if (shot->length >= 8 && below(shot, 2))
		again(shot);
}

static void
twice(struct shot *shot)
{
	if (shot->length * 2 > 260)
		return;
	memcpy(&shot->message[shot->length], shot->message, shot->length);
	shot->length *= 2;
}

static void
quantity(struct shot *shot)
{
	static const uint16_t quantities[] = {0, 124, 125, 126, 127, 1968, 1969, 2000, 2001, 65535};

	inet_put16(&shot->message[10], quantities[below(shot, 10)]);
}

/* As many as fit, or a few more than are permitted. */
static void
many_coils(struct shot *shot)
{
	uint32_t count = 1960 + below(shot, 17), bytes = (count + 7) / 8;

	if (shot->from != DIRECTION_REQUEST)
		return;
	shot->message[7] = 15;
	inet_put16(&shot->message[8], 0);
	inet_put16(&shot->message[10], count);
	shot->message[12] = (uint8_t)bytes;
	memset(&shot->message[13], 0, bytes);
	shot->length = 13 + bytes;
	again(shot);
}

static void
overflow(struct shot *shot)
{
	inet_put16(&shot->message[8], 65535 - below(shot, 3));
}

static void
byte_count(struct shot *shot)
{
	size_t at = shot->from == DIRECTION_REQUEST ? 12 : 8;

	shot->message[at] = (uint8_t)(shot->message[at] + 1 - 2 * below(shot, 2));
}

static void
padding(struct shot *shot)
{
	shot->message[shot->length - 1] |= (uint8_t)(0x80 >> below(shot, 4));
}

static void
coil(struct shot *shot)
{
	static const uint16_t values[] = {1, 0xff01, 0xff, 0x1234, 0xfe00};

	if (shot->message[7] != 5 && shot->from == DIRECTION_REQUEST)
		return;
	inet_put16(&shot->message[10], values[below(shot, 5)]);
}

static void
broadcast(struct shot *shot)
{
	shot->message[6] = 0;
}

static void
transaction(struct shot *shot)
{
	shot->message[below(shot, 2)] ^= (uint8_t)(1 + below(shot, 255));
}

static void
unit(struct shot *shot)
{
	shot->message[6] = (uint8_t)below(shot, 4);
}

static void
function(struct shot *shot)
{
	static const uint8_t pairs[] = {0, 2, 1, 4, 3, 6, 5, 8, 7};
	uint8_t code = shot->message[7];

	if (code < sizeof(pairs))
		shot->message[7] = pairs[code];
	else
		shot->message[7] = (uint8_t)(code == 15 ? 16 : below(shot, 40));
}

static void
exception(struct shot *shot)
{
	shot->message[7] |= 0x80;
	shot->length = 9;
	again(shot);
}

static void
longer_answer(struct shot *shot)
{
	if (shot->from == DIRECTION_REQUEST || shot->message[8] > 240 || shot->length > 250)
		return;
	shot->length += 2;
	shot->message[8] = (uint8_t)(shot->message[8] + 2);
	again(shot);
}

static void
answer_field(struct shot *shot)
{
	shot->message[8 + below(shot, 4)] ^= (uint8_t)(1U << below(shot, 2));
}

/* What only the request names: the server is asked for something else than it answers. */
static void
long_write(struct shot *shot)
{
	if (shot->message[7] != 16 && shot->message[7] != 15)
		return;
	shot->message[shot->length] = shot->message[shot->length + 1] = 0;
	shot->length += 2;
	again(shot);
}

/* ---- segments ---- */

static void
sequence(struct shot *shot)
{
	static const int32_t steps[] = {1, -1, 12, -12, 65536, -65536, 1 << 30};

	shot->sequence += (uint32_t)steps[below(shot, 7)];
}

static void
acknowledgement(struct shot *shot)
{
	static const int32_t steps[] = {1, -1, -12, -11, 100, -1000};

	shot->acknowledgement += (uint32_t)steps[below(shot, 6)];
}

static void
repeat(struct shot *shot)
{
	struct talk *talk = shot->talk;

	if (below(shot, 2))
		shot->from = 1 - shot->from;
	shot->length = talk->sent_length[shot->from];
	memcpy(shot->message, talk->sent[shot->from], shot->length);
	shot->sequence = talk->next[shot->from] - (uint32_t)shot->length;
	shot->acknowledgement = talk->next[1 - shot->from];
	if (shot->length > 0 && below(shot, 3) == 0)
		flip(shot);
}

static void
out_of_turn(struct shot *shot)
{
	shot->from = 1 - shot->from;
	shot->sequence = shot->talk->next[shot->from];
	shot->acknowledgement = shot->talk->next[1 - shot->from];
	if (shot->from == DIRECTION_REQUEST)
		shot_request(shot);
	else
		shot_answer(shot);
}

static void
flags(struct shot *shot)
{
	static const uint8_t sets[] = {TCP_ACK | TCP_FIN, TCP_ACK | TCP_SYN, TCP_RST,
	    TCP_ACK | TCP_RST, TCP_ACK | TCP_URG, TCP_PSH, 0, TCP_ACK | 0xc0, TCP_FIN, TCP_SYN};

	shot->flags = sets[below(shot, sizeof(sets))];
}

static void
bare(struct shot *shot)
{
	shot->length = 0;
	if (below(shot, 3) == 0)
		flags(shot);
}

/* ---- packets ---- */

static void
hops(struct shot *shot)
{
	shot->ip[shot->talk->ipv6 ? 7 : 8] = (uint8_t)below(shot, 2);
	shot_seal_ip(shot);
}

static void
fragment(struct shot *shot)
{
	if (shot->talk->ipv6)
		return;
	inet_put16(&shot->ip[6], below(shot, 2) ? 0x2000 : 1 + below(shot, 0x1fff));
	shot_seal_ip(shot);
}

static void
header_sum(struct shot *shot)
{
	if (!shot->talk->ipv6)
		shot->ip[10 + below(shot, 2)] ^= (uint8_t)(1 + below(shot, 255));
}

static void
header(struct shot *shot)
{
	shot->ip[0] = (uint8_t)(shot->talk->ipv6 ? below(shot, 16) << 4 : 0x40 + below(shot, 16));
	shot_seal_ip(shot);
}

static void
transport(struct shot *shot)
{
	static const uint8_t protocols[] = {17, 1, 132, 0};

	shot->ip[shot->talk->ipv6 ? 6 : 9] = protocols[below(shot, 4)];
	shot_seal_ip(shot);
}

static void
tcp_sum(struct shot *shot)
{
	shot->tcp[16 + below(shot, 2)] ^= (uint8_t)(1 + below(shot, 255));
}

static void
interface(struct shot *shot)
{
	shot->frame.interface = 1 + below(shot, 3);
}

static void
ethertype(struct shot *shot)
{
	inet_put16(&shot->frame.bytes[12], below(shot, 2) ? 0x0806 : 0x8100);
}

static void
trailer(struct shot *shot)
{
	shot->frame.size += below(shot, 20);
}

static void
total_length(struct shot *shot)
{
	size_t at = shot->talk->ipv6 ? 4 : 2;

	shot->ip[at + 1] = (uint8_t)(shot->ip[at + 1] + below(shot, 5) - 2);
	shot_seal_ip(shot);
	shot_seal_tcp(shot);
}

static void
address(struct shot *shot)
{
	shot->ip[shot->talk->ipv6 ? 8 + below(shot, 32) : 12 + below(shot, 8)] ^= 1;
	shot_seal_ip(shot);
	shot_seal_tcp(shot);
}

static void
port(struct shot *shot)
{
	shot->tcp[below(shot, 4)] ^= 1;
	shot_seal_tcp(shot);
}

static void
for_others(struct shot *shot)
{
	shot->frame.for_others = true;
}

static void
elsewhere(struct shot *shot)
{
	shot->frame.elsewhere = true;
}

static void
filled_in(struct shot *shot)
{
	shot->frame.filled_in = true;
	inet_put16(&shot->tcp[16], below(shot, 65536));
}

static void
generation(struct shot *shot)
{
	shot->generation = true;
}

const struct twist twists[] = {
    {"none", NULL, NULL, false},
    {"flip", flip, NULL, false},
    {"set-head", set_head, NULL, false},
    {"protocol-id", protocol_id, NULL, false},
    {"length-field", length_field, NULL, false},
    {"append", append, NULL, false},
    {"cut", cut, NULL, false},
    {"twice", twice, NULL, false},
    {"quantity", quantity, NULL, false},
    {"many-coils", many_coils, NULL, false},
    {"overflow", overflow, NULL, false},
    {"byte-count", byte_count, NULL, false},
    {"padding", padding, NULL, false},
    {"coil", coil, NULL, false},
    {"broadcast", broadcast, NULL, false},
    {"transaction", transaction, NULL, false},
    {"unit", unit, NULL, false},
    {"function", function, NULL, false},
    {"exception", exception, NULL, false},
    {"longer-answer", longer_answer, NULL, false},
    {"answer-field", answer_field, NULL, false},
    {"long-write", long_write, NULL, false},
    {"sequence", sequence, NULL, false},
    {"acknowledgement", acknowledgement, NULL, false},
    {"repeat", repeat, NULL, false},
    {"out-of-turn", out_of_turn, NULL, false},
    {"flags", flags, NULL, false},
    {"bare", bare, NULL, false},
    {"hops", NULL, hops, false},
    {"fragment", NULL, fragment, false},
    {"header-sum", NULL, header_sum, false},
    {"header", NULL, header, false},
    {"transport", NULL, transport, false},
    {"tcp-sum", NULL, tcp_sum, false},
    {"interface", NULL, interface, false},
    {"ethertype", NULL, ethertype, false},
    {"trailer", NULL, trailer, false},
    {"total-length", NULL, total_length, false},
    {"address", NULL, address, false},
    {"port", NULL, port, false},
    {"for-others", NULL, for_others, true},
    {"elsewhere", NULL, elsewhere, true},
    {"filled-in", NULL, filled_in, true},
    {"generation", NULL, generation, false},
};

const size_t twist_count = sizeof(twists) / sizeof(twists[0]);
