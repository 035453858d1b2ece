/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers: see answers.h.
 */
#include <stdlib.h>

#include "answers.h"
#include "enforce.h"
#include "status.h"

static json_t *
answer_status(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	json_t *status = status_daemon(supervisor);

	json_object_set_new(status, "channels", status_channels(supervisor));
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

	if (enforce_reload(supervisor) < 0) {
		*ret_error = "nothing has changed; the daemon's log tells why";
		return NULL;
	}
	return json_pack("{s:s}", "policy", supervisor->loaded->policy->hash);
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
    {NULL, NULL, false},
};
