/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice allow: write the smallest change that would have let an event's message pass into the
 * policy file, for review.
 *
 * Puts nothing in force: that is apply's.  What the policy was stands beside it afterwards, as one
 * text, for `sluice compare`.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "command.h"
#include "explain_event.h"
#include "load.h"
#include "output.h"
#include "replace.h"
#include "terminal.h"
#include "text.h"

enum { OPTION_REASON, OPTION_POLICY, OPTION_WAY, OPTION_JSON };

enum { WIDTH = 80, REASON_MAX = 400 };

static const struct option_row options[] = {
    [OPTION_REASON] = {"reason", 'r', "TEXT", "why: a comment beside the change (needed)"},
    [OPTION_POLICY] = {"policy", 'p', "FILE", "the policy (/etc/sluice/sluice.conf)"},
    [OPTION_WAY] = {"way", 'w', "N", "the change that explain numbers so (1: the smallest)"},
    [OPTION_JSON] = {"json", 0, NULL, "one JSON object"},
};

struct allowing {
	const char *file;
	const struct changes *changes;
	unsigned long way;
	bool json;
	bool asked; /* there was a denial to be allowed */
	enum answer answer;
};

static int
write_change(const struct allowing *a, const struct amendment *item, const char *before)
{
	int r = replace_file(
	    before, a->file, a->changes->draft.text, strlen(a->changes->draft.text), NULL, 0);

	for (size_t i = 0; r == 0 && i < item->files.count; i++) {
		const struct changed_file *file = &item->files.items[i];

		r = replace_file(file->name, file->name, file->after, file->after_length,
		    file->before, file->before_length);
	}
	return r;
}

static void
tell(const struct allowing *a, const struct amendment *item, const char *before)
{
	json_t *object, *files;

	if (a->json) {
		files = json_array();
		for (size_t i = 0; i < item->files.count; i++)
			json_array_append_new(files, json_string(item->files.items[i].name));
		object = amendment_json(item);
		json_object_set_new(object, "files", files);
		json_object_set_new(object, "before", json_string(before));
		output_json(object);
		return;
	}
	print_wrapped(item->what, 2, 0, WIDTH);
	print_wrapped(item->permits, 0, 0, WIDTH);
	printf("\n%s\nWritten to", item->patch);
	for (size_t i = 0; i < item->files.count; i++)
		printf("%s %s", i ? "," : "", item->files.items[i].name);
	printf("; nothing is in force yet.  What comes next:\n"
	       "  sluice check %s\n"
	       "  sluice compare %s %s\n"
	       "  sluice apply --confirm 5m %s\n",
	    a->file, before, a->file, a->file);
}

static void
take(void *context, const struct amendments *found)
{
	struct allowing *a = context;
	const struct amendment *item;
	char *before;

	a->asked = true;
	if (found->count == 0) {
		complain("allow: no change of the policy would allow it: %s", found->why);
		a->answer = ANSWER_NO;
		return;
	}
	if (a->way > found->count) {
		complain("allow: --way is %lu; there are %zu", a->way, found->count);
		return;
	}
	item = &found->items[a->way - 1];
	before = words_format("%s.before", a->file);
	if (write_change(a, item, before) == 0) {
		tell(a, item, before);
		a->answer = ANSWER_YES;
	}
	free(before);
}

/* One line of text that a comment can hold. */
static bool
is_reason(const char *reason)
{
	size_t length = 0;

	if (!reason || strlen(reason) > REASON_MAX || strstr(reason, "*/"))
		return false;
	for (; *reason; reason += length) {
		length = text_utf8_length(reason);
		if (length == 0 || (unsigned char)*reason < 0x20 || *reason == 0x7f)
			return false;
	}
	return length > 0;
}

static enum answer
run(const struct arguments *arguments)
{
	const char *const *values = arguments->values;
	struct changes changes = {
	    .command = "allow", .patch = true, .comment = values[OPTION_REASON], .take = take};
	struct allowing allowing = {
	    .file = values[OPTION_POLICY] ? values[OPTION_POLICY] : default_policy_path,
	    .changes = &changes,
	    .way = 1,
	    .json = values[OPTION_JSON],
	    .answer = ANSWER_UNKNOWN};
	struct policy *policy;
	enum answer answer;

	if (!is_reason(values[OPTION_REASON])) {
		complain("allow: --reason: expected why, in one line of at most %d bytes, without "
			 "\"*/\"",
		    REASON_MAX);
		return ANSWER_UNKNOWN;
	}
	if (command_number(
		&allow_command, arguments, OPTION_WAY, 1, AMENDMENTS_MAX, &allowing.way) < 0)
		return ANSWER_UNKNOWN;
	policy = output_load_policy("allow", allowing.file);
	if (!policy)
		return ANSWER_UNKNOWN;
	changes.policy = policy;
	changes.context = &allowing;
	answer = explain_event_last(&changes, arguments->operands[0]);
	if (!allowing.asked && answer == ANSWER_YES) {
		complain("allow: the event tells of nothing that was denied");
		allowing.answer = ANSWER_NO;
	}
	changes_done(&changes);
	policy_free(policy);
	return allowing.answer;
}

const struct command allow_command = {
    .name = "allow",
    .operands = "EVENT",
    .summary = "Write what would allow an event into the policy file",
    .text =
	"EVENT is its line of JSON, `last`, FILE:last, FILE:LINE, FILE:flow=ID, or the flow_id\n"
	"alone: the last denial of it.  The change is the first that `sluice explain` tells of.\n"
	"It is written for review, and put in force by `sluice apply`.\n"
	"Exit status: 0 it is written, 1 no change would allow it, 2 it could not be done.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = 1,
    .reads_policy = true,
    .run = run,
};
