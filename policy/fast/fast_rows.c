/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fast rows: see fast_rows.h. */
#include "fast_rows.h"

#include <math.h>
#include <string.h>

#include "dissectors.h"

/* The functions that the recogniser reads. */
static const uint8_t codes[] = {1, 2, 3, 4, 5, 6, 15, 16};

enum {
	CODES = sizeof(codes) / sizeof(codes[0]),
	READS = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4,
	UNIT_MAX = 255,
	POINT_MAX = 65535,
	QUANTITIES = 2048, /* no function has as many */
	RULE_SIZE = 176,
	CHANNEL_SIZE = 176,
};

static const char *const bar_texts[] = {
    [FAST_SERVED] = "served in the kernel",
    [FAST_BAR_PROTOCOL] = "its protocol is not Modbus/TCP",
    [FAST_BAR_MONITOR] = "its conduit is in monitor mode",
    [FAST_BAR_ISOLATED] = "its conduit is cut",
    [FAST_BAR_LOG] = "it tells of every message (log)",
    [FAST_BAR_ROWS] = "its rules name too many units and ranges of points",
    [FAST_BAR_NOTHING] = "its rules permit nothing that the kernel could judge",
};

const char *
fast_bar_text(enum fast_bar bar)
{
	return bar < FAST_BAR_COUNT ? bar_texts[bar] : "?";
}

/* ---- what the dissector knows ---- */

static const struct dissector *
modbus(void)
{
	return dissector_find("modbus");
}

/* Would the dissector take a request of so many points for canonical? */
static bool
takes(const struct dissector *d, uint8_t code, uint32_t quantity)
{
	static struct message message;
	uint32_t data = code == 15 ? (quantity + 7) / 8 : quantity * 2, length, ret_length;
	uint8_t bytes[6 + 2 + 5 + QUANTITIES * 2] = {0};
	enum reason reason;
	struct context context = {.state = NULL};

	length = code < 5 ? 6 : 7 + data;
	if (length > UINT8_MAX || (code >= 5 && data > UINT8_MAX))
		return false;
	bytes[5] = (uint8_t)length;
	bytes[6] = 1;
	bytes[7] = code;
	bytes[10] = (uint8_t)(quantity >> 8);
	bytes[11] = (uint8_t)quantity;
	bytes[12] = (uint8_t)data;
	return dissect(d, DIRECTION_REQUEST, &context, bytes, 6 + length, NULL, &message,
		   &ret_length, &reason) == DISSECT_COMPLETE;
}

void
fast_quantities(uint16_t quantity_max[FAST_FUNCTIONS])
{
	const struct dissector *d = modbus();

	memset(quantity_max, 0, sizeof(*quantity_max) * FAST_FUNCTIONS);
	for (size_t i = 0; d && i < CODES; i++)
		for (uint32_t quantity = 1; quantity < QUANTITIES; quantity++)
			if (takes(d, codes[i], quantity))
				quantity_max[codes[i]] = (uint16_t)quantity;
}

/* The bits of the functions that touch this space. */
static uint32_t
functions_of_space(const struct dissector *d, uint16_t space)
{
	uint32_t functions = 0;

	for (uint32_t i = 0; i < d->touch_count; i++)
		if (d->touches[i].space == space && d->touches[i].code < FAST_FUNCTIONS)
			functions |= UINT32_C(1) << d->touches[i].code;
	return functions;
}

/* ---- rules ---- */

/*
 * What a policy can say more than it could when this was written must be understood here, or keep
 * its channel or rule out of the kernel.
 */
_Static_assert(sizeof(void *) != 8 ||
	(sizeof(struct rule) == RULE_SIZE && sizeof(struct channel) == CHANNEL_SIZE),
    "rules or channels say something new: see fast_compile(), then change the sizes");

struct compilation {
	const struct channel *channel;
	const struct rule *rule;
	struct fast_row *rows;
	uint32_t count;
	uint32_t known; /* functions that may pass in the kernel at all */
	bool full;
};

static uint32_t
functions_of_rule(const struct compilation *c)
{
	const struct dissector *d = c->channel->dissector;
	uint32_t functions = 0;

	for (size_t i = 0; i < CODES; i++) {
		const struct function *f = dissector_find_code(d, codes[i], FUNCTION_NO_SUB);
		uint32_t index;

		if (!f)
			continue;
		index = dissector_function_index(d, f);
		if (c->rule->functions[index / 64] >> (index % 64) & 1)
			functions |= UINT32_C(1) << codes[i];
	}
	return functions & c->known;
}

/* Written numbers of 16 bits within the limits; nothing if there are none. */
static struct fast_range
range_of(const struct value_range *value)
{
	double first = ceil(value->first), last = floor(value->last);

	if (!(first <= last) || last < 0 || first > POINT_MAX)
		return (struct fast_range){1, 0};
	return (struct fast_range){
	    first > 0 ? (uint16_t)first : 0, last < POINT_MAX ? (uint16_t)last : POINT_MAX};
}

static bool
values_can_be_said(const struct rule *rule)
{
	return rule->limit_count == 0 && rule->value_count <= FAST_RANGES_MAX &&
	    !(rule->type && rule->value_count > 0);
}

static void
add_row(struct compilation *c, uint32_t functions, const struct unit_range *unit,
    const struct point_range *points)
{
	const struct rate *rate = &c->rule->rate;
	bool reads = (functions & READS) == functions;
	bool said = reads || values_can_be_said(c->rule);
	struct fast_row *row;

	if (functions == 0)
		return;
	if (c->count == FAST_ROWS_MAX) {
		c->full = true;
		return;
	}
	row = &c->rows[c->count++];
	*row = (struct fast_row){
	    .functions = functions,
	    .unit_first = (uint16_t)unit->first,
	    .unit_last = (uint16_t)(unit->last < UNIT_MAX ? unit->last : UNIT_MAX),
	    .points = {(uint16_t)points->first, (uint16_t)points->last},
	    .limited = !reads && c->rule->value_count > 0,
	};
	for (size_t i = 0; i < FAST_RANGES_MAX; i++)
		row->ranges[i] = said && row->limited && i < c->rule->value_count
		    ? range_of(&c->rule->values[i])
		    : (struct fast_range){1, 0};
	if (said)
		row->kind = rate->count > 0 ? FAST_ROW_RATED : FAST_ROW_PLAIN;
	if (rate->count == 0)
		return;
	row->rate = rate->slot;
	row->interval_ns = (uint64_t)rate->period_ms * 1000000 / rate->count;
	row->burst_ns = row->interval_ns * (rate->count - 1);
}

/* Reads apart from writes, of which a limit of values speaks. */
static void
add_points(struct compilation *c, const struct unit_range *unit, const struct point_range *points,
    uint32_t functions)
{
	if (c->rule->value_count == 0 && c->rule->limit_count == 0) {
		add_row(c, functions, unit, points);
		return;
	}
	add_row(c, functions & READS, unit, points);
	add_row(c, functions & ~(uint32_t)READS, unit, points);
}

static void
add_unit(struct compilation *c, const struct unit_range *unit)
{
	static const struct point_range all = {.last = POINT_MAX};
	const struct rule *rule = c->rule;
	uint32_t functions = functions_of_rule(c);

	/* those of a source are another protocol's; a special one is told to all */
	if (unit->named || unit->source_first > 0 || unit->first > UNIT_MAX)
		return;
	if (rule->point_count == 0)
		add_points(c, unit, &all, functions);
	for (size_t i = 0; i < rule->point_count; i++) {
		const struct point_range *points = &rule->points[i];
		struct point_range here = *points;

		if (points->block_first > 0 || points->first > POINT_MAX)
			continue;
		if (here.last > POINT_MAX)
			here.last = POINT_MAX;
		add_points(c, unit, &here,
		    functions & functions_of_space(c->channel->dissector, points->space));
	}
}

static void
add_rule(struct compilation *c)
{
	static const struct unit_range all = {.source_last = UINT32_MAX, .last = UINT32_MAX};

	if (c->rule->unit_count == 0)
		add_unit(c, &all);
	for (size_t i = 0; i < c->rule->unit_count; i++)
		add_unit(c, &c->rule->units[i]);
}

static enum fast_bar
bar_of(const struct channel *channel)
{
	if (!channel->dissector || channel->dissector != modbus() ||
	    channel->transport != PROTOCOL_TCP)
		return FAST_BAR_PROTOCOL;
	if (channel->conduit->mode != MODE_ENFORCE)
		return FAST_BAR_MONITOR;
	if (channel->conduit->isolated)
		return FAST_BAR_ISOLATED;
	return channel->log == LOG_ALL ? FAST_BAR_LOG : FAST_SERVED;
}

enum fast_bar
fast_compile(const struct channel *channel, struct fast_row *rows, uint32_t *ret_count)
{
	struct compilation c = {.channel = channel, .rows = rows, .known = UINT32_MAX};
	enum fast_bar bar = bar_of(channel);
	bool some = false;

	*ret_count = 0;
	if (bar != FAST_SERVED)
		return bar;
	if (channel->log == LOG_WRITES)
		c.known = READS;
	for (size_t i = 0; i < channel->rule_count && !c.full; i++) {
		c.rule = &channel->rules[i];
		add_rule(&c);
	}
	for (uint32_t i = 0; i < c.count; i++)
		some |= rows[i].kind != FAST_ROW_OTHER;
	if (c.full)
		return FAST_BAR_ROWS;
	if (!some)
		return FAST_BAR_NOTHING;
	*ret_count = c.count;
	return FAST_SERVED;
}
