/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the kinds of points.  How policies write them is the business of s7comm_forms.c.
 */
#ifndef SLUICE_S7COMM_SPACE_H
#define SLUICE_S7COMM_SPACE_H

#include "dissector.h"

/* Spaces.  Memory areas count bits, so that DB10:0-127 is 1024 of them. */
enum s7_space {
	S7_DB = 0,
	S7_DI,
	S7_M,
	S7_I,
	S7_Q,
	S7_P,
	S7_L,
	S7_V,
	S7_SYS,
	S7_FLAGS,
	S7_AI,
	S7_AQ,
	S7_T,
	S7_C,
	S7_IT,
	S7_IC,
	S7_BLOCK,
	S7_SZL,
	S7_SPACE_COUNT
};

enum {
	S7_BIT_MAX = 0xffffff, /* addresses have 24 bits */
	S7_BLOCK_TYPE_MAX = 15,
	S7_BLOCK_NUMBER_MAX = 99999, /* five digits */
};

extern const struct space s7_spaces[S7_SPACE_COUNT];

enum { S7_TYPE_COUNT = 16 };

extern const struct element_type s7_types[S7_TYPE_COUNT];

#endif
