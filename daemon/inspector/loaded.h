/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loaded: a policy in force, or about to be, with all that belongs to it.
 */
#ifndef SLUICE_LOADED_H
#define SLUICE_LOADED_H

#include "compiled.h"
#include "decide.h"
#include "fast.h"
#include "load.h"
#include "memory.h"
#include "model.h"

/* Of it what the recogniser in the kernel is told; nothing where there is none. */
struct loaded_fast {
	struct fast_config config;
	struct fast_channel *channels; /* of the policy; NULL: nothing */
	struct fast_row *rows;
	uint32_t served; /* channels */
};

struct loaded {
	struct policy *policy;
	struct compiled *compiled;
	struct rate_state *rates;   /* shared by all inspectors */
	struct memory rates_memory; /* in which they are; one page at least */
	struct loaded_fast fast;
	uint8_t generation; /* 1..255 */
	uint64_t since_ns;  /* wall clock */
};

/* Tells about the diagnostics of a policy file, one at a time. */
typedef void loaded_teller(void *context, const struct diagnostic *diagnostic);

/*
 * Load a policy file and make its tables.  Every error and warning is told.  Returns 0 and
 * *ret_loaded, -EINVAL if the file has errors, or another -errno if it can't be read.  The other
 * one takes the text, and `file` is its name in messages.
 */
int loaded_new(const char *file, uint8_t generation, loaded_teller *teller, void *context,
    struct loaded **ret_loaded);
int loaded_new_text(const char *text, const char *file, uint8_t generation, loaded_teller *teller,
    void *context, struct loaded **ret_loaded);

/* Cut what policy_isolate() has cut since. 0 or -ENOMEM: then nothing has changed. */
int loaded_compile(struct loaded *loaded);

/* Bytes of the memory that the rates of a policy need. */
size_t loaded_rates_size(const struct policy *policy);

/* What was used up of the rates of rules that both have stays used up under the new one. */
void loaded_inherit(struct loaded *loaded, const struct loaded *before);

void loaded_free(struct loaded *loaded);

/* Print a diagnostic as "file:line: error: message" to standard error; not what its policy accepts.
 */
void loaded_tell(void *context, const struct diagnostic *diagnostic);

#endif
