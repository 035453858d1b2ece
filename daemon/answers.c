/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers: see answers.h.
 */
#include <stdlib.h>

#include "answers.h"
#include "change_answers.h"
#include "findings.h"
#include "flows.h"
#include "handover.h"
#include "isolate.h"
#include "plan.h"
#include "resolve.h"
#include "status.h"

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
    {"status", answer_status, false},
    {"metrics", answer_metrics, false},
    {"events", answer_events, true},
    {"resolve", resolve_answer, false},
    {"flows", flows_answer, false},
    {"reload", change_answer_reload, false},
    {"restart", answer_restart, false},
    {"plan", plan_answer, false},
    {"apply", change_answer_apply, false},
    {"confirm", change_answer_confirm, false},
    {"rollback", change_answer_rollback, false},
    {"history", change_answer_history, false},
    {"policy", change_answer_text, false},
    {"isolate", isolate_answer, false},
    {"rejoin", isolate_answer_rejoin, false},
    {NULL, NULL, false},
};
