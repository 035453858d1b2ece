/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus device on a serial line, on libmodbus.
 *
 *   modbus_line DEVICE UNIT LOG
 *
 * It carries out what is for its unit and for all, and answers the first only.  What it then holds
 * is a line of LOG: "unit 8 holding0 100 coil7 0".  Holding register i holds i and coil 7 is on in
 * the beginning.  Registers, inputs and coils 0..99.
 */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS = 100, BAUD = 115200 };

int
main(int argc, char **argv)
{
	modbus_t *modbus = argc == 4 ? modbus_new_rtu(argv[1], BAUD, 'N', 8, 1) : NULL;
	modbus_mapping_t *mapping = modbus_mapping_new(POINTS, POINTS, POINTS, POINTS);
	FILE *log = argc == 4 ? fopen(argv[3], "ae") : NULL;

	if (!modbus || !mapping || !log || modbus_set_slave(modbus, atoi(argv[2])) < 0 ||
	    modbus_connect(modbus) < 0) {
		fprintf(stderr, "use: modbus_line DEVICE UNIT LOG\n");
		return 1;
	}
	setvbuf(log, NULL, _IOLBF, 0);
	for (uint16_t i = 0; i < POINTS; i++)
		mapping->tab_registers[i] = i;
	mapping->tab_bits[7] = 1;
	fprintf(log, "unit %s ready\n", argv[2]);
	for (;;) {
		uint8_t request[MODBUS_RTU_MAX_ADU_LENGTH];
		int length = modbus_receive(modbus, request);

		if (length <= 0)
			continue;
		modbus_reply(modbus, request, length, mapping);
		fprintf(log, "unit %s holding0 %u coil7 %u\n", argv[2], mapping->tab_registers[0],
		    mapping->tab_bits[7]);
	}
}
