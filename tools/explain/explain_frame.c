/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain frame: see explain_frame.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "eve.h"
#include "explain_channel.h"
#include "explain_frame.h"
#include "explanation.h"
#include "explanation_why.h"
#include "output.h"
#include "session.h"
#include "terminal.h"

struct search {
	struct changes *changes;
	const struct policy *policy;
	struct session *session;
	unsigned long wanted;
	uint64_t last;
	bool json;
	bool found;
	bool pending;         /* the wanted frame ends inside a message: look for its end */
	struct packet packet; /* of the wanted frame; zero if it holds none */
	unsigned told;        /* judgements of the wanted frame */
	enum answer answer;
};

static void
print_time(uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm tm;
	char buf[64] = "";

	if (localtime_r(&seconds, &tm))
		strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s.%06u", buf, (unsigned)(wall_ns % 1000000000 / 1000));
}

static void
print_flags(const struct packet *packet)
{
	static const struct {
		uint8_t flag;
		const char *word;
	} flags[] = {
	    {TCP_SYN, " SYN"},
	    {TCP_FIN, " FIN"},
	    {TCP_RST, " RST"},
	    {TCP_URG, " URG"},
	    {TCP_PSH, " PSH"},
	    {TCP_ACK, " ACK"},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (packet->tcp_flags & flags[i].flag)
			fputs(flags[i].word, stdout);
}

static void
print_endpoint(const struct search *search, const struct packet *packet,
    const struct address *address, uint16_t port)
{
	const struct zone *zone = policy_find_zone(search->policy, packet->family, address);
	char buf[64];

	address_print(packet->family, address, buf, sizeof(buf));
	printf(packet->family == FAMILY_IPV6 ? "[%s]" : "%s", buf);
	if (packet->protocol == PROTOCOL_TCP || packet->protocol == PROTOCOL_UDP)
		printf(":%u", port);
	if (zone)
		printf(" (%s)", zone->name);
	else
		printf(" (in no zone)");
}

static void
print_frame(const struct search *search, const struct frame *frame)
{
	const struct packet *packet = &search->packet;

	printf("%sFrame %" PRIu64 "%s, ", style(STYLE_STRONG), frame->number, style_end());
	print_time(frame->wall_ns);
	printf(", %s%s\n", words_count(frame->length, "byte"),
	    frame->truncated ? " (longer on the wire)" : "");
	if (packet->family == FAMILY_NONE)
		return;
	print_endpoint(search, packet, &packet->source, packet->source_port);
	fputs(" > ", stdout);
	print_endpoint(search, packet, &packet->destination, packet->destination_port);
	putchar('\n');
	if (packet->protocol == PROTOCOL_TCP) {
		fputs("TCP", stdout);
		print_flags(packet);
		printf(", sequence %" PRIu32, packet->sequence);
	} else {
		printf("IP protocol %u", packet->protocol);
	}
	printf(", %s of payload\n\n", words_count(packet->payload_length, "byte"));
}

static void
explain_message(struct search *search, const struct judgement *judgement)
{
	static struct explanation e; /* too large for the stack's comfort */
	const struct event *event = judgement->event;
	uint32_t used;

	e = (struct explanation){
	    .changes = search->changes,
	    .channel = judgement->channel,
	    .direction = event->direction,
	    .known = true,
	    .would_deny = event->would_deny,
	    .verdict = event->verdict,
	    .reason = event->reason,
	};
	if (event->rule != EVENT_NO_INDEX)
		e.rule = &judgement->channel->rules[event->rule];
	explanation_dissect(&e, judgement->bytes, judgement->length, judgement->context, &used);
	e.waits =
	    event->reason == REASON_RESPONSE_UNMATCHED || event->reason == REASON_RESPONSE_MISMATCH;
	e.waiting_total = event->waiting_count;
	e.waiting_count =
	    event->waiting_count < EVENT_WAITING_MAX ? event->waiting_count : EVENT_WAITING_MAX;
	memcpy(e.waiting, event->waiting, sizeof(e.waiting));
	if (search->told > 1 && !search->json && !search->changes->patch)
		puts("\n");
	if (search->json)
		output_json(explanation_json(&e));
	else
		explanation_print(&e);
}

static void
explain_refusal(const struct search *search, const struct judgement *judgement)
{
	struct amend_question question = {
	    .reason = judgement->event->reason, .channel = judgement->channel};
	char *line;

	changes_put_packet(&question, search->policy, &search->packet);
	if (search->json) {
		line = eve_print(search->policy, judgement->event);
		puts(line ? line : "{}");
		free(line);
		return;
	}
	if (search->changes->patch) {
		changes_print(search->changes, &question);
		return;
	}
	printf("%sDENY%s  %s: %s\n", style(STYLE_BAD), style_end(),
	    reason_word(judgement->event->reason), reason_text(judgement->event->reason));
	why_print_keys(search->policy, judgement->channel, NULL, judgement->event->reason);
	if (judgement->event->reason == REASON_NO_CHANNEL)
		explain_channel(search->policy, &search->packet);
	changes_print(search->changes, &question);
}

/* Does the event belong to the connection and direction of the wanted frame? */
static bool
is_continuation(const struct search *search, const struct event *event)
{
	const struct packet *packet = &search->packet;

	return event->family == packet->family && event->transport == packet->protocol &&
	    event->source_port == packet->source_port &&
	    event->destination_port == packet->destination_port &&
	    memcmp(&event->source, &packet->source, sizeof(packet->source)) == 0 &&
	    memcmp(&event->destination, &packet->destination, sizeof(packet->destination)) == 0;
}

/* What is missing in front of the frame says nothing of the frame. */
static void
tell_loss(const struct search *search, const struct judgement *judgement)
{
	if (search->json)
		explain_refusal(search, judgement);
	else
		printf("Before this frame, %s.\n\n", reason_text(judgement->event->reason));
}

static void
observe(void *context, const struct judgement *judgement)
{
	struct search *search = context;

	if (search->pending && !is_continuation(search, judgement->event))
		return;
	if (judgement->event->reason == REASON_CAPTURE_LOSS) {
		tell_loss(search, judgement);
		return;
	}
	search->told++;
	if (search->pending && !search->json && !search->changes->patch)
		printf("The message is judged in frame %" PRIu64 ".\n\n", search->last);
	if (judgement->event->verdict != VERDICT_ALLOW || judgement->event->would_deny)
		search->answer = ANSWER_NO;
	if (judgement->message && judgement->bytes && judgement->channel)
		explain_message(search, judgement);
	else
		explain_refusal(search, judgement);
}

/* No message was judged in the frame: say what became of its packet. */
static void
tell_outcome(struct search *search, enum session_result result, const struct outcome *outcome)
{
	bool allowed = result == SESSION_JUDGED && outcome->verdict == VERDICT_ALLOW;

	if (result == SESSION_JUDGED && !allowed)
		search->answer = ANSWER_NO;
	if (search->told > 0)
		return;
	if (search->json && result == SESSION_JUDGED)
		output_json(json_pack("{s:s, s:s, s:s}", "verdict", allowed ? "allow" : "deny",
		    "reason", reason_word(outcome->reason), "text", reason_text(outcome->reason)));
	else if (search->json)
		output_json(
		    json_pack("{s:s}", "frame", result == SESSION_OTHER ? "not-ip" : "malformed"));
	else if (result == SESSION_JUDGED)
		printf("%s%s%s  %s: %s\n", style(allowed ? STYLE_GOOD : STYLE_BAD),
		    allowed ? "ALLOW" : "DENY", style_end(), reason_word(outcome->reason),
		    reason_text(outcome->reason));
	else
		puts(result == SESSION_OTHER
			? "It holds no IP packet: a firewall of IP never sees it."
			: "It is shorter than its link headers.");
}

static bool
visit(void *context, const struct frame *frame)
{
	struct search *search = context;
	enum session_result result;
	struct outcome outcome;

	if (frame->number > search->last)
		search->last = frame->number;
	if (frame->number != search->wanted) {
		session_judge(search->session, frame, &outcome);
		return frame->number < search->wanted || search->told == 0;
	}
	search->found = true;
	engine_observe(session_engine(search->session), OBSERVE_ALL, observe, search);
	session_find_packet(frame, &search->packet);
	if (!search->json && !search->changes->patch)
		print_frame(search, frame);
	result = session_judge(search->session, frame, &outcome);
	tell_outcome(search, result, &outcome);
	search->pending = search->told == 0 && result == SESSION_JUDGED &&
	    outcome.verdict == VERDICT_ALLOW && outcome.reason == REASON_PARTIAL;
	return search->pending;
}

static enum answer
search_capture(struct search *search, const char *file, struct capture *capture)
{
	char error[CAPTURE_ERROR_SIZE];
	int r = capture_read(capture, visit, search, error);

	if (search->found)
		return search->answer;
	if (r < 0)
		complain("explain: %s: %s", file, error);
	complain("explain: %s has no frame %lu; its last is %" PRIu64, file, search->wanted,
	    search->last);
	return ANSWER_UNKNOWN;
}

enum answer
explain_frame(
    struct changes *changes, const char *file, unsigned long frame_number, bool decap, bool json)
{
	struct search search = {
	    .changes = changes, .policy = changes->policy, .wanted = frame_number, .json = json};
	struct capture *capture = NULL;
	char error[CAPTURE_ERROR_SIZE];
	enum answer answer = ANSWER_UNKNOWN;
	int r = session_new(changes->policy, &search.session);

	if (r < 0) {
		complain("explain: cannot start an engine: %s", strerror(-r));
		return ANSWER_UNKNOWN;
	}
	if (capture_open(file, &capture, error) < 0) {
		complain("explain: %s: %s", file, error);
	} else {
		capture_decap(capture, decap);
		answer = search_capture(&search, file, capture);
	}
	capture_close(capture);
	session_free(search.session);
	return answer;
}
