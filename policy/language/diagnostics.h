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

#include "model.h"

enum severity { SEVERITY_ERROR = 0, SEVERITY_WARNING };

/* "file:line: message" in parts; `clause` cites IEC 62443-3-2 for warnings, or is NULL. */
struct diagnostic {
	enum severity severity;
	struct location where;
	char *message; /* what is wrong, what was expected, "did you mean ..." */
	const char *clause;
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

/* Add one; `clause` is NULL or static. Returns 0 or -ENOMEM. */
int diagnostics_add(struct diagnostics *diagnostics, enum severity severity, struct location where,
    const char *clause, const char *format, va_list arguments)
    __attribute__((format(printf, 5, 0)));

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
