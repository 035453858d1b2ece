/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forms: the pieces of which texts of points and units are made, for dissectors with a form of
 * their own.  Readers return the text behind what they read, or NULL if it is not there.
 */
#ifndef SLUICE_FORMS_H
#define SLUICE_FORMS_H

#include <stddef.h>
#include <stdint.h>

/* One decimal number without sign, at most `max`. */
const char *form_number(const char *text, uint32_t max, uint32_t *ret_number);

/* "7", "7-9" (at most `max`, smaller one first) or "*" (0 to `all`). */
const char *form_range(
    const char *text, uint32_t max, uint32_t all, uint32_t *ret_first, uint32_t *ret_last);

/* Print a range so that form_range() reads it back; snprintf semantics. */
int form_print_range(uint32_t first, uint32_t last, uint32_t all, char *buf, size_t size);

/* Returns -EINVAL, with `why` in *ret_why. */
int form_refuse(const char *why, const char **ret_why);

#endif
