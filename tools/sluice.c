/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sluice: the command line program, and the list of its subcommands.
 *
 * Knows no command: a subcommand is one file and one line below.  The exit status of every command
 * is 0 for yes, 1 for no, 2 when it could not tell.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "names.h"
#include "terminal.h"

static const struct command *const commands[] = {
    &check_command,
    &show_command,
    &draw_command,
    &report_command,
    &learn_command,
    &replay_command,
    &compare_command,
    &explain_command,
    &allow_command,
    &reload_command,
    &restart_command,
    &status_command,
    &metrics_command,
    &events_command,
    &flows_command,
    &top_command,
    &plan_command,
    &apply_command,
    &confirm_command,
    &rollback_command,
    &history_command,
    &isolate_command,
    &rejoin_command,
    &audit_command,
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void
print_help(FILE *file)
{
	fputs(
	    "usage: sluice COMMAND [OPTION]... [OPERAND]...\n\n"
	    "Check, show and try the policies of the Sluice firewall, and ask the running one.\n\n"
	    "Commands:\n",
	    file);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(file, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`sluice help COMMAND` tells more about each.  Exit status: 0 yes, 1 no, 2 could "
	      "not\n"
	      "tell.  The manual is sluice(1), the policy language sluice.conf(5).\n",
	    file);
}

static const struct command *
find_command(const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
		nearest_offer(&nearest, commands[i]->name);
	}
	if (nearest_take(&nearest))
		complain("there is no command \"%s\"; did you mean \"%s\"?", name,
		    nearest_take(&nearest));
	else
		complain("there is no command \"%s\"; `sluice --help` lists them", name);
	return NULL;
}

static enum answer
help(const char *name)
{
	const struct command *command;

	if (!name) {
		print_help(stdout);
		return ANSWER_YES;
	}
	command = find_command(name);
	if (!command)
		return ANSWER_UNKNOWN;
	command_help(command, stdout);
	return ANSWER_YES;
}

static enum answer
run(int word_count, char **words)
{
	const struct command *command = find_command(words[0]);
	struct arguments arguments;
	int r;

	if (!command)
		return ANSWER_UNKNOWN;
	r = command_parse(command, word_count - 1, words + 1, &arguments);
	if (r == -ECANCELED)
		return ANSWER_YES;
	if (r < 0)
		return ANSWER_UNKNOWN;
	return command->run(&arguments);
}

/* What was printed must have arrived: a full disk is not a "yes". */
static enum answer
finish(enum answer answer)
{
	progress_clear();
	if (fflush(stdout) == 0 && !ferror(stdout))
		return answer;
	complain("cannot write the output: %s", strerror(errno));
	return ANSWER_UNKNOWN;
}

int
main(int word_count, char **words)
{
	terminal_init();
	if (word_count < 2) {
		print_help(stderr);
		return ANSWER_UNKNOWN;
	}
	if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)
		return finish(help(NULL));
	if (strcmp(words[1], "help") == 0)
		return finish(help(word_count > 2 ? words[2] : NULL));
	if (strcmp(words[1], "--version") == 0) {
		printf("sluice %s\n", SLUICE_VERSION);
		return finish(ANSWER_YES);
	}
	return finish(run(word_count - 1, words + 1));
}
