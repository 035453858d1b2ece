/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words: see words.h.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"
#include "words.h"

/* Text that grows; memory that is out ends the program, which has nothing to lose. */
struct text {
	char *data;
	size_t size;
	FILE *file;
};

static void
text_init(struct text *text)
{
	*text = (struct text){0};
	text->file = open_memstream(&text->data, &text->size);
	if (!text->file) {
		complain("out of memory");
		exit(2);
	}
}

static char *
text_done(struct text *text)
{
	if (fclose(text->file) != 0) {
		complain("out of memory");
		exit(2);
	}
	return text->data;
}

static void
text_item(struct text *text, const char *item)
{
	fprintf(text->file, "%s%s", ftell(text->file) > 0 ? ", " : "", item);
}

char *
words_format(const char *format, ...)
{
	struct text text;
	va_list list;

	text_init(&text);
	va_start(list, format);
	vfprintf(text.file, format, list);
	va_end(list);
	return text_done(&text);
}

const char *
words_count(size_t count, const char *word)
{
	static char bufs[4][64];
	static unsigned next;
	char *buf = bufs[next++ % 4];

	snprintf(buf, sizeof(bufs[0]), "%zu %s%s", count, word, count == 1 ? "" : "s");
	return buf;
}

const char *
words_rule_part_name(enum rule_part part)
{
	static const char *const names[RULE_PART_COUNT] = {
	    [RULE_FUNCTIONS] = "functions",
	    [RULE_UNITS] = "units",
	    [RULE_POINTS] = "points",
	    [RULE_VALUES] = "values",
	    [RULE_RATE] = "rate",
	};

	return names[part];
}

static char *
rule_functions(const struct channel *channel, const struct rule *rule)
{
	const struct dissector *d = channel->dissector;
	struct text text;

	text_init(&text);
	if (rule->opaque)
		text_item(&text, "anything that the protocol has");
	for (enum access a = ACCESS_READ; a < ACCESS_COUNT && !rule->opaque; a++)
		if (rule->access_words >> a & 1)
			text_item(&text, access_word(a));
	for (uint32_t i = 0; i < d->function_count; i++)
		if (rule->named_functions[i / 64] >> (i % 64) & 1)
			text_item(&text, d->functions[i].name);
	return text_done(&text);
}

static char *
rule_units(const struct channel *channel, const struct rule *rule)
{
	struct text text;
	char buf[128];

	text_init(&text);
	for (size_t i = 0; i < rule->unit_count; i++) {
		dissector_print_units(channel->dissector, &rule->units[i], buf, sizeof(buf));
		text_item(&text, buf);
	}
	return text_done(&text);
}

static char *
rule_points(const struct channel *channel, const struct rule *rule)
{
	struct text text;
	char buf[128];

	text_init(&text);
	for (size_t i = 0; i < rule->point_count; i++) {
		dissector_print_points(channel->dissector, &rule->points[i], buf, sizeof(buf));
		text_item(&text, buf);
	}
	return text_done(&text);
}

static char *
rule_values(const struct channel *channel, const struct rule *rule)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < rule->value_count; i++) {
		const struct value_range *v = &rule->values[i];
		char buf[80];

		if (v->first == v->last)
			snprintf(buf, sizeof(buf), "%.15g", v->first);
		else
			snprintf(buf, sizeof(buf), "%.15g to %.15g", v->first, v->last);
		text_item(&text, buf);
	}
	if (rule->type)
		fprintf(text.file, " as %s", rule->type->name);
	for (size_t i = 0; i < rule->limit_count; i++) {
		const struct part_limit *limit = &rule->limits[i];
		char buf[120];

		snprintf(buf, sizeof(buf), "%s %.15g to %.15g",
		    channel->dissector->parts[limit->part].name, limit->range.first,
		    limit->range.last);
		text_item(&text, buf);
	}
	return text_done(&text);
}

char *
words_rule_part(const struct channel *channel, const struct rule *rule, enum rule_part part)
{
	switch (part) {
	case RULE_FUNCTIONS:
		return rule_functions(channel, rule);
	case RULE_UNITS:
		return rule->unit_count ? rule_units(channel, rule) : NULL;
	case RULE_POINTS:
		return rule->point_count ? rule_points(channel, rule) : NULL;
	case RULE_VALUES:
		return rule->value_count || rule->limit_count ? rule_values(channel, rule) : NULL;
	case RULE_RATE:
		return rule->rate.count ? words_rate(&rule->rate) : NULL;
	case RULE_PART_COUNT:
		break;
	}
	return NULL;
}

char *
words_rule(const struct channel *channel, const struct rule *rule)
{
	struct text text;

	text_init(&text);
	for (enum rule_part part = RULE_FUNCTIONS; part < RULE_PART_COUNT; part++) {
		char *words = words_rule_part(channel, rule, part);

		if (words && part == RULE_FUNCTIONS)
			fputs(words, text.file);
		else if (words)
			fprintf(text.file, "; %s %s",
			    part == RULE_RATE ? "at most" : words_rule_part_name(part), words);
		free(words);
	}
	return text_done(&text);
}

char *
words_rate(const struct rate *rate)
{
	static const struct {
		uint32_t period_ms;
		const char *one;
		const char *many;
	} units[] = {
	    {3600 * 1000, "hour", "hours"},
	    {60 * 1000, "minute", "minutes"},
	    {1000, "second", "seconds"},
	    {1, "millisecond", "milliseconds"},
	};
	size_t i = 0;

	while (rate->period_ms % units[i].period_ms != 0)
		i++;
	if (rate->period_ms == units[i].period_ms)
		return words_format("%" PRIu32 " per %s", rate->count, units[i].one);
	return words_format("%" PRIu32 " in %" PRIu32 " %s", rate->count,
	    rate->period_ms / units[i].period_ms, units[i].many);
}

char *
words_span(const struct dissector *dissector, const struct span *span)
{
	struct point_range range = {span->space, span->block, span->block, span->first, span->last};
	char buf[128];

	dissector_print_points(dissector, &range, buf, sizeof(buf));
	return words_format("%s", buf);
}

char *
words_unit(const struct dissector *dissector, const struct message *message)
{
	struct unit_range range = {message->unit_source, message->unit_source, message->unit,
	    message->unit, message->unit_named};
	char buf[128];

	dissector_print_units(dissector, &range, buf, sizeof(buf));
	return words_format("%s", buf);
}

char *
words_endpoints(const struct endpoint *endpoints, size_t count)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < count; i++)
		text_item(&text, endpoints[i].text);
	return text_done(&text);
}

char *
words_protocol(const struct channel *channel)
{
	const char *transport = channel->transport == PROTOCOL_TCP ? "tcp" : "udp";

	if (channel->transport != PROTOCOL_TCP && channel->transport != PROTOCOL_UDP)
		return words_format("%s", channel->protocol);
	if (channel->dissector && channel->port_first == channel->port_last)
		return words_format("%s %s/%u", channel->protocol, transport, channel->port_first);
	if (channel->port_first == channel->port_last)
		return words_format("%s/%u", transport, channel->port_first);
	return words_format("%s%s%s/%u-%u", channel->dissector ? channel->protocol : "",
	    channel->dissector ? " " : "", transport, channel->port_first, channel->port_last);
}

char *
words_channel(const struct channel *channel)
{
	return words_format("%s/%s", channel->conduit->name, channel->name);
}

const char *
words_on_deny(const struct conduit *conduit)
{
	static const char *const words[] = {
	    [ON_DENY_DROP] = "discarded; the connection gets no further data through",
	    [ON_DENY_RESET] = "discarded, and its connection ends at both ends at once",
	    [ON_DENY_REFUSE] = "refused in the protocol's own words; else its connection ends",
	};

	if (conduit->mode == MODE_MONITOR)
		return "recorded, but let through: this conduit is only monitored";
	return words[conduit->on_deny];
}

const char *
words_when_down(const struct conduit *conduit)
{
	static const char *const words[] = {
	    [WHEN_DOWN_CLOSED] = "it is closed: nothing that needs inspection passes",
	    [WHEN_DOWN_OPEN] = "it is open: what its channels name passes without inspection",
	};

	return words[conduit->when_down];
}
