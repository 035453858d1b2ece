/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Site: see site.h. */
#include "site.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t
prefix_of(enum family family)
{
	return family == FAMILY_IPV4 ? 3 : 8;
}

static int
compare_hosts(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return memcmp(&x->address, &y->address, sizeof(x->address));
}

static struct host *
find_host(const struct site_plan *plan, enum family family, const struct address *address)
{
	struct host key = {.family = family, .address = *address};

	return bsearch(&key, plan->hosts, plan->host_count, sizeof(key), compare_hosts);
}

const struct host *
site_plan_host(const struct site_plan *plan, enum family family, const struct address *address)
{
	const struct host *host = find_host(plan, family, address);

	assert(host);
	return host;
}

/* Multicast, the broadcast address, the last address of a usual network, and none at all. */
static bool
is_group(enum family family, const struct address *address)
{
	const uint8_t *b = address->bytes;

	if (family == FAMILY_IPV6)
		return b[0] == 0xff || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
	return b[0] >= 224 || b[0] == 0 || b[3] == 255;
}

static enum omission
omission_of(const struct talk *talk, bool one_sided)
{
	if (is_group(talk->family, &talk->server) || is_group(talk->family, &talk->client))
		return OMIT_GROUP;
	if (!one_sided && talk->transport == PROTOCOL_TCP && (talk->answers == 0 || talk->refused))
		return OMIT_UNANSWERED;
	return OMIT_NOT;
}

static void
list_hosts(const struct talks *talks, struct site_plan *plan)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < talks->count; i++) {
		const struct talk *talk = &talks->items[i];

		if (plan->omitted[i])
			continue;
		plan->hosts[plan->host_count++] =
		    (struct host){.family = talk->family, .address = talk->client};
		plan->hosts[plan->host_count++] =
		    (struct host){.family = talk->family, .address = talk->server};
	}
	qsort(plan->hosts, plan->host_count, sizeof(*plan->hosts), compare_hosts);
	for (uint32_t i = 0; i < plan->host_count; i++)
		if (i == 0 || compare_hosts(&plan->hosts[i], &plan->hosts[used - 1]) != 0)
			plan->hosts[used++] = plan->hosts[i];
	plan->host_count = used;
	for (uint32_t i = 0; i < talks->count; i++) {
		const struct talk *talk = &talks->items[i];

		if (plan->omitted[i] || !talk->dissector)
			continue;
		find_host(plan, talk->family, &talk->server)->device = true;
		find_host(plan, talk->family, &talk->client)->asks = true;
	}
}

static bool
same_prefix(const struct host *a, const struct host *b)
{
	return a->family == b->family &&
	    memcmp(&a->address, &b->address, prefix_of(a->family)) == 0;
}

/* Is there a talk within the network of this host? */
static bool
is_flat(const struct talks *talks, const struct site_plan *plan, const struct host *host)
{
	for (uint32_t i = 0; i < talks->count; i++) {
		const struct talk *talk = &talks->items[i];
		struct host ends[2] = {{.family = talk->family, .address = talk->client},
		    {.family = talk->family, .address = talk->server}};

		if (!plan->omitted[i] && talk->dissector && same_prefix(&ends[0], host) &&
		    same_prefix(&ends[1], host))
			return true;
	}
	return false;
}

static uint32_t
add_zone(struct site_plan *plan, const struct host *host, bool part, bool devices)
{
	struct site_zone *zone = &plan->zones[plan->zone_count];
	const uint8_t *b = host->address.bytes;

	*zone = (struct site_zone){.family = host->family, .part = part, .devices = devices};
	memcpy(&zone->prefix, &host->address, prefix_of(host->family));
	if (host->family == FAMILY_IPV4)
		snprintf(zone->name, sizeof(zone->name), "net-%u-%u-%u%s", b[0], b[1], b[2],
		    !part         ? ""
			: devices ? "-devices"
				  : "-stations");
	else
		snprintf(zone->name, sizeof(zone->name),
		    "net6-%02x%02x-%02x%02x-%02x%02x-%02x%02x%s", b[0], b[1], b[2], b[3], b[4],
		    b[5], b[6], b[7],
		    !part         ? ""
			: devices ? "-devices"
				  : "-stations");
	return plan->zone_count++;
}

/* Hosts of one network stand together. */
static void
make_zones(const struct talks *talks, struct site_plan *plan)
{
	enum { NONE = UINT32_MAX };

	for (uint32_t i = 0; i < plan->host_count;) {
		uint32_t zones[2] = {NONE, NONE}, first = i;
		bool flat = is_flat(talks, plan, &plan->hosts[first]);

		for (; i < plan->host_count && same_prefix(&plan->hosts[first], &plan->hosts[i]);
		     i++) {
			struct host *host = &plan->hosts[i];
			bool devices = flat && host->device && !host->asks;

			if (zones[devices] == NONE)
				zones[devices] = add_zone(plan, host, flat, devices);
			host->zone = zones[devices];
			plan->zones[host->zone].host_count++;
			plan->zones[host->zone].devices |= host->device;
		}
	}
}

static void
name_hosts(struct site_plan *plan)
{
	unsigned devices = 0, stations = 0, others = 0;

	for (uint32_t i = 0; i < plan->host_count; i++) {
		struct host *host = &plan->hosts[i];

		if (host->device && !host->asks)
			snprintf(host->name, sizeof(host->name), "device%u", ++devices);
		else if (host->asks)
			snprintf(host->name, sizeof(host->name), "station%u", ++stations);
		else
			snprintf(host->name, sizeof(host->name), "host%u", ++others);
	}
}

int
site_plan_make(const struct talks *talks, struct site_plan *ret_plan)
{
	struct site_plan plan = {.one_sided = true};

	plan.hosts = calloc((size_t)talks->count * 2 + 1, sizeof(*plan.hosts));
	plan.zones = calloc((size_t)talks->count * 2 + 1, sizeof(*plan.zones));
	plan.omitted = calloc((size_t)talks->count + 1, sizeof(*plan.omitted));
	if (!plan.hosts || !plan.zones || !plan.omitted) {
		site_plan_done(&plan);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < talks->count; i++)
		plan.one_sided &= talks->items[i].answers == 0 || talks->items[i].packets == 0;
	for (uint32_t i = 0; i < talks->count; i++)
		plan.omitted[i] = omission_of(&talks->items[i], plan.one_sided);
	list_hosts(talks, &plan);
	make_zones(talks, &plan);
	name_hosts(&plan);
	for (uint32_t i = 0; i < talks->count; i++) {
		const struct talk *talk = &talks->items[i];

		if (!plan.omitted[i] &&
		    site_plan_host(&plan, talk->family, &talk->client)->zone ==
			site_plan_host(&plan, talk->family, &talk->server)->zone)
			plan.omitted[i] = OMIT_INSIDE;
	}
	*ret_plan = plan;
	return 0;
}

void
site_plan_done(struct site_plan *plan)
{
	free(plan->hosts);
	free(plan->zones);
	free(plan->omitted);
	*plan = (struct site_plan){.host_count = 0};
}
