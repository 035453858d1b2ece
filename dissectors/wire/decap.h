/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decap: frames that others are carried in, as mirrors of switches and of clouds send them.
 *
 * GRE (RFC 2784, RFC 2890) with IP or Ethernet in it, ERSPAN types I to III (their layout as
 * draft-foschiano-erspan describes it), VXLAN (RFC 7348), TZSP, PPPoE sessions (RFC 2516).  For
 * captures alone: a firewall judges the packet that it forwards, never one that is inside of it.
 */
#ifndef SLUICE_DECAP_H
#define SLUICE_DECAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum carrier {
	CARRIER_NONE = 0,
	CARRIER_PPPOE,
	CARRIER_GRE,
	CARRIER_ERSPAN,
	CARRIER_VXLAN,
	CARRIER_TZSP,
	CARRIER_COUNT,
};

/* "VXLAN", and so on; "nothing" for CARRIER_NONE. */
const char *carrier_name(enum carrier carrier);

/* What is inside; `data` points into the frame that was read. */
struct carried {
	enum carrier carrier;
	int link_type; /* as link.h numbers them */
	const uint8_t *data;
	size_t length;
};

/*
 * Take one frame of the given link type out of its carrier.  Returns false, and *ret_carried as it
 * was, if it is in none of these or is not whole.
 */
bool decap_frame(int link_type, const uint8_t *data, size_t length, struct carried *ret_carried);

#endif
