/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice learn: a policy from captures, the least that lets pass what they show.
 *
 * Reads the captures three times: who is there; what they say, judged by a policy that permits
 * everything; and what of that the learned policy would deny, which is told.  Puts nothing in
 * force.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "command.h"
#include "draft_policy.h"
#include "load.h"
#include "output.h"
#include "session.h"
#include "terminal.h"

enum { OPTION_INCLUDE, OPTION_GAP, OPTION_MARGIN, OPTION_DECAP };

static const struct option_row options[] = {
    [OPTION_INCLUDE] = {"include", 0, "CLASS,...",
	"functions of these classes, too: control, program, file"},
    [OPTION_GAP] = {"gap", 0, "N", "ranges of points that are read with gaps up to N are one (8)"},
    [OPTION_MARGIN] = {"margin", 0, "N", "limits of values are wider by N percent (10)"},
    [OPTION_DECAP] = {"decap", 0, NULL, "take frames out of ERSPAN, GRE, VXLAN, TZSP, PPPoE"},
};

enum { PROGRESS_FRAMES = 4096, GAP = 8, MARGIN = 10, GAP_MAX = 65535, MARGIN_MAX = 1000 };

struct learn {
	const struct arguments *arguments;
	struct capture *capture;
	struct session *session; /* NULL: who is there */
	const char *what;        /* is being done, for the progress line */
	uint32_t file;
	uint64_t frames;
	uint64_t denied, wrong; /* by the learned policy; what should not be among it */
	uint32_t wrong_file;    /* the first of those */
	uint64_t wrong_frame;
	enum reason wrong_reason;
	struct talks talks;
	struct seen seen;
	struct site_plan plan;
	struct lesson lesson;
};

/* Was a message of this function and talk, or a denial for this reason, seen and left out? */
static bool
was_left_out(const struct learn *learn, const struct judgement *judgement)
{
	uint32_t talk = (uint32_t)strtoul(judgement->channel->name + 1, NULL, 10);
	const struct function *function = judgement->message ? judgement->message->function : NULL;

	for (uint32_t i = 0; i < learn->seen.fault_count; i++)
		if (learn->seen.faults[i].talk == talk &&
		    learn->seen.faults[i].reason == (enum reason)judgement->event->reason)
			return true;
	for (uint32_t i = 0; i < learn->seen.use_count; i++)
		if (learn->seen.uses[i].talk == talk && learn->seen.uses[i].function == function &&
		    lesson_doubts(&learn->lesson, &learn->seen.uses[i]))
			return true;
	return false;
}

/* The learned policy against what it was learned from. */
static void
count_denied(void *context, const struct judgement *judgement)
{
	struct learn *learn = context;
	const struct event *event = judgement->event;

	if (!judgement->channel || (event->verdict == VERDICT_ALLOW && !event->would_deny))
		return;
	learn->denied++;
	if (was_left_out(learn, judgement))
		return;
	if (learn->wrong++ == 0) {
		learn->wrong_file = learn->file;
		learn->wrong_frame = learn->seen.frame;
		learn->wrong_reason = (enum reason)event->reason;
	}
}

static bool
look_at(void *context, const struct frame *frame)
{
	struct learn *learn = context;
	struct outcome outcome;
	struct packet packet;

	learn->frames++;
	learn->seen.frame = frame->number;
	if (learn->session)
		session_judge(learn->session, frame, &outcome);
	else if (session_find_packet(frame, &packet))
		talks_add(&learn->talks, &packet, learn->file, frame->number);
	if (frame->number % PROGRESS_FRAMES == 0) {
		uint64_t done, total;

		capture_position(learn->capture, &done, &total);
		progress_show(learn->what, total ? done : frame->number, total);
	}
	return true;
}

static int
read_one(struct learn *learn, const char *file)
{
	char error[CAPTURE_ERROR_SIZE];
	int r = capture_open(file, &learn->capture, error);

	if (r < 0) {
		complain("learn: %s: %s", file, error);
		return r;
	}
	capture_decap(learn->capture, learn->arguments->values[OPTION_DECAP]);
	r = capture_read(learn->capture, look_at, learn, error);
	progress_clear();
	if (r < 0 && !learn->session)
		complain("learn: %s: %s; what stands before that is learned", file, error);
	capture_close(learn->capture);
	return r == -EBADMSG ? 0 : r;
}

/* All captures, each as a time of its own; by a policy, or none. */
static int
read_all(struct learn *learn, const char *what, const struct policy *policy,
    void (*observe)(void *context, const struct judgement *judgement), void *context)
{
	int r = 0;

	learn->what = what;
	for (size_t i = 0; i < learn->arguments->operand_count && r == 0; i++) {
		learn->file = learn->seen.file = (uint32_t)i;
		if (policy)
			r = session_new(policy, &learn->session);
		if (r < 0) {
			complain("learn: cannot start an engine: %s", strerror(-r));
			return r;
		}
		if (policy)
			engine_observe(
			    session_engine(learn->session), OBSERVE_ALL, observe, context);
		r = read_one(learn, learn->arguments->operands[i]);
		session_free(learn->session);
		learn->session = NULL;
	}
	return r;
}

/* A policy of what a draft writes; NULL after it was told what is wrong, which is a fault of ours.
 */
static struct policy *
load(const struct lesson *lesson, void (*write)(const struct lesson *lesson, FILE *out),
    char **ret_text)
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		write(lesson, out);
		fclose(out);
	}
	if (!text || policy_load_text(text, "learned", &policy, &diagnostics) < 0) {
		output_diagnostics(&diagnostics, NULL);
		complain("learn: what was learned is no policy; this is an error of sluice");
	}
	diagnostics_done(&diagnostics);
	if (policy && ret_text)
		*ret_text = text;
	else
		free(text);
	return policy;
}

static void
summarise(const struct learn *learn)
{
	uint32_t omitted = 0;
	size_t doubts = learn->seen.fault_count;

	for (uint32_t i = 0; i < learn->talks.count; i++)
		omitted += learn->plan.omitted[i] != OMIT_NOT;
	for (uint32_t i = 0; i < learn->seen.use_count; i++)
		doubts += lesson_doubts(&learn->lesson, &learn->seen.uses[i]);
	fprintf(stderr,
	    "%" PRIu64
	    " frames: %u zones, %u hosts, %u talks of which %u were left out, and %zu kinds "
	    "of messages.\nOf what it was learned from, the policy denies %" PRIu64 " messages",
	    learn->frames / 3, learn->plan.zone_count, learn->plan.host_count, learn->talks.count,
	    omitted, doubts, learn->denied);
	if (learn->denied > learn->wrong)
		fprintf(stderr, ", %" PRIu64 " of them left out", learn->denied - learn->wrong);
	fprintf(stderr, ".\n");
	if (learn->wrong > 0)
		complain("learn: %" PRIu64
			 " messages are denied that should pass; the first is in frame "
			 "%" PRIu64 " of %s: %s",
		    learn->wrong, learn->wrong_frame,
		    lesson_file(&learn->lesson, learn->wrong_file),
		    reason_word(learn->wrong_reason));
}

static enum answer
learn_all(struct learn *learn)
{
	struct policy *open = NULL, *tried = NULL, *learned = NULL;
	char *text = NULL;
	int r = read_all(learn, "who is there", NULL, NULL, NULL);

	if (r == 0)
		r = site_plan_make(&learn->talks, &learn->plan);
	if (r == 0 && learn->plan.zone_count == 0) {
		complain("learn: nobody talks with anybody there, or nobody answers: nothing can "
			 "be learned");
		return ANSWER_UNKNOWN;
	}
	if (r == 0)
		open = load(&learn->lesson, draft_policy_open, NULL);
	if (open)
		r = read_all(learn, "what they say", open, seen_observe, &learn->seen);
	if (open && r == 0)
		learned = load(&learn->lesson, draft_policy_write, &text);
	if (learned)
		tried = load(&learn->lesson, draft_policy_try, NULL);
	if (tried)
		r = read_all(learn, "what is denied", tried, count_denied, learn);
	if (tried && r == 0) {
		fputs(text, stdout);
		summarise(learn);
	}
	free(text);
	policy_free(open);
	policy_free(learned);
	policy_free(tried);
	if (!tried || r < 0)
		return ANSWER_UNKNOWN;
	return learn->wrong ? ANSWER_NO : ANSWER_YES;
}

/* "control,program" as bits. */
static bool
read_include(const char *words, uint32_t *ret_include)
{
	static const enum access classes[] = {
	    ACCESS_NONE, ACCESS_CONTROL, ACCESS_PROGRAM, ACCESS_FILE, ACCESS_OPAQUE};
	uint32_t include = 0;

	while (words && *words) {
		size_t length = strcspn(words, ","), i;

		for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
			if (strlen(access_word(classes[i])) == length &&
			    strncmp(access_word(classes[i]), words, length) == 0)
				break;
		if (i == sizeof(classes) / sizeof(classes[0])) {
			complain("learn: --include %.*s: expected control, program, file, opaque "
				 "or none",
			    (int)length, words);
			return false;
		}
		include |= 1u << classes[i];
		words += length + (words[length] == ',');
	}
	*ret_include = include;
	return true;
}

static enum answer
run(const struct arguments *arguments)
{
	static struct learn learn;
	struct draft_settings *settings = &learn.lesson.settings;
	enum answer answer = ANSWER_UNKNOWN;

	learn = (struct learn){.arguments = arguments};
	learn.lesson = (struct lesson){.talks = &learn.talks,
	    .plan = &learn.plan,
	    .seen = &learn.seen,
	    .files = (const char *const *)arguments->operands,
	    .settings = {.gap = GAP, .margin = MARGIN}};
	if (!read_include(arguments->values[OPTION_INCLUDE], &settings->include) ||
	    command_number(&learn_command, arguments, OPTION_GAP, 0, GAP_MAX, &settings->gap) < 0 ||
	    command_number(
		&learn_command, arguments, OPTION_MARGIN, 0, MARGIN_MAX, &settings->margin) < 0)
		return ANSWER_UNKNOWN;
	if (talks_init(&learn.talks) < 0 || seen_init(&learn.seen) < 0)
		complain("learn: out of memory");
	else
		answer = learn_all(&learn);
	talks_done(&learn.talks);
	seen_done(&learn.seen);
	site_plan_done(&learn.plan);
	return answer;
}

const struct command learn_command = {
    .name = "learn",
    .operands = "CAPTURE...",
    .summary = "Make a policy of what captures show",
    .text =
	"The least that lets pass what is there, with the frames that each rule comes from.\n"
	"What changes programs or states of controllers, is malformed or was never answered\n"
	"is left out and listed.  Exit status: 0 a policy was learned, 1 it denies some of what\n"
	"it was learned from, 2 nothing can be learned.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = run,
};
