/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event line: see event_line.h.
 *
 * Events come from files that others may have written, so bytes that could steer a terminal are
 * replaced.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_line.h"
#include "terminal.h"

enum { INDENT = 4 }; /* of what does not fit in the terminal's line */

/* Text without control characters, those of two bytes in UTF-8 (U+0080 to U+009F) among them. */
static void
put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)text[0], next = (unsigned char)text[1];
		bool two = c == 0xc2 && next >= 0x80 && next <= 0x9f;

		fputc(c < 0x20 || c == 0x7f || two ? '?' : c, out);
		text += two;
	}
}

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
put_value(FILE *out, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		put_text(out, json_string_value(value));
		return;
	}
	if (json_is_real(value)) {
		fprintf(out, "%.10g", json_real_value(value));
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	put_text(out, text ? text : "?");
	free(text);
}

static void
put_endpoint(FILE *out, const json_t *event, const char *address, const char *port)
{
	const char *text = text_of(event, address);
	const json_t *number = json_object_get(event, port);

	if (!text)
		return;
	if (json_is_integer(number) && strchr(text, ':'))
		fputc('[', out);
	put_text(out, text);
	if (json_is_integer(number))
		fprintf(out, "%s:%" JSON_INTEGER_FORMAT, strchr(text, ':') ? "]" : "",
		    json_integer_value(number));
}

/* The written values stand behind all points: an event does not tell them apart. */
static void
put_points(FILE *out, const json_t *message)
{
	const json_t *points = json_object_get(message, "points");
	const json_t *values = json_object_get(message, "values");

	for (size_t i = 0; i < json_array_size(points); i++) {
		fputc(' ', out);
		put_value(out, json_array_get(points, i));
	}
	for (size_t i = 0; i < json_array_size(values); i++) {
		fputs(i ? ", " : " = ", out);
		put_value(out, json_array_get(values, i));
	}
	if (json_object_get(message, "points_left_out"))
		fputs(" ...", out);
}

static void
put_message(FILE *out, const json_t *message)
{
	const json_t *function = json_object_get(message, "function_name");
	const char *kind = text_of(message, "kind");

	if (!function && json_object_get(message, "function"))
		fputs(" function", out);
	if (!function)
		function = json_object_get(message, "function");
	if (function) {
		fputc(' ', out);
		put_value(out, function);
	}
	if (kind && (strcmp(kind, "response") == 0 || strcmp(kind, "exception") == 0))
		fprintf(out, " %s", kind);
	if (json_object_get(message, "exception")) {
		fputc(' ', out);
		put_value(out, json_object_get(message, "exception"));
	}
	if (json_object_get(message, "unit_id")) {
		fputs(" unit ", out);
		put_value(out, json_object_get(message, "unit_id"));
	}
	put_points(out, message);
}

static enum style
verdict_style(const char *type, const char *verdict, bool would_deny)
{
	if (strcmp(type, "verdict") != 0 && strcmp(type, "storm") != 0)
		return STYLE_STRONG;
	if (would_deny)
		return STYLE_WARN;
	return verdict && strcmp(verdict, "allow") == 0 ? STYLE_PLAIN : STYLE_BAD;
}

/* How many more like this one, and whether they go on. */
static void
put_storm(FILE *out, const json_t *sluice)
{
	fprintf(out, ", %" JSON_INTEGER_FORMAT " more",
	    json_integer_value(json_object_get(sluice, "count")));
	if (text_of(sluice, "first")) {
		fputs(" since ", out);
		put_text(out, text_of(sluice, "first"));
	}
	if (json_is_true(json_object_get(sluice, "over")))
		fprintf(out, ", over after %" JSON_INTEGER_FORMAT,
		    json_integer_value(json_object_get(sluice, "total")));
}

static void
write_verdict(FILE *out, const json_t *event, const char *type)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *protocol = text_of(event, "app_proto");
	const char *verdict = text_of(sluice, "verdict");
	bool storm = strcmp(type, "storm") == 0;
	bool would_deny = json_is_true(json_object_get(sluice, "would_deny"));

	fputs(style(verdict_style(type, verdict, would_deny)), out);
	put_text(out, text_of(event, "timestamp") ? text_of(event, "timestamp") : "?");
	if (storm)
		fputs(would_deny ? " WOULD-STORM " : " STORM ", out);
	else if (strcmp(type, "verdict") != 0)
		fprintf(out, " %s ", strcmp(type, "cut") == 0 ? "CUT" : "CRASH");
	else if (would_deny)
		fputs(" WOULD-DENY ", out);
	else
		fputs(verdict && strcmp(verdict, "allow") == 0 ? " allow " : " DENY ", out);
	if (storm && !text_of(event, "src_ip")) {
		fputs("of further clients", out);
	} else {
		put_endpoint(out, event, "src_ip", "src_port");
		fputs(" > ", out);
		put_endpoint(out, event, "dest_ip", "dest_port");
	}
	if (text_of(sluice, "channel")) {
		fputc(' ', out);
		put_text(out, text_of(sluice, "conduit") ? text_of(sluice, "conduit") : "?");
		fputc('/', out);
		put_text(out, text_of(sluice, "channel"));
	}
	if (protocol)
		put_message(out, json_object_get(event, protocol));
	fputs(": ", out);
	put_text(out, text_of(sluice, "reason") ? text_of(sluice, "reason") : "?");
	if (storm)
		put_storm(out, sluice);
	if (json_is_integer(json_object_get(sluice, "rule")))
		fprintf(out, " (rule %" JSON_INTEGER_FORMAT ")",
		    json_integer_value(json_object_get(sluice, "rule")));
	fputs(style_end(), out);
}

/* What the kernel dropped: of many packets the last, and their number. */
static void
write_drop(FILE *out, const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const json_t *count = json_object_get(sluice, "count");

	fputs(style(STYLE_BAD), out);
	put_text(out, text_of(event, "timestamp") ? text_of(event, "timestamp") : "?");
	fputs(" DROP ", out);
	if (text_of(event, "src_ip")) {
		put_endpoint(out, event, "src_ip", "src_port");
		fputs(" > ", out);
		put_endpoint(out, event, "dest_ip", "dest_port");
	} else {
		fputs("of further sources", out);
	}
	if (text_of(event, "in_iface")) {
		fputs(" from ", out);
		put_text(out, text_of(event, "in_iface"));
	}
	fputs(": ", out);
	put_text(out, text_of(sluice, "reason") ? text_of(sluice, "reason") : "?");
	if (json_integer_value(count) > 1)
		fprintf(out, ", %" JSON_INTEGER_FORMAT " packets", json_integer_value(count));
	fputs(style_end(), out);
}

/* The daemon's own life: start, stop, reload, alarm. */
static void
write_note(FILE *out, const json_t *event, const char *type)
{
	json_t *details = json_object_get(event, "sluice");
	const char *name;
	json_t *value;

	put_text(out, text_of(event, "timestamp") ? text_of(event, "timestamp") : "?");
	fprintf(out, " %s", style(STYLE_STRONG));
	put_text(out, type);
	fputs(style_end(), out);
	json_object_foreach(details, name, value)
	{
		fputc(' ', out);
		put_text(out, name);
		fputc('=', out);
		put_value(out, value);
	}
}

static void
write_event(FILE *out, const json_t *event)
{
	/* what other systems know as an alert or a drop is still what it was */
	const char *own = text_of(json_object_get(event, "sluice"), "event");
	const char *type = own ? own : text_of(event, "event_type");

	if (!type)
		type = "?";
	if (strcmp(type, "verdict") == 0 || strcmp(type, "cut") == 0 ||
	    strcmp(type, "crash") == 0 || strcmp(type, "storm") == 0) {
		write_verdict(out, event, type);
	} else if (strcmp(type, "drop") == 0) {
		write_drop(out, event);
	} else if (strcmp(type, "lost") == 0) {
		fputs(style(STYLE_BAD), out);
		put_text(out, text_of(event, "timestamp") ? text_of(event, "timestamp") : "?");
		fputs(" LOST ", out);
		put_value(out, json_object_get(event, "count"));
		fprintf(out, " events%s", style_end());
	} else {
		write_note(out, event, type);
	}
}

char *
event_line_text(const json_t *event)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	write_event(out, event);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void
event_line_print(const json_t *event)
{
	char *text = event_line_text(event);

	if (text)
		print_wrapped(text, INDENT, 0, terminal_width());
	else
		complain("events: out of memory");
	free(text);
}
