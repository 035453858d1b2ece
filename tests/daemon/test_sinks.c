/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sinks: what a syslog daemon and a journal get, read by the rules of RFC 5424 and of the journal's
 * protocol; and what becomes of it when they are slow, absent or started anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "events.h"

static char directory[] = "/tmp/sinks-XXXXXX";
static char path[64];

#define DENIAL(value)                                                                            \
	"{\"timestamp\":\"2026-01-05T09:30:00.000000+0100\",\"event_type\":\"verdict\","         \
	"\"src_ip\":\"10.0.0.1\",\"src_port\":40000,\"dest_ip\":\"10.0.0.2\",\"dest_port\":502," \
	"\"modbus\":{\"unit_id\":1},\"sluice\":{\"conduit\":\"line\",\"channel\":\"" value "\"," \
	"\"verdict\":\"deny\",\"reason\":\"point-denied\",\"rule\":2}}"

static int
listener(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* The next message, with a zero behind it; its length, or -1. */
static ssize_t
take(int fd, char *text, size_t size)
{
	ssize_t n = recv(fd, text, size - 1, 0);

	if (n >= 0)
		text[n] = '\0';
	return n;
}

/* RFC 5424, section 6: the grammar, as far as a sender without BOM may go.  Each takes its part. */
static bool
take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

static bool
take_word(const char **at, size_t max, char *ret_word)
{
	size_t n = 0;

	while ((*at)[n] > 32 && (*at)[n] < 127)
		n++;
	if (n == 0 || n > max)
		return false;
	snprintf(ret_word, max + 1, "%.*s", (int)n, *at);
	*at += n;
	return true;
}

static bool
take_time(const char **at)
{
	static const char form[] = "0000-00-00T00:00:00.000000";

	if (take_char(at, '-'))
		return true; /* it has none */
	for (size_t i = 0; form[i]; i++, ++*at)
		if (form[i] == '0' ? **at < '0' || **at > '9' : **at != form[i])
			return false;
	if (take_char(at, 'Z'))
		return true;
	if (!take_char(at, '+') && !take_char(at, '-'))
		return false;
	for (size_t i = 0; i < 5; i++, ++*at)
		if (i == 2 ? **at != ':' : **at < '0' || **at > '9')
			return false;
	return true;
}

static bool
take_name(const char **at, char *ret_name)
{
	size_t n = 0;

	while ((*at)[n] > 32 && (*at)[n] < 127 && !strchr("=]\"", (*at)[n]))
		n++;
	if (n == 0 || n > 32)
		return false;
	snprintf(ret_name, 33, "%.*s", (int)n, *at);
	*at += n;
	return true;
}

struct parsed {
	unsigned priority;
	char host[256], app[49], process[129], id[33], element[33];
	unsigned parameters;
	char names[32][33];
	char values[32][512];
	const char *message;
};

/* PARAM-VALUE: '"', '\' and ']' only behind a '\'. */
static bool
take_parameter(const char **at, struct parsed *p)
{
	size_t n = 0;
	char *value = p->values[p->parameters];

	if (!take_char(at, ' ') || !take_name(at, p->names[p->parameters]) || !take_char(at, '=') ||
	    !take_char(at, '"'))
		return false;
	for (; **at != '"'; ++*at) {
		if (**at == '\0' || **at == ']' || n == sizeof(p->values[0]) - 1)
			return false;
		if (**at == '\\' && !strchr("\"\\]", *++*at))
			return false;
		value[n++] = **at;
	}
	value[n] = '\0';
	p->parameters++;
	return take_char(at, '"');
}

static bool
parse(const char *at, struct parsed *p)
{
	int used = 0;

	*p = (struct parsed){0};
	if (sscanf(at, "<%3u>1 %n", &p->priority, &used) != 1 || used == 0 || p->priority > 191)
		return false;
	at += used;
	if (!take_time(&at) || !take_char(&at, ' ') || !take_word(&at, 255, p->host) ||
	    !take_char(&at, ' ') || !take_word(&at, 48, p->app) || !take_char(&at, ' ') ||
	    !take_word(&at, 128, p->process) || !take_char(&at, ' ') ||
	    !take_word(&at, 32, p->id) || !take_char(&at, ' ') || !take_char(&at, '[') ||
	    !take_name(&at, p->element))
		return false;
	while (*at != ']')
		if (p->parameters == 32 || !take_parameter(&at, p))
			return false;
	at++;
	p->message = at;
	return *at == '\0' || take_char(&p->message, ' ');
}

static const char *
value_of(const struct parsed *p, const char *name)
{
	for (unsigned i = 0; i < p->parameters; i++)
		if (strcmp(p->names[i], name) == 0)
			return p->values[i];
	return NULL;
}

static unsigned told;
static int last_error;

static void
hear(void *context, const struct sink *sink, const char *name, int error)
{
	told++;
	last_error = error;
}

static struct sinks sinks;

static void
syslog_message(const char *line, struct parsed *ret_parsed)
{
	static char text[4096];
	int fd = listener();

	sinks_init(&sinks, path, NULL, hear, NULL);
	sinks_line(&sinks, line);
	assert_true(take(fd, text, sizeof(text)) > 0);
	if (!parse(text, ret_parsed))
		fail_msg("no message of RFC 5424: %s", text);
	assert_string_equal(ret_parsed->message, line);
	sinks_done(&sinks);
	close(fd);
}

static void
a_denial_is_rfc_5424(void **state)
{
	static struct parsed p;
	char process[16];

	syslog_message(DENIAL("hmi"), &p);
	snprintf(process, sizeof(process), "%d", (int)getpid());
	assert_int_equal(p.priority, 10 * 8 + 4);
	assert_string_equal(p.app, "sluiced");
	assert_string_equal(p.process, process);
	assert_string_equal(p.id, "verdict");
	assert_string_equal(p.element, "sluice@32473");
	assert_string_equal(value_of(&p, "reason"), "point-denied");
	assert_string_equal(value_of(&p, "channel"), "hmi");
	assert_string_equal(value_of(&p, "rule"), "2");
	assert_string_equal(value_of(&p, "src_ip"), "10.0.0.1");
	assert_string_equal(value_of(&p, "dest_port"), "502");
	assert_null(value_of(&p, "unit_id"));
}

/* What comes from a packet or a file can neither end its value nor begin another line. */
static void
values_are_escaped(void **state)
{
	static struct parsed p;

	syslog_message(DENIAL("a\\\"b\\\\c]d\\ne=\\u00fc"), &p);
	assert_string_equal(value_of(&p, "channel"), "a\"b\\c]d?e=\xc3\xbc");
	assert_string_equal(value_of(&p, "reason"), "point-denied");
}

static void
strange_events_are_messages_too(void **state)
{
	static struct parsed p;

	syslog_message("{\"event_type\":\"a b\\tc]d 012345678901234567890123456789\","
		       "\"sluice\":{\"x y=\\\"]z\":true,\"none\":null}}",
	    &p);
	assert_int_equal(strlen(p.id), 32);
	assert_string_equal(value_of(&p, "x_y___z"), "true");
	syslog_message("{\"event_type\":\"lost\",\"count\":7,"
		       "\"timestamp\":\"2026-01-05T09:30:00.000000+0000\"}",
	    &p);
	assert_int_equal(p.priority, 10 * 8 + 3);
	assert_string_equal(value_of(&p, "count"), "7");
}

/* The value of a field of the journal's protocol; NULL: it has none, or breaks the rules. */
static const char *
field(const char *text, size_t length, const char *wanted, char *value, size_t size)
{
	const char *at = text, *end = text + length;
	const char *found = NULL;

	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		const char *equals = line ? memchr(at, '=', (size_t)(line - at)) : NULL;
		const char *name = at;
		size_t name_length, n;

		if (!line)
			return NULL;
		name_length = (size_t)((equals ? equals : line) - name);
		for (size_t i = 0; i < name_length; i++)
			if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", name[i]))
				return NULL;
		if (equals) {
			at = equals + 1;
			n = (size_t)(line - at);
		} else {
			n = 0;
			for (unsigned i = 0; i < 8; i++)
				n |= (size_t)(uint8_t)line[1 + i] << 8 * i;
			at = line + 9;
		}
		if (n >= size || at + n >= end || at[n] != '\n')
			return NULL;
		if (name_length == strlen(wanted) && memcmp(name, wanted, name_length) == 0) {
			memcpy(value, at, n);
			value[n] = '\0';
			found = value;
		}
		at += n + 1;
	}
	return found;
}

static void
the_journal_gets_fields(void **state)
{
	char text[4096], value[2048];
	int fd = listener();
	ssize_t n;

	sinks_init(&sinks, NULL, path, hear, NULL);
	sinks_line(&sinks, DENIAL("a\\nPRIORITY=0"));
	n = take(fd, text, sizeof(text));
	assert_true(n > 0);
	assert_string_equal(field(text, n, "MESSAGE", value, sizeof(value)),
	    "verdict deny point-denied 10.0.0.1 > 10.0.0.2 line/a?PRIORITY=0");
	assert_string_equal(field(text, n, "SLUICE_REASON", value, sizeof(value)), "point-denied");
	assert_string_equal(
	    field(text, n, "SLUICE_CHANNEL", value, sizeof(value)), "a\nPRIORITY=0");
	assert_string_equal(field(text, n, "SLUICE_RULE", value, sizeof(value)), "2");
	assert_string_equal(field(text, n, "SLUICE_SRC_IP", value, sizeof(value)), "10.0.0.1");
	assert_string_equal(field(text, n, "SLUICE_EVENT", value, sizeof(value)), "verdict");
	assert_string_equal(field(text, n, "PRIORITY", value, sizeof(value)), "4");
	assert_string_equal(field(text, n, "SYSLOG_IDENTIFIER", value, sizeof(value)), "sluiced");
	assert_int_equal(strlen(field(text, n, "MESSAGE_ID", value, sizeof(value))), 32);
	sinks_done(&sinks);
	close(fd);
}

/* What is not read waits; one more than there is room for is lost, told, and told to it later. */
static void
one_that_is_slow_loses_and_is_told(void **state)
{
	char text[4096];
	unsigned got = 0, taken;
	int fd = listener();
	static struct parsed p;

	told = 0;
	sinks_init(&sinks, path, NULL, hear, NULL);
	for (taken = 0; sinks.sinks[SINK_SYSLOG].count < SINK_WAITING_MAX; taken++)
		sinks_line(&sinks, DENIAL("hmi"));
	assert_int_equal(sinks.sinks[SINK_SYSLOG].lost_total, 0);
	assert_int_equal(told, 0);
	assert_true(sink_file(&sinks.sinks[SINK_SYSLOG]) >= 0);
	sinks_line(&sinks, DENIAL("hmi"));
	assert_int_equal(sinks.sinks[SINK_SYSLOG].lost_total, 1);
	assert_int_equal(told, 1);
	while (take(fd, text, sizeof(text)) > 0) {
		got++;
		assert_true(parse(text, &p));
		sinks_flush(&sinks);
	}
	assert_int_equal(told, 2);
	assert_int_equal(last_error, 0);
	assert_int_equal(got, taken + 1); /* and how many are missing */
	assert_string_equal(p.id, "lost");
	assert_string_equal(value_of(&p, "count"), "1");
	assert_int_equal(sink_file(&sinks.sinks[SINK_SYSLOG]), -1);
	sinks_done(&sinks);
	close(fd);
}

/* What comes meanwhile is kept for it. */
static void
one_that_is_absent_is_found_later(void **state)
{
	char text[4096];
	int fd;

	unlink(path);
	told = 0;
	sinks_init(&sinks, path, NULL, hear, NULL);
	sinks_line(&sinks, DENIAL("hmi"));
	sinks_line(&sinks, DENIAL("hmi"));
	assert_int_equal(told, 1);
	assert_true(last_error != 0);
	fd = listener();
	sinks_flush(&sinks);
	assert_int_equal(told, 2);
	assert_true(take(fd, text, sizeof(text)) > 0 && take(fd, text, sizeof(text)) > 0);
	/* and one that was started anew has another socket */
	close(fd);
	fd = listener();
	sinks_line(&sinks, DENIAL("hmi"));
	assert_true(take(fd, text, sizeof(text)) > 0);
	assert_int_equal(sinks.sinks[SINK_SYSLOG].lost_total, 0);
	sinks_done(&sinks);
	close(fd);
}

/* The daemon's events: the file has the alarm, and goes on. */
static void
an_absent_sink_is_an_alarm_in_the_file(void **state)
{
	char file[64], text[4096];
	struct events events;
	FILE *in;
	size_t n;

	snprintf(file, sizeof(file), "%s/events", directory);
	unlink(path);
	assert_int_equal(
	    events_init(&events, &(struct events_settings){.path = file, .syslog = path}), 0);
	events_note(&events, "start", NULL);
	events_lost(&events, 3);
	events_done(&events);
	in = fopen(file, "r");
	n = fread(text, 1, sizeof(text) - 1, in);
	text[n] = '\0';
	fclose(in);
	assert_non_null(strstr(text, "\"event_type\":\"start\""));
	assert_non_null(strstr(text, "\"alarm\":\"sink-unsent\",\"sink\":\"syslog\""));
	assert_non_null(strstr(text, "\"event_type\":\"lost\""));
	unlink(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_denial_is_rfc_5424),
	    cmocka_unit_test(values_are_escaped),
	    cmocka_unit_test(strange_events_are_messages_too),
	    cmocka_unit_test(the_journal_gets_fields),
	    cmocka_unit_test(one_that_is_slow_loses_and_is_told),
	    cmocka_unit_test(one_that_is_absent_is_found_later),
	    cmocka_unit_test(an_absent_sink_is_an_alarm_in_the_file),
	};
	int r;

	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/socket", directory);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	rmdir(directory);
	return r;
}
