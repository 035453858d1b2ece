/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the table of the kinds of points.  See the header.
 */
#include "s7comm_space.h"

const struct space s7_spaces[S7_SPACE_COUNT] = {
    [S7_DB] = {"DB", S7_BIT_MAX, 65535, false},
    [S7_DI] = {"DI", S7_BIT_MAX, 65535, false},
    [S7_M] = {"M", S7_BIT_MAX, 0, false},
    [S7_I] = {"I", S7_BIT_MAX, 0, false},
    [S7_Q] = {"Q", S7_BIT_MAX, 0, false},
    [S7_P] = {"P", S7_BIT_MAX, 0, false},
    [S7_L] = {"L", S7_BIT_MAX, 0, false},
    [S7_V] = {"V", S7_BIT_MAX, 0, false},
    [S7_SYS] = {"SYS", S7_BIT_MAX, 0, false},
    [S7_FLAGS] = {"SM", S7_BIT_MAX, 0, false},
    [S7_AI] = {"AI", S7_BIT_MAX, 0, false},
    [S7_AQ] = {"AQ", S7_BIT_MAX, 0, false},
    [S7_T] = {"T", 65535, 0, false},
    [S7_C] = {"C", 65535, 0, false},
    [S7_IT] = {"IT", 65535, 0, false},
    [S7_IC] = {"IC", 65535, 0, false},
    [S7_BLOCK] = {"block", S7_BLOCK_NUMBER_MAX, S7_BLOCK_TYPE_MAX, false},
    [S7_SZL] = {"szl", 65535, 65535, false},
};
