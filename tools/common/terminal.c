/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Terminal: see terminal.h.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "terminal.h"

static const char *const escapes[STYLE_COUNT] = {
    [STYLE_PLAIN] = "",
    [STYLE_STRONG] = "\033[1m",
    [STYLE_FAINT] = "\033[2m",
    [STYLE_GOOD] = "\033[32m",
    [STYLE_BAD] = "\033[1;31m",
    [STYLE_WARN] = "\033[33m",
    [STYLE_NAME] = "\033[36m",
};

enum { WIDTH_USUAL = 80, WIDTH_LEAST = 40 };

static bool output_coloured;
static bool error_coloured;
static bool error_is_terminal;
static bool progress_visible;

void
terminal_init(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool wanted = !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0);

	error_is_terminal = isatty(STDERR_FILENO);
	output_coloured = wanted && isatty(STDOUT_FILENO);
	error_coloured = wanted && error_is_terminal;
}

const char *
style(enum style which)
{
	assert(which < STYLE_COUNT);
	return output_coloured ? escapes[which] : "";
}

const char *
style_end(void)
{
	return output_coloured ? "\033[0m" : "";
}

const char *
style_error(enum style which)
{
	assert(which < STYLE_COUNT);
	return error_coloured ? escapes[which] : "";
}

const char *
style_error_end(void)
{
	return error_coloured ? "\033[0m" : "";
}

void
complain(const char *format, ...)
{
	va_list list;

	progress_clear();
	fflush(stdout);
	fprintf(stderr, "%ssluice:%s ", style_error(STYLE_BAD), style_error_end());
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
}

void
progress_show(const char *what, uint64_t done, uint64_t total)
{
	static struct timespec last;
	struct timespec now;

	if (!error_is_terminal)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - last.tv_sec) * 1000 + (now.tv_nsec - last.tv_nsec) / 1000000 < 200)
		return;
	if (last.tv_sec == 0) { /* a short piece of work needs no progress line */
		last = now;
		return;
	}
	last = now;
	progress_visible = true;
	if (total)
		fprintf(stderr, "\r\033[K%s %" PRIu64 " %%", what,
		    done >= total ? 100 : done * 100 / total);
	else
		fprintf(stderr, "\r\033[K%s %" PRIu64, what, done);
}

void
progress_clear(void)
{
	if (!progress_visible)
		return;
	fputs("\r\033[K", stderr);
	progress_visible = false;
}

size_t
terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return WIDTH_USUAL;
	return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

/* Bytes of the next thing that takes `*ret_columns` columns: a character, or a style. */
static size_t
next_shape(const char *text, size_t *ret_columns)
{
	size_t length = 1;

	*ret_columns = 1;
	if (text[0] == '\033') {
		*ret_columns = 0;
		return strcspn(text, "m") + 1;
	}
	while (((unsigned char)text[length] & 0xc0) == 0x80)
		length++;
	return length;
}

static size_t
columns_of(const char *text, size_t length)
{
	size_t sum = 0, columns;

	for (size_t i = 0; i < length; sum += columns)
		i += next_shape(text + i, &columns);
	return sum;
}

/* A word of which no line may hold more than `width` columns; returns the column behind it. */
static size_t
print_word(const char *word, size_t length, size_t indent, size_t column, size_t width)
{
	for (size_t i = 0; i < length;) {
		size_t columns, bytes = next_shape(word + i, &columns);

		if (width > 0 && column + columns > width) {
			printf("\n%*s", (int)indent, "");
			column = indent;
		}
		printf("%.*s", (int)bytes, word + i);
		column += columns;
		i += bytes;
	}
	return column;
}

void
print_wrapped(const char *text, size_t indent, size_t column, size_t width)
{
	bool first = true;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (!first && width > 0 && column + 1 + columns_of(text, length) > width) {
			printf("\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			putchar(' ');
			column++;
		}
		column = print_word(text, length, indent, column, width);
		text += length;
		text += strspn(text, " ");
		first = false;
	}
	putchar('\n');
}
