/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics: collecting what is wrong with a file.
 */
#ifndef SLUICE_DIAGNOSTICS_H
#define SLUICE_DIAGNOSTICS_H

#include <stdarg.h>

#include "load.h"

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

#endif
