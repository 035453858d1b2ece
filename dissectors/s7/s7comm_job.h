/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: jobs and their acknowledgements, behind the header.
 */
#ifndef SLUICE_S7COMM_JOB_H
#define SLUICE_S7COMM_JOB_H

#include "s7comm_reader.h"

/* Does any job permit parameters of this length together with data of lo to hi bytes? */
bool s7_job_fits(bool request, uint32_t parameters, uint32_t lo, uint32_t hi);

/* Does any acknowledgement that may come now, without an error, have the lengths of its head? */
bool s7_ack_fits(const struct s7_reader *r);

void s7_read_job(struct s7_reader *r);
void s7_read_ack(struct s7_reader *r);

#endif
