/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiled: look-up tables over a policy, made once when it is loaded, read-only afterwards.
 *
 * Which channel does a new flow belong to?  Exact client and server addresses are found by one hash
 * probe, however many channels there are; channels that name networks or port ranges are searched
 * in order behind that.
 */
#ifndef SLUICE_COMPILED_H
#define SLUICE_COMPILED_H

#include "model.h"

struct compiled;

/* Returns 0 and *ret_compiled, or -ENOMEM. `policy` must outlive it. */
int compiled_new(const struct policy *policy, struct compiled **ret_compiled);
void compiled_free(struct compiled *compiled);

const struct policy *compiled_policy(const struct compiled *compiled);

/*
 * The channel that permits `client` to talk to `server` at `port` (host order; 0 for ICMP), or
 * NULL. `transport` is PROTOCOL_TCP, _UDP, _ICMP or _ICMPV6.
 */
const struct channel *compiled_find_channel(const struct compiled *compiled, enum family family,
    const struct address *client, const struct address *server, uint8_t transport, uint16_t port);

#endif
