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
#include "dissectors.h"
#include "explain_alone.h"
#include "explain_event.h"
#include "explain_frame.h"
#include "explain_words.h"
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
	OPTION_LAST,
	OPTION_FROM,
	OPTION_TO,
	OPTION_PORT,
	OPTION_UDP,
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
    [OPTION_LAST] = {"last", 'l', NULL, "the last event of the firewall that was a denial"},
    [OPTION_FROM] = {"from", 0, "CLIENT", "a message from words: the asset or address that asks"},
    [OPTION_TO] = {"to", 0, "SERVER", "and the one that is asked"},
    [OPTION_PORT] = {"port", 0, "N", "with --to: its port, if it is not the protocol's"},
    [OPTION_UDP] = {"udp", 0, NULL, "with --to: by UDP"},
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

/* What is wrong with the command line, NULL if nothing is. */
static const char *
find_fault(const struct arguments *arguments, size_t operands)
{
	const char *const *v = arguments->values;
	bool words = v[OPTION_FROM] || v[OPTION_TO], event = v[OPTION_EVENT] || v[OPTION_LAST];

	if (!!v[OPTION_HEX] + !!v[OPTION_FRAME] + event + words != 1 ||
	    (v[OPTION_EVENT] && v[OPTION_LAST]))
		return "expected one of --hex BYTES, --event WHICH, --last, --frame N and a "
		       "capture, or --from CLIENT --to SERVER and words";
	if (words && (!v[OPTION_FROM] || !v[OPTION_TO]))
		return "--from and --to belong together";
	if (words && operands == 0)
		return "expected a protocol, a function and what it touches behind --from and --to";
	if (!words && (v[OPTION_PORT] || v[OPTION_UDP]))
		return "--port and --udp belong to --to";
	if (event && operands != 0)
		return "--event needs no capture";
	if (v[OPTION_HEX] && operands != 0)
		return "--hex needs no capture";
	if (v[OPTION_FRAME] && operands != 1)
		return "--frame needs a capture";
	if (!v[OPTION_HEX] && (v[OPTION_CHANNEL] || v[OPTION_RESPONSE]))
		return "--channel and --response belong to --hex; frames and events tell them";
	return NULL;
}

static bool
is_protocol(const char *word)
{
	for (const struct dissector *const *d = dissectors; *d; d++)
		if (strcmp((*d)->name, word) == 0)
			return true;
	return false;
}

/* The policy stands in front, unless it is the daemon's: then a message in words begins at once. */
static size_t
policy_count(const struct arguments *arguments)
{
	const char *const *v = arguments->values;

	if (arguments->operand_count == 0)
		return 0;
	return !((v[OPTION_FROM] || v[OPTION_TO]) && is_protocol(arguments->operands[0]));
}

static enum answer
explain(struct changes *changes, const struct arguments *arguments, char **operands, size_t count)
{
	const char *const *v = arguments->values;
	struct explain_ends ends = {
	    .from = v[OPTION_FROM], .to = v[OPTION_TO], .udp = v[OPTION_UDP]};
	unsigned long frame_number = 0;

	if (command_number(&explain_command, arguments, OPTION_FRAME, 1, ULONG_MAX, &frame_number) <
		0 ||
	    command_number(&explain_command, arguments, OPTION_PORT, 1, UINT16_MAX, &ends.port) < 0)
		return ANSWER_UNKNOWN;
	if (v[OPTION_HEX])
		return explain_hex(changes, arguments);
	if (v[OPTION_FROM])
		return explain_words(changes, &ends, operands, count, v[OPTION_JSON]);
	if (v[OPTION_FRAME])
		return explain_frame(
		    changes, operands[0], frame_number, v[OPTION_DECAP], v[OPTION_JSON]);
	return explain_event(changes, v[OPTION_LAST] ? "last" : v[OPTION_EVENT], v[OPTION_JSON]);
}

static enum answer
run(const struct arguments *arguments)
{
	struct changes changes = {.command = "explain", .patch = arguments->values[OPTION_PATCH]};
	size_t first = policy_count(arguments);
	const char *fault = find_fault(arguments, arguments->operand_count - first);
	struct policy *policy;
	enum answer answer;

	if (fault) {
		complain("explain: %s", fault);
		return ANSWER_UNKNOWN;
	}
	policy =
	    output_load_policy("explain", first > 0 ? arguments->operands[0] : default_policy_path);
	if (!policy)
		return ANSWER_UNKNOWN;
	changes.policy = policy;
	answer = explain(
	    &changes, arguments, arguments->operands + first, arguments->operand_count - first);
	changes_done(&changes);
	policy_free(policy);
	return answer;
}

const struct command explain_command = {
    .name = "explain",
    .operands = "[POLICY] [CAPTURE | WORD...]",
    .summary = "Explain one message: bytes, meaning, decision, rule",
    .text =
	"Shows every byte with its field, what the message means, what is decided and by which\n"
	"rule; for a denied one the nearest rule, and the smallest change of the policy that would "
	"allow\n"
	"it, as a patch, with everything else that this would permit.\n"
	"Exit status: 0 it passes, 1 it does not, 2 it cannot be told.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = SIZE_MAX,
    .reads_policy = true,
    .run = run,
};
