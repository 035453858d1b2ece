/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Own S7comm: jobs that read and write variables of a data block and of flags, in every size that
 * clients use, and a few jobs that touch none.  Cells are bits.
 */
#include <stdio.h>
#include <string.h>

#include "own.h"

enum { DB = 0, FLAGS = 1, WINDOW = 8 /* bytes */, HEADERS = 17 };

static const struct type types[] = {{"bool", 1, 'u', false}, {"byte", 8, 'u', false},
    {"sint", 8, 's', false}, {"word", 16, 'u', false}, {"int", 16, 's', false},
    {"dword", 32, 'u', false}, {"dint", 32, 's', false}, {"real", 32, 'f', false},
    {"lreal", 64, 'f', false}};

/* Transport sizes of an address, and the unit in which its data are counted. */
static const struct size {
	uint8_t code;
	uint8_t bytes; /* 0: a bit */
	uint8_t data;
} sizes[] = {{1, 0, 3}, {2, 1, 4}, {2, 1, 4}, {2, 1, 4}, {3, 1, 4}, {4, 2, 4}, {5, 2, 5}, {6, 4, 4},
    {7, 4, 5}, {8, 4, 7}};

static void
put(struct asked *a, unsigned bytes, uint64_t number)
{
	while (bytes-- > 0)
		a->bytes[a->length++] = (uint8_t)(number >> 8 * bytes);
}

static const struct size *
put_address(struct asked *a, bool write)
{
	const struct size *size = &sizes[own_random(10)];
	struct touch *t = &a->touches[a->touch_count++];
	unsigned count = size->bytes ? 1 + own_random(4 / size->bytes + 1) : 1;
	unsigned place = own_random(WINDOW) * 8 + (size->bytes ? 0 : own_random(8));

	memset(t, 0, sizeof(*t));
	t->space = own_random(4) == 0 ? FLAGS : DB;
	t->block = t->space == DB ? 10 + (own_random(6) == 0) : 0;
	t->first = place;
	t->count = size->bytes ? count * size->bytes * 8 : 1;
	t->write = t->known = write;
	put(a, 3, 0x120a10);
	put(a, 1, size->code);
	put(a, 2, count);
	put(a, 2, t->block);
	put(a, 1, t->space == DB ? 0x84 : 0x83);
	put(a, 3, place);
	return size;
}

static void
put_data(struct asked *a, struct touch *t, const struct size *size, bool last)
{
	unsigned bytes = size->bytes ? t->count / 8 : 1;

	put(a, 1, 0);
	put(a, 1, size->data);
	put(a, 2, size->data == 3 ? 1 : size->data == 7 ? bytes : bytes * 8);
	for (unsigned i = 0; i < bytes; i++) {
		static const uint8_t some[] = {
		    0, 0, 0, 1, 2, 9, 10, 0x7f, 0x80, 0xff, 0x41, 0x20, 0x3f};
		unsigned byte =
		    size->bytes == 0 ? (own_random(8) ? own_random(2) : 3) : some[own_random(13)];

		put(a, 1, byte);
		for (unsigned bit = 0; size->bytes && bit < 8; bit++)
			t->cells[i * 8 + bit] = byte >> bit & 1;
		if (!size->bytes)
			t->cells[0] = (uint16_t)byte;
	}
	if (!last && bytes % 2)
		put(a, 1, 0);
}

static void
put_header(struct asked *a, size_t parameters)
{
	size_t data = a->length - HEADERS - parameters;
	uint8_t header[HEADERS] = {3, 0, (uint8_t)(a->length >> 8), (uint8_t)a->length, 2, 0xf0,
	    0x80, 0x32, 1, 0, 0, 0, (uint8_t)(1 + own_random(255)), (uint8_t)(parameters >> 8),
	    (uint8_t)parameters, (uint8_t)(data >> 8), (uint8_t)data};

	memcpy(a->bytes, header, sizeof(header));
}

static void
ask_variables(struct asked *a, bool write)
{
	const struct size *of[TOUCHES_MAX];
	unsigned count = 1 + own_random(TOUCHES_MAX);
	size_t parameters;

	a->function = write ? "write-var" : "read-var";
	a->class = write ? WRITES : READS;
	put(a, 1, write ? 5 : 4);
	put(a, 1, count);
	for (unsigned i = 0; i < count; i++)
		of[i] = put_address(a, write);
	parameters = a->length - HEADERS;
	/* the data of an item whose length is in bytes may be misread: those behind it are not told
	 */
	for (unsigned i = 0; write && i < count; i++) {
		put_data(a, &a->touches[i], of[i], i + 1 == count);
		for (unsigned k = i + 1; of[i]->data == 7 && k < count; k++)
			a->touches[k].known = false;
	}
	put_header(a, parameters);
}

static void
ask(struct asked *a)
{
	static const char stop[] = "P_PROGRAM";

	memset(a, 0, offsetof(struct asked, touches));
	a->length = HEADERS;
	switch (own_random(8)) {
	case 0:
		a->function = "plc-stop";
		a->class = CONTROLS;
		put(a, 1, 0x29);
		put(a, 5, 0);
		put(a, 1, 9);
		memcpy(&a->bytes[a->length], stop, 9);
		a->length += 9;
		put_header(a, a->length - HEADERS);
		break;
	case 1:
		a->function = "end-upload";
		a->class = PROGRAMS;
		a->follows = true;
		put(a, 8, UINT64_C(0x1f00000000000007));
		put_header(a, 8);
		break;
	case 2:
		ask_variables(a, false);
		break;
	default:
		ask_variables(a, true);
		break;
	}
	if (own_random(16) > 0)
		return;
	a->wrong = true;
	if (own_random(2))
		a->bytes[7] = 0x31;
	else
		a->bytes[14]++;
}

static void
make_rule(struct own_rule *rule)
{
	static const char *const functions[] = {"read-var", "write-var", "plc-stop", "end-upload"};
	unsigned width, next = own_random(3);
	bool flags = own_random(4) == 0;

	rule->classes = own_random(3) ? 0 : READS;
	rule->classes |= own_random(2) ? WRITES : 0;
	rule->classes |= own_random(6) ? 0 : CONTROLS | PROGRAMS;
	rule->functions[0] = own_random(2) || rule->classes == 0 ? functions[own_random(4)] : NULL;
	rule->any_unit = true;
	rule->limited = (rule->classes & WRITES) && own_random(3) != 0;
	rule->type = rule->limited ? &types[own_random(9)] : NULL;
	rule->least = (double)own_random(3) * (rule->type && rule->type->kind != 'u' ? -1 : 1);
	rule->most = rule->least + own_random(12);
	if (rule->limited && own_random(3) == 0)
		rule->most = 70000;
	if (!rule->limited && own_random(3) == 0)
		return;
	width = rule->type && rule->type->bits > 8 ? rule->type->bits / 8 : 1;
	while (rule->range_count < RANGES_MAX && next < WINDOW) {
		struct range *range = &rule->ranges[rule->range_count++];

		*range = (struct range){flags ? FLAGS : DB, flags ? 0 : 10, next * 8,
		    (next + width * (1 + own_random(6 / width + 1))) * 8 - 1};
		next = range->last / 8 + 2 + own_random(3);
		if (own_random(2))
			break;
	}
}

static void
print(const struct range *range, char *buf, size_t size)
{
	snprintf(buf, size, "%s:%u-%u", range->space == DB ? "DB10" : "M", range->first / 8,
	    range->last / 8);
}

const struct protocol own_s7 = {
    .name = "s7comm",
    .unit_prefix = "",
    .cell_bits = {1, 1},
    .ask = ask,
    .make_rule = make_rule,
    .print = print,
};
