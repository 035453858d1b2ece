/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lesson: what captures showed, together, and how much of it is to be learned. */
#ifndef SLUICE_LEARN_LESSON_H
#define SLUICE_LEARN_LESSON_H

#include "seen.h"
#include "site.h"
#include "talk.h"

struct draft_settings {
	uint32_t include;     /* bits of enum access whose functions are learned, too */
	unsigned long gap;    /* points between two ranges that are taken for one */
	unsigned long margin; /* percent of the span of written values, on both sides */
};

struct lesson {
	const struct talks *talks;
	const struct site_plan *plan;
	const struct seen *seen;
	const char *const *files;
	struct draft_settings settings;
};

/* The name of a capture as comments have it. */
const char *lesson_file(const struct lesson *lesson, uint32_t file);

/* Is this left out, of those functions that need a word of their own? */
bool lesson_doubts(const struct lesson *lesson, const struct seen_use *use);

#endif
