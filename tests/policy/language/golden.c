/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Golden: the policy language against files.
 *
 *	golden good FOLDER      each x.conf loads; its canonical print is x.print, and prints to
 *itself golden bad FOLDER       each x.conf fails with exactly the lines of x.expect golden warn
 *FOLDER      each x.conf loads with exactly the warnings of x.expect golden example FOLDER   each
 *x.conf loads without errors and prints to itself
 *
 *	golden update FOLDER    write the expected files of FOLDER/good, FOLDER/bad and FOLDER/warn
 *anew
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "print.h"

static bool update;
static unsigned failures;

static void
fail(const char *name, const char *what)
{
	fprintf(stderr, "%s: %s\n", name, what);
	failures++;
}

static char *
read_text(const char *file)
{
	FILE *stream = fopen(file, "r");
	char *text = NULL;
	size_t size = 0;

	if (!stream)
		return NULL;
	if (getdelim(&text, &size, '\0', stream) < 0 && text)
		text[0] = '\0';
	fclose(stream);
	return text;
}

/* Compare with (or write) the file beside `conf` that ends in `ending`. */
static void
expect(const char *conf, const char *ending, const char *text)
{
	char file[512], command[1200];
	char *expected;
	FILE *stream;

	snprintf(file, sizeof(file), "%.*s%s", (int)(strlen(conf) - strlen(".conf")), conf, ending);
	expected = read_text(file);
	if (expected && strcmp(expected, text) == 0) {
		free(expected);
		return;
	}
	free(expected);
	if (update) {
		stream = fopen(file, "w");
		if (!stream || fputs(text, stream) < 0 || fclose(stream) != 0)
			fail(file, strerror(errno));
		return;
	}
	fail(conf, "differs from what is expected:");
	snprintf(command, sizeof(command), "diff -u '%s' - >&2", file);
	stream = popen(command, "w");
	if (stream) {
		fputs(text, stream);
		pclose(stream);
	}
}

static char *
print_diagnostics(const struct diagnostics *diagnostics, enum severity severity)
{
	char *text = NULL;
	size_t size, i;
	FILE *stream = open_memstream(&text, &size);

	for (i = 0; stream && i < diagnostics->count; i++) {
		char *line;

		if (diagnostics->items[i].severity != severity)
			continue;
		line = diagnostic_print(&diagnostics->items[i]);
		fprintf(stream, "%s\n", line);
		free(line);
	}
	if (stream && diagnostics->suppressed)
		fprintf(stream, "%zu more\n", diagnostics->suppressed);
	if (stream)
		fclose(stream);
	return text;
}

/* What is printed must load, print to itself, and have the same hash. */
static void
check_print(const char *conf, const struct policy *policy, const char *text)
{
	struct policy *again = NULL;
	struct diagnostics diagnostics;
	char *printed;

	if (policy_load_text(text, "print", &again, &diagnostics) < 0) {
		fail(conf, "its print does not load:");
		printed = print_diagnostics(&diagnostics, SEVERITY_ERROR);
		fputs(printed, stderr);
		free(printed);
		diagnostics_done(&diagnostics);
		return;
	}
	printed = policy_print(again);
	if (strcmp(printed, text) != 0)
		fail(conf, "its print does not print to itself");
	if (strcmp(again->hash, policy->hash) != 0)
		fail(conf, "its print has another hash");
	free(printed);
	diagnostics_done(&diagnostics);
	policy_free(again);
}

static void
check_file(const char *mode, const char *conf)
{
	struct policy *policy = NULL;
	struct diagnostics diagnostics;
	char *text;
	int r = policy_load(conf, &policy, &diagnostics);

	if ((r == 0) != (strcmp(mode, "bad") != 0)) {
		text = print_diagnostics(&diagnostics, SEVERITY_ERROR);
		fail(conf, r == 0 ? "loads, but should not" : "does not load:");
		fputs(text, stderr);
		free(text);
	} else if (r < 0) {
		text = print_diagnostics(&diagnostics, SEVERITY_ERROR);
		expect(conf, ".expect", text);
		free(text);
	} else {
		if (strcmp(mode, "warn") == 0) {
			text = print_diagnostics(&diagnostics, SEVERITY_WARNING);
			expect(conf, ".expect", text);
			free(text);
		}
		text = policy_print(policy);
		check_print(conf, policy, text);
		if (strcmp(mode, "good") == 0)
			expect(conf, ".print", text);
		free(text);
	}
	diagnostics_done(&diagnostics);
	policy_free(policy);
}

static int
is_conf(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > strlen(".conf") &&
	    strcmp(entry->d_name + length - strlen(".conf"), ".conf") == 0;
}

static int
check_folder(const char *mode, const char *folder)
{
	struct dirent **entries;
	int count, i;

	if (chdir(folder) < 0 || (count = scandir(".", &entries, is_conf, alphasort)) < 0) {
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		return 2;
	}
	for (i = 0; i < count; i++) {
		check_file(mode, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (count == 0)
		fail(folder, "no files in it");
	printf("%s: %d files, %u failures\n", mode, count, failures);
	return failures ? 1 : 0;
}

int
main(int argc, char **argv)
{
	static const char *const modes[] = {"good", "bad", "warn"};
	char folder[512], *whole;
	size_t i;
	int r = 0;

	if (argc < 3) {
		fprintf(stderr,
		    "usage: golden good|bad|warn|example FOLDER\n"
		    "       golden update FOLDER-OF-FOLDERS\n");
		return 2;
	}
	if (strcmp(argv[1], "update") != 0)
		return check_folder(argv[1], argv[2]);
	update = true;
	whole = realpath(argv[2], NULL);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]) && r == 0; i++) {
		snprintf(folder, sizeof(folder), "%s/%s", whole ? whole : argv[2], modes[i]);
		r = check_folder(modes[i], folder);
	}
	free(whole);
	return r;
}
