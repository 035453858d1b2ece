/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Own: messages, policies and what comes of them, as the specifications and DESIGN have it, without
 * a line of the product.  Only differential.c asks the product, and compares.
 */
#ifndef SLUICE_TEST_OWN_H
#define SLUICE_TEST_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum class { READS = 1, WRITES = 2, CONTROLS = 4, PROGRAMS = 8, DIAGNOSES = 16, FILES = 32 };

enum { CELLS_MAX = 256, TOUCHES_MAX = 4, RANGES_MAX = 3, OWN_RULES_MAX = 4, BYTES_MAX = 512 };

/*
 * Cells first..first+count-1 of the device's memory: registers, bits.  `known`: `cells` are what
 * they will hold.
 */
struct touch {
	unsigned space;
	unsigned block;
	unsigned first;
	unsigned count;
	bool write;
	bool known;
	uint16_t cells[CELLS_MAX];
};

struct asked {
	const char *function;
	enum class class;
	bool has_unit;
	unsigned unit;
	bool broadcast;
	bool follows; /* belongs to what an earlier message named */
	bool opaque;
	bool wrong; /* no canonical message */
	uint8_t bytes[BYTES_MAX];
	size_t length;
	size_t touch_count;
	struct touch touches[TOUCHES_MAX]; /* the first touch_count */
};

struct type {
	const char *name;
	unsigned bits;
	char kind; /* u, s, f */
	bool swapped;
};

struct range {
	unsigned space;
	unsigned block;
	unsigned first;
	unsigned last;
};

struct own_rule {
	unsigned classes;
	const char *functions[2]; /* NULL: none */
	unsigned unit_first;
	unsigned unit_last;
	bool any_unit; /* no units are written */
	bool broadcast;
	struct range ranges[RANGES_MAX];
	size_t range_count;
	const struct type *type;
	double least;
	double most;
	bool limited;
};

struct own_policy {
	struct own_rule rules[OWN_RULES_MAX];
	size_t rule_count;
};

struct protocol {
	const char *name;
	const char *unit_prefix; /* in front of a unit, in a policy */
	unsigned cell_bits[4];   /* of each space */
	void (*ask)(struct asked *asked);
	void (*make_rule)(struct own_rule *rule);
	/* Print points for a policy. */
	void (*print)(const struct range *range, char *buf, size_t size);
};

extern const struct protocol own_modbus, own_s7, own_dnp3;

/* A number below `limit`, from the seed. */
unsigned own_random(unsigned limit);
void own_seed(uint64_t seed);

bool own_allows(
    const struct protocol *protocol, const struct own_policy *policy, const struct asked *asked);

#endif
