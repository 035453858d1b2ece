/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: zones with their interfaces, networks and assets. */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "network.h"

/* An interface of a zone, for finding those named twice. */
struct interface {
	const char *name;
	const struct zone *zone;
	struct location where;
};

/* What reading a zone needs besides the zone. */
struct zone_reader {
	struct zone *zone;
	const struct node **behind;   /* of this zone */
	struct interface *interfaces; /* of all zones */
	size_t *interface_count;
};

static void
read_class(struct loader *l, const struct node *node, void *object)
{
	struct zone_reader *reader = object;
	const char *words[ZONE_CLASS_COUNT + 1] = {NULL};
	int class;

	for (class = 0; class < ZONE_CLASS_COUNT; class ++)
		words[class] = zone_class_word((enum zone_class) class);
	class = load_choice(l, node, "zone class", words);
	if (class >= 0)
		reader->zone->class = (enum zone_class) class;
	if (class != ZONE_GATEWAY)
		return;
	if (l->gateway)
		load_error(l, node->where,
		    "a second zone of class \"gateway\"; expected at most one, zone "
		    "\"%s\" (%s) is it",
		    l->gateway->name, load_place(l, node->where, l->gateway->where));
	else
		l->gateway = reader->zone;
}

static void
read_sl_t(struct loader *l, const struct node *node, void *object)
{
	struct zone_reader *reader = object;
	long long level;

	if (load_number(l, node, 0, 4, &level))
		reader->zone->sl_t = (unsigned)level;
}

/* Names of zones, which are read when all of them are known. */
static void
read_behind(struct loader *l, const struct node *node, void *object)
{
	struct zone_reader *reader = object;

	if (reader->zone->class == ZONE_GATEWAY)
		load_error(l, node->where,
		    "\"behind\" in a zone of class \"gateway\"; expected nothing, it is the "
		    "appliance itself");
	else
		*reader->behind = node;
}

static bool
interface_valid(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < IFNAMSIZ && strcspn(name, "/* \t\n\"\\") == length &&
	    strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void
read_bridge(struct loader *l, const struct node *node, void *object)
{
	struct zone_reader *reader = object;

	if (reader->zone->class == ZONE_GATEWAY)
		load_error(l, node->where,
		    "a bridge in a zone of class \"gateway\"; expected none, it is the appliance "
		    "itself");
	else if (!interface_valid(node->text))
		load_error(l, node->where,
		    "\"%.80s\" is no interface; expected a whole name of at most %d characters, "
		    "like \"br0\"",
		    node->text, IFNAMSIZ - 1);
	else
		reader->zone->bridge = load_copy(l, node->text);
}

static void
read_interfaces(struct loader *l, const struct node *node, void *object)
{
	struct zone_reader *reader = object;
	struct zone *zone = reader->zone;
	size_t i;

	if (zone->class == ZONE_GATEWAY) {
		load_error(l, node->where,
		    "interfaces in a zone of class \"gateway\"; expected none, it is the "
		    "appliance itself");
		return;
	}
	zone->interfaces = load_alloc(l, l->memory, node->count, sizeof(*zone->interfaces));
	for (i = 0; i < node->count; i++) {
		const struct node *child = &node->children[i];

		if (!interface_valid(child->text)) {
			load_error(l, child->where,
			    "\"%.80s\" is no interface; expected a whole name of at most %d "
			    "characters, like \"eth0\"",
			    child->text, IFNAMSIZ - 1);
			continue;
		}
		zone->interfaces[zone->interface_count] = load_copy(l, child->text);
		reader->interfaces[(*reader->interface_count)++] = (struct interface){
		    zone->interfaces[zone->interface_count++], zone, child->where};
	}
}

/* An address or network in *ret_network; false after an error. */
static bool
read_network(struct loader *l, const struct node *node, struct network *ret_network)
{
	struct network network;
	char text[NETWORK_TEXT_MAX];
	int r = network_read(node->text, &network);

	if (r == 0)
		*ret_network = network;
	else if (r == -EDOM)
		load_error(l, node->where, "\"%s\" has bits set behind its prefix; expected \"%s\"",
		    node->text, network_print(&network, text, sizeof(text)));
	else if (r == -ERANGE)
		load_error(l, node->where,
		    "\"%.80s\" has too long a prefix; expected at most /32 for IPv4, /128 "
		    "for IPv6",
		    node->text);
	else
		load_error(l, node->where,
		    "\"%.80s\" is no address or network; expected one like "
		    "\"10.20.0.0/24\" or \"fd00:20::/64\"",
		    node->text);
	return r == 0;
}

static bool
zone_holds(const struct zone *zone, const struct network *network)
{
	size_t i;

	for (i = 0; i < zone->network_count; i++)
		if (network_within(network, &zone->networks[i]))
			return true;
	return false;
}

static void
read_networks(struct loader *l, const struct node *node, void *object)
{
	struct zone_reader *reader = object;
	struct zone *zone = reader->zone;
	size_t i;

	zone->networks = load_alloc(l, l->memory, node->count, sizeof(*zone->networks));
	for (i = 0; i < node->count; i++) {
		const struct node *child = &node->children[i];
		struct network *network = &zone->networks[zone->network_count];

		if (!read_network(l, child, network))
			continue;
		if (zone->class == ZONE_GATEWAY && !network_is_host(network)) {
			load_error(l, child->where,
			    "\"%s\" is a network; expected single addresses of the appliance "
			    "in a zone of class \"gateway\"",
			    child->text);
			continue;
		}
		if (zone->class == ZONE_GATEWAY && zone_holds(zone, network)) {
			load_error(l, child->where, "\"%s\" is there twice; expected it once",
			    child->text);
			continue;
		}
		zone->network_count++;
		if (zone->class != ZONE_GATEWAY)
			l->networks[l->network_count++] =
			    (struct zone_network){*network, zone, child->where};
	}
}

static int
compare_assets(const void *a, const void *b)
{
	const struct asset *const *x = a, *const *y = b;
	int r = network_compare(&(*x)->address, &(*y)->address);

	return r ? r : (int)((*x)->where.order - (*y)->where.order);
}

static void
check_asset_addresses(struct loader *l, const struct zone *zone)
{
	const struct asset **assets = load_alloc(l, l->scratch, zone->asset_count, sizeof(*assets));
	char text[NETWORK_TEXT_MAX];
	size_t i;

	for (i = 0; i < zone->asset_count; i++)
		assets[i] = &zone->assets[i];
	qsort(assets, zone->asset_count, sizeof(*assets), compare_assets);
	for (i = 1; i < zone->asset_count; i++)
		if (network_compare(&assets[i - 1]->address, &assets[i]->address) == 0)
			load_error(l, assets[i]->where,
			    "asset \"%s\" has the address %s of asset \"%s\" (%s); "
			    "expected one of its own",
			    assets[i]->name, network_print(&assets[i]->address, text, sizeof(text)),
			    assets[i - 1]->name,
			    load_place(l, assets[i]->where, assets[i - 1]->where));
}

static void
read_asset(struct loader *l, const struct node *node, struct zone *zone)
{
	struct asset *asset = &zone->assets[zone->asset_count];

	if (!load_name(l, node->where, "asset", node->name))
		return;
	if (node->kind != NODE_STRING) {
		load_error(l, node->where,
		    "asset \"%s\" is no string; expected an address like \"10.20.0.11\"",
		    node->name);
		return;
	}
	*asset = (struct asset){.name = load_copy(l, node->name), .where = node->where};
	if (!read_network(l, node, &asset->address))
		return;
	if (!network_is_host(&asset->address)) {
		load_error(l, node->where,
		    "asset \"%s\" is a network; expected the address of one host", node->name);
		return;
	}
	if (zone->network_count && !zone_holds(zone, &asset->address))
		load_error(l, node->where,
		    "asset \"%s\" (%s) is outside the networks of zone \"%s\"; expected an "
		    "address within them",
		    node->name, node->text, zone->name);
	zone->asset_count++;
}

static void
read_assets(struct loader *l, const struct node *node, void *object)
{
	struct zone_reader *reader = object;
	struct zone *zone = reader->zone;
	size_t i;

	zone->assets = load_alloc(l, l->memory, node->count, sizeof(*zone->assets));
	for (i = 0; i < node->count; i++)
		read_asset(l, &node->children[i], zone);
	check_asset_addresses(l, zone);
}

/* At a bridge a zone is its assets, unless it says more: subnets are no borders there. */
static void
take_assets(struct loader *l, struct zone *zone)
{
	zone->networks = load_alloc(l, l->memory, zone->asset_count, sizeof(*zone->networks));
	for (size_t i = 0; i < zone->asset_count; i++) {
		const struct asset *asset = &zone->assets[i];

		zone->networks[zone->network_count++] = asset->address;
		l->networks[l->network_count++] =
		    (struct zone_network){asset->address, zone, asset->where};
	}
}

static void
check_networks_given(struct loader *l, const struct node *node, struct zone *zone, const char *what)
{
	if (load_find(node, "networks"))
		return;
	if (zone->bridge && zone->asset_count > 0)
		take_assets(l, zone);
	else if (zone->bridge)
		load_error(l, node->where,
		    "%s has neither \"networks\" nor \"assets\"; expected its hosts, like "
		    "assets: { plc1 = \"10.20.0.11\"; }",
		    what);
	else
		load_error(l, node->where,
		    "%s has no \"networks\"; expected a list of networks, like "
		    "[\"10.20.0.0/24\"]",
		    what);
}

static const struct key zone_keys[] = {
    {"class", KEY_STRING, "what kind of zone it is, like \"control\"", read_class},
    {"sl_t", KEY_NUMBER, NULL, read_sl_t},
    {"bridge", KEY_STRING, NULL, read_bridge},
    {"interfaces", KEY_WORDS, NULL, read_interfaces},
    {"behind", KEY_WORDS, NULL, read_behind},
    {"networks", KEY_WORDS, NULL, read_networks},
    {"assets", KEY_GROUP, NULL, read_assets},
};

static void
read_zone(struct loader *l, const struct node *node, struct zone_reader *reader)
{
	struct zone *zone = reader->zone;
	const char *what = load_format(l, "zone \"%.80s\"", node->name);

	zone->name = load_copy(l, node->name);
	zone->where = node->where;
	load_name(l, node->where, "zone", node->name);
	load_group(l, node, what, zone_keys, sizeof(zone_keys) / sizeof(zone_keys[0]), reader);
	check_networks_given(l, node, zone, what);
	if (*reader->behind && load_find(node, "interfaces"))
		load_error(l, (*reader->behind)->where,
		    "%s has interfaces of its own and lies behind others; expected one of both",
		    what);
	else if (zone->class != ZONE_GATEWAY && !*reader->behind && !load_find(node, "interfaces"))
		load_error(l, node->where,
		    "%s has no \"interfaces\"; expected a list of them, like [\"eth0\"]", what);
}

static int
compare_interfaces(const void *a, const void *b)
{
	const struct interface *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (int)(x->where.order - y->where.order);
}

static void
check_interfaces(struct loader *l, struct interface *interfaces, size_t count)
{
	size_t i;

	qsort(interfaces, count, sizeof(*interfaces), compare_interfaces);
	for (i = 1; i < count; i++) {
		const struct interface *first = &interfaces[i - 1], *second = &interfaces[i];

		if (strcmp(first->name, second->name) != 0)
			continue;
		if (first->zone == second->zone)
			load_error(l, second->where,
			    "interface \"%s\" is there twice; expected it once", second->name);
		else
			load_error(l, second->where,
			    "interface \"%s\" belongs to zone \"%s\" (%s); expected an "
			    "interface of one zone only",
			    second->name, first->zone->name,
			    load_place(l, second->where, first->where));
	}
}

/*
 * A zone that this appliance is not at: it is reached by the interfaces of the one that lies
 * between, and told from it by its networks alone.
 */
static void
take_interfaces(struct loader *l, struct zone *zone, const struct node *node)
{
	const struct zone *between = load_names_want_zone(l, node);

	if (!between)
		return;
	if (between->interface_count == 0 || between->behind_count > 0) {
		load_error(l, node->where,
		    "zone \"%s\" lies behind zone \"%s\", which has no interfaces of its own; "
		    "expected a zone at this appliance",
		    zone->name, between->name);
		return;
	}
	if (between->network_count == 0)
		load_error(l, between->where,
		    "zone \"%s\" lies behind zone \"%s\", which has no networks; expected "
		    "\"networks\", which tell them apart",
		    zone->name, between->name);
	zone->behind[zone->behind_count++] = between;
	for (size_t i = 0; i < between->interface_count; i++)
		zone->interfaces[zone->interface_count++] = between->interfaces[i];
}

static void
put_behind(struct loader *l, struct zone *zone, const struct node *node)
{
	size_t interfaces = 0;

	for (size_t i = 0; i < l->policy->zone_count; i++)
		interfaces += l->policy->zones[i].interface_count;
	zone->behind = load_alloc(l, l->memory, node->count, sizeof(*zone->behind));
	zone->interfaces = load_alloc(l, l->memory, interfaces + 1, sizeof(*zone->interfaces));
	for (size_t i = 0; i < node->count; i++) {
		bool twice = false;

		for (size_t k = 0; k < i; k++)
			twice |= strcmp(node->children[k].text, node->children[i].text) == 0;
		if (twice)
			load_error(l, node->children[i].where,
			    "zone \"%s\" is there twice; expected it once", node->children[i].text);
		else
			take_interfaces(l, zone, &node->children[i]);
	}
	if (zone->network_count == 0)
		load_error(l, zone->where,
		    "zone \"%s\" lies behind another one and has no networks; expected "
		    "\"networks\", which tell them apart",
		    zone->name);
}

/* The elements of all lists of this name in the groups of a group. */
static size_t
count_elements(const struct node *node, const char *name)
{
	size_t i, j, count = 0;

	for (i = 0; i < node->count; i++)
		for (j = 0; j < node->children[i].count; j++)
			if (strcmp(node->children[i].children[j].name, name) == 0)
				count += node->children[i].children[j].count;
	return count;
}

void
load_zones(struct loader *l, const struct node *node)
{
	struct policy *policy = l->policy;
	size_t interface_count = 0, i;
	struct zone_reader reader = {.interface_count = &interface_count};
	const struct node **behind =
	    load_alloc(l, l->scratch, node->count + 1, sizeof(const struct node *));

	if (node->count == 0)
		load_error(l, node->where, "\"zones\" is empty; expected at least one zone");
	policy->zones = load_alloc(l, l->memory, node->count, sizeof(*policy->zones));
	l->networks = load_alloc(l, l->scratch,
	    count_elements(node, "networks") + count_elements(node, "assets"),
	    sizeof(*l->networks));
	reader.interfaces = load_alloc(
	    l, l->scratch, count_elements(node, "interfaces"), sizeof(*reader.interfaces));
	for (i = 0; i < node->count; i++) {
		if (node->children[i].kind != NODE_GROUP) {
			load_error(l, node->children[i].where,
			    "zone \"%.80s\" is no group; expected { ... }", node->children[i].name);
			continue;
		}
		reader.behind = &behind[policy->zone_count];
		reader.zone = &policy->zones[policy->zone_count++];
		read_zone(l, &node->children[i], &reader);
	}
	check_interfaces(l, reader.interfaces, interface_count);
	for (i = 0; i < policy->zone_count; i++)
		if (behind[i])
			put_behind(l, &policy->zones[i], behind[i]);
}
