/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzzer: the bytes steer a hostile client (drive.h); a broken promise is a crash. */
#include <stdio.h>
#include <stdlib.h>

#include "drive.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sim *sim;
	const char *wrong;

	if (!sim)
		sim = drive_new();
	wrong = drive(sim, data, size);
	if (wrong) {
		fprintf(stderr, "%s\n", wrong);
		abort();
	}
	return 0;
}
