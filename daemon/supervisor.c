/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Supervisor: the one privileged process.
 *
 * Before anything that can fail, a table that drops all that is forwarded, unless there is one of
 * an earlier run: whatever keeps the policy from being in force leaves the plant closed.  At the
 * end the inspectors finish what they have, and the table stays: its rules then do what each
 * conduit's when_down says.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "change.h"
#include "clock.h"
#include "crew.h"
#include "enforce.h"
#include "failure.h"
#include "fast_path.h"
#include "handover.h"
#include "isolate.h"
#include "log.h"
#include "notify.h"
#include "opening.h"
#include "seat.h"
#include "supervisor.h"
#include "table.h"
#include "who.h"

/* What poll() waits for. */
enum {
	POLL_SIGNALS = 0,
	POLL_OUTPUT, /* the event file, when it was full */
	POLL_TABLE,
	POLL_LISTENER,
	POLL_LINKS,
	POLL_DROPS,
	POLL_SINKS,
	POLL_MEMBERS = POLL_SINKS + SINK_COUNT,
	POLL_EVENTS = POLL_MEMBERS + CREW_MAX,
	POLL_CONTROL = POLL_EVENTS + CREW_MAX,
	POLL_COUNT = POLL_CONTROL + CONTROL_CLIENTS_MAX + 1,
};

enum { TICK_MS = 1000 };

static void
serve_signal(struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	struct ucred sender = {.pid = (pid_t)info->ssi_pid, .uid = info->ssi_uid};
	unsigned number = info->ssi_signo;
	struct who who;
	int r;

	switch (number) {
	case SIGHUP:
		who_init(&who, &sender, NULL);
		change_reload(supervisor, who.text);
		break;
	case SIGUSR1:
		r = events_reopen(&supervisor->events);
		if (r < 0)
			log_error("%s: %s; the old file stays", supervisor->settings.events.path,
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
		serve_signal(supervisor, &info);
}

static void
poll_fill(const struct supervisor *supervisor, struct pollfd *files)
{
	for (unsigned i = 0; i < POLL_COUNT; i++)
		files[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	files[POLL_SIGNALS].fd = supervisor->signals;
	files[POLL_TABLE].fd = nft_watch_file(supervisor->guard.watch);
	files[POLL_OUTPUT] =
	    (struct pollfd){.fd = events_file(&supervisor->events), .events = POLLOUT};
	for (unsigned i = 0; i < SINK_COUNT; i++)
		files[POLL_SINKS + i] = (struct pollfd){
		    .fd = sink_file(&supervisor->events.sinks.sinks[i]), .events = POLLOUT};
	files[POLL_LINKS].fd = supervisor->links.fd;
	files[POLL_LISTENER].fd = supervisor->listener.process;
	files[POLL_DROPS].fd = supervisor->listener.event_read;
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
	table_bar(supervisor);
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++)
		if (files[POLL_EVENTS + i].revents)
			crew_read_events(&supervisor->crew, &supervisor->crew.members[i]);
}

/* Before anything passes that could not be recorded, as far as that is known by now. */
static void
look_at_record(struct supervisor *supervisor)
{
	bool deny = supervisor->loaded->policy->audit_full == AUDIT_FULL_DENY &&
	    !events_recorded(&supervisor->events);

	crew_deny_unrecorded(&supervisor->crew, deny);
	fast_path_deny_unrecorded(supervisor, deny);
}

static void
run(struct supervisor *supervisor)
{
	uint64_t next_tick = 0;

	while (!supervisor->stopping) {
		struct pollfd files[POLL_COUNT];

		look_at_record(supervisor);
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
		for (unsigned i = 0; i < SINK_COUNT; i++)
			if (files[POLL_SINKS + i].revents)
				sinks_flush(&supervisor->events.sinks);
		if (files[POLL_LISTENER].revents)
			listener_reap(&supervisor->listener, &supervisor->events);
		if (files[POLL_DROPS].revents)
			listener_read(
			    &supervisor->listener, &supervisor->events, supervisor->loaded->policy);
		if (files[POLL_LINKS].revents)
			links_look(&supervisor->links, &supervisor->events);
		if (files[POLL_TABLE].revents)
			table_serve(supervisor);
		/* last: a reload replaces the processes that poll() told about */
		if (files[POLL_SIGNALS].revents)
			serve_signals(supervisor);
		if (clock_ns(CLOCK_MONOTONIC) >= next_tick) {
			crew_tick(&supervisor->crew);
			listener_tick(&supervisor->listener);
			table_tick(supervisor);
			fast_path_tick(supervisor);
			change_tick(supervisor);
			links_look(&supervisor->links, &supervisor->events);
			events_tick(&supervisor->events);
			seat_serve(supervisor->seat);
			notify_alive();
			next_tick = clock_ns(CLOCK_MONOTONIC) + TICK_MS * UINT64_C(1000000);
		}
	}
}

/* Open everything, in the order in which it is needed; what was opened is closed by finish(). */
static int
prepare(struct supervisor *supervisor)
{
	static int (*const steps[])(struct supervisor * supervisor) = {opening_signals,
	    opening_seat, handover_open, table_shut, table_probe, isolate_begin, enforce_load,
	    change_resume, handover_check, opening_user, opening_control, opening_events,
	    table_claim, opening_crew, fast_path_open, opening_listener, opening_links, table_watch,
	    table_find_flows, enforce_begin};
	int r = 0;

	for (unsigned i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](supervisor);
	return r;
}

static void
finish(struct supervisor *supervisor)
{
	crew_stop(&supervisor->crew);
	fast_path_close(supervisor);
	if (supervisor->settings.flush || !supervisor->stopping)
		handover_discard(supervisor);
	handover_close(supervisor);
	if (supervisor->settings.flush && supervisor->stopping) {
		int r = nft_remove(supervisor->nft);

		if (r < 0)
			log_error("the table can't be removed: %s: %s", strerror(-r),
			    nft_error(supervisor->nft));
	}
	nft_watch_close(supervisor->guard.watch);
	nft_close(supervisor->nft);
	opening_undo(supervisor);
	failure_done(&supervisor->failure);
	isolated_done(&supervisor->isolated);
	change_done(&supervisor->change);
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
	    .handover = {.record = -1, .reply = -1, .fast_flows = -1},
	    .control.fd = -1,
	    .links.fd = -1,
	    .listener = {.process = -1, .event_read = -1},
	    .events = {.outlet.fd = -1, .ledger.state = -1},
	    .crew = {.raw4 = -1, .raw6 = -1, .raw_bridge = -1},
	    .started_ns = clock_ns(CLOCK_REALTIME),
	};
	if (readlink("/proc/self/exe", supervisor.settings.program,
		sizeof(supervisor.settings.program) - 1) < 0)
		supervisor.settings.program[0] = '\0'; /* then there is no restart */
	r = prepare(&supervisor);
	if (r == 0) {
		isolate_settle(&supervisor);
		change_settle(&supervisor);
		run(&supervisor);
		notify_stopping();
	}
	finish(&supervisor);
	if (r < 0)
		return r == -EINVAL ? STATUS_NO : STATUS_TROUBLE;
	return supervisor.stopping ? STATUS_OK : STATUS_TROUBLE;
}

int
supervisor_shut(const struct supervisor_settings *settings)
{
	static struct supervisor supervisor;
	pid_t holder = 0;
	int r = 0;

	supervisor = (struct supervisor){.settings = *settings, .seat = -1};
	handover_open(&supervisor);
	handover_discard(&supervisor);
	handover_close(&supervisor);
	if (seat_find(&holder) < 0)
		r = table_shut(&supervisor);
	nft_close(supervisor.nft);
	return r;
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
