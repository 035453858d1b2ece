/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S7: messages for the tests of the engine. */
#include "s7.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const char connect_request[] = "03000016 11e0 0000 0001 00 c0010a c1020100 c2020102";
const char connect_confirm[] = "03000016 11d0 0001 0002 00 c0010a c1020100 c2020102";
const char setup_request[] = "03000019 02f080 3201 0000 0001 0008 0000 f0 00 0001 0001 01e0";
const char setup_answer[] = "0300001b 02f080 3203 0000 0001 0008 0000 0000 f0 00 0001 0001 00f0";
const char plc_stop[] =
    "03000021 02f080 3201 0000 0009 0010 0000 29 0000000000 09 505f50524f4752414d";
const char read_allowed[] =
    "0300001f 02f080 3201 0000 0005 000e 0000 04 01 120a10 02 0010 000a 84 000000";

void
add(struct bytes *b, const char *hex)
{
	b->length += sim_hex(hex, &b->data[b->length], sizeof(b->data) - b->length);
}

void
put(struct bytes *b, unsigned number)
{
	b->data[b->length++] = (uint8_t)(number >> 8);
	b->data[b->length++] = (uint8_t)number;
}

struct bytes
job(unsigned reference, const char *parameters, const char *data)
{
	struct bytes p = {.length = 0}, d = {.length = 0}, b = {.length = 0};

	add(&p, parameters);
	add(&d, data);
	add(&b, "0300");
	put(&b, (unsigned)(17 + p.length + d.length));
	add(&b, "02f080 32010000");
	put(&b, reference);
	put(&b, (unsigned)p.length);
	put(&b, (unsigned)d.length);
	add(&b, parameters);
	add(&b, data);
	return b;
}

struct bytes
piece(const struct bytes *whole, size_t from, size_t to, bool end)
{
	struct bytes b = {.length = 0};

	add(&b, "0300");
	put(&b, (unsigned)(7 + to - from));
	add(&b, end ? "02f080" : "02f000");
	memcpy(&b.data[b.length], &whole->data[7 + from], to - from);
	b.length += to - from;
	return b;
}

enum verdict
send(struct sim *sim, const struct bytes *b)
{
	return sim_send_bytes(sim, REQUEST, b->data, b->length);
}

struct sim *
connected(const char *settings, const char *rules)
{
	char channel[256];
	struct sim *sim;

	snprintf(channel, sizeof(channel), "protocol = \"s7comm\"; %s", settings);
	sim = sim_new("", channel, rules);

	sim_open(sim);
	assert_allowed(sim, sim_send(sim, REQUEST, connect_request));
	assert_allowed(sim, sim_send(sim, RESPONSE, connect_confirm));
	return sim;
}

struct sim *
ready_with(const char *settings, const char *rules)
{
	struct sim *sim = connected(settings, rules);

	assert_allowed(sim, sim_send(sim, REQUEST, setup_request));
	assert_allowed(sim, sim_send(sim, RESPONSE, setup_answer));
	return sim;
}

struct sim *
ready(const char *rules)
{
	return ready_with("", rules);
}
