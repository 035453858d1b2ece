/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: what holds for every byte string and every dissector; see the header for the list.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "properties.h"

struct text {
	char *buf;
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void
append(struct text *t, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(&t->buf[t->length], DESCRIPTION_MAX - t->length, format, arguments);
	va_end(arguments);
	assert(n >= 0);
	t->length += (size_t)n;
	if (t->length >= DESCRIPTION_MAX)
		t->length = DESCRIPTION_MAX - 1;
}

static void
describe_span(struct text *t, const struct dissector *d, const struct span *span)
{
	struct point_range range = {span->space, span->block, span->block, span->first, span->last};
	char points[128];

	dissector_print_points(d, &range, points, sizeof(points));
	append(t, " %s %s", access_word(span->access), points);
	if (span->valueless)
		append(t, " without value");
	else if (span->access != ACCESS_READ && span->values.format == VALUE_NONE)
		append(t, " values unknown");
	else if (span->values.format != VALUE_NONE)
		append(t, " values");
	for (uint32_t i = 0; i < span->values.count; i++)
		append(t, " %.10g", values_get(&span->values, i));
}

static void
describe(const struct message *m, char *buf)
{
	const struct dissector *d = m->dissector;
	struct text t = {buf, 0};
	struct unit_range units = {m->unit_source, m->unit_source, m->unit, m->unit, m->unit_named};
	const char *word = m->has_exception ? d->exception_word(m->exception) : NULL;
	char unit[64];

	buf[0] = '\0';
	if (m->kind == MESSAGE_UNSOLICITED)
		append(&t, "unsolicited ");
	if (m->kind == MESSAGE_LINK)
		append(&t, "link ");
	if (m->has_exception && !word)
		append(&t, "exception %u ", m->exception);
	else if (m->kind == MESSAGE_EXCEPTION)
		append(&t, "exception %s ", word ? word : "?");
	if (m->function)
		append(&t, "%s", m->function->name);
	else if (m->has_function)
		append(&t, "function-%u", m->function_code);
	else
		append(&t, "?");
	if (m->has_unit) {
		dissector_print_units(d, &units, unit, sizeof(unit));
		append(&t, " unit %s", unit);
	}
	for (uint32_t i = 0; i < m->span_count; i++)
		describe_span(&t, d, &m->spans[i]);
	if (m->opaque)
		append(&t, " opaque");
	if (m->silent)
		append(&t, " silent");
	if (m->no_response)
		append(&t, " no-response");
	if (m->label_length > 0)
		append(&t, " \"%.*s\"", (int)m->label_length, (const char *)m->label);
	if (m->more)
		append(&t, " more");
	if (m->unfinished)
		append(&t, " unfinished");
}

/* Whatever the bytes were, the message must keep what its header promises. */
static const char *
check_message(const struct message *m, enum dissect_result result)
{
	const struct dissector *d = m->dissector;

	if (m->function && dissector_function_index(d, m->function) >= d->function_count)
		return "the function is not in the catalogue";
	if (m->function && (!m->has_function || m->function->code != m->function_code))
		return "the function's code is not the message's";
	if (m->span_count > SPANS_MAX)
		return "too many spans";
	for (uint32_t i = 0; i < m->span_count; i++) {
		const struct span *span = &m->spans[i];
		const struct space *space;

		if (span->space >= d->space_count)
			return "a span of no space";
		space = &d->spaces[span->space];
		if (span->first > span->last || span->last > space->index_max)
			return "a span beyond its space";
		if (span->block > space->block_max)
			return "a span in a block beyond its space";
		if (span->values.count > (span->last - span->first) / span_width(span) + 1)
			return "more values than points";
		if (result == DISSECT_COMPLETE && !m->unfinished &&
		    span->values.format != VALUE_NONE &&
		    span->values.count != (span->last - span->first) / span_width(span) + 1)
			return "fewer values than points in a complete message";
	}
	return NULL;
}

static const char *
dissect_copy(const struct dissector *d, enum direction direction, const struct context *context,
    const uint8_t *data, size_t length, struct trace *trace, struct answer *ret_answer)
{
	uint8_t *copy = malloc(length > 0 ? length : 1);
	const char *complaint;

	assert(copy);
	if (length > 0)
		memcpy(copy, data, length);
	ret_answer->reason = REASON_UNDECIDED;
	ret_answer->length = 0;
	ret_answer->result = dissect(d, direction, context, copy, length, trace,
	    &ret_answer->message, &ret_answer->length, &ret_answer->reason);
	complaint = check_message(&ret_answer->message, ret_answer->result);
	describe(&ret_answer->message, ret_answer->text);
	free(copy);
	return complaint;
}

void
properties_ask(const struct dissector *d, enum direction direction, const struct context *context,
    const uint8_t *data, size_t length, struct trace *trace, struct answer *ret_answer)
{
	dissect_copy(d, direction, context, data, length, trace, ret_answer);
}

static bool
same(const struct answer *a, const struct answer *b)
{
	return a->result == b->result && a->reason == b->reason && a->length == b->length &&
	    a->message.kind == b->message.kind && a->message.token == b->message.token &&
	    a->message.expect == b->message.expect && strcmp(a->text, b->text) == 0;
}

/* Does `later`, which saw more bytes, still say what `earlier` said? */
static const char *
check_growth(const struct message *earlier, const struct message *later)
{
	if (earlier->has_function && (!later->has_function || earlier->function != later->function))
		return "the function of a prefix is not that of the whole";
	if (earlier->has_unit &&
	    (!later->has_unit || earlier->unit != later->unit ||
		earlier->unit_source != later->unit_source))
		return "the unit of a prefix is not that of the whole";
	if (earlier->span_count > later->span_count)
		return "a prefix touches what the whole does not";
	for (uint32_t i = 0; i < earlier->span_count; i++) {
		const struct span *a = &earlier->spans[i], *b = &later->spans[i];

		if (a->space != b->space || a->access != b->access || a->block != b->block ||
		    a->first != b->first || a->last != b->last)
			return "a span of a prefix is not that of the whole";
		/* values may turn out to be unknown, which no limit permits */
		if (a->values.count > b->values.count ||
		    (a->values.format != b->values.format && b->values.format != VALUE_NONE))
			return "a prefix has values that the whole has not";
	}
	return NULL;
}

static const char *
check_step(const struct answer *before, const struct answer *now, size_t length)
{
	if (before->result == DISSECT_MALFORMED && now->result != DISSECT_MALFORMED)
		return "a malformed prefix was healed by another byte";
	if (before->result == DISSECT_COMPLETE && !same(before, now))
		return "a byte behind a complete message changed it";
	if (before->result == DISSECT_PARTIAL && now->result == DISSECT_COMPLETE &&
	    now->length != length)
		return "a message became complete away from its last byte";
	return check_growth(&before->message, &now->message);
}

static bool
is_dead_end(const struct dissector *d, enum direction direction, const struct context *context,
    const uint8_t *data, size_t length)
{
	static struct message message;
	uint8_t *copy = malloc(length + 1);
	bool dead = true;

	assert(copy);
	if (length > 0)
		memcpy(copy, data, length);
	for (unsigned byte = 0; byte <= 0xff && dead; byte++) {
		enum reason reason;
		uint32_t end;

		copy[length] = (uint8_t)byte;
		dead = dissect(d, direction, context, copy, length + 1, NULL, &message, &end,
			   &reason) == DISSECT_MALFORMED;
	}
	free(copy);
	return dead;
}

static const char *
check_trace(const struct dissector *d, enum direction direction, const struct context *context,
    const uint8_t *data, size_t length, const struct answer *untraced)
{
	static struct trace trace;
	static struct answer traced;
	const char *complaint = dissect_copy(d, direction, context, data, length, &trace, &traced);
	uint32_t named = 0;

	if (complaint)
		return complaint;
	if (!same(untraced, &traced))
		return "a trace changes the answer";
	if (untraced->result != DISSECT_COMPLETE || trace.count == TRACE_FIELDS_MAX)
		return NULL;
	/* fields come in order, except that a field may hold others */
	for (uint32_t i = 0; i < trace.count; i++) {
		const struct trace_field *f = &trace.fields[i];

		if (f->offset > named || f->offset + f->length > untraced->length)
			return "the trace has a hole or goes beyond the message";
		if (f->offset + f->length > named)
			named = f->offset + f->length;
		if (f->name == NULL || f->name[0] == '\0')
			return "a field in the trace has no name";
	}
	return named == untraced->length ? NULL : "the trace does not name every byte";
}

const char *
properties_check(const struct dissector *d, enum direction direction, const struct context *context,
    const uint8_t *data, size_t length, bool every_prefix)
{
	static struct answer answers[2];
	const char *complaint = NULL;
	uint8_t *longer;

	for (size_t n = 0; n <= length && !complaint; n++) {
		struct answer *now = &answers[n % 2], *before = &answers[(n + 1) % 2];

		complaint = dissect_copy(d, direction, context, data, n, NULL, now);
		if (!complaint && n > 0)
			complaint = check_step(before, now, n);
		if (!complaint && now->result == DISSECT_PARTIAL && (every_prefix || n == length) &&
		    is_dead_end(d, direction, context, data, n))
			complaint = "a partial message that no further byte can continue";
	}
	if (!complaint)
		complaint = check_trace(d, direction, context, data, length, &answers[length % 2]);
	if (complaint || answers[length % 2].result != DISSECT_COMPLETE)
		return complaint;

	longer = malloc(length + 1);
	assert(longer);
	memcpy(longer, data, length);
	longer[length] = 0;
	complaint = dissect_copy(
	    d, direction, context, longer, length + 1, NULL, &answers[(length + 1) % 2]);
	if (!complaint)
		complaint =
		    check_step(&answers[length % 2], &answers[(length + 1) % 2], length + 1);
	free(longer);
	return complaint;
}
