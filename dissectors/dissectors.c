/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of protocols: a new one is added here and nowhere else.
 */
#include "dissectors.h"

extern const struct dissector dnp3_dissector;
extern const struct dissector modbus_dissector;
extern const struct dissector s7comm_dissector;
extern const struct dissector s7comm_plus_dissector;

const struct dissector *const dissectors[] = {
    &modbus_dissector,
    &dnp3_dissector,
    &s7comm_dissector,
    &s7comm_plus_dissector,
    NULL,
};
