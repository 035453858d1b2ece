/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: from a policy file to a model, with every error of the file in one run.
 */
#ifndef SLUICE_LOAD_H
#define SLUICE_LOAD_H

#include "diagnostics.h"
#include "model.h"

/*
 * Load, resolve and check a policy file.  Returns 0 with the policy in *ret_policy (there may be
 * warnings), -EINVAL if the file has errors (all of them in *ret_diagnostics), or another -errno
 * if it can't be read (also told in *ret_diagnostics).  *ret_diagnostics is always to be given to
 * diagnostics_done(), the policy to policy_free().
 */
int policy_load(const char *file, struct policy **ret_policy, struct diagnostics *ret_diagnostics);

/*
 * The same for the part of one gateway of a file that describes several and does not say which of
 * them it is for.
 */
int policy_load_part(const char *file, const char *gateway, struct policy **ret_policy,
    struct diagnostics *ret_diagnostics);

/*
 * The gateways of a file that describes several and does not say which of them it is for: their
 * number, and their names in *ret_names, newly allocated in one piece.  0, and nothing allocated:
 * there are none, or the file has errors that policy_load() tells.
 */
size_t policy_gateways(const char *file, char ***ret_names);

/* The same for text in memory; `name` stands for the file in messages; @include is refused. */
int policy_load_text(const char *text, const char *name, struct policy **ret_policy,
    struct diagnostics *ret_diagnostics);

/*
 * A policy file as one text, all that it includes put in, newly allocated, and its length.  Nothing
 * is judged but what it takes to find the files.  Where `gateway` is not NULL, the text says that
 * it is for this one.  *ret_includes: there are several files.  Returns and diagnostics as
 * policy_load().
 */
int policy_source(const char *file, const char *gateway, char **ret_text, size_t *ret_length,
    bool *ret_includes, struct diagnostics *ret_diagnostics);

/*
 * Where each line of the text of policy_source() comes from: *ret_count places, newly allocated in
 * one piece with the names of the files.  The first line is 1 of the first file.
 */
int policy_source_lines(const char *file, const char *gateway, char **ret_text,
    struct location **ret_lines, size_t *ret_count, struct diagnostics *ret_diagnostics);

void policy_free(struct policy *policy);

#endif
