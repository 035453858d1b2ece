/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fast object: the recogniser as it was compiled for the kernel, in this program.
 */
#ifndef SLUICE_FAST_OBJECT_H
#define SLUICE_FAST_OBJECT_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t fast_object[];
extern const size_t fast_object_size; /* 0: it was not built */

#endif
