/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life: starting, stopping, dying, reloading. What passes meanwhile is what the policy says,
 * nothing else.
 *
 *   lab.sh life start|failed|crash|reload|restart|table|links|storm|shares|told|first|boot|audit|
 *              faults-closed|faults-open [NAME-PATTERN]
 */
#include <stdio.h>

#include "choose.h"
#include "life.h"

enum { REQUEST_MS = 1500 };

void
life_unharmed(void)
{
	assert_int_equal(device_read(PLC1, 50), 0);
}

void
life_start(const struct gate_policy *policy, const char *const *more)
{
	gate_start(gate_write_policy("life.conf", policy), more);
}

int
life_connect(void)
{
	int fd = client_connect(PLC1, REQUEST_MS);

	assert_true(fd >= 0);
	assert_true(life_reads(fd, REQUEST_MS));
	return fd;
}

bool
life_reads(int fd, unsigned ms)
{
	return client_ask(fd, message_read, ms, NULL);
}

void
life_attack(void (*between)(void))
{
	struct raw raw;

	raw_open(&raw, PLC1, 502);
	if (raw_connect(&raw, false)) {
		raw_data(&raw, 0, message_forbidden, 6);
		raw_wait_acked(&raw, 6, 50);
		if (between)
			between();
		raw_data(&raw, 6, &message_forbidden[6], 6);
		raw_listen(&raw, 50);
		raw_data(&raw, 0, message_forbidden, 12);
		raw_listen(&raw, 50);
	}
	raw_close(&raw);
}

const char *
life_as_nobody(const char *program)
{
	static char command[256];
	const char *copy = lab_path("as-nobody");

	assert_int_equal(lab_shell(LAB_GATEWAY, "chmod 777 $(dirname %s) && install -m 755 %s %s",
			     copy, program, copy),
	    0);
	snprintf(command, sizeof(command), "setpriv --reuid 65534 --regid 65534 --clear-groups %s",
	    copy);
	return command;
}

int
life_sluice(const char *command, ...)
{
	const char *words[20] = {SLUICE, command, "--control", lab_path("control")};
	size_t count = 4;
	va_list more;

	va_start(more, command);
	while (count < 19 && (words[count] = va_arg(more, const char *)))
		count++;
	va_end(more);
	unlink(lab_path("sluice.out"));
	unlink(lab_path("sluice.err"));
	return lab_run(LAB_GATEWAY, "sluice", words);
}

bool
life_said(const char *text)
{
	return lab_file_wait(lab_path("sluice.out"), 0, text, 0) ||
	    lab_file_wait(lab_path("sluice.err"), 0, text, 0);
}

bool
life_table(void)
{
	return lab_shell(LAB_GATEWAY, "nft list tables | grep -q 'table inet sluice'") == 0;
}

void
life_refuses(const char *const *arguments, const char *word)
{
	size_t before = lab_file_size(gate_log());
	int status = gate_run(arguments);

	assert_in_range(status, 1, 2);
	if (!lab_file_wait(gate_log(), before, word, 0)) {
		char *said = lab_file_read(gate_log(), before);

		print_error("'%s' is missing in: %s", word, said);
		free(said);
		fail();
	}
}

void
life_shut(void)
{
	assert_true(life_table());
	assert_true(client_connect(PLC1, 300) < 0);
	assert_true(client_connect_from("10.10.0.20", PLC1, 300) < 0);
}

int
life_set_up(void **state)
{
	device_clear(PLC1);
	lab_shell(LAB_GATEWAY, "rm -rf %s", gate_state()); /* nothing of an earlier test is good */
	return 0;
}

int
life_tear_down(void **state)
{
	pid_t pids[GATE_INSPECTORS_MAX];

	size_t count = gate_inspectors(pids);

	for (size_t i = 0; i < count; i++)
		kill(pids[i], SIGCONT);
	gate_stop(SIGTERM);
	gate_flush();
	lab_shell(LAB_GATEWAY, "nft flush ruleset");
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		const struct CMUnitTest *tests;
		const size_t *count;
	} parts[] = {
	    {"start", life_start_tests, &life_start_count},
	    {"failed", life_failed_tests, &life_failed_count},
	    {"crash", life_crash_tests, &life_crash_count},
	    {"reload", life_reload_tests, &life_reload_count},
	    {"restart", life_restart_tests, &life_restart_count},
	    {"table", life_table_tests, &life_table_count},
	    {"links", life_links_tests, &life_links_count},
	    {"change", life_change_tests, &life_change_count},
	    {"isolate", life_isolate_tests, &life_isolate_count},
	    {"first", life_first_tests, &life_first_count},
	    {"storm", life_storm_tests, &life_storm_count},
	    {"shares", life_shares_tests, &life_shares_count},
	    {"told", life_told_tests, &life_told_count},
	    {"boot", life_boot_tests, &life_boot_count},
	    {"audit", life_audit_tests, &life_audit_count},
	    {"roles", life_roles_tests, &life_roles_count},
	    {"faults-closed", life_faults_closed_tests, &life_faults_closed_count},
	    {"faults-open", life_faults_open_tests, &life_faults_open_count},
	};
	static struct CMUnitTest tests[64];
	const char *part = argc > 1 ? argv[1] : "start";
	const struct CMUnitTest *list = NULL;
	size_t count = 0;
	int failed;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(part, parts[i].name) == 0) {
			list = parts[i].tests;
			count = *parts[i].count;
		}
	}
	if (!list)
		return 2;
	memcpy(tests, list, count * sizeof(*tests));
	choose_tests(argc > 2 ? argv[2] : NULL, tests, count);
	lab_init();
	device_start();
	failed = _cmocka_run_group_tests(part, tests, count, NULL, NULL);
	device_stop();
	return failed > 0;
}
