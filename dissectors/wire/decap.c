/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decap: see decap.h.
 */
#include "cursor.h"
#include "decap.h"
#include "link.h"
#include "packet.h"

enum { LINK_TYPE_ETHERNET = 1, LINK_TYPE_RAW = 101 };

/* What is left of a carrier's payload behind its header. */
static bool
take_rest(struct cursor *c, enum carrier carrier, int link_type, struct carried *ret_carried)
{
	struct carried carried = {.carrier = carrier, .link_type = link_type};

	carried.length = cursor_here(c);
	carried.data = cursor_bytes(c, carried.length, "frame");
	if (!carried.data)
		return false;
	*ret_carried = carried;
	return true;
}

/* Type II has a header of 8 bytes, type III one of 12 and, if it says so, 8 more. */
static void
skip_erspan(struct cursor *c, bool third)
{
	cursor_bytes(c, third ? 11 : 8, "ERSPAN");
	if (third && cursor_u8(c, "more") & 1)
		cursor_bytes(c, 8, "platform");
}

static bool
read_gre(struct cursor *c, struct carried *ret_carried)
{
	enum { CHECKSUM = 0x8000, KEY = 0x2000, SEQUENCE = 0x1000, OTHERS = 0x4fff };
	enum {
		IPV4 = 0x0800,
		IPV6 = 0x86dd,
		BRIDGED = 0x6558,
		ERSPAN = 0x88be,
		ERSPAN_III = 0x22eb
	};
	uint16_t flags = cursor_be16(c, "flags");
	uint16_t type = cursor_be16(c, "type");

	if (flags & OTHERS)
		return false;
	if (flags & CHECKSUM)
		cursor_be32(c, "checksum");
	if (flags & KEY)
		cursor_be32(c, "key");
	if (flags & SEQUENCE)
		cursor_be32(c, "sequence");
	switch (type) {
	case IPV4:
	case IPV6:
		return take_rest(c, CARRIER_GRE, LINK_TYPE_RAW, ret_carried);
	case BRIDGED:
		return take_rest(c, CARRIER_GRE, LINK_TYPE_ETHERNET, ret_carried);
	case ERSPAN: /* without a sequence number it is of type I, which has no header */
		if (flags & SEQUENCE)
			skip_erspan(c, false);
		return take_rest(c, CARRIER_ERSPAN, LINK_TYPE_ETHERNET, ret_carried);
	case ERSPAN_III:
		skip_erspan(c, true);
		return take_rest(c, CARRIER_ERSPAN, LINK_TYPE_ETHERNET, ret_carried);
	default:
		return false;
	}
}

static bool
read_vxlan(struct cursor *c, struct carried *ret_carried)
{
	enum { VNI_VALID = 0x08 };

	if (!(cursor_u8(c, "flags") & VNI_VALID))
		return false;
	cursor_bytes(c, 7, "network");
	return take_rest(c, CARRIER_VXLAN, LINK_TYPE_ETHERNET, ret_carried);
}

/* Tags up to the one that ends them: a type, and but for padding and end a length and a value. */
static bool
skip_tzsp_tags(struct cursor *c)
{
	enum { TAG_PADDING = 0, TAG_END = 1 };

	while (cursor_here(c) > 0) {
		uint8_t tag = cursor_u8(c, "tag");

		if (tag == TAG_END)
			return true;
		if (tag != TAG_PADDING)
			cursor_bytes(c, cursor_u8(c, "length"), "value");
	}
	return false;
}

static bool
read_tzsp(struct cursor *c, struct carried *ret_carried)
{
	enum { VERSION = 1, RECEIVED = 0, TO_SEND = 1, OF_ETHERNET = 1 };
	uint8_t version = cursor_u8(c, "version");
	uint8_t type = cursor_u8(c, "type");
	uint16_t of = cursor_be16(c, "encapsulated");

	if (version != VERSION || (type != RECEIVED && type != TO_SEND) || of != OF_ETHERNET)
		return false;
	return skip_tzsp_tags(c) && take_rest(c, CARRIER_TZSP, LINK_TYPE_ETHERNET, ret_carried);
}

/* By the port that IANA or, for TZSP and old VXLAN of Linux, usage gave it. */
static bool
read_datagram(const struct packet *packet, struct cursor *c, struct carried *ret_carried)
{
	enum { PORT_VXLAN = 4789, PORT_VXLAN_OLD = 8472, PORT_TZSP = 37008 };

	switch (packet->destination_port) {
	case PORT_VXLAN:
	case PORT_VXLAN_OLD:
		return read_vxlan(c, ret_carried);
	case PORT_TZSP:
		return read_tzsp(c, ret_carried);
	default:
		return false;
	}
}

bool
decap_frame(int link_type, const uint8_t *data, size_t length, struct carried *ret_carried)
{
	enum { PROTOCOL_GRE = 47 };
	size_t offset = 0;
	enum link_result result = link_find_ip(link_type, data, length, &offset);
	struct packet packet = {0};
	enum reason reason;
	struct cursor c;

	if (result != LINK_IP && result != LINK_PPPOE)
		return false;
	cursor_init(&c, data, length, length);
	cursor_bytes(&c, offset, "link");
	if (result == LINK_PPPOE)
		return take_rest(&c, CARRIER_PPPOE, LINK_TYPE_RAW, ret_carried);
	length = cursor_here(&c);
	if (!packet_parse(cursor_bytes(&c, length, "packet"), length, &packet, &reason))
		return false;
	cursor_init(&c, packet.payload, packet.payload_length, packet.payload_length);
	if (packet.protocol == PROTOCOL_GRE)
		return read_gre(&c, ret_carried);
	return packet.protocol == PROTOCOL_UDP && read_datagram(&packet, &c, ret_carried);
}

const char *
carrier_name(enum carrier carrier)
{
	static const char *const names[CARRIER_COUNT] = {
	    [CARRIER_NONE] = "nothing",
	    [CARRIER_PPPOE] = "PPPoE",
	    [CARRIER_GRE] = "GRE",
	    [CARRIER_ERSPAN] = "ERSPAN",
	    [CARRIER_VXLAN] = "VXLAN",
	    [CARRIER_TZSP] = "TZSP",
	};

	return names[carrier];
}
