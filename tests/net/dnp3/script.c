/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Script: words become frames. See script.h. */
#include "script.h"

#include "lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One frame: its numbers, and the bytes behind them. */
struct line {
	unsigned numbers[2];
	uint8_t bytes[WIRE_FRAGMENT_MAX];
	size_t length;
};

static void
put_part(struct wire *wire, const struct line *line, unsigned unit, unsigned transport, bool reply)
{
	uint8_t user[WIRE_USER_MAX] = {(uint8_t)transport};

	if (line->length >= sizeof(user))
		lab_fail("a fragment is too long for a frame");
	memcpy(&user[1], line->bytes, line->length);
	if (reply)
		wire_put_frame(wire, WIRE_FROM_OUTSTATION, 1, unit, user, line->length + 1);
	else
		wire_put_frame(wire, WIRE_FROM_MASTER, unit, 1, user, line->length + 1);
}

static void
put_say(struct wire *wire, const struct line *line)
{
	put_part(wire, line, line->numbers[0], 0xc0, false);
}

static void
put_reply(struct wire *wire, const struct line *line)
{
	put_part(wire, line, line->numbers[0], 0xc0, true);
}

static void
put_some(struct wire *wire, const struct line *line)
{
	put_part(wire, line, line->numbers[0], line->numbers[1], false);
}

static void
put_answer(struct wire *wire, const struct line *line)
{
	put_part(wire, line, line->numbers[0], line->numbers[1], true);
}

static void
put_user(struct wire *wire, const struct line *line)
{
	wire_put_frame(
	    wire, (uint8_t)line->numbers[1], line->numbers[0], 1, line->bytes, line->length);
}

static void
put_wrong(struct wire *wire, const struct line *line)
{
	size_t start = wire->length;

	put_part(wire, line, line->numbers[1], 0xc0, false);
	if (start + line->numbers[0] >= wire->length)
		lab_fail("a frame has no byte %u", line->numbers[0]);
	wire->bytes[start + line->numbers[0]] ^= 0x10;
}

static void
put_raw(struct wire *wire, const struct line *line)
{
	wire_put(wire, line->bytes, line->length);
}

/* Words, and the numbers behind them: 'u' decimal, 'x' hexadecimal. */
static const struct {
	const char *word;
	const char *numbers;
	void (*put)(struct wire *wire, const struct line *line);
} words[] = {
    {"say", "u", put_say},
    {"part", "ux", put_some},
    {"user", "ux", put_user},
    {"link", "ux", put_user},
    {"wrong", "uu", put_wrong},
    {"reply", "u", put_reply},
    {"answer", "ux", put_answer},
    {"raw", "", put_raw},
};

static void
read_frame(const char *text, struct wire *wire)
{
	char word[16] = "", *rest;
	struct line line = {.length = 0};
	size_t i = 0;
	int used = 0;

	sscanf(text, " %15[a-z]%n", word, &used);
	while (strcmp(words[i].word, word) != 0)
		if (++i == sizeof(words) / sizeof(words[0]))
			lab_fail("no word of a script: %s", text);
	rest = (char *)&text[used];
	for (size_t n = 0; words[i].numbers[n]; n++)
		line.numbers[n] =
		    (unsigned)strtoul(rest, &rest, words[i].numbers[n] == 'x' ? 16 : 10);
	line.length = wire_hex(rest, line.bytes, sizeof(line.bytes));
	words[i].put(wire, &line);
}

void
script_read(const char *text, struct script *ret_script)
{
	struct wire *wire = ret_script->packets;

	ret_script->count = 1;
	wire->length = 0;
	for (;;) {
		read_frame(text, wire);
		text = strpbrk(text, ";|");
		if (!text)
			return;
		if (*text++ == ';')
			continue;
		if (ret_script->count == SCRIPT_PACKETS_MAX)
			lab_fail("a script has too many packets");
		wire = &ret_script->packets[ret_script->count++];
		wire->length = 0;
	}
}

void
script_join(const struct script *script, struct wire *ret_wire)
{
	ret_wire->length = 0;
	for (size_t i = 0; i < script->count; i++)
		wire_put(ret_wire, script->packets[i].bytes, script->packets[i].length);
}
