/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: what golden files can't show: the resolved model, limits at their edge, files that can't be
 * read, and large policies.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "load.h"

static const char zones[] =
    "zones: {\n"
    "a: { class = \"control\"; sl_t = 1; interfaces = [\"eth0\"]; networks = [\"10.1.0.0/16\"];"
    " assets: { hmi = \"10.1.0.1\"; }; };\n"
    "b: { class = \"control\"; sl_t = 1; interfaces = [\"eth1\"]; networks = [\"10.2.0.0/16\"];"
    " assets: { plc = \"10.2.0.1\"; }; };\n"
    "};\n";

struct load {
	struct policy *policy;
	struct diagnostics diagnostics;
	int result;
};

static struct load
load(const char *text)
{
	struct load load = {.policy = NULL};

	load.result = policy_load_text(text, "text", &load.policy, &load.diagnostics);
	return load;
}

static void
load_done(struct load *load)
{
	diagnostics_done(&load->diagnostics);
	policy_free(load->policy);
}

/* A policy of one conduit from a to b with these channels. */
static char *
with_channels(const char *channels)
{
	char *text;

	assert_true(
	    asprintf(&text, "%sconduits: { c: { from = \"a\"; to = \"b\"; channels: (%s); }; };",
		zones, channels) > 0);
	return text;
}

static void
test_model(void **state)
{
	char *text = with_channels("{ name = \"x\"; clients = [\"hmi\"]; servers = [\"plc\"]; "
				   "protocol = \"modbus\"; rules: ("
				   " { access = [\"read\"]; },"
				   " { functions = [\"write-single-register\"]; units = [\"1\"]; "
				   "points = [\"holding:40-42\"];"
				   "   values = [\"0-1500\"]; rate = \"10/min\"; }, { access = "
				   "[\"any\"]; rate = \"1/s\"; } ); },"
				   "{ name = \"y\"; clients = [\"b\"]; servers = [\"a\"]; protocol "
				   "= \"udp\"; port = 123; }");
	struct load l = load(text);
	const struct channel *x, *y;
	const struct rule *rule;
	uint32_t write;

	assert_int_equal(l.result, 0);
	assert_int_equal(l.policy->channel_count, 2);
	assert_int_equal(l.policy->limits.flows, LIMITS_FLOWS);
	assert_int_equal(l.policy->limits.held_bytes, LIMITS_HELD_BYTES);
	assert_int_equal(strlen(l.policy->hash), 64);
	x = l.policy->channels[0];
	y = l.policy->channels[1];
	assert_ptr_equal(x->conduit, &l.policy->conduits[0]);
	assert_int_equal(x->conduit->mode, MODE_ENFORCE);
	assert_int_equal(x->conduit->on_deny, ON_DENY_RESET);
	assert_int_equal(x->conduit->when_down, WHEN_DOWN_CLOSED);
	assert_string_equal(x->client_zone->name, "a");
	assert_string_equal(x->server_zone->name, "b");
	assert_int_equal(x->port_first, 502);
	assert_int_equal(x->port_last, 502);
	assert_false(x->port_written);
	assert_int_equal(x->outstanding, OUTSTANDING_MAX);
	assert_int_equal(x->clients[0].networks[0].prefix, 32);
	assert_int_equal(x->rule_count, 3);
	write = dissector_function_index(
	    x->dissector, dissector_find_function(x->dissector, "write-single-register"));
	rule = &x->rules[1];
	assert_int_equal(rule->functions[write / 64], UINT64_C(1) << write % 64);
	assert_int_equal(rule->points[0].first, 40);
	assert_int_equal(rule->points[0].last, 42);
	assert_int_equal(rule->rate.slot, 0);
	assert_int_equal(x->rules[2].rate.slot, 1);
	assert_int_equal(l.policy->rate_count, 2);
	assert_true(x->rules[2].opaque);
	assert_false(x->rules[0].opaque);
	assert_null(y->dissector);
	assert_int_equal(y->transport, PROTOCOL_UDP);
	assert_string_equal(y->client_zone->name, "b");
	assert_int_equal(y->index, 1);
	load_done(&l);
	free(text);
}

static void
test_hash_is_of_the_meaning(void **state)
{
	struct load a = load("zones: { a: { class = \"control\"; interfaces = [\"e\"]; networks = "
			     "[\"10.0.0.0/8\"]; }; };"
			     "conduits: { };");
	struct load b =
	    load("conduits: { }; // comment\nzones = { a = { networks = (\"10.0.0.0/8\"), "
		 "interfaces = (\"e\"), class = \"con\" \"trol\" } }");
	struct load c = load("zones: { a: { class = \"control\"; interfaces = [\"e\"]; networks = "
			     "[\"10.0.0.0/9\"]; }; };"
			     "conduits: { };");

	assert_int_equal(a.result, 0);
	assert_int_equal(b.result, 0);
	assert_string_equal(a.policy->hash, b.policy->hash);
	assert_string_not_equal(a.policy->hash, c.policy->hash);
	load_done(&a);
	load_done(&b);
	load_done(&c);
}

static void
test_unreadable(void **state)
{
	static const struct {
		const char *file;
		int error;
	} rows[] = {
	    {"/nowhere/policy.conf", -ENOENT}, {"/", -EISDIR}, {"/dev/zero", -EFBIG}, {"", -ENOENT},
	    {"/dev/null", -EINVAL}, /* empty */
	};
	struct diagnostics diagnostics;
	struct policy *policy = (struct policy *)state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(policy_load(rows[i].file, &policy, &diagnostics), rows[i].error);
		assert_int_equal(diagnostics.count, 1);
		assert_int_equal(diagnostics.error_count, 1);
		assert_int_equal(diagnostics.items[0].where.line, 0);
		assert_string_equal(diagnostics.items[0].where.file, rows[i].file);
		assert_ptr_equal(policy, state); /* untouched */
		diagnostics_done(&diagnostics);
	}
}

static void
test_no_permission(void **state)
{
	char file[] = "/tmp/sluice-test-XXXXXX";
	int fd = mkstemp(file);
	struct diagnostics diagnostics;
	struct policy *policy;

	assert_true(fd >= 0);
	close(fd);
	if (geteuid() != 0) {
		assert_int_equal(chmod(file, 0), 0);
		assert_int_equal(policy_load(file, &policy, &diagnostics), -EACCES);
		assert_non_null(strstr(diagnostics.items[0].message, "Permission denied"));
		diagnostics_done(&diagnostics);
	}
	unlink(file);
}

/* Text that ends in the middle of something. */
static void
test_text_ends_early(void **state)
{
	static const char *const texts[] = {"@", "@inc", "@include", "@include ", "@include \"",
	    "@include \"x", "/", "/*", "/* *", "//", "#", "\"", "\"\\", "\"\\x0", "\"\\x00", "0",
	    "0x", "1L", "-", "{", "x", "x=", "x=1"};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *text = strdup(texts[i]);
		struct load l = load(text);

		assert_int_equal(l.result, -EINVAL);
		assert_true(l.diagnostics.error_count > 0);
		load_done(&l);
		free(text);
	}
}

static void
test_text_includes_nothing(void **state)
{
	struct load l = load("@include \"/etc/passwd\"\n");

	assert_int_equal(l.result, -EINVAL);
	assert_non_null(strstr(l.diagnostics.items[0].message, "@include is not permitted"));
	load_done(&l);
}

static void
test_messages_hold_no_control_characters(void **state)
{
	struct load l =
	    load("site: { approved = \"\x1b[31m\xff\"; };\n\"\x1b\";\nzones: { };\nconduits: { };");
	size_t i;

	assert_int_equal(l.result, -EINVAL);
	for (i = 0; i < l.diagnostics.count; i++) {
		assert_null(strchr(l.diagnostics.items[i].message, 0x1b));
		assert_null(strchr(l.diagnostics.items[i].message, '\xff'));
	}
	load_done(&l);
}

/* A list of `count` repetitions of a format with one number. */
static char *
repeat(unsigned count, const char *format)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	unsigned i;

	for (i = 0; i < count; i++) {
		if (i)
			fputs(",\n", stream);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		fprintf(stream, format, i, i / 256, i % 256);
#pragma GCC diagnostic pop
	}
	fclose(stream);
	return text;
}

static const char host_channel[] =
    "{ name = \"c%u\"; clients = [\"hmi\"]; servers = [\"10.2.%u.%u\"]; protocol = "
    "\"modbus\"; rules: ( { access = [\"read\"]; } ); }";

static void
test_channels_limit(void **state)
{
	char *channels = repeat(CHANNELS_MAX, host_channel);
	char *text = with_channels(channels);
	struct load l = load(text);

	assert_int_equal(l.result, 0);
	assert_int_equal(l.policy->channel_count, CHANNELS_MAX);
	load_done(&l);
	free(channels);
	free(text);

	channels = repeat(CHANNELS_MAX + 1, host_channel);
	text = with_channels(channels);
	l = load(text);
	assert_int_equal(l.result, -EINVAL);
	assert_int_equal(l.diagnostics.error_count, 1);
	assert_non_null(strstr(l.diagnostics.items[0].message, "too many channels"));
	load_done(&l);
	free(channels);
	free(text);
}

static void
test_rules_limit(void **state)
{
	unsigned more;

	for (more = 0; more < 2; more++) {
		char *rules = repeat(
		    RULES_MAX + more, "/* %u %u */ { access = [\"read\"]; units = [\"%u\"]; }");
		char *channels, *text;
		struct load l;

		assert_true(asprintf(&channels,
				"{ name = \"x\"; clients = [\"hmi\"]; servers = [\"plc\"]; "
				"protocol = \"modbus\"; "
				"rules: (%s); }",
				rules) > 0);
		text = with_channels(channels);
		l = load(text);
		assert_int_equal(l.result, more ? -EINVAL : 0);
		if (more)
			assert_non_null(strstr(l.diagnostics.items[0].message, "1025 rules"));
		load_done(&l);
		free(rules);
		free(channels);
		free(text);
	}
}

/* All errors are counted, the first DIAGNOSTICS_MAX are told. */
static void
test_errors_limit(void **state)
{
	char *channels = repeat(1000,
	    "{ name = \"c%u\"; clients = [\"hmj\"]; servers = [\"10.2.%u.%u\"]; protocol = "
	    "\"tcp\"; port = 80; }");
	char *text = with_channels(channels);
	struct load l = load(text);

	assert_int_equal(l.result, -EINVAL);
	assert_int_equal(l.diagnostics.error_count, 1000);
	assert_int_equal(l.diagnostics.count, DIAGNOSTICS_MAX);
	assert_int_equal(l.diagnostics.suppressed, 1000 - DIAGNOSTICS_MAX);
	load_done(&l);
	free(channels);
	free(text);
}

/* Overlaps are found among many, and many overlaps end in bounded time. */
static void
test_overlap_among_many(void **state)
{
	char *channels = repeat(10000, host_channel);
	char *more, *text;
	struct load l;

	assert_true(asprintf(&more,
			"%s,\n{ name = \"last\"; clients = [\"10.1.0.0/30\"]; servers = "
			"[\"10.2.20.0/24\"]; "
			"protocol = \"tcp\"; port = \"500-502\"; }",
			channels) > 0);
	text = with_channels(more);
	l = load(text);
	assert_int_equal(l.result, -EINVAL);
	assert_int_equal(l.diagnostics.error_count, 1);
	assert_non_null(
	    strstr(l.diagnostics.items[0].message, "channel \"c/last\" and channel \"c/c5"));
	load_done(&l);
	free(channels);
	free(more);
	free(text);

	channels = repeat(4000,
	    "{ name = \"c%u\"; clients = [\"a\"]; servers = [\"b\"]; protocol = \"icmp-echo\"; }");
	text = with_channels(channels);
	l = load(text);
	assert_int_equal(l.diagnostics.error_count, 3999);
	load_done(&l);
	free(channels);
	free(text);
}

/* Groups are searched by libconfig one by one: at the limit that takes seconds, beyond it is
 * refused. */
static void
test_settings_limit(void **state)
{
	char *settings = repeat(16385, "/* %u %u */ x%u = 1");
	struct load l = load(settings);

	assert_int_equal(l.result, -EINVAL);
	assert_int_equal(l.diagnostics.error_count, 1);
	assert_int_equal(l.diagnostics.items[0].where.line, 16385);
	assert_non_null(strstr(l.diagnostics.items[0].message, "too many settings"));
	load_done(&l);
	free(settings);
}

static void
test_lines_beyond_16_bits(void **state)
{
	char *text = malloc(200000);
	struct load l;

	memset(text, '\n', 100000);
	strcpy(text + 100000, "x = 1;\nsite: {\nowner = 5; };");
	l = load(text);
	assert_int_equal(l.diagnostics.items[2].where.line, 100001);
	assert_int_equal(l.diagnostics.items[3].where.line, 100003);
	load_done(&l);
	free(text);
}

static void
test_pairs_limit(void **state)
{
	char *clients = repeat(1025, "/* %u */ \"10.1.%u.%u\"");
	char *servers = repeat(1024, "/* %u */ \"10.2.%u.%u\"");
	char *channels, *text;
	struct load l;

	assert_true(
	    asprintf(&channels,
		"{ name = \"x\"; clients = [%s]; servers = [%s]; protocol = \"icmp-echo\"; }",
		clients, servers) > 0);
	text = with_channels(channels);
	l = load(text);
	assert_int_equal(l.result, -EINVAL);
	assert_non_null(strstr(l.diagnostics.items[0].message, "too many pairs"));
	load_done(&l);
	free(clients);
	free(servers);
	free(channels);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_model),
	    cmocka_unit_test(test_hash_is_of_the_meaning),
	    cmocka_unit_test(test_unreadable),
	    cmocka_unit_test(test_no_permission),
	    cmocka_unit_test(test_text_ends_early),
	    cmocka_unit_test(test_text_includes_nothing),
	    cmocka_unit_test(test_messages_hold_no_control_characters),
	    cmocka_unit_test(test_channels_limit),
	    cmocka_unit_test(test_rules_limit),
	    cmocka_unit_test(test_errors_limit),
	    cmocka_unit_test(test_overlap_among_many),
	    cmocka_unit_test(test_pairs_limit),
	    cmocka_unit_test(test_settings_limit),
	    cmocka_unit_test(test_lines_beyond_16_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
