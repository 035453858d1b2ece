/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recruit: a new inspector process that is prepared and waits for its orders.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inspector.h"
#include "recruit.h"

enum { READY_MS = 5000 };

static _Noreturn void
recruit_run(
    const struct crew *crew, const struct member *member, const struct loaded *loaded, int orders)
{
	struct inspector_setup setup = {
	    .index = member->index,
	    .files =
		{
		    [INSPECTOR_QUEUE] = member->queue.fd,
		    [INSPECTOR_RAW4] = crew->raw4,
		    [INSPECTOR_RAW_BRIDGE] = crew->raw_bridge,
		    [INSPECTOR_RAW6] = crew->raw6,
		    [INSPECTOR_EVENTS] = member->event_write,
		    [INSPECTOR_ORDERS] = orders,
		},
	    .queues = {member->queues[QUEUE_CLOSED], member->queues[QUEUE_OPEN]},
	    .compiled = loaded->compiled,
	    .generation = loaded->generation,
	    .mark_mask = loaded->policy->mark_mask,
	    .arena = member->arena.block,
	    .former = member->former.block,
	    .former_size = member->former.size,
	    .build = crew->build.layout != 0 ? &crew->build : NULL,
	    .rates = loaded->rates,
	    .shared = member->shared,
	    .storm_after = crew->settings.storm_after,
	    .user = crew->settings.user,
	    .group = crew->settings.group,
	    .root = crew->settings.root,
	};

	/* the memory of the others is none of its business */
	for (unsigned i = 0; i < crew->settings.count; i++) {
		const struct member *other = &crew->members[i];

		if (other != member && other->arena.block)
			munmap(other->arena.block, other->arena.size);
		if (other != member && other->former.block)
			munmap(other->former.block, other->former.size);
		if (other != member && other->numbers.block)
			munmap(other->numbers.block, other->numbers.size);
	}
	if (crew->fast_flows && loaded->fast.channels)
		setup.desk = (struct fast_desk){.flows = crew->fast_flows,
		    .channels = loaded->fast.channels,
		    .config = loaded->fast.config,
		    .number = member->index + 1};
	inspector_run(&setup);
}

int
recruit_fork(const struct crew *crew, const struct member *member, const struct loaded *loaded,
    struct recruit *ret_recruit)
{
	int pair[2], process;
	pid_t pid;

	/* another sluiced that ends, or whoever tidies up, may have removed it */
	if (mkdir(crew->settings.root, 0555) < 0 && errno != EEXIST)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		recruit_run(crew, member, loaded, pair[1]);
	close(pair[1]);
	process = pid < 0 ? -1 : pidfd_open(pid, 0);
	if (process < 0) {
		int r = -errno;

		close(pair[0]);
		if (pid > 0) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		return r;
	}
	*ret_recruit = (struct recruit){.pid = pid, .process = process, .orders = pair[0]};
	return 0;
}

void
recruit_dismiss(struct recruit *recruit)
{
	if (recruit->pid <= 0)
		return;
	kill(recruit->pid, SIGKILL);
	waitpid(recruit->pid, NULL, 0);
	close(recruit->process);
	close(recruit->orders);
	recruit->pid = 0;
}

bool
recruit_ready(const struct recruit *recruit)
{
	struct pollfd waiting = {.fd = recruit->orders, .events = POLLIN};
	uint8_t word;

	return poll(&waiting, 1, READY_MS) == 1 && read(recruit->orders, &word, 1) == 1;
}
