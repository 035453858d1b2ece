/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command: reading a command line by a table of options, and printing that table.
 *
 * Options may stand anywhere, `--` ends them, a value follows its option as the next word or behind
 * `=`.  Long options are not abbreviated: a wrong one gets the nearest right spelling.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "names.h"
#include "terminal.h"

const char default_policy_path[] = "/etc/sluice/sluice.conf";
const char default_events_path[] = "/var/log/sluice/events.json";

static const struct option_row gateway_option = {
    "gateway", 0, "NAME", "the part of this gateway, where a policy has several"};

static const char *gateway;

const char *
command_gateway(void)
{
	return gateway;
}

static int
find_long(const struct command *command, const char *name, size_t length)
{
	for (size_t i = 0; i < command->option_count; i++) {
		const char *row = command->options[i].name;

		if (strlen(row) == length && memcmp(row, name, length) == 0)
			return (int)i;
	}
	return -1;
}

static bool
is_gateway_option(const struct command *command, const char *name, size_t length)
{
	return command->reads_policy && strlen(gateway_option.name) == length &&
	    memcmp(gateway_option.name, name, length) == 0;
}

static int
find_letter(const struct command *command, char letter)
{
	for (size_t i = 0; i < command->option_count; i++)
		if (command->options[i].letter == letter)
			return (int)i;
	return -1;
}

static int
refuse_option(const struct command *command, const char *word)
{
	struct nearest nearest;
	char wrong[64];

	snprintf(wrong, sizeof(wrong), "%.*s", (int)strcspn(word, "="), word);
	nearest_init(&nearest, wrong + strspn(wrong, "-"));
	nearest_offer(&nearest, "help");
	for (size_t i = 0; i < command->option_count; i++)
		nearest_offer(&nearest, command->options[i].name);
	if (command->reads_policy)
		nearest_offer(&nearest, gateway_option.name);
	if (nearest_take(&nearest))
		complain("%s: there is no option %s; did you mean --%s?", command->name, wrong,
		    nearest_take(&nearest));
	else
		complain("%s: there is no option %s; see `sluice help %s`", command->name, wrong,
		    command->name);
	return -EINVAL;
}

/* One word that begins with a dash; `next` is the word behind it or NULL. Returns words used or
 * -errno. */
static int
parse_option(
    const struct command *command, const char *word, const char *next, struct arguments *arguments)
{
	bool is_long = word[1] == '-';
	const char *name = word + (is_long ? 2 : 1);
	size_t length = is_long ? strcspn(name, "=") : 1;
	const char *inside = name[length] == '\0' ? NULL : name + length + (is_long ? 1 : 0);
	int row = is_long ? find_long(command, name, length) : find_letter(command, name[0]);
	bool common = is_long && row < 0 && is_gateway_option(command, name, length);
	const struct option_row *option;
	const char **value;

	if (row < 0 && !common)
		return refuse_option(command, word);
	option = common ? &gateway_option : &command->options[row];
	value = common ? &gateway : &arguments->values[row];
	if (!option->argument && inside) {
		complain(
		    "%s: --%s takes no value, found \"%s\"", command->name, option->name, inside);
		return -EINVAL;
	}
	if (option->argument && !inside && !next) {
		complain("%s: --%s needs %s", command->name, option->name, option->argument);
		return -EINVAL;
	}
	if (*value) {
		complain("%s: --%s is given twice", command->name, option->name);
		return -EINVAL;
	}
	*value = !option->argument ? "" : inside ? inside : next;
	return option->argument && !inside ? 2 : 1;
}

static int
check_operands(const struct command *command, size_t count)
{
	if (count >= command->operands_min && count <= command->operands_max)
		return 0;
	complain("%s: %s; usage: sluice %s [OPTION]... %s", command->name,
	    count < command->operands_min ? "something is missing" : "too many words",
	    command->name, command->operands);
	return -EINVAL;
}

int
command_parse(
    const struct command *command, int word_count, char **words, struct arguments *ret_arguments)
{
	struct arguments arguments = {.operands = words};
	bool options = true;

	gateway = NULL;
	for (int i = 0; i < word_count;) {
		char *word = words[i];
		int used = 1;

		if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
			command_help(command, stdout);
			return -ECANCELED;
		} else if (options && word[0] == '-' && word[1] != '\0') {
			used = parse_option(
			    command, word, i + 1 < word_count ? words[i + 1] : NULL, &arguments);
			if (used < 0)
				return used;
		} else {
			words[arguments.operand_count++] = word;
		}
		i += used;
	}
	if (check_operands(command, arguments.operand_count) < 0)
		return -EINVAL;
	*ret_arguments = arguments;
	return 0;
}

static void
print_option(const struct option_row *option, FILE *file)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", option->name, option->argument ? " " : "",
	    option->argument ? option->argument : "");
	fprintf(file, "  %c%c%c %-22s %s\n", option->letter ? '-' : ' ',
	    option->letter ? option->letter : ' ', option->letter ? ',' : ' ', left, option->help);
}

void
command_help(const struct command *command, FILE *file)
{
	fprintf(file, "usage: sluice %s%s%s%s\n\n%s.\n", command->name,
	    command->option_count ? " [OPTION]..." : "", command->operands[0] ? " " : "",
	    command->operands, command->summary);
	if (command->text)
		fprintf(file, "\n%s\n", command->text);
	fputs("\nOptions:\n", file);
	for (size_t i = 0; i < command->option_count; i++)
		print_option(&command->options[i], file);
	if (command->reads_policy)
		print_option(&gateway_option, file);
	fprintf(file, "  -h, %-22s %s\n", "--help", "print this");
}

int
command_number(const struct command *command, const struct arguments *arguments, size_t option,
    unsigned long minimum, unsigned long maximum, unsigned long *ret_number)
{
	const char *text = arguments->values[option];
	unsigned long number;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || number < minimum ||
	    number > maximum) {
		complain("%s: --%s is \"%s\"; expected a number from %lu to %lu", command->name,
		    command->options[option].name, text, minimum, maximum);
		return -EINVAL;
	}
	*ret_number = number;
	return 0;
}
