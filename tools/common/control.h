/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control: one question to the running firewall over its control socket.
 *
 * A request is one line of JSON, {"request": "status"}.  The answer is one line: {"ok": true, ...},
 * or "ok": false and "error".  Behind the answer to "events", events follow.
 */
#ifndef SLUICE_CONTROL_H
#define SLUICE_CONTROL_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Send a request (the reference is given up).  The daemon's answer is *ret_answer, to be released
 * by the caller.  Lines behind it, without their line feeds, go to `each` (NULL: there are none to
 * wait for) until the daemon ends or `each` returns false.  Returns 0, or -errno after it was told
 * what is wrong
 * (`command` stands before it); then there is no answer.  -EPIPE: the daemon has ended.
 */
int control_ask(const char *command, const char *path, json_t *request, json_t **ret_answer,
    bool (*each)(void *context, const char *line), void *context);

/*
 * The same for an order that the daemon may refuse with reasons: then -EBADMSG, and *ret_answer is
 * its refusal (NULL: what came was no answer).
 */
int control_order(const char *command, const char *path, json_t *request, json_t **ret_answer);

/* The same with a file that goes with the request; -1: none. */
int control_order_file(
    const char *command, const char *path, json_t *request, int file, json_t **ret_answer);

/* Wait until somebody listens there again. Returns 0, or -errno after it was told what is wrong. */
int control_wait(const char *command, const char *path);

/* Where the daemon listens unless it was told otherwise. */
extern const char control_default_path[];

#endif
