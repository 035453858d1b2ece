/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network: reading, printing, containment, order. */
#include "network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "numbers.h"

unsigned
network_host_prefix(enum family family)
{
	return family == FAMILY_IPV6 ? 128 : 32;
}

bool
network_is_host(const struct network *network)
{
	return network->prefix == network_host_prefix(network->family);
}

struct address
network_mask(const struct address *address, unsigned prefix)
{
	struct address masked = {{0}};
	unsigned i;

	for (i = 0; i < sizeof(masked.bytes) && i * 8 < prefix; i++) {
		unsigned bits = prefix - i * 8;

		masked.bytes[i] = address->bytes[i];
		if (bits < 8)
			masked.bytes[i] &= (uint8_t)(0xff00u >> bits);
	}
	return masked;
}

bool
network_within(const struct network *inner, const struct network *outer)
{
	return inner->prefix >= outer->prefix &&
	    network_contains(outer, inner->family, &inner->address);
}

bool
network_overlap(const struct network *a, const struct network *b)
{
	return network_within(a, b) || network_within(b, a);
}

int
network_compare(const struct network *a, const struct network *b)
{
	int r;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	r = memcmp(&a->address, &b->address, sizeof(a->address));
	return r ? r : (int)a->prefix - (int)b->prefix;
}

int
network_read(const char *text, struct network *ret_network)
{
	struct network network = {.family = FAMILY_NONE};
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchrnul(text, '/');
	size_t length = (size_t)(slash - text);
	struct address masked;
	uint64_t prefix;
	int r = 0;

	if (length >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, length);
	address[length] = '\0';
	if (inet_pton(AF_INET, address, network.address.bytes) == 1)
		network.family = FAMILY_IPV4;
	else if (inet_pton(AF_INET6, address, network.address.bytes) == 1)
		network.family = FAMILY_IPV6;
	else
		return -EINVAL;

	prefix = network_host_prefix(network.family);
	if (*slash)
		r = numbers_read(slash + 1, prefix, &prefix);
	if (r < 0)
		return r;
	network.prefix = (uint8_t)prefix;
	masked = network_mask(&network.address, network.prefix);
	if (memcmp(&masked, &network.address, sizeof(masked)) != 0)
		r = -EDOM;
	network.address = masked;
	*ret_network = network;
	return r;
}

char *
network_print(const struct network *network, char *buf, size_t size)
{
	char address[INET6_ADDRSTRLEN] = "?";

	inet_ntop(network->family == FAMILY_IPV6 ? AF_INET6 : AF_INET, network->address.bytes,
	    address, sizeof(address));
	if (network_is_host(network))
		snprintf(buf, size, "%s", address);
	else
		snprintf(buf, size, "%s/%u", address, network->prefix);
	return buf;
}
