/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: link and packet readers, what frames carry, and the segments built from what was
 * found.
 *
 * The first byte of the input chooses the link type, the rest is a frame.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "decap.h"
#include "fuzz.h"
#include "link.h"
#include "packet.h"

static const int link_types[] = {101, 1, 113, 276, 0, 108, 228, 229};

static bool
parse_copy(const uint8_t *data, size_t length, size_t behind, struct packet *ret_packet)
{
	uint8_t *copy = calloc(1, length + behind > 0 ? length + behind : 1);
	enum reason reason = REASON_UNDECIDED;
	bool good;

	assert(copy);
	if (length > 0)
		memcpy(copy, data, length);
	good = packet_parse(copy, length + behind, ret_packet, &reason);
	assert(good == (reason == REASON_UNDECIDED));
	if (good) {
		size_t transport = (size_t)(ret_packet->transport - copy);

		assert(ret_packet->transport_length == 0 ||
		    transport + ret_packet->transport_length <= length);
		assert(ret_packet->payload_length <= ret_packet->transport_length);
		packet_checksum_ok(ret_packet);
	}
	ret_packet->transport = ret_packet->payload = NULL;
	free(copy);
	return good;
}

/* A reset to whoever sent this packet is a good packet with a right checksum. */
static void
check_answer(const struct packet *p)
{
	struct segment segment = {p->family, p->destination, p->source, p->destination_port,
	    p->source_port, p->acknowledgement, p->sequence, TCP_RST | TCP_ACK};
	uint8_t buf[SEGMENT_SIZE_MAX];
	enum reason reason;
	struct packet answer;
	bool good = packet_parse(buf, segment_build(&segment, buf), &answer, &reason);

	assert(good && packet_checksum_ok(&answer));
	assert(memcmp(&answer.destination, &p->source, sizeof(p->source)) == 0);
	assert(answer.source_port == p->destination_port && answer.acknowledgement == p->sequence);
}

static void
check_packet(const uint8_t *data, size_t length)
{
	struct packet p, other;
	char text[46];

	if (!parse_copy(data, length, 0, &p))
		return;
	address_print(p.family, &p.source, text, sizeof(text));
	assert(text[0] != '\0');
	/* padding behind the packet changes nothing */
	assert(parse_copy(data, length, 4, &other) && memcmp(&p, &other, sizeof(p)) == 0);
	/* a packet is good from exactly one length on */
	for (size_t n = 0, good_before = 0; n < length; n++) {
		bool good = parse_copy(data, n, 0, &other);

		assert(good >= good_before && (!good || memcmp(&p, &other, sizeof(p)) == 0));
		good_before = good;
	}
	check_answer(&p);
}

/* What a frame carries lies within it, and can be asked again. */
static void
check_carried(int link_type, const uint8_t *data, size_t length)
{
	struct carried carried, inner;

	if (!decap_frame(link_type, data, length, &carried))
		return;
	assert(carried.carrier != CARRIER_NONE && carried.length > 0);
	assert(carried.data > data && carried.data + carried.length <= data + length);
	decap_frame(carried.link_type, carried.data, carried.length, &inner);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t offset = 0, length;
	const uint8_t *frame;
	struct cursor c;
	uint8_t choice;

	if (size > 600)
		return 0;
	cursor_init(&c, data, size, size);
	choice = cursor_u8(&c, "link type") % (sizeof(link_types) / sizeof(link_types[0]));
	length = cursor_left(&c);
	frame = cursor_bytes(&c, length, "frame");
	check_carried(link_types[choice], frame, length);
	if (link_find_ip(link_types[choice], frame, length, &offset) != LINK_IP)
		return 0;
	assert(offset <= length);
	cursor_init(&c, data, size, size);
	cursor_bytes(&c, 1 + offset, "link");
	length = cursor_left(&c);
	check_packet(cursor_bytes(&c, length, "packet"), length);
	return 0;
}
