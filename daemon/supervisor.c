/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Supervisor: the one privileged process.
 *
 * Order matters twice.  At the start, and with every new policy, the inspectors come first and the
 * kernel's table last: a queue that the table names is always attended, and a channel that the
 * table permits is always known to its inspector.  At the end the inspectors finish what they have,
 * and the table stays: its rules then do what each conduit's when_down says.
 */
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crew.h"
#include "log.h"
#include "notify.h"
#include "seat.h"
#include "status.h"
#include "supervisor.h"
#include "surroundings.h"
#include "table.h"

/* What poll() waits for. */
enum {
	POLL_SIGNALS = 0,
	POLL_OUTPUT, /* the event file, when it was full */
	POLL_TABLE,
	POLL_MEMBERS,
	POLL_EVENTS = POLL_MEMBERS + CREW_MAX,
	POLL_CONTROL = POLL_EVENTS + CREW_MAX,
	POLL_COUNT = POLL_CONTROL + CONTROL_CLIENTS_MAX + 1,
};

enum { TICK_MS = 1000 };

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void
tell_status(const struct supervisor *supervisor)
{
	char line[256];

	snprintf(line, sizeof(line), "%u inspectors, %zu channels, policy %.12s",
	    supervisor->settings.crew.count, supervisor->loaded->policy->channel_count,
	    supervisor->loaded->policy->hash);
	notify_status(line);
}

static void
note_reload_failed(struct supervisor *supervisor, const char *why)
{
	supervisor->reloads_failed++;
	log_error("nothing has changed: %s", why);
	events_note(&supervisor->events, "alarm", "alarm", "reload-failed", "why", why, "file",
	    supervisor->settings.policy, NULL);
}

/* Put a loaded policy in force: the inspectors first, the table last, or everything as it was. */
static int
policy_change(struct supervisor *supervisor, struct loaded *loaded)
{
	int r = crew_hand_over(&supervisor->crew, loaded);

	if (r < 0) {
		note_reload_failed(supervisor, "new inspectors could not be started");
		return r;
	}
	r = table_apply(supervisor, loaded);
	if (r == 0)
		return 0;
	note_reload_failed(supervisor, "the kernel did not take the new ruleset");
	if (crew_hand_over(&supervisor->crew, supervisor->loaded) == 0)
		return r;
	/* what both permit passes; better than no inspectors */
	log_error(
	    "the inspectors judge by the new policy, the kernel's table is that of the old one");
	return 0;
}

int
supervisor_reload(struct supervisor *supervisor)
{
	uint8_t generation = table_generation_next(supervisor->loaded->generation);
	uint64_t begun = clock_ns(CLOCK_MONOTONIC);
	struct loaded *loaded, *old = supervisor->loaded;
	bool same_limits;
	int r;

	r = loaded_new(supervisor->settings.policy, generation, loaded_tell, NULL, &loaded);
	if (r < 0) {
		note_reload_failed(supervisor,
		    r == -EINVAL ? "the policy file has errors" : "the policy file can't be read");
		return r;
	}
	loaded_inherit(loaded, old);
	r = policy_change(supervisor, loaded);
	if (r < 0) {
		loaded_free(loaded);
		return r;
	}
	supervisor->loaded = loaded;
	supervisor->reloads++;
	surroundings_tell(loaded->policy);
	log_info("policy %.12s is in force, after %.12s, in %llu ms", loaded->policy->hash,
	    old->policy->hash, (unsigned long long)((clock_ns(CLOCK_MONOTONIC) - begun) / 1000000));
	same_limits =
	    memcmp(&loaded->policy->limits, &supervisor->limits, sizeof(struct limits)) == 0;
	if (!same_limits)
		log_warning("the limits of flows and held bytes are still those of the start");
	events_note(&supervisor->events, "reload", "policy", loaded->policy->hash, "before",
	    old->policy->hash, "file", supervisor->settings.policy,
	    same_limits ? NULL : "at_next_start", "limits", NULL);
	loaded_free(old);
	tell_status(supervisor);
	return 0;
}

static json_t *
answer_status(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	json_t *status = status_daemon(supervisor);

	json_object_set_new(status, "channels", status_channels(supervisor));
	return status;
}

static json_t *
answer_metrics(void *context, const json_t *request, const char **ret_error)
{
	char *metrics = status_metrics(context);
	json_t *answer = metrics ? json_pack("{s:s}", "metrics", metrics) : NULL;

	free(metrics);
	return answer;
}

static json_t *
answer_reload(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;

	if (supervisor_reload(supervisor) < 0) {
		*ret_error = "nothing has changed; the daemon's log tells why";
		return NULL;
	}
	return json_pack("{s:s}", "policy", supervisor->loaded->policy->hash);
}

static json_t *
answer_events(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;

	supervisor->events.subscribed = true;
	return json_object();
}

static const struct control_command commands[] = {
    {"status", answer_status, false},
    {"metrics", answer_metrics, false},
    {"events", answer_events, true},
    {"reload", answer_reload, false},
    {NULL, NULL, false},
};

static void
publish(void *context, const char *line)
{
	struct supervisor *supervisor = context;

	control_publish(&supervisor->control, line);
}

static void
serve_signal(struct supervisor *supervisor, unsigned number)
{
	int r;

	switch (number) {
	case SIGHUP:
		notify_reloading();
		supervisor_reload(supervisor);
		notify_ready("");
		tell_status(supervisor);
		break;
	case SIGUSR1:
		r = events_reopen(&supervisor->events);
		if (r < 0)
			log_error("%s: %s; the old file stays", supervisor->settings.events,
			    strerror(-r));
		break;
	default:
		supervisor->stopping = true;
		events_note(&supervisor->events, "stop", "signal", strsignal((int)number), NULL);
		break;
	}
}

static void
serve_signals(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	while (read(supervisor->signals, &info, sizeof(info)) == sizeof(info))
		serve_signal(supervisor, info.ssi_signo);
}

static void
poll_fill(const struct supervisor *supervisor, struct pollfd *files)
{
	for (unsigned i = 0; i < POLL_COUNT; i++)
		files[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	files[POLL_SIGNALS].fd = supervisor->signals;
	files[POLL_TABLE].fd = nft_watch_file(supervisor->guard.watch);
	if (outlet_waiting(&supervisor->events.outlet)) {
		files[POLL_OUTPUT].fd = supervisor->events.outlet.fd;
		files[POLL_OUTPUT].events = POLLOUT;
	}
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		files[POLL_MEMBERS + i].fd = supervisor->crew.members[i].process;
		files[POLL_EVENTS + i].fd = supervisor->crew.members[i].event_read;
	}
	control_poll(&supervisor->control, &files[POLL_CONTROL]);
}

/* The dead first, for every millisecond counts; then what they reported. */
static void
serve_members(struct supervisor *supervisor, const struct pollfd *files)
{
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++)
		if (files[POLL_MEMBERS + i].revents)
			crew_reap(&supervisor->crew, &supervisor->crew.members[i]);
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++)
		if (files[POLL_EVENTS + i].revents)
			crew_read_events(&supervisor->crew, &supervisor->crew.members[i]);
}

static void
run(struct supervisor *supervisor)
{
	uint64_t next_tick = 0;

	while (!supervisor->stopping) {
		struct pollfd files[POLL_COUNT];

		poll_fill(supervisor, files);
		if (poll(files, POLL_COUNT, TICK_MS) < 0 && errno != EINTR) {
			log_error("poll: %s", strerror(errno));
			return;
		}
		serve_members(supervisor, files);
		control_serve(&supervisor->control, &files[POLL_CONTROL]);
		supervisor->events.subscribed = control_subscribed(&supervisor->control);
		if (files[POLL_OUTPUT].revents)
			events_flush(&supervisor->events);
		if (files[POLL_TABLE].revents)
			table_serve(supervisor);
		/* last: a reload replaces the processes that poll() told about */
		if (files[POLL_SIGNALS].revents)
			serve_signals(supervisor);
		if (clock_ns(CLOCK_MONOTONIC) >= next_tick) {
			crew_tick(&supervisor->crew);
			table_tick(supervisor);
			seat_serve(supervisor->seat);
			notify_alive();
			next_tick = clock_ns(CLOCK_MONOTONIC) + TICK_MS * UINT64_C(1000000);
		}
	}
}

static int
signals_open(struct supervisor *supervisor)
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
static int
find_user(struct supervisor *supervisor)
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
	return 0;
}

static int
open_control(struct supervisor *supervisor)
{
	const char *path = supervisor->settings.control;
	int r = make_directories(supervisor);

	if (r == 0)
		r = control_init(&supervisor->control, path, commands, supervisor);
	else
		return r;
	if (r == -EADDRINUSE)
		log_error("%s: another sluiced is running; stop it, or use another --control, "
			  "--queue-base and network namespace",
		    path);
	else if (r == -EEXIST)
		log_error("%s: what is there is no socket; name another --control", path);
	else if (r < 0)
		log_error("%s: %s", path, strerror(-r));
	return r;
}

static int
take_seat(struct supervisor *supervisor)
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

static int
open_events(struct supervisor *supervisor)
{
	int r = events_init(&supervisor->events, supervisor->settings.events);

	if (r < 0) {
		log_error("%s: the event file can't be opened: %s", supervisor->settings.events,
		    strerror(-r));
		return r;
	}
	supervisor->events.subscriber = publish;
	supervisor->events.context = supervisor;
	return 0;
}

static int
open_crew(struct supervisor *supervisor)
{
	const char *step = "";
	unsigned queue = 0;
	int r;

	supervisor->limits = supervisor->loaded->policy->limits;
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

static int
begin(struct supervisor *supervisor)
{
	int r = crew_start(&supervisor->crew, supervisor->loaded);

	if (r < 0) {
		log_error("the inspectors could not be started: %s", strerror(-r));
		return r;
	}
	r = table_apply(supervisor, supervisor->loaded);
	if (r < 0)
		return r;
	log_info("policy %.12s is in force: %u inspectors, packets by %s",
	    supervisor->loaded->policy->hash, supervisor->settings.crew.count,
	    supervisor->queue == RULESET_QUEUE_NATIVE ? "the queue expression"
						      : "the NFQUEUE target");
	surroundings_tell(supervisor->loaded->policy);
	events_note(&supervisor->events, "start", "version", SLUICE_VERSION, "policy",
	    supervisor->loaded->policy->hash, "file", supervisor->settings.policy, NULL);
	notify_ready("");
	tell_status(supervisor);
	return 0;
}

/* Open everything, in the order in which it is needed; what was opened is closed by finish(). */
static int
prepare(struct supervisor *supervisor)
{
	static int (*const steps[])(struct supervisor * supervisor) = {find_user, signals_open,
	    table_probe, open_control, take_seat, open_events, table_claim, open_crew, table_watch,
	    begin};
	int r = loaded_new(supervisor->settings.policy, 1, loaded_tell, NULL, &supervisor->loaded);

	if (r < 0) {
		log_error("%s: %s", supervisor->settings.policy,
		    r == -EINVAL ? "the policy has errors" : strerror(-r));
		return r;
	}
	for (unsigned i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](supervisor);
	return r;
}

static void
finish(struct supervisor *supervisor)
{
	crew_stop(&supervisor->crew);
	if (supervisor->settings.flush && supervisor->stopping) {
		int r = nft_remove(supervisor->nft);

		if (r < 0)
			log_error("the table can't be removed: %s: %s", strerror(-r),
			    nft_error(supervisor->nft));
	}
	crew_done(&supervisor->crew);
	control_done(&supervisor->control);
	events_done(&supervisor->events);
	nft_watch_close(supervisor->guard.watch);
	nft_close(supervisor->nft);
	if (supervisor->seat >= 0)
		close(supervisor->seat);
	if (supervisor->root[0])
		rmdir(supervisor->root);
	if (supervisor->signals >= 0)
		close(supervisor->signals);
	loaded_free(supervisor->loaded);
}

int
supervisor_run(const struct supervisor_settings *settings)
{
	static struct supervisor supervisor;
	int r;

	supervisor = (struct supervisor){
	    .settings = *settings,
	    .signals = -1,
	    .seat = -1,
	    .control.fd = -1,
	    .events.outlet.fd = -1,
	    .crew = {.raw4 = -1, .raw6 = -1},
	    .started_ns = clock_ns(CLOCK_REALTIME),
	};
	r = prepare(&supervisor);
	if (r == 0) {
		run(&supervisor);
		notify_stopping();
	}
	finish(&supervisor);
	if (r < 0)
		return r == -EINVAL ? STATUS_NO : STATUS_TROUBLE;
	return supervisor.stopping ? STATUS_OK : STATUS_TROUBLE;
}

int
supervisor_flush(const char *control)
{
	struct nft *nft = NULL;
	pid_t holder = 0;
	int r;

	if (seat_find(&holder) == 0) {
		log_error("sluiced (process %d) is at work in this network namespace, and its "
			  "table stays; stop it first",
		    (int)holder);
		return STATUS_TROUBLE;
	}
	if (control_alive(control)) {
		log_error("%s: sluiced is running, and its table stays; stop it first, or, if it "
			  "runs in another network namespace, name another --control",
		    control);
		return STATUS_TROUBLE;
	}
	r = nft_open(&nft);
	if (r == 0)
		r = nft_remove(nft);
	if (r == -EPERM)
		log_error("no permission: sluiced needs CAP_NET_ADMIN, so run it as root");
	else if (r == -EEXIST)
		log_error("the table 'inet sluice' was not made by sluiced; it stays");
	else if (r < 0)
		log_error(
		    "the table can't be removed: %s: %s", strerror(-r), nft ? nft_error(nft) : "");
	if (nft)
		nft_close(nft);
	return r < 0 ? STATUS_TROUBLE : STATUS_OK;
}
