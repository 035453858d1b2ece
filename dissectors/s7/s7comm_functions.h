/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the catalogue of functions.
 */
#ifndef SLUICE_S7COMM_FUNCTIONS_H
#define SLUICE_S7COMM_FUNCTIONS_H

#include "dissector.h"

enum { S7_FUNCTION_COUNT = 89, S7_TOUCH_COUNT = 63 };

extern const struct function s7_functions[S7_FUNCTION_COUNT];
extern const struct touchable s7_touches[S7_TOUCH_COUNT];

/* NULL if there is none. */
const char *s7_exception_word(uint8_t code);

#endif
