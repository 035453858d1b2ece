/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice explain: what does this message mean, what is decided about it, and why?
 *
 * A message in hexadecimal is judged alone on a named channel.  A frame of a capture is judged by
 * the engine behind all frames before it, and each of its messages is explained as the engine saw
 * it.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "command.h"
#include "explain_alone.h"
#include "explain_event.h"
#include "explain_frame.h"
#include "explanation.h"
#include "hex.h"
#include "link.h"
#include "load.h"
#include "names.h"
#include "output.h"
#include "terminal.h"

enum {
	OPTION_HEX,
	OPTION_CHANNEL,
	OPTION_RESPONSE,
	OPTION_FRAME,
	OPTION_EVENT,
	OPTION_DECAP,
	OPTION_PATCH,
	OPTION_JSON
};

static const struct option_row options[] = {
    [OPTION_HEX] = {"hex", 'x', "BYTES", "the message in hexadecimal, in any usual form"},
    [OPTION_CHANNEL] = {"channel", 'c', "NAME",
	"with --hex: conduit/channel (if there are several)"},
    [OPTION_RESPONSE] = {"response", 'r', NULL, "with --hex: it comes from the server"},
    [OPTION_FRAME] = {"frame", 'f', "N", "the messages of frame N of CAPTURE"},
    [OPTION_EVENT] = {"event", 'e', "WHICH", "an event: its line, FILE:LINE, FILE:flow=ID, or -"},
    [OPTION_DECAP] = {"decap", 0, NULL, "take frames out of ERSPAN, GRE, VXLAN, TZSP, PPPoE"},
    [OPTION_PATCH] = {"patch", 'p', NULL, "only the smallest change that would allow it"},
    [OPTION_JSON] = {"json", 0, NULL, "one JSON object a message"},
};

/* Names of the inspected channels, one for each channel of the policy, NULL for those that are not.
 */
static char **
channel_names(const struct policy *policy)
{
	char **names = calloc(policy->channel_count + 1, sizeof(*names));

	for (size_t i = 0; names && i < policy->channel_count; i++)
		if (policy->channels[i]->dissector)
			names[i] = words_channel(policy->channels[i]);
	return names;
}

static void
refuse_channel(const struct policy *policy, const char *name, char *const *names)
{
	struct nearest nearest;
	const char *example = NULL;

	nearest_init(&nearest, name ? name : "");
	for (size_t i = 0; i < policy->channel_count; i++) {
		if (!names[i])
			continue;
		example = names[i];
		nearest_offer(&nearest, names[i]);
		nearest_offer(&nearest, policy->channels[i]->name);
	}
	if (!example)
		complain("explain: the policy has no inspected channel");
	else if (!name)
		complain("explain: the policy has several inspected channels; name one by "
			 "--channel, like \"%s\"",
		    example);
	else if (nearest_take(&nearest))
		complain("explain: there is no inspected channel \"%s\"; did you mean \"%s\"?",
		    name, nearest_take(&nearest));
	else
		complain("explain: there is no inspected channel \"%s\"; expected conduit/channel, "
			 "like \"%s\"",
		    name, example);
}

/* The one inspected channel of that name, of the whole policy without a name; NULL after an error
 * was told. */
static const struct channel *
find_channel(const struct policy *policy, const char *name)
{
	const struct channel *found = NULL;
	char **names = channel_names(policy);
	size_t count = 0;

	for (size_t i = 0; names && i < policy->channel_count; i++) {
		if (!names[i] ||
		    (name && strcmp(names[i], name) != 0 &&
			strcmp(policy->channels[i]->name, name) != 0))
			continue;
		found = policy->channels[i];
		count++;
	}
	if (names && count > 1 && name)
		complain(
		    "explain: several channels are called \"%s\"; expected conduit/channel", name);
	else if (names && count != 1)
		refuse_channel(policy, name, names);
	for (size_t i = 0; names && i < policy->channel_count; i++)
		free(names[i]);
	free(names);
	return count == 1 ? found : NULL;
}

/*
 * Dumps of tcpdump and of whole frames begin with headers: where the bytes are exactly one IP
 * packet with payload, perhaps behind an Ethernet header, the payload is what is meant.
 */
static void
find_payload(struct hex *hex)
{
	enum { ETHERNET = 1 };
	struct packet packet;
	enum reason reason;
	size_t offset = 0;
	struct cursor c;

	if (link_find_ip(ETHERNET, hex->bytes, hex->length, &offset) != LINK_IP)
		offset = 0;
	cursor_init(&c, hex->bytes, hex->length, hex->length);
	cursor_bytes(&c, offset, "link");
	offset = cursor_left(&c);
	if (offset == 0 ||
	    !packet_parse(cursor_bytes(&c, offset, "packet"), offset, &packet, &reason) ||
	    packet.payload_length == 0 || packet.payload_length >= hex->length ||
	    (packet.protocol != PROTOCOL_TCP && packet.protocol != PROTOCOL_UDP))
		return;
	complain("explain: the bytes are a packet; what it carries is explained, %s",
	    words_count(packet.payload_length, "byte"));
	memmove(hex->bytes, packet.payload, packet.payload_length);
	hex->length = packet.payload_length;
}

static enum answer
explain_hex(struct changes *changes, const struct arguments *arguments)
{
	const struct policy *policy = changes->policy;
	const struct channel *channel;
	enum answer answer = ANSWER_UNKNOWN;
	struct hex hex;

	if (hex_parse(arguments->values[OPTION_HEX], &hex) < 0)
		return ANSWER_UNKNOWN;
	find_payload(&hex);
	channel = find_channel(policy, arguments->values[OPTION_CHANNEL]);
	if (channel)
		answer = explain_alone(changes, channel,
		    arguments->values[OPTION_RESPONSE] ? DIRECTION_RESPONSE : DIRECTION_REQUEST,
		    &hex, arguments->values[OPTION_JSON]);
	hex_done(&hex);
	return answer;
}

static int
check_arguments(const struct arguments *arguments)
{
	const char *const *v = arguments->values;
	const char *wrong = NULL;

	if (!!v[OPTION_HEX] + !!v[OPTION_FRAME] + !!v[OPTION_EVENT] != 1)
		wrong = "expected one of --hex BYTES, --event WHICH, or --frame N and a capture";
	else if (v[OPTION_EVENT] && arguments->operand_count != 1)
		wrong = "--event needs no capture";
	else if (v[OPTION_HEX] && arguments->operand_count != 1)
		wrong = "--hex needs no capture";
	else if (v[OPTION_FRAME] && arguments->operand_count != 2)
		wrong = "--frame needs a capture";
	else if (!v[OPTION_HEX] && (v[OPTION_CHANNEL] || v[OPTION_RESPONSE]))
		wrong = "--channel and --response belong to --hex; frames and events tell them";
	if (!wrong)
		return 0;
	complain("explain: %s", wrong);
	return -EINVAL;
}

static enum answer
run(const struct arguments *arguments)
{
	struct changes changes = {.patch = arguments->values[OPTION_PATCH]};
	unsigned long frame_number = 0;
	struct policy *policy;
	enum answer answer;

	if (check_arguments(arguments) < 0 ||
	    command_number(&explain_command, arguments, OPTION_FRAME, 1, ULONG_MAX, &frame_number) <
		0)
		return ANSWER_UNKNOWN;
	policy = output_load_policy("explain", arguments->operands[0]);
	if (!policy)
		return ANSWER_UNKNOWN;
	changes.policy = policy;
	if (arguments->values[OPTION_HEX])
		answer = explain_hex(&changes, arguments);
	else if (arguments->values[OPTION_EVENT])
		answer = explain_event(
		    &changes, arguments->values[OPTION_EVENT], arguments->values[OPTION_JSON]);
	else
		answer = explain_frame(&changes, arguments->operands[1], frame_number,
		    arguments->values[OPTION_DECAP], arguments->values[OPTION_JSON]);
	changes_done(&changes);
	policy_free(policy);
	return answer;
}

const struct command explain_command = {
    .name = "explain",
    .operands = "POLICY [CAPTURE]",
    .summary = "Explain one message: bytes, meaning, decision, rule",
    .text =
	"Shows every byte with its field, what the message means, what is decided and by which\n"
	"rule; for a denied one the nearest rule, and the smallest change of the policy that would "
	"allow\n"
	"it, as a patch, with everything else that this would permit.\n"
	"Exit status: 0 it passes, 1 it does not, 2 it cannot be told.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = 2,
    .run = run,
};
