/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Model: the words of its enumerations, and where an address belongs. */
#include "model.h"

#include <string.h>

static const char *const zone_classes[] = {
    [ZONE_CONTROL] = "control",
    [ZONE_SAFETY] = "safety",
    [ZONE_ENTERPRISE] = "enterprise",
    [ZONE_DMZ] = "dmz",
    [ZONE_TEMPORARY] = "temporary",
    [ZONE_WIRELESS] = "wireless",
    [ZONE_EXTERNAL] = "external",
    [ZONE_GATEWAY] = "gateway",
};

static const char *const modes[] = {[MODE_ENFORCE] = "enforce", [MODE_MONITOR] = "monitor"};
static const char *const on_denies[] = {
    [ON_DENY_DROP] = "drop",
    [ON_DENY_RESET] = "reset",
    [ON_DENY_REFUSE] = "refuse",
};
static const char *const fast_paths[] = {[FAST_PATH_OFF] = "off", [FAST_PATH_AUTO] = "auto"};
static const char *const audit_fulls[] = {
    [AUDIT_FULL_CONTINUE] = "continue", [AUDIT_FULL_DENY] = "deny"};
static const char *const when_downs[] = {[WHEN_DOWN_CLOSED] = "closed", [WHEN_DOWN_OPEN] = "open"};
static const char *const answers[] = {
    [ANSWERS_EXACT] = "exact",
    [ANSWERS_ANY_UNIT] = "any-unit",
    [ANSWERS_ANY_TRANSACTION] = "any-transaction",
    [ANSWERS_ANY] = "any",
};
static const char *const pickups[] = {[PICKUP_RESET] = "reset", [PICKUP_RESYNC] = "resync"};
static const char *const logs[] = {
    [LOG_DENIALS] = "denials",
    [LOG_WRITES] = "writes",
    [LOG_ALL] = "all",
};

static const char *
word(const char *const *words, size_t count, unsigned number)
{
	return number < count ? words[number] : "?";
}

#define WORD(words, number) word(words, sizeof(words) / sizeof(words[0]), (unsigned)(number))

const char *zone_class_word(enum zone_class class)
{
	return WORD(zone_classes, class);
}

const char *
conduit_mode_word(enum conduit_mode mode)
{
	return WORD(modes, mode);
}

const char *
on_deny_word(enum on_deny on_deny)
{
	return WORD(on_denies, on_deny);
}

const char *
fast_path_word(enum fast_path fast_path)
{
	return WORD(fast_paths, fast_path);
}

const char *
audit_full_word(enum audit_full audit_full)
{
	return WORD(audit_fulls, audit_full);
}

const char *
when_down_word(enum when_down when_down)
{
	return WORD(when_downs, when_down);
}

const char *
pickup_word(enum pickup pickup)
{
	return WORD(pickups, pickup);
}

const char *
answers_word(enum answers answer)
{
	return WORD(answers, answer);
}

const char *
channel_log_word(enum channel_log log)
{
	return WORD(logs, log);
}

bool
network_contains(const struct network *network, enum family family, const struct address *address)
{
	unsigned bytes = network->prefix / 8, bits = network->prefix % 8;

	if (network->family != family)
		return false;
	if (memcmp(network->address.bytes, address->bytes, bytes) != 0)
		return false;
	return bits == 0 ||
	    (network->address.bytes[bytes] ^ address->bytes[bytes]) >> (8 - bits) == 0;
}

bool
rule_allows_access(const struct rule *rule, const struct dissector *dissector, enum access access)
{
	for (uint32_t i = 0; dissector && i < dissector->function_count; i++)
		if ((rule->functions[i / 64] >> (i % 64) & 1) &&
		    dissector->functions[i].access == access)
			return true;
	return false;
}

bool
endpoints_contain(const struct endpoint *endpoints, size_t count, enum family family,
    const struct address *address)
{
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < endpoints[i].network_count; n++)
			if (network_contains(&endpoints[i].networks[n], family, address))
				return true;
	return false;
}

/* The gateway's addresses may lie within another zone's network; they are the gateway's. */
const struct zone *
policy_find_zone(const struct policy *policy, enum family family, const struct address *address)
{
	const struct zone *found = NULL;
	size_t i, j;

	for (i = 0; i < policy->zone_count; i++) {
		const struct zone *zone = &policy->zones[i];

		for (j = 0; j < zone->network_count; j++)
			if (network_contains(&zone->networks[j], family, address) &&
			    (!found || zone->class == ZONE_GATEWAY))
				found = zone;
	}
	return found;
}

uint32_t
limits_states(uint32_t flows)
{
	if (flows == LIMITS_FLOWS)
		return LIMITS_STATES;
	return flows < LIMITS_STATES_IMPLIED ? flows : LIMITS_STATES_IMPLIED;
}

size_t
zone_door_count(const struct zone *zone)
{
	return zone->bridge ? 1 : zone->interface_count;
}

const char *
zone_door(const struct zone *zone, size_t i)
{
	return zone->bridge ? zone->bridge : zone->interfaces[i];
}

bool
policy_is_bridged(const struct policy *policy)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		if (policy->zones[i].bridge)
			return true;
	return false;
}

const struct zone *
policy_find_zone_name(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		if (strcmp(policy->zones[i].name, name) == 0)
			return &policy->zones[i];
	return NULL;
}

bool
policy_isolate(struct policy *policy, const char *name)
{
	const struct zone *zone = policy_find_zone_name(policy, name);

	for (size_t i = 0; zone && i < policy->conduit_count; i++)
		if (policy->conduits[i].from == zone || policy->conduits[i].to == zone)
			policy->conduits[i].isolated = true;
	return zone != NULL;
}
