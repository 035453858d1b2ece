/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: which zones and assets are there, by name and by address. */
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "network.h"

static int
compare_names(const void *a, const void *b)
{
	const struct name_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
compare_networks(const void *a, const void *b)
{
	const struct zone_network *x = a, *y = b;

	return network_compare(&x->network, &y->network);
}

/* An endpoint "x" must mean one thing. */
static void
check_names(struct loader *l)
{
	size_t i, j;

	for (i = 0; i < l->name_count; i = j) {
		const struct zone *zone = NULL;

		for (j = i; j < l->name_count && strcmp(l->names[i].name, l->names[j].name) == 0;
		     j++)
			if (!l->names[j].asset)
				zone = l->names[j].zone;
		for (; zone && i < j; i++)
			if (l->names[i].asset)
				load_error(l, l->names[i].asset->where,
				    "asset \"%s\" has the name of a zone (%s); expected "
				    "another name",
				    l->names[i].name,
				    load_place(l, l->names[i].asset->where, zone->where));
	}
}

/* Hosts of other zones are not the appliance, although its addresses lie in their networks. */
static void
check_gateway(struct loader *l)
{
	size_t i, j;

	for (i = 0; i < l->name_count; i++) {
		const struct name_entry *entry = &l->names[i];

		if (!entry->asset || entry->zone == l->gateway)
			continue;
		for (j = 0; j < l->gateway->network_count; j++)
			if (network_overlap(&entry->asset->address, &l->gateway->networks[j]))
				load_error(l, entry->asset->where,
				    "asset \"%s\" has an address of zone \"%s\" "
				    "(%s), which is the appliance; expected another host",
				    entry->name, l->gateway->name,
				    load_place(l, entry->asset->where, l->gateway->where));
	}
}

static void
report_overlap(struct loader *l, const struct zone_network *a, const struct zone_network *b)
{
	const struct zone_network *first = a->where.order <= b->where.order ? a : b;
	const struct zone_network *second = first == a ? b : a;
	char x[NETWORK_TEXT_MAX], y[NETWORK_TEXT_MAX];

	network_print(&first->network, x, sizeof(x));
	network_print(&second->network, y, sizeof(y));
	if (first->zone == second->zone)
		load_error(l, second->where,
		    "network %s overlaps %s of the same zone (%s); expected "
		    "each address once",
		    y, x, load_place(l, second->where, first->where));
	else
		load_error(l, second->where,
		    "network %s overlaps %s of zone \"%s\" (%s); expected "
		    "each address in one zone%s",
		    y, x, first->zone->name, load_place(l, second->where, first->where),
		    first->zone->bridge && second->zone->bridge
			? ", at a bridge \"networks\" may be left out: a zone is its assets then"
			: "");
}

/* Sorted, a network stands behind all that contain it; they are a chain. */
static void
check_networks(struct loader *l)
{
	size_t i, outer = 0;

	for (i = 1; i < l->network_count; i++) {
		if (network_overlap(&l->networks[outer].network, &l->networks[i].network))
			report_overlap(l, &l->networks[outer], &l->networks[i]);
		else
			outer = i;
	}
}

void
load_names(struct loader *l)
{
	const struct policy *policy = l->policy;
	size_t names = policy->zone_count, i, j;

	for (i = 0; i < policy->zone_count; i++)
		names += policy->zones[i].asset_count;
	l->names = load_alloc(l, l->scratch, names, sizeof(*l->names));
	for (i = 0; i < policy->zone_count; i++) {
		const struct zone *zone = &policy->zones[i];

		l->names[l->name_count++] = (struct name_entry){zone->name, zone, NULL};
		for (j = 0; j < zone->asset_count; j++)
			l->names[l->name_count++] =
			    (struct name_entry){zone->assets[j].name, zone, &zone->assets[j]};
	}
	qsort(l->names, l->name_count, sizeof(*l->names), compare_names);
	qsort(l->networks, l->network_count, sizeof(*l->networks), compare_networks);
	check_names(l);
	check_networks(l);
	if (l->gateway)
		check_gateway(l);
}

size_t
load_names_find(const struct loader *l, const char *name, const struct name_entry **ret_first)
{
	size_t low = 0, high = l->name_count, count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(l->names[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < l->name_count && strcmp(l->names[low + count].name, name) == 0)
		count++;
	if (count)
		*ret_first = &l->names[low];
	return count;
}

const struct zone *
load_names_zone(const struct loader *l, const struct network *network)
{
	size_t low = 0, high = l->network_count, i;

	for (i = 0; l->gateway && i < l->gateway->network_count; i++)
		if (network_within(network, &l->gateway->networks[i]))
			return l->gateway;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (network_compare(&l->networks[middle].network, network) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || !network_within(network, &l->networks[low - 1].network))
		return NULL;
	return l->networks[low - 1].zone;
}

const struct zone *
load_names_want_zone(struct loader *l, const struct node *node)
{
	const struct policy *policy = l->policy;
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, node->text);
	for (i = 0; i < policy->zone_count; i++) {
		if (strcmp(policy->zones[i].name, node->text) == 0)
			return &policy->zones[i];
		nearest_offer(&nearest, policy->zones[i].name);
	}
	load_error(l, node->where, "unknown zone \"%s\"%s", node->text,
	    load_hint(l, &nearest, "the name of a zone under \"zones\""));
	return NULL;
}
