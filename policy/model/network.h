/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network: addresses with prefix lengths, as policies write them.
 */
#ifndef SLUICE_NETWORK_H
#define SLUICE_NETWORK_H

#include "model.h"

enum { NETWORK_TEXT_MAX = 52 };

/*
 * Read "10.0.0.0/8", "10.0.0.5", "fd00::/64" or "fd00::1".  Returns 0, -EINVAL (neither), -ERANGE
 * (prefix too long for the family), or -EDOM (bits behind the prefix are set; *ret_network then
 * holds the network that was meant).
 */
int network_read(const char *text, struct network *ret_network);

/* Print so that network_read() reads it back; hosts without prefix. Returns buf. */
char *network_print(const struct network *network, char *buf, size_t size);

/* Prefix length of one host: 32 or 128. */
unsigned network_host_prefix(enum family family);
bool network_is_host(const struct network *network);

/* Does `outer` contain all of `inner`? Two networks overlap when one contains the other. */
bool network_within(const struct network *inner, const struct network *outer);
bool network_overlap(const struct network *a, const struct network *b);

/* The first `prefix` bits of an address, zeros behind them. */
struct address network_mask(const struct address *address, unsigned prefix);

/* Order by family, address, then longer prefixes later: a network stands before what it contains.
 */
int network_compare(const struct network *a, const struct network *b);

#endif
