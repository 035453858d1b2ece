/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Terminal: colours, progress and complaints of the command line program.
 *
 * Colours and progress appear only where a person looks: on a terminal, and colours not when
 * NO_COLOR is set.  A file or a pipe gets plain text.
 */
#ifndef SLUICE_TERMINAL_H
#define SLUICE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style {
	STYLE_PLAIN = 0,
	STYLE_STRONG,
	STYLE_FAINT,
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_WARN,
	STYLE_NAME,
	STYLE_COUNT
};

/* Find out what standard output and standard error are; call once, before anything is printed. */
void terminal_init(void);

/* The escape sequence that begins a style on standard output, and the one that ends any; ""
 * elsewhere. */
const char *style(enum style style);
const char *style_end(void);

/* The same for standard error. */
const char *style_error(enum style style);
const char *style_error_end(void);

/* "sluice: ..." with a line feed on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Show on standard error how far a long piece of work has come (total 0: unknown), at most five
 * times a second and only on a terminal.  `what` names it.
 */
void progress_show(const char *what, uint64_t done, uint64_t total);

/* Wipe the progress line, before anything else is printed. */
void progress_clear(void);

/* Columns of standard output, 40 at least; 0 if it is no terminal. */
size_t terminal_width(void);

/*
 * Print text in lines of at most `width` columns (0: one line); lines behind the first begin with
 * `indent` spaces.  Styles within it take no column.
 */
void print_wrapped(const char *text, size_t indent, size_t column, size_t width);

#endif
