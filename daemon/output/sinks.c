/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sinks: see sinks.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "eve.h"
#include "sink_text.h"
#include "sinks.h"

static const char *const words[SINK_COUNT] = {
    [SINK_SYSLOG] = "syslog",
    [SINK_JOURNAL] = "journal",
};

const char *
sinks_word(enum sink_name name)
{
	return words[name];
}

void
sinks_init(struct sinks *sinks, const char *syslog, const char *journal, sinks_teller *teller,
    void *context)
{
	*sinks = (struct sinks){.teller = teller, .context = context};
	sink_init(&sinks->sinks[SINK_SYSLOG], syslog);
	sink_init(&sinks->sinks[SINK_JOURNAL], journal);
	if (gethostname(sinks->host, sizeof(sinks->host) - 1) < 0)
		sinks->host[0] = '\0';
}

void
sinks_done(struct sinks *sinks)
{
	for (unsigned i = 0; i < SINK_COUNT; i++)
		sink_done(&sinks->sinks[i]);
}

bool
sinks_wanted(const struct sinks *sinks)
{
	for (unsigned i = 0; i < SINK_COUNT; i++)
		if (sinks->sinks[i].path)
			return true;
	return false;
}

static void
send_to(struct sinks *sinks, enum sink_name name, const json_t *event, const char *line)
{
	char *text;
	size_t length = 0;

	if (!sinks->sinks[name].path)
		return;
	text = name == SINK_SYSLOG ? sink_text_syslog(event, line, sinks->host, getpid(), &length)
				   : sink_text_journal(event, line, &length);
	sink_send(&sinks->sinks[name], text, length);
}

/* It takes messages again: it is told what it has missed. */
static void
tell_lost(struct sinks *sinks, enum sink_name name)
{
	struct sink *sink = &sinks->sinks[name];
	struct event event = {.type = EVENT_LOST, .wall_ns = clock_ns(CLOCK_REALTIME)};
	json_t *object;
	char *line;

	event.lost = sink->lost;
	line = eve_print(NULL, &event);
	object = line ? json_loads(line, 0, NULL) : NULL;
	sink->lost = 0;
	if (object)
		send_to(sinks, name, object, line);
	json_decref(object);
	free(line);
}

/* One that can't take messages is told once, and once more when it can again. */
static void
watch(struct sinks *sinks, enum sink_name name)
{
	struct sink *sink = &sinks->sinks[name];
	int error = sink->error, before = sinks->told[name];

	if (!sink->path)
		return;
	if (error == EAGAIN && sink->lost == 0)
		return; /* slow, but nothing is missing */
	if (error == before || (error != 0 && before != 0))
		return;
	sinks->told[name] = error; /* first: what is told comes here again */
	sinks->teller(sinks->context, sink, words[name], error);
}

static void
settle(struct sinks *sinks, enum sink_name name)
{
	struct sink *sink = &sinks->sinks[name];

	watch(sinks, name);
	if (sink->path && sink->error == 0 && sink->lost > 0)
		tell_lost(sinks, name);
}

void
sinks_line(struct sinks *sinks, const char *line)
{
	json_t *event;

	if (!sinks_wanted(sinks))
		return;
	event = json_loads(line, 0, NULL);
	for (unsigned i = 0; i < SINK_COUNT; i++) {
		if (event)
			send_to(sinks, i, event, line);
		else if (sinks->sinks[i].path)
			sink_send(&sinks->sinks[i], NULL, 0);
		settle(sinks, i);
	}
	json_decref(event);
}

void
sinks_flush(struct sinks *sinks)
{
	for (unsigned i = 0; i < SINK_COUNT; i++) {
		sink_flush(&sinks->sinks[i]);
		settle(sinks, i);
	}
}

json_t *
sinks_json(const struct sinks *sinks)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < SINK_COUNT; i++) {
		const struct sink *sink = &sinks->sinks[i];
		json_t *object;

		if (!sink->path)
			continue;
		object = json_pack("{s:s, s:s, s:I, s:I, s:i}", "name", words[i], "path",
		    sink->path, "sent", (json_int_t)sink->sent, "lost",
		    (json_int_t)sink->lost_total, "waiting", (int)sink->count);
		if (sink->error != 0 && sink->error != EAGAIN)
			json_object_set_new(object, "why", json_string(strerror(sink->error)));
		json_array_append_new(list, object);
	}
	return list;
}
