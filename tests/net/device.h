/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device: the real Modbus servers of the laboratory, started and read back directly from their own
 * zone.
 *
 * What device_read() says is the truth about the plant: its connection never crosses the gateway.
 */
#ifndef SLUICE_DEVICE_H
#define SLUICE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#define PLC1 "10.20.0.11" /* libmodbus */
#define PLC2 "10.20.0.12" /* pymodbus */
#define RTU1 "10.20.0.31" /* nobody listens, except what a test starts there */
#define PLC1_IPV6 "fd00:20::11"
#define RTU1_IPV6 "fd00:20::31"

/* Start the libmodbus server; both its addresses answer when this returns. */
void device_start(void);

/* Start the pymodbus server; false if the machine has no pymodbus. */
bool device_start_second(void);

void device_stop(void);

/* A holding register of a server, read directly. */
uint16_t device_read(const char *server, uint16_t point);

/* Set holding registers 0..99 to zero, directly. */
void device_clear(const char *server);

/* The file in which the libmodbus server writes each request that reached it. */
const char *device_log(void);

#endif
