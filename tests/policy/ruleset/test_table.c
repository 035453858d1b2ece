/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose table is it, and what becomes of it: others' tables, others' changes, refusals.  Run by
 * tests/net/lab.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

static void
assert_state(const char *expected)
{
	size_t before = lab_file_size(lab_path("tool.out"));
	char *text;

	assert_int_equal(rig_tool("state", "1", NULL), 0);
	text = lab_file_read(lab_path("tool.out"), before);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, expected);
	free(text);
}

/* The tool fails, says this, and changes nothing. */
static void
assert_refused(const char *command, const char *says)
{
	size_t before = lab_file_size(lab_path("tool.err"));
	char *old = rig_output_of("nft list ruleset"), *new, *errors;

	assert_int_equal(rig_tool(command, "9", lab_path("policy.conf")), 1);
	errors = lab_file_read(lab_path("tool.err"), before);
	if (strstr(errors, says) == NULL)
		fail_msg("expected \"%s\" in:\n%s", says, errors);
	new = rig_output_of("nft list ruleset");
	assert_string_equal(old, new);
	free(errors);
	free(old);
	free(new);
}

static void
a_foreign_table_is_left_alone(void **state)
{
	static const char *const foreign[] = {
	    "nft add table inet sluice",
	    ("nft 'add table inet sluice { comment \"mine\"; }; "
	     "add chain inet sluice forward { type filter hook forward priority 0; }'"),
	};

	rig_write_policy(EVERY_PLAIN, "closed", "", "");
	assert_state("absent generation 0");
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(lab_shell(LAB_GATEWAY, "%s", foreign[i]), 0);
		assert_state("foreign generation 0");
		assert_refused("apply", "was not made by sluiced");
		assert_refused("remove", "was not made by sluiced");
		lab_shell(LAB_GATEWAY, "nft flush ruleset");
	}
	/* tables of other names do not matter, and are not touched */
	lab_shell(LAB_GATEWAY, "nft add table inet other; nft add table ip sluice");
	rig_apply_policy("5");
	assert_state("ours generation 5");
	assert_int_equal(rig_tool("remove", "1", NULL), 0);
	assert_state("absent generation 0");
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "nft list table inet other && nft list table ip sluice"), 0);
}

static void
what_others_did_to_the_table_is_put_right(void **state)
{
	static const char *const acts[] = {
	    "nft flush ruleset",
	    "nft flush table inet sluice",
	    "nft insert rule inet sluice forward accept",
	    "nft 'add chain inet sluice forward { policy accept; }'",
	    "nft 'add table inet sluice { flags dormant; }'",
	    "nft 'add set inet sluice extra { type ipv4_addr; }'",
	    "nft 'add chain inet sluice x; add rule inet sluice forward tcp dport { 1, 2 } jump x'",
	    "nft delete element inet sluice channels4 { 10.10.0.5 . 10.20.0.11 . tcp . 8000 }",
	    "nft add counter inet sluice extra",
	    "nft 'flush chain inet sluice forward; delete chain inet sluice forward'",
	};
	/* sorted: a chain that was deleted comes back as the last */
	static const char list[] = "nft list ruleset | sort";
	char *right;

	rig_apply("3", EVERY_PLAIN);
	right = rig_output_of(list);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		char *now;

		assert_int_equal(lab_shell(LAB_GATEWAY, "%s", acts[i]), 0);
		now = rig_output_of(list);
		if (strcmp(now, right) == 0)
			fail_msg("act %zu changed nothing", i);
		free(now);
		rig_apply_policy("3");
		now = rig_output_of(list);
		assert_string_equal(now, right);
		free(now);
	}
	free(right);
}

static void
a_reload_deletes_no_base_chain(void **state)
{
	static const char handle[] =
	    "nft -a list chain inet sluice forward | grep -m1 'chain forward'";
	char *before, *after;

	rig_apply("1", EVERY_PLAIN);
	before = rig_output_of(handle);
	assert_non_null(strstr(before, "# handle"));
	rig_write_policy(MODBUS_CHANNEL, "open", rig_gateway_zone, "");
	rig_apply_policy("2");
	rig_apply("3", FILES_CHANNEL);
	after = rig_output_of(handle);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void
a_refusal_names_the_object(void **state)
{
	rig_apply("1", EVERY_PLAIN);
	/* the kernel can't make this chain into ours: it has another priority */
	lab_shell(LAB_GATEWAY,
	    "nft 'add chain inet sluice input { type filter hook input priority 10; }'");
	rig_write_policy(EVERY_PLAIN, "closed", rig_gateway_zone, "");
	assert_refused("apply", "chain input: ");
}

static void
without_permission_it_says_so(void **state)
{
	size_t before = lab_file_size(lab_path("shell.err"));
	char *errors;

	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "setpriv --bounding-set -all %s probe", RULESET_TOOL), 1);
	assert_int_equal(lab_shell(LAB_GATEWAY, "setpriv --bounding-set -all %s apply %s",
			     RULESET_TOOL, lab_path("policy.conf")),
	    1);
	errors = lab_file_read(lab_path("shell.err"), before);
	assert_non_null(strstr(errors, "expected CAP_NET_ADMIN"));
	free(errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_foreign_table_is_left_alone, rig_clean),
	    cmocka_unit_test_setup(what_others_did_to_the_table_is_put_right, rig_clean),
	    cmocka_unit_test_setup(a_reload_deletes_no_base_chain, rig_clean),
	    cmocka_unit_test_setup(a_refusal_names_the_object, rig_clean),
	    cmocka_unit_test_setup(without_permission_it_says_so, rig_clean),
	};

	rig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
