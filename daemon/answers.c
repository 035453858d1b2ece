/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers: see answers.h.
 */
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "enforce.h"
#include "findings.h"
#include "handover.h"
#include "isolate.h"
#include "status.h"

static json_t *
answer_status(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	json_t *status = status_daemon(supervisor);

	json_object_set_new(status, "channels", status_channels(supervisor));
	json_object_set_new(status, "isolated", isolate_array(supervisor));
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

static json_t *
answer_reload(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	char before[sizeof(supervisor->loaded->policy->hash)];
	json_t *refusal;

	memcpy(before, supervisor->loaded->policy->hash, sizeof(before));
	if (enforce_reload(supervisor) == 0)
		return json_pack(
		    "{s:s, s:s}", "policy", supervisor->loaded->policy->hash, "before", before);
	refusal = status_failure(&supervisor->failure);
	json_object_set_new(
	    refusal, "error", json_sprintf("nothing has changed: %s", supervisor->failure.why));
	json_object_set_new(refusal, "unchanged", json_true());
	return refusal;
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
    {"reload", answer_reload, false},
    {"restart", answer_restart, false},
    {"isolate", isolate_answer, false},
    {"rejoin", isolate_answer_rejoin, false},
    {NULL, NULL, false},
};
