/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requirements: see requirements.h. */
#include "requirements.h"

#include <stdlib.h>

#include "words.h"

enum served { SERVED_NO = 0, SERVED_PART, SERVED_YES };

static const char *const served_words[] = {
    [SERVED_NO] = "no", [SERVED_PART] = "in part", [SERVED_YES] = "yes"};

struct requirement {
	const char *id;
	const char *title;
	enum served served; /* at best */
	const char *how;
	/* what of the policy shows it; may lower *served.  NULL: nothing of the policy. */
	char *(*evidence)(const struct policy *policy, enum served *served);
	const char *test; /* that shows it, or NULL */
};

static size_t
count_conduits(const struct policy *policy, bool (*is)(const struct conduit *conduit))
{
	size_t count = 0;

	for (size_t i = 0; i < policy->conduit_count; i++)
		count += is(&policy->conduits[i]);
	return count;
}

static bool
is_closed(const struct conduit *conduit)
{
	return conduit->when_down == WHEN_DOWN_CLOSED;
}

static bool
is_enforced(const struct conduit *conduit)
{
	return conduit->mode == MODE_ENFORCE;
}

static char *
conduits_that(const struct policy *policy, bool (*is)(const struct conduit *conduit),
    const char *what, enum served *served)
{
	size_t count = count_conduits(policy, is);

	if (count < policy->conduit_count && *served == SERVED_YES)
		*served = SERVED_PART;
	return words_format(
	    "%zu of %s %s", count, words_count(policy->conduit_count, "conduit"), what);
}

static char *
show_closed(const struct policy *policy, enum served *served)
{
	return conduits_that(policy, is_closed, "closed while the inspector is away", served);
}

static char *
show_enforced(const struct policy *policy, enum served *served)
{
	return conduits_that(policy, is_enforced, "enforced", served);
}

static char *
show_zones(const struct policy *policy, enum served *served)
{
	char *conduits = words_format("%s", words_count(policy->conduit_count, "conduit"));
	char *text = words_format("%s, %s", words_count(policy->zone_count, "zone"), conduits);

	free(conduits);
	return text;
}

static char *
show_inspected(const struct policy *policy, enum served *served)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->channel_count; i++)
		count += policy->channels[i]->dissector != NULL;
	if (count < policy->channel_count && *served == SERVED_YES)
		*served = SERVED_PART;
	return words_format(
	    "%zu of %s inspected", count, words_count(policy->channel_count, "channel"));
}

static char *
show_rates(const struct policy *policy, enum served *served)
{
	size_t rated = 0, rules = 0;

	for (size_t i = 0; i < policy->channel_count; i++)
		for (size_t k = 0; k < policy->channels[i]->rule_count; k++, rules++)
			rated += policy->channels[i]->rules[k].rate.count > 0;
	return words_format("%zu of %s with a rate; at most %u inspected connections", rated,
	    words_count(rules, "rule"), policy->limits.flows);
}

static char *
show_audit_full(const struct policy *policy, enum served *served)
{
	return words_format("audit_full = \"%s\"", audit_full_word(policy->audit_full));
}

static char *
show_written(const struct policy *policy, enum served *served)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->channel_count; i++)
		count += policy->channels[i]->log != LOG_DENIALS;
	return words_format("every denial; %zu of %s record permitted writes, too", count,
	    words_count(policy->channel_count, "channel"));
}

static char *
show_appliance(const struct policy *policy, enum served *served)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		if (policy->zones[i].class == ZONE_GATEWAY)
			return words_format(
			    "zone \"%s\" is the appliance itself", policy->zones[i].name);
	*served = *served == SERVED_YES ? SERVED_PART : *served;
	return words_format(
	    "no zone of class gateway: the appliance's own traffic is not filtered");
}

static char *
show_site(const struct policy *policy, enum served *served)
{
	if (!policy->site.approved)
		*served = SERVED_PART;
	return policy->site.approved
	    ? words_format("approved %s, policy %.12s", policy->site.approved, policy->hash)
	    : words_format("no day of approval, policy %.12s", policy->hash);
}

static const struct requirement requirements[] = {
    {"SR 1.13", "Access by untrusted networks", SERVED_PART,
	"Zones of class external, wireless and temporary reach nothing that no channel names; who "
	"uses "
	"them is not asked.",
	NULL, "tests/policy/ruleset/test_forward.c what_no_channel_names_is_dropped"},
    {"SR 2.1", "Authorisation is enforced", SERVED_PART,
	"For hosts, and for what their messages do: functions, units, points, values. People are "
	"not known.",
	show_inspected, NULL},
    {"SR 2.8", "Auditable events", SERVED_YES,
	"Denials, changes, alarms, starts and stops are events, with time, origin, reason and "
	"outcome.",
	show_written, "tests/net/life_audit.c chain_outlives_everything"},
    {"SR 2.9", "Room for the audit", SERVED_YES,
	"Event files rotate by size; storms of denials are summed up.", show_audit_full, NULL},
    {"SR 2.10", "Response to failing audit", SERVED_YES,
	"What becomes of traffic while events can't be written is a setting; losing one is an "
	"alarm.",
	show_audit_full, "tests/net/life_audit.c nothing_passes_unrecorded_if_the_policy_says_so"},
    {"SR 2.11", "Timestamps", SERVED_PART,
	"By the appliance's clock; keeping it right is left to the system.", NULL,
	"tests/net/life_boot.c clock_of_1970_and_its_jumps_harm_nothing"},
    {"SR 3.1", "Integrity of communication", SERVED_PART,
	"Segments, checksums, sequences and repetitions are verified; bytes that leave are those "
	"that were "
	"judged. The protocols themselves authenticate nobody.",
	NULL, NULL},
    {"SR 3.5", "Input is validated", SERVED_YES,
	"Messages of inspected channels are taken apart whole; what is not canonical is denied.",
	show_inspected, NULL},
    {"SR 3.9", "Protection of the audit", SERVED_YES,
	"Events are a hash chain, keyed if wanted; `sluice audit` names the first broken line.",
	NULL, "tests/net/life_audit.c chain_with_a_key_needs_it"},
    {"SR 4.1", "Confidentiality", SERVED_NO, "Traffic is not encrypted: that is for other means.",
	NULL, NULL},
    {"SR 5.1", "Network segmentation", SERVED_YES,
	"Zones by interface and network, joined by conduits alone.", show_zones,
	"tests/policy/ruleset/test_forward.c what_no_channel_names_is_dropped"},
    {"SR 5.2", "Zone boundary protection", SERVED_YES,
	"Traffic between zones is monitored and controlled at this appliance.", show_enforced,
	NULL},
    {"SR 5.2 RE 1", "Denied by default, permitted by exception", SERVED_YES,
	"What no channel names is dropped, in either direction, for IPv4 and IPv6.", show_zones,
	"tests/net/life_failed.c policy_as_installed_permits_nothing"},
    {"SR 5.2 RE 2", "Island mode", SERVED_YES,
	"`sluice isolate ZONE` cuts a zone off, live connections included, through restart and "
	"boot.",
	NULL, "tests/net/life_isolate.c island_lets_nothing_pass_under_load"},
    {"SR 5.2 RE 3", "Fail close", SERVED_YES,
	"The kernel's own rule says what holds while nobody inspects, and at boot.", show_closed,
	"tests/net/life_boot.c closed_from_the_first_packet"},
    {"SR 5.3", "Person-to-person communication", SERVED_PART,
	"Passes only where a channel names its port; what it carries is not looked at.", NULL,
	NULL},
    {"SR 6.1", "Access to the audit", SERVED_YES,
	"Read by `sluice events`; syslog and the journal, too.", NULL, NULL},
    {"SR 6.2", "Continuous monitoring", SERVED_YES,
	"Events, metrics with denials by reason, a verdict on the whole in `sluice status`.", NULL,
	NULL},
    {"SR 7.1", "Protection against denial of service", SERVED_PART,
	"Limits with fair shares for each client; rates of rules. The wire itself can be filled.",
	show_rates, "tests/net/life_shares.c flood_costs_others_nothing"},
    {"SR 7.3", "Backup", SERVED_PART,
	"Policies that were in force are kept on the appliance with who, when and why.", NULL,
	"tests/net/life_change.c history_tells_when"},
    {"SR 7.4", "Recovery", SERVED_YES,
	"The last good policy is in force whatever the file says; `sluice rollback` brings older "
	"ones back.",
	NULL, "tests/net/life_failed.c last_good_policy_is_in_force_instead_of_errors"},
    {"SR 7.6", "Settings by policy", SERVED_YES,
	"The policy is one text with a hash, an owner and a day of approval.", show_site, NULL},
    {"SR 7.7", "Least functionality", SERVED_YES,
	"No service is offered to zones; what is permitted is listed here.", show_appliance, NULL},
    {"NDR 1.13", "Access by untrusted networks", SERVED_PART, "As SR 1.13.", NULL, NULL},
    {"NDR 2.4", "Mobile code", SERVED_NO,
	"Downloads to controllers are permitted or denied as a whole; their content is not "
	"verified.",
	NULL, NULL},
    {"NDR 3.2", "Protection from malicious code", SERVED_PART,
	"Processes that touch packets have no files, no new sockets and few system calls; there is "
	"no "
	"scanner.",
	NULL, NULL},
    {"NDR 3.10", "Updates", SERVED_YES, "Packages; connections live through them.", NULL,
	"tests/net/life_restart.c another_version_goes_on_between_messages"},
    {"NDR 3.11", "Tamper resistance of the device", SERVED_NO, "Of the hardware, not of software.",
	NULL, NULL},
    {"NDR 3.12, 3.13", "Roots of trust", SERVED_NO, "Of the hardware and its firmware.", NULL,
	NULL},
    {"NDR 3.14", "Integrity of the boot", SERVED_NO, "Of the system that Sluice runs on.", NULL,
	NULL},
    {"NDR 5.2", "Zone boundary protection", SERVED_YES, "As SR 5.2 with its enhancements.",
	show_closed, NULL},
    {"NDR 5.3", "Person-to-person communication", SERVED_PART, "As SR 5.3.", NULL, NULL},
};

json_t *
requirements_json(const struct policy *policy)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(requirements) / sizeof(requirements[0]); i++) {
		const struct requirement *r = &requirements[i];
		enum served served = r->served;
		char *evidence = r->evidence ? r->evidence(policy, &served) : NULL;

		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?}", "id", r->id, "title", r->title,
			"served", served_words[served], "how", r->how, "evidence", evidence, "test",
			r->test));
		free(evidence);
	}
	return list;
}
