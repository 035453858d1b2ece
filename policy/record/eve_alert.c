/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eve, alerts: see eve_alert.h. */
#include "eve_alert.h"

/* As classification.config of Suricata counts: 1 is the gravest. */
enum { SEVERITY_CHANGES = 1, SEVERITY_OTHER = 2, SEVERITY_NETWORK = 3 };

uint32_t
eve_signature(enum reason reason)
{
	uint32_t hash = UINT32_C(2166136261);

	for (const char *word = reason_word(reason); *word; word++)
		hash = (hash ^ (uint8_t)*word) * UINT32_C(16777619);
	return EVE_SIGNATURE_FIRST + hash % EVE_SIGNATURES;
}

static bool
is_denial(const struct event *event)
{
	return event->type == EVENT_DROP ||
	    ((event->type == EVENT_VERDICT || event->type == EVENT_STORM) &&
		(event->verdict == VERDICT_DENY || event->would_deny));
}

static int
severity_of(const struct event *event, enum access access)
{
	switch (access) {
	case ACCESS_WRITE:
	case ACCESS_CONTROL:
	case ACCESS_PROGRAM:
	case ACCESS_FILE:
		return SEVERITY_CHANGES;
	default:
		return event->type == EVENT_DROP ? SEVERITY_NETWORK : SEVERITY_OTHER;
	}
}

void
eve_alert_put(json_t *root, const struct event *event, enum access access, enum eve_denials denials,
    const char *own_type)
{
	bool blocked = !event->would_deny;
	json_t *sluice = json_object_get(root, "sluice");

	if (denials == EVE_VERDICTS || !is_denial(event))
		return;
	if (sluice)
		json_object_set_new(sluice, "event", json_string(own_type));
	json_object_set_new(
	    root, "event_type", json_string(denials == EVE_DROPS && blocked ? "drop" : "alert"));
	json_object_set_new(root, "alert",
	    json_pack("{s:s, s:i, s:i, s:i, s:o, s:s, s:i}", "action",
		blocked ? "blocked" : "allowed", "gid", 1, "signature_id",
		(int)eve_signature(event->reason), "rev", 1, "signature",
		json_sprintf(
		    "SLUICE %s: %s", reason_word(event->reason), reason_text(event->reason)),
		"category", "Not permitted by the policy", "severity", severity_of(event, access)));
	if (denials == EVE_DROPS && blocked)
		json_object_set_new(root, "drop", json_pack("{s:s}", "reason", "rules"));
}
