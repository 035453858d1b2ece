/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drive: a hostile client steered by bytes.  See drive.h. */
#include "drive.h"

#include <stdio.h>
#include <string.h>

enum { DRIVE_BYTES_MAX = 2048 };

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

struct drive {
	struct sim *sim;
	const uint8_t *steering;
	size_t left;
	uint8_t sent[DRIVE_BYTES_MAX]; /* what the client means to send */
	size_t sent_size;
	size_t position; /* of the next byte that was never sent */
};

struct sim *
drive_new(const char *on_deny)
{
	char conduit[64];

	snprintf(conduit, sizeof(conduit), "on_deny = \"%s\";", on_deny);
	return sim_new(conduit, "",
	    "{ functions = [\"read-holding-registers\"]; },"
	    "{ functions = [\"write-single-register\"]; points = [\"holding:40-42\"]; values = "
	    "[\"0-1500\"]; }");
}

static unsigned
next(struct drive *d)
{
	if (d->left == 0)
		return 0;
	d->left--;
	return *d->steering++;
}

/* Add a message to what the client means to send: mostly well-formed, some permitted, some not. */
static void
add_message(struct drive *d)
{
	static const uint8_t forms[][12] = {
	    {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1},
	    {0, 2, 0, 0, 0, 6, 1, 6, 0, 40, 0, 1},
	    {0, 3, 0, 0, 0, 6, 1, 6, 0, 50, 0, 1},
	    {0, 4, 0, 0, 0, 6, 1, 6, 0, 41, 0xff, 0xff},
	    {0, 5, 0, 0, 0, 6, 1, 5, 0, 41, 0xff, 0},
	};
	unsigned form = next(d);
	uint8_t *to = &d->sent[d->sent_size];

	if (d->sent_size + 12 > sizeof(d->sent))
		return;
	memcpy(to, forms[form % 5], 12);
	if (form & 0x80)
		to[next(d) % 12] = (uint8_t)next(d);
	d->sent_size += 12;
}

static void
send_part(struct drive *d, size_t from, size_t length, bool change)
{
	struct sim_end *client = &d->sim->end[REQUEST];
	uint8_t bytes[256];

	if (from >= d->sent_size)
		return;
	if (length > d->sent_size - from)
		length = d->sent_size - from;
	if (length > sizeof(bytes))
		length = sizeof(bytes);
	memcpy(bytes, &d->sent[from], length);
	if (change && length > 0)
		bytes[next(d) % length] ^= (uint8_t)(1 + next(d) % 255);
	sim_segment(d->sim, REQUEST, client->isn + 1 + (uint32_t)from, d->sim->end[RESPONSE].next,
	    TCP_ACK, bytes, length);
	if (from <= d->position && from + length > d->position)
		d->position = from + length;
}

/* The server acknowledges what it has, and answers nothing. */
static void
acknowledge(struct drive *d)
{
	struct sim_end *client = &d->sim->end[REQUEST];

	sim_segment(d->sim, RESPONSE, d->sim->end[RESPONSE].next,
	    client->isn + 1 + (uint32_t)sim_received(d->sim, REQUEST), TCP_ACK | TCP_FIN, NULL, 0);
}

static void
step(struct drive *d)
{
	struct sim_end *client = &d->sim->end[REQUEST];
	unsigned what = next(d);
	size_t length = 1 + next(d) % 30;
	size_t back = next(d) % 40;
	size_t from = d->position > back ? d->position - back : 0;

	switch (what % 10) {
	case 0:
	case 1:
		add_message(d);
		break;
	case 2:
	case 3:
	case 4:
		send_part(d, d->position, length, false);
		break;
	case 5:
		send_part(d, from, length, false);
		break;
	case 6:
		send_part(d, from, length, true);
		break;
	case 7:
		send_part(d, d->position + back, length, false);
		break;
	case 8:
		acknowledge(d);
		break;
	default:
		/* A SYN that pretends to begin anew somewhere near. */
		sim_segment(d->sim, REQUEST, client->isn + (uint32_t)from, 0, TCP_SYN, NULL, 0);
		break;
	}
}

/* What a refused request leaves as: nothing that any server has. */
static bool
refused(const uint8_t *m, size_t length)
{
	static const uint8_t zeros[DRIVE_BYTES_MAX];

	return m[7] == 85 && length >= 8 && memcmp(&m[8], zeros, length - 8) == 0;
}

/* Is this whole message one that the policy of drive_new() names? */
static bool
permitted(const uint8_t *m, size_t length)
{
	unsigned address = (unsigned)m[8] << 8 | m[9], value = (unsigned)m[10] << 8 | m[11];

	if (length != 12 || m[2] || m[3])
		return false;
	if (m[7] == 3)
		return value >= 1 && value <= 125 && address + value <= 65536;
	return m[7] == 6 && address >= 40 && address <= 42 && value <= 1500;
}

static const char *
judge(const struct sim *sim)
{
	const struct sim_end *client = &sim->end[REQUEST];
	size_t size = sim_received(sim, REQUEST), at = 0;

	while (size - at >= 8) {
		const uint8_t *m = &client->got[at];
		size_t length = 6 + ((size_t)m[4] << 8 | m[5]);

		/* Twelve bytes are all that a careless server needs for a write, whatever the
		 * length says. */
		if (size - at >= 12 && !permitted(m, length) && !refused(m, length))
			return "a forbidden message is complete at the server";
		if (length > size - at)
			break;
		at += length;
	}
	return sim->changed[REQUEST] ? "a byte passed twice with different values" : NULL;
}

const char *
drive(struct sim *sim, const uint8_t *steering, size_t size)
{
	struct drive d = {.sim = sim, .steering = steering, .left = size};

	sim_reset(sim);
	sim_open(sim);
	add_message(&d);
	while (d.left > 0)
		step(&d);
	return judge(sim);
}
