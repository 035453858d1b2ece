/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Own Modbus: requests written from the MODBUS Application Protocol Specification V1.1b3, and rules
 * about the same few points, so that the two often meet.
 */
#include <stdio.h>
#include <string.h>

#include "own.h"

enum { COILS = 0, HOLDING = 1, RECORDS = 2, WINDOW = 12 };

static const struct type types[] = {{"int16", 16, 's', false}, {"uint16", 16, 'u', false},
    {"int32", 32, 's', false}, {"int32-swapped", 32, 's', true}, {"uint32", 32, 'u', false},
    {"uint32-swapped", 32, 'u', true}, {"float32", 32, 'f', false},
    {"float32-swapped", 32, 'f', true}, {"int64", 64, 's', false},
    {"uint64-swapped", 64, 'u', true}, {"float64", 64, 'f', false}};

static void
put(struct asked *a, unsigned bytes, unsigned long number)
{
	while (bytes-- > 0)
		a->bytes[a->length++] = (uint8_t)(number >> 8 * bytes);
}

static struct touch *
touch(struct asked *a, unsigned space, unsigned first, unsigned count, bool write)
{
	struct touch *t = &a->touches[a->touch_count++];

	memset(t, 0, sizeof(*t));
	t->space = space;
	t->first = first;
	t->count = count;
	t->write = write;
	t->known = write;
	return t;
}

static uint16_t
any_register(void)
{
	static const uint16_t some[] = {
	    0, 0, 0, 1, 2, 9, 10, 11, 0x7fff, 0x8000, 0xffff, 0x3f80, 0x3fc0, 0x4120};

	return own_random(8) == 0 ? (uint16_t)own_random(65536) : some[own_random(14)];
}

static void
name(struct asked *a, const char *function, enum class class)
{
	a->function = function;
	a->class = class;
}

/* Address and quantity, which `wrong` makes one too many for the rest of the message. */
static struct touch *
put_range(struct asked *a, unsigned space, unsigned most, bool write)
{
	unsigned first = own_random(WINDOW), count = 1 + own_random(most);

	put(a, 2, first);
	put(a, 2, count);
	return touch(a, space, first, count, write);
}

static void
put_coils(struct asked *a)
{
	struct touch *t = put_range(a, COILS, 12, true);
	uint8_t bytes[2] = {0};

	put(a, 1, (t->count + 7) / 8);
	for (unsigned i = 0; i < t->count; i++) {
		t->cells[i] = own_random(2) != 0;
		bytes[i / 8] |= (uint8_t)(t->cells[i] << i % 8);
	}
	for (unsigned i = 0; i < (t->count + 7) / 8; i++)
		put(a, 1, bytes[i]);
}

static void
put_registers(struct asked *a)
{
	struct touch *t = put_range(a, HOLDING, 8, true);

	put(a, 1, t->count * 2);
	for (unsigned i = 0; i < t->count; i++) {
		t->cells[i] = any_register();
		put(a, 2, t->cells[i]);
	}
}

static void
put_records(struct asked *a)
{
	size_t size = a->length++;
	unsigned groups = 1 + own_random(3);

	for (unsigned g = 0; g < groups; g++) {
		struct touch *t = touch(a, RECORDS, own_random(WINDOW), 1 + own_random(3), true);

		t->block = 1 + own_random(2);
		put(a, 1, 6);
		put(a, 2, t->block);
		put(a, 2, t->first);
		put(a, 2, t->count);
		for (unsigned i = 0; i < t->count; i++) {
			t->cells[i] = any_register();
			put(a, 2, t->cells[i]);
		}
	}
	a->bytes[size] = (uint8_t)(a->length - size - 1);
}

static void
put_single(struct asked *a, bool coil)
{
	struct touch *t = touch(a, coil ? COILS : HOLDING, own_random(WINDOW), 1, true);

	t->cells[0] = coil ? own_random(2) : any_register();
	put(a, 2, t->first);
	put(a, 2, coil ? t->cells[0] * 0xff00UL : t->cells[0]);
}

static void
put_body(struct asked *a, unsigned function)
{
	put(a, 1, function);
	switch (function) {
	case 1:
		name(a, "read-coils", READS);
		put_range(a, COILS, 12, false);
		break;
	case 3:
		name(a, "read-holding-registers", READS);
		put_range(a, HOLDING, 8, false);
		break;
	case 5:
		name(a, "write-single-coil", WRITES);
		put_single(a, true);
		break;
	case 6:
		name(a, "write-single-register", WRITES);
		put_single(a, false);
		break;
	case 7:
		name(a, "read-exception-status", DIAGNOSES);
		break;
	case 8:
		name(a, "restart-communications", CONTROLS);
		put(a, 4, 0x10000);
		break;
	case 15:
		name(a, "write-multiple-coils", WRITES);
		put_coils(a);
		break;
	case 16:
		name(a, "write-multiple-registers", WRITES);
		put_registers(a);
		break;
	case 21:
		name(a, "write-file-record", FILES);
		put_records(a);
		break;
	case 22:
		name(a, "mask-write-register", WRITES);
		touch(a, HOLDING, own_random(WINDOW), 1, true)->known = false;
		put(a, 2, a->touches[0].first);
		put(a, 4, 0xf20025);
		break;
	case 23:
		name(a, "read-write-multiple-registers", WRITES);
		put_range(a, HOLDING, 8, false);
		put_registers(a);
		break;
	default:
		name(a, "user-defined-65", PROGRAMS);
		a->opaque = true;
		put(a, 2, own_random(65536));
		break;
	}
}

/* One thing of a message that no server may be shown. */
static void
spoil(struct asked *a)
{
	unsigned function = a->bytes[7];

	a->wrong = true;
	switch (own_random(5)) {
	case 0:
		a->bytes[3] = 1; /* protocol */
		break;
	case 1:
		a->bytes[5]--; /* a byte is left over, or missing */
		break;
	case 2:
		a->bytes[5]++; /* which never comes */
		break;
	case 3:
		a->bytes[7] = 0x80; /* no function */
		break;
	default:
		if (function == 8 || function == 65)
			a->bytes[3] = 2;
		else if (function == 16 && own_random(2)) /* one register more than there are */
			a->bytes[11]++;
		else if (function == 15 || function == 16) /* another number of bytes */
			a->bytes[12]++;
		else /* it says one byte more, and has it */
			put(a, 1, a->bytes[5]++ & 0);
	}
}

static void
ask(struct asked *a)
{
	static const uint8_t functions[] = {1, 3, 5, 6, 7, 8, 15, 16, 16, 16, 21, 22, 23, 23, 65};

	memset(a, 0, offsetof(struct asked, touches));
	a->has_unit = true;
	a->unit = own_random(4);
	put(a, 2, own_random(65536));
	put(a, 4, 0);
	put(a, 1, a->unit);
	put_body(a, functions[own_random(sizeof(functions))]);
	a->bytes[5] = (uint8_t)(a->length - 6);
	a->broadcast = a->unit == 0 && a->class != READS && a->class != DIAGNOSES;
	if (own_random(16) == 0)
		spoil(a);
}

static void
make_ranges(struct own_rule *rule)
{
	unsigned width = rule->type ? rule->type->bits / 16 : 1, next = own_random(4);
	unsigned space = rule->type ? 1 + own_random(2) : own_random(3);

	while (rule->range_count < RANGES_MAX && next < WINDOW) {
		struct range *range = &rule->ranges[rule->range_count++];

		*range = (struct range){space, space == RECORDS ? 1 : 0, next,
		    next + width * (1 + own_random(6 / width + 1)) - 1};
		next = range->last + 2 + own_random(3);
		if (own_random(2))
			break;
	}
}

static void
make_rule(struct own_rule *rule)
{
	static const char *const functions[] = {"read-holding-registers", "write-single-register",
	    "write-multiple-registers", "read-write-multiple-registers",
	    "read-write-multiple-registers", "restart-communications", "user-defined-65",
	    "mask-write-register", "write-file-record"};

	rule->classes = own_random(3) ? 0 : READS;
	rule->classes |= own_random(2) ? WRITES : 0;
	rule->classes |= own_random(3) ? 0 : CONTROLS | FILES;
	rule->classes |= own_random(6) ? 0 : PROGRAMS | DIAGNOSES;
	rule->functions[0] = own_random(2) || rule->classes == 0 ? functions[own_random(9)] : NULL;
	rule->any_unit = own_random(4) != 0;
	rule->unit_first = own_random(3);
	rule->unit_last = rule->unit_first + own_random(3);
	rule->broadcast = own_random(3) == 0;
	rule->limited = (rule->classes & WRITES) && own_random(3) != 0;
	rule->type = rule->limited && own_random(2) ? &types[own_random(11)] : NULL;
	rule->least = (double)own_random(3) * (rule->type && rule->type->kind != 'u' ? -1 : 1);
	rule->most = rule->least + own_random(12);
	if (rule->limited && own_random(3) == 0)
		rule->most = 70000;
	if (rule->type || own_random(3) != 0)
		make_ranges(rule);
}

static void
print(const struct range *range, char *buf, size_t size)
{
	static const char *const spaces[] = {"coil", "holding", "file:1"};

	snprintf(buf, size, "%s:%u-%u", spaces[range->space], range->first, range->last);
}

const struct protocol own_modbus = {
    .name = "modbus",
    .unit_prefix = "",
    .cell_bits = {1, 16, 16},
    .ask = ask,
    .make_rule = make_rule,
    .print = print,
};
