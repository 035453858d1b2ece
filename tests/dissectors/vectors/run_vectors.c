/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a vectors file: messages as bytes, and what each means.
 *
 *   run_vectors PROTOCOL FILE            check; one line for each that fails
 *   run_vectors PROTOCOL FILE --seeds DIR   write each message to a file, as seed for the fuzzer
 *
 * The form of the file is told at the top of modbus.txt.  Knows nothing of any protocol.
 */
#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "properties.h"

enum { LINE_MAX_LENGTH = 70000, BYTES_MAX = 66000 };

struct vector {
	unsigned line;
	enum direction direction;
	uint8_t bytes[BYTES_MAX];
	size_t length;
};

struct run {
	const struct dissector *dissector;
	const char *file;
	const char *seeds; /* directory, or NULL */
	unsigned line;
	unsigned count;
	unsigned failed;
	bool has_vector;
	struct vector vector;
	bool asked; /* `request` is valid */
	struct answer request;
	struct context_room room;
	struct context context;
	uint32_t settings[SETTINGS_MAX];
	bool seen[FUNCTIONS_MAX][2]; /* complete messages by row of the catalogue and direction */
	bool silent[FUNCTIONS_MAX];  /* a request of this function is never answered */
	bool seen_exception[256];
};

static void
fail(struct run *run, unsigned line, const char *what, const char *expected, const char *got)
{
	fprintf(stderr, "%s:%u: %s\n", run->file, line, what);
	if (expected)
		fprintf(stderr, "    expected: %s\n", expected);
	if (got)
		fprintf(stderr, "    got:      %s\n", got);
	run->failed++;
}

/* One word of hexadecimal digits, or "WORD*N" for N of them. */
static bool
parse_word(struct vector *v, const char *word)
{
	size_t digits = strspn(word, "0123456789abcdefABCDEF");
	unsigned long times = 1;
	char pair[3] = "";
	char *end;

	if (digits == 0 || digits % 2 != 0)
		return false;
	if (word[digits] == '*') {
		times = strtoul(&word[digits + 1], &end, 10);
		if (*end != '\0' || times == 0)
			return false;
	} else if (word[digits] != '\0') {
		return false;
	}
	while (times-- > 0)
		for (size_t i = 0; i < digits; i += 2) {
			memcpy(pair, &word[i], 2);
			if (v->length == BYTES_MAX)
				return false;
			v->bytes[v->length++] = (uint8_t)strtoul(pair, NULL, 16);
		}
	return true;
}

static void
parse_bytes(struct run *run, char *text)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest)) {
		if (word[0] == '#')
			break;
		if (!parse_word(&run->vector, word))
			fail(run, run->line, "expected bytes as hexadecimal digits", NULL, word);
	}
}

static void
write_seed(struct run *run, const struct vector *v)
{
	char name[4096];
	/* the fuzz target begins with an empty state: bit 1 says that nobody saw the beginning */
	uint8_t direction = (uint8_t)v->direction | (run->dissector->state_size > 0 ? 2 : 0);
	FILE *f;

	snprintf(name, sizeof(name), "%s/%s-line-%u", run->seeds, run->dissector->name, v->line);
	f = fopen(name, "wb");
	if (!f || fwrite(&direction, 1, 1, f) != 1 ||
	    fwrite(v->bytes, 1, v->length, f) != v->length || fclose(f) != 0) {
		perror(name);
		exit(2);
	}
}

/* The shortest prefix that is refused: what "at N" tells. */
static size_t
refused_at(const struct run *run, const struct vector *v)
{
	static struct answer answer;
	size_t n = 0;

	for (; n < v->length; n++) {
		properties_ask(
		    run->dissector, v->direction, &run->context, v->bytes, n, NULL, &answer);
		if (answer.result == DISSECT_MALFORMED)
			break;
	}
	return n;
}

static void
describe_answer(const struct run *run, const struct vector *v, const struct answer *answer,
    char *buf, size_t size)
{
	const char *relation = "";

	switch (answer->result) {
	case DISSECT_MALFORMED:
		snprintf(buf, size, "malformed %s at %zu", reason_word(answer->reason),
		    refused_at(run, v));
		return;
	case DISSECT_PARTIAL:
		snprintf(buf, size, "partial %s", answer->text);
		return;
	case DISSECT_COMPLETE:
		break;
	}
	if (answer->message.kind == MESSAGE_RESPONSE || answer->message.kind == MESSAGE_EXCEPTION) {
		const struct message *q = &run->request.message, *r = &answer->message;

		if (!run->asked || q->token != r->token)
			relation = " unmatched";
		else if (r->kind == MESSAGE_RESPONSE && q->expect != 0 && r->expect != 0 &&
		    q->expect != r->expect)
			relation = " mismatch";
		else
			relation = " answers";
	}
	snprintf(buf, size, "%s%s", answer->text, relation);
}

/* What a message touches, the protocol's table has: of a written value the form too. */
static bool
is_touch(const struct touchable *touch, const struct message *m, const struct span *span)
{
	return touch->form != TOUCH_NOTHING && touch->code == m->function->code &&
	    touch->sub == m->function->sub && touch->space == span->space &&
	    touch->access == span->access && span->block >= touch->block_first &&
	    span->block <= touch->block_last &&
	    (touch->format == VALUE_NONE || touch->format == span->values.format);
}

static void
check_touches(struct run *run, const struct vector *v, const struct message *m)
{
	const struct dissector *d = run->dissector;

	bool some = false, nothing = false;

	for (uint32_t t = 0; t < d->touch_count; t++) {
		bool own = d->touches[t].code == m->function->code &&
		    d->touches[t].sub == m->function->sub;

		some |= own && d->touches[t].form != TOUCH_NOTHING;
		nothing |= own && d->touches[t].form == TOUCH_NOTHING;
	}
	if (m->span_count == 0 && some && !nothing && m->function->access != ACCESS_SESSION)
		fail(run, v->line, "touches nothing, which the table of touches has not",
		    m->function->name, NULL);
	for (uint32_t s = 0; s < m->span_count; s++) {
		bool found = false;

		for (uint32_t t = 0; t < d->touch_count; t++)
			if (is_touch(&d->touches[t], m, &m->spans[s]))
				found = true;
		if (!found)
			fail(run, v->line, "touches what the table of touches has not",
			    m->function->name, d->spaces[m->spans[s].space].name);
	}
}

static void
remember(struct run *run, const struct vector *v, const struct answer *answer)
{
	const struct message *m = &answer->message;
	uint32_t row;

	if (answer->result != DISSECT_COMPLETE)
		return;
	/* the scratch is still that of this very message */
	if (run->dissector->commit)
		run->dissector->commit(run->room.state, v->direction, &run->context, m);
	if (m->unfinished)
		return;
	if (m->kind == MESSAGE_REQUEST) {
		run->request = *answer;
		run->asked = true;
	}
	if (m->kind == MESSAGE_EXCEPTION) {
		run->seen_exception[m->exception] = true;
		return;
	}
	if (!m->function)
		return;
	if (m->kind == MESSAGE_REQUEST || m->kind == MESSAGE_UNSOLICITED)
		check_touches(run, v, m);
	row = dissector_function_index(run->dissector, m->function);
	run->seen[row][v->direction] = true;
	run->silent[row] |= m->no_response;
}

static void
run_vector(struct run *run, const char *meaning)
{
	static struct answer answer;
	static char got[DESCRIPTION_MAX + 64];
	const struct vector *v = &run->vector;
	const char *complaint, *late = strstr(meaning, " late");
	size_t length = late ? (size_t)(late - meaning) : strlen(meaning);

	run->count++;
	run->has_vector = false;
	if (run->seeds) {
		write_seed(run, v);
		return;
	}
	complaint = properties_check(
	    run->dissector, v->direction, &run->context, v->bytes, v->length, !late);
	if (complaint)
		fail(run, v->line, complaint, NULL, NULL);
	properties_ask(
	    run->dissector, v->direction, &run->context, v->bytes, v->length, NULL, &answer);
	if (answer.result == DISSECT_COMPLETE && answer.length != v->length)
		fail(run, v->line, "the message ends before the bytes do", NULL, answer.text);
	describe_answer(run, v, &answer, got, sizeof(got));
	if (strlen(got) != length || strncmp(meaning, got, length) != 0)
		fail(run, v->line, "another meaning", meaning, got);
	remember(run, v, &answer);
}

/* "! name number" */
static void
set_setting(struct run *run, const char *line)
{
	const struct dissector *d = run->dissector;
	char name[64];
	uint32_t value;

	if (sscanf(line, "! %63s %" SCNu32, name, &value) == 2)
		for (uint32_t i = 0; i < d->setting_count; i++)
			if (strcmp(d->settings[i].name, name) == 0) {
				run->settings[i] = value;
				return;
			}
	fail(run, run->line, "no such setting", NULL, line);
}

static void
run_line(struct run *run, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	switch (line[0]) {
	case '\0':
	case '#':
		return;
	case '>':
	case '<':
		if (run->has_vector)
			fail(run, run->vector.line, "a message without a meaning", NULL, NULL);
		run->has_vector = true;
		run->vector.line = run->line;
		run->vector.length = 0;
		run->vector.direction = line[0] == '>' ? DIRECTION_REQUEST : DIRECTION_RESPONSE;
		parse_bytes(run, &line[1]);
		return;
	case ' ':
	case '\t':
		if (run->has_vector) {
			parse_bytes(run, line);
			return;
		}
		break;
	case '=':
		if (run->has_vector) {
			run_vector(run, &line[1 + strspn(&line[1], " ")]);
			return;
		}
		break;
	case '+':
		run->context.now_ms += strtoul(&line[1], NULL, 10);
		return;
	case '!':
		set_setting(run, line);
		return;
	case '-':
		memset(&run->room, 0, sizeof(run->room));
		run->asked = false;
		return;
	default:
		break;
	}
	fail(run, run->line, "expected #, >, <, =, +, ! or -", NULL, line);
}

/* A protocol is not tested while something of its catalogue has no vector. */
static void
check_catalogue(struct run *run)
{
	const struct dissector *d = run->dissector;

	for (uint32_t i = 0; i < d->function_count; i++) {
		if (!run->seen[i][DIRECTION_REQUEST] && d->functions[i].side != SIDE_SERVER)
			fail(run, run->line, "no request vector", d->functions[i].name, NULL);
		if (!run->seen[i][DIRECTION_RESPONSE] && d->functions[i].side != SIDE_CLIENT &&
		    !run->silent[i])
			fail(run, run->line, "no response vector", d->functions[i].name, NULL);
	}
	for (unsigned code = 0; d->exception_word && code <= 0xff; code++)
		if (d->exception_word((uint8_t)code) && !run->seen_exception[code])
			fail(run, run->line, "no vector of the exception",
			    d->exception_word((uint8_t)code), NULL);
}

int
main(int argc, char **argv)
{
	static struct run run;
	static char line[LINE_MAX_LENGTH];
	FILE *f;

	if (argc != 3 && !(argc == 5 && strcmp(argv[3], "--seeds") == 0)) {
		fprintf(stderr, "usage: run_vectors PROTOCOL FILE [--seeds DIR]\n");
		return 2;
	}
	run.dissector = dissector_find(argv[1]);
	run.file = argv[2];
	run.seeds = argc == 5 ? argv[4] : NULL;
	f = fopen(run.file, "r");
	if (!run.dissector || !f) {
		fprintf(
		    stderr, "run_vectors: no protocol \"%s\" or no file %s\n", argv[1], run.file);
		return 2;
	}
	run.context = context_new(&run.room);
	run.context.settings = run.settings;
	for (uint32_t i = 0; i < run.dissector->setting_count; i++)
		run.settings[i] = run.dissector->settings[i].normal;
	while (fgets(line, sizeof(line), f)) {
		run.line++;
		run_line(&run, line);
	}
	fclose(f);
	if (run.has_vector)
		fail(&run, run.vector.line, "a message without a meaning", NULL, NULL);
	if (run.seeds)
		return run.failed > 0;
	check_catalogue(&run);
	printf("%u vectors of %s, %u failed\n", run.count, run.dissector->name, run.failed);
	return run.failed > 0 || run.count == 0;
}
