/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening: see opening.h.
 */
#include <errno.h>
#include <libgen.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "crew.h"
#include "handover.h"
#include "log.h"
#include "mark.h"
#include "opening.h"
#include "raw.h"
#include "seat.h"

int
opening_signals(struct supervisor *supervisor)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	supervisor->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return supervisor->signals < 0 ? -errno : 0;
}

/* Who the inspectors are when they are not root. */
int
opening_user(struct supervisor *supervisor)
{
	const struct passwd *user = getpwnam(supervisor->settings.user);

	if (!user) {
		log_error("there is no user %s (see --user)", supervisor->settings.user);
		return -ENOENT;
	}
	if (user->pw_uid == 0) {
		log_error("inspectors can't run as root (see --user)");
		return -EPERM; /* -EINVAL says that the policy has errors */
	}
	supervisor->settings.crew.user = user->pw_uid;
	supervisor->settings.crew.group = user->pw_gid;
	return 0;
}

/* The directory of the control socket, and in it the empty one that inspectors see as their root.
 */
static int
make_directories(struct supervisor *supervisor)
{
	char path[sizeof(supervisor->root) - sizeof("/empty")];
	const char *directory;
	int r;

	if (strlen(supervisor->settings.control) >= sizeof(path)) {
		log_error("%s: the path is too long", supervisor->settings.control);
		return -ENAMETOOLONG;
	}
	strcpy(path, supervisor->settings.control);
	directory = dirname(path);
	snprintf(supervisor->root, sizeof(supervisor->root), "%s/empty", directory);
	if ((mkdir(directory, 0755) < 0 && errno != EEXIST) ||
	    (mkdir(supervisor->root, 0555) < 0 && errno != EEXIST)) {
		r = -errno;
		log_error("%s: the directory of the control socket can't be made: %s", directory,
		    strerror(-r));
		return r;
	}
	supervisor->settings.crew.root = supervisor->root;
	supervisor->settings.crew.captures = supervisor->settings.state;
	return 0;
}

int
opening_control(struct supervisor *supervisor)
{
	const char *path = supervisor->settings.control;
	struct control_owner owner = {
	    .commands = answers, .context = supervisor, .refusal = answers_refused};
	int r = make_directories(supervisor);

	if (r < 0)
		return r;
	owner.grouped = role_groups_find(&owner.groups, "/etc/group");
	r = control_init(&supervisor->control, path, &owner);
	if (r == -EADDRINUSE)
		log_error("%s: another sluiced is running; stop it, or use another --control, "
			  "--queue-base and network namespace",
		    path);
	else if (r == -EEXIST)
		log_error("%s: what is there is no socket; name another --control", path);
	else if (r < 0)
		log_error("%s: %s", path, strerror(-r));
	else if (supervisor->control.admit_error != 0)
		log_warning("%s: only root can use it, whatever the groups: %s", path,
		    strerror(supervisor->control.admit_error));
	return r;
}

int
opening_seat(struct supervisor *supervisor)
{
	pid_t holder = 0;
	int r = seat_take(&supervisor->seat, &holder);

	if (r == -EADDRINUSE)
		log_error("another sluiced (process %d) is at work in this network namespace, and "
			  "there is one table; stop it first",
		    (int)holder);
	else if (r < 0)
		log_error(
		    "the name of the network namespace's sluiced can't be taken: %s", strerror(-r));
	return r;
}

static void
publish(void *context, const char *line)
{
	struct supervisor *supervisor = context;

	control_publish(&supervisor->control, line);
}

int
opening_events(struct supervisor *supervisor)
{
	int r;

	supervisor->settings.events.state = supervisor->settings.state;
	r = events_init(&supervisor->events, &supervisor->settings.events);
	supervisor->events.subscriber = publish;
	supervisor->events.context = supervisor;
	return r == -EKEYREJECTED ? r : 0;
}

int
opening_crew(struct supervisor *supervisor)
{
	const char *step = "";
	unsigned queue = 0;
	uint32_t mask = supervisor->loaded->policy->mark_mask;
	int r;

	supervisor->limits = supervisor->loaded->policy->limits;
	supervisor->settings.crew.mark = mask == MARK_MASK_ALL ? RAW_MARK : mask;
	if (handover_crew(supervisor))
		return 0;
	r = crew_init(&supervisor->crew, &supervisor->settings.crew, &supervisor->limits,
	    &supervisor->events, &step, &queue);

	if (r == -EBUSY)
		log_error(
		    "queue %u is in use by another program; choose other numbers with --queue-base",
		    queue);
	else if (r == -EPERM)
		log_error(
		    "%s: no permission: sluiced needs CAP_NET_ADMIN and CAP_NET_RAW, so run it as "
		    "root",
		    step);
	else if (r < 0)
		log_error("%s: %s", step, strerror(-r));
	return r;
}

static void
forget_crew(const void *context)
{
	crew_unmap(context);
}

int
opening_listener(struct supervisor *supervisor)
{
	struct listener *listener = &supervisor->listener;
	uint16_t group = supervisor->settings.crew.queue_base;
	int r =
	    supervisor->features.log && group != 0 ? listener_open(listener, group) : -EOPNOTSUPP;

	listener->error = -r;
	listener->forget = forget_crew;
	listener->context = &supervisor->crew;
	listener->user = supervisor->settings.crew.user;
	listener->group = supervisor->settings.crew.group;
	listener->root = supervisor->settings.crew.root;
	if (r == -EBUSY)
		log_warning("log group %u is in use by another program: what the kernel drops is "
			    "counted, but not told; choose another --queue-base",
		    group);
	else if (r < 0)
		log_warning("what the kernel drops is counted, but not told: %s", strerror(-r));
	return 0;
}

int
opening_links(struct supervisor *supervisor)
{
	links_open(&supervisor->links);
	return 0;
}

void
opening_undo(struct supervisor *supervisor)
{
	links_close(&supervisor->links);
	listener_close(&supervisor->listener);
	crew_done(&supervisor->crew);
	control_done(&supervisor->control);
	events_done(&supervisor->events);
	if (supervisor->seat >= 0)
		close(supervisor->seat);
	if (supervisor->root[0])
		rmdir(supervisor->root);
	if (supervisor->signals >= 0)
		close(supervisor->signals);
}
