/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rewrite: packets whose payload is changed on their way, in their own length.
 *
 * The headers stay as their sender made them, but for the checksum over what has changed.  It is
 * computed anew over all of the packet, not patched, so a packet that leaves is right whatever was
 * in it before.
 */
#include <string.h>

#include "cursor.h"
#include "edit.h"
#include "packet.h"

/* Where it stands in the header: RFC 9293 section 3.1, RFC 768. */
enum { TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 };

void
packet_move(struct packet *packet, const uint8_t *data, size_t length, uint8_t *room)
{
	memcpy(room, data, length);
	packet->transport = &room[packet->transport_at];
	packet->payload = &room[packet->payload_at];
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
