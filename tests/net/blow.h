/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blow: a client of the supervision zone that says something forbidden on one new connection after
 * the other, in each protocol of the fleet and in datagrams, whole or in two pieces.
 */
#ifndef SLUICE_BLOW_H
#define SLUICE_BLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In a thread of its own, from now on or until then.  What was counted stays. */
void blow_start(void);
void blow_stop(void);

unsigned blow_count(void);    /* sent in whole */
unsigned blow_answered(void); /* after which data came back */

/* Of them, those whose connection ended then: somebody has judged them. */
unsigned blow_sure(void);

/* Does a packet hold the decisive bytes of one? */
bool blow_is_in(const uint8_t *packet, size_t length);

#endif
