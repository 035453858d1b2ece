/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cutoff: would a policy cut the way by which an order came?
 *
 * The machine's own input is filtered only under a policy with a zone of class gateway.  Who came
 * by SSH says from where (sshd's SSH_CONNECTION: a hint, not a proof); otherwise, whether anybody
 * may come by SSH (TCP port 22) at all.
 */
#ifndef SLUICE_CUTOFF_H
#define SLUICE_CUTOFF_H

#include "loaded.h"

/*
 * Why `next` would cut what `now` permits, as a sentence, newly allocated; NULL: it does not, or
 * memory is out.  `ssh` is "CLIENT PORT SERVER PORT" or "".
 */
char *cutoff_find(const struct loaded *now, const struct loaded *next, const char *ssh);

#endif
