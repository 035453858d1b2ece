/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the table of the kinds of points.  See the header.
 */
#include "s7comm_space.h"

const struct space s7_spaces[S7_SPACE_COUNT] = {
    [S7_DB] = {"DB", S7_BIT_MAX, 65535, false, 1},
    [S7_DI] = {"DI", S7_BIT_MAX, 65535, false, 1},
    [S7_M] = {"M", S7_BIT_MAX, 0, false, 1},
    [S7_I] = {"I", S7_BIT_MAX, 0, false, 1},
    [S7_Q] = {"Q", S7_BIT_MAX, 0, false, 1},
    [S7_P] = {"P", S7_BIT_MAX, 0, false, 1},
    [S7_L] = {"L", S7_BIT_MAX, 0, false, 1},
    [S7_V] = {"V", S7_BIT_MAX, 0, false, 1},
    [S7_SYS] = {"SYS", S7_BIT_MAX, 0, false, 1},
    [S7_FLAGS] = {"SM", S7_BIT_MAX, 0, false, 1},
    [S7_AI] = {"AI", S7_BIT_MAX, 0, false, 1},
    [S7_AQ] = {"AQ", S7_BIT_MAX, 0, false, 1},
    [S7_T] = {"T", 65535, 0, false, 16},
    [S7_C] = {"C", 65535, 0, false, 16},
    [S7_IT] = {"IT", 65535, 0, false, 16},
    [S7_IC] = {"IC", 65535, 0, false, 16},
    [S7_BLOCK] = {"block", S7_BLOCK_NUMBER_MAX, S7_BLOCK_TYPE_MAX, false, 0},
    [S7_SZL] = {"szl", 65535, 65535, false, 0},
};

/* Elementary types of IEC 61131-3 that controllers have; times are milliseconds, dates days. */
const struct element_type s7_types[S7_TYPE_COUNT] = {
    {"bool", 1, VALUE_BIT, false},
    {"byte", 8, VALUE_U8, false},
    {"char", 8, VALUE_U8, false},
    {"sint", 8, VALUE_S8, false},
    {"usint", 8, VALUE_U8, false},
    {"word", 16, VALUE_U16_BE, false},
    {"int", 16, VALUE_S16_BE, false},
    {"uint", 16, VALUE_U16_BE, false},
    {"dword", 32, VALUE_U32_BE, false},
    {"dint", 32, VALUE_S32_BE, false},
    {"udint", 32, VALUE_U32_BE, false},
    {"real", 32, VALUE_F32_BE, false},
    {"lreal", 64, VALUE_F64_BE, false},
    {"time", 32, VALUE_S32_BE, false},
    {"time-of-day", 32, VALUE_U32_BE, false},
    {"date", 16, VALUE_U16_BE, false},
};
