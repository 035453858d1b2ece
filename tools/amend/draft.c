/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draft: see draft.h.
 */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "command.h"
#include "load.h"
#include "terminal.h"

static void *
allocate(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory) {
		complain("out of memory");
		exit(2);
	}
	return memory;
}

static void
find_starts(struct draft *draft)
{
	size_t line = 0;

	draft->starts = allocate(draft->line_count, sizeof(draft->starts[0]));
	for (const char *c = draft->text; *c && line + 1 < draft->line_count; c++)
		if (*c == '\n')
			draft->starts[++line] = (size_t)(c + 1 - draft->text);
}

static void
tell(const char *command, const struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		char *line = diagnostic_print(&diagnostics->items[i]);

		complain("%s: %s", command, line ? line : "out of memory");
		free(line);
	}
}

bool
draft_read(const char *command, const char *file, struct draft *ret_draft)
{
	struct draft draft = {.file = file, .on_disk = true};
	struct diagnostics diagnostics;

	if (policy_source_lines(file, command_gateway(), &draft.text, &draft.lines,
		&draft.line_count, &diagnostics) < 0) {
		tell(command, &diagnostics);
		diagnostics_done(&diagnostics);
		return false;
	}
	diagnostics_done(&diagnostics);
	find_starts(&draft);
	draft.outline = outline_read(draft.text);
	if (!draft.outline) {
		complain("%s: %s: its text can't be followed", command, file);
		draft_done(&draft);
		return false;
	}
	*ret_draft = draft;
	return true;
}

bool
draft_of_text(const char *text, const char *name, struct draft *ret_draft)
{
	struct draft draft = {.file = name, .line_count = 1};

	for (const char *c = text; *c; c++)
		draft.line_count += *c == '\n' && c[1];
	draft.text = strcpy(allocate(strlen(text), 1), text);
	draft.lines = allocate(draft.line_count, sizeof(draft.lines[0]));
	for (size_t i = 0; i < draft.line_count; i++)
		draft.lines[i] = (struct location){
		    .file = name, .line = (unsigned)i + 1, .order = (unsigned)i + 1};
	find_starts(&draft);
	draft.outline = outline_read(draft.text);
	if (!draft.outline) {
		draft_done(&draft);
		return false;
	}
	*ret_draft = draft;
	return true;
}

void
draft_done(struct draft *draft)
{
	outline_free(draft->outline);
	free(draft->starts);
	free(draft->lines);
	free(draft->text);
	*draft = (struct draft){0};
}

size_t
draft_line(const struct draft *draft, size_t at)
{
	size_t first = 0, last = draft->line_count;

	while (last - first > 1) {
		size_t middle = first + (last - first) / 2;

		if (draft->starts[middle] <= at)
			first = middle;
		else
			last = middle;
	}
	return first;
}

static const struct outline *
find(const struct draft *draft, const struct outline *group, const char *name)
{
	return group ? outline_find(group, draft->text, name) : NULL;
}

static const struct outline *
element(const struct outline *list, size_t index)
{
	return list && index < list->count ? &list->children[index] : NULL;
}

const struct outline *
draft_zone(const struct draft *draft, const struct zone *zone)
{
	return find(draft, find(draft, draft->outline, "zones"), zone->name);
}

const struct outline *
draft_conduit(const struct draft *draft, const struct conduit *conduit)
{
	return find(draft, find(draft, draft->outline, "conduits"), conduit->name);
}

const struct outline *
draft_channel(const struct draft *draft, const struct channel *channel)
{
	const struct outline *channels =
	    find(draft, draft_conduit(draft, channel->conduit), "channels");

	return element(channels, (size_t)(channel - channel->conduit->channels));
}

const struct outline *
draft_rule(const struct draft *draft, const struct channel *channel, const struct rule *rule)
{
	return element(find(draft, draft_channel(draft, channel), "rules"), rule->index);
}
