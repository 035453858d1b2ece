/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refusal: see refusal.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "clock.h"
#include "log.h"
#include "refusal.h"
#include "state.h"
#include "who.h"

#define MINUTE_NS (60 * UINT64_C(1000000000))

bool
refusal_due(struct refusal *refusal, uint64_t now_ns, uint64_t *ret_untold)
{
	if (refusal->told == 0 || now_ns - refusal->since_ns >= MINUTE_NS) {
		refusal->since_ns = now_ns;
		refusal->told = 0;
	}
	if (refusal->told >= REFUSALS_PER_MINUTE) {
		refusal->untold++;
		return false;
	}
	refusal->told++;
	*ret_untold = refusal->untold;
	refusal->untold = 0;
	return true;
}

void
refusal_tell(void *context, const struct control_command *command)
{
	struct supervisor *supervisor = context;
	const struct control_client *client = supervisor->control.asking;
	enum role needed = role_needed(command->role);
	uint64_t untold = 0;
	char others[24];
	struct who who;

	if (!refusal_due(&supervisor->refusal, clock_ns(CLOCK_MONOTONIC), &untold))
		return;
	snprintf(others, sizeof(others), "%" PRIu64, untold);
	who_init(&who, &client->peer, NULL);
	log_warning("%s was refused to %s, who may %s; it needs the role %s (group %s)",
	    command->name, who.text, role_name(client->role), role_name(needed),
	    role_group(needed));
	events_note(&supervisor->events, "refused", "request", command->name, "who", who.text,
	    "role", role_name(client->role), "needs", role_name(needed), "group",
	    role_group(needed), "untold", others, NULL);
}
