/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reason keys: is every key of the policy language that governs a reason in the table?
 *
 * Keys are those that sluice.conf(5) lists and those of all protocols.  Whoever adds one says here
 * that it governs no reason, or in the table which.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "reason_keys.h"

/* Keys, and words that the page lists in the same way, that decide nothing about a message. */
static const char *const others[] = {"name", "owner", "approved", "review_days", "mark_mask",
    "fast_path", "class", "sl_t", "from", "to", "mode", "on_deny", "rationale", "channels", "rules",
    "log", "control", "safety", "enterprise", "dmz", "temporary", "wireless", "external", "gateway",
    "enforce", "monitor", "reset", "drop", "refuse", "closed", "open", "tcp", "udp", "icmp-echo",
    "resync", "denials", "writes", "all", "exact", "any", "any-unit", "any-transaction", "schedule",
    "continue", "deny", "finding", "reason", "until", "gateways"};

static bool
is_in_table(const char *key)
{
	for (const struct reason_key *row = reason_keys; row->key; row++)
		if (strcmp(row->key, key) == 0)
			return true;
	return false;
}

static bool
is_other(const char *word)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i], word) == 0)
			return true;
	for (const struct dissector *const *d = dissectors; *d; d++)
		if (strcmp((*d)->name, word) == 0)
			return true;
	return false;
}

static void
every_key_of_the_manual_is_looked_at(void **state)
{
	FILE *page = fopen(getenv("SLUICE_CONF_5"), "r");
	char line[256];
	unsigned count = 0;

	assert_non_null(page);
	while (fgets(line, sizeof(line), page)) {
		char *rest = line + strlen(".It Ic"), *word;

		if (strncmp(line, ".It Ic ", strlen(".It Ic ")) != 0)
			continue;
		while ((word = strsep(&rest, " ,\n"))) {
			if (*word == '\0')
				continue;
			count++;
			if (is_in_table(word) == is_other(word))
				fail_msg(
				    "sluice.conf(5) has a key \"%s\": does it govern a reason?",
				    word);
		}
	}
	fclose(page);
	assert_true(count > 40);
}

static void
every_setting_of_a_protocol_is_there(void **state)
{
	for (const struct dissector *const *d = dissectors; *d; d++)
		for (uint32_t i = 0; i < (*d)->setting_count; i++)
			if (!is_in_table((*d)->settings[i].name))
				fail_msg("%s has a key \"%s\": which reason does it govern?",
				    (*d)->name, (*d)->settings[i].name);
}

/* No key that there is not: it is told to people as the one to change. */
static void
every_key_of_the_table_is_one(void **state)
{
	FILE *page = fopen(getenv("SLUICE_CONF_5"), "r");
	static char text[1 << 18];

	assert_non_null(page);
	assert_true(fread(text, 1, sizeof(text) - 1, page) > 0);
	fclose(page);
	for (const struct reason_key *row = reason_keys; row->key; row++) {
		bool found = false;
		char item[64];

		snprintf(item, sizeof(item), ".It Ic %s", row->key);
		for (const struct dissector *const *d = dissectors; *d; d++)
			for (uint32_t i = 0; i < (*d)->setting_count; i++)
				found |= row->place == KEY_OF_PROTOCOL &&
				    strcmp((*d)->settings[i].name, row->key) == 0;
		if (!found && row->place != KEY_OF_PROTOCOL)
			found = strstr(text, item) || strcmp(row->key, "servers") == 0;
		if (!found)
			fail_msg("there is no key \"%s\"", row->key);
	}
}

static bool
governs(const char *key, const char *reason)
{
	for (const struct reason_key *row = reason_keys; row->key; row++)
		if (strcmp(row->key, key) == 0 && strcmp(reason_word(row->reason), reason) == 0)
			return true;
	return false;
}

/* What the page says of a reason by a key's name, explain says too.  What is only the way in which
 * a denial is told, and the mode that denies nothing, govern no reason. */
static void
every_key_that_the_page_names_is_told(void **state)
{
	FILE *page = fopen(getenv("SLUICE_REASONS_7"), "r");
	char line[256], reason[64] = "";
	unsigned count = 0;

	assert_non_null(page);
	while (fgets(line, sizeof(line), page)) {
		char key[64] = "";

		sscanf(line, ".It Cm %63[a-z-]", reason);
		if (line[0] == '.' && line[1] == 'S')
			reason[0] = '\0';
		if (reason[0] == '\0' ||
		    (sscanf(line, ".Li limits.%63[a-z_]", key) != 1 &&
			sscanf(line, ".Li %63[a-z_]", key) != 1 &&
			sscanf(line, ".Ic %63[a-z_]", key) != 1) ||
		    strcmp(key, "on_deny") == 0 || strcmp(key, "monitor") == 0)
			continue;
		count++;
		if (!governs(key, reason))
			fail_msg("sluice-reasons(7) says that \"%s\" governs %s", key, reason);
	}
	fclose(page);
	assert_true(count > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_key_of_the_manual_is_looked_at),
	    cmocka_unit_test(every_setting_of_a_protocol_is_there),
	    cmocka_unit_test(every_key_of_the_table_is_one),
	    cmocka_unit_test(every_key_that_the_page_names_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
