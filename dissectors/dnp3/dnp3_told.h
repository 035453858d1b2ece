/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: what events tell beyond the message.
 */
#ifndef SLUICE_DNP3_TOLD_H
#define SLUICE_DNP3_TOLD_H

#include "dnp3_codes.h"

void dnp3_tell(const struct context *context, const struct message *m, struct told *ret_told);

extern const struct detail dnp3_details[DNP3_DETAIL_COUNT];
extern const char *const dnp3_columns[DNP3_COLUMN_COUNT];

#endif
