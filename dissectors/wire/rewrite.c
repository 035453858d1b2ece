/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rewrite: packets whose payload is changed on their way, in their own length, or shortened.
 *
 * The headers stay as their sender made them, but for lengths and the checksums over what has
 * changed.  They are
 * computed anew over all of the packet, not patched, so a packet that leaves is right whatever was
 * in it before.
 */
#include <string.h>

#include "cursor.h"
#include "edit.h"
#include "packet.h"

/* Where it stands in the header: RFC 9293 section 3.1, RFC 768. */
enum { TCP_FLAGS = 13, TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 };

/* RFC 791 section 3.1, RFC 8200 section 3. */
enum { IPV4_LENGTH = 2, IPV4_CHECKSUM = 10, IPV6_LENGTH = 4, IPV6_HEADER = 40 };

void
packet_move(struct packet *packet, const uint8_t *data, size_t length, uint8_t *room)
{
	memcpy(room, data, length);
	packet->transport = &room[packet->transport_at];
	packet->payload = &room[packet->payload_at];
}

static void
put_length(const struct packet *packet, struct edit *e, uint32_t length)
{
	if (packet->family == FAMILY_IPV6) {
		edit_put_be16(e, IPV6_LENGTH, length - IPV6_HEADER);
		return;
	}
	edit_put_be16(e, IPV4_LENGTH, length);
	edit_put_be16(e, IPV4_CHECKSUM, 0);
	edit_put_be16(e, IPV4_CHECKSUM,
	    cursor_checksum_fold(cursor_checksum_add(0, e->bytes, packet->transport_at)));
}

size_t
packet_cut(struct packet *packet, uint8_t *room, uint32_t payload_length)
{
	uint32_t length = packet->payload_at + payload_length;
	uint32_t flags = packet->transport_at + TCP_FLAGS;
	struct edit e = {room, length};

	packet->transport_length -= packet->payload_length - payload_length;
	packet->payload_length = payload_length;
	packet->tcp_flags &= (uint8_t)~TCP_FIN;
	put_length(packet, &e, length);
	edit_put(&e, flags, edit_get(&e, flags) & ~TCP_FIN);
	return length;
}

void
packet_seal(const struct packet *packet, uint8_t *room)
{
	bool udp = packet->protocol == PROTOCOL_UDP;
	uint32_t at = udp ? UDP_CHECKSUM : TCP_CHECKSUM;
	struct edit e = {&room[packet->transport_at], packet->transport_length};
	uint16_t sum;

	/* none at all: its sender did without one, and so does what leaves */
	if (udp && packet->family == FAMILY_IPV4 && edit_get_be16(&e, at) == 0)
		return;
	edit_put_be16(&e, at, 0);
	sum = packet_checksum(packet);
	edit_put_be16(&e, at, udp && sum == 0 ? 0xffff : sum);
}
