/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: how policies write points and units; contracts are those of struct dissector.
 */
#ifndef SLUICE_S7COMM_FORMS_H
#define SLUICE_S7COMM_FORMS_H

#include "dissector.h"

int s7_parse_points(const char *text, struct point_range *ret_range, const char **ret_why);
int s7_print_points(const struct point_range *range, char *buf, size_t size);
int s7_parse_units(const char *text, struct unit_range *ret_range, const char **ret_why);
int s7_print_units(const struct unit_range *range, char *buf, size_t size);

#endif
