/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: PI services and PLC stop, behind the function.
 */
#ifndef SLUICE_S7COMM_PI_H
#define SLUICE_S7COMM_PI_H

#include "s7comm_reader.h"

/* Has any PI service so many bytes of parameters? */
bool s7_pi_fits(uint32_t parameters);

void s7_read_pi(struct s7_reader *r);
void s7_read_stop(struct s7_reader *r);

#endif
