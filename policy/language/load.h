/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: from a policy file to a model, with every error of the file in one run.
 */
#ifndef SLUICE_LOAD_H
#define SLUICE_LOAD_H

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

/*
 * One line for people, newly allocated, NULL when memory is out: "file:line: what", for warnings
 * with "warning: " before it and the clause in brackets behind it.
 */
char *diagnostic_print(const struct diagnostic *diagnostic);

/*
 * Load, resolve and check a policy file.  Returns 0 with the policy in *ret_policy (there may be
 * warnings), -EINVAL if the file has errors (all of them in *ret_diagnostics), or another -errno
 * if it can't be read (also told in *ret_diagnostics).  *ret_diagnostics is always to be given to
 * diagnostics_done(), the policy to policy_free().
 */
int policy_load(const char *file, struct policy **ret_policy, struct diagnostics *ret_diagnostics);

/* The same for text in memory; `name` stands for the file in messages; @include is refused. */
int policy_load_text(const char *text, const char *name, struct policy **ret_policy,
    struct diagnostics *ret_diagnostics);

void policy_free(struct policy *policy);
void diagnostics_done(struct diagnostics *diagnostics);

/*
 * The policy as canonical text: loads to the same policy, prints to itself.  Newly allocated; NULL
 * when memory is out.
 */
char *policy_print(const struct policy *policy);

#endif
