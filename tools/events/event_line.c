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

/* Text without control characters. */
static void
put_text(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
put_value(const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		put_text(json_string_value(value));
		return;
	}
	if (json_is_real(value)) {
		printf("%.10g", json_real_value(value));
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	put_text(text ? text : "?");
	free(text);
}

static void
put_endpoint(const json_t *event, const char *address, const char *port)
{
	const char *text = text_of(event, address);
	const json_t *number = json_object_get(event, port);

	if (!text)
		return;
	if (json_is_integer(number) && strchr(text, ':'))
		putchar('[');
	put_text(text);
	if (json_is_integer(number))
		printf("%s:%" JSON_INTEGER_FORMAT, strchr(text, ':') ? "]" : "",
		    json_integer_value(number));
}

/* The written values stand behind all points: an event does not tell them apart. */
static void
put_points(const json_t *message)
{
	const json_t *points = json_object_get(message, "points");
	const json_t *values = json_object_get(message, "values");

	for (size_t i = 0; i < json_array_size(points); i++) {
		putchar(' ');
		put_value(json_array_get(points, i));
	}
	for (size_t i = 0; i < json_array_size(values); i++) {
		fputs(i ? ", " : " = ", stdout);
		put_value(json_array_get(values, i));
	}
	if (json_object_get(message, "points_left_out"))
		fputs(" ...", stdout);
}

static void
put_message(const json_t *message)
{
	const json_t *function = json_object_get(message, "function_name");
	const char *kind = text_of(message, "kind");

	if (!function && json_object_get(message, "function"))
		fputs(" function", stdout);
	if (!function)
		function = json_object_get(message, "function");
	if (function) {
		putchar(' ');
		put_value(function);
	}
	if (kind && (strcmp(kind, "response") == 0 || strcmp(kind, "exception") == 0))
		printf(" %s", kind);
	if (json_object_get(message, "exception")) {
		putchar(' ');
		put_value(json_object_get(message, "exception"));
	}
	if (json_object_get(message, "unit_id")) {
		fputs(" unit ", stdout);
		put_value(json_object_get(message, "unit_id"));
	}
	put_points(message);
}

static enum style
verdict_style(const char *type, const char *verdict, bool would_deny)
{
	if (strcmp(type, "verdict") != 0)
		return STYLE_STRONG;
	if (would_deny)
		return STYLE_WARN;
	return verdict && strcmp(verdict, "allow") == 0 ? STYLE_PLAIN : STYLE_BAD;
}

static void
print_verdict(const json_t *event, const char *type)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *protocol = text_of(event, "app_proto");
	const char *verdict = text_of(sluice, "verdict");
	bool would_deny = json_is_true(json_object_get(sluice, "would_deny"));

	fputs(style(verdict_style(type, verdict, would_deny)), stdout);
	put_text(text_of(event, "timestamp") ? text_of(event, "timestamp") : "?");
	if (strcmp(type, "verdict") != 0)
		printf(" %s ", strcmp(type, "cut") == 0 ? "CUT" : "CRASH");
	else if (would_deny)
		fputs(" WOULD-DENY ", stdout);
	else
		fputs(verdict && strcmp(verdict, "allow") == 0 ? " allow " : " DENY ", stdout);
	put_endpoint(event, "src_ip", "src_port");
	fputs(" > ", stdout);
	put_endpoint(event, "dest_ip", "dest_port");
	if (text_of(sluice, "channel")) {
		putchar(' ');
		put_text(text_of(sluice, "conduit") ? text_of(sluice, "conduit") : "?");
		putchar('/');
		put_text(text_of(sluice, "channel"));
	}
	if (protocol)
		put_message(json_object_get(event, protocol));
	fputs(": ", stdout);
	put_text(text_of(sluice, "reason") ? text_of(sluice, "reason") : "?");
	if (json_is_integer(json_object_get(sluice, "rule")))
		printf(" (rule %" JSON_INTEGER_FORMAT ")",
		    json_integer_value(json_object_get(sluice, "rule")));
	printf("%s\n", style_end());
}

/* The daemon's own life: start, stop, reload, alarm. */
static void
print_note(const json_t *event, const char *type)
{
	json_t *details = json_object_get(event, "sluice");
	const char *name;
	json_t *value;

	put_text(text_of(event, "timestamp") ? text_of(event, "timestamp") : "?");
	printf(" %s", style(STYLE_STRONG));
	put_text(type);
	fputs(style_end(), stdout);
	json_object_foreach(details, name, value)
	{
		putchar(' ');
		put_text(name);
		putchar('=');
		put_value(value);
	}
	putchar('\n');
}

void
event_line_print(const json_t *event)
{
	const char *type = text_of(event, "event_type");

	if (!type)
		type = "?";
	if (strcmp(type, "verdict") == 0 || strcmp(type, "cut") == 0 ||
	    strcmp(type, "crash") == 0) {
		print_verdict(event, type);
	} else if (strcmp(type, "lost") == 0) {
		printf("%s%s LOST ", style(STYLE_BAD),
		    text_of(event, "timestamp") ? text_of(event, "timestamp") : "?");
		put_value(json_object_get(event, "count"));
		printf(" events%s\n", style_end());
	} else {
		print_note(event, type);
	}
}
