/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draft: a policy's text with the places of its settings, and of its lines in the files that it was
 * put together from.
 */
#ifndef SLUICE_DRAFT_H
#define SLUICE_DRAFT_H

#include "model.h"
#include "outline.h"

struct draft {
	const char *file;
	bool on_disk;
	char *text; /* with all that the file includes; ends with a zero byte */
	struct location *lines;
	size_t line_count;
	size_t *starts; /* of each line in the text */
	struct outline *outline;
};

/* Read a policy file that was loaded before.  False: it can't be read, or not understood any more;
 * that was told. */
bool draft_read(const char *command, const char *file, struct draft *ret_draft);

/* The same of a text in memory. */
bool draft_of_text(const char *text, const char *name, struct draft *ret_draft);
void draft_done(struct draft *draft);

/* The line that a byte stands in. */
size_t draft_line(const struct draft *draft, size_t at);

/* The settings of a conduit, a channel of it, and a rule of that; NULL if they are not there. */
const struct outline *draft_conduit(const struct draft *draft, const struct conduit *conduit);
const struct outline *draft_channel(const struct draft *draft, const struct channel *channel);
const struct outline *draft_rule(
    const struct draft *draft, const struct channel *channel, const struct rule *rule);
const struct outline *draft_zone(const struct draft *draft, const struct zone *zone);

#endif
