/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handover record: see handover_record.h (jansson). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "handover_record.h"
#include "memory.h"
#include "print.h"

/* 1: of flows without rows. */
enum { FORMAT_WITHOUT_ROWS = 1, FORMAT = 2, SIZE_MAX_BYTES = 64 << 20 };

static json_t *
build_object(const void *arena)
{
	struct former former;
	char layout[24];
	json_t *build, *at = json_object(), *names = json_array();

	former_describe(arena, &former);
	snprintf(layout, sizeof(layout), "%016" PRIx64, former.layout);
	for (unsigned i = 0; i < FORMER_FIELDS; i++)
		json_object_set_new(at, former_words[i], json_integer(former.at[i]));
	for (unsigned i = 0; i < FORMER_DISSECTORS_MAX && former.dissectors[i][0]; i++)
		json_array_append_new(names, json_string(former.dissectors[i]));
	build = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:o}", "layout",
	    layout, "flow_top_at", (int)former.flow_top_at, "flows_at", (int)former.flows_at,
	    "flow_size", (int)former.flow_size, "stream_size", (int)former.stream_size, "rows_at",
	    (int)former.rows_at, "row_size", (int)former.row_size, "free", (int)former.free, "open",
	    (int)former.open, "denied", (int)former.denied, "at", at, "dissectors", names);
	return build;
}

static bool
read_number(const json_t *object, const char *name, uint32_t *ret_number)
{
	const json_t *number = json_object_get(object, name);
	json_int_t value = json_integer_value(number);

	if (!json_is_integer(number) || value < 0 || value > INT32_MAX)
		return false;
	*ret_number = (uint32_t)value;
	return true;
}

/* What it says is compared with the block by who reads that. */
static bool
build_read(const json_t *object, int format, struct former *ret_former)
{
	const char *layout = json_string_value(json_object_get(object, "layout"));
	const json_t *at = json_object_get(object, "at"), *name;
	struct former former = {0};
	bool good = layout && read_number(object, "flow_top_at", &former.flow_top_at) &&
	    read_number(object, "flows_at", &former.flows_at) &&
	    read_number(object, "flow_size", &former.flow_size) &&
	    read_number(object, "stream_size", &former.stream_size) &&
	    read_number(object, "free", &former.free) &&
	    read_number(object, "open", &former.open) &&
	    read_number(object, "denied", &former.denied);
	bool rows = format != FORMAT_WITHOUT_ROWS;
	size_t i;

	good = good &&
	    (!rows ||
		(read_number(object, "rows_at", &former.rows_at) &&
		    read_number(object, "row_size", &former.row_size)));
	for (unsigned field = 0; good && field < FORMER_FIELDS; field++)
		good = (!rows && field == FORMER_ADDRESSES4) ||
		    read_number(at, former_words[field], &former.at[field]);
	if (!good)
		return false;
	json_array_foreach(json_object_get(object, "dissectors"), i, name)
	{
		if (i < FORMER_DISSECTORS_MAX && json_is_string(name))
			strncpy(former.dissectors[i], json_string_value(name), FORMER_NAME_MAX - 1);
	}
	former.layout = strtoull(layout, NULL, 16);
	*ret_former = former;
	return former.layout != 0;
}

int
handover_record_write(
    const struct crew_settings *settings, const void *arena, const struct loaded *loaded)
{
	char *text = policy_print(loaded->policy), *line = NULL;
	json_t *record;
	int fd = -ENOMEM;

	record = text ? json_pack("{s:i, s:s, s:o, s:i, s:i, s:I, s:i, s:s, s:s}", "format", FORMAT,
			    "version", SLUICE_VERSION, "build", build_object(arena), "inspectors",
			    (int)settings->count, "queue_base", (int)settings->queue_base,
			    "mark_mask", (json_int_t)loaded->policy->mark_mask, "generation",
			    (int)loaded->generation, "hash", loaded->policy->hash, "policy", text)
		      : NULL;
	if (record)
		line = json_dumps(record, JSON_COMPACT);
	if (line)
		fd = memory_seal_text("sluice-record", line, strlen(line));
	free(line);
	free(text);
	json_decref(record);
	return fd;
}

/* What is in the block, or NULL. */
static json_t *
read_json(int fd)
{
	size_t size = memory_size(fd);
	json_t *record = NULL;
	char *text;

	if (size == 0 || size > SIZE_MAX_BYTES)
		return NULL;
	text = malloc(size);
	if (text && pread(fd, text, size, 0) == (ssize_t)size)
		record = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	return record;
}

/* What is wrong with it was told when it came into force. */
static void
tell_nobody(void *context, const struct diagnostic *diagnostic)
{
}

/* The loader reads files, and this is one. */
static int
load_text(const char *text, uint8_t generation, struct loaded **ret_loaded)
{
	int fd = memory_seal_text("sluice-policy", text, strlen(text)), r;
	char path[32];

	if (fd < 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = loaded_new(path, generation, tell_nobody, NULL, ret_loaded);
	close(fd);
	return r;
}

int
handover_record_read(int fd, struct handover_record *ret_record)
{
	json_t *json = read_json(fd);
	const char *hash = NULL, *text = NULL;
	int format = 0, inspectors = 0, base = -1, generation = 0, r = -EBADMSG;
	json_int_t mask = 0;
	json_t *build = NULL;
	struct handover_record record = {0};

	if (json_unpack(json, "{s:i, s:o, s:i, s:i, s:I, s:i, s:s, s:s}", "format", &format,
		"build", &build, "inspectors", &inspectors, "queue_base", &base, "mark_mask", &mask,
		"generation", &generation, "hash", &hash, "policy", &text) == 0 &&
	    (format == FORMAT || format == FORMAT_WITHOUT_ROWS) && inspectors >= 1 &&
	    inspectors <= CREW_MAX && base >= 0 && base <= UINT16_MAX && mask >= 0 &&
	    mask <= UINT32_MAX && generation >= 1 && generation <= UINT8_MAX &&
	    build_read(build, format, &record.build))
		r = load_text(text, (uint8_t)generation, &record.loaded);
	if (r == 0 && strcmp(record.loaded->policy->hash, hash) != 0)
		r = -EBADMSG;
	if (r == 0) {
		record.inspectors = (unsigned)inspectors;
		record.queue_base = (uint16_t)base;
		record.mark_mask = (uint32_t)mask;
		record.generation = (uint8_t)generation;
		*ret_record = record;
	} else {
		loaded_free(record.loaded);
	}
	json_decref(json);
	return r;
}
