/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Review: see review.h.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "names.h"
#include "network.h"
#include "place.h"
#include "review.h"
#include "review_rules.h"

struct review {
	const struct policy *policy;
	struct diagnostics *diagnostics;
	int error; /* -ENOMEM: the rest is not told */
};

static void tell(struct review *review, struct location where, enum finding finding,
    const char *place, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void
tell(struct review *review, struct location where, enum finding finding, const char *place,
    const char *format, ...)
{
	va_list arguments;

	if (review->error < 0)
		return;
	va_start(arguments, format);
	review->error =
	    diagnostics_add_warning(review->diagnostics, where, finding, place, format, arguments);
	va_end(arguments);
}

#define PLACE(...) place_print(&(struct place){__VA_ARGS__}, (char[PLACE_SIZE]){0})

/* ---- days ---- */

/* The day `days` after one, as YYYY-MM-DD. */
static void
add_days(const char *day, unsigned days, char buf[11])
{
	struct tm tm = {0};
	time_t seconds;

	strptime(day, "%Y-%m-%d", &tm);
	seconds = timegm(&tm) + (time_t)days * 24 * 60 * 60;
	gmtime_r(&seconds, &tm);
	strftime(buf, 11, "%Y-%m-%d", &tm);
}

static void
review_days(struct review *review, const char *today)
{
	const struct site *site = &review->policy->site;
	char due[11];

	if (!site->approved || site->review_days == 0)
		return;
	add_days(site->approved, site->review_days, due);
	if (strcmp(today, due) > 0)
		tell(review, site->where, FINDING_REVIEW_DUE, "",
		    "the review was due on %s: approved on %s, to be reviewed after %u days", due,
		    site->approved, site->review_days);
}

/* ---- zones ---- */

/* A word between dashes and underscores that says safety. */
static bool
sounds_safe(const char *name)
{
	static const char *const words[] = {
	    "safety", "sis", "esd", "sil", "fplc", "failsafe", "trip", "burner"};
	size_t length;

	for (; *name; name += length) {
		name += strspn(name, "-_0123456789");
		length = strcspn(name, "-_0123456789");
		for (size_t i = 0; length > 0 && i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i]) == length && strncasecmp(words[i], name, length) == 0)
				return true;
	}
	return false;
}

static void
review_zone(struct review *review, const struct zone *zone)
{
	for (size_t i = 0; zone->class != ZONE_SAFETY && i < zone->asset_count; i++)
		if (sounds_safe(zone->assets[i].name))
			tell(review, zone->assets[i].where, FINDING_SAFETY_MIXED,
			    PLACE(.zone = zone),
			    "asset \"%s\" sounds like safety, and zone \"%s\" is of class %s",
			    zone->assets[i].name, zone->name, zone_class_word(zone->class));
}

/* ---- conduits and channels ---- */

static void
review_conduit(struct review *review, const struct conduit *conduit)
{
	const struct zone *zone =
	    conduit->from->sl_t > conduit->to->sl_t ? conduit->from : conduit->to;

	if (conduit->when_down == WHEN_DOWN_OPEN && zone->sl_t >= 3)
		tell(review, conduit->where, FINDING_OPEN_AT_HIGH, PLACE(.conduit = conduit),
		    "conduit \"%s\" is open when the inspector is down, and zone \"%s\" has SL-T "
		    "%u",
		    conduit->name, zone->name, zone->sl_t);
}

/* Is an endpoint an address, which its author wrote as one? */
static const struct network *
bare_address(const struct endpoint *endpoint)
{
	const struct network *network = endpoint->networks;

	if (endpoint->network_count != 1 || !network_is_host(network) ||
	    !(isdigit((unsigned char)endpoint->text[0]) || strchr(endpoint->text, ':')))
		return NULL;
	return network;
}

static bool
is_asset(const struct zone *zone, const struct network *host)
{
	for (size_t i = 0; i < zone->asset_count; i++)
		if (network_contains(&zone->assets[i].address, host->family, &host->address))
			return true;
	return false;
}

static void
review_endpoints(struct review *review, const struct channel *channel, const struct zone *zone,
    const struct endpoint *endpoints, size_t count)
{
	/* the appliance's own addresses are nobody's asset */
	for (size_t i = 0; zone->class != ZONE_GATEWAY && i < count; i++) {
		const struct network *host = bare_address(&endpoints[i]);

		if (host && !is_asset(zone, host))
			tell(review, channel->where, FINDING_ENDPOINT_UNNAMED,
			    PLACE(.channel = channel),
			    "channel \"%s\" names the address %s, which is no asset of zone \"%s\"",
			    channel->name, endpoints[i].text, zone->name);
	}
}

static void
review_plain(struct review *review, const struct channel *channel)
{
	const struct zone *client = channel->client_zone, *server = channel->server_zone;

	if (channel->transport == PROTOCOL_ICMP || client->sl_t >= server->sl_t ||
	    client->class == ZONE_GATEWAY || server->class == ZONE_GATEWAY)
		return;
	tell(review, channel->where, FINDING_STEP_UNINSPECTED, PLACE(.channel = channel),
	    "channel \"%s\" leads from zone \"%s\" (SL-T %u) into zone \"%s\" (SL-T %u) "
	    "uninspected",
	    channel->name, client->name, client->sl_t, server->name, server->sl_t);
}

static void
review_rule(struct review *review, const struct channel *channel, const struct rule *rule)
{
	const struct dissector *d = channel->dissector;
	const char *place = PLACE(.channel = channel, .rule = rule);
	bool program = rule_allows_access(rule, d, ACCESS_PROGRAM);

	if (!rule->opaque && rule->rate.count == 0 &&
	    (program || rule_allows_access(rule, d, ACCESS_CONTROL)))
		tell(review, rule->where,
		    program ? FINDING_PROGRAM_UNLIMITED : FINDING_CONTROL_UNLIMITED, place,
		    "a rule of channel \"%s\" allows %s as often as anybody likes, at any time",
		    channel->name, program ? "programming" : "control");
	for (size_t i = 0; i < channel->rule_count; i++) {
		const struct rule *other = &channel->rules[i];
		/* of two that are alike the first is needed */
		bool first = other->index > rule->index && review_rule_contains(rule, other);

		if (other == rule || first || !review_rule_contains(other, rule))
			continue;
		tell(review, rule->where, FINDING_RULE_CONTAINED, place,
		    "rule %u of channel \"%s\" allows nothing that rule %u does not allow",
		    rule->index + 1, channel->name, other->index + 1);
		break;
	}
}

static void
review_channel(struct review *review, const struct channel *channel)
{
	review_endpoints(
	    review, channel, channel->client_zone, channel->clients, channel->client_count);
	review_endpoints(
	    review, channel, channel->server_zone, channel->servers, channel->server_count);
	if (!channel->dissector)
		review_plain(review, channel);
	for (size_t i = 0; i < channel->rule_count; i++)
		review_rule(review, channel, &channel->rules[i]);
}

/* ---- what is accepted ---- */

static bool
is_found(const struct diagnostics *diagnostics, const char *id, struct nearest *nearest)
{
	bool found = false;

	for (size_t i = 0; i < diagnostics->count; i++) {
		if (!diagnostics->items[i].id)
			continue;
		found = found || strcmp(diagnostics->items[i].id, id) == 0;
		nearest_offer(nearest, diagnostics->items[i].id);
	}
	return found;
}

/* Whether there is such a finding shows only a machine or a capture. */
static bool
needs_more(const char *id)
{
	static const enum finding kinds[] = {FINDING_INTERFACE_UNZONED, FINDING_INTERFACE_MISSING,
	    FINDING_CHANNEL_UNSEEN, FINDING_RULE_UNSEEN};
	size_t length = strcspn(id, ":");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(finding_kinds[kinds[i]].word) == length &&
		    strncmp(finding_kinds[kinds[i]].word, id, length) == 0)
			return true;
	return false;
}

static void
review_accepted(struct review *review, const struct accepted *accepted, const char *today)
{
	struct nearest nearest;
	bool found;

	nearest_init(&nearest, accepted->finding);
	found = is_found(review->diagnostics, accepted->finding, &nearest);
	if (!found && !review->policy->gateway && review->diagnostics->suppressed == 0 &&
	    !needs_more(accepted->finding))
		tell(review, accepted->where, FINDING_ACCEPTED_NOTHING, accepted->finding,
		    "nothing is found that \"%s\" accepts%s%s%s", accepted->finding,
		    nearest_take(&nearest) ? "; did you mean \"" : "",
		    nearest_take(&nearest) ? nearest_take(&nearest) : "",
		    nearest_take(&nearest) ? "\"?" : "");
	else if (found && strcmp(today, accepted->until) > 0)
		tell(review, accepted->where, FINDING_ACCEPTED_EXPIRED, accepted->finding,
		    "\"%s\" was accepted until %s, which has passed", accepted->finding,
		    accepted->until);
}

bool
review_is_accepted(const struct diagnostic *diagnostic, const char *today)
{
	return diagnostic->accepted && strcmp(today, diagnostic->accepted->until) <= 0;
}

/* ---- all of it ---- */

int
review_policy(const struct policy *policy, const char *today, struct diagnostics *diagnostics)
{
	struct review review = {.policy = policy, .diagnostics = diagnostics};

	review_days(&review, today);
	for (size_t i = 0; i < policy->zone_count; i++)
		review_zone(&review, &policy->zones[i]);
	for (size_t i = 0; i < policy->conduit_count; i++)
		review_conduit(&review, &policy->conduits[i]);
	for (size_t i = 0; i < policy->channel_count; i++)
		review_channel(&review, policy->channels[i]);
	for (size_t i = 0; i < policy->accepted_count; i++)
		review_accepted(&review, &policy->accepted[i], today);
	diagnostics_accept(diagnostics, policy);
	diagnostics_sort(diagnostics);
	return review.error;
}

/* ---- the machine ---- */

static bool
has_interface(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		for (size_t k = 0; k < policy->zones[i].interface_count; k++)
			if (strcmp(policy->zones[i].interfaces[k], name) == 0)
				return true;
	return false;
}

static bool
is_among(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

int
review_interfaces(const struct policy *policy, const char *const *names, size_t name_count,
    struct diagnostics *diagnostics)
{
	struct review review = {.policy = policy, .diagnostics = diagnostics};
	struct location whole = {.file = policy->file};

	for (size_t i = 0; i < name_count; i++)
		if (strcmp(names[i], "lo") != 0 && !has_interface(policy, names[i]))
			tell(&review, whole, FINDING_INTERFACE_UNZONED, names[i],
			    "interface \"%s\" of this machine is in no zone: what comes from it is "
			    "dropped",
			    names[i]);
	for (size_t i = 0; i < policy->zone_count; i++) {
		const struct zone *zone = &policy->zones[i];

		for (size_t k = 0; k < zone->interface_count; k++)
			if (!is_among(names, name_count, zone->interfaces[k]))
				tell(&review, zone->where, FINDING_INTERFACE_MISSING,
				    zone->interfaces[k],
				    "this machine has no interface \"%s\", by which zone \"%s\" is "
				    "reached",
				    zone->interfaces[k], zone->name);
	}
	return review.error;
}

/* ---- what was seen ---- */

int
review_seen(
    const struct policy *policy, const struct review_seen *seen, struct diagnostics *diagnostics)
{
	struct review review = {.policy = policy, .diagnostics = diagnostics};

	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];

		if (seen->channels[i] == 0) {
			tell(&review, channel->where, FINDING_CHANNEL_UNSEEN,
			    PLACE(.channel = channel), "channel \"%s\" carried nothing",
			    channel->name);
			continue;
		}
		for (size_t k = 0; k < channel->rule_count; k++)
			if (seen->rules[i][k] == 0)
				tell(&review, channel->rules[k].where, FINDING_RULE_UNSEEN,
				    PLACE(.channel = channel, .rule = &channel->rules[k]),
				    "rule %zu of channel \"%s\" allowed nothing", k + 1,
				    channel->name);
	}
	return review.error;
}
