/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: points as programs of controllers and their tools write them: "DB1.DBW4", "%MW10",
 * "E0.0", "T5".
 */
#ifndef SLUICE_S7COMM_ADDRESS_H
#define SLUICE_S7COMM_ADDRESS_H

#include "dissector.h"

/* One address, or two of the same area from the first to the last; false if it is none. */
bool s7_parse_address(const char *text, struct point_range *ret_range);

/* What is missing from a text that is nearly one (a static string), or NULL. */
const char *s7_explain_address(const char *text);

#endif
