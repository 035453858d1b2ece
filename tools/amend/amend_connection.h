/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Amend, connections. */
#ifndef SLUICE_AMEND_CONNECTION_H
#define SLUICE_AMEND_CONNECTION_H

#include "trial.h"

/* Try what a connection needs that no channel names. */
void amend_connection(struct amend *a);

#endif
