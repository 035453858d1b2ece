/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice audit: is the chain of events whole, across all files that it was rotated into?
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit_walk.h"
#include "command.h"
#include "output.h"
#include "terminal.h"

enum { OPTION_KEY, OPTION_STATE, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_KEY] = {"key", 'k', "FILE", "the key with which the events were chained"},
    [OPTION_STATE] = {"state", 's', "DIRECTORY", "the end must be there: sluiced's --state"},
    [OPTION_JSON] = {"json", 0, NULL, "the answer as one JSON object"},
};

static int
open_files(const struct arguments *arguments, struct audit_file *files)
{
	for (size_t i = 0; i < arguments->operand_count; i++) {
		const char *name = arguments->operands[i];

		files[i].name = name;
		files[i].in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
		if (!files[i].in) {
			complain("audit: %s: %s", name, strerror(errno));
			return -errno;
		}
	}
	return 0;
}

static void
close_files(struct audit_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(files[i].line);
		if (files[i].in && files[i].in != stdin)
			fclose(files[i].in);
	}
	free(files);
}

static int
read_key(const char *path, struct chain_key *key)
{
	int r = path ? chain_read_key(path, key) : 0;

	if (r == -EINVAL)
		complain("audit: %s: expected a key of %d to %d bytes", path, CHAIN_KEY_MIN,
		    CHAIN_KEY_MAX);
	else if (r == -EPERM)
		complain("audit: %s: others may read the key; expected mode 0600", path);
	else if (r < 0)
		complain("audit: %s: %s", path, strerror(-r));
	return r;
}

/* Before the files, so that they are at least as long. */
static int
read_end(const char *directory, struct audit_end *end)
{
	char path[4096], text[CHAIN_LINK_SIZE];
	FILE *in;
	size_t n;

	if (!directory)
		return 0;
	snprintf(path, sizeof(path), "%s/" CHAIN_LINK_FILE, directory);
	in = fopen(path, "re");
	if (!in) {
		complain("audit: %s: %s", path, strerror(errno));
		return -errno;
	}
	n = fread(text, 1, sizeof(text), in);
	fclose(in);
	if (n != sizeof(text) || !chain_read_link(text, &end->link)) {
		complain("audit: %s: expected a number and a hash, as sluiced keeps them", path);
		return -EINVAL;
	}
	end->known = true;
	return 0;
}

static const char *
plural(uint64_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

static void
print_whole(const struct audit_walk *walk, size_t file_count)
{
	char hash[2 * CHAIN_HASH_SIZE + 1];

	chain_print_hash(walk->link.hash, hash);
	printf("%swhole%s: %" PRIu64 " %s in %zu %s, %" PRIu64 " to %" PRIu64 "\n",
	    style(STYLE_GOOD), style_end(), walk->lines, plural(walk->lines, "line", "lines"),
	    file_count, file_count == 1 ? "file" : "files", walk->begin.seq, walk->link.seq);
	printf("  the last has the hash %s\n", hash);
	if (walk->begin.seq > 1)
		printf("  not among these files: %" PRIu64 " %s before them\n", walk->begin.seq - 1,
		    plural(walk->begin.seq - 1, "line", "lines"));
	if (walk->unsealed > 0)
		printf("  older than the chain, and not proved: %" PRIu64 " %s\n", walk->unsealed,
		    plural(walk->unsealed, "line", "lines"));
	if (walk->without_key > 0)
		printf("  sealed before there was a key: %" PRIu64 " %s\n", walk->without_key,
		    plural(walk->without_key, "line", "lines"));
	if (walk->piece)
		printf("  at the end is a line that is not written whole\n");
	if (!walk->end.known)
		printf("  whether lines behind the last were cut off, --state tells\n");
}

static void
print_broken(const struct audit_walk *walk, enum audit_answer answer)
{
	printf("%s%s%s: %s", style(answer == AUDIT_BROKEN ? STYLE_BAD : STYLE_WARN),
	    answer == AUDIT_BROKEN ? "broken" : "could not tell", style_end(), walk->file);
	if (walk->line > 0)
		printf(":%" PRIu64, walk->line);
	printf(": %s; expected %s\n", walk->found, walk->expected);
	if (walk->lines > 0)
		printf("  whole up to line %" PRIu64 " of the chain\n", walk->link.seq);
}

static void
print_json(const struct audit_walk *walk, enum audit_answer answer, const struct audit_file *files,
    size_t file_count)
{
	static const char *const words[] = {
	    [AUDIT_BROKEN] = "broken", [AUDIT_WHOLE] = "whole", [AUDIT_UNKNOWN] = "unknown"};
	json_t *object = json_pack("{s:s}", "answer", words[answer]), *array = json_array();
	char hash[2 * CHAIN_HASH_SIZE + 1];

	for (size_t i = 0; i < file_count; i++)
		json_array_append_new(array,
		    json_pack("{s:s, s:I, s:I, s:I}", "file", files[i].name, "lines",
			(json_int_t)files[i].lines, "first", (json_int_t)files[i].first, "last",
			(json_int_t)files[i].last));
	chain_print_hash(walk->link.hash, hash);
	json_object_update_new(object,
	    json_pack("{s:I, s:I, s:I, s:s, s:I, s:I, s:b, s:b, s:o}", "lines",
		(json_int_t)walk->lines, "first", (json_int_t)walk->begin.seq, "last",
		(json_int_t)walk->link.seq, "hash", hash, "unsealed", (json_int_t)walk->unsealed,
		"without_key", (json_int_t)walk->without_key, "piece", walk->piece, "end_known",
		walk->end.known, "files", array));
	if (answer != AUDIT_WHOLE)
		json_object_update_new(object,
		    json_pack("{s:s, s:I, s:s, s:s}", "file", walk->file, "line",
			(json_int_t)walk->line, "found", walk->found, "expected", walk->expected));
	output_json(object);
}

static enum answer
audit(const struct arguments *arguments, struct audit_walk *walk, struct audit_file *files)
{
	size_t count = arguments->operand_count;
	enum audit_answer answer = audit_walk(walk, files, count);

	if (arguments->values[OPTION_JSON])
		print_json(walk, answer, files, count);
	else if (answer == AUDIT_WHOLE)
		print_whole(walk, count);
	else
		print_broken(walk, answer);
	switch (answer) {
	case AUDIT_WHOLE:
		return ANSWER_YES;
	case AUDIT_BROKEN:
		return ANSWER_NO;
	default:
		return ANSWER_UNKNOWN;
	}
}

static enum answer
run(const struct arguments *arguments)
{
	struct audit_file *files = calloc(arguments->operand_count, sizeof(*files));
	struct chain_key key = {0};
	struct audit_walk walk = {.key = arguments->values[OPTION_KEY] ? &key : NULL};
	enum answer answer = ANSWER_UNKNOWN;

	if (!files) {
		complain("audit: out of memory");
		return answer;
	}
	if (read_key(arguments->values[OPTION_KEY], &key) == 0 &&
	    read_end(arguments->values[OPTION_STATE], &walk.end) == 0 &&
	    open_files(arguments, files) == 0)
		answer = audit(arguments, &walk, files);
	close_files(files, arguments->operand_count);
	return answer;
}

const struct command audit_command = {
    .name = "audit",
    .operands = "FILE...",
    .summary = "Prove recorded events whole, or name the first broken line",
    .text = "FILEs are event files of sluiced, those that were renamed among them, in any order;\n"
	    "`-` is standard input.  Exit status: 0 if each line is what was written and none is\n"
	    "missing in between, 1 if not, 2 if it could not be told.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = run,
};
