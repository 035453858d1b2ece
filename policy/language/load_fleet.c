/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: one file for many gateways.  What the chosen one does not enforce is taken out of the tree,
 * its interfaces are put in; behind this step a policy is that of one gateway, as any other.
 *
 * A gateway enforces the conduits on whose ways it stands (fleet.h).  All of them are looked at,
 * whichever is chosen, so that a gap is found wherever the file is read.
 */
#include <stdint.h>
#include <string.h>

#include "fleet.h"
#include "loader.h"

enum { GATEWAYS_MAX = 256, LINKS_MAX = 4096 };

static const size_t nobody = SIZE_MAX;

struct site_map {
	struct fleet fleet;
	struct node *zones;
	struct node *conduits;
	const struct node *gateways;
	struct fleet_link *links;
	const struct node **interfaces; /* of each link */
	size_t *box;                    /* by zone: the gateway whose own zone it is, or nobody */
	size_t gateway;                 /* that is read, later the chosen one */
};

static size_t
find_index(const struct node *group, const char *name)
{
	for (size_t i = 0; i < group->count; i++)
		if (strcmp(group->children[i].name, name) == 0)
			return i;
	return nobody;
}

/* The number of a child by its name, nobody after an error. */
static size_t
want_index(struct loader *l, struct location where, const struct node *group, const char *what,
    const char *name)
{
	size_t index = find_index(group, name);
	struct nearest nearest;

	if (index != nobody)
		return index;
	nearest_init(&nearest, name);
	for (size_t i = 0; i < group->count; i++)
		nearest_offer(&nearest, group->children[i].name);
	load_error(l, where, "unknown %s \"%.80s\"%s", what, name,
	    load_hint(l, &nearest, load_format(l, "the name of one under \"%s\"", group->name)));
	return nobody;
}

static bool
is_box(const struct node *zone)
{
	const struct node *class = load_find(zone, "class");

	return class && class->kind == NODE_STRING && strcmp(class->text, "gateway") == 0;
}

/* A list of the names of interfaces; what they may be is for load_zones.c to say. */
static bool
check_interfaces(struct loader *l, const struct node *node)
{
	bool good = node->kind == NODE_LIST && node->count > 0;

	for (size_t i = 0; good && i < node->count; i++)
		good = node->children[i].kind == NODE_STRING;
	if (!good)
		load_error(l, node->where,
		    "\"%.80s\" is not what joins a gateway to a zone; expected a list of "
		    "interfaces, like [\"eth0\"]",
		    node->name);
	return good;
}

static void
read_zones(struct loader *l, const struct node *node, void *object)
{
	struct site_map *map = object;

	for (size_t i = 0; i < node->count; i++) {
		const struct node *child = &node->children[i];
		size_t zone = want_index(l, child->where, map->zones, "zone", child->name);

		if (!check_interfaces(l, child) || zone == nobody)
			continue;
		if (is_box(&map->zones->children[zone])) {
			load_error(l, child->where,
			    "zone \"%s\" is of class \"gateway\" and has no interfaces; expected "
			    "it as \"appliance\" of the gateway that it is",
			    child->name);
			continue;
		}
		if (map->fleet.link_count == LINKS_MAX) {
			load_error(l, child->where, "more than %d interfaces lists; expected fewer",
			    LINKS_MAX);
			return;
		}
		map->interfaces[map->fleet.link_count] = child;
		map->links[map->fleet.link_count++] = (struct fleet_link){zone, map->gateway};
	}
}

static void
read_appliance(struct loader *l, const struct node *node, void *object)
{
	struct site_map *map = object;
	size_t zone = want_index(l, node->where, map->zones, "zone", node->text);

	if (zone == nobody)
		return;
	if (!is_box(&map->zones->children[zone]))
		load_error(l, node->where,
		    "zone \"%s\" is not of class \"gateway\"; expected the zone of the appliance",
		    node->text);
	else if (map->box[zone] != nobody)
		load_error(l, node->where,
		    "zone \"%s\" is the appliance of gateway \"%s\"; expected a zone of its own",
		    node->text, map->gateways->children[map->box[zone]].name);
	else
		map->box[zone] = map->gateway;
}

static const struct key gateway_keys[] = {
    {"zones", KEY_GROUP, "the zones that it joins, with its interfaces", read_zones},
    {"appliance", KEY_STRING, NULL, read_appliance},
};

static void
read_gateways(struct loader *l, struct site_map *map)
{
	for (map->gateway = 0; map->gateway < map->gateways->count; map->gateway++) {
		const struct node *node = &map->gateways->children[map->gateway];

		load_name(l, node->where, "gateway", node->name);
		if (node->kind == NODE_GROUP)
			load_group(l, node, load_format(l, "gateway \"%.80s\"", node->name),
			    gateway_keys, sizeof(gateway_keys) / sizeof(gateway_keys[0]), map);
		else
			load_error(l, node->where,
			    "gateway \"%.80s\" is no group; expected { ... }", node->name);
	}
	if (map->gateways->count == 0)
		load_error(l, map->gateways->where,
		    "\"gateways\" is empty; expected at least one gateway");
	if (map->gateways->count > GATEWAYS_MAX)
		load_error(l, map->gateways->where, "%zu gateways; expected at most %d",
		    map->gateways->count, GATEWAYS_MAX);
}

/* Each zone belongs to the map: at a gateway, or the gateway itself. */
static void
check_zones(struct loader *l, const struct site_map *map)
{
	for (size_t i = 0; i < map->zones->count; i++) {
		const struct node *zone = &map->zones->children[i];
		const struct node *interfaces = load_find(zone, "interfaces");
		const struct node *behind = load_find(zone, "behind");

		if (interfaces || behind)
			load_error(l, interfaces ? interfaces->where : behind->where,
			    "\"%s\" of zone \"%s\" itself; expected \"gateways\" to say it, "
			    "for each gateway it is another",
			    interfaces ? "interfaces" : "behind", zone->name);
		if (is_box(zone) && map->box[i] == nobody)
			load_error(l, zone->where,
			    "zone \"%s\" is no gateway's appliance; expected the gateway that it "
			    "is to name it",
			    zone->name);
		if (!is_box(zone) && map->fleet.degree[i] == 0)
			load_error(l, zone->where,
			    "zone \"%s\" is at no gateway; expected it in \"zones\" of one at "
			    "least, or nobody guards it",
			    zone->name);
	}
}

/* The zones of a conduit; false: somebody else will tell what is wrong with it. */
static bool
find_ends(const struct site_map *map, const struct node *conduit, size_t *ret_from, size_t *ret_to)
{
	const struct node *from = load_find(conduit, "from"), *to = load_find(conduit, "to");
	size_t a, b;

	if (!from || !to || from->kind != NODE_STRING || to->kind != NODE_STRING)
		return false;
	a = find_index(map->zones, from->text);
	b = find_index(map->zones, to->text);
	if (a == nobody || b == nobody || a == b)
		return false;
	*ret_from = a;
	*ret_to = b;
	return true;
}

static bool
stands_at(const struct site_map *map, size_t gateway, size_t zone)
{
	for (size_t i = 0; i < map->fleet.link_count; i++)
		if (map->links[i].gateway == gateway && map->links[i].zone == zone)
			return true;
	return false;
}

/* Has this gateway to enforce a conduit between these zones? */
static bool
enforces(const struct site_map *map, size_t from, size_t to, size_t gateway)
{
	size_t box = map->box[from] != nobody ? map->box[from] : map->box[to];

	if (box != nobody)
		return box == gateway;
	return fleet_between(&map->fleet, from, to, gateway);
}

/* A gateway's own zone is reached by who stands at that gateway only. */
static void
check_box(struct loader *l, const struct site_map *map, const struct node *conduit, size_t from,
    size_t to)
{
	size_t zone = map->box[from] != nobody ? from : to, other = zone == from ? to : from;
	size_t box = map->box[zone];

	if (map->box[other] != nobody || !stands_at(map, box, other))
		load_error(l, conduit->where,
		    "conduit \"%s\" joins the appliance of gateway \"%s\" and zone \"%s\", which "
		    "is not at that gateway; expected a zone that it joins",
		    conduit->name, map->gateways->children[box].name,
		    map->zones->children[other].name);
}

static bool
names(const struct node *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->children[i].kind == NODE_STRING &&
		    strcmp(list->children[i].text, name) == 0)
			return true;
	return false;
}

/* What a conduit says of its gateways against what the map says. */
static void
check_list(struct loader *l, const struct site_map *map, const struct node *conduit, size_t from,
    size_t to)
{
	const struct node *list = load_find(conduit, "gateways");

	for (size_t i = 0; list && i < list->count; i++)
		if (list->children[i].kind == NODE_STRING)
			want_index(l, list->children[i].where, map->gateways, "gateway",
			    list->children[i].text);
	for (size_t i = 0; list && i < map->gateways->count; i++) {
		const char *name = map->gateways->children[i].name;
		bool on_way = enforces(map, from, to, i);

		if (on_way && !names(list, name))
			load_error(l, list->where,
			    "gateway \"%s\" stands on a way of conduit \"%s\", which does not "
			    "name it; expected it in \"gateways\", or that way is closed",
			    name, conduit->name);
		else if (!on_way && names(list, name))
			load_error(l, list->where,
			    "gateway \"%s\" stands on no way of conduit \"%s\"; expected it to "
			    "be left out of \"gateways\"",
			    name, conduit->name);
	}
}

static void
check_conduit(struct loader *l, const struct site_map *map, const struct node *conduit)
{
	size_t from, to;

	if (!find_ends(map, conduit, &from, &to))
		return;
	if (map->box[from] != nobody || map->box[to] != nobody)
		check_box(l, map, conduit, from, to);
	else if (map->fleet.degree[from] > 0 && map->fleet.degree[to] > 0 &&
	    !fleet_joins(&map->fleet, from, to, FLEET_NOBODY))
		load_error(l, conduit->where,
		    "conduit \"%s\": no gateways join zone \"%s\" to zone \"%s\"; expected a way "
		    "between them",
		    conduit->name, map->zones->children[from].name, map->zones->children[to].name);
	check_list(l, map, conduit, from, to);
}

/* Take a setting out of a group. */
static void
take_out(struct node *group, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < group->count; i++)
		if (strcmp(group->children[i].name, name) != 0)
			group->children[count++] = group->children[i];
	group->count = count;
}

/* Does the way to a zone begin with this link of the chosen gateway? */
static bool
leads_to(const struct site_map *map, size_t link, size_t zone)
{
	return map->links[link].gateway == map->gateway &&
	    fleet_joins(&map->fleet, map->links[link].zone, zone, (long)map->gateway);
}

/* Which zones of the chosen gateway lie before a zone that it is not at. */
static struct node
make_behind(struct loader *l, const struct site_map *map, size_t zone)
{
	struct node list = {
	    .name = "behind", .kind = NODE_LIST, .where = map->zones->children[zone].where};

	list.children = load_alloc(l, l->scratch, map->fleet.link_count, sizeof(*list.children));
	for (size_t i = 0; i < map->fleet.link_count; i++)
		if (leads_to(map, i, zone))
			list.children[list.count++] = (struct node){.name = "",
			    .kind = NODE_STRING,
			    .text = map->zones->children[map->links[i].zone].name,
			    .where = map->interfaces[i]->where};
	return list;
}

/* What the chosen gateway has of a zone: interfaces, or another zone before it. */
static struct node
make_place(struct loader *l, const struct site_map *map, size_t zone)
{
	struct node list;

	for (size_t i = 0; i < map->fleet.link_count; i++) {
		if (map->links[i].gateway != map->gateway || map->links[i].zone != zone)
			continue;
		list = *map->interfaces[i];
		list.name = "interfaces";
		return list;
	}
	return make_behind(l, map, zone);
}

static void
add_child(struct loader *l, struct node *group, const struct node *child)
{
	struct node *children =
	    load_alloc(l, l->scratch, group->count + 1, sizeof(*group->children));

	if (group->count > 0)
		memcpy(children, group->children, group->count * sizeof(*children));
	children[group->count++] = *child;
	group->children = children;
}

/* Conduits that the chosen gateway enforces, and in *used the zones that they join. */
static void
keep_conduits(const struct site_map *map, bool *used)
{
	size_t count = 0, from = 0, to = 0;

	for (size_t i = 0; i < map->conduits->count; i++) {
		struct node *conduit = &map->conduits->children[i];
		bool known = find_ends(map, conduit, &from, &to);

		if (known && !enforces(map, from, to, map->gateway))
			continue;
		if (known)
			used[from] = used[to] = true;
		if (conduit->kind == NODE_GROUP)
			take_out(conduit, "gateways");
		map->conduits->children[count++] = *conduit;
	}
	map->conduits->count = count;
}

/* In a list of their own: numbers of zones are places in the whole one until all are done. */
static void
keep_zones(struct loader *l, const struct site_map *map, const bool *used)
{
	struct node *kept = load_alloc(l, l->scratch, map->zones->count + 1, sizeof(*kept));
	size_t count = 0;

	for (size_t i = 0; i < map->zones->count; i++) {
		struct node *zone = &map->zones->children[i];
		bool box = map->box[i] != nobody;
		struct node place;

		if (box ? map->box[i] != map->gateway
			: !used[i] && !stands_at(map, map->gateway, i))
			continue;
		place = make_place(l, map, i);
		if (!box && zone->kind == NODE_GROUP)
			add_child(l, zone, &place);
		kept[count++] = *zone;
	}
	map->zones->children = kept;
	map->zones->count = count;
}

/* Room for all that the map says. */
static void
map_init(struct loader *l, struct site_map *map)
{
	struct fleet *fleet = &map->fleet;
	size_t places = map->zones->count + map->gateways->count;

	map->links = load_alloc(l, l->scratch, LINKS_MAX, sizeof(*map->links));
	map->interfaces = load_alloc(l, l->scratch, LINKS_MAX, sizeof(*map->interfaces));
	map->box = load_alloc(l, l->scratch, map->zones->count + 1, sizeof(*map->box));
	for (size_t i = 0; i < map->zones->count; i++)
		map->box[i] = nobody;
	fleet->links = map->links;
	fleet->zone_count = map->zones->count;
	fleet->gateway_count = map->gateways->count;
	fleet->seen = load_alloc(l, l->scratch, places + 1, sizeof(*fleet->seen));
	fleet->degree = load_alloc(l, l->scratch, places + 1, sizeof(*fleet->degree));
}

/* Which of them is meant; nobody after an error. */
static size_t
choose(struct loader *l, const struct node *root, const struct node *gateways)
{
	const struct node *chosen = load_find(root, "gateway");
	const char *first = gateways->count ? gateways->children[0].name : "NAME";

	if (chosen && chosen->kind == NODE_STRING)
		return want_index(l, chosen->where, gateways, "gateway", chosen->text);
	load_error(l, chosen ? chosen->where : gateways->where,
	    "%s; expected which of them this is, as in gateway = \"%s\"; or by --gateway",
	    chosen ? "\"gateway\" is no string"
		   : load_format(l, "the policies of %zu gateways", gateways->count),
	    first);
	return nobody;
}

static bool
is_group(const struct node *node)
{
	return node && node->kind == NODE_GROUP;
}

bool
load_fleet(struct loader *l, struct node *root)
{
	struct site_map map = {.zones = load_find(root, "zones"),
	    .conduits = load_find(root, "conduits"),
	    .gateways = load_find(root, "gateways")};
	const struct node *gateway = load_find(root, "gateway");
	size_t chosen;
	bool *used;

	if (gateway && !map.gateways)
		load_error(l, gateway->where,
		    "\"gateway\" in a policy without \"gateways\"; expected a group of them, or "
		    "neither");
	if (!is_group(map.gateways) || !is_group(map.zones) || !is_group(map.conduits))
		return true;
	map_init(l, &map);
	read_gateways(l, &map);
	chosen = choose(l, root, map.gateways);
	if (l->diagnostics->error_count)
		return false;
	fleet_count(&map.fleet);
	check_zones(l, &map);
	for (size_t i = 0; i < map.conduits->count; i++)
		check_conduit(l, &map, &map.conduits->children[i]);
	map.gateway = chosen;
	l->policy->gateway = load_copy(l, map.gateways->children[chosen].name);
	used = load_alloc(l, l->scratch, map.zones->count + 1, sizeof(*used));
	keep_conduits(&map, used);
	keep_zones(l, &map, used);
	return true;
}
