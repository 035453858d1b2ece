/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bench protocols: Modbus, DNP3, S7comm. See bench_protocol.h. */
#include "bench_protocol.h"

#include <string.h>

#include "dnp3_wire.h"

/* Ten holding registers of unit 1. */
static void
modbus_number(uint8_t *bytes, uint32_t n)
{
	bytes[0] = (uint8_t)(n >> 8);
	bytes[1] = (uint8_t)n;
}

static const struct bench_exchange modbus_exchanges[] = {
    {{12, {0, 0, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10}, modbus_number},
	{29, {0, 0, 0, 0, 0, 23, 1, 3, 20}, modbus_number}},
};

/*
 * Ten analog inputs of 16 bits with flags (g30v2), as a range.  Sequences of transport and
 * application are in the first block of user data, and so in its CRC.
 */
enum { DNP3_USER = 10, DNP3_BLOCK = 16, DNP3_REQUEST_USER = 8, DNP3_RESPONSE_USER = 40 };

static void
dnp3_number(uint8_t *bytes, size_t block, uint32_t n)
{
	uint8_t *user = &bytes[DNP3_USER];

	user[0] = (uint8_t)(0xc0 | (n & 0x3f));
	user[1] = (uint8_t)(0xc0 | (n & 0x0f));
	dnp3_wire_put_crc(user, block);
}

static void
dnp3_number_request(uint8_t *bytes, uint32_t n)
{
	dnp3_number(bytes, DNP3_REQUEST_USER, n);
}

static void
dnp3_number_response(uint8_t *bytes, uint32_t n)
{
	dnp3_number(bytes, DNP3_BLOCK, n);
}

static const struct bench_exchange dnp3_exchanges[] = {
    {{20, {0x05, 0x64, 0x0d, 0xc4, 0x0a, 0, 0x01, 0, 0x75, 0xba, 0xc0, 0xc0, 1, 30, 2, 0, 0, 9},
	 dnp3_number_request},
	{56,
	    {0x05, 0x64, 0x2d, 0x44, 0x01, 0, 0x0a, 0, 0xd2, 0x0a, 0xc0, 0xc0, 0x81, 0, 0, 30, 2, 0,
		0, 9, 1, 100, 0, 1, 101, 0, 0, 0, 1, 102, 0, 1, 103, 0, 1, 104, 0, 1, 105, 0, 1,
		106, 0, 1, 0x8d, 0xe8, 107, 0, 1, 108, 0, 1, 109, 0, 0x74, 0x6a},
	    dnp3_number_response}},
};

/* Twenty bytes of DB 10, after CR and CC, and set-up of 480 bytes. */
static void
s7_number(uint8_t *bytes, uint32_t n)
{
	bytes[11] = (uint8_t)(n >> 8);
	bytes[12] = (uint8_t)n;
}

#define S7_DATA 0x02, 0xf0, 0x80, 0x32 /* a data TPDU with a message of S7comm in it */

static const struct bench_exchange s7_exchanges[] = {
    {{22, {3, 0, 0, 22, 0x11, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2},
	 NULL},
	{22, {3, 0, 0, 22, 0x11, 0xd0, 0, 1, 0, 2, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2},
	    NULL}},
    {{25, {3, 0, 0, 25, S7_DATA, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0xf0, 0, 0, 1, 0, 1, 1, 0xe0},
	 s7_number},
	{27, {3, 0, 0, 27, S7_DATA, 3, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0xf0, 0, 0, 1, 0, 1, 1, 0xe0},
	    s7_number}},
    {{31,
	 {3, 0, 0, 31, S7_DATA, 1, 0, 0, 0, 0, 0, 14, 0, 0, 4, 1, 0x12, 10, 0x10, 2, 0, 20, 0, 10,
	     0x84, 0, 0, 0},
	 s7_number},
	{45, {3, 0, 0, 45, S7_DATA, 3, 0, 0, 0, 0, 0, 2, 0, 24, 0, 0, 4, 1, 0xff, 4, 0, 160},
	    s7_number}},
};

#define EXCHANGES(list) list, sizeof(list) / sizeof((list)[0])

const struct bench_protocol bench_protocols[BENCH_PROTOCOLS] = {
    {"modbus", "reads of 10 registers", 502,
	"{ access = [\"read\"]; },"
	"{ functions = [\"write-single-register\"]; units = [\"1\"]; points = [\"holding:40-42\"];"
	"  values = [\"0-1500\"]; }",
	EXCHANGES(modbus_exchanges)},
    {"dnp3", "reads of 10 analog inputs", 20000,
	"{ access = [\"read\"]; units = [\"1>10\"]; points = [\"class:*\", \"g30:0-99\"]; },"
	"{ functions = [\"select\", \"operate\"]; units = [\"1>10\"]; points = [\"g12:7\"];"
	"  values = [\"latch-on\"]; }",
	EXCHANGES(dnp3_exchanges)},
    {"s7comm", "reads of 20 bytes of a DB", 102,
	"{ access = [\"read\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-127\", \"M:0-15\"]; },"
	"{ functions = [\"write-var\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-3\"];"
	"  type = \"int\"; values = [\"0-100\"]; }",
	EXCHANGES(s7_exchanges)},
};

static size_t
write_message(const struct bench_message *message, uint32_t n, uint8_t *buf)
{
	memcpy(buf, message->bytes, message->length);
	if (message->number)
		message->number(buf, n);
	return message->length;
}

static const struct bench_exchange *
exchange_of(const struct bench_protocol *p, uint32_t n)
{
	return &p->exchanges[n < p->exchange_count ? n : p->exchange_count - 1];
}

size_t
bench_request(const struct bench_protocol *p, uint32_t n, uint8_t buf[BENCH_MESSAGE_MAX])
{
	return write_message(&exchange_of(p, n)->request, n, buf);
}

size_t
bench_response(const struct bench_protocol *p, uint32_t n, uint8_t buf[BENCH_MESSAGE_MAX])
{
	return write_message(&exchange_of(p, n)->response, n, buf);
}
