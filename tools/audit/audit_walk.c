/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Audit walk: see audit_walk.h.
 *
 * Each file is read once and may be a pipe.  Its place in the order is known from its first sealed
 * line, up to which it is read beforehand; lines in front of that have no seal.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "audit_walk.h"

/* ---- files ---- */

static void
file_next(struct audit_file *file)
{
	file->length = getline(&file->line, &file->size, file->in);
	if (file->length < 0)
		return;
	file->number++;
	file->piece = file->line[file->length - 1] != '\n';
	if (!file->piece)
		file->line[--file->length] = '\0';
}

static int
by_chain(const void *a, const void *b)
{
	const struct audit_file *first = a, *second = b;

	return first->sort < second->sort ? -1 : first->sort > second->sort;
}

/* ---- what is told ---- */

static enum audit_answer __attribute__((format(printf, 4, 5))) tell(struct audit_walk *walk,
    const struct audit_file *file, enum audit_answer answer, const char *found, ...)
{
	va_list list;

	walk->file = file->name;
	walk->line = file->number;
	va_start(list, found);
	vsnprintf(walk->found, sizeof(walk->found), found, list);
	va_end(list);
	if (walk->lines > 0)
		snprintf(walk->expected, sizeof(walk->expected),
		    "line %" PRIu64 " of the chain, which follows %" PRIu64, walk->link.seq + 1,
		    walk->link.seq);
	else
		snprintf(walk->expected, sizeof(walk->expected), "a sealed line");
	return answer;
}

/* ---- lines ---- */

static enum audit_answer
check_place(struct audit_walk *walk, const struct audit_file *file, const struct chain_seal *seal)
{
	static const uint8_t nothing[CHAIN_HASH_SIZE];
	uint64_t seq = seal->link.seq;

	if (walk->lines == 0) {
		if (seq == 1 && !chain_same_hash(seal->prev, nothing))
			return tell(walk, file, AUDIT_BROKEN,
			    "the first line of the chain, which names one before it");
		return AUDIT_WHOLE;
	}
	if (seq > walk->link.seq + 1)
		return tell(walk, file, AUDIT_BROKEN,
		    "line %" PRIu64 " of the chain: %" PRIu64 " in front of it are missing", seq,
		    seq - walk->link.seq - 1);
	if (seq <= walk->link.seq)
		return tell(walk, file, AUDIT_BROKEN,
		    "line %" PRIu64 " of the chain, which was there before", seq);
	if (!chain_same_hash(seal->prev, walk->link.hash))
		return tell(walk, file, AUDIT_BROKEN,
		    "line %" PRIu64 " of the chain, which follows another line than the one in "
		    "front of it",
		    seq);
	return AUDIT_WHOLE;
}

static enum audit_answer
check_key(struct audit_walk *walk, const struct audit_file *file, const struct chain_seal *seal)
{
	if (seal->keyed && !walk->key)
		return tell(walk, file, AUDIT_UNKNOWN, "a line sealed with a key: --key is needed");
	if (!seal->keyed && walk->keyed)
		return tell(
		    walk, file, AUDIT_BROKEN, "a line sealed without the key, behind some with it");
	return AUDIT_WHOLE;
}

static enum audit_answer
check_end(struct audit_walk *walk, const struct audit_file *file, const struct chain_seal *seal)
{
	if (!walk->end.known || seal->link.seq != walk->end.link.seq)
		return AUDIT_WHOLE;
	walk->end_seen = chain_same_hash(seal->link.hash, walk->end.link.hash);
	return walk->end_seen
	    ? AUDIT_WHOLE
	    : tell(walk, file, AUDIT_BROKEN,
		  "another line %" PRIu64 " of the chain than the one that was written",
		  seal->link.seq);
}

static enum audit_answer
take_sealed(struct audit_walk *walk, struct audit_file *file, const struct chain_seal *seal)
{
	enum audit_answer answer = check_key(walk, file, seal);

	if (answer != AUDIT_WHOLE)
		return answer;
	if (!chain_verify(walk->key, file->line, seal))
		return tell(walk, file, AUDIT_BROKEN, "a line that is not what was sealed%s",
		    seal->keyed ? ", or was sealed with another key" : "");
	answer = check_place(walk, file, seal);
	if (answer == AUDIT_WHOLE)
		answer = check_end(walk, file, seal);
	if (answer != AUDIT_WHOLE)
		return answer;
	if (walk->lines++ == 0)
		walk->begin = seal->link;
	if (file->lines++ == 0)
		file->first = seal->link.seq;
	file->last = seal->link.seq;
	walk->link = seal->link;
	walk->keyed |= seal->keyed;
	walk->without_key += walk->key && !seal->keyed;
	return AUDIT_WHOLE;
}

static enum audit_answer
take_line(struct audit_walk *walk, struct audit_file *file, bool last_file)
{
	struct chain_seal seal;

	if (file->piece && last_file) {
		walk->piece = true;
		return AUDIT_WHOLE;
	}
	if (!file->piece && chain_read(file->line, (size_t)file->length, &seal))
		return take_sealed(walk, file, &seal);
	return tell(walk, file, AUDIT_BROKEN, "a line without a seal");
}

static enum audit_answer
walk_file(struct audit_walk *walk, struct audit_file *file, bool last_file)
{
	enum audit_answer answer = AUDIT_WHOLE;

	while (answer == AUDIT_WHOLE && file->length >= 0) {
		answer = take_line(walk, file, last_file);
		if (answer == AUDIT_WHOLE)
			file_next(file);
	}
	if (answer == AUDIT_WHOLE && ferror(file->in)) {
		file->number = 0;
		return tell(walk, file, AUDIT_UNKNOWN, "%s", strerror(errno));
	}
	return answer;
}

/*
 * Read up to the first sealed line.  Lines without a seal in front of line 1 of the chain are older
 * than it; in front of any other they don't belong there.
 */
static enum audit_answer
look_into(struct audit_walk *walk, struct audit_file *file)
{
	struct audit_file first;
	struct chain_seal seal;
	uint64_t unsealed = 0;

	for (file_next(file); file->length >= 0; file_next(file)) {
		if (!file->piece && chain_read(file->line, (size_t)file->length, &seal)) {
			file->sort = seal.link.seq;
			break;
		}
		if (file->piece)
			break;
		unsealed++;
	}
	if (unsealed > 0 && file->sort > 1) {
		first = (struct audit_file){.name = file->name, .number = 1};
		return tell(walk, &first, AUDIT_BROKEN, "a line without a seal");
	}
	walk->unsealed += unsealed;
	return AUDIT_WHOLE;
}

/* Lines without a seal can only be older than the chain. */
static enum audit_answer
check_unsealed(struct audit_walk *walk, const struct audit_file *files, size_t file_count)
{
	const struct audit_file *chain = NULL, *other = NULL;

	for (size_t i = 0; i < file_count; i++) {
		if (files[i].sort > 0 && !chain)
			chain = &files[i];
		if (files[i].sort == 0 && files[i].number > 0 && !files[i].piece && !other)
			other = &files[i];
	}
	if (other && chain && chain->sort > 1) {
		struct audit_file first = {.name = other->name, .number = 1};

		return tell(walk, &first, AUDIT_BROKEN, "a line without a seal");
	}
	return AUDIT_WHOLE;
}

static enum audit_answer
finish(struct audit_walk *walk, const struct audit_file *last)
{
	struct audit_file whole = {.name = last->name};
	uint64_t end = walk->end.link.seq;

	if (walk->lines == 0)
		return tell(walk, &whole, AUDIT_BROKEN, "no sealed line");
	/* who has no key can seal all of them anew without one */
	if (walk->key && !walk->keyed) {
		enum audit_answer answer =
		    tell(walk, &whole, AUDIT_UNKNOWN, "no line that was sealed with the key");

		snprintf(walk->expected, sizeof(walk->expected),
		    "the last lines to be sealed with it, or no --key");
		return answer;
	}
	if (!walk->end.known || walk->end_seen)
		return AUDIT_WHOLE;
	if (end > walk->link.seq)
		return tell(walk, &whole, AUDIT_BROKEN,
		    "%" PRIu64 " lines less than were written: the last are missing",
		    end - walk->link.seq);
	return tell(walk, &whole, AUDIT_UNKNOWN,
	    "lines behind %" PRIu64 " of the chain only, which was the end", end);
}

enum audit_answer
audit_walk(struct audit_walk *walk, struct audit_file *files, size_t file_count)
{
	enum audit_answer answer = AUDIT_WHOLE;

	for (size_t i = 0; answer == AUDIT_WHOLE && i < file_count; i++)
		answer = look_into(walk, &files[i]);
	qsort(files, file_count, sizeof(files[0]), by_chain);
	if (answer == AUDIT_WHOLE)
		answer = check_unsealed(walk, files, file_count);
	for (size_t i = 0; answer == AUDIT_WHOLE && i < file_count; i++)
		answer = walk_file(walk, &files[i], i + 1 == file_count);
	return answer == AUDIT_WHOLE ? finish(walk, &files[file_count - 1]) : answer;
}
