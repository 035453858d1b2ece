/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loaded: a policy in force, or about to be, with all that belongs to it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "loaded.h"
#include "log.h"
#include "rates.h"

void
loaded_tell(void *context, const struct diagnostic *diagnostic)
{
	bool error = diagnostic->severity == SEVERITY_ERROR;
	char line[16] = "";

	if (diagnostic->accepted)
		return;
	if (diagnostic->where.line > 0) /* otherwise it is about the file as a whole */
		snprintf(line, sizeof(line), ":%u", diagnostic->where.line);
	log_line(error ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "%s%s: %s: %s%s%s%s",
	    diagnostic->where.file ? diagnostic->where.file : "?", line,
	    error ? "error" : "warning", diagnostic->message, diagnostic->clause ? " [" : "",
	    diagnostic->clause ? diagnostic->clause : "", diagnostic->clause ? "]" : "");
}

static void
tell_all(const struct diagnostics *diagnostics, loaded_teller *teller, void *context)
{
	for (size_t i = 0; i < diagnostics->count; i++)
		teller(context, &diagnostics->items[i]);
	if (diagnostics->suppressed > 0)
		log_error("... and %zu more", diagnostics->suppressed);
}

size_t
loaded_rates_size(const struct policy *policy)
{
	size_t size = policy->rate_count * sizeof(struct rate_state), page = 4096;

	return size < page ? page : size;
}

static int
rates_map(struct loaded *loaded)
{
	int r =
	    memory_new("sluice-rates", loaded_rates_size(loaded->policy), &loaded->rates_memory);

	loaded->rates = loaded->rates_memory.block;
	return r;
}

static int
load(const char *text, const char *file, uint8_t generation, loaded_teller *teller, void *context,
    struct loaded **ret_loaded)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));
	struct diagnostics diagnostics = {0};
	struct timespec now;
	int r;

	if (!loaded)
		return -ENOMEM;
	loaded->rates_memory.fd = -1;
	r = text ? policy_load_text(text, file, &loaded->policy, &diagnostics)
		 : policy_load(file, &loaded->policy, &diagnostics);
	tell_all(&diagnostics, teller, context);
	diagnostics_done(&diagnostics);
	if (r == 0)
		r = compiled_new(loaded->policy, &loaded->compiled);
	if (r == 0)
		r = rates_map(loaded);
	if (r < 0) {
		loaded_free(loaded);
		return r;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	loaded->since_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	loaded->generation = generation;
	*ret_loaded = loaded;
	return 0;
}

int
loaded_new(const char *file, uint8_t generation, loaded_teller *teller, void *context,
    struct loaded **ret_loaded)
{
	return load(NULL, file, generation, teller, context, ret_loaded);
}

int
loaded_new_text(const char *text, const char *file, uint8_t generation, loaded_teller *teller,
    void *context, struct loaded **ret_loaded)
{
	return load(text, file, generation, teller, context, ret_loaded);
}

int
loaded_compile(struct loaded *loaded)
{
	struct compiled *compiled;
	int r = compiled_new(loaded->policy, &compiled);

	if (r < 0)
		return r;
	compiled_free(loaded->compiled);
	loaded->compiled = compiled;
	return 0;
}

void
loaded_inherit(struct loaded *loaded, const struct loaded *before)
{
	rates_inherit(loaded->policy, loaded->rates, before->policy, before->rates);
}

void
loaded_free(struct loaded *loaded)
{
	if (!loaded)
		return;
	free(loaded->fast.channels);
	free(loaded->fast.rows);
	memory_free(&loaded->rates_memory);
	compiled_free(loaded->compiled);
	policy_free(loaded->policy);
	free(loaded);
}
