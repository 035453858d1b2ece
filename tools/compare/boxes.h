/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boxes: connections as products of ranges of interfaces, addresses and ports.
 */
#ifndef SLUICE_BOXES_H
#define SLUICE_BOXES_H

#include <stddef.h>

#include "model.h"
#include "wide.h"

enum box_side {
	BOX_CLIENT_INTERFACE = 0, /* index into struct interfaces */
	BOX_SERVER_INTERFACE,
	BOX_CLIENT,
	BOX_SERVER,
	BOX_PORT,
	BOX_SIDES
};

struct box_range {
	struct wide first;
	struct wide last;
};

struct connections_box {
	const struct channel *channel;
	enum family family;
	uint8_t transport;
	struct box_range sides[BOX_SIDES];
};

struct boxes {
	struct connections_box *items;
	size_t count;
	size_t room;
};

/* Names of interfaces, each once; behind them stand "any other" and the appliance itself. */
struct interfaces {
	const char **names;
	size_t count;
};

void interfaces_add(struct interfaces *interfaces, const struct policy *policy);
void interfaces_done(struct interfaces *interfaces);

/* The name of an interface by index: also of the two behind the last. */
const char *interfaces_name(const struct interfaces *interfaces, struct wide index);

/* All connections that a policy permits.  No two of these boxes overlap. */
void boxes_of(
    const struct policy *policy, const struct interfaces *interfaces, struct boxes *ret_boxes);
void boxes_done(struct boxes *boxes);

/* The part that two boxes have in common; false if there is none. */
bool box_overlap(const struct connections_box *a, const struct connections_box *b,
    struct connections_box *ret_common);

/* Add to `pieces` what of `box` is in none of `others`. */
void box_subtract(
    const struct connections_box *box, const struct boxes *others, struct boxes *pieces);

struct wide address_number(const struct address *address, enum family family);
struct address number_address(struct wide number, enum family family);

#endif
