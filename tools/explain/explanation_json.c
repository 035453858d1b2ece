/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanation for programs: the same as one JSON object.
 */
#include <stdlib.h>

#include "changes.h"
#include "explanation.h"
#include "explanation_why.h"
#include "output.h"

enum { LABEL_SHOWN = 256 };

static json_t *
fields_json(const struct explanation *e)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < e->trace.count; i++) {
		const struct trace_field *f = &e->trace.fields[i];
		json_t *field = json_pack("{s:s, s:I, s:I}", "name", f->name, "offset",
		    (json_int_t)f->offset, "length", (json_int_t)f->length);

		if (f->length <= 4)
			json_object_set_new(field, "value", json_integer((json_int_t)f->value));
		json_array_append_new(array, field);
	}
	return array;
}

static json_t *
points_json(const struct explanation *e)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < e->message.span_count; i++) {
		const struct span *span = &e->message.spans[i];
		char *points = words_span(e->message.dissector, span);
		json_t *values = json_array();

		for (uint32_t v = 0; span->values.format != VALUE_NONE && v < span->values.count;
		     v++)
			json_array_append_new(values, json_real(values_get(&span->values, v)));
		json_array_append_new(array,
		    json_pack("{s:s, s:s, s:o}", "points", points, "access",
			access_word(span->access), "values", values));
		free(points);
	}
	return array;
}

/* As events have it: what is no printable character is a dot. */
static json_t *
label_json(const struct message *m)
{
	char text[LABEL_SHOWN];
	uint32_t length = m->label_length < LABEL_SHOWN ? m->label_length : LABEL_SHOWN;

	for (uint32_t i = 0; i < length; i++)
		text[i] = m->label[i] > 0x20 && m->label[i] < 0x7f ? (char)m->label[i] : '.';
	return json_stringn(text, length);
}

static json_t *
message_json(const struct explanation *e)
{
	const struct message *m = &e->message;
	json_t *object =
	    json_pack("{s:I, s:o}", "length", (json_int_t)m->length, "touches", points_json(e));
	char *unit;

	if (m->has_function)
		json_object_set_new(object, "function", json_integer(m->function_code));
	if (m->function)
		json_object_update_new(object,
		    json_pack("{s:s, s:s, s:s}", "function_name", m->function->name, "access",
			access_word(m->function->access), "section", m->function->section));
	if (m->has_unit) {
		unit = words_unit(m->dissector, m);
		json_object_set_new(object, "unit", json_string(unit));
		free(unit);
	}
	if (m->has_exception)
		json_object_set_new(object, "exception", json_integer(m->exception));
	if (m->label_length > 0)
		json_object_set_new(object, "label", label_json(m));
	return object;
}

static json_t *
nearest_json(const struct explanation *e)
{
	const struct rule *rule = decide_nearest(e->channel, &e->message);
	struct part_check checks[RULE_PART_COUNT];
	json_t *parts = json_object();

	if (!rule) {
		json_decref(parts);
		return json_null();
	}
	explanation_check(e, rule, checks);
	for (enum rule_part part = RULE_FUNCTIONS; part < RULE_PART_COUNT; part++)
		json_object_set_new(parts, words_rule_part_name(part),
		    json_pack("{s:b, s:o, s:o}", "holds", checks[part].holds, "says",
			output_string(checks[part].says), "needs",
			output_string(checks[part].needs)));
	explanation_checks_done(checks);
	return json_pack("{s:I, s:o}", "rule", (json_int_t)rule->index + 1, "parts", parts);
}

static json_t *
bytes_json(const struct explanation *e)
{
	char *text = NULL;
	json_t *string;
	struct cursor c;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return json_null();
	cursor_init(&c, e->bytes, e->length, e->length);
	while (cursor_left(&c) > 0)
		fprintf(file, "%02x", cursor_u8(&c, "byte"));
	fclose(file);
	string = output_string(text);
	free(text);
	return string;
}

json_t *
explanation_json(const struct explanation *e)
{
	static const char *const results[] = {
	    [DISSECT_MALFORMED] = "malformed",
	    [DISSECT_PARTIAL] = "partial",
	    [DISSECT_COMPLETE] = "complete",
	};
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "conduit",
	    e->channel->conduit->name, "channel", e->channel->name, "protocol",
	    e->channel->dissector->name, "direction",
	    e->direction == DIRECTION_REQUEST ? "to_server" : "to_client", "result",
	    results[e->result], "bytes", bytes_json(e), "fields", fields_json(e), "message",
	    message_json(e));
	struct amend_question question = changes_question(e);
	char *smallest;

	if (!e->known)
		return object;
	json_object_update_new(object,
	    json_pack("{s:s, s:b, s:s, s:s, s:o}", "verdict",
		e->verdict == VERDICT_ALLOW ? "allow" : "deny", "would_deny", e->would_deny,
		"reason", reason_word(e->reason), "text", reason_text(e->reason), "rule",
		e->rule ? json_integer((json_int_t)e->rule->index + 1) : json_null()));
	why_json(e, object);
	if (e->changes && (e->verdict == VERDICT_DENY || e->would_deny))
		json_object_set_new(object, "changes", changes_json(e->changes, &question));
	if (!explanation_is_policy_denial(e))
		return object;
	smallest = explanation_smallest_rule(e);
	json_object_set_new(object, "nearest", nearest_json(e));
	json_object_set_new(object, "smallest_rule", output_string(smallest));
	free(smallest);
	return object;
}
