/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link: what stands before the IP header in a capture.
 *
 * Ethernet with any number of VLAN tags up to four (802.1Q, 802.1ad), Linux cooked v1 and v2, raw
 * IP, BSD loopback.  Link types are numbered as in the pcap file format's registry.
 */
#ifndef SLUICE_LINK_H
#define SLUICE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is this link type one that link_find_ip() can read? */
bool link_type_known(int link_type);

/* Name of a link type for messages, "unknown" if it is none of ours. */
const char *link_type_name(int link_type);

enum link_result {
	LINK_MALFORMED = 0, /* shorter than its headers */
	LINK_OTHER,         /* not IP (ARP, LLDP, ...) */
	LINK_IP,
	LINK_PPPOE, /* IP in a PPPoE session: a firewall of IP does not look into it */
};

/* Find the IP packet in a frame: its offset in *ret_offset (LINK_IP, LINK_PPPOE). */
enum link_result link_find_ip(
    int link_type, const uint8_t *data, size_t length, size_t *ret_offset);

#endif
