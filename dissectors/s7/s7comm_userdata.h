/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: user data, behind the header.
 */
#ifndef SLUICE_S7COMM_USERDATA_H
#define SLUICE_S7COMM_USERDATA_H

#include "s7comm_reader.h"

/* Does any function permit parameters of this length together with data of lo to hi bytes? */
bool s7_userdata_fits(bool request, uint32_t parameters, uint32_t lo, uint32_t hi);

void s7_read_userdata(struct s7_reader *r);

#endif
