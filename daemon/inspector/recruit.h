/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recruit: a new inspector process that is prepared and waits for its orders.
 */
#ifndef SLUICE_RECRUIT_H
#define SLUICE_RECRUIT_H

#include "member.h"

struct recruit {
	pid_t pid;   /* 0: none */
	int process; /* pidfd */
	int orders;  /* our end; see enum inspector_order */
};

/* Fork one for a member. 0 or -errno. */
int recruit_fork(const struct crew *crew, const struct member *member, const struct loaded *loaded,
    struct recruit *ret_recruit);

/* Send it away before it began. */
void recruit_dismiss(struct recruit *recruit);

/* Has it prepared everything, and is it waiting? Waits for that, READY_MS at most. */
bool recruit_ready(const struct recruit *recruit);

#endif
