/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset bridge: see ruleset_bridge.h.
 */
#include "ruleset_bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset_set.h"

enum set_index { SET_PORTS, SET_MEMBERS4, SET_JOINED, SET_UNSPECIFIED4, SET_COUNT };

static const struct ruleset_set empty_sets[SET_COUNT] = {
    [SET_PORTS] = {.name = "ports", .fields = {RULESET_TYPE_IFNAME}, .field_count = 1},
    [SET_MEMBERS4] = {.name = "members4",
	.fields = {RULESET_TYPE_IFNAME, RULESET_TYPE_IPV4},
	.field_count = 2,
	.interval = true},
    [SET_JOINED] = {.name = "joined",
	.fields = {RULESET_TYPE_IFNAME, RULESET_TYPE_IFNAME},
	.field_count = 2},
    [SET_UNSPECIFIED4] = {.name = "unspecified4", .fields = {RULESET_TYPE_IPV4}, .field_count = 1},
};

static const char *const reasons[] = {RULESET_REASON_WRONG_PORT, RULESET_REASON_OTHER_PORT,
    RULESET_REASON_FRAME, RULESET_REASON_UNGUARDED};

enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

static void
put_port(uint8_t *key, size_t *offset, const char *port)
{
	char name[RULESET_IFNAME_SIZE] = "";

	memcpy(name, port, strnlen(port, sizeof(name) - 1));
	ruleset_key_put(key, offset, name, sizeof(name));
}

/* A port alone, or two of them. */
static int
add_ports(struct ruleset_set *set, const char *port, const char *other)
{
	struct ruleset_element *element = ruleset_set_add(set);
	size_t at = 0;

	if (element == NULL)
		return -errno;
	put_port(element->first, &at, port);
	if (other != NULL)
		put_port(element->first, &at, other);
	return 0;
}

static int
add_member(struct ruleset_set *set, const char *port, const struct network *network)
{
	struct address last = network->address;
	struct ruleset_element *element;
	size_t at = 0;

	if (network->family != FAMILY_IPV4)
		return 0;
	element = ruleset_set_add(set);
	if (element == NULL)
		return -errno;
	for (unsigned bit = network->prefix; bit < 32; bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
	put_port(element->first, &at, port);
	ruleset_key_put(element->first, &at, &network->address, 4);
	at = 0;
	put_port(element->last, &at, port);
	ruleset_key_put(element->last, &at, &last, 4);
	return 0;
}

static int
add_zone(struct ruleset *bridge, const struct zone *zone)
{
	int r = 0;

	for (size_t i = 0; i < zone->interface_count && r == 0; i++) {
		r = add_ports(&bridge->sets[SET_PORTS], zone->interfaces[i], NULL);
		for (size_t k = 0; k < zone->network_count && r == 0; k++)
			r = add_member(
			    &bridge->sets[SET_MEMBERS4], zone->interfaces[i], &zone->networks[k]);
	}
	return r;
}

/* Both ways: who may be asked must be able to ask. */
static int
add_conduit(struct ruleset *bridge, const struct conduit *conduit)
{
	const struct zone *from = conduit->from, *to = conduit->to;
	struct ruleset_set *joined = &bridge->sets[SET_JOINED];
	int r = 0;

	if (conduit->isolated || from->bridge == NULL || to->bridge == NULL)
		return 0;
	for (size_t i = 0; i < from->interface_count * to->interface_count && r == 0; i++) {
		const char *a = from->interfaces[i / to->interface_count];
		const char *b = to->interfaces[i % to->interface_count];

		r = add_ports(joined, a, b);
		if (r == 0)
			r = add_ports(joined, b, a);
	}
	return r;
}

static int
make_sets(struct ruleset *bridge, const struct policy *policy)
{
	int r = 0;

	memcpy(bridge->sets, empty_sets, sizeof(empty_sets));
	bridge->set_count = SET_COUNT;
	if (ruleset_set_add(&bridge->sets[SET_UNSPECIFIED4]) == NULL)
		return -errno;
	for (size_t i = 0; i < policy->zone_count && r == 0; i++)
		if (policy->zones[i].bridge)
			r = add_zone(bridge, &policy->zones[i]);
	for (size_t i = 0; i < policy->conduit_count && r == 0; i++)
		r = add_conduit(bridge, &policy->conduits[i]);
	if (r == 0)
		r = ruleset_set_divide(&bridge->sets[SET_MEMBERS4]);
	for (size_t i = 0; i < bridge->set_count && r == 0; i++)
		ruleset_set_sort(&bridge->sets[i]);
	return r;
}

static int
make_counters(struct ruleset *bridge)
{
	bridge->counters = calloc(REASONS, sizeof(bridge->counters[0]));
	if (bridge->counters == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < REASONS; i++) {
		bridge->counters[i] = strdup(reasons[i]);
		if (bridge->counters[i] == NULL)
			return -ENOMEM;
		bridge->counter_count++;
	}
	return 0;
}

int
ruleset_bridge_names(struct ruleset_set *set, const struct policy *policy)
{
	int r = 0;

	for (size_t i = 0; i < policy->zone_count && r == 0; i++)
		if (policy->zones[i].bridge)
			r = add_ports(set, policy->zones[i].bridge, NULL);
	return r;
}

int
ruleset_bridge_make(
    struct ruleset *bridge, const struct policy *policy, const struct ruleset *beside)
{
	int r;

	bridge->family = RULESET_BRIDGE;
	bridge->chains = &ruleset_bridge_chains;
	bridge->options = beside->options;
	bridge->options.barred = NULL;
	bridge->options.helper = false;
	bridge->need = RULESET_NEED_BRIDGE;
	bridge->mark_mask = beside->mark_mask;
	r = make_counters(bridge);
	return r == 0 ? make_sets(bridge, policy) : r;
}
