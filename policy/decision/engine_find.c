/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine, inside: of which flow and channel a packet is.  See engine_find.h. */
#include "engine_find.h"

static bool
transport_known(uint8_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_ICMP ||
	    protocol == PROTOCOL_ICMPV6;
}

/* The channel of the two ends if the packet goes this way. */
static const struct channel *
channel_of_ends(const struct pass *pass, enum direction direction)
{
	const struct packet *p = &pass->packet;
	bool forward = direction == DIRECTION_REQUEST;
	bool icmp = p->protocol == PROTOCOL_ICMP || p->protocol == PROTOCOL_ICMPV6;

	if (!transport_known(p->protocol))
		return NULL;
	return compiled_find_channel(pass->engine->compiled, p->family,
	    forward ? &p->source : &p->destination, forward ? &p->destination : &p->source,
	    p->protocol,
	    icmp          ? 0
		: forward ? p->destination_port
			  : p->source_port);
}

static bool
is_inspected(const struct channel *channel)
{
	return channel && channel->dissector;
}

static const struct channel *
channel_of_flow(const struct pass *pass)
{
	const struct policy *policy = pass->engine->policy;

	return pass->flow->channel < policy->channel_count ? policy->channels[pass->flow->channel]
							   : NULL;
}

/*
 * The channel that was told, if the ends are its own: they are those of the bytes that will leave.
 * A flow that is known has been compared with the policy already.
 */
static const struct channel *
channel_told(const struct pass *pass)
{
	uint32_t told = pass->in->channel;
	const struct channel *channel;

	if (told == TOLD_NO_CHANNEL)
		return NULL;
	channel = pass->flow ? channel_of_flow(pass) : channel_of_ends(pass, pass->direction);
	if (!is_inspected(channel) || (told != TOLD_BY_ENDS && told != channel->index))
		return NULL;
	return channel;
}

/* Only who opens a connection shows at once which way it goes. */
static bool
opens(const struct packet *packet)
{
	return packet->protocol == PROTOCOL_TCP && (packet->tcp_flags & TCP_SYN) &&
	    !(packet->tcp_flags & TCP_ACK);
}

static void
find_by_ends(struct pass *pass)
{
	const struct packet *p = &pass->packet;
	bool icmp = p->protocol == PROTOCOL_ICMP || p->protocol == PROTOCOL_ICMPV6;
	const struct channel *backward;

	pass->direction = DIRECTION_REQUEST;
	pass->channel = channel_of_ends(pass, DIRECTION_REQUEST);
	if (icmp || is_inspected(pass->channel) || (pass->channel && opens(p)))
		return;
	backward = channel_of_ends(pass, DIRECTION_RESPONSE);
	if (backward && (!pass->channel || backward->dissector)) {
		pass->channel = backward;
		pass->direction = DIRECTION_RESPONSE;
	}
}

static bool
may_ask(const struct pass *pass)
{
	const struct channel *channel = pass->channel;
	uint32_t setting = is_inspected(channel) ? channel->dissector->server_asks : 0;
	bool server = setting > 0 && channel->settings[setting - 1] > 0;

	return (pass->direction == DIRECTION_RESPONSE) == server;
}

void
pass_find(struct pass *pass)
{
	const struct flow_table *table = &pass->engine->table;

	if (pass->in->told) {
		pass->direction = pass->in->direction;
		pass->flow = flow_find_way(table, &pass->packet, pass->direction);
		pass->channel = channel_told(pass);
		if (!pass->channel)
			pass->flow = NULL;
	} else {
		pass->flow = flow_find(table, &pass->packet, &pass->direction);
		pass->channel = pass->flow ? channel_of_flow(pass) : NULL;
		if (!pass->channel) {
			pass->flow = NULL;
			find_by_ends(pass);
		}
	}
	pass->now_ms = (uint32_t)(pass->in->now_ns / 1000000);
	pass->monitor = pass->channel && pass->channel->conduit->mode == MODE_MONITOR;
	pass->may_ask = may_ask(pass);
	pass->doubtful = !pass->flow && is_inspected(pass->channel) && !opens(&pass->packet) &&
	    is_inspected(channel_of_ends(pass, 1 - pass->direction));
}
