/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Own DNP3: requests of one frame that read, write, operate and freeze, and a few that name no
 * point.  Cells are points of one variation; their values are small enough for a cell.
 */
#include <stdio.h>
#include <string.h>

#include "dnp3_wire.h"
#include "own.h"

enum { CLASSES = 0, GROUPS = 1, MASTER = 1, ALL_STATIONS = 65535, POINTS = 8 };

/* What is operated and written: the value's place in an object, little end first. */
static const struct object {
	uint8_t group;
	uint8_t variation;
	uint8_t size; /* 0: one bit a point, packed */
	uint8_t at;
	uint8_t bytes;
	bool output; /* WRITE of it is write-output */
} objects[] = {{12, 1, 11, 0, 1, true}, {41, 1, 5, 0, 4, true}, {41, 2, 3, 0, 2, true},
    {10, 1, 0, 0, 0, true}, {34, 1, 2, 0, 2, false}, {34, 2, 4, 0, 4, false},
    {50, 1, 6, 0, 6, false}, {80, 1, 0, 0, 0, false}};

enum { OPERATED = 3, OBJECTS = sizeof(objects) / sizeof(objects[0]) };

/* Functions that name no point, or only by a range. */
static const struct plain {
	uint8_t code;
	const char *name;
	enum class class;
} plain[] = {{13, "cold-restart", CONTROLS}, {19, "save-configuration", PROGRAMS},
    {23, "delay-measurement", DIAGNOSES}, {24, "record-current-time", WRITES}},
  freezes[] = {{7, "immediate-freeze", WRITES}, {8, "immediate-freeze-nr", WRITES},
      {9, "freeze-clear", WRITES}, {10, "freeze-clear-nr", WRITES}},
  operates[] = {{3, "select", CONTROLS}, {4, "operate-without-select", 0},
      {5, "direct-operate", CONTROLS}, {6, "direct-operate-nr", CONTROLS}};

struct fragment {
	uint8_t bytes[DNP3_WIRE_USER_MAX];
	size_t length;
};

static void
put(struct fragment *f, unsigned bytes, unsigned long number)
{
	for (unsigned i = 0; i < bytes; i++) {
		f->bytes[f->length++] = (uint8_t)number;
		number >>= 8;
	}
}

static struct touch *
touch(struct asked *a, unsigned space, unsigned block, unsigned first, unsigned count)
{
	struct touch *t = &a->touches[a->touch_count++];

	memset(t, 0, sizeof(*t));
	t->space = space;
	t->block = block;
	t->first = first;
	t->count = count;
	t->write = a->class != READS;
	return t;
}

static void
put_object(struct fragment *f, const struct object *o, struct touch *t, unsigned i)
{
	static const uint8_t codes[] = {0, 1, 2, 3, 4, 0x13, 0x23, 0x41, 0x81};
	unsigned value = o->group == 12 ? codes[own_random(9)] : own_random(12);

	t->cells[i] = (uint16_t)value;
	put(f, o->at, 0);
	put(f, o->bytes, value);
	put(f, o->size - o->at - o->bytes, 0);
}

static void
put_bits(struct fragment *f, struct touch *t)
{
	unsigned byte = 0;

	for (unsigned i = 0; i < t->count; i++) {
		t->cells[i] = (uint16_t)own_random(2);
		byte |= (unsigned)t->cells[i] << i;
	}
	put(f, 1, byte);
}

/* Objects behind a range, or each behind its index: then each is touched by itself. */
static void
put_objects(struct asked *a, struct fragment *f, const struct object *o)
{
	unsigned block = (unsigned)o->group << 8 | o->variation, count = 1 + own_random(2);
	unsigned width = 1 + own_random(2), first = own_random(POINTS);
	bool ranged = o->size == 0 || (o->group != 12 && own_random(2));

	put(f, 1, o->group);
	put(f, 1, o->variation);
	if (o->group == 50) {
		put(f, 2, 0x0107);
		put_object(f, o, touch(a, GROUPS, block, 0, 1), 0);
	} else if (ranged) {
		struct touch *t = touch(a, GROUPS, block, first, count);

		put(f, 1, width - 1);
		put(f, width, first);
		put(f, width, first + count - 1);
		if (o->size == 0)
			put_bits(f, t);
		for (unsigned i = 0; o->size > 0 && i < count; i++)
			put_object(f, o, t, i);
	} else {
		put(f, 1, width == 1 ? 0x17 : 0x28);
		put(f, width, count);
		for (unsigned i = 0; i < count; i++) {
			unsigned index = own_random(POINTS);

			put(f, width, index);
			put_object(f, o, touch(a, GROUPS, block, index, 1), 0);
		}
	}
	for (size_t i = 0; i < a->touch_count; i++)
		a->touches[i].known = true;
}

static void
ask_operate(struct asked *a, struct fragment *f)
{
	const struct plain *p = &operates[own_random(4)];

	a->function = p->name;
	a->class = p->class;
	put(f, 1, p->code);
	for (unsigned left = 1 + own_random(2); left > 0; left--)
		put_objects(a, f, &objects[own_random(OPERATED)]);
}

/* What is written decides the function, and a message writes one kind. */
static void
ask_write(struct asked *a, struct fragment *f)
{
	const struct object *o = &objects[own_random(OBJECTS)], *other;

	a->function = o->output ? "write-output" : "write";
	a->class = o->output ? CONTROLS : WRITES;
	put(f, 1, 2);
	put_objects(a, f, o);
	if (own_random(2))
		return;
	other = &objects[own_random(OBJECTS)];
	a->wrong = other->output != o->output;
	put_objects(a, f, other);
}

static void
ask_range(struct asked *a, struct fragment *f, unsigned group, unsigned variation)
{
	unsigned first = own_random(POINTS), count = 1 + own_random(3);

	put(f, 1, group);
	put(f, 1, variation);
	put(f, 1, 0);
	put(f, 1, first);
	put(f, 1, first + count - 1);
	touch(a, GROUPS, group << 8 | variation, first, count);
}

static void
ask_class(struct asked *a, struct fragment *f, unsigned class)
{
	put(f, 1, 60);
	put(f, 1, class + 1);
	put(f, 1, 6);
	touch(a, CLASSES, 0, class, 1);
}

static void
ask_plain(struct asked *a, struct fragment *f)
{
	const struct plain *p = own_random(2) ? &plain[own_random(4)] : &freezes[own_random(4)];

	a->function = p->name;
	a->class = p->class;
	put(f, 1, p->code);
	if (p->code <= 10)
		ask_range(a, f, 20, 0);
}

static void
ask_headers(struct asked *a, struct fragment *f)
{
	bool read = own_random(3) > 0;

	a->function = read ? "read" : "enable-unsolicited";
	a->class = read ? READS : WRITES;
	put(f, 1, read ? 1 : 20);
	for (unsigned left = 1 + own_random(3); left > 0; left--)
		if (read && own_random(2))
			ask_range(a, f, 41, 1 + own_random(2));
		else
			ask_class(a, f, read ? own_random(4) : 1 + own_random(3));
}

static void
ask(struct asked *a)
{
	struct fragment f = {.length = 0};

	memset(a, 0, offsetof(struct asked, touches));
	a->has_unit = true;
	a->broadcast = own_random(8) == 0;
	a->unit = a->broadcast ? ALL_STATIONS : own_random(4);
	put(&f, 2, 0xc0c0); /* transport and application control: first and last */
	switch (own_random(5)) {
	case 0:
		ask_plain(a, &f);
		break;
	case 1:
		ask_headers(a, &f);
		break;
	case 2:
		ask_write(a, &f);
		break;
	default:
		ask_operate(a, &f);
		break;
	}
	a->length = dnp3_wire_frame(0xc4, a->unit, MASTER, f.bytes, f.length, a->bytes);
	if (own_random(16) > 0)
		return;
	a->wrong = true;
	a->bytes[own_random((unsigned)a->length)] ^= (uint8_t)(1U << own_random(8));
}

static void
make_range(struct own_rule *rule)
{
	struct range *range = &rule->ranges[rule->range_count++];
	const struct object *o = &objects[own_random(OBJECTS)];

	memset(range, 0, sizeof(*range));
	range->first = own_random(4);
	if (own_random(6) == 0) {
		range->last = range->first + own_random(4 - range->first);
		return;
	}
	range->space = GROUPS;
	range->block = own_random(6) ? (unsigned)o->group << 8 | o->variation : 20U << 8;
	range->last = range->first + own_random(POINTS);
}

static void
make_rule(struct own_rule *rule)
{
	static const char *const functions[] = {"read", "write", "write-output", "direct-operate",
	    "direct-operate-nr", "operate-without-select", "enable-unsolicited", "freeze-clear",
	    "cold-restart", "record-current-time"};

	rule->classes = own_random(3) ? 0 : READS;
	rule->classes |= own_random(2) ? WRITES : 0;
	rule->classes |= own_random(2) ? CONTROLS : 0;
	rule->classes |= own_random(8) ? 0 : PROGRAMS | DIAGNOSES;
	rule->functions[0] = own_random(2) || rule->classes == 0 ? functions[own_random(10)] : NULL;
	rule->any_unit = own_random(2);
	rule->unit_first = own_random(3);
	rule->unit_last = rule->unit_first + own_random(3);
	rule->broadcast = own_random(3) == 0;
	rule->limited = (rule->classes & (WRITES | CONTROLS)) && own_random(2);
	rule->least = own_random(3);
	rule->most = rule->least + own_random(70);
	if (own_random(3) == 0)
		return;
	while (rule->range_count < RANGES_MAX && own_random(4))
		make_range(rule);
}

static void
print(const struct range *range, char *buf, size_t size)
{
	char group[32] = "class";

	if (range->space == GROUPS)
		snprintf(group, sizeof(group), "g%uv%u", range->block >> 8, range->block & 255);
	snprintf(buf, size, "%s:%u-%u", group, range->first, range->last);
}

const struct protocol own_dnp3 = {
    .name = "dnp3",
    .unit_prefix = "1>",
    .cell_bits = {16, 16},
    .ask = ask,
    .make_rule = make_rule,
    .print = print,
};
