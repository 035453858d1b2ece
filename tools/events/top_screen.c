/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Top screen: see top_screen.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "top_numbers.h"
#include "top_screen.h"

enum {
	LINE_ROOM = 512,
	HEAD_LINES = 4,  /* title, totals, judging, heading */
	EVENT_LINES = 6, /* on a terminal of 24 lines */
	FOOT_LINES = 2,  /* heading of the events, keys */
	NAME_COLUMNS = 28,
};

/* Where the next line goes. */
struct place {
	FILE *out;
	const struct top_screen *screen;
	size_t line; /* from 1 */
};

/*
 * One line, cut to one column less than there are: a terminal that wraps at its last column would
 * begin another line.
 */
static __attribute__((format(printf, 2, 3))) void
put_line(struct place *place, const char *format, ...)
{
	const struct top_screen *screen = place->screen;
	char text[LINE_ROOM];
	size_t length;
	va_list values;

	if (screen->sequences && place->line > screen->lines)
		return;
	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	length = strnlen(text, screen->columns - 1);
	if (!screen->sequences)
		while (length > 0 && text[length - 1] == ' ')
			length--;
	for (size_t i = 0; i < length; i++)
		fputc(text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?', place->out);
	if (screen->sequences)
		fprintf(place->out, "\033[K%s", place->line < screen->lines ? "\r\n" : "");
	else
		fputc('\n', place->out);
	place->line++;
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "?";
}

/* "12", "1.5k", "20M": six columns at most. */
static const char *
short_number(double number, char *buf, size_t size)
{
	static const char units[] = " kMGTPE";
	size_t unit = 0;

	for (; number >= 9999.5 && units[unit + 1]; unit++)
		number /= 1000;
	if (number > 0 && number < 9.95)
		snprintf(buf, size, "%.1f%c", number, units[unit]);
	else
		snprintf(buf, size, "%.0f%c", number, units[unit]);
	buf[strcspn(buf, " ")] = '\0';
	return buf;
}

struct number_text {
	char text[16];
};

#define SHORT(number) short_number(number, (struct number_text){0}.text, sizeof(struct number_text))

static const char *
uptime_text(uint64_t s, char *buf, size_t size)
{
	if (s < 3600)
		snprintf(buf, size, "%" PRIu64 "m %" PRIu64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, size, "%" PRIu64 "h %" PRIu64 "m", s / 3600, s % 3600 / 60);
	else
		snprintf(buf, size, "%" PRIu64 "d %" PRIu64 "h", s / 86400, s % 86400 / 3600);
	return buf;
}

/* "16 us", "2 ms": the bound of a bucket. */
static const char *
bound_text(uint64_t us, char *buf, size_t size)
{
	if (us == 0)
		snprintf(buf, size, "-");
	else if (us < 1000)
		snprintf(buf, size, "%" PRIu64 " us", us);
	else
		snprintf(buf, size, "%.0f ms", (double)us / 1000);
	return buf;
}

static void
draw_head(struct place *place, const json_t *before, const json_t *now, double seconds)
{
	struct top_rates all = top_rates_all(before, now, seconds);
	const json_t *policy = json_object_get(now, "policy");
	size_t findings = json_array_size(json_object_get(now, "findings"));
	const char *worst = text_of(json_array_get(json_object_get(now, "findings"), 0), "what");
	char up[32], clock[16] = "", half[16], most[16];
	time_t t = time(NULL);
	struct tm tm;

	if (localtime_r(&t, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	put_line(place, "sluice %.12s  %.18s  policy %.12s  up %s  %s", text_of(now, "version"),
	    text_of(policy, "site"), text_of(policy, "hash"),
	    uptime_text(top_number(now, "uptime_s", NULL), up, sizeof(up)),
	    place->screen->paused ? "PAUSED" : clock);
	put_line(place,
	    "per second: %s packets, %s messages, %s denied;  connections %" PRIu64
	    ", waiting %" PRIu64,
	    SHORT(all.packets), SHORT(all.messages), SHORT(all.denied),
	    top_number(now, "engine", "flows", NULL), top_waiting(now));
	put_line(place, "judging: half within %s, 99%% within %s;  %s%s%s",
	    bound_text(top_judging_us(before, now, 50), half, sizeof(half)),
	    bound_text(top_judging_us(before, now, 99), most, sizeof(most)),
	    findings ? "LOOK HERE: " : "fine", findings ? worst : "",
	    findings > 1 ? ", ... (sluice status)" : "");
}

static const char *
chosen_conduit(const struct top_screen *screen, const json_t *now)
{
	const json_t *conduit = screen->conduit == 0
	    ? NULL
	    : json_array_get(json_object_get(now, "conduits"), screen->conduit - 1);

	return conduit ? text_of(conduit, "name") : NULL;
}

static void
draw_channel(struct place *place, const json_t *before, const json_t *channel, double seconds)
{
	struct top_rates rates = top_rates_channel(before, channel, seconds);
	bool inspected = json_is_true(json_object_get(channel, "inspected"));
	int name = NAME_COLUMNS;

	if (place->screen->columns > 80)
		name += (int)(place->screen->columns - 80 > 60 ? 60 : place->screen->columns - 80);
	put_line(place, "%-*.*s %-11.11s %8s %8s %8s %8s", name, name, text_of(channel, "name"),
	    text_of(channel, "protocol"), SHORT(rates.packets),
	    inspected ? SHORT(rates.messages) : "-", inspected ? SHORT(rates.denied) : "-",
	    inspected ? SHORT((double)top_number(channel, "denied", NULL)) : "-");
}

/* Those of the chosen conduit, as many as there is room for; the rest is counted. */
static void
draw_channels(
    struct place *place, const json_t *before, const json_t *now, double seconds, size_t room)
{
	const char *conduit = chosen_conduit(place->screen, now);
	const json_t *channels = json_object_get(now, "channels"), *channel;
	size_t i, fit = 0, drawn = 0;

	json_array_foreach(channels, i, channel)
	{
		fit += !conduit || strcmp(text_of(channel, "conduit"), conduit) == 0;
	}
	json_array_foreach(channels, i, channel)
	{
		if (conduit && strcmp(text_of(channel, "conduit"), conduit) != 0)
			continue;
		if (drawn + 1 == room && fit > room)
			break;
		draw_channel(place, before, channel, seconds);
		drawn++;
	}
	if (drawn < fit)
		put_line(place, "... %zu more", fit - drawn);
	for (drawn += drawn < fit; drawn < room && place->screen->sequences; drawn++)
		put_line(place, "%s", "");
}

static void
draw_foot(struct place *place, const json_t *now, size_t event_lines)
{
	const struct top_screen *screen = place->screen;
	const char *conduit = chosen_conduit(screen, now);
	size_t shown = 0;

	put_line(place, "NEWEST EVENTS");
	for (; shown < event_lines && screen->events[shown]; shown++)
		put_line(place, "%s", screen->events[shown]);
	if (!screen->sequences)
		return;
	for (; shown < event_lines; shown++)
		put_line(place, "%s", "");
	put_line(place, "q quit  space %s  arrows conduit: %s", screen->paused ? "go on" : "pause",
	    conduit ? conduit : "all");
}

void
top_screen_draw(FILE *out, const struct top_screen *screen, const json_t *before, const json_t *now,
    double seconds)
{
	struct place place = {.out = out, .screen = screen, .line = 1};
	size_t event_lines = screen->lines >= 20 ? EVENT_LINES : 2;
	size_t room = screen->lines - HEAD_LINES - FOOT_LINES - event_lines;
	int name = NAME_COLUMNS;

	if (!screen->sequences)
		room = json_array_size(json_object_get(now, "channels")) + 1;
	if (screen->columns > 80)
		name += (int)(screen->columns - 80 > 60 ? 60 : screen->columns - 80);
	if (screen->sequences)
		fputs("\033[H", out);
	draw_head(&place, before, now, seconds);
	put_line(&place, "%-*s %-11s %8s %8s %8s %8s", name, "CHANNEL", "PROTOCOL", "PACKETS/s",
	    "MESSAG/s", "DENIED/s", "DENIED");
	draw_channels(&place, before, now, seconds, room);
	draw_foot(&place, now, event_lines);
	if (screen->sequences)
		fputs("\033[J", out);
}

static json_t *
rates_object(struct top_rates rates)
{
	return json_pack("{s:f, s:f, s:f}", "packets", rates.packets, "messages", rates.messages,
	    "denied", rates.denied);
}

json_t *
top_screen_object(const json_t *before, const json_t *now, double seconds)
{
	json_t *channels = json_array();
	const json_t *channel;
	size_t i;

	json_array_foreach(json_object_get(now, "channels"), i, channel)
	{
		json_array_append_new(channels,
		    json_pack("{s:s, s:o, s:I}", "name", text_of(channel, "name"), "per_second",
			rates_object(top_rates_channel(before, channel, seconds)), "denied",
			(json_int_t)top_number(channel, "denied", NULL)));
	}
	return json_pack("{s:f, s:o, s:I, s:I, s:I, s:I, s:i, s:o}", "seconds", seconds,
	    "per_second", rates_object(top_rates_all(before, now, seconds)), "connections",
	    (json_int_t)top_number(now, "engine", "flows", NULL), "waiting",
	    (json_int_t)top_waiting(now), "judging_half_us",
	    (json_int_t)top_judging_us(before, now, 50), "judging_99_us",
	    (json_int_t)top_judging_us(before, now, 99), "findings",
	    (int)json_array_size(json_object_get(now, "findings")), "channels", channels);
}
