/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics: what is wrong with a file, collected.  Texts and places only: what a policy means is
 * not known here.
 */
#ifndef SLUICE_DIAGNOSTICS_H
#define SLUICE_DIAGNOSTICS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "finding.h"
#include "model.h"

enum severity { SEVERITY_ERROR = 0, SEVERITY_WARNING };

/* "file:line: message" in parts. */
struct diagnostic {
	enum severity severity;
	struct location where;
	char *message;                   /* what is wrong, what was expected, "did you mean ..." */
	enum finding finding;            /* of a warning */
	const char *clause;              /* that it cites, or NULL */
	char *id;                        /* of a warning: "monitors:CONDUIT"; NULL otherwise */
	const struct accepted *accepted; /* of the policy; NULL: it is not */
};

struct diagnostics {
	struct diagnostic *items; /* in order of the file */
	size_t count;
	size_t error_count; /* those that were left out included */
	size_t warning_count;
	size_t suppressed; /* more than DIAGNOSTICS_MAX: how many were left out */
	void *arena;
};

enum { DIAGNOSTICS_MAX = 200 };

/* Make empty. Returns 0 or -ENOMEM. */
int diagnostics_init(struct diagnostics *diagnostics);

/* Add an error.  Returns 0 or -ENOMEM. */
int diagnostics_add_error(struct diagnostics *diagnostics, struct location where,
    const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));

/* Add a warning; `place` says of what in the policy, "" of the whole.  Returns 0 or -ENOMEM. */
int diagnostics_add_warning(struct diagnostics *diagnostics, struct location where,
    enum finding finding, const char *place, const char *format, va_list arguments)
    __attribute__((format(printf, 5, 0)));

/* Mark the warnings that the policy accepts, whatever day it is. */
void diagnostics_accept(struct diagnostics *diagnostics, const struct policy *policy);

/* Is there no room for more? (They are counted, but what they say is no longer kept.) */
bool diagnostics_full(const struct diagnostics *diagnostics);

/* Bring into the order of the file; those of one line stay in the order of their discovery. */
void diagnostics_sort(struct diagnostics *diagnostics);

void diagnostics_done(struct diagnostics *diagnostics);

/*
 * One line for people, newly allocated, NULL when memory is out: "file:line: what", for warnings
 * with "warning: " before it and the clause in brackets behind it.
 */
char *diagnostic_print(const struct diagnostic *diagnostic);

#endif
