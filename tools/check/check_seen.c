/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check, seen: see check_seen.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check_seen.h"
#include "review.h"
#include "session.h"
#include "terminal.h"

enum { PROGRESS_FRAMES = 1 << 14 };

struct watch {
	struct session *session;
	struct capture *capture;
	const char *file;
	struct review_seen seen;
};

static void
seen_done(const struct policy *policy, struct review_seen *seen)
{
	for (size_t i = 0; seen->rules && i < policy->channel_count; i++)
		free(seen->rules[i]);
	free(seen->rules);
	free(seen->channels);
}

static int
seen_init(const struct policy *policy, struct review_seen *ret_seen)
{
	bool whole;

	*ret_seen = (struct review_seen){
	    .channels = calloc(policy->channel_count + 1, sizeof(*ret_seen->channels)),
	    .rules = calloc(policy->channel_count + 1, sizeof(*ret_seen->rules)),
	};
	whole = ret_seen->channels && ret_seen->rules;
	for (size_t i = 0; whole && i < policy->channel_count; i++) {
		ret_seen->rules[i] =
		    calloc(policy->channels[i]->rule_count + 1, sizeof(**ret_seen->rules));
		whole = ret_seen->rules[i] != NULL;
	}
	if (whole)
		return 0;
	seen_done(policy, ret_seen);
	return -ENOMEM;
}

static void
observe(void *context, const struct judgement *judgement)
{
	struct watch *watch = context;
	const struct event *event = judgement->event;

	if (judgement->channel && event->rule != EVENT_NO_INDEX &&
	    event->verdict == VERDICT_ALLOW && !event->would_deny)
		watch->seen.rules[judgement->channel->index][event->rule]++;
}

static bool
read_frame(void *context, const struct frame *frame)
{
	struct watch *watch = context;
	struct outcome outcome;

	if (session_judge(watch->session, frame, &outcome) == SESSION_JUDGED && outcome.channel)
		watch->seen.channels[outcome.channel->index]++;
	if (frame->number % PROGRESS_FRAMES == 0) {
		uint64_t done, total;

		capture_position(watch->capture, &done, &total);
		progress_show(watch->file, total ? done : frame->number, total);
	}
	return true;
}

static int
watch_capture(struct watch *watch)
{
	char error[CAPTURE_ERROR_SIZE];
	int r = capture_open(watch->file, &watch->capture, error);

	if (r == 0) {
		r = capture_read(watch->capture, read_frame, watch, error);
		progress_clear();
		capture_close(watch->capture);
	}
	if (r < 0)
		complain("check: %s: %s", watch->file, error);
	return r;
}

int
check_seen(const struct policy *policy, const char *capture, struct diagnostics *diagnostics)
{
	struct watch watch = {.file = capture};
	int r = session_new(policy, &watch.session);

	if (r == 0)
		r = seen_init(policy, &watch.seen);
	if (r < 0) {
		complain("check: cannot start an engine: %s", strerror(-r));
		session_free(watch.session);
		return r;
	}
	engine_observe(session_engine(watch.session), OBSERVE_ALL, observe, &watch);
	r = watch_capture(&watch);
	if (r == 0)
		r = review_seen(policy, &watch.seen, diagnostics);
	seen_done(policy, &watch.seen);
	session_free(watch.session);
	return r;
}
