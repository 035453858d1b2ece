/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Totals: see totals.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "link.h"
#include "terminal.h"
#include "totals.h"
#include "words.h"

_Static_assert((int)CHANNELS_MAX <= (int)CHANNEL_COUNTERS_MAX, "every channel has counters");

int
totals_init(struct totals *totals, const struct policy *policy)
{
	*totals = (struct totals){0};
	totals->channels = calloc(policy->channel_count + 1, sizeof(*totals->channels));
	return totals->channels ? 0 : -ENOMEM;
}

void
totals_done(struct totals *totals)
{
	free(totals->channels);
}

void
totals_add_frame(struct totals *totals, enum session_result result, const struct outcome *outcome)
{
	totals->frames++;
	switch (result) {
	case SESSION_MALFORMED:
		totals->frames_malformed++;
		return;
	case SESSION_OTHER:
		totals->frames_other++;
		return;
	case SESSION_JUDGED:
		break;
	}
	totals->packets_by_reason[outcome->reason]++;
	if (outcome->verdict == VERDICT_ALLOW)
		totals->packets_allowed++;
	else
		totals->packets_denied++;
}

void
totals_look(struct totals *totals, const struct frame *frame)
{
	struct carried carried;

	totals->frames_carried += frame->carried;
	totals->frames_strange += !link_type_known(frame->link_type);
	if (decap_frame(frame->link_type, frame->data, frame->length, &carried))
		totals->by_carrier[carried.carrier]++;
}

void
totals_add_session(
    struct totals *totals, const struct policy *policy, const struct session *session)
{
	struct engine_counters counters;

	session_counters(session, &counters);
	totals->messages += counters.messages;
	totals->lost += counters.by_reason[REASON_CAPTURE_LOSS];
	for (size_t i = 0; i < policy->channel_count; i++) {
		struct channel_counters channel;

		session_channel_counters(session, (uint32_t)i, &channel);
		totals->channels[i].messages += channel.messages;
		totals->channels[i].denied += channel.denied;
		if (policy->channels[i]->conduit->mode == MODE_MONITOR)
			totals->would_deny += channel.denied;
	}
}

bool
totals_denied(const struct totals *totals)
{
	return totals->packets_denied > 0 || totals->would_deny > 0;
}

static void
print_row(const char *name, uint64_t number, const char *text)
{
	printf("  %-20s %12" PRIu64 "%s%s\n", name, number, text ? "  " : "", text ? text : "");
}

static void
print_reasons(const struct totals *totals)
{
	printf("\n%sPackets by reason%s\n", style(STYLE_STRONG), style_end());
	for (int i = 0; i < REASON_COUNT; i++)
		if (totals->packets_by_reason[i])
			print_row(reason_word(i), totals->packets_by_reason[i], reason_text(i));
}

/* A capture of a plant at work begins in the middle: without this hint it is good for nothing. */
static void
print_hint(const struct totals *totals, FILE *file)
{
	if (totals->packets_by_reason[REASON_STREAM_MIDDLE])
		fprintf(file,
		    "Connections that began before the capture are denied as a whole, unless "
		    "their\n"
		    "channel has pickup = \"resync\".\n");
	if (totals->lost)
		fprintf(file,
		    "The capture lacks packets that were received, %s: what was in them\n"
		    "is not judged.  Does the mirror port drop some, or were frames cut?\n",
		    words_count(totals->lost, "time"));
	for (int i = 0; i < CARRIER_COUNT; i++)
		if (totals->by_carrier[i])
			fprintf(file,
			    "%s others in %s, as mirrors send them: what is inside is not judged.\n"
			    "--decap takes it out.\n",
			    totals->by_carrier[i] == 1 ? "A frame carries" : "Frames carry",
			    carrier_name((enum carrier)i));
	if (totals->put_in_order)
		fprintf(file,
		    "%s before what they answer, and put in order: are the clocks of the\n"
		    "mirror's ports alike?\n",
		    totals->put_in_order == 1 ? "A frame is stamped" : "Frames are stamped");
	if (totals->packets_by_reason[REASON_STREAM_FLAGS])
		fprintf(file,
		    "TCP flags that fit no connection may be answers that a mirror has stamped\n"
		    "long before their requests: are the clocks of its ports alike?\n");
}

static bool
has_hint(const struct totals *totals)
{
	uint64_t carriers = 0;

	for (int i = 0; i < CARRIER_COUNT; i++)
		carriers += totals->by_carrier[i];
	return carriers > 0 || totals->lost > 0 || totals->put_in_order > 0 ||
	    totals->packets_by_reason[REASON_STREAM_MIDDLE] > 0 ||
	    totals->packets_by_reason[REASON_STREAM_FLAGS] > 0;
}

static void
print_channels(const struct totals *totals, const struct policy *policy)
{
	printf("\n%s%-34s %12s %12s%s\n", style(STYLE_STRONG), "Channel", "messages", "denied",
	    style_end());
	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel_counters *c = &totals->channels[i];
		char *name = words_channel(policy->channels[i]);

		if (!policy->channels[i]->dissector)
			printf("  %-32s %s\n", name, "not inspected");
		else
			printf("  %-32s %12" PRIu64 " %s%12" PRIu64 "%s\n", name, c->messages,
			    style(c->denied ? STYLE_BAD : STYLE_PLAIN), c->denied, style_end());
		free(name);
	}
}

void
totals_print(const struct totals *totals, const struct policy *policy)
{
	print_row("frames", totals->frames, NULL);
	if (totals->frames_other)
		print_row("  not IP", totals->frames_other, "a firewall of IP never sees them");
	if (totals->frames_strange)
		print_row("  unread", totals->frames_strange,
		    "of an interface whose link type Sluice does not know");
	if (totals->frames_carried)
		print_row("  taken out", totals->frames_carried, "of frames that carried them");
	if (totals->put_in_order)
		print_row(
		    "  put in order", totals->put_in_order, "stamped before what they answer");
	if (totals->frames_malformed)
		print_row(
		    "  malformed", totals->frames_malformed, "shorter than their link headers");
	print_row("packets allowed", totals->packets_allowed, NULL);
	print_row("packets denied", totals->packets_denied, NULL);
	print_row("messages", totals->messages, NULL);
	if (totals->lost)
		print_row("losses", totals->lost, "bytes were acknowledged that the capture lacks");
	if (totals->would_deny)
		print_row("only recorded", totals->would_deny,
		    "denied where a conduit is monitored, not enforced");
	print_reasons(totals);
	if (has_hint(totals))
		putchar('\n');
	print_hint(totals, stdout);
	print_channels(totals, policy);
}

void
totals_print_line(const struct totals *totals)
{
	fflush(stdout); /* the lines above come first, also where both go to one place */
	fputs(words_count(totals->frames, "frame"), stderr);
	if (totals->frames_other)
		fprintf(stderr, " (%" PRIu64 " not IP)", totals->frames_other);
	if (totals->frames_malformed)
		fprintf(stderr, " (%" PRIu64 " malformed)", totals->frames_malformed);
	fprintf(stderr, ", %s; denied: %s%s%s", words_count(totals->messages, "message"),
	    style_error(totals->packets_denied ? STYLE_BAD : STYLE_GOOD),
	    words_count(totals->packets_denied, "packet"), style_error_end());
	if (totals->would_deny)
		fprintf(stderr, ", only recorded: %" PRIu64, totals->would_deny);
	fputc('\n', stderr);
	print_hint(totals, stderr);
}

json_t *
totals_json(const struct totals *totals, const struct policy *policy)
{
	json_t *reasons = json_object();
	json_t *channels = json_array();

	for (int i = 0; i < REASON_COUNT; i++)
		if (totals->packets_by_reason[i])
			json_object_set_new(reasons, reason_word(i),
			    json_integer((json_int_t)totals->packets_by_reason[i]));
	for (size_t i = 0; i < policy->channel_count; i++)
		json_array_append_new(channels,
		    json_pack("{s:s, s:s, s:I, s:I}", "conduit", policy->channels[i]->conduit->name,
			"channel", policy->channels[i]->name, "messages",
			(json_int_t)totals->channels[i].messages, "denied",
			(json_int_t)totals->channels[i].denied));
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:s}",
	    "frames", (json_int_t)totals->frames, "frames_not_ip", (json_int_t)totals->frames_other,
	    "frames_unread", (json_int_t)totals->frames_strange, "frames_taken_out",
	    (json_int_t)totals->frames_carried, "frames_put_in_order",
	    (json_int_t)totals->put_in_order, "frames_malformed",
	    (json_int_t)totals->frames_malformed, "packets_allowed",
	    (json_int_t)totals->packets_allowed, "packets_denied",
	    (json_int_t)totals->packets_denied, "messages", (json_int_t)totals->messages,
	    "capture_losses", (json_int_t)totals->lost, "would_deny",
	    (json_int_t)totals->would_deny, "packets_by_reason", reasons, "channels", channels,
	    "policy", policy->hash);
}
