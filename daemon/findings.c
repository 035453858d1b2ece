/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings: see findings.h.
 */
#include <string.h>

#include "clock.h"
#include "enforce.h"
#include "findings.h"
#include "surroundings.h"

/* Takes the text. */
static void
add(json_t *findings, const char *what, json_t *text)
{
	json_array_append_new(findings, json_pack("{s:s, s:o}", "what", what, "text", text));
}

static void
find_policy(json_t *findings, struct supervisor *supervisor)
{
	const struct failure *failure = &supervisor->failure;
	const char *file = supervisor->settings.policy;

	if (supervisor->fallback)
		add(findings, "policy-fallback",
		    json_sprintf("%s could not be loaded: the last good policy is in force", file));
	if (failure->why && !supervisor->fallback)
		add(findings, "reload-failed",
		    json_sprintf("the last reload of %s has failed: %s", file, failure->why));
	if (supervisor->change.pending.number != 0)
		add(findings, "unconfirmed",
		    json_sprintf("policy %.12s waits for its confirmation",
			supervisor->loaded->policy->hash));
	else if (enforce_differs(supervisor))
		add(findings, "file-differs",
		    json_sprintf("what %s says is not what is in force%s", file,
			supervisor->change.applied ? ": another policy was applied" : ""));
	if (memcmp(&supervisor->loaded->policy->limits, &supervisor->limits,
		sizeof(struct limits)) != 0)
		add(findings, "limits-differ",
		    json_string("the limits of the policy take effect at the next start only"));
	if (supervisor->kept_error != 0)
		add(findings, "policy-not-kept",
		    json_sprintf("%s: the policy can't be kept for the next start: %s",
			supervisor->settings.state, strerror(supervisor->kept_error)));
}

static void
find_table(json_t *findings, const struct supervisor *supervisor)
{
	if (supervisor->guard.foreign)
		add(findings, "table-foreign",
		    json_string(
			"another table has the name inet sluice: the policy is NOT in force"));
	else if (supervisor->guard.damaged)
		add(findings, "table-damaged",
		    json_string("the table inet sluice was changed and is not put right yet"));
}

static void
find_flow_table(json_t *findings, const struct supervisor *supervisor)
{
	if (supervisor->guard.flow_table[0] && !supervisor->features.helper)
		add(findings, "flow-table",
		    json_sprintf("the flow table %s takes packets of established connections past "
				 "the policy",
			supervisor->guard.flow_table));
}

static void
find_tracking(json_t *findings, const struct supervisor *supervisor)
{
	if (supervisor->guard.tracking_full)
		add(findings, "tracking-full",
		    json_string("connection tracking is full or nearly so: the kernel drops new "
				"connections (net.netfilter.nf_conntrack_max)"));
}

static void
find_members(json_t *findings, const struct supervisor *supervisor)
{
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		if (supervisor->crew.members[i].pid == 0)
			add(findings, "inspector-missing",
			    json_sprintf("inspector %u dies again and again: its packets do what "
					 "when_down says",
				i));
	}
}

/* A surroundings_teller. */
static void
find_surrounding(void *context, const char *what, const char *text)
{
	add(context, what, json_string(text));
}

static void
find_islands(json_t *findings, const struct supervisor *supervisor)
{
	const struct isolated *isolated = &supervisor->isolated;

	for (size_t i = 0; i < isolated->count; i++) {
		const struct island *island = &isolated->items[i];

		if (policy_find_zone_name(supervisor->loaded->policy, island->zone))
			add(findings, "isolated",
			    json_sprintf("zone %s is isolated by %s%s%s", island->zone, island->who,
				island->why[0] ? ": " : "", island->why));
		else
			add(findings, "isolation-lost",
			    json_sprintf("zone %s is isolated, and the policy in force has no zone "
					 "of this name: nothing is cut",
				island->zone));
	}
	if (isolated->kept_error != 0)
		add(findings, "isolation-not-kept",
		    json_sprintf(
			"%s: which zones are isolated can't be kept for the next start: %s",
			supervisor->settings.state, strerror(isolated->kept_error)));
}

static void
find_barred(json_t *findings, const struct supervisor *supervisor)
{
	struct ruleset_barred list[RULESET_BARRED_MAX];
	size_t count = barred_list(&supervisor->crew.barred, clock_ns(CLOCK_MONOTONIC), list);
	char address[64];

	for (size_t i = 0; i < count; i++)
		add(findings, "peer-barred",
		    json_sprintf(
			"%s has killed inspectors: none gets a packet of it for %u seconds, "
			"unless 'sluice restart' ends that",
			address_print(list[i].family, &list[i].address, address, sizeof(address)),
			list[i].seconds));
}

json_t *
findings_array(struct supervisor *supervisor)
{
	json_t *findings = json_array();

	find_policy(findings, supervisor);
	find_islands(findings, supervisor);
	find_table(findings, supervisor);
	find_flow_table(findings, supervisor);
	find_tracking(findings, supervisor);
	find_members(findings, supervisor);
	find_barred(findings, supervisor);
	if (supervisor->events.failing != 0)
		add(findings, "events-unwritable",
		    json_sprintf("%s: events can't be written: %s",
			supervisor->events.settings.path, strerror(supervisor->events.failing)));
	if (!supervisor->listener.on)
		add(findings, "drops-untold",
		    json_sprintf("what the kernel drops is counted, but not told: %s",
			strerror(supervisor->listener.error)));
	surroundings_look(supervisor->loaded->policy, find_surrounding, findings);
	return findings;
}
