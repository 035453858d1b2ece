/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset sets: what a policy says, as elements of sets and maps.
 *
 * Agrees with compiled_find_channel().  The language lets no connection match two channels; where a
 * policy that it did not check does, hosts at one port win over networks and ranges, and of equals
 * the first in the policy.
 */
#include <errno.h>
#include <string.h>

#include "ruleset_bridge.h"
#include "ruleset_chains.h"
#include "ruleset_set.h"
#include "ruleset_sets.h"

/* ICMP echo in place of a port: type and code of the request, as connection tracking keeps them. */
enum { ICMP_ECHO_KEY = 0x0800, ICMPV6_ECHO_KEY = 0x8000 };

/* Elements of the short cut: of one channel, and in all. */
enum { ESTABLISHED_CHANNEL_MAX = 128, ESTABLISHED_MAX = RULESET_ELEMENTS_MAX / 4 };

enum set_index {
	SET_MEMBERS4,
	SET_MEMBERS6,
	SET_ICMP_ERRORS4,
	SET_ICMP_ERRORS6,
	SET_NEIGHBOUR_DISCOVERY,
	SET_VERDICTS,
	SET_INSPECTED,
	SET_ESTABLISHED,
	SET_ERROR_SOURCES,
	SET_COUNTERS,
	SET_CHANNELS4,
	SET_CHANNELS6,
	SET_RANGES4,
	SET_RANGES6,
	SET_ANSWERS4,
	SET_ANSWERS6,
	SET_ANSWER_RANGES4,
	SET_ANSWER_RANGES6,
	SET_BARRED4,
	SET_BARRED6,
	SET_BRIDGES, /* where there are some */
	SET_ALWAYS,
	/* where the ruleset shares marks */
	SET_PACKET_MARKS = SET_ALWAYS,
	SET_PACKET_MARKS_BACK,
	SET_COUNT,
	/* and where not, perhaps */
	SET_VOUCHED = SET_ALWAYS,
};

_Static_assert((int)SET_COUNT <= (int)RULESET_SETS_MAX, "room for all sets");

#define FIELDS(...)              \
	.fields = {__VA_ARGS__}, \
	.field_count = sizeof((enum ruleset_type[]){__VA_ARGS__}) / sizeof(enum ruleset_type)
#define KEY4 FIELDS(RULESET_TYPE_IPV4, RULESET_TYPE_IPV4, RULESET_TYPE_PROTOCOL, RULESET_TYPE_PORT)
#define KEY6 FIELDS(RULESET_TYPE_IPV6, RULESET_TYPE_IPV6, RULESET_TYPE_PROTOCOL, RULESET_TYPE_PORT)

static const struct ruleset_set empty_sets[SET_COUNT] = {
    [SET_MEMBERS4] = {.name = "members4",
	FIELDS(RULESET_TYPE_IFNAME, RULESET_TYPE_IPV4),
	.interval = true},
    [SET_MEMBERS6] = {.name = "members6",
	FIELDS(RULESET_TYPE_IFNAME, RULESET_TYPE_IPV6),
	.interval = true},
    [SET_ICMP_ERRORS4] = {.name = "icmp-errors4", FIELDS(RULESET_TYPE_ICMP)},
    [SET_ICMP_ERRORS6] = {.name = "icmp-errors6", FIELDS(RULESET_TYPE_ICMPV6)},
    [SET_NEIGHBOUR_DISCOVERY] = {.name = "neighbour-discovery", FIELDS(RULESET_TYPE_ICMPV6)},
    [SET_VERDICTS] = {.name = RULESET_VERDICTS,
	FIELDS(RULESET_TYPE_MARK),
	.data = RULESET_DATA_VERDICT},
    [SET_INSPECTED] = {.name = RULESET_INSPECTED,
	FIELDS(RULESET_TYPE_MARK),
	.data = RULESET_DATA_VERDICT},
    [SET_ESTABLISHED] = {.name = RULESET_ESTABLISHED,
	FIELDS(RULESET_TYPE_MARK, RULESET_TYPE_DIRECTION, RULESET_TYPE_IFNAME, RULESET_TYPE_IFNAME),
	.data = RULESET_DATA_VERDICT},
    [SET_ERROR_SOURCES] = {.name = "error-sources",
	FIELDS(RULESET_TYPE_MARK, RULESET_TYPE_DIRECTION, RULESET_TYPE_IFNAME)},
    [SET_COUNTERS] = {.name = RULESET_COUNTERS,
	FIELDS(RULESET_TYPE_MARK),
	.data = RULESET_DATA_COUNTER},
    [SET_CHANNELS4] = {.name = "channels4", KEY4, .data = RULESET_DATA_MARK},
    [SET_CHANNELS6] = {.name = "channels6", KEY6, .data = RULESET_DATA_MARK},
    [SET_RANGES4] = {.name = "ranges4", KEY4, .data = RULESET_DATA_MARK, .interval = true},
    [SET_RANGES6] = {.name = "ranges6", KEY6, .data = RULESET_DATA_MARK, .interval = true},
    [SET_ANSWERS4] = {.name = "answers4", KEY4, .data = RULESET_DATA_MARK},
    [SET_ANSWERS6] = {.name = "answers6", KEY6, .data = RULESET_DATA_MARK},
    [SET_ANSWER_RANGES4] = {.name = "answer-ranges4",
	KEY4,
	.data = RULESET_DATA_MARK,
	.interval = true},
    [SET_ANSWER_RANGES6] = {.name = "answer-ranges6",
	KEY6,
	.data = RULESET_DATA_MARK,
	.interval = true},
    [SET_BARRED4] = {.name = "barred4", FIELDS(RULESET_TYPE_IPV4), .timed = true},
    [SET_BARRED6] = {.name = "barred6", FIELDS(RULESET_TYPE_IPV6), .timed = true},
    [SET_BRIDGES] = {.name = "bridges", FIELDS(RULESET_TYPE_IFNAME)},
    [SET_PACKET_MARKS] = {.name = RULESET_PACKET_MARKS,
	FIELDS(RULESET_TYPE_MARK),
	.data = RULESET_DATA_JUMP},
    [SET_PACKET_MARKS_BACK] = {.name = RULESET_PACKET_MARKS_BACK,
	FIELDS(RULESET_TYPE_MARK),
	.data = RULESET_DATA_JUMP},
};

static const struct ruleset_set empty_vouched = {
    .name = RULESET_VOUCHED, FIELDS(RULESET_TYPE_DIRECTION, RULESET_TYPE_MARK, RULESET_TYPE_MARK)};

static uint32_t
mark_of(const struct ruleset *ruleset, const struct channel *channel, bool back)
{
	return mark_make(ruleset->mark_mask,
	    &(struct mark){.generation = ruleset->options.generation,
		.channel_index = channel->index,
		.back = back});
}

/* Destination unreachable, time exceeded, parameter problem (RFC 792); no redirects, no source
 * quench. */
static const uint8_t icmp_errors4[] = {3, 11, 12};
/* Destination unreachable, packet too big, time exceeded, parameter problem (RFC 4443). */
static const uint8_t icmp_errors6[] = {1, 2, 3, 4};
/* Neighbour solicitation and advertisement (RFC 4861), listener discovery (RFC 2710, RFC 3810). */
static const uint8_t neighbour_discovery[] = {130, 131, 132, 135, 136, 143};

/* While it is made, each set stands at its number. */
static void
leave_out_bridges(struct ruleset *ruleset)
{
	memmove(&ruleset->sets[SET_BRIDGES], &ruleset->sets[SET_BRIDGES + 1],
	    (ruleset->set_count - SET_BRIDGES - 1) * sizeof(ruleset->sets[0]));
	ruleset->set_count--;
}

static int
add_types(struct ruleset_set *set, const uint8_t *types, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ruleset_element *element = ruleset_set_add(set);

		if (element == NULL)
			return -errno;
		element->first[0] = types[i];
	}
	return 0;
}

/* First and last address of a network. */
static void
network_ends(const struct network *network, struct address *ret_first, struct address *ret_last)
{
	*ret_first = *ret_last = network->address;
	for (unsigned bit = network->prefix; bit < (network->family == FAMILY_IPV4 ? 32U : 128U);
	     bit++)
		ret_last->bytes[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
}

static bool
is_host(const struct network *network)
{
	return network->prefix == (network->family == FAMILY_IPV4 ? 32 : 128);
}

static size_t
address_size(enum family family)
{
	return family == FAMILY_IPV4 ? 4 : 16;
}

static void
put_interface(uint8_t *key, size_t *offset, const char *interface)
{
	char name[RULESET_IFNAME_SIZE] = "";

	memcpy(name, interface, strnlen(interface, sizeof(name) - 1));
	ruleset_key_put(key, offset, name, sizeof(name));
}

/* Marks in the sets of members while they are made. */
enum { MEMBER = 0, NOBODY };

static int
add_member(
    struct ruleset *ruleset, const char *interface, const struct network *network, uint32_t mark)
{
	bool ipv4 = network->family == FAMILY_IPV4;
	struct ruleset_element *element =
	    ruleset_set_add(&ruleset->sets[ipv4 ? SET_MEMBERS4 : SET_MEMBERS6]);
	struct address first, last;
	size_t at = 0;

	if (element == NULL)
		return -errno;
	network_ends(network, &first, &last);
	put_interface(element->first, &at, interface);
	ruleset_key_put(element->first, &at, &first, address_size(network->family));
	at = 0;
	put_interface(element->last, &at, interface);
	ruleset_key_put(element->last, &at, &last, address_size(network->family));
	element->mark = mark;
	return 0;
}

/* Each of the networks of `from`, at each interface of `zone`. */
static int
add_networks(
    struct ruleset *ruleset, const struct zone *zone, const struct zone *from, uint32_t mark)
{
	int r = 0;

	for (size_t i = 0; i < zone_door_count(zone) * from->network_count && r == 0; i++)
		r = add_member(ruleset, zone_door(zone, i / from->network_count),
		    &from->networks[i % from->network_count], mark);
	return r;
}

/*
 * The machine's own addresses lie in networks of zones, but nobody there may use them: they come
 * first and are cut out of what follows.
 */
static int
add_members(struct ruleset *ruleset, const struct policy *policy)
{
	int r = 0;

	for (size_t i = 0; i < policy->zone_count * policy->zone_count && r == 0; i++) {
		const struct zone *zone = &policy->zones[i / policy->zone_count];
		const struct zone *from = &policy->zones[i % policy->zone_count];

		if (zone->class != ZONE_GATEWAY && from->class == ZONE_GATEWAY)
			r = add_networks(ruleset, zone, from, NOBODY);
	}
	for (size_t z = 0; z < policy->zone_count && r == 0; z++) {
		if (policy->zones[z].class != ZONE_GATEWAY)
			r = add_networks(ruleset, &policy->zones[z], &policy->zones[z], MEMBER);
	}
	return r;
}

static void
remove_nobody(struct ruleset_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->element_count; i++) {
		if (set->elements[i].mark != NOBODY)
			set->elements[kept++] = set->elements[i];
	}
	set->element_count = kept;
}

struct ports {
	uint8_t protocol;
	uint16_t first;
	uint16_t last;
};

static struct ports
ports_of(const struct channel *channel, enum family family)
{
	if (channel->transport != PROTOCOL_ICMP)
		return (struct ports){channel->transport, channel->port_first, channel->port_last};
	if (family == FAMILY_IPV4)
		return (struct ports){PROTOCOL_ICMP, ICMP_ECHO_KEY, ICMP_ECHO_KEY};
	return (struct ports){PROTOCOL_ICMPV6, ICMPV6_ECHO_KEY, ICMPV6_ECHO_KEY};
}

static void
put_key(uint8_t *key, enum family family, const struct address *client,
    const struct address *server, uint8_t protocol, uint16_t port)
{
	uint8_t digits[2] = {(uint8_t)(port >> 8), (uint8_t)port};
	size_t at = 0;

	ruleset_key_put(key, &at, client, address_size(family));
	ruleset_key_put(key, &at, server, address_size(family));
	ruleset_key_put(key, &at, &protocol, 1);
	ruleset_key_put(key, &at, digits, sizeof(digits));
}

static int
add_key(struct ruleset_set *set, const struct network *client, const struct network *server,
    struct ports ports, uint32_t mark)
{
	struct ruleset_element *element = ruleset_set_add(set);
	struct address client_first, client_last, server_first, server_last;

	if (element == NULL)
		return -errno;
	network_ends(client, &client_first, &client_last);
	network_ends(server, &server_first, &server_last);
	put_key(element->first, client->family, &client_first, &server_first, ports.protocol,
	    ports.first);
	put_key(
	    element->last, client->family, &client_last, &server_last, ports.protocol, ports.last);
	element->mark = mark;
	return 0;
}

static int
add_pair(struct ruleset *ruleset, const struct channel *channel, const struct network *client,
    const struct network *server)
{
	bool ipv4 = client->family == FAMILY_IPV4;
	struct ports ports = ports_of(channel, client->family);
	bool exact = is_host(client) && is_host(server) && ports.first == ports.last;
	uint32_t mark = mark_of(ruleset, channel, false);
	enum set_index ranges = ipv4 ? SET_RANGES4 : SET_RANGES6,
		       channels = ipv4 ? SET_CHANNELS4 : SET_CHANNELS6,
		       answer_ranges = ipv4 ? SET_ANSWER_RANGES4 : SET_ANSWER_RANGES6,
		       answers = ipv4 ? SET_ANSWERS4 : SET_ANSWERS6;
	int r;

	if (client->family != server->family)
		return 0;
	r = add_key(&ruleset->sets[exact ? channels : ranges], client, server, ports, mark);
	if (r == 0 && channel->dissector != NULL)
		r = add_key(&ruleset->sets[exact ? answers : answer_ranges], client, server, ports,
		    mark_of(ruleset, channel, true));
	return r;
}

static int
add_endpoints(struct ruleset *ruleset, const struct channel *channel, const struct endpoint *client,
    const struct endpoint *server)
{
	for (size_t i = 0; i < client->network_count * server->network_count; i++) {
		int r = add_pair(ruleset, channel, &client->networks[i / server->network_count],
		    &server->networks[i % server->network_count]);

		if (r < 0)
			return r;
	}
	return 0;
}

static const char *
chain_of(const struct channel *channel)
{
	if (channel->dissector != NULL)
		return channel->conduit->when_down == WHEN_DOWN_OPEN ? "inspect-open"
								     : "inspect-closed";
	if (channel->transport == PROTOCOL_TCP && channel->pickup == PICKUP_RESET)
		return "plain-tcp";
	return "plain";
}

static int
add_mark(struct ruleset_set *set, uint32_t mark, const char *name)
{
	struct ruleset_element *element = ruleset_set_add(set);

	if (element == NULL)
		return -errno;
	memcpy(element->first, &mark, sizeof(mark));
	element->name = name;
	return 0;
}

/* The channel's packets in one direction, from each interface of a zone to each of the other. */
static int
add_direction(struct ruleset_set *set, uint32_t mark, uint8_t direction, const struct zone *from,
    const struct zone *to, const char *chain)
{
	for (size_t i = 0; i < zone_door_count(from) * zone_door_count(to); i++) {
		struct ruleset_element *element = ruleset_set_add(set);
		size_t at = 0;

		if (element == NULL)
			return -errno;
		ruleset_key_put(element->first, &at, &mark, sizeof(mark));
		ruleset_key_put(element->first, &at, &direction, sizeof(direction));
		put_interface(element->first, &at, zone_door(from, i / zone_door_count(to)));
		put_interface(element->first, &at, zone_door(to, i % zone_door_count(to)));
		element->name = chain;
	}
	return 0;
}

/*
 * The short cut of established connections.  Connections without one take the longer way to the
 * same verdict, so channels between zones of very many interfaces do without.
 */
static int
add_established(struct ruleset *ruleset, const struct channel *channel, bool back)
{
	struct ruleset_set *set = &ruleset->sets[SET_ESTABLISHED];
	const struct zone *client = channel->client_zone, *server = channel->server_zone;
	size_t count = 2 * zone_door_count(client) * zone_door_count(server);
	uint32_t mark = mark_of(ruleset, channel, back);
	int r;

	if (count > ESTABLISHED_CHANNEL_MAX || set->element_count + count > ESTABLISHED_MAX)
		return 0;
	r = add_direction(set, mark, back, client, server, chain_of(channel));
	if (r == 0)
		r = add_direction(set, mark, !back, server, client, chain_of(channel));
	return r;
}

/* The interfaces from which a connection's packets come in one direction, and ICMP errors about it.
 */
static int
add_error_sources(
    struct ruleset_set *set, uint32_t mark, uint8_t direction, const struct zone *from)
{
	for (size_t i = 0; i < zone_door_count(from); i++) {
		struct ruleset_element *element = ruleset_set_add(set);
		size_t at = 0;

		if (element == NULL)
			return -errno;
		ruleset_key_put(element->first, &at, &mark, sizeof(mark));
		ruleset_key_put(element->first, &at, &direction, sizeof(direction));
		put_interface(element->first, &at, zone_door(from, i));
	}
	return 0;
}

/* Where the marks of packets can't be those of their connections, the chains that set them. */
static int
add_packet_marks(struct ruleset *ruleset, const struct channel *channel, bool back)
{
	uint32_t mark = mark_of(ruleset, channel, back);
	int r;

	if (!ruleset_shares_marks(ruleset) || channel->dissector == NULL)
		return 0;
	r = add_mark(&ruleset->sets[SET_PACKET_MARKS], mark,
	    ruleset_chains_packet(ruleset, channel->index, back));
	if (r == 0)
		r = add_mark(&ruleset->sets[SET_PACKET_MARKS_BACK], mark,
		    ruleset_chains_packet(ruleset, channel->index, !back));
	return r;
}

/* A packet that bears the mark of its channel and direction was vouched for. */
static int
add_vouched(struct ruleset *ruleset, const struct channel *channel, bool back)
{
	uint32_t connection = mark_of(ruleset, channel, back);

	if (!ruleset->options.vouched || channel->dissector == NULL)
		return 0;
	for (uint8_t direction = 0; direction < 2; direction++) {
		struct ruleset_element *element = ruleset_set_add(&ruleset->sets[SET_VOUCHED]);
		uint32_t packet = mark_of(ruleset, channel, back != (direction != 0));
		size_t at = 0;

		if (element == NULL)
			return -errno;
		ruleset_key_put(element->first, &at, &direction, sizeof(direction));
		ruleset_key_put(element->first, &at, &packet, sizeof(packet));
		ruleset_key_put(element->first, &at, &connection, sizeof(connection));
	}
	return 0;
}

/* What is looked up by the mark of a connection; `counter` is the name of the channel's counter. */
static int
add_marked(struct ruleset *ruleset, const struct channel *channel, bool back, const char *counter)
{
	struct ruleset_set *errors = &ruleset->sets[SET_ERROR_SOURCES];
	uint32_t mark = mark_of(ruleset, channel, back);
	int r = add_mark(&ruleset->sets[SET_VERDICTS], mark, chain_of(channel));

	if (r == 0)
		r = add_established(ruleset, channel, back);
	if (r == 0)
		r = add_packet_marks(ruleset, channel, back);
	if (r == 0)
		r = add_vouched(ruleset, channel, back);
	if (r == 0)
		r = add_error_sources(errors, mark, back, channel->client_zone);
	if (r == 0)
		r = add_error_sources(errors, mark, !back, channel->server_zone);
	if (r == 0)
		r = add_mark(&ruleset->sets[SET_COUNTERS], mark, counter);
	return r;
}

static int
add_channel(struct ruleset *ruleset, const struct channel *channel, const char *counter)
{
	int r;

	if (channel->conduit->isolated)
		return 0;
	r = add_marked(ruleset, channel, false, counter);
	if (r == 0 && channel->dissector != NULL)
		r = add_mark(&ruleset->sets[SET_INSPECTED], mark_of(ruleset, channel, false),
		    chain_of(channel));
	for (size_t i = 0; i < channel->client_count * channel->server_count && r == 0; i++)
		r = add_endpoints(ruleset, channel, &channel->clients[i / channel->server_count],
		    &channel->servers[i % channel->server_count]);
	return r;
}

/* Connections of inspected channels whose server was seen first. */
static int
add_back(struct ruleset *ruleset, const struct channel *channel, const char *counter)
{
	if (channel->dissector == NULL || channel->conduit->isolated)
		return 0;
	return add_marked(ruleset, channel, true, counter);
}

static int
add_barred(struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->options.barred_count; i++) {
		const struct ruleset_barred *barred = &ruleset->options.barred[i];
		bool ipv4 = barred->family == FAMILY_IPV4;
		struct ruleset_element *element =
		    ruleset_set_add(&ruleset->sets[ipv4 ? SET_BARRED4 : SET_BARRED6]);

		if (element == NULL)
			return -errno;
		memcpy(element->first, barred->address.bytes, ipv4 ? 4 : 16);
		element->seconds = barred->seconds;
	}
	ruleset->options.barred = NULL;
	return 0;
}

/* To the chains that set the marks. */
static void
lead_to_setters(const struct ruleset *ruleset, struct ruleset_set *set)
{
	struct mark mark;

	set->data = RULESET_DATA_JUMP;
	for (size_t i = 0; i < set->element_count; i++)
		if (mark_read(ruleset->mark_mask, set->elements[i].mark, &mark))
			set->elements[i].name =
			    ruleset_chains_connection(ruleset, mark.channel_index, mark.back);
}

static int
finish(const struct ruleset *ruleset, struct ruleset_set *set)
{
	if (set->interval) {
		int r = ruleset_set_divide(set);

		if (r < 0)
			return r;
	}
	if (set->data == RULESET_DATA_NONE)
		remove_nobody(set);
	/* marks are numbers, not strings of bytes, and are in order already */
	if (set->fields[0] != RULESET_TYPE_MARK)
		ruleset_set_sort(set);
	if (set->data == RULESET_DATA_MARK && ruleset_shares_marks(ruleset))
		lead_to_setters(ruleset, set);
	return 0;
}

int
ruleset_make_sets(struct ruleset *ruleset, const struct policy *policy)
{
	size_t first_channel = ruleset->counter_count - policy->channel_count;
	int r;

	memcpy(ruleset->sets, empty_sets, sizeof(empty_sets));
	ruleset->set_count = ruleset_shares_marks(ruleset) ? SET_COUNT : SET_ALWAYS;
	if (ruleset->options.vouched)
		ruleset->sets[ruleset->set_count++] = empty_vouched;
	ruleset->sets[SET_VERDICTS].comment = ruleset->generation_comment;
	r = add_types(&ruleset->sets[SET_ICMP_ERRORS4], icmp_errors4, sizeof(icmp_errors4));
	if (r == 0)
		r = add_types(&ruleset->sets[SET_ICMP_ERRORS6], icmp_errors6, sizeof(icmp_errors6));
	if (r == 0)
		r = add_types(&ruleset->sets[SET_NEIGHBOUR_DISCOVERY], neighbour_discovery,
		    sizeof(neighbour_discovery));
	if (r == 0)
		r = add_barred(ruleset);
	if (r == 0)
		r = add_members(ruleset, policy);
	for (size_t i = 0; i < policy->channel_count && r == 0; i++)
		r = add_channel(ruleset, policy->channels[i], ruleset->counters[first_channel + i]);
	/* behind all others: so marks stay in order */
	for (size_t i = 0; i < policy->channel_count && r == 0; i++)
		r = add_back(ruleset, policy->channels[i], ruleset->counters[first_channel + i]);
	if (r == 0)
		r = ruleset_bridge_names(&ruleset->sets[SET_BRIDGES], policy);
	for (size_t i = 0; i < ruleset->set_count && r == 0; i++)
		r = finish(ruleset, &ruleset->sets[i]);
	if (!policy_is_bridged(policy))
		leave_out_bridges(ruleset);
	return r;
}
