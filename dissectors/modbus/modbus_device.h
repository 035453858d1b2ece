/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP: readers of the functions about the device itself.  For modbus.c alone.
 */
#ifndef SLUICE_MODBUS_DEVICE_H
#define SLUICE_MODBUS_DEVICE_H

#include "modbus_catalogue.h"

void modbus_nothing(struct cursor *c, struct message *m);
void modbus_opaque(struct cursor *c, struct message *m);
void modbus_exception_status_response(struct cursor *c, struct message *m);
void modbus_event_counter_response(struct cursor *c, struct message *m);
void modbus_event_log_response(struct cursor *c, struct message *m);
void modbus_server_id_response(struct cursor *c, struct message *m);
void modbus_diagnostic_request(struct cursor *c, struct message *m);
void modbus_diagnostic_response(struct cursor *c, struct message *m);
void modbus_interface_request(struct cursor *c, struct message *m);
void modbus_interface_response(struct cursor *c, struct message *m);

#endif
