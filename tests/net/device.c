/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device: real Modbus servers, and libmodbus as the direct way to them. See device.h. */
#include "device.h"

#include "lab.h"

#include <errno.h>
#include <modbus.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *server;
	modbus_t *modbus;
} links[] = {{PLC1, NULL}, {PLC2, NULL}};

static pid_t pids[2];

enum { LINKS = sizeof(links) / sizeof(links[0]), POINTS = 100 };

/* IPv6 and IPv4 addresses of a device are the same device. */
static size_t
link_index(const char *server)
{
	return strcmp(server, PLC2) == 0 ? 1 : 0;
}

static bool
connect_link(size_t i)
{
	if (links[i].modbus)
		modbus_free(links[i].modbus);
	lab_enter(LAB_PUMPS);
	links[i].modbus = modbus_new_tcp(links[i].server, 502);
	modbus_set_response_timeout(links[i].modbus, 3, 0);
	modbus_set_slave(links[i].modbus, 1);
	return modbus_connect(links[i].modbus) == 0;
}

static bool
wait_link(size_t i, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;

	while (!connect_link(i)) {
		if (lab_now_ms() > end)
			return false;
		lab_sleep_ms(20);
	}
	return true;
}

const char *
device_log(void)
{
	return lab_path("device.log");
}

void
device_start(void)
{
	pids[0] = lab_start(LAB_PUMPS, "modbus_server",
	    (const char *[]){MODBUS_SERVER, device_log(), "502", PLC1, PLC1_IPV6, NULL});
	if (!wait_link(0, 3000))
		lab_fail("the Modbus server does not answer");
}

bool
device_start_second(void)
{
	pids[1] = lab_start(LAB_PUMPS, "pymodbus",
	    (const char *[]){"/usr/bin/python3", PYMODBUS_SERVER, PLC2, NULL});
	if (wait_link(1, 15000))
		return true;
	lab_stop(pids[1], SIGTERM);
	pids[1] = 0;
	return false;
}

void
device_stop(void)
{
	for (size_t i = 0; i < LINKS; i++) {
		if (links[i].modbus)
			modbus_free(links[i].modbus);
		links[i].modbus = NULL;
		if (pids[i] > 0)
			lab_stop(pids[i], SIGKILL);
		pids[i] = 0;
	}
}

uint16_t
device_read(const char *server, uint16_t point)
{
	size_t i = link_index(server);
	uint16_t value;

	for (unsigned attempt = 0; attempt < 3; attempt++) {
		if (links[i].modbus &&
		    modbus_read_registers(links[i].modbus, point, 1, &value) == 1)
			return value;
		wait_link(i, 1000);
	}
	lab_fail("%s cannot be read directly: %s", server, modbus_strerror(errno));
}

void
device_clear(const char *server)
{
	static const uint16_t zeros[POINTS];
	size_t i = link_index(server);

	for (unsigned attempt = 0; attempt < 3; attempt++) {
		if (links[i].modbus &&
		    modbus_write_registers(links[i].modbus, 0, POINTS, zeros) == POINTS)
			return;
		wait_link(i, 1000);
	}
	lab_fail("%s cannot be written directly: %s", server, modbus_strerror(errno));
}
