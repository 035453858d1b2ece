/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Manual: what sluice.conf.5 says, as far as a program can tell.  Its examples, put together, load;
 * every word and key is there; the limits are the right ones.  So do the examples of the pages
 * about protocols, each as the rules of a channel.
 */
#include <ctype.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors.h"
#include "load.h"

static char *page;

enum { PAGE_MAX = 1 << 20 };

static char *
read_page(const char *path)
{
	FILE *stream = fopen(path, "r");
	char *text = calloc(1, PAGE_MAX);

	if (!stream || !text || fread(text, 1, PAGE_MAX - 1, stream) == 0)
		fail_msg("%s cannot be read", path);
	fclose(stream);
	return text;
}

static int
setup(void **state)
{
	page = read_page(getenv("SLUICE_CONF_5"));
	return 0;
}

static int
teardown(void **state)
{
	free(page);
	return 0;
}

static void
test_examples_are_a_policy(void **state)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	char *text = NULL, *start, *end;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	for (start = strstr(page, ".Bd -literal"); start; start = strstr(end, ".Bd -literal")) {
		start = strchr(start, '\n') + 1;
		end = strstr(start, ".Ed\n");
		fwrite(start, 1, (size_t)(end - start), stream);
	}
	fclose(stream);
	if (policy_load_text(text, "manual", &policy, &diagnostics) < 0)
		fail_msg("%s:%u: %s", diagnostics.items[0].where.file,
		    diagnostics.items[0].where.line, diagnostics.items[0].message);
	assert_int_equal(diagnostics.count, 0); /* no warnings either */
	assert_int_equal(policy->channel_count, 2);
	free(text);
	diagnostics_done(&diagnostics);
	policy_free(policy);
}

static void
load_rules_of(const char *protocol, const char *rules, size_t length)
{
	static const char form[] =
	    "site: { name = \"s\"; owner = \"o\"; approved = \"2026-01-01\"; };\n"
	    "zones: { a: { class = \"control\"; sl_t = 1; interfaces = [\"eth0\"]; "
	    "networks = [\"10.1.0.0/24\"]; };\n"
	    "b: { class = \"control\"; sl_t = 1; interfaces = [\"eth1\"]; "
	    "networks = [\"10.2.0.0/24\"]; }; };\n"
	    "conduits: { c: { from = \"a\"; to = \"b\"; channels: ( { name = \"n\"; "
	    "clients = [\"a\"]; servers = [\"b\"]; protocol = \"%s\";\n%.*s } ); }; };\n";
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	char *text;

	assert_true(asprintf(&text, form, protocol, (int)length, rules) > 0);
	if (policy_load_text(text, protocol, &policy, &diagnostics) < 0)
		fail_msg("example of sluice-%s(7): %s", protocol, diagnostics.items[0].message);
	diagnostics_done(&diagnostics);
	policy_free(policy);
	free(text);
}

static void
test_examples_of_protocols_are_rules(void **state)
{
	size_t count = 0;

	for (const struct dissector *const *d = dissectors; *d; d++) {
		char pattern[4096], *text, *start, *end;
		glob_t pages;

		snprintf(pattern, sizeof(pattern), "%s/*/sluice-%s.7", getenv("SLUICE_PAGES_7"),
		    (*d)->name);
		assert_int_equal(glob(pattern, 0, NULL, &pages), 0);
		text = read_page(pages.gl_pathv[0]);
		globfree(&pages);
		for (start = strstr(text, ".Bd -literal"); start;
		     start = strstr(end, ".Bd -literal")) {
			start = strchr(start, '\n') + 1;
			end = strstr(start, ".Ed\n");
			if (strncmp(start, "rules: (", strlen("rules: (")) == 0) {
				load_rules_of((*d)->name, start, (size_t)(end - start));
				count++;
			}
		}
		free(text);
	}
	assert_in_range(count, 2, 100);
}

/* Is there a line of the page, from `start` to `end`, that has this word alone between blanks and
 * commas? */
static bool
has_word(const char *start, const char *end, const char *word)
{
	size_t length = strlen(word);
	const char *p;

	for (p = strstr(start, word); p && p < end; p = strstr(p + 1, word))
		if (!isalnum((unsigned char)p[-1]) && p[-1] != '-' && p[-1] != '_' &&
		    !isalnum((unsigned char)p[length]) && p[length] != '-' && p[length] != '_')
			return true;
	return false;
}

static void
expect_word(const char *word)
{
	if (!has_word(page, page + strlen(page), word))
		fail_msg("the manual page does not know \"%s\"", word);
}

static void
test_words(void **state)
{
	static const char *const keys[] = {"site", "name", "owner", "approved", "review_days",
	    "limits", "flows", "held_bytes", "states", "zones", "class", "sl_t", "interfaces",
	    "networks", "assets", "conduits", "from", "to", "mode", "on_deny", "when_down",
	    "rationale", "channels", "clients", "servers", "protocol", "port", "rules", "pickup",
	    "log", "answers", "outstanding", "pause", "functions", "access", "units", "points",
	    "values", "type", "rate", "schedule", "tcp", "udp", "icmp-echo", "any", "min", "hour",
	    "@include"};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		expect_word(keys[i]);
	for (i = 0; i < ZONE_CLASS_COUNT; i++)
		expect_word(zone_class_word((enum zone_class)i));
	for (i = ACCESS_READ; i < ACCESS_COUNT; i++)
		expect_word(access_word((enum access)i));
	expect_word(conduit_mode_word(MODE_MONITOR));
	expect_word(on_deny_word(ON_DENY_DROP));
	expect_word(on_deny_word(ON_DENY_REFUSE));
	expect_word(when_down_word(WHEN_DOWN_OPEN));
	expect_word(pickup_word(PICKUP_RESYNC));
	expect_word(channel_log_word(LOG_WRITES));
	for (i = ANSWERS_EXACT; i <= ANSWERS_ANY; i++)
		expect_word(answers_word((enum answers)i));
}

/* Functions and points are told by the protocol's own page. */
static void
test_protocols(void **state)
{
	char text[64];

	for (const struct dissector *const *d = dissectors; *d; d++) {
		expect_word((*d)->name);
		snprintf(text, sizeof(text), ".Xr sluice-%s 7", (*d)->name);
		assert_non_null(strstr(page, text));
		snprintf(text, sizeof(text), "%u", (*d)->port);
		expect_word(text);
	}
}

static void
expect_number(unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	expect_word(text);
}

static void
test_limits(void **state)
{
	expect_number(LIMITS_FLOWS);
	expect_number(LIMITS_FLOWS_MAX);
	expect_number(LIMITS_HELD_BYTES);
	expect_number(LIMITS_HELD_BYTES_MIN);
	expect_number(LIMITS_HELD_BYTES_MAX);
	expect_number(CHANNELS_MAX);
	expect_number(RULES_MAX);
	expect_number(OUTSTANDING_MAX);
	expect_number(DIAGNOSTICS_MAX);
}

/* Each kind of finding is in the lists of the page, with its level and what it cites. */
static void
test_findings(void **state)
{
	char text[128];

	for (int i = 0; i < FINDING_COUNT; i++) {
		const struct finding_kind *kind = &finding_kinds[i];

		snprintf(text, sizeof(text), "\n.It Em %s , %s%s%s\n", kind->word,
		    finding_level_word(kind->level), kind->clause ? ", " : "",
		    kind->clause ? kind->clause : "");
		if (!strstr(page, text))
			fail_msg("the page has no line \"%s\"", text + 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_examples_are_a_policy),
	    cmocka_unit_test(test_examples_of_protocols_are_rules),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_protocols),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_findings),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
