/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change answers: apply, confirm, rollback and history as requests of the control socket.
 *
 * A policy comes as a file beside the request (SCM_RIGHTS): memory that is sealed, so that what is
 * read here is what was sent, and reading it waits for nobody.
 */
#ifndef SLUICE_CHANGE_ANSWERS_H
#define SLUICE_CHANGE_ANSWERS_H

#include <jansson.h>

#include "state.h"

json_t *change_answer_apply(void *context, const json_t *request, const char **ret_error);
json_t *change_answer_confirm(void *context, const json_t *request, const char **ret_error);
json_t *change_answer_rollback(void *context, const json_t *request, const char **ret_error);
json_t *change_answer_reload(void *context, const json_t *request, const char **ret_error);
json_t *change_answer_history(void *context, const json_t *request, const char **ret_error);

/* The text of the policy in force, or of an entry of the history ("index"). */
json_t *change_answer_text(void *context, const json_t *request, const char **ret_error);

/* The policy that came with the request being answered, newly allocated; NULL, or a refusal. */
json_t *change_read_policy(const struct supervisor *supervisor, char **ret_text);

/* What waits for its confirmation; NULL: nothing does. */
json_t *change_waiting(const struct supervisor *supervisor);

#endif
