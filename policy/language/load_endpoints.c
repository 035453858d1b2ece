/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: clients and servers of a channel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "network.h"

/* A network of an endpoint, for finding those that stand in a list twice. */
struct piece {
	struct network network;
	const struct endpoint *endpoint;
	const struct node *node;
};

/* Anything that no name can be is an address. */
static bool
is_address(const char *text)
{
	return strchr(text, ':') || strchr(text, '/') || (text[0] >= '0' && text[0] <= '9');
}

static const struct zone *
read_address(struct loader *l, const struct node *node, struct endpoint *endpoint)
{
	struct network *network = load_alloc(l, l->memory, 1, sizeof(*network));
	char text[NETWORK_TEXT_MAX];
	const struct zone *zone;
	int r = network_read(node->text, network);

	if (r == -EDOM) {
		load_error(l, node->where, "\"%s\" has bits set behind its prefix; expected \"%s\"",
		    node->text, network_print(network, text, sizeof(text)));
		return NULL;
	}
	if (r < 0) {
		load_error(l, node->where,
		    "\"%.80s\" is no address or network; expected one like \"10.20.0.11\", "
		    "or the name of an asset or zone",
		    node->text);
		return NULL;
	}
	zone = load_names_zone(l, network);
	if (!zone) {
		load_error(l, node->where,
		    "\"%s\" lies in no zone; expected an address or network within one "
		    "network of a zone",
		    node->text);
		return NULL;
	}
	endpoint->text = load_copy(l, network_print(network, text, sizeof(text)));
	endpoint->networks = network;
	endpoint->network_count = 1;
	return zone;
}

static const struct zone *
take_entry(struct endpoint *endpoint, const struct name_entry *entry)
{
	if (entry->asset) {
		endpoint->networks = (struct network *)&entry->asset->address;
		endpoint->network_count = 1;
	} else {
		endpoint->networks = entry->zone->networks;
		endpoint->network_count = entry->zone->network_count;
	}
	return entry->zone;
}

static void
report_unknown(struct loader *l, const struct node *node)
{
	struct nearest nearest;
	size_t i;

	if (l->diagnostics->count >= DIAGNOSTICS_MAX) {
		load_error(l, node->where, "unknown asset or zone");
		return;
	}
	nearest_init(&nearest, node->text);
	for (i = 0; i < l->name_count; i++)
		nearest_offer(&nearest, l->names[i].name);
	load_error(l, node->where, "unknown asset or zone \"%.130s\"%s", node->text,
	    load_hint(l, &nearest, "the name of an asset or zone, or an address"));
}

static void
report_unknown_zone(struct loader *l, const struct node *node, const char *name)
{
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, name);
	for (i = 0; i < l->policy->zone_count; i++)
		nearest_offer(&nearest, l->policy->zones[i].name);
	load_error(l, node->where, "unknown zone \"%.80s\" in \"%.160s\"%s", name, node->text,
	    load_hint(l, &nearest, "the name of a zone before the dot"));
}

/* "zone.asset" */
static const struct zone *
read_qualified(
    struct loader *l, const struct node *node, const char *dot, struct endpoint *endpoint)
{
	const struct name_entry *entries;
	const struct zone *zone = NULL;
	const char *name = load_format(l, "%.*s", (int)(dot - node->text), node->text);
	struct nearest nearest;
	size_t count, i;

	count = load_names_find(l, name, &entries);
	for (i = 0; i < count; i++)
		if (!entries[i].asset)
			zone = entries[i].zone;
	if (!zone) {
		report_unknown_zone(l, node, name);
		return NULL;
	}
	nearest_init(&nearest, dot + 1);
	for (i = 0; i < zone->asset_count; i++)
		nearest_offer(&nearest, zone->assets[i].name);
	count = load_names_find(l, dot + 1, &entries);
	for (i = 0; i < count; i++)
		if (entries[i].zone == zone && entries[i].asset)
			return take_entry(endpoint, &entries[i]);
	load_error(l, node->where, "zone \"%s\" has no asset \"%.80s\"%s", zone->name, dot + 1,
	    load_hint(l, &nearest, "the name of one of its assets"));
	return NULL;
}

static const struct zone *
read_endpoint(struct loader *l, const struct node *node, struct endpoint *endpoint)
{
	const char *dot = strchr(node->text, '.');
	const struct name_entry *entries;
	size_t count;

	if (is_address(node->text))
		return read_address(l, node, endpoint);
	endpoint->text = load_copy(l, node->text);
	if (dot)
		return read_qualified(l, node, dot, endpoint);
	count = load_names_find(l, node->text, &entries);
	if (count == 1)
		return take_entry(endpoint, &entries[0]);
	if (count == 0)
		report_unknown(l, node);
	else
		load_error(l, node->where,
		    "asset \"%s\" is in zones \"%s\" and \"%s\"; expected \"%s.%s\" or "
		    "\"%s.%s\"",
		    node->text, entries[0].zone->name, entries[1].zone->name, entries[0].zone->name,
		    node->text, entries[1].zone->name, node->text);
	return NULL;
}

static int
compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	int r = network_compare(&x->network, &y->network);

	return r ? r : (x->node > y->node) - (x->node < y->node);
}

/* Each address once: later steps count on it. */
static bool
check_pieces(
    struct loader *l, const struct node *node, const struct endpoint *endpoints, size_t count)
{
	size_t pieces = 0, i, j, outer = 0;
	struct piece *all;
	bool good = true;

	for (i = 0; i < count; i++)
		pieces += endpoints[i].network_count;
	all = load_alloc(l, l->scratch, pieces, sizeof(*all));
	for (i = 0, pieces = 0; i < count; i++)
		for (j = 0; j < endpoints[i].network_count; j++)
			all[pieces++] = (struct piece){
			    endpoints[i].networks[j], &endpoints[i], &node->children[i]};
	qsort(all, pieces, sizeof(*all), compare_pieces);
	for (i = 1; i < pieces; i++) {
		const struct piece *first = &all[outer], *second = &all[i];

		if (!network_overlap(&first->network, &second->network)) {
			outer = i;
			continue;
		}
		load_error(l, second->node->where,
		    "\"%s\" is part of \"%s\" in the same list; expected each "
		    "address once",
		    second->endpoint->text, first->endpoint->text);
		good = false;
	}
	return good;
}

bool
load_endpoints(struct loader *l, const struct node *node, const char *what,
    const struct conduit *conduit, struct endpoint **ret_endpoints, size_t *ret_count,
    const struct zone **ret_zone)
{
	struct endpoint *endpoints = load_alloc(l, l->memory, node->count, sizeof(*endpoints));
	const struct zone *zone, *first = NULL;
	bool good = true;
	size_t i;

	for (i = 0; i < node->count; i++) {
		const struct node *child = &node->children[i];

		zone = read_endpoint(l, child, &endpoints[i]);
		if (!zone) {
			good = false;
		} else if (conduit->from && conduit->to && zone != conduit->from &&
		    zone != conduit->to) {
			load_error(l, child->where,
			    "\"%s\" is in zone \"%s\"; expected zone \"%s\" or \"%s\", which "
			    "the conduit joins",
			    child->text, zone->name, conduit->from->name, conduit->to->name);
			good = false;
		} else if (first && zone != first) {
			load_error(l, child->where,
			    "\"%s\" is in zone \"%s\", other %s in zone \"%s\"; expected all "
			    "in the same zone",
			    child->text, zone->name, what, first->name);
			good = false;
		} else {
			first = zone;
		}
	}
	if (good)
		good = check_pieces(l, node, endpoints, node->count);
	if (!good)
		return false;
	*ret_endpoints = endpoints;
	*ret_count = node->count;
	*ret_zone = first;
	return true;
}
