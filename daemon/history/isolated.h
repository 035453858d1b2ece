/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Isolated: which zones are islands, since when, by whom and why; kept in the state directory.
 */
#ifndef SLUICE_ISOLATED_H
#define SLUICE_ISOLATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ISOLATED_MAX = 1024 };

struct island {
	char *zone;
	char *who;
	char *why;
	uint64_t at_ns; /* wall clock */
};

struct isolated {
	struct island *items;
	size_t count;
	bool damaged;   /* there is a record that can't be read: nobody knows which zones */
	int kept_error; /* errno of keeping it, or 0 */
};

/* Read the record.  That there is none is the empty one; `damaged` says that it can't be read. */
void isolated_load(struct isolated *isolated, const char *directory);

/* Keep it; an empty one is removed.  0 or -errno, also in kept_error. */
int isolated_save(struct isolated *isolated, const char *directory);

void isolated_done(struct isolated *isolated);

const struct island *isolated_find(const struct isolated *isolated, const char *zone);

/* A zone more; 0, -EEXIST, -E2BIG or -ENOMEM. */
int isolated_add(
    struct isolated *isolated, const char *zone, const char *who, const char *why, uint64_t at_ns);

/* A zone less, which is the caller's now, for isolated_put_back() or isolated_drop(); false: it is
 * not there. */
bool isolated_take(struct isolated *isolated, const char *zone, struct island *ret_island);
void isolated_put_back(struct isolated *isolated, const struct island *island);
void isolated_drop(struct island *island);

#endif
