/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compare by captures: see compare_captures.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_captures.h"
#include "eve.h"
#include "session.h"
#include "terminal.h"

/* Messages of a frame: 64 KiB of the shortest ones, and a reset. */
enum { VERDICTS_MAX = 8200, PROGRESS_FRAMES = 1 << 14 };

/* What became of one message, or of a packet without one. */
struct told_verdict {
	bool denied;
	uint8_t kind;
	uint32_t function;
	char why[VERDICT_TEXT_MAX];
	char *line; /* of the first denied one of a frame; NULL: not made */
};

struct reader {
	const struct policy *policy;
	struct session *session;
	struct told_verdict verdicts[VERDICTS_MAX];
	size_t verdict_count;
	bool crowded; /* there were more */
	struct outcome outcome;
	bool judged;
};

struct reading {
	struct reader readers[SIDE_COUNT];
	struct capture_changes *changes;
	struct capture *capture;
	bool decap;
	const char *file;
};

static void
write_why(const struct policy *policy, const struct event *event, bool denied, char *why)
{
	const struct channel *channel =
	    event->channel < policy->channel_count ? policy->channels[event->channel] : NULL;

	if (!channel)
		snprintf(why, VERDICT_TEXT_MAX, "%s", reason_word(event->reason));
	else if (!denied && event->rule != EVENT_NO_INDEX)
		snprintf(why, VERDICT_TEXT_MAX, "%s/%s rule %u", channel->conduit->name,
		    channel->name, event->rule + 1);
	else
		snprintf(why, VERDICT_TEXT_MAX, "%s/%s %s", channel->conduit->name, channel->name,
		    reason_word(event->reason));
}

static void
observe(void *context, const struct judgement *judgement)
{
	struct reader *reader = context;
	const struct event *event = judgement->event;
	struct told_verdict *verdict = &reader->verdicts[reader->verdict_count];

	if (event->type != EVENT_VERDICT)
		return;
	if (reader->verdict_count == VERDICTS_MAX) {
		reader->crowded = true;
		return;
	}
	reader->verdict_count++;
	verdict->denied = event->verdict != VERDICT_ALLOW || event->would_deny;
	verdict->kind = event->kind;
	verdict->function = event->function;
	verdict->line = eve_print_line(reader->policy, event);
	write_why(reader->policy, event, verdict->denied, verdict->why);
}

static void
count(struct reading *reading, const struct frame *frame, bool old_denied, const char *old_why,
    const char *new_why, const char *line)
{
	struct capture_changes *changes = reading->changes;
	enum change change = old_denied ? CHANGE_ADDED : CHANGE_REMOVED;
	struct capture_change *item;

	for (size_t i = 0; i < changes->count; i++) {
		item = &changes->items[i];
		if (item->change == change && strcmp(item->why[SIDE_OLD], old_why) == 0 &&
		    strcmp(item->why[SIDE_NEW], new_why) == 0) {
			item->count++;
			return;
		}
	}
	changes->items = reallocarray(changes->items, changes->count + 1, sizeof(*item));
	if (!changes->items) {
		complain("out of memory");
		exit(2);
	}
	item = &changes->items[changes->count++];
	*item = (struct capture_change){
	    .change = change, .file = reading->file, .frame = frame->number, .count = 1};
	snprintf(item->why[SIDE_OLD], VERDICT_TEXT_MAX, "%s", old_why);
	snprintf(item->why[SIDE_NEW], VERDICT_TEXT_MAX, "%s", new_why);
	item->example = line ? strdup(line) : NULL;
}

/* Whose verdicts can't be set side by side (another protocol, none): the packet as a whole. */
static void
compare_packets(struct reading *reading, const struct frame *frame)
{
	struct told_verdict whole[SIDE_COUNT] = {0};

	for (int i = 0; i < SIDE_COUNT; i++) {
		const struct reader *reader = &reading->readers[i];
		const struct channel *channel = reader->outcome.channel;

		whole[i].denied = reader->outcome.verdict != VERDICT_ALLOW;
		snprintf(whole[i].why, VERDICT_TEXT_MAX, "%s%s%s%s",
		    channel ? channel->conduit->name : "", channel ? "/" : "",
		    channel ? channel->name : "no channel",
		    channel && !whole[i].denied ? ", passes" : "");
		for (size_t n = 0; n < reader->verdict_count; n++)
			if (reader->verdicts[n].denied) {
				whole[i] = reader->verdicts[n];
				break;
			}
		if (!whole[i].line && reader->verdict_count > 0)
			whole[i].line = reader->verdicts[0].line;
	}
	if (whole[SIDE_OLD].denied != whole[SIDE_NEW].denied)
		count(reading, frame, whole[SIDE_OLD].denied, whole[SIDE_OLD].why,
		    whole[SIDE_NEW].why,
		    whole[SIDE_OLD].line ? whole[SIDE_OLD].line : whole[SIDE_NEW].line);
}

static bool
are_alike(const struct reader *old, const struct reader *new)
{
	if (old->verdict_count != new->verdict_count || old->verdict_count == 0)
		return false;
	for (size_t i = 0; i < old->verdict_count; i++)
		if (old->verdicts[i].kind != new->verdicts[i].kind ||
		    old->verdicts[i].function != new->verdicts[i].function)
			return false;
	return true;
}

static void
compare_frame(struct reading *reading, const struct frame *frame)
{
	struct reader *old = &reading->readers[SIDE_OLD], *new = &reading->readers[SIDE_NEW];

	if (!are_alike(old, new)) {
		compare_packets(reading, frame);
		return;
	}
	for (size_t i = 0; i < old->verdict_count; i++) {
		const struct told_verdict *x = &old->verdicts[i], *y = &new->verdicts[i];

		reading->changes->messages += x->kind != MESSAGE_UNKNOWN;
		if (x->denied != y->denied)
			count(reading, frame, x->denied, x->why, y->why,
			    x->denied ? x->line : y->line);
	}
}

static bool
read_frame(void *context, const struct frame *frame)
{
	struct reading *reading = context;

	for (int i = 0; i < SIDE_COUNT; i++) {
		struct reader *reader = &reading->readers[i];

		reader->verdict_count = 0;
		reader->judged =
		    session_judge(reader->session, frame, &reader->outcome) == SESSION_JUDGED;
	}
	reading->changes->frames++;
	if (reading->readers[SIDE_OLD].judged)
		compare_frame(reading, frame);
	for (int i = 0; i < SIDE_COUNT; i++)
		for (size_t n = 0; n < reading->readers[i].verdict_count; n++)
			free(reading->readers[i].verdicts[n].line);
	if (frame->number % PROGRESS_FRAMES == 0) {
		uint64_t done, total;

		capture_position(reading->capture, &done, &total);
		progress_show(reading->file, total ? done : frame->number, total);
	}
	return true;
}

static int
start(struct reading *reading)
{
	for (int i = 0; i < SIDE_COUNT; i++) {
		struct reader *reader = &reading->readers[i];
		int r = session_new(reader->policy, &reader->session);

		if (r < 0) {
			complain("compare: cannot start an engine: %s", strerror(-r));
			return r;
		}
		engine_observe(session_engine(reader->session), OBSERVE_ALL, observe, reader);
	}
	return 0;
}

static int
read_file(struct reading *reading, const char *file)
{
	char error[CAPTURE_ERROR_SIZE];
	int r = capture_open(file, &reading->capture, error);

	if (r < 0) {
		complain("compare: %s: %s", file, error);
		return r;
	}
	reading->file = file;
	capture_decap(reading->capture, reading->decap);
	r = start(reading);
	if (r == 0) {
		r = capture_read(reading->capture, read_frame, reading, error);
		progress_clear();
		if (r < 0)
			complain("compare: %s: %s", file, error);
	}
	if (reading->readers[SIDE_OLD].crowded || reading->readers[SIDE_NEW].crowded) {
		complain("compare: %s: a frame has more than %d messages; the rest of them is not "
			 "compared",
		    file, VERDICTS_MAX);
		r = r < 0 ? r : -EOVERFLOW;
	}
	capture_close(reading->capture);
	for (int i = 0; i < SIDE_COUNT; i++) {
		session_free(reading->readers[i].session);
		reading->readers[i].session = NULL;
	}
	return r;
}

int
compare_captures(struct policy *policies[SIDE_COUNT], char **files, size_t file_count, bool decap,
    struct capture_changes *ret_changes)
{
	static struct reading reading; /* too large for the stack's comfort */
	int worst = 0;

	*ret_changes = (struct capture_changes){0};
	reading = (struct reading){.changes = ret_changes, .decap = decap};
	for (int i = 0; i < SIDE_COUNT; i++) {
		for (size_t c = 0; c < policies[i]->conduit_count; c++)
			policies[i]->conduits[c].mode = MODE_MONITOR;
		reading.readers[i].policy = policies[i];
	}
	for (size_t i = 0; i < file_count; i++) {
		int r = read_file(&reading, files[i]);

		worst = r < 0 ? r : worst;
	}
	return worst;
}

void
compare_captures_done(struct capture_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		free(changes->items[i].example);
	free(changes->items);
	*changes = (struct capture_changes){0};
}
