/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: how policies write points and units.
 */
#ifndef SLUICE_DNP3_FORMS_H
#define SLUICE_DNP3_FORMS_H

#include "dissector.h"

int dnp3_parse_points(const char *text, struct point_range *ret_range, const char **ret_why);
int dnp3_print_points(const struct point_range *range, char *buf, size_t size);
int dnp3_parse_units(const char *text, struct unit_range *ret_range, const char **ret_why);
int dnp3_print_units(const struct unit_range *range, char *buf, size_t size);

#endif
