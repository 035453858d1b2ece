/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command: what a subcommand of `sluice` is, and how its command line is read.
 *
 * A subcommand is one file that ends in one `const struct command` and one line of the list in
 * sluice.c.  Its usage, help and option parsing all come from that table.  Nothing here knows what
 * any of the commands does.
 */
#ifndef SLUICE_COMMAND_H
#define SLUICE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where the daemon finds its policy and writes its events, unless it is told otherwise. */
extern const char default_policy_path[];
extern const char default_events_path[];

/* The answer of every command, as its exit status. */
enum answer { ANSWER_YES = 0, ANSWER_NO = 1, ANSWER_UNKNOWN = 2 };

struct option_row {
	const char *name;     /* long form without its dashes */
	char letter;          /* short form, 0 if there is none */
	const char *argument; /* what it wants, "N"; NULL: it is a switch */
	const char *help;     /* one line */
};

enum { OPTIONS_MAX = 16 };

/* A command line that was read. */
struct arguments {
	const char
	    *values[OPTIONS_MAX]; /* by row of the options; "" for a switch; NULL: not given */
	char **operands;
	size_t operand_count;
};

struct command {
	const char *name;
	const char *operands; /* "POLICY CAPTURE..." */
	const char *summary;  /* one line */
	const char
	    *text; /* what `--help` says behind the summary, in lines of at most 78 columns */
	const struct option_row *options;
	size_t option_count;
	size_t operands_min;
	size_t operands_max;
	bool reads_policy; /* and so takes --gateway */
	enum answer (*run)(const struct arguments *arguments);
};

/*
 * Read the words behind a command's name.  Returns 0, or -EINVAL after an error was told, or
 * -ECANCELED after `--help` was answered.  `words` is put in a new order; the result points into
 * it.
 */
int command_parse(
    const struct command *command, int word_count, char **words, struct arguments *ret_arguments);

/*
 * The gateway whose part of a policy is meant, of the command line that was read last; NULL: none
 * was named.
 */
const char *command_gateway(void);

/* Print a command's help. */
void command_help(const struct command *command, FILE *file);

/*
 * Read an option's value as a number from minimum to maximum.  Without a value *ret_number stays as
 * it is.  Returns 0, or -EINVAL after an error was told.
 */
int command_number(const struct command *command, const struct arguments *arguments, size_t option,
    unsigned long minimum, unsigned long maximum, unsigned long *ret_number);

extern const struct command check_command;
extern const struct command compare_command;
extern const struct command show_command;
extern const struct command draw_command;
extern const struct command report_command;
extern const struct command learn_command;
extern const struct command replay_command;
extern const struct command explain_command;
extern const struct command allow_command;
extern const struct command reload_command;
extern const struct command restart_command;
extern const struct command status_command;
extern const struct command metrics_command;
extern const struct command events_command;
extern const struct command flows_command;
extern const struct command top_command;
extern const struct command plan_command;
extern const struct command apply_command;
extern const struct command confirm_command;
extern const struct command rollback_command;
extern const struct command history_command;
extern const struct command isolate_command;
extern const struct command rejoin_command;
extern const struct command audit_command;

#endif
