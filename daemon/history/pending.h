/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pending: a change that waits for its confirmation, and which policy to start from; both kept in
 * the state directory.
 *
 * The deadline is told by the clock that counts from the boot on, also while the machine sleeps,
 * and by the name of that boot: no date that jumps moves it, and after a boot it is over.
 */
#ifndef SLUICE_PENDING_H
#define SLUICE_PENDING_H

#include <stdbool.h>
#include <stdint.h>

enum { BOOT_ID_MAX = 40 };

struct pending {
	unsigned number;      /* of the history; 0: nothing waits */
	uint64_t deadline_ns; /* CLOCK_BOOTTIME */
	uint64_t until_ns;    /* wall clock, for people */
	char boot[BOOT_ID_MAX];
	bool guard;
};

/* A change that waits for so long from now on. */
void pending_init(struct pending *ret_pending, unsigned number, unsigned seconds, bool guard);

/* Is the time over, or that of another boot? */
bool pending_over(const struct pending *pending);

/* 0 or -errno. */
int pending_save(const char *state, const struct pending *pending);

/* There is none: number 0.  One that can't be read: number 0 and -EBADMSG or another -errno. */
int pending_load(const char *state, struct pending *ret_pending);

int pending_remove(const char *state);

/*
 * The choice: start from the last good policy, if its hash is `policy`, in place of the file, as
 * long as the policy of the file has the hash `file` ("": it could not be loaded).
 */
struct choice {
	char policy[65];
	char file[65];
};

int choice_save(const char *state, const struct choice *choice);
/* false: there is none that can be read. */
bool choice_load(const char *state, struct choice *ret_choice);
int choice_remove(const char *state);

#endif
