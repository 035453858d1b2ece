/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP: readers of the functions that read and write points.  For modbus.c alone.
 */
#ifndef SLUICE_MODBUS_POINTS_H
#define SLUICE_MODBUS_POINTS_H

#include "modbus_catalogue.h"

void modbus_read_request(struct cursor *c, struct message *m);
void modbus_read_response(struct cursor *c, struct message *m);
void modbus_write_single(struct cursor *c, struct message *m);
void modbus_write_multiple_request(struct cursor *c, struct message *m);
void modbus_write_multiple_response(struct cursor *c, struct message *m);
void modbus_mask_write(struct cursor *c, struct message *m);
void modbus_read_write_request(struct cursor *c, struct message *m);
void modbus_fifo_request(struct cursor *c, struct message *m);
void modbus_fifo_response(struct cursor *c, struct message *m);
void modbus_read_file_request(struct cursor *c, struct message *m);
void modbus_read_file_response(struct cursor *c, struct message *m);
void modbus_write_file(struct cursor *c, struct message *m);

#endif
