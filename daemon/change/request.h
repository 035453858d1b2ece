/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Request: what answers to orders share: words of the request, and the refusal. */
#ifndef SLUICE_REQUEST_H
#define SLUICE_REQUEST_H

#include <jansson.h>

enum { REQUEST_REASON_MAX = 500 }; /* bytes of a reason that a person gives, or of a file's name */

/* A text of the request; "" if it has none of this name. */
const char *request_text(const json_t *request, const char *name);

/* NULL, or the refusal of a reason or file name that is too long, or would write lines of its own
 * into logs. */
json_t *request_check(const json_t *request);

/* The answer that refuses: nothing has changed. */
json_t *request_refused(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
