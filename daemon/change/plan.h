/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plan: what a policy would change if it were applied now.  Changes nothing.
 */
#ifndef SLUICE_PLAN_H
#define SLUICE_PLAN_H

#include <jansson.h>

/*
 * The answer to a request with a policy as change_answer_apply() takes it: "changes" of the policy,
 * "kernel", "connections", and "cut_off" if the way by which the request came would be cut.
 */
json_t *plan_answer(void *context, const json_t *request, const char **ret_error);

#endif
