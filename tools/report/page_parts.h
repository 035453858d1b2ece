/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page parts: the sections of a page, each from its part of the content. */
#ifndef SLUICE_PAGE_PARTS_H
#define SLUICE_PAGE_PARTS_H

#include <jansson.h>
#include <stdio.h>

extern const char page_style[];

/* A member's text, "" if it has none. */
const char *page_text(const json_t *object, const char *name);

void page_zones(const json_t *content, FILE *out);
void page_conduits(const json_t *content, FILE *out);
void page_findings(const json_t *content, FILE *out);
void page_traffic(const json_t *content, FILE *out); /* nothing if there is none */
void page_requirements(const json_t *content, FILE *out);

#endif
