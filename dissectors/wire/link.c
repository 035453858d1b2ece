/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link: what stands before the IP header in a capture.
 *
 * Link types are numbered as in the registry of the pcap file format (LINKTYPE_...).
 */
#include "cursor.h"
#include "link.h"

enum { TAGS_MAX = 4 };

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_VLAN_SERVICE = 0x88a8,
	TYPE_VLAN_OLD = 0x9100,
	TYPE_PPPOE_SESSION = 0x8864,
};

/* A session of PPPoE (RFC 2516, section 4), and what PPP says that it carries (RFC 1332, RFC 5072).
 */
static enum link_result
read_pppoe(struct cursor *c)
{
	enum { VERSION_1_TYPE_1 = 0x11, CODE_SESSION = 0, PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057 };
	bool session = cursor_u8(c, "version and type") == VERSION_1_TYPE_1 &&
	    cursor_u8(c, "code") == CODE_SESSION;
	uint16_t protocol;

	cursor_bytes(c, 4, "session and length");
	protocol = cursor_be16(c, "protocol");
	return session && (protocol == PPP_IPV4 || protocol == PPP_IPV6) ? LINK_PPPOE : LINK_OTHER;
}

/* Skip VLAN tags from an Ethernet type on. */
static enum link_result
read_type(struct cursor *c, uint16_t type)
{
	for (unsigned i = 0; i < TAGS_MAX; i++) {
		if (type != TYPE_VLAN && type != TYPE_VLAN_SERVICE && type != TYPE_VLAN_OLD)
			break;
		cursor_be16(c, "tag");
		type = cursor_be16(c, "type");
	}
	if (type == TYPE_PPPOE_SESSION)
		return read_pppoe(c);
	return type == TYPE_IPV4 || type == TYPE_IPV6 ? LINK_IP : LINK_OTHER;
}

static enum link_result
read_ethernet(struct cursor *c)
{
	cursor_bytes(c, 12, "addresses");
	return read_type(c, cursor_be16(c, "type"));
}

static enum link_result
read_cooked(struct cursor *c)
{
	cursor_bytes(c, 14, "cooked header");
	return read_type(c, cursor_be16(c, "protocol"));
}

static enum link_result
read_cooked2(struct cursor *c)
{
	uint16_t type = cursor_be16(c, "protocol");

	cursor_bytes(c, 18, "cooked header");
	return read_type(c, type);
}

static enum link_result
read_raw(struct cursor *c)
{
	struct cursor peek = cursor_peek(c);
	uint8_t version = cursor_u8(&peek, "version") >> 4;

	if (!cursor_ok(&peek))
		*c = peek;
	return version == 4 || version == 6 ? LINK_IP : LINK_OTHER;
}

/* The address family in the byte order of the machine that captured; a few systems' IPv6 numbers.
 */
static enum link_result
read_loopback(struct cursor *c)
{
	uint32_t family = cursor_be32(c, "family");

	if (family > 0xffff)
		family = __builtin_bswap32(family);
	return family == 2 || family == 10 || family == 24 || family == 28 || family == 30
	    ? LINK_IP
	    : LINK_OTHER;
}

struct link {
	int type;
	const char *name;
	enum link_result (*read)(struct cursor *c);
};

static const struct link links[] = {
    {0, "BSD loopback", read_loopback},
    {1, "Ethernet", read_ethernet},
    {12, "raw IP", read_raw},
    {14, "raw IP", read_raw},
    {101, "raw IP", read_raw},
    {108, "OpenBSD loopback", read_loopback},
    {113, "Linux cooked v1", read_cooked},
    {228, "raw IPv4", read_raw},
    {229, "raw IPv6", read_raw},
    {276, "Linux cooked v2", read_cooked2},
};

static const struct link *
find_link(int type)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].type == type)
			return &links[i];
	return NULL;
}

bool
link_type_known(int link_type)
{
	return find_link(link_type) != NULL;
}

const char *
link_type_name(int link_type)
{
	const struct link *link = find_link(link_type);

	return link == NULL ? "unknown" : link->name;
}

enum link_result
link_find_ip(int link_type, const uint8_t *data, size_t length, size_t *ret_offset)
{
	const struct link *link = find_link(link_type);
	enum link_result result;
	struct cursor c;

	if (link == NULL)
		return LINK_OTHER;
	cursor_init(&c, data, length, UINT32_MAX);
	result = link->read(&c);
	if (!cursor_ok(&c))
		return LINK_MALFORMED;
	if (result == LINK_IP || result == LINK_PPPOE)
		*ret_offset = c.offset;
	return result;
}
