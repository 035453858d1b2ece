/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amend: every reason has its answer; and patches hit the operator's file, however it is written.
 *
 * Messages come from bytes, files stand in a folder of their own, and patch(1) applies what was
 * made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "amend.h"
#include "load.h"
#include "network.h"
#include "words.h"

/* write-single-register unit 1 holding:50 = 7 */
static const uint8_t write_50[] = {0, 1, 0, 0, 0, 6, 1, 6, 0, 50, 0, 7};

#define ZONES                                                                                      \
	"zones: { a: { class = \"control\"; interfaces = [\"x\"]; networks = [\"10.1.0.0/24\"];\n" \
	" assets: { hmi = \"10.1.0.5\"; }; };\n"                                                   \
	" b: { class = \"control\"; interfaces = [\"y\"]; networks = [\"10.2.0.0/24\"];\n"         \
	" assets: { plc = \"10.2.0.1\"; }; };\n"                                                   \
	" lone: { class = \"control\"; interfaces = [\"z\"]; networks = [\"10.3.0.0/24\"]; }; "    \
	"};\n"

static char folder[] = "/tmp/sluice-amend-XXXXXX";

struct asked {
	struct policy *policy;
	struct draft draft;
	struct message message;
	struct amend_question question;
	struct amendments found;
};

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static char *
read_file(const char *name)
{
	char *text = calloc(1, 65536);
	FILE *file = fopen(name, "r");

	assert_non_null(text);
	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) < 65535);
	fclose(file);
	return text;
}

static struct policy *
load(const char *name)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;

	if (policy_load(name, &policy, &diagnostics) < 0)
		fail_msg("%s: %s", name, diagnostic_print(&diagnostics.items[0]));
	diagnostics_done(&diagnostics);
	return policy;
}

static void
read_message(
    const struct channel *channel, const uint8_t *bytes, size_t length, struct message *ret_message)
{
	static struct context_room room;
	struct context context = context_new(&room);
	enum reason reason;
	uint32_t used;

	memset(&room, 0, sizeof(room));
	assert_int_equal(dissect(channel->dissector, DIRECTION_REQUEST, &context, bytes, length,
			     NULL, ret_message, &used, &reason),
	    DISSECT_COMPLETE);
}

static bool
is_denied(const struct policy *policy, const struct message *m, enum reason *ret_reason)
{
	static struct rate_state rates[16];
	struct decision decision;

	memset(rates, 0, sizeof(rates));
	decide(policy->channels[0], m, true, 1, rates, &decision);
	*ret_reason = decision.reason;
	return decision.verdict == VERDICT_DENY;
}

/* Ask what would allow write_50 on the first channel of the file. */
static struct asked *
ask(const char *name, const char *comment)
{
	static struct asked asked;

	memset(&asked, 0, sizeof(asked));
	asked.policy = load(name);
	assert_true(draft_read("test", name, &asked.draft));
	asked.question = (struct amend_question){.policy = asked.policy,
	    .draft = &asked.draft,
	    .channel = asked.policy->channels[0],
	    .message = &asked.message,
	    .complete = true,
	    .comment = comment};
	read_message(asked.question.channel, write_50, sizeof(write_50), &asked.message);
	assert_true(is_denied(asked.policy, &asked.message, &asked.question.reason));
	amend_find(&asked.question, &asked.found);
	return &asked;
}

static void
done(struct asked *asked)
{
	amendments_done(&asked->found);
	draft_done(&asked->draft);
	policy_free(asked->policy);
}

/* Each change, applied by patch(1) to the files of the folder, makes a policy that allows it. */
static void
check_patches(const char *name, const char *comment)
{
	struct asked *asked = ask(name, comment);

	assert_true(asked->found.count > 0);
	for (size_t i = 0; i < asked->found.count; i++) {
		const struct amendment *item = &asked->found.items[i];
		struct policy *policy;
		enum reason reason;

		write_file("change.patch", item->patch);
		if (system("patch -s -p1 --binary <change.patch >patch.log 2>&1") != 0)
			fail_msg("%s\n%s", read_file("patch.log"), item->patch);
		policy = load(name);
		assert_false(is_denied(policy, &asked->message, &reason));
		assert_string_equal(policy->hash, item->policy->hash);
		policy_free(policy);
		for (size_t f = 0; f < item->files.count; f++) {
			char *text = read_file(item->files.items[f].name);

			assert_string_equal(text, item->files.items[f].after);
			if (comment)
				assert_non_null(strstr(text, comment));
			free(text);
		}
		assert_int_equal(system("patch -R -s -p1 --binary <change.patch"), 0);
	}
	done(asked);
}

#define CHANNEL(rules)                                                                            \
	ZONES "conduits: { c: { from = \"a\"; to = \"b\"; channels: ( { name = \"n\"; clients = " \
	      "[\"hmi\"]; servers = [\"plc\"]; protocol = \"modbus\"; rules: " rules              \
	      "; } ); }; };\n"

static void
patches_hit_files_as_people_write_them(void **state)
{
	static const char *const rules[] = {
	    /* on one line with others */
	    "( { access = [\"read\"]; }, { functions = [\"write-single-register\"]; units = "
	    "[\"1\"]; points = [\"holding:40-42\"]; values = [\"0-1500\"]; } )",
	    /* comments between, tabs, and what ends a line */
	    "( # first\n\t{ access = [\"read\"]; } // reads )\n\t, /* ] } */ { functions = "
	    "[\"write-single-register\"] // one ]\n\t\tpoints\n\t\t= [ \"holding:40-42\" # more\n"
	    "\t\t]\n\t}\n)",
	    /* signs that end nothing more */
	    "( { functions = [\"write-single-register\"], units = [\"2\"], } )",
	    /* no signs at all */
	    "( { functions = [\"write-single-register\"] units = [\"2\"] } )",
	    /* strings that look like the end, and ones side by side */
	    "( { functions = [\"write-\" \"single-register\"]; /* \" */ units = [\"2\"]; } )",
	    /* a comment that reaches over the line */
	    "( { access = [\"read\"]; /* this\n goes on */ }, { functions = "
	    "[\"write-single-register\"]; units = [\"2\"]; /* and\n on */ } )",
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		char *text = words_format(ZONES
		    "conduits: { c: { from = \"a\"; to = \"b\"; channels: ( { name = \"n\"; "
		    "clients = [\"hmi\"]; servers = [\"plc\"]; protocol = \"modbus\"; "
		    "rules: %s; } ); }; };\n",
		    rules[i]);

		write_file("plant.conf", text);
		check_patches("plant.conf", NULL);
		check_patches("plant.conf", "asked for by the night shift");
		free(text);
	}
}

static void
patches_keep_the_line_ends_of_other_systems(void **state)
{
	const char *text = CHANNEL("(\n\t{ access = [\"read\"]; },\n\t{ functions = "
				   "[\"write-single-register\"];\n\t  points = "
				   "[\"holding:40-42\"]; }\n)");
	char *crlf = calloc(2, strlen(text) + 1), *to = crlf;
	struct asked *asked;

	for (; *text; text++) {
		if (*text == '\n')
			*to++ = '\r';
		*to++ = *text;
	}
	write_file("plant.conf", crlf);
	check_patches("plant.conf", NULL);
	check_patches("plant.conf", "because");
	asked = ask("plant.conf", "because");
	for (size_t i = 0; i < asked->found.count; i++)
		for (const char *c = asked->found.items[i].files.items[0].after; *c; c++)
			assert_true(*c != '\n' || c[-1] == '\r');
	done(asked);
	free(crlf);
}

static void
patches_go_to_the_file_that_is_included(void **state)
{
	struct asked *asked;

	write_file("plant.conf",
	    "@include \"parts/zones.inc\"\n// the way\nconduits: {\n@include "
	    "\"parts/c.inc\"\n};\n");
	assert_int_equal(mkdir("parts", 0700), 0);
	write_file("parts/zones.inc", ZONES);
	write_file("parts/c.inc",
	    "// keep me\nc: { from = \"a\"; to = \"b\"; channels: (\n{ name = \"n\"; clients = "
	    "[\"hmi\"]; servers = [\"plc\"]; protocol = \"modbus\"; rules: ( { access = "
	    "[\"read\"]; } ); } ); };\n");
	check_patches("plant.conf", "for the pump");
	asked = ask("plant.conf", NULL);
	for (size_t i = 0; i < asked->found.count; i++) {
		assert_int_equal(asked->found.items[i].files.count, 1);
		assert_string_equal(asked->found.items[i].files.items[0].name, "parts/c.inc");
	}
	done(asked);
}

/* A file that is included twice changes at both places, and that is told. */
static void
patches_count_a_file_that_is_included_twice(void **state)
{
	struct asked *asked;

	write_file("plant.conf",
	    ZONES
	    "conduits: { c: { from = \"a\"; to = \"b\"; channels: (\n"
	    "{ name = \"n\"; clients = [\"hmi\"]; servers = [\"plc\"]; protocol = \"modbus\";\n"
	    "@include \"rules.inc\"\n},\n"
	    "{ name = \"m\"; clients = [\"10.1.0.6\"]; servers = [\"plc\"]; protocol = "
	    "\"modbus\";\n@include \"rules.inc\"\n} ); }; };\n");
	write_file("rules.inc", "rules: ( { access = [\"read\"]; } );\n");
	check_patches("plant.conf", NULL);
	asked = ask("plant.conf", NULL);
	assert_true(asked->found.count > 0);
	for (size_t i = 0; i < asked->found.count; i++)
		assert_int_equal(asked->found.items[i].comparison.channel_count, 2);
	done(asked);
}

/* ---- reasons ---- */

static const char plant[] = ZONES
    "limits: { flows = 1000; };\n"
    "audit_full = \"deny\";\n"
    "conduits: { c: { from = \"a\"; to = \"b\"; channels: (\n"
    "{ name = \"n\"; clients = [\"hmi\"]; servers = [\"plc\"]; protocol = \"modbus\"; outstanding "
    "= 4;\n"
    "  rules: ( { access = [\"read\"]; }, { functions = [\"write-single-register\"]; points = "
    "[\"holding:50\"]; rate = \"1/min\"; } ); },\n"
    "{ name = \"d\"; clients = [\"hmi\"]; servers = [\"plc\"]; protocol = \"dnp3\"; "
    "fragment_max = 400; rules: ( { access = [\"read\"]; } ); },\n"
    "{ name = \"s\"; clients = [\"hmi\"]; servers = [\"plc\"]; protocol = \"s7comm\"; "
    "pdu_max = 240; pieces_max = 1; rules: ( { access = [\"read\"]; } ); } ); }; };\n";

/* A connection that no channel names; of wrong-zone, one that comes by another interface. */
static void
put_connection(struct amend_question *q, const char *client)
{
	struct network from, to;

	assert_int_equal(network_read(client, &from), 0);
	assert_int_equal(network_read("10.2.0.1", &to), 0);
	q->has_connection = true;
	q->family = from.family;
	q->client = from.address;
	q->server = to.address;
	q->port = 502;
	q->transport = PROTOCOL_TCP;
	q->interface = q->reason == REASON_WRONG_ZONE ? "w" : "x";
}

static size_t
changes_for(enum reason reason, const struct policy *policy, const struct draft *draft)
{
	static struct message message;
	static struct amendments found;
	size_t count = 0;

	for (size_t i = 0; i < policy->channel_count; i++) {
		struct amend_question q = {
		    .policy = policy, .draft = draft, .reason = reason, .complete = true};

		if (reason == REASON_NO_CHANNEL || reason == REASON_WRONG_ZONE)
			put_connection(&q, reason == REASON_WRONG_ZONE ? "10.1.0.5" : "10.1.0.77");
		else
			q.channel = policy->channels[i];
		if (reason >= REASON_FUNCTION_DENIED && reason <= REASON_RATE_EXCEEDED) {
			read_message(policy->channels[0], write_50, sizeof(write_50), &message);
			/* the reason decides for rates alone; others ask about another unit */
			message.unit = reason == REASON_RATE_EXCEEDED ? 1 : 2;
			message.spans[0].first = message.spans[0].last =
			    reason == REASON_RATE_EXCEEDED ? 50 : 51;
			q.channel = policy->channels[0];
			q.message = &message;
		}
		amend_find(&q, &found);
		assert_true((found.count == 0) == (found.why != NULL));
		for (size_t n = 0; n < found.count; n++) {
			assert_non_null(strstr(found.items[n].patch, "--- a/plant.conf\n"));
			assert_true(strlen(found.items[n].permits) > 0);
		}
		count += found.count;
		amendments_done(&found);
	}
	return count;
}

static void
every_reason_has_a_change_or_a_sentence(void **state)
{
	struct policy *policy;
	struct draft draft;
	unsigned changed = 0;

	write_file("plant.conf", plant);
	policy = load("plant.conf");
	assert_true(draft_read("test", "plant.conf", &draft));
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		const char *helps = remedies[reason].helps;
		size_t count;

		if (!helps || strlen(helps) < 20 || helps[strlen(helps) - 1] != '.')
			fail_msg("%s: nothing is said", reason_word(reason));
		count = changes_for(reason, policy, &draft);
		if ((count > 0) != (remedies[reason].kind != REMEDY_SENTENCE))
			fail_msg("%s: %zu changes", reason_word(reason), count);
		changed += count > 0;
	}
	assert_true(changed >= 20);
	draft_done(&draft);
	policy_free(policy);
}

/* What can be no larger is not changed, and the sentence says what helps then. */
static void
what_is_at_its_limit_gets_a_sentence(void **state)
{
	struct amend_question q = {.reason = REASON_STREAM_PAUSED};
	static struct amendments found;
	struct policy *policy;
	struct draft draft;

	write_file("plant.conf",
	    ZONES "conduits: { c: { from = \"a\"; to = \"b\"; channels: ( { name = \"n\"; clients "
		  "= [\"hmi\"]; servers = [\"plc\"]; protocol = \"modbus\"; pause = 60; rules: ( "
		  "{ access = [\"read\"]; } ); } ); }; };\n");
	policy = load("plant.conf");
	assert_true(draft_read("test", "plant.conf", &draft));
	q.policy = policy;
	q.draft = &draft;
	q.channel = policy->channels[0];
	amend_find(&q, &found);
	assert_int_equal(found.count, 0);
	assert_string_equal(found.why, remedies[REASON_STREAM_PAUSED].helps);
	amendments_done(&found);
	draft_done(&draft);
	policy_free(policy);
}

/* Ways for a connection: the text that the first change has, and a word of what it is. */
static void
check_connection(const char *text, const char *client, const char *what, const char *line)
{
	struct amend_question q = {.reason = REASON_NO_CHANNEL};
	static struct amendments found;
	struct policy *policy;
	struct draft draft;
	bool seen = false;

	write_file("plant.conf", text);
	policy = load("plant.conf");
	assert_true(draft_read("test", "plant.conf", &draft));
	q.policy = policy;
	q.draft = &draft;
	put_connection(&q, client);
	amend_find(&q, &found);
	if (!what)
		assert_int_equal(found.count, 0);
	for (size_t i = 0; what && i < found.count; i++)
		seen |= strstr(found.items[i].what, what) && strstr(found.items[i].patch, line);
	if (what && !seen)
		fail_msg("%s: not among %zu changes", what, found.count);
	amendments_done(&found);
	draft_done(&draft);
	policy_free(policy);
}

static void
connections_get_what_is_missing(void **state)
{
	const char *reads = CHANNEL("( { access = [\"read\"]; } )");

	check_connection(reads, "10.1.0.7", "channel c/n: clients with \"10.1.0.7\"",
	    "clients = [\"hmi\", \"10.1.0.7\"]");
	check_connection(reads, "10.1.0.7", "a new channel in conduit c", "name = \"allowed-tcp\"");
	check_connection(
	    reads, "10.3.0.7", "a new conduit from lone to b", "lone-b: { from = \"lone\"");
	check_connection(reads, "10.9.0.7", "zone a: networks with \"10.9.0.7\"; ",
	    "networks = [\"10.1.0.0/24\", \"10.9.0.7\"]");
	/* no conduit joins a zone with itself */
	check_connection(reads, "10.2.0.9", NULL, NULL);
}

static int
enter(void **state)
{
	return !mkdtemp(folder) || chdir(folder) < 0;
}

static int
leave(void **state)
{
	char *command = words_format("rm -rf %s", folder);
	int r = chdir("/") < 0 || system(command) != 0;

	free(command);
	return r;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_reason_has_a_change_or_a_sentence),
	    cmocka_unit_test(what_is_at_its_limit_gets_a_sentence),
	    cmocka_unit_test(connections_get_what_is_missing),
	    cmocka_unit_test(patches_hit_files_as_people_write_them),
	    cmocka_unit_test(patches_keep_the_line_ends_of_other_systems),
	    cmocka_unit_test(patches_go_to_the_file_that_is_included),
	    cmocka_unit_test(patches_count_a_file_that_is_included_twice),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
