/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fast object: see fast_object.h. */
#include "fast_object.h"

const uint8_t fast_object[] __attribute__((aligned(8))) = {
#include "fast_bytes.h"
};

const size_t fast_object_size = sizeof(fast_object);
