/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Witness: who looks at every packet that reaches the pumps' zone, whatever the servers make of it.
 *
 * It knows the forbidden messages of blow.h by bytes that nothing else here has.  Not a
 * reassembler: these bytes stand in the last of the two pieces in which a blow may come.
 */
#ifndef SLUICE_WITNESS_H
#define SLUICE_WITNESS_H

#include <stdint.h>

void witness_start(void);
void witness_stop(void);

uint64_t witness_packets(void);
unsigned witness_forbidden(void);
unsigned witness_missed(void); /* packets that came too fast for it */

#endif
