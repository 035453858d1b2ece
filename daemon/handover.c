/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handover: see handover.h.
 *
 * Names: queue-N, arena-N, numbers-N, events-read-N and events-write-N of each inspector; record-S
 * and rates-S of the policy in force, where S counts policies, so that the new ones are kept before
 * the old ones are given up.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crew.h"
#include "engine.h"
#include "fast_loader.h"
#include "fast_path.h"
#include "handover.h"
#include "handover_record.h"
#include "log.h"
#include "notify.h"
#include "table.h"

/* Of ourselves, as another program: NAME=DESCRIPTOR or pid-N=PROCESS, with commas between. */
#define ESTATE_VARIABLE "SLUICE_ESTATE"

enum {
	TRIAL_MS = 5000,
	ESTATE_TEXT_MAX = 8192,
	ARGUMENTS_MAX = 64,
};

/* ---- what comes ---- */

/* One of NAME=NUMBER. */
static void
receive_one(struct handover *handover, const char *name, const char *text)
{
	long number = strtol(text, NULL, 10);
	unsigned index;

	if (sscanf(name, "pid-%u", &index) == 1) {
		if (index < CREW_MAX && number > 0 &&
		    waitid(P_PID, (id_t)number, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) == 0)
			handover->estate.pids[index] = (pid_t)number;
		return;
	}
	if (fcntl((int)number, F_SETFD, FD_CLOEXEC) < 0)
		return;
	if (strcmp(name, "reply") == 0)
		handover->reply = (int)number;
	else
		estate_add(&handover->estate, name, (int)number);
}

static void
receive_own(struct handover *handover)
{
	const char *given = getenv(ESTATE_VARIABLE);
	char *text = given ? strdup(given) : NULL, *rest = text, *item;

	unsetenv(ESTATE_VARIABLE);
	while (rest && (item = strsep(&rest, ",")) != NULL) {
		char *name = strsep(&item, "=");

		if (item)
			receive_one(handover, name, item);
	}
	free(text);
}

/* To give one of two up by its name would give up both. */
static bool
has_twins(const struct estate *estate)
{
	for (unsigned i = 0; i < estate->count; i++)
		for (unsigned j = 0; j < i; j++)
			if (strcmp(estate->items[i].name, estate->items[j].name) == 0)
				return true;
	return false;
}

/* The latest policy of which both parts are there. */
static bool
find_serial(const struct estate *estate, unsigned *ret_serial)
{
	bool found = false;

	for (unsigned i = 0; i < estate->count; i++) {
		unsigned serial;

		if (sscanf(estate->items[i].name, "record-%u", &serial) != 1)
			continue;
		for (unsigned j = 0; j < estate->count; j++) {
			unsigned other;

			if (sscanf(estate->items[j].name, "rates-%u", &other) == 1 &&
			    other == serial && (!found || serial > *ret_serial)) {
				*ret_serial = serial;
				found = true;
			}
		}
	}
	return found;
}

/* Not to be used: close it, here and where it is kept. */
static void
refuse(struct supervisor *supervisor, const char *why)
{
	struct handover *handover = &supervisor->handover;

	for (unsigned i = 0; i < handover->estate.count; i++)
		notify_forget(handover->estate.items[i].name);
	estate_free(&handover->estate);
	notify_wait(); /* the queues can't be bound anew before all have closed them */
	handover->refused = why;
	log_error("what the run before has left is not used: %s", why);
}

/* The policy that was in force, and what was used up of its rates. */
static const char *
read_policy(struct handover *handover, struct handover_record *ret_record)
{
	int record = estate_take(&handover->estate, "record", handover->serial);
	int rates = estate_take(&handover->estate, "rates", handover->serial);
	int r = handover_record_read(record, ret_record);
	struct loaded *loaded = r == 0 ? ret_record->loaded : NULL;
	struct memory memory;

	close(record);
	if (r < 0) {
		close(rates);
		return "the policy that was in force can't be read";
	}
	if (memory_adopt(rates, loaded_rates_size(loaded->policy), &memory) < 0) {
		close(rates);
		loaded_free(loaded);
		return "the rates are not there, or of another size";
	}
	memory_free(&loaded->rates_memory);
	loaded->rates_memory = memory;
	loaded->rates = memory.block;
	handover->before = loaded;
	return NULL;
}

static const char *
compare(const struct supervisor *supervisor, const struct handover_record *record)
{
	if (record->inspectors != supervisor->settings.crew.count)
		return "there are more or fewer inspectors now (see --inspectors)";
	if (record->queue_base != supervisor->settings.crew.queue_base)
		return "the queues have other numbers now (see --queue-base)";
	return NULL;
}

int
handover_open(struct supervisor *supervisor)
{
	struct handover *handover = &supervisor->handover;
	struct handover_record record = {0};
	const char *why;

	handover->reply = handover->record = handover->fast_flows = -1;
	notify_receive(&handover->estate);
	receive_own(handover);
	if (handover->estate.count == 0)
		return 0;
	if (!find_serial(&handover->estate, &handover->serial)) {
		refuse(supervisor, "there is no record of it");
		return 0;
	}
	handover->fast_flows = estate_take(&handover->estate, "fast", handover->serial);
	why =
	    has_twins(&handover->estate) ? "a name is there twice" : read_policy(handover, &record);
	if (!why)
		why = compare(supervisor, &record);
	if (!why && record.build.layout != engine_layout())
		handover->build = record.build;
	if (why)
		refuse(supervisor, why);
	return 0;
}

int
handover_check(struct supervisor *supervisor)
{
	struct handover *handover = &supervisor->handover;

	if (handover->before && handover->estate.count > 0 &&
	    handover->before->policy->mark_mask != supervisor->loaded->policy->mark_mask)
		refuse(supervisor, "mark_mask is another one now");
	return 0;
}

bool
handover_crew(struct supervisor *supervisor)
{
	struct handover *handover = &supervisor->handover;
	struct loaded *loaded = supervisor->loaded;
	const char *why = NULL;

	if (handover->estate.count == 0)
		return false;
	if (crew_adopt(&supervisor->crew, &supervisor->settings.crew, &supervisor->limits,
		&supervisor->events, &handover->estate,
		handover->build.layout != 0 ? &handover->build : NULL, &why) < 0) {
		refuse(supervisor, why);
		return false;
	}
	handover->taken = true;
	supervisor->crew.loaded = handover->before;
	/* packets wait whose marks mean the channels of the policy before */
	if (loaded->generation == handover->before->generation)
		loaded->generation = table_generation_next(loaded->policy, loaded->generation);
	return true;
}

const char *
handover_word(const struct supervisor *supervisor)
{
	if (!supervisor->handover.taken)
		return "new";
	return supervisor->handover.build.layout != 0 ? "resumed" : "kept";
}

/* ---- what goes ---- */

/* Calls `each` for all that makes a member, until one says no. */
static bool
each_of_member(const struct member *member, bool (*each)(void *context, const char *name, int fd),
    void *context)
{
	const struct {
		const char *name;
		int fd;
	} files[] = {
	    {"queue", member->queue.fd},
	    {"arena", member->arena.fd},
	    {"numbers", member->numbers.fd},
	    {"events-read", member->event_read},
	    {"events-write", member->event_write},
	};
	char name[ESTATE_NAME_MAX];

	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(name, sizeof(name), "%s-%u", files[i].name, member->index);
		if (!each(context, name, files[i].fd))
			return false;
	}
	return true;
}

/* The same for the policy in force. */
static bool
each_of_policy(const struct supervisor *supervisor,
    bool (*each)(void *context, const char *name, int fd), void *context)
{
	char name[ESTATE_NAME_MAX];

	snprintf(name, sizeof(name), "rates-%u", supervisor->handover.serial);
	if (!each(context, name, supervisor->loaded->rates_memory.fd))
		return false;
	snprintf(name, sizeof(name), "fast-%u", supervisor->handover.serial);
	if (supervisor->fast.loader &&
	    !each(context, name, fast_loader_file(supervisor->fast.loader)))
		return false;
	snprintf(name, sizeof(name), "record-%u", supervisor->handover.serial);
	return each(context, name, supervisor->handover.record);
}

static bool
keep_one(void *context, const char *name, int fd)
{
	notify_keep(name, fd);
	return true;
}

/* What is adopted is kept already, under the same name. */
static bool
keep_new(void *context, const char *name, int fd)
{
	const struct member *member = context;
	bool arena = fd == member->arena.fd, queue = fd == member->queue.fd;

	if (member->adopted && (queue || (!member->rebuilt && !(arena && member->former.block))))
		return true;
	if (member->adopted)
		notify_forget(name);
	return keep_one(NULL, name, fd);
}

static bool
forget_one(void *context, const char *name, int fd)
{
	notify_forget(name);
	return true;
}

void
handover_keep(struct supervisor *supervisor)
{
	struct handover *handover = &supervisor->handover;
	int record = handover_record_write(&supervisor->settings.crew,
	    supervisor->crew.members[0].arena.block, supervisor->loaded);
	char old[3][ESTATE_NAME_MAX];

	if (record < 0) {
		log_error("the policy can't be left to the next run: %s", strerror(-record));
		handover_discard(supervisor); /* nothing rather than what is wrong */
		return;
	}
	snprintf(old[0], sizeof(old[0]), "record-%u", handover->serial);
	snprintf(old[1], sizeof(old[1]), "rates-%u", handover->serial);
	snprintf(old[2], sizeof(old[2]), "fast-%u", handover->serial);
	if (handover->record >= 0)
		close(handover->record);
	handover->record = record;
	handover->serial++;
	each_of_policy(supervisor, keep_one, NULL);
	for (unsigned i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		notify_forget(old[i]);
}

static void
answer(struct handover *handover, const struct supervisor *supervisor)
{
	char line[256];

	if (handover->reply < 0)
		return;
	snprintf(line, sizeof(line),
	    "{\"ok\":true,\"version\":\"%s\",\"policy\":\"%s\",\"before\":\"%s\","
	    "\"connections\":\"%s\"}\n",
	    SLUICE_VERSION, supervisor->loaded->policy->hash,
	    handover->before ? handover->before->policy->hash : "", handover_word(supervisor));
	(void)!send(handover->reply, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(handover->reply);
	handover->reply = -1;
}

void
handover_begin(struct supervisor *supervisor)
{
	struct handover *handover = &supervisor->handover;

	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		struct member *member = &supervisor->crew.members[i];

		each_of_member(member, keep_new, member);
		atomic_store(&member->shared->starts, 0);
	}
	handover_keep(supervisor);
	if (handover->refused)
		events_note(&supervisor->events, "alarm", "alarm", "handover-refused", "why",
		    handover->refused, NULL);
	answer(handover, supervisor);
	/* what nobody has asked for */
	for (unsigned i = 0; i < handover->estate.count; i++)
		if (handover->estate.items[i].fd >= 0)
			notify_forget(handover->estate.items[i].name);
	estate_free(&handover->estate);
	loaded_free(handover->before);
	handover->before = NULL;
}

void
handover_discard(struct supervisor *supervisor)
{
	const struct estate *estate = &supervisor->handover.estate;

	for (unsigned i = 0; i < estate->count; i++)
		notify_forget(estate->items[i].name);
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++)
		each_of_member(&supervisor->crew.members[i], forget_one, NULL);
	if (supervisor->loaded)
		each_of_policy(supervisor, forget_one, NULL);
}

void
handover_close(struct supervisor *supervisor)
{
	struct handover *handover = &supervisor->handover;

	estate_free(&handover->estate);
	loaded_free(handover->before);
	handover->before = NULL;
	if (handover->record >= 0)
		close(handover->record);
	if (handover->reply >= 0)
		close(handover->reply);
}

/* ---- another program in our place ---- */

static _Noreturn void
try_out(const struct supervisor_settings *settings)
{
	const char *arguments[ARGUMENTS_MAX + 2];
	unsigned count = 0;
	sigset_t none;

	while (count < ARGUMENTS_MAX && settings->arguments[count]) {
		arguments[count] = settings->arguments[count];
		count++;
	}
	arguments[count++] = "--check";
	arguments[count] = NULL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(settings->program, (char *const *)arguments);
	_exit(127);
}

/* Does the program run at all, with these options, and does it take the policy?  NULL: yes. */
static const char *
trial(const struct supervisor_settings *settings)
{
	pid_t pid = fork();
	struct pollfd process = {.events = POLLIN};
	int status = 0;

	if (pid == 0)
		try_out(settings);
	process.fd = pid < 0 ? -1 : pidfd_open(pid, 0);
	if (pid > 0 && (process.fd < 0 || poll(&process, 1, TRIAL_MS) != 1))
		kill(pid, SIGKILL);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (process.fd >= 0)
		close(process.fd);
	if (pid < 0)
		return "nothing has changed: no process can be started";
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	return WIFEXITED(status) && WEXITSTATUS(status) == 1
	    ? "nothing has changed: the policy file has errors"
	    : "nothing has changed: the program does not run; its log says more";
}

struct inheritance {
	char text[ESTATE_TEXT_MAX];
	int files[ESTATE_MAX];
	unsigned count;
};

static bool
bequeath(void *context, const char *name, int fd)
{
	struct inheritance *inheritance = context;
	size_t used = strlen(inheritance->text);
	int n = snprintf(&inheritance->text[used], sizeof(inheritance->text) - used, "%s%s=%d",
	    used > 0 ? "," : "", name, fd);

	if (n < 0 || (size_t)n >= sizeof(inheritance->text) - used ||
	    inheritance->count == ESTATE_MAX)
		return false;
	inheritance->files[inheritance->count++] = fd;
	return true;
}

static bool
bequeath_all(const struct supervisor *supervisor, int reply, struct inheritance *inheritance)
{
	bool fits = each_of_policy(supervisor, bequeath, inheritance);

	for (unsigned i = 0; fits && i < supervisor->crew.settings.count; i++)
		fits = each_of_member(&supervisor->crew.members[i], bequeath, inheritance);
	if (fits && reply >= 0)
		fits = bequeath(inheritance, "reply", reply);
	for (unsigned i = 0; fits && i < supervisor->crew.settings.count; i++) {
		const struct member *member = &supervisor->crew.members[i];
		size_t used = strlen(inheritance->text);

		if (member->pid == 0)
			continue;
		snprintf(&inheritance->text[used], sizeof(inheritance->text) - used, ",pid-%u=%d",
		    i, (int)member->pid);
		fits = strlen(inheritance->text) < sizeof(inheritance->text) - 1;
	}
	return fits;
}

static void
set_inherited(const struct inheritance *inheritance, bool inherited)
{
	for (unsigned i = 0; i < inheritance->count; i++)
		fcntl(inheritance->files[i], F_SETFD, inherited ? 0 : FD_CLOEXEC);
}

const char *
handover_restart(struct supervisor *supervisor, int reply)
{
	static struct inheritance inheritance;
	const struct supervisor_settings *settings = &supervisor->settings;
	const char *why = trial(settings);
	int error;

	inheritance = (struct inheritance){0};
	if (!why &&
	    (supervisor->handover.record < 0 || !bequeath_all(supervisor, reply, &inheritance)))
		why = "nothing has changed: there is too much to hand over";
	if (why) {
		log_error("restart: %s", why);
		return why;
	}
	log_info("restart: %s takes over", settings->program);
	notify_reloading();
	events_note(&supervisor->events, "stop", "for", "restart", NULL);
	listener_pause(&supervisor->listener);
	listener_read(&supervisor->listener, &supervisor->events, supervisor->loaded->policy);
	events_flush(&supervisor->events);
	fast_path_leave(supervisor);
	setenv(ESTATE_VARIABLE, inheritance.text, 1);
	set_inherited(&inheritance, true);
	execv(settings->program, settings->arguments);
	error = errno;
	fast_path_serve(supervisor, supervisor->loaded);
	set_inherited(&inheritance, false);
	unsetenv(ESTATE_VARIABLE);
	notify_ready("");
	log_error("restart: %s: %s; nothing has changed", settings->program, strerror(error));
	return "nothing has changed: the program can't be started";
}
