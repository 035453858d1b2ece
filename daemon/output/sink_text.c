/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sink text: see sink_text.h.
 *
 * Syslog: RFC 5424, sections 6 and 6.3.  The number behind "@" is the one that RFC 5612 keeps for
 * who has none of his own.  The journal: "Native Journal Protocol" of systemd.
 *
 * Values come from packets and files: each of the two forms has its own way to keep them from
 * ending a field.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink_text.h"

enum {
	FACILITY_AUTHPRIV = 10, /* who may read denials and who has changed what is restricted */
	SEVERITY_ERROR = 3,
	SEVERITY_WARNING = 4,
	SEVERITY_NOTICE = 5,
	SEVERITY_INFO = 6,
	NAME_MAX_LENGTH = 32, /* RFC 5424, section 6: SD-NAME, MSGID */
	HOST_MAX_LENGTH = 255,
};

#define STRUCTURED_ID "sluice@32473"

/* Kinds of events that somebody who reads a journal wants to find: their numbers never change. */
struct kind {
	const char *type;
	int severity;
	const char *message_id;
};

static const struct kind kinds[] = {
    {"verdict", SEVERITY_WARNING, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b01"},
    {"alert", SEVERITY_WARNING, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b01"}, /* a verdict, too */
    {"storm", SEVERITY_WARNING, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b02"},
    {"drop", SEVERITY_NOTICE, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b03"},
    {"cut", SEVERITY_NOTICE, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b04"},
    {"crash", SEVERITY_ERROR, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b05"},
    {"alarm", SEVERITY_ERROR, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b06"},
    {"lost", SEVERITY_ERROR, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b07"},
    /* start, stop, reload, apply and what else the daemon does */
    {NULL, SEVERITY_NOTICE, "5d0c1f1e6a2b4c0b9f4d7a83e1c25b00"},
};

/* Members of the event itself that are told beside those of `sluice`. */
static const char *const members[] = {
    "src_ip", "src_port", "dest_ip", "dest_port", "proto", "app_proto", "flow_id", "in_iface"};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static const char *
type_of(const json_t *event)
{
	const char *type = text_of(event, "event_type");

	return type ? type : "event";
}

static const struct kind *
kind_of(const json_t *event)
{
	const struct kind *kind = kinds;

	while (kind->type && strcmp(kind->type, type_of(event)) != 0)
		kind++;
	return kind;
}

static int
severity_of(const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *verdict = text_of(sluice, "verdict");

	if (strcmp(type_of(event), "verdict") == 0 && verdict && strcmp(verdict, "allow") == 0)
		return json_is_true(json_object_get(sluice, "would_deny")) ? SEVERITY_NOTICE
									   : SEVERITY_INFO;
	return kind_of(event)->severity;
}

/* A value that is one word or number; false: it is a list or an object. */
static bool
scalar(const json_t *value, char *number, size_t size, const char **ret_text)
{
	if (json_is_string(value))
		*ret_text = json_string_value(value);
	else if (json_is_boolean(value))
		*ret_text = json_is_true(value) ? "true" : "false";
	else if (json_is_integer(value)) {
		snprintf(number, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		*ret_text = number;
	} else
		return false;
	return true;
}

/* Calls `put` for each value that both forms tell. */
static void
each_value(
    FILE *out, const json_t *event, void (*put)(FILE *out, const char *name, const char *value))
{
	json_t *sluice = json_object_get(event, "sluice"), *value;
	char number[24];
	const char *name, *text;

	for (unsigned i = 0; i < MEMBERS; i++)
		if (scalar(json_object_get(event, members[i]), number, sizeof(number), &text))
			put(out, members[i], text);
	/* that events were lost has no such object */
	if (!sluice && scalar(json_object_get(event, "count"), number, sizeof(number), &text))
		put(out, "count", text);
	json_object_foreach(sluice, name, value)
	{
		if (scalar(value, number, sizeof(number), &text))
			put(out, name, text);
	}
}

/* Printable ASCII without blanks, cut off; "-" for nothing. */
static void
put_word(FILE *out, const char *word, size_t max)
{
	size_t length = 0;

	for (; word && *word && length < max; word++, length++)
		fputc(*word > ' ' && *word < 0x7f ? *word : '?', out);
	if (length == 0)
		fputc('-', out);
}

/* "2026-10-05T12:00:00.000001+0200" needs a colon to be what RFC 3339 writes. */
static void
put_time(FILE *out, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (length < 24 || (text[length - 5] != '+' && text[length - 5] != '-'))
		fputc('-', out);
	else
		fprintf(out, "%.*s:%s", (int)(length - 2), text, text + length - 2);
}

static void
put_parameter(FILE *out, const char *name, const char *value)
{
	fputc(' ', out);
	for (size_t i = 0; i < NAME_MAX_LENGTH && name[i]; i++)
		fputc(
		    isalnum((unsigned char)name[i]) || strchr("_-.", name[i]) ? name[i] : '_', out);
	fputs("=\"", out);
	for (; *value; value++) {
		if (strchr("\"\\]", *value))
			fputc('\\', out);
		/* a line is what many daemons keep of it */
		fputc((unsigned char)*value < ' ' || *value == 0x7f ? '?' : *value, out);
	}
	fputc('"', out);
}

char *
sink_text_syslog(
    const json_t *event, const char *line, const char *host, pid_t process, size_t *ret_length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_length);

	if (!out)
		return NULL;
	fprintf(out, "<%d>1 ", FACILITY_AUTHPRIV * 8 + severity_of(event));
	put_time(out, text_of(event, "timestamp"));
	fputc(' ', out);
	put_word(out, host, HOST_MAX_LENGTH);
	fprintf(out, " sluiced %d ", (int)process);
	put_word(out, type_of(event), NAME_MAX_LENGTH);
	fputs(" [" STRUCTURED_ID, out);
	each_value(out, event, put_parameter);
	fprintf(out, "] %s", line);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* A value with a line feed is written with its length in front, eight bytes, the lowest first. */
static void
put_field(FILE *out, const char *name, const char *value)
{
	size_t length = strlen(value);

	fputs(name, out);
	if (!strchr(value, '\n')) {
		fprintf(out, "=%s\n", value);
		return;
	}
	fputc('\n', out);
	for (unsigned i = 0; i < 8; i++)
		fputc((int)((uint64_t)length >> 8 * i & 255), out);
	fwrite(value, 1, length, out);
	fputc('\n', out);
}

/* SLUICE_REASON for "reason". */
static void
put_own_field(FILE *out, const char *name, const char *value)
{
	char upper[64] = "SLUICE_";
	size_t at = strlen(upper);

	for (; *name && at < sizeof(upper) - 1; name++)
		upper[at++] =
		    (char)(isalnum((unsigned char)*name) ? toupper((unsigned char)*name) : '_');
	upper[at] = '\0';
	put_field(out, upper, value);
}

/* Nothing in it may begin another field. */
static void
put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, out);
}

static void
put_plain(FILE *out, const char *name, const char *value)
{
	fputc(' ', out);
	put_text(out, name);
	fputc('=', out);
	put_text(out, value);
}

static void
put_part(FILE *out, const char *before, const char *text)
{
	if (!text)
		return;
	fputs(before, out);
	put_text(out, text);
}

/* "deny point-denied 10.10.0.5 > 10.20.0.11", or for the daemon's own life all that it tells. */
static void
put_message(FILE *out, const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");

	put_part(out, "MESSAGE=", type_of(event));
	if (text_of(sluice, "reason")) {
		put_part(out, " ", text_of(sluice, "verdict"));
		put_part(out, " ", text_of(sluice, "reason"));
		put_part(out, " ", text_of(event, "src_ip"));
		put_part(out, " > ", text_of(event, "dest_ip"));
		put_part(out, " ", text_of(sluice, "conduit"));
		put_part(out, "/", text_of(sluice, "channel"));
	} else {
		each_value(out, event, put_plain);
	}
	fputc('\n', out);
}

char *
sink_text_journal(const json_t *event, const char *line, size_t *ret_length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_length);

	if (!out)
		return NULL;
	put_message(out, event);
	fprintf(out, "PRIORITY=%d\nMESSAGE_ID=%s\nSYSLOG_IDENTIFIER=sluiced\nSYSLOG_FACILITY=%d\n",
	    severity_of(event), kind_of(event)->message_id, FACILITY_AUTHPRIV);
	put_field(out, "SLUICE_EVENT", type_of(event));
	each_value(out, event, put_own_field);
	put_field(out, "SLUICE_JSON", line);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
