/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Markup: text of policies and events in HTML and SVG.  The only place where such text is written:
 * whoever wrote it, it stays text.
 */
#ifndef SLUICE_MARKUP_H
#define SLUICE_MARKUP_H

#include <stdio.h>

/* Text between tags or in an attribute in double quotes; NULL is nothing. */
void markup_text(FILE *out, const char *text);

/* The same, at most so many characters, the last one "…" where some are left out. */
void markup_short(FILE *out, const char *text, size_t characters);

#endif
