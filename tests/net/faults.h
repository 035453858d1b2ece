/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults: how the faulty server answers a read of registers from this address on. */
#ifndef SLUICE_FAULTS_H
#define SLUICE_FAULTS_H

enum { FAULT_LATE_MS = 300 };

enum fault {
	FAULT_NONE = 0,
	FAULT_UNIT,        /* by another unit */
	FAULT_TRANSACTION, /* to another transaction */
	FAULT_FUNCTION,    /* of another function */
	FAULT_LATE,        /* with a gateway's exception first, and rightly when nobody waits */
	FAULT_SLOW,        /* rightly, when nobody waits any more */
	FAULT_TWICE,       /* rightly, and once more */
	FAULT_LONGER,      /* with a register more than were asked for */
	FAULT_UNREADABLE,  /* with a count of bytes that contradicts the length */
	FAULT_COUNT
};

#endif
