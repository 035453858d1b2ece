/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers: see answers.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "answers.h"
#include "change_answers.h"
#include "clock.h"
#include "findings.h"
#include "flows.h"
#include "handover.h"
#include "isolate.h"
#include "log.h"
#include "plan.h"
#include "resolve.h"
#include "status.h"
#include "who.h"

static json_t *
answer_status(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	json_t *status = status_daemon(supervisor);

	json_object_set_new(status, "channels", status_channels(supervisor));
	json_object_set_new(status, "isolated", isolate_array(supervisor));
	if (supervisor->change.pending.number != 0)
		json_object_set_new(status, "waiting", change_waiting(supervisor));
	json_object_set_new(status, "findings", findings_array(supervisor));
	json_object_set_new(status, "verdict",
	    json_string(
		json_array_size(json_object_get(status, "findings")) == 0 ? "fine" : "look here"));
	return status;
}

static json_t *
answer_metrics(void *context, const json_t *request, const char **ret_error)
{
	char *metrics = status_metrics(context);
	json_t *answer = metrics ? json_pack("{s:s}", "metrics", metrics) : NULL;

	free(metrics);
	return answer;
}

/* The answer to a restart that is possible is that of the next run. */
static json_t *
answer_restart(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;

	*ret_error = handover_restart(supervisor, supervisor->control.asking->outlet.fd);
	return NULL;
}

static json_t *
answer_events(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;

	supervisor->events.subscribed = true;
	return json_object();
}

const struct control_command answers[] = {
    {"status", answer_status, false, ROLE_OBSERVE},
    {"metrics", answer_metrics, false, ROLE_OBSERVE},
    {"events", answer_events, true, ROLE_OBSERVE},
    {"resolve", resolve_answer, false, ROLE_OBSERVE},
    {"flows", flows_answer, false, ROLE_OBSERVE},
    {"reload", change_answer_reload, false, ROLE_ADMINISTER},
    {"restart", answer_restart, false, ROLE_ADMINISTER},
    {"plan", plan_answer, false, ROLE_ADMINISTER},
    {"apply", change_answer_apply, false, ROLE_ADMINISTER},
    {"confirm", change_answer_confirm, false, ROLE_ADMINISTER},
    {"rollback", change_answer_rollback, false, ROLE_ADMINISTER},
    {"history", change_answer_history, false, ROLE_OBSERVE},
    {"policy", change_answer_text, false, ROLE_OPERATE},
    {"isolate", isolate_answer, false, ROLE_OPERATE},
    {"rejoin", isolate_answer_rejoin, false, ROLE_OPERATE},
    {NULL, NULL, false, ROLE_NONE},
};

void
answers_refused(void *context, const struct control_command *command)
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
