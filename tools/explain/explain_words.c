/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain words: see explain_words.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "explain_alone.h"
#include "explain_channel.h"
#include "explain_words.h"
#include "explanation_why.h"
#include "message_words.h"
#include "names.h"
#include "network.h"
#include "output.h"
#include "terminal.h"

/* ---- the two ends ---- */

static void
refuse_end(const struct policy *policy, const char *option, const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t z = 0; z < policy->zone_count; z++)
		for (size_t i = 0; i < policy->zones[z].asset_count; i++)
			nearest_offer(&nearest, policy->zones[z].assets[i].name);
	if (nearest_take(&nearest))
		complain("explain: %s: there is no asset \"%.80s\"; did you mean \"%s\"?", option,
		    name, nearest_take(&nearest));
	else
		complain("explain: %s: \"%.80s\" is neither an asset nor an address", option, name);
}

/* "hmi", "supervision.hmi", "10.10.0.5"; false after it was told that it is none. */
static bool
read_end(const struct policy *policy, const char *option, const char *name, struct network *ret_end)
{
	const char *dot = strchr(name, '.'), *asset = dot ? dot + 1 : name;
	unsigned found = 0;

	if (network_read(name, ret_end) == 0 && network_is_host(ret_end))
		return true;
	for (size_t z = 0; z < policy->zone_count; z++) {
		const struct zone *zone = &policy->zones[z];

		if (dot &&
		    (strlen(zone->name) != (size_t)(dot - name) ||
			strncmp(zone->name, name, (size_t)(dot - name)) != 0))
			continue;
		for (size_t i = 0; i < zone->asset_count; i++) {
			if (strcmp(zone->assets[i].name, asset) != 0)
				continue;
			*ret_end = zone->assets[i].address;
			found++;
		}
	}
	if (found > 1)
		complain("explain: %s: several zones have an asset \"%.80s\"; expected zone.asset",
		    option, name);
	else if (found == 0)
		refuse_end(policy, option, name);
	return found == 1;
}

static const struct dissector *
find_protocol(const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (const struct dissector *const *d = dissectors; *d; d++) {
		if (strcmp((*d)->name, name) == 0)
			return *d;
		nearest_offer(&nearest, (*d)->name);
	}
	if (nearest_take(&nearest))
		complain("explain: there is no protocol \"%.80s\"; did you mean \"%s\"?", name,
		    nearest_take(&nearest));
	else
		complain("explain: there is no protocol \"%.80s\"; expected one that is inspected, "
			 "like \"modbus\"",
		    name);
	return NULL;
}

static const struct channel *
find_channel(const struct policy *policy, const struct packet *packet)
{
	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *c = policy->channels[i];

		if (c->transport == packet->protocol && packet->destination_port >= c->port_first &&
		    packet->destination_port <= c->port_last &&
		    endpoints_contain(
			c->clients, c->client_count, packet->family, &packet->source) &&
		    endpoints_contain(
			c->servers, c->server_count, packet->family, &packet->destination))
			return c;
	}
	return NULL;
}

static bool
read_packet(const struct policy *policy, const struct explain_ends *ends, const struct dissector *d,
    struct packet *ret_packet)
{
	struct network from, to;

	if (!read_end(policy, "--from", ends->from, &from) ||
	    !read_end(policy, "--to", ends->to, &to))
		return false;
	if (from.family != to.family) {
		complain("explain: --from and --to are addresses of different kinds; expected "
			 "both of IPv4 or both of IPv6");
		return false;
	}
	*ret_packet = (struct packet){.family = from.family,
	    .source = from.address,
	    .destination = to.address,
	    .destination_port = ends->port ? (uint16_t)ends->port : d->port,
	    .protocol = ends->udp || !d->tcp ? PROTOCOL_UDP : PROTOCOL_TCP,
	    .tcp_flags = TCP_SYN};
	return true;
}

/* ---- what is said ---- */

/* No channel names the connection: what it would take for the message to pass. */
static enum answer
tell_no_channel(
    struct changes *changes, const struct packet *packet, const struct message *m, bool json)
{
	struct amend_question question = {
	    .reason = REASON_NO_CHANNEL, .message = m, .complete = true};
	json_t *object;

	changes_put_packet(&question, changes->policy, packet);
	if (json) {
		object = json_pack("{s:s, s:s, s:s}", "verdict", "deny", "reason",
		    reason_word(question.reason), "text", reason_text(question.reason));
		json_object_set_new(object, "changes", changes_json(changes, &question));
		output_json(object);
		return ANSWER_NO;
	}
	if (!changes->patch) {
		printf("%sDENY%s  %s: %s\n", style(STYLE_BAD), style_end(),
		    reason_word(question.reason), reason_text(question.reason));
		why_print_keys(changes->policy, NULL, NULL, question.reason);
		explain_channel(changes->policy, packet);
	}
	changes_print(changes, &question);
	return ANSWER_NO;
}

/* It comes on a channel that does not look into it. */
static enum answer
tell_plain(const struct channel *channel, const struct dissector *d, bool json)
{
	char *name = words_channel(channel);

	if (channel->dissector) {
		complain("explain: channel \"%s\" is of protocol \"%s\", not of \"%s\"", name,
		    channel->dissector->name, d->name);
		free(name);
		return ANSWER_UNKNOWN;
	}
	if (json)
		output_json(json_pack("{s:s, s:s, s:s, s:s}", "verdict", "allow", "reason",
		    reason_word(REASON_PLAIN), "text", reason_text(REASON_PLAIN), "channel", name));
	else
		printf("%sALLOW%s  %s: %s\n  channel %s\n", style(STYLE_GOOD), style_end(),
		    reason_word(REASON_PLAIN), reason_text(REASON_PLAIN), name);
	free(name);
	return ANSWER_YES;
}

enum answer
explain_words(struct changes *changes, const struct explain_ends *ends, char *const *words,
    size_t count, bool json)
{
	static struct explanation e; /* too large for the stack's comfort */
	const struct dissector *d = find_protocol(words[0]);
	struct packet packet;

	if (!d || !read_packet(changes->policy, ends, d, &packet))
		return ANSWER_UNKNOWN;
	e = (struct explanation){.changes = changes, .result = DISSECT_COMPLETE};
	if (message_of_words(d, words + 1, count - 1, &e.message) < 0)
		return ANSWER_UNKNOWN;
	e.channel = find_channel(changes->policy, &packet);
	if (!e.channel)
		return tell_no_channel(changes, &packet, &e.message, json);
	if (e.channel->dissector != d)
		return tell_plain(e.channel, d, json);
	e.direction =
	    e.message.kind == MESSAGE_UNSOLICITED ? DIRECTION_RESPONSE : DIRECTION_REQUEST;
	explain_alone_judge(&e, changes->policy);
	if (json)
		output_json(explanation_json(&e));
	else
		explanation_print(&e);
	return explain_answer(&e);
}
