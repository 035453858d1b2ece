/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handover record: see handover_record.h (jansson). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "engine.h"
#include "handover_record.h"
#include "memory.h"
#include "print.h"

enum { FORMAT = 1, SIZE_MAX_BYTES = 64 << 20 };

int
handover_record_write(const struct crew_settings *settings, const struct loaded *loaded)
{
	char layout[24], *text = policy_print(loaded->policy), *line = NULL;
	json_t *record;
	int fd = -ENOMEM;

	snprintf(layout, sizeof(layout), "%016" PRIx64, engine_layout());
	record = text ? json_pack("{s:i, s:s, s:s, s:i, s:i, s:I, s:i, s:s, s:s}", "format", FORMAT,
			    "version", SLUICE_VERSION, "layout", layout, "inspectors",
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
	const char *layout = NULL, *hash = NULL, *text = NULL;
	int format = 0, inspectors = 0, base = -1, generation = 0, r = -EBADMSG;
	json_int_t mask = 0;
	struct handover_record record = {0};

	if (json_unpack(json, "{s:i, s:s, s:i, s:i, s:I, s:i, s:s, s:s}", "format", &format,
		"layout", &layout, "inspectors", &inspectors, "queue_base", &base, "mark_mask",
		&mask, "generation", &generation, "hash", &hash, "policy", &text) == 0 &&
	    format == FORMAT && inspectors >= 1 && inspectors <= CREW_MAX && base >= 0 &&
	    base <= UINT16_MAX && mask >= 0 && mask <= UINT32_MAX && generation >= 1 &&
	    generation <= UINT8_MAX)
		r = load_text(text, (uint8_t)generation, &record.loaded);
	if (r == 0 && strcmp(record.loaded->policy->hash, hash) != 0)
		r = -EBADMSG;
	if (r == 0) {
		record.inspectors = (unsigned)inspectors;
		record.queue_base = (uint16_t)base;
		record.mark_mask = (uint32_t)mask;
		record.generation = (uint8_t)generation;
		record.layout = strtoull(layout, NULL, 16);
		*ret_record = record;
	} else {
		loaded_free(record.loaded);
	}
	json_decref(json);
	return r;
}
