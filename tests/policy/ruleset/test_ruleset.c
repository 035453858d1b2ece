/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of a ruleset: does classification by its sets say what the engine says, are intervals
 * disjoint, what is refused.  No kernel.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiled.h"
#include "mark.h"
#include "ruleset.h"
#include "ruleset_chains.h"
#include "ruleset_ir.h"
#include "sample.h"

static const struct sample_zone zones[] = {
    {"supervision", ZONE_CONTROL, "eth0", "10.10.0.0/24 fd10::/64"},
    {"pumps", ZONE_CONTROL, "eth1 eth2", "10.20.0.0/24 fd20::/64"},
};

static const struct ruleset_options options = {
    7, RULESET_QUEUE_BASE, 2, RULESET_QUEUE_NATIVE, RULESET_QUEUE_BASE, false, NULL, 0, false};

static uint32_t
mark_of(const struct policy *policy, uint32_t channel_index, bool back)
{
	return mark_make(policy->mark_mask,
	    &(struct mark){
		.generation = options.generation, .channel_index = channel_index, .back = back});
}

static const struct ruleset_set *
find_set(const struct ruleset *ruleset, const char *name)
{
	for (size_t i = 0; i < ruleset->set_count; i++) {
		if (strcmp(ruleset->sets[i].name, name) == 0)
			return &ruleset->sets[i];
	}
	fail_msg("no set %s", name);
	return NULL;
}

/* What the kernel does with a key, by its documentation: field by field, first <= key <= last. */
static bool
element_has(
    const struct ruleset_set *set, const struct ruleset_element *element, const uint8_t *key)
{
	const uint8_t *last = set->interval ? element->last : element->first;
	size_t at = 0;

	for (size_t i = 0; i < set->field_count; i++) {
		size_t size = ruleset_type_size(set->fields[i]);

		if (memcmp(&element->first[at], &key[at], size) > 0 ||
		    memcmp(&last[at], &key[at], size) < 0)
			return false;
		at += ruleset_type_room(set->fields[i]);
	}
	return true;
}

/* The mark that a chain sets. */
static uint32_t
set_by(const struct ruleset *ruleset, const char *name)
{
	const struct ruleset_chain *chain = ruleset_chains_next(ruleset, NULL);

	while (chain != NULL && strcmp(chain->name, name) != 0)
		chain = ruleset_chains_next(ruleset, chain);
	assert_non_null(chain);
	assert_int_equal(chain->rule_count, 1);
	assert_int_equal(chain->rules[0].ops[0].kind, RULESET_OP_SET_MARK);
	return chain->rules[0].ops[0].mark;
}

/* How many elements match, and the mark of the last of them. */
static size_t
look_up(const struct ruleset *ruleset, const char *name, const uint8_t *key, uint32_t *mark)
{
	const struct ruleset_set *set = find_set(ruleset, name);
	size_t count = 0;

	for (size_t i = 0; i < set->element_count; i++) {
		if (!element_has(set, &set->elements[i], key))
			continue;
		*mark = set->elements[i].mark;
		if (set->data == RULESET_DATA_JUMP)
			assert_int_equal(set_by(ruleset, set->elements[i].name), *mark);
		count++;
	}
	return count;
}

struct tuple {
	enum family family;
	struct address client;
	struct address server;
	uint8_t transport;
	uint16_t port;
};

static const uint8_t *
key_of(const struct tuple *tuple, uint8_t key[RULESET_KEY_MAX])
{
	size_t size = tuple->family == FAMILY_IPV4 ? 4 : 16;

	memcpy(key, &tuple->client, size);
	memcpy(&key[size], &tuple->server, size);
	key[2 * size] = tuple->transport;
	key[2 * size + 4] = (uint8_t)(tuple->port >> 8);
	key[2 * size + 5] = (uint8_t)tuple->port;
	return key;
}

/* The rules of chain classify: ranges first, the exact key overrides. */
static uint32_t
classify(const struct ruleset *ruleset, const struct tuple *tuple)
{
	bool ipv4 = tuple->family == FAMILY_IPV4;
	uint8_t key[RULESET_KEY_MAX] = {0};
	uint32_t mark = 0;

	key_of(tuple, key);
	/* disjoint: never two */
	assert_true(look_up(ruleset, ipv4 ? "ranges4" : "ranges6", key, &mark) <= 1);
	assert_true(look_up(ruleset, ipv4 ? "channels4" : "channels6", key, &mark) <= 1);
	return mark;
}

/* The way back: what the reply direction is in the maps of inspected channels. */
static uint32_t
classify_back(const struct ruleset *ruleset, const struct tuple *tuple)
{
	bool ipv4 = tuple->family == FAMILY_IPV4;
	uint8_t key[RULESET_KEY_MAX] = {0};
	uint32_t mark = 0;

	key_of(tuple, key);
	assert_true(look_up(ruleset, ipv4 ? "answer-ranges4" : "answer-ranges6", key, &mark) <= 1);
	assert_true(look_up(ruleset, ipv4 ? "answers4" : "answers6", key, &mark) <= 1);
	return mark;
}

static uint32_t seed = 1;

static unsigned
dice(unsigned sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* A random network among 16 addresses. */
static void
random_network(char *text, size_t size, const char *prefix, bool ipv6)
{
	unsigned bits = dice(5), host = dice(16) >> bits << bits;

	snprintf(text, size, ipv6 ? "%s%x/%u" : "%s%u/%u", prefix, host, (ipv6 ? 128 : 32) - bits);
}

enum { CHANNELS = 12 };

static struct policy *
random_policy(void)
{
	static char names[CHANNELS][16], clients[CHANNELS][40], servers[CHANNELS][40];
	struct sample_channel channels[CHANNELS];

	for (unsigned i = 0; i < CHANNELS; i++) {
		static const uint8_t transports[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP};
		bool ipv6 = dice(3) == 0;
		uint8_t transport = transports[dice(3)];
		unsigned first = transport == PROTOCOL_ICMP ? 0 : 1 + dice(4);

		snprintf(names[i], sizeof(names[i]), "channel-%u", i);
		random_network(clients[i], sizeof(clients[i]), ipv6 ? "fd10::" : "10.10.0.", ipv6);
		random_network(servers[i], sizeof(servers[i]), ipv6 ? "fd20::" : "10.20.0.", ipv6);
		channels[i] = (struct sample_channel){"conduit", names[i], clients[i], servers[i],
		    transport, (uint16_t)first, (uint16_t)(first == 0 ? 0 : first + dice(3)),
		    transport == PROTOCOL_TCP, PICKUP_RESET, WHEN_DOWN_CLOSED};
	}
	return sample_new(zones, 2, channels, CHANNELS);
}

static struct tuple
random_tuple(void)
{
	struct tuple tuple = {.family = dice(3) == 0 ? FAMILY_IPV6 : FAMILY_IPV4};
	bool ipv4 = tuple.family == FAMILY_IPV4;

	memcpy(&tuple.client, ipv4 ? "\x0a\x0a" : "\xfd\x10", 2);
	memcpy(&tuple.server, ipv4 ? "\x0a\x14" : "\xfd\x20", 2);
	tuple.client.bytes[ipv4 ? 3 : 15] = (uint8_t)dice(16);
	tuple.server.bytes[ipv4 ? 3 : 15] = (uint8_t)dice(16);
	switch (dice(3)) {
	case 0:
		tuple.transport = PROTOCOL_TCP;
		tuple.port = (uint16_t)dice(8);
		break;
	case 1:
		tuple.transport = PROTOCOL_UDP;
		tuple.port = (uint16_t)dice(8);
		break;
	default: /* the request of a ping; the engine knows it by port 0 */
		tuple.transport = ipv4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
		tuple.port = ipv4 ? 0x0800 : 0x8000;
	}
	return tuple;
}

static void
sets_classify_as_the_engine_does(void **state)
{
	size_t found = 0;

	for (unsigned round = 0; round < 300; round++) {
		static const uint32_t masks[] = {MARK_MASK_ALL, 0x0ff00ff0, 0xffff};
		struct policy *policy = random_policy();
		struct compiled *compiled;
		struct ruleset *ruleset;

		policy->mark_mask = masks[round % 3];
		assert_int_equal(compiled_new(policy, &compiled), 0);
		assert_int_equal(ruleset_new(policy, &options, &ruleset), 0);
		for (unsigned i = 0; i < 200; i++) {
			struct tuple t = random_tuple();
			bool echo = t.transport == PROTOCOL_ICMP || t.transport == PROTOCOL_ICMPV6;
			const struct channel *channel = compiled_find_channel(compiled, t.family,
			    &t.client, &t.server, t.transport, echo ? 0 : t.port);

			assert_int_equal(classify(ruleset, &t),
			    channel ? mark_of(policy, channel->index, false) : 0);
			assert_int_equal(classify_back(ruleset, &t),
			    channel && channel->dissector ? mark_of(policy, channel->index, true)
							  : 0);
			found += channel != NULL;
		}
		ruleset_free(ruleset);
		compiled_free(compiled);
		sample_free(policy);
	}
	assert_true(found > 1000); /* or the test looks at nothing */
}

static void
other_icmp_is_no_echo(void **state)
{
	static const struct sample_channel ping[] = {
	    {.conduit = "c",
		.name = "ping",
		.clients = "10.10.0.0/24 10.10.0.5",
		.servers = "10.20.0.1",
		.transport = PROTOCOL_ICMP},
	};
	struct policy *policy = sample_new(zones, 2, ping, 1);
	struct tuple tuple = {.family = FAMILY_IPV4, .transport = PROTOCOL_ICMP};
	struct ruleset *ruleset;

	assert_int_equal(ruleset_new(policy, &options, &ruleset), 0);
	memcpy(&tuple.client, "\x0a\x0a\x00\x05", 4);
	memcpy(&tuple.server, "\x0a\x14\x00\x01", 4);
	for (unsigned key = 0; key < 0x10000; key++) {
		tuple.port = (uint16_t)key; /* type and code */
		assert_int_equal(
		    classify(ruleset, &tuple), key == 0x0800 ? mark_of(policy, 0, false) : 0);
	}
	ruleset_free(ruleset);
	sample_free(policy);
}

static size_t
is_member(const struct ruleset *ruleset, const char *interface, const char *address)
{
	uint8_t key[RULESET_KEY_MAX] = {0};
	uint32_t mark;

	memcpy(key, interface, strlen(interface));
	memcpy(&key[RULESET_IFNAME_SIZE], address, 4);
	return look_up(ruleset, "members4", key, &mark);
}

static void
members_are_of_their_interface_and_not_the_gateway(void **state)
{
	static const struct sample_zone with_gateway[] = {
	    {"supervision", ZONE_CONTROL, "eth0",
		"10.10.0.0/24 10.10.0.0/28"}, /* nested on purpose */
	    {"pumps", ZONE_CONTROL, "eth1 eth2", "10.20.0.0/24"},
	    {"appliance", ZONE_GATEWAY, "", "10.10.0.1 10.20.0.1"},
	};
	struct policy *policy = sample_new(with_gateway, 3, NULL, 0);
	struct ruleset *ruleset;

	assert_int_equal(ruleset_new(policy, &options, &ruleset), 0);
	assert_int_equal(is_member(ruleset, "eth0", "\x0a\x0a\x00\x05"), 1);
	assert_int_equal(is_member(ruleset, "eth0", "\x0a\x0a\x00\xff"), 1);
	assert_int_equal(is_member(ruleset, "eth1", "\x0a\x14\x00\x05"), 1);
	assert_int_equal(is_member(ruleset, "eth2", "\x0a\x14\x00\x05"), 1);
	assert_int_equal(is_member(ruleset, "eth0", "\x0a\x14\x00\x05"), 0);
	assert_int_equal(is_member(ruleset, "eth1", "\x0a\x0a\x00\x05"), 0);
	assert_int_equal(is_member(ruleset, "eth3", "\x0a\x0a\x00\x05"), 0);
	assert_int_equal(is_member(ruleset, "eth", "\x0a\x0a\x00\x05"), 0);
	assert_int_equal(is_member(ruleset, "eth0", "\x0a\x0a\x01\x00"), 0);
	assert_int_equal(is_member(ruleset, "eth0", "\x0a\x0a\x00\x01"), 0); /* the gateway's own */
	assert_int_equal(is_member(ruleset, "eth1", "\x0a\x14\x00\x01"), 0);
	ruleset_free(ruleset);
	sample_free(policy);
}

/* The verdict chain of the only channel. */
static const char *
chain_of(struct sample_channel channel)
{
	struct policy *policy = sample_new(zones, 2, &channel, 1);
	struct ruleset *ruleset;
	const char *name;

	assert_int_equal(ruleset_new(policy, &options, &ruleset), 0);
	/* of an inspected channel there are connections whose server was seen first, too */
	assert_int_equal(find_set(ruleset, "verdicts")->element_count, channel.inspected ? 2 : 1);
	assert_int_equal(find_set(ruleset, "inspected")->element_count, channel.inspected ? 1 : 0);
	name = find_set(ruleset, "verdicts")->elements[0].name; /* a constant string */
	ruleset_free(ruleset);
	sample_free(policy);
	return name;
}

static void
verdicts_follow_the_channel(void **state)
{
	struct sample_channel c = {.conduit = "c",
	    .name = "n",
	    .clients = "10.10.0.5",
	    .servers = "10.20.0.1",
	    .transport = PROTOCOL_TCP,
	    .port_first = 502};

	assert_string_equal(chain_of(c), "plain-tcp");
	c.pickup = PICKUP_RESYNC;
	assert_string_equal(chain_of(c), "plain");
	c.transport = PROTOCOL_UDP;
	c.pickup = PICKUP_RESET;
	assert_string_equal(chain_of(c), "plain");
	c.inspected = true;
	assert_string_equal(chain_of(c), "inspect-closed");
	c.when_down = WHEN_DOWN_OPEN;
	assert_string_equal(chain_of(c), "inspect-open");
}

static int
try_channel(
    struct sample_channel channel, const struct sample_zone *in, size_t zone_count, bool *ret_why)
{
	struct policy *policy = sample_new(in, zone_count, &channel, 1);
	const struct channel *refused = NULL;
	struct ruleset *ruleset = NULL;
	int r = ruleset_new(policy, &options, &ruleset);

	*ret_why = ruleset_refused(policy, &refused) != NULL && refused == policy->channels[0];
	ruleset_free(ruleset);
	sample_free(policy);
	return r;
}

static void
what_cannot_be_programmed_is_refused(void **state)
{
	static const struct sample_zone with_gateway[] = {
	    {"supervision", ZONE_CONTROL, "eth0", "10.10.0.0/24"},
	    {"appliance", ZONE_GATEWAY, "", "192.0.2.1"},
	};
	struct sample_channel c = {.conduit = "c",
	    .name = "n",
	    .clients = "10.10.0.5",
	    .servers = "192.0.2.1",
	    .transport = PROTOCOL_TCP,
	    .port_first = 502};
	char longest[256];
	bool why;

	assert_int_equal(try_channel(c, with_gateway, 2, &why), 0);
	assert_false(why);
	c.inspected = true;
	assert_int_equal(try_channel(c, with_gateway, 2, &why), -EOPNOTSUPP);
	assert_true(why);
	c.inspected = false;
	c.conduit = "reason";
	assert_int_equal(try_channel(c, with_gateway, 2, &why), -EOPNOTSUPP);
	assert_true(why);
	c.conduit = "c\"; accept";
	assert_int_equal(try_channel(c, with_gateway, 2, &why), -EOPNOTSUPP);
	c.conduit = "9c";
	assert_int_equal(try_channel(c, with_gateway, 2, &why), -EOPNOTSUPP);
	memset(longest, 'a', sizeof(longest));
	c.conduit = longest; /* 253 + '/' + 'n' is the most */
	longest[253] = '\0';
	assert_int_equal(try_channel(c, with_gateway, 2, &why), 0);
	longest[253] = 'a';
	longest[254] = '\0';
	assert_int_equal(try_channel(c, with_gateway, 2, &why), -EOPNOTSUPP);
	assert_true(why);
}

static void
options_out_of_range_are_invalid(void **state)
{
	struct policy *policy = sample_new(zones, 2, NULL, 0);
	static const struct {
		struct ruleset_options options;
		int result;
	} rows[] = {
	    {{1, 5200, 1, RULESET_QUEUE_NATIVE, 0, false, NULL, 0, false}, 0},
	    {{0, 5200, 1, RULESET_QUEUE_NATIVE, 0, false, NULL, 0, false}, -EINVAL},
	    {{1, 5200, 0, RULESET_QUEUE_NATIVE, 0, false, NULL, 0, false}, -EINVAL},
	    {{1, 5200, RULESET_QUEUES_MAX, RULESET_QUEUE_NATIVE, 0, false, NULL, 0, false}, 0},
	    {{1, 5200, RULESET_QUEUES_MAX + 1, RULESET_QUEUE_NATIVE, 0, false, NULL, 0, false},
		-EINVAL},
	    {{1, 5200, 1, RULESET_QUEUE_NATIVE, 0, false, NULL, RULESET_BARRED_MAX + 1, false},
		-EINVAL},
	    {{1, 65528, 4, RULESET_QUEUE_NATIVE, 0, false, NULL, 0, false}, 0},
	    {{1, 65529, 4, RULESET_QUEUE_NATIVE, 0, false, NULL, 0, false}, -EINVAL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ruleset *ruleset = NULL;

		assert_int_equal(ruleset_new(policy, &rows[i].options, &ruleset), rows[i].result);
		assert_true((ruleset == NULL) == (rows[i].result < 0));
		ruleset_free(ruleset);
	}
	sample_free(policy);
}

/* Beside each other, by family, with the time that is left; as many as there may be. */
static void
barred_peers_are_elements_that_go_by_themselves(void **state)
{
	struct policy *policy = sample_new(zones, 2, NULL, 0);
	struct ruleset_barred barred[RULESET_BARRED_MAX] = {0};
	struct ruleset_options with = options;
	struct ruleset *ruleset;
	char *text;

	for (size_t i = 0; i < RULESET_BARRED_MAX; i++)
		barred[i] = (struct ruleset_barred){FAMILY_IPV4, {{10, 0, 0, (uint8_t)i}}, 600};
	barred[0] = (struct ruleset_barred){FAMILY_IPV6, {{0xfd, [15] = 1}}, 1};
	with.barred = barred;
	with.barred_count = RULESET_BARRED_MAX;
	assert_int_equal(ruleset_new(policy, &with, &ruleset), 0);
	text = ruleset_print(ruleset);
	assert_non_null(strstr(text,
	    "set barred4 {\n\t\ttype ipv4_addr\n\t\tsize 64\n"
	    "\t\tflags timeout\n\t\telements = {\n"
	    "\t\t\t10.0.0.1 timeout 600s,\n"));
	assert_non_null(strstr(text, "\t\t\t10.0.0.63 timeout 600s,\n"));
	assert_non_null(strstr(text, "\t\t\tfd00::1 timeout 1s,\n"));
	free(text);
	ruleset_free(ruleset);
	sample_free(policy);
}

/* "10.20.0.0 10.20.0.1 ..." */
static char *
many_hosts(const char *prefix, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%zu.%zu ", prefix, i / 256, i % 256);
	fclose(out);
	return text;
}

static void
too_many_pairs_are_refused(void **state)
{
	static const struct sample_zone wide[] = {
	    {"supervision", ZONE_CONTROL, "eth0", "10.10.0.0/16"},
	    {"pumps", ZONE_CONTROL, "eth1", "10.20.0.0/16"},
	};
	char *clients = many_hosts("10.10.", 1024), *servers = many_hosts("10.20.", 1024);
	struct sample_channel channels[] = {
	    {.conduit = "c",
		.name = "n",
		.clients = clients,
		.servers = servers,
		.transport = PROTOCOL_TCP,
		.port_first = 502},
	    {.conduit = "c",
		.name = "m",
		.clients = "10.10.0.1",
		.servers = "10.20.0.1",
		.transport = PROTOCOL_TCP,
		.port_first = 503},
	};

	assert_int_equal(RULESET_ELEMENTS_MAX, 1024 * 1024);
	for (size_t count = 1; count <= 2; count++) {
		struct policy *policy = sample_new(wide, 2, channels, count);
		struct ruleset *ruleset = NULL;

		assert_int_equal(ruleset_new(policy, &options, &ruleset), count == 1 ? 0 : -E2BIG);
		ruleset_free(ruleset);
		sample_free(policy);
	}
	free(clients);
	free(servers);
}

/* The set of errors' sources grows by interfaces, not by their pairs: it has no channel left out.
 */
static void
errors_pass_between_zones_of_many_interfaces(void **state)
{
	static const struct sample_zone wide[] = {
	    {"supervision", ZONE_CONTROL, "a0 a1 a2 a3 a4 a5 a6 a7 a8", "10.10.0.0/16"},
	    {"pumps", ZONE_CONTROL, "b0 b1 b2 b3 b4 b5 b6 b7", "10.20.0.0/16"},
	};
	static const struct sample_channel channel = {.conduit = "c",
	    .name = "n",
	    .clients = "10.10.0.1",
	    .servers = "10.20.0.1",
	    .transport = PROTOCOL_TCP,
	    .port_first = 502};
	struct policy *policy = sample_new(wide, 2, &channel, 1);
	struct ruleset *ruleset;

	assert_int_equal(ruleset_new(policy, &options, &ruleset), 0);
	assert_int_equal(find_set(ruleset, "established")->element_count, 0);
	assert_int_equal(find_set(ruleset, "error-sources")->element_count, 9 + 8);
	ruleset_free(ruleset);
	sample_free(policy);
}

static void
the_compat_target_is_told_in_the_text(void **state)
{
	struct ruleset_options target = options;
	struct policy *policy = sample_new(zones, 2, NULL, 0);
	struct ruleset *ruleset;
	char *native_text, *target_text;

	assert_int_equal(ruleset_new(policy, &options, &ruleset), 0);
	native_text = ruleset_print(ruleset);
	ruleset_free(ruleset);
	target.queue = RULESET_QUEUE_TARGET;
	assert_int_equal(ruleset_new(policy, &target, &ruleset), 0);
	target_text = ruleset_print(ruleset);
	ruleset_free(ruleset);
	assert_null(strstr(native_text, "NFQUEUE"));
	assert_non_null(strstr(target_text, "NFQUEUE"));
	/* and only there: from the table on they are the same */
	assert_string_equal(strstr(native_text, "table inet"), strstr(target_text, "table inet"));
	free(native_text);
	free(target_text);
	sample_free(policy);
}

/* A connection gets its helper before anything else is said of it, and by both protocols that flow
 * tables take; without one in the kernel, the rules are the same but for that. */
static void
new_connections_get_a_helper(void **state)
{
	static const char set[] = " ct helper set \"keep-";
	struct ruleset_options helping = options;
	struct policy *policy = sample_new(zones, 2, NULL, 0);
	struct ruleset *ruleset;
	char *without, *with, *at;

	assert_int_equal(ruleset_new(policy, &options, &ruleset), 0);
	without = ruleset_print(ruleset);
	ruleset_free(ruleset);
	helping.helper = true;
	assert_int_equal(ruleset_new(policy, &helping, &ruleset), 0);
	with = ruleset_print(ruleset);
	ruleset_free(ruleset);
	assert_null(strstr(without, "helper"));
	assert_non_null(strstr(with,
	    "chain classify {\n\t\tmeta l4proto tcp ct helper set "
	    "\"keep-tcp\" ct mark set"));
	assert_non_null(
	    strstr(with, "\t\tmeta l4proto udp ct helper set \"keep-udp\" ct mark set"));
	while ((at = strstr(with, set)) != NULL) {
		char *end = strchr(at + sizeof(set), '"') + 1;

		memmove(at, end, strlen(end) + 1);
	}
	assert_string_equal(strstr(without, "\tchain "), strstr(with, "\tchain "));
	free(without);
	free(with);
	sample_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sets_classify_as_the_engine_does),
	    cmocka_unit_test(other_icmp_is_no_echo),
	    cmocka_unit_test(members_are_of_their_interface_and_not_the_gateway),
	    cmocka_unit_test(verdicts_follow_the_channel),
	    cmocka_unit_test(what_cannot_be_programmed_is_refused),
	    cmocka_unit_test(options_out_of_range_are_invalid),
	    cmocka_unit_test(too_many_pairs_are_refused),
	    cmocka_unit_test(errors_pass_between_zones_of_many_interfaces),
	    cmocka_unit_test(the_compat_target_is_told_in_the_text),
	    cmocka_unit_test(new_connections_get_a_helper),
	    cmocka_unit_test(barred_peers_are_elements_that_go_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
