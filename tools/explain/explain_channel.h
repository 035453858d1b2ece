/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain channel: which channel comes nearest to permitting a connection that none permits?
 */
#ifndef SLUICE_EXPLAIN_CHANNEL_H
#define SLUICE_EXPLAIN_CHANNEL_H

#include "model.h"

/* Print it, and what of it does not fit; nothing if none is near. For people, not for decisions. */
void explain_channel(const struct policy *policy, const struct packet *packet);

#endif
