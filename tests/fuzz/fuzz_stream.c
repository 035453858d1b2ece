/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzzer: the bytes steer a hostile client (drive.h); a broken promise is a crash. */
#include <stdio.h>
#include <stdlib.h>

#include "drive.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const on_deny[] = {"drop", "refuse"};
	static struct sim *sims[2];

	for (size_t i = 0; i < 2; i++) {
		const char *wrong;

		if (!sims[i])
			sims[i] = drive_new(on_deny[i]);
		wrong = drive(sims[i], data, size);
		if (wrong) {
			fprintf(stderr, "%s: %s\n", on_deny[i], wrong);
			abort();
		}
	}
	return 0;
}
