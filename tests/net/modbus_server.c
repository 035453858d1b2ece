/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus server on libmodbus: the device of the tests, many clients at once.
 *
 *   modbus_server LOG PORT ADDRESS...   (LOG "-": none)
 *
 * Every request that libmodbus accepted as complete is a line of hexadecimal digits in LOG, written
 * before it is executed: what stands there has reached the device.  The protocol is all libmodbus';
 * this file only waits for sockets. Registers, inputs and coils 0..999; input register i holds i.
 */
#include <errno.h>
#include <modbus.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { POINTS = 1000, EVENTS = 64, ADDRESSES_MAX = 8 };

static void
die(const char *what)
{
	fprintf(stderr, "modbus_server: %s: %s\n", what, modbus_strerror(errno));
	exit(1);
}

static void
watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll_ctl");
}

static void
record(FILE *log, const uint8_t *request, int length)
{
	for (int i = 0; log && i < length; i++)
		fprintf(log, "%02x", request[i]);
	if (log)
		fputc('\n', log);
}

static void
serve(modbus_t *modbus, modbus_mapping_t *mapping, int fd, FILE *log)
{
	uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
	int length;

	modbus_set_socket(modbus, fd);
	length = modbus_receive(modbus, request);
	if (length < 0) {
		close(fd);
		return;
	}
	record(log, request, length);
	if (length > 0 && modbus_reply(modbus, request, length, mapping) < 0)
		close(fd);
}

/* A listening socket for one address. */
static int
listen_at(int epoll, const char *address, const char *port)
{
	modbus_t *local = modbus_new_tcp_pi(address, port);
	int fd = local ? modbus_tcp_pi_listen(local, 256) : -1;

	if (fd < 0)
		die(address);
	watch(epoll, fd);
	modbus_free(local);
	return fd;
}

/* A client connects, or one that is connected has sent something. */
static void
handle(modbus_t *modbus, modbus_mapping_t *mapping, int epoll, int fd, const int *listeners,
    int count, FILE *log)
{
	for (int i = 0; i < count; i++) {
		int listener = listeners[i];

		if (fd != listener)
			continue;
		if (modbus_tcp_pi_accept(modbus, &listener) >= 0)
			watch(epoll, modbus_get_socket(modbus));
		return;
	}
	serve(modbus, mapping, fd, log);
}

int
main(int argc, char **argv)
{
	modbus_t *modbus = modbus_new_tcp_pi(NULL, "502");
	modbus_mapping_t *mapping = modbus_mapping_new(POINTS, POINTS, POINTS, POINTS);
	FILE *log = argc > 1 && strcmp(argv[1], "-") != 0 ? fopen(argv[1], "ae") : NULL;
	int listeners[ADDRESSES_MAX], count = 0, epoll = epoll_create1(EPOLL_CLOEXEC);

	signal(SIGPIPE, SIG_IGN);
	if (argc < 4 || !modbus || !mapping || epoll < 0)
		die("use: modbus_server LOG PORT ADDRESS...");
	if (log)
		setvbuf(log, NULL, _IOLBF, 0);
	for (uint16_t i = 0; i < POINTS; i++)
		mapping->tab_input_registers[i] = i;
	modbus_set_byte_timeout(modbus, 0, 300000);
	modbus_set_response_timeout(
	    modbus, 0, 20000); /* libmodbus sleeps this long before an exception */
	for (; count < ADDRESSES_MAX && count + 3 < argc; count++)
		listeners[count] = listen_at(epoll, argv[count + 3], argv[2]);
	for (;;) {
		struct epoll_event events[EVENTS];
		int ready = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < ready; i++)
			handle(modbus, mapping, epoll, events[i].data.fd, listeners, count, log);
	}
}
