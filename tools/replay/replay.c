/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice replay: what would this policy do with the packets of these captures?
 *
 * Feeds the engine that the daemon runs, with the captures' own time, and prints what it says.
 * Decides nothing.  Totals are gathered in totals.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "command.h"
#include "eve.h"
#include "load.h"
#include "output.h"
#include "session.h"
#include "terminal.h"
#include "totals.h"

enum { OPTION_SUMMARY, OPTION_DENIED, OPTION_JOINED, OPTION_VERIFY, OPTION_DECAP, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_SUMMARY] = {"summary", 's', NULL, "print only the totals"},
    [OPTION_DENIED] = {"denied", 'd', NULL, "print only what is denied"},
    [OPTION_JOINED] = {"joined", 'j', NULL, "the captures are parts of one recording"},
    [OPTION_VERIFY] = {"verify-checksums", 'c', NULL, "do not trust transport checksums"},
    [OPTION_DECAP] = {"decap", 0, NULL, "take frames out of ERSPAN, GRE, VXLAN, TZSP, PPPoE"},
    [OPTION_JSON] = {"json", 0, NULL, "events as JSON lines (EVE); totals as one object"},
};

enum { PROGRESS_FRAMES = 1 << 14 };

struct replay {
	const struct arguments *arguments;
	const struct policy *policy;
	const char *file; /* of the capture that is read */
	char *file_json;  /* the same, quoted */
	struct capture *capture;
	struct session *session;
	struct totals totals;
	uint64_t frame_number;
	bool json;
	bool summary;
};

static bool
is_denied(const struct event *event)
{
	return event->verdict != VERDICT_ALLOW || event->would_deny;
}

/*
 * The frame's number and file in an event, under the names that EVE has for them: members behind
 * those that the line has, because reading it again costs more than all that was done before.
 */
static void
print_event_json(const struct replay *replay, const struct event *event)
{
	char *line = eve_print(replay->policy, event);
	size_t length = line ? strlen(line) : 0;

	if (length > 0 && line[length - 1] == '}' && replay->file_json)
		printf("%.*s,\"pcap_cnt\":%" PRIu64 ",\"pcap_filename\":%s}\n", (int)length - 1,
		    line, replay->frame_number, replay->file_json);
	else
		complain("replay: cannot print JSON: out of memory");
	free(line);
}

/* A name that is not UTF-8 is not text for JSON. */
static char *
quoted(const char *file)
{
	json_t *string = json_string(file);
	char *text = json_dumps(string ? string : json_null(), JSON_COMPACT | JSON_ENCODE_ANY);

	json_decref(string);
	return text;
}

static void
print_event(const struct replay *replay, const struct event *event)
{
	char *line = eve_print_line(replay->policy, event);
	enum style kind = is_denied(event)   ? event->would_deny ? STYLE_WARN : STYLE_BAD
	    : event->kind == MESSAGE_REQUEST ? STYLE_PLAIN
					     : STYLE_FAINT;

	printf("%s%6" PRIu64 " %s%s\n", style(kind), replay->frame_number,
	    line ? line : "out of memory", style_end());
	free(line);
}

static void
observe(void *context, const struct judgement *judgement)
{
	struct replay *replay = context;

	if (replay->arguments->values[OPTION_DENIED] && !is_denied(judgement->event) &&
	    judgement->event->reason != REASON_CAPTURE_LOSS)
		return;
	progress_clear();
	if (replay->json)
		print_event_json(replay, judgement->event);
	else
		print_event(replay, judgement->event);
}

static bool
replay_frame(void *context, const struct frame *frame)
{
	struct replay *replay = context;
	struct outcome outcome;

	replay->frame_number = frame->number;
	totals_look(&replay->totals, frame);
	totals_add_frame(
	    &replay->totals, session_judge(replay->session, frame, &outcome), &outcome);
	if (frame->number % PROGRESS_FRAMES == 0) {
		uint64_t done, total;

		capture_position(replay->capture, &done, &total);
		progress_show(replay->file, total ? done : frame->number, total);
	}
	return true;
}

static int
start_session(struct replay *replay)
{
	int r = session_new(replay->policy, &replay->session);

	if (r < 0) {
		complain("replay: cannot start an engine: %s", strerror(-r));
		return r;
	}
	session_trust_checksums(replay->session, !replay->arguments->values[OPTION_VERIFY]);
	if (!replay->summary)
		engine_observe(session_engine(replay->session), OBSERVE_ALL, observe, replay);
	return 0;
}

static void
end_session(struct replay *replay)
{
	totals_add_session(&replay->totals, replay->policy, replay->session);
	session_free(replay->session);
	replay->session = NULL;
}

static int
replay_file(struct replay *replay, const char *file)
{
	char error[CAPTURE_ERROR_SIZE];
	int r = capture_open(file, &replay->capture, error);

	if (r < 0) {
		complain("replay: %s: %s", file, error);
		return r;
	}
	replay->file = file;
	replay->file_json = quoted(file);
	capture_decap(replay->capture, replay->arguments->values[OPTION_DECAP]);
	if (!replay->session)
		r = start_session(replay);
	if (r == 0) {
		r = capture_read(replay->capture, replay_frame, replay, error);
		progress_clear();
		if (r < 0)
			complain("replay: %s: %s", file, error);
		if (!replay->arguments->values[OPTION_JOINED])
			end_session(replay);
	}
	replay->totals.put_in_order += capture_put_in_order(replay->capture);
	capture_close(replay->capture);
	free(replay->file_json);
	return r;
}

static enum answer
replay_all(struct replay *replay)
{
	const struct arguments *arguments = replay->arguments;
	bool broken = false;

	for (size_t i = 1; i < arguments->operand_count; i++)
		if (replay_file(replay, arguments->operands[i]) < 0)
			broken = true;
	if (replay->session)
		end_session(replay);
	if (replay->json && replay->summary)
		output_json(totals_json(&replay->totals, replay->policy));
	else if (replay->summary)
		totals_print(&replay->totals, replay->policy);
	else if (!replay->json && replay->totals.frames > 0)
		totals_print_line(&replay->totals);
	if (broken)
		return ANSWER_UNKNOWN;
	return totals_denied(&replay->totals) ? ANSWER_NO : ANSWER_YES;
}

static enum answer
run(const struct arguments *arguments)
{
	struct replay replay = {
	    .arguments = arguments,
	    .json = arguments->values[OPTION_JSON],
	    .summary = arguments->values[OPTION_SUMMARY],
	};
	struct policy *policy = output_load_policy("replay", arguments->operands[0]);
	enum answer answer = ANSWER_UNKNOWN;

	if (!policy)
		return ANSWER_UNKNOWN;
	replay.policy = policy;
	if (totals_init(&replay.totals, policy) == 0)
		answer = replay_all(&replay);
	else
		complain("replay: out of memory");
	totals_done(&replay.totals);
	policy_free(policy);
	return answer;
}

const struct command replay_command = {
    .name = "replay",
    .operands = "POLICY CAPTURE...",
    .summary = "Judge the packets of captures by a policy",
    .text =
	"Captures are pcap or pcapng files, packed by gzip or zstd or not; `-` is standard\n"
	"input.  Each is judged as a firewall\n"
	"would that has just started; with --joined they continue each other.  The time of the\n"
	"capture drives rates.  Exit status: 0 nothing is denied, 1 something is denied, 2 a\n"
	"file cannot be read to its end.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 2,
    .operands_max = SIZE_MAX,
    .reads_policy = true,
    .run = run,
};
