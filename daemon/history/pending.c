/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pending: see pending.h (jansson).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "pending.h"
#include "store.h"

#define PENDING "pending"
#define CHOICE "choice"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static uint64_t
clock_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* "" if the kernel does not tell: then no boot is the same. */
static void
read_boot(char ret_boot[BOOT_ID_MAX])
{
	FILE *file = fopen(BOOT_ID, "re");

	ret_boot[0] = '\0';
	if (file && !fgets(ret_boot, BOOT_ID_MAX, file))
		ret_boot[0] = '\0';
	if (file)
		fclose(file);
	ret_boot[strcspn(ret_boot, "\n")] = '\0';
}

void
pending_init(struct pending *ret_pending, unsigned number, unsigned seconds, bool guard)
{
	uint64_t length_ns = seconds * UINT64_C(1000000000);

	*ret_pending = (struct pending){.number = number,
	    .deadline_ns = clock_now(CLOCK_BOOTTIME) + length_ns,
	    .until_ns = clock_now(CLOCK_REALTIME) + length_ns,
	    .guard = guard};
	read_boot(ret_pending->boot);
}

bool
pending_over(const struct pending *pending)
{
	char boot[BOOT_ID_MAX];

	read_boot(boot);
	return boot[0] == '\0' || strcmp(boot, pending->boot) != 0 ||
	    clock_now(CLOCK_BOOTTIME) >= pending->deadline_ns;
}

/* Takes the record. */
static int
save(const char *state, const char *name, json_t *record)
{
	char *text = record ? json_dumps(record, JSON_INDENT(1)) : NULL;
	int r = text ? store_write(state, name, text) : -ENOMEM;

	free(text);
	json_decref(record);
	return r;
}

static int
load(const char *state, const char *name, json_t **ret_record)
{
	char *text = NULL;
	json_t *record;
	int r = store_read(state, name, &text);

	if (r < 0)
		return r;
	record = json_loads(text, 0, NULL);
	free(text);
	if (!record)
		return -EBADMSG;
	*ret_record = record;
	return 0;
}

int
pending_save(const char *state, const struct pending *pending)
{
	return save(state, PENDING,
	    json_pack("{s:i, s:I, s:I, s:s, s:b}", "number", (int)pending->number, "deadline",
		(json_int_t)pending->deadline_ns, "until", (json_int_t)pending->until_ns, "boot",
		pending->boot, "guard", (int)pending->guard));
}

static void
take_text(const json_t *record, const char *name, char *ret_text, size_t size)
{
	const char *text = json_string_value(json_object_get(record, name));

	snprintf(ret_text, size, "%s", text ? text : "");
}

static uint64_t
number_of(const json_t *record, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(record, name));
}

int
pending_load(const char *state, struct pending *ret_pending)
{
	json_t *record = NULL;
	int r = load(state, PENDING, &record);

	*ret_pending = (struct pending){0};
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	ret_pending->number = (unsigned)number_of(record, "number");
	ret_pending->deadline_ns = number_of(record, "deadline");
	ret_pending->until_ns = number_of(record, "until");
	ret_pending->guard = json_is_true(json_object_get(record, "guard"));
	take_text(record, "boot", ret_pending->boot, sizeof(ret_pending->boot));
	json_decref(record);
	return ret_pending->number == 0 ? -EBADMSG : 0;
}

int
pending_remove(const char *state)
{
	return store_remove(state, PENDING);
}

int
choice_save(const char *state, const struct choice *choice)
{
	return save(
	    state, CHOICE, json_pack("{s:s, s:s}", "policy", choice->policy, "file", choice->file));
}

bool
choice_load(const char *state, struct choice *ret_choice)
{
	json_t *record = NULL;

	if (load(state, CHOICE, &record) < 0)
		return false;
	take_text(record, "policy", ret_choice->policy, sizeof(ret_choice->policy));
	take_text(record, "file", ret_choice->file, sizeof(ret_choice->file));
	json_decref(record);
	return true;
}

int
choice_remove(const char *state)
{
	return store_remove(state, CHOICE);
}
