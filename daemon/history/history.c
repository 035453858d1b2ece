/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * History: see history.h (jansson).
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "history.h"
#include "store.h"

#define FOLDER "history"
#define HEAD "# "

enum { PATH_SIZE = 4096, NAME_SIZE = 16, NUMBER_MAX = 99999999, NEWEST_KEPT = 2 };

static int
folder_of(const char *state, char ret_path[PATH_SIZE])
{
	return snprintf(ret_path, PATH_SIZE, "%s/" FOLDER, state) < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static void
name_of(unsigned number, char ret_name[NAME_SIZE])
{
	snprintf(ret_name, NAME_SIZE, "%08u", number % (NUMBER_MAX + 1));
}

static void
copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

void
history_entry_init(struct history_entry *ret_entry, const char *how, const char *who,
    const char *why, const char *file, const char *hash)
{
	*ret_entry = (struct history_entry){0};
	copy(ret_entry->how, sizeof(ret_entry->how), how);
	copy(ret_entry->who, sizeof(ret_entry->who), who);
	copy(ret_entry->why, sizeof(ret_entry->why), why);
	copy(ret_entry->file, sizeof(ret_entry->file), file);
	copy(ret_entry->hash, sizeof(ret_entry->hash), hash);
}

/* Numbers of the files in a folder, largest first. */

struct numbers {
	unsigned *items;
	size_t count;
	size_t room;
};

static int
compare(const void *a, const void *b)
{
	unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;

	return left < right ? 1 : left > right ? -1 : 0;
}

static int
add_number(struct numbers *numbers, const char *name)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	if (strlen(name) != 8 || *end != '\0' || number == 0)
		return 0;
	if (numbers->count == numbers->room) {
		size_t room = numbers->room * 2 + 64;
		unsigned *items = reallocarray(numbers->items, room, sizeof(*items));

		if (!items)
			return -ENOMEM;
		numbers->items = items;
		numbers->room = room;
	}
	numbers->items[numbers->count++] = (unsigned)number;
	return 0;
}

static int
list_numbers(const char *folder, struct numbers *ret_numbers)
{
	struct numbers numbers = {0};
	struct dirent *row;
	DIR *stream = opendir(folder);
	int r = 0;

	if (!stream && errno != ENOENT)
		return -errno;
	while (stream && r == 0 && (row = readdir(stream)))
		r = add_number(&numbers, row->d_name);
	if (stream)
		closedir(stream);
	if (r < 0) {
		free(numbers.items);
		return r;
	}
	if (numbers.count > 0)
		qsort(numbers.items, numbers.count, sizeof(*numbers.items), compare);
	*ret_numbers = numbers;
	return 0;
}

static size_t
size_of(const char *folder, unsigned number)
{
	char name[NAME_SIZE], path[PATH_SIZE + NAME_SIZE];
	struct stat status;

	name_of(number, name);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return lstat(path, &status) == 0 ? (size_t)status.st_size : 0;
}

/* The oldest go. */
static void
prune(const char *folder, const struct numbers *numbers)
{
	size_t bytes = 0;

	for (size_t i = 0; i < numbers->count; i++) {
		char name[NAME_SIZE];

		bytes += size_of(folder, numbers->items[i]);
		if (i < NEWEST_KEPT || (i < HISTORY_MAX && bytes <= HISTORY_BYTES_MAX))
			continue;
		name_of(numbers->items[i], name);
		store_remove(folder, name);
	}
}

/* Its line, and behind it the policy. */
static char *
print_entry(const struct history_entry *entry, const char *text)
{
	json_t *object = json_pack("{s:i, s:I, s:s, s:s, s:s, s:s, s:s}", "number",
	    (int)entry->number, "at", (json_int_t)entry->at_ns, "how", entry->how, "who",
	    entry->who, "why", entry->why, "file", entry->file, "policy", entry->hash);
	char *line = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	char *whole = NULL;

	if (line && asprintf(&whole, HEAD "%s\n%s", line, text) < 0)
		whole = NULL;
	free(line);
	json_decref(object);
	return whole;
}

int
history_add(const char *state, struct history_entry *entry, const char *text)
{
	char folder[PATH_SIZE], name[NAME_SIZE];
	struct numbers numbers = {0};
	char *whole = NULL;
	int r = folder_of(state, folder);

	if (r == 0 && mkdir(state, 0700) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0)
		r = list_numbers(folder, &numbers);
	if (r < 0)
		return r;
	entry->number = numbers.count > 0 ? numbers.items[0] + 1 : 1;
	name_of(entry->number, name);
	whole = print_entry(entry, text);
	r = !whole ? -EINVAL : entry->number > NUMBER_MAX ? -ERANGE : 0;
	if (r == 0)
		r = store_write(folder, name, whole);
	free(whole);
	free(numbers.items);
	if (r == 0 && list_numbers(folder, &numbers) == 0) {
		prune(folder, &numbers);
		free(numbers.items);
	}
	return r;
}

void
history_drop(const char *state, unsigned number)
{
	char folder[PATH_SIZE], name[NAME_SIZE];

	name_of(number, name);
	if (folder_of(state, folder) == 0)
		store_remove(folder, name);
}

/* The line of an entry; false if it is none. */
static bool
read_line(const char *line, struct history_entry *ret_entry)
{
	json_t *object = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
	struct history_entry entry;

	history_entry_init(&entry, json_string_value(json_object_get(object, "how")),
	    json_string_value(json_object_get(object, "who")),
	    json_string_value(json_object_get(object, "why")),
	    json_string_value(json_object_get(object, "file")),
	    json_string_value(json_object_get(object, "policy")));
	entry.number = (unsigned)json_integer_value(json_object_get(object, "number"));
	entry.at_ns = (uint64_t)json_integer_value(json_object_get(object, "at"));
	*ret_entry = entry;
	json_decref(object);
	return object != NULL;
}

int
history_read(const char *state, unsigned number, struct history_entry *ret_entry, char **ret_text)
{
	char folder[PATH_SIZE], name[NAME_SIZE];
	char *whole = NULL, *text;
	int r = folder_of(state, folder);

	name_of(number, name);
	if (r == 0)
		r = store_read(folder, name, &whole);
	if (r < 0)
		return r;
	text = strchr(whole, '\n');
	if (strncmp(whole, HEAD, strlen(HEAD)) != 0 || !text ||
	    !read_line(&whole[strlen(HEAD)], ret_entry) || ret_entry->number != number) {
		free(whole);
		return -EBADMSG;
	}
	memmove(whole, text + 1, strlen(text + 1) + 1);
	*ret_text = whole;
	return 0;
}

int
history_list(const char *state, struct history_entry **ret_entries, size_t *ret_count)
{
	struct history_entry *entries;
	struct numbers numbers = {0};
	char folder[PATH_SIZE];
	int r = folder_of(state, folder);

	if (r == 0)
		r = list_numbers(folder, &numbers);
	if (r < 0)
		return r;
	if (numbers.count > HISTORY_MAX)
		numbers.count = HISTORY_MAX;
	entries = calloc(numbers.count + 1, sizeof(*entries));
	for (size_t i = 0; entries && i < numbers.count; i++) {
		char *text = NULL;

		if (history_read(state, numbers.items[i], &entries[i], &text) < 0)
			entries[i] =
			    (struct history_entry){.number = numbers.items[i], .damaged = true};
		free(text);
	}
	*ret_count = numbers.count;
	free(numbers.items);
	*ret_entries = entries;
	return entries ? 0 : -ENOMEM;
}
