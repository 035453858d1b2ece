/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one function of a fuzz target, called by libFuzzer or by replay.c. */
#ifndef SLUICE_TEST_FUZZ_H
#define SLUICE_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
