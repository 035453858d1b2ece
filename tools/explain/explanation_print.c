/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanation for people: bytes and fields, meaning, decision, nearest rule, in 80 columns.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "explanation.h"
#include "explanation_why.h"
#include "terminal.h"

enum { WIDTH = 80, ROW_BYTES = 8, VALUES_SHOWN = 16, SPANS_SHOWN = 24 };

static void
print_heading(const char *text)
{
	printf("\n%s%s%s\n", style(STYLE_STRONG), text, style_end());
}

/* Bytes offset..offset+length-1 in rows of eight; name and value stand beside the first. */
static void
print_bytes(const struct explanation *e, uint32_t offset, uint32_t length, const char *name,
    const char *value, enum style kind)
{
	struct cursor c;

	cursor_init(&c, e->bytes, e->length, e->length);
	cursor_bytes(&c, offset, "before");
	for (uint32_t row = 0; row < length; row += ROW_BYTES) {
		int column = 0;

		printf("  %s%4" PRIu32 "%s  %s", style(STYLE_FAINT), offset + row, style_end(),
		    style(kind));
		for (uint32_t i = row; i < length && i < row + ROW_BYTES; i++)
			column += printf("%02x ", cursor_u8(&c, "byte"));
		printf("%s%*s", style_end(), 3 * ROW_BYTES - column + 1, "");
		if (row == 0 && value[0])
			printf("%s%-22s %s%s\n", style(kind), name, value, style_end());
		else
			printf("%s%s%s\n", style(kind), row == 0 ? name : "", style_end());
	}
}

/* The message's own words for a number on the wire. */
static const char *
field_meaning(const struct explanation *e, const struct trace_field *field)
{
	const struct message *m = &e->message;

	if (strcmp(field->name, "function") == 0 && m->function && m->has_function &&
	    (field->value & 0x7f) == m->function_code)
		return m->function->name;
	if (m->has_exception && strncmp(field->name, "exception", 9) == 0 &&
	    m->dissector->exception_word)
		return m->dissector->exception_word(m->exception);
	return NULL;
}

/* Several values in one field: what they are stands under "Meaning". */
static bool
is_list(const struct explanation *e, const struct trace_field *field)
{
	for (uint32_t i = 0; i < e->message.span_count; i++) {
		const struct values *values = &e->message.spans[i].values;

		if (values->format != VALUE_NONE && values->count != 1 &&
		    values->data == &e->bytes[field->offset])
			return true;
	}
	return false;
}

static void
format_field(const struct explanation *e, const struct trace_field *field, char *buf, size_t size)
{
	const char *meaning = field_meaning(e, field);

	if (is_list(e, field))
		buf[0] = '\0';
	else if (meaning)
		snprintf(buf, size, "%" PRIu64 " %s", field->value, meaning);
	else if (field->length > 4)
		buf[0] = '\0';
	else if (field->value > 9)
		snprintf(buf, size, "%" PRIu64 " (0x%" PRIx64 ")", field->value, field->value);
	else
		snprintf(buf, size, "%" PRIu64, field->value);
}

static void
print_fields(const struct explanation *e)
{
	uint32_t end = 0;

	for (uint32_t i = 0; i < e->trace.count; i++) {
		const struct trace_field *field = &e->trace.fields[i];
		bool wrong = e->result == DISSECT_MALFORMED && i + 1 == e->trace.count;
		char value[64];

		format_field(e, field, value, sizeof(value));
		print_bytes(e, field->offset, field->length, field->name, value,
		    wrong ? STYLE_BAD : STYLE_PLAIN);
		if (field->offset + field->length > end)
			end = field->offset + field->length;
	}
	if (end < e->length)
		print_bytes(e, end, (uint32_t)e->length - end, "(not read)", "", STYLE_WARN);
	if (e->result == DISSECT_PARTIAL)
		printf("        %s... the rest of the message has not come yet%s\n",
		    style(STYLE_WARN), style_end());
}

static const char *
access_verb(uint8_t access)
{
	static const char *const verbs[ACCESS_COUNT] = {
	    [ACCESS_NONE] = "touches",
	    [ACCESS_READ] = "reads",
	    [ACCESS_WRITE] = "writes",
	    [ACCESS_CONTROL] = "controls",
	    [ACCESS_PROGRAM] = "programs",
	    [ACCESS_DIAGNOSE] = "diagnoses",
	    [ACCESS_FILE] = "accesses",
	    [ACCESS_SESSION] = "sets up",
	    [ACCESS_OPAQUE] = "hides",
	};

	return access < ACCESS_COUNT ? verbs[access] : "touches";
}

static void
print_span(const struct explanation *e, const struct span *span)
{
	char *points = words_span(e->message.dissector, span);
	const struct values *values = &span->values;

	printf("  %s %s", access_verb(span->access), points);
	for (uint32_t i = 0; values->format != VALUE_NONE && i < values->count; i++) {
		if (i == VALUES_SHOWN) {
			printf(" and %" PRIu32 " more", values->count - i);
			break;
		}
		printf("%s%.10g", i ? ", " : " = ", values_get(values, i));
	}
	putchar('\n');
	free(points);
}

/* What the message names, as far as it can be shown; it may be anything that somebody sent. */
static void
print_label(const struct message *m)
{
	if (m->label_length == 0)
		return;
	fputs("  names \"", stdout);
	for (uint32_t i = 0; i < m->label_length; i++)
		putchar(m->label[i] > 0x20 && m->label[i] < 0x7f ? m->label[i] : '.');
	puts("\"");
}

static void
print_meaning(const struct explanation *e)
{
	const struct message *m = &e->message;
	char *unit;

	print_heading("Meaning");
	if (!m->has_function)
		puts("  its function is not known yet");
	else if (!m->function)
		printf("  function %u, which the protocol does not define\n", m->function_code);
	else
		printf("  %s%s%s, class %s (specification: %s)\n", style(STYLE_NAME),
		    m->function->name, style_end(), access_word(m->function->access),
		    m->function->section);
	if (m->has_unit) {
		unit = words_unit(m->dissector, m);
		printf("  unit %s\n", unit);
		free(unit);
	}
	if (m->has_exception)
		printf("  refused by the server: exception %u%s%s\n", m->exception,
		    m->dissector->exception_word && m->dissector->exception_word(m->exception)
			? ", "
			: "",
		    m->dissector->exception_word && m->dissector->exception_word(m->exception)
			? m->dissector->exception_word(m->exception)
			: "");
	for (uint32_t i = 0; i < m->span_count && i < SPANS_SHOWN; i++)
		print_span(e, &m->spans[i]);
	if (m->span_count > SPANS_SHOWN)
		printf("  and %" PRIu32 " more\n", m->span_count - SPANS_SHOWN);
	print_label(m);
	if (m->opaque)
		puts("  what it touches cannot be told");
}

static void
print_rule_place(const struct explanation *e, const struct rule *rule)
{
	printf("rule %" PRIu32 " of %s/%s, %s:%u\n", rule->index + 1, e->channel->conduit->name,
	    e->channel->name, rule->where.file ? rule->where.file : "?", rule->where.line);
}

/* How far reading came before the contradiction was found. */
static void
print_place(const struct explanation *e)
{
	const struct trace_field *last;

	if (e->trace.count == 0)
		return;
	last = &e->trace.fields[e->trace.count - 1];
	printf("  This was found behind \"%s\", at byte %" PRIu32 ".\n", last->name,
	    last->offset + last->length);
}

static void
print_decision(const struct explanation *e)
{
	char *words;

	print_heading("Decision");
	if (!e->known) {
		puts("  A response passes when it answers an outstanding request: alone, nobody "
		     "can\n"
		     "  tell.  `sluice explain --frame` looks at one with its connection.");
		return;
	}
	if (e->would_deny)
		printf("  %sWOULD DENY%s", style(STYLE_WARN), style_end());
	else
		printf("  %s%s%s", style(e->verdict == VERDICT_ALLOW ? STYLE_GOOD : STYLE_BAD),
		    e->verdict == VERDICT_ALLOW ? "ALLOW" : "DENY", style_end());
	printf("  %s: %s\n", reason_word(e->reason), reason_text(e->reason));
	if (e->result == DISSECT_MALFORMED)
		print_place(e);
	why_print(e);
	why_print_keys(NULL, e->channel, e->message.function, e->reason);
	if (e->would_deny)
		puts("  The conduit is only monitored, so it passes.");
	if (!e->rule)
		return;
	fputs("  by ", stdout);
	print_rule_place(e, e->rule);
	words = words_rule(e->channel, e->rule);
	fputs("  may ", stdout);
	print_wrapped(words, 6, 6, WIDTH);
	free(words);
}

static void
print_check(enum rule_part part, const struct part_check *check)
{
	printf("  %s%s%s  %-10s ", style(check->holds ? STYLE_GOOD : STYLE_BAD),
	    check->holds ? "ok" : "no", style_end(), words_rule_part_name(part));
	print_wrapped(check->says ? check->says : "any", 17, 17, WIDTH);
	if (check->needs)
		printf("%17s%sneeds %s%s\n", "", style(STYLE_WARN), check->needs, style_end());
}

static void
print_nearest(const struct explanation *e)
{
	const struct rule *rule = decide_nearest(e->channel, &e->message);
	struct part_check checks[RULE_PART_COUNT];

	if (rule) {
		print_heading("Nearest rule");
		fputs("  ", stdout);
		print_rule_place(e, rule);
		explanation_check(e, rule, checks);
		for (enum rule_part part = RULE_FUNCTIONS; part < RULE_PART_COUNT; part++)
			print_check(part, &checks[part]);
		explanation_checks_done(checks);
	}
}

static void
print_change(const struct explanation *e)
{
	struct amend_question question = changes_question(e);

	if (e->changes && e->known && (e->verdict == VERDICT_DENY || e->would_deny))
		changes_print(e->changes, &question);
}

void
explanation_print(const struct explanation *e)
{
	static const char *const directions[] = {
	    [DIRECTION_REQUEST] = "from the client", [DIRECTION_RESPONSE] = "from the server"};

	if (e->changes && e->changes->patch) {
		print_change(e);
		return;
	}
	printf("%s%s%s %s, channel %s/%s", style(STYLE_STRONG), e->channel->dissector->title,
	    style_end(), directions[e->direction], e->channel->conduit->name, e->channel->name);
	if (e->bytes)
		printf(", %s", words_count(e->length, "byte"));
	if (e->message.length > e->length)
		printf(" of %" PRIu32, e->message.length);
	puts(e->bytes ? "\n" : "");
	if (e->bytes)
		print_fields(e);
	print_meaning(e);
	print_decision(e);
	if (explanation_is_policy_denial(e))
		print_nearest(e);
	print_change(e);
}
