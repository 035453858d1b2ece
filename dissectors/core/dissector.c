/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dissector: calling one, and looking things up in its tables.  Text forms are in forms.c.
 */
#include <assert.h>
#include <string.h>

#include "dissector.h"

const struct function *
dissector_find_function(const struct dissector *d, const char *name)
{
	for (uint32_t i = 0; i < d->function_count; i++)
		if (strcmp(d->functions[i].name, name) == 0)
			return &d->functions[i];
	return NULL;
}

const struct function *
dissector_find_code(const struct dissector *d, uint16_t code, uint16_t sub)
{
	const struct function *rest = NULL;

	for (uint32_t i = 0; i < d->function_count; i++) {
		const struct function *function = &d->functions[i];

		if (function->code != code)
			continue;
		if (function->sub == sub)
			return function;
		if (function->sub == FUNCTION_NO_SUB)
			rest = function;
	}
	return rest;
}

uint32_t
dissector_element_width(const struct dissector *d, uint16_t space, const struct element_type *type)
{
	const struct space *s = &d->spaces[space];

	if (s->index_bits == 0)
		return s->bits ? 0 : 1;
	return type->bits % s->index_bits == 0 ? type->bits / s->index_bits : 0;
}

/* Is something wrong that no further byte can heal? */
static bool
is_broken(const struct cursor *c, enum reason *ret_reason)
{
	if (c->state == CURSOR_FAILED)
		*ret_reason = c->reason;
	else if (c->state == CURSOR_OVERRUN)
		*ret_reason = REASON_LENGTH_MISMATCH;
	else
		return false;
	return true;
}

struct context
context_new(struct context_room *room)
{
	return (struct context){.state = room->state, .scratch = room->scratch};
}

uint32_t
context_setting(const struct dissector *d, const struct context *context, uint32_t setting)
{
	assert(setting < d->setting_count);
	return context->settings != NULL ? context->settings[setting] : d->settings[setting].normal;
}

enum dissect_result
dissect(const struct dissector *d, enum direction direction, const struct context *context,
    const uint8_t *data, size_t length, struct trace *trace, struct message *m,
    uint32_t *ret_length, enum reason *ret_reason)
{
	struct cursor header, c;
	uint32_t declared;
	bool framed;

	assert((d->state_size == 0 || context->state != NULL) &&
	    (d->scratch_size == 0 || context->scratch != NULL));
	message_init(m, d);
	if (trace != NULL) {
		trace->count = 0;
		trace->refused.length = 0;
	}
	cursor_init(&header, data, length, UINT32_MAX);
	declared = d->frame(&header, direction);
	framed = cursor_ok(&header);
	if (framed && declared > d->message_max)
		cursor_fail(&header, REASON_MESSAGE_TOO_LONG);
	else if (framed && declared < header.offset)
		cursor_fail(&header, REASON_LENGTH_INVALID);
	framed = cursor_ok(&header);

	/* Also after a failure: events and traces show what can be read. */
	cursor_init(&c, data, length, framed ? declared : d->message_max);
	c.trace = trace;
	d->decode(&c, direction, context, m);
	m->length = framed ? declared : 0;

	if (is_broken(&header, ret_reason) || is_broken(&c, ret_reason))
		return DISSECT_MALFORMED;
	if (!framed || c.state == CURSOR_SHORT)
		return DISSECT_PARTIAL;
	if (cursor_left(&c) > 0) {
		*ret_reason = REASON_TRAILING_BYTES;
		return DISSECT_MALFORMED;
	}
	*ret_length = declared;
	return DISSECT_COMPLETE;
}
