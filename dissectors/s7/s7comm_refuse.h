/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S7comm: jobs that are refused, and their answers.  For s7comm.c alone; contracts in dissector.h.
 */
#ifndef SLUICE_S7COMM_REFUSE_H
#define SLUICE_S7COMM_REFUSE_H

#include "dissector.h"

bool s7_refuse(struct edit *e, const struct context *context, struct message *m);
bool s7_answer_refused(struct edit *e, uint64_t token, uint64_t bits, uint8_t function);

#endif
