/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crew: the inspectors as their supervisor sees them.
 *
 * Inspectors are forked and not executed: what a successor needs (compiled policy, bound sockets,
 * the engine's memory) is there in the same instant, so that a crash costs milliseconds and a
 * reload no packet.  The price is that all inspectors and the supervisor share one layout of
 * addresses.
 *
 * A member that dies again and again is an alarm and waits longer each time; meanwhile its packets
 * wait too, and then do what their conduit's when_down says.  It is never a reason to open
 * anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crew.h"
#include "clock.h"
#include "deadly.h"
#include "engine_counters.h"
#include "inspector.h"
#include "log.h"
#include "raw.h"
#include "recruit.h"

enum {
	RECEIVE_BUFFER =
	    16 << 20, /* bytes of packets that wait in one socket; the kernel doubles it */
	EVENT_PIPE = 1 << 20,
	FLOWS_MIN = 64,
	HELD_MIN = 65536,
	STOP_MS = 2000,
	STOP_REMINDER_MS = 10,
	CRASH_LOOP = 10, /* deaths ... */
	MOVES_MAX = 3,   /* that may fail with the arena of an earlier run */
};

static const uint64_t crash_loop_ns = 10000000000; /* ... within this time are a crash loop */
static const uint64_t crash_pause_ns = 5000000000; /* which waits this long */

/* Deaths that a member remembers are those that make a crash loop. */
_Static_assert(sizeof(((struct member *)0)->deaths_ns) / sizeof(uint64_t) == CRASH_LOOP, "");

static void
file_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

struct engine_limits
crew_limits(const struct crew *crew, const struct limits *limits)
{
	uint32_t flows = limits->flows / crew->settings.count;
	uint32_t held = limits->held_bytes / crew->settings.count;
	uint32_t states = limits->states / crew->settings.count;

	return (struct engine_limits){
	    .flows = flows < FLOWS_MIN ? FLOWS_MIN : flows,
	    .held_bytes = held < HELD_MIN ? HELD_MIN : held,
	    .states = states < FLOWS_MIN ? FLOWS_MIN : states,
	};
}

int
member_map_arena(struct member *member, const struct engine_limits *limits)
{
	uint64_t seed;
	int r;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -errno;
	r = memory_new("sluice-arena", engine_arena_size(limits), &member->arena);
	if (r == 0)
		engine_arena_init(member->arena.block, limits, seed);
	member->limits = *limits;
	return r;
}

int
member_map_numbers(struct member *member)
{
	int r = memory_new("sluice-numbers", sizeof(*member->shared), &member->numbers);

	member->shared = member->numbers.block;
	return r;
}

static int
member_map(struct crew *crew, struct member *member, const struct limits *limits)
{
	struct engine_limits engine = crew_limits(crew, limits);
	int r = member_map_arena(member, &engine);

	return r < 0 ? r : member_map_numbers(member);
}

int
member_pipe(struct member *member)
{
	int ends[2];

	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return -errno;
	member->event_read = ends[0];
	member->event_write = ends[1];
	fcntl(member->event_write, F_SETPIPE_SZ, EVENT_PIPE); /* a smaller one works too */
	return 0;
}

static int
member_bind(struct crew *crew, struct member *member, unsigned *ret_queue)
{
	int r = queue_open(RECEIVE_BUFFER, &member->queue);

	for (unsigned kind = 0; r == 0 && kind < QUEUE_KINDS; kind++) {
		struct queue_settings settings = {
		    .number = member->queues[kind],
		    .length = crew->settings.queue_length,
		    .fail_open = kind == QUEUE_OPEN,
		};
		struct queue_features features = {0};

		*ret_queue = settings.number;
		r = queue_bind(&member->queue, &settings, &features);
		if (r == 0 && kind == QUEUE_OPEN)
			crew->features = features;
	}
	return r;
}

static void
member_init(struct crew *crew, unsigned index)
{
	crew->members[index] = (struct member){
	    .index = index,
	    .process = -1,
	    .orders = -1,
	    .event_read = -1,
	    .event_write = -1,
	    .queue = {.fd = -1},
	    .arena = {.fd = -1},
	    .former = {.fd = -1},
	    .numbers = {.fd = -1},
	    .queues =
		{
		    [QUEUE_CLOSED] = (uint16_t)(crew->settings.queue_base + index),
		    [QUEUE_OPEN] =
			(uint16_t)(crew->settings.queue_base + crew->settings.count + index),
		},
	};
}

int
crew_outset(struct crew *crew, const struct crew_settings *settings, struct events *events)
{
	int r;

	*crew = (struct crew){
	    .settings = *settings, .events = events, .raw4 = -1, .raw6 = -1, .raw_bridge = -1};
	for (unsigned i = 0; i < settings->count; i++)
		member_init(crew, i);
	r = raw_open(FAMILY_IPV4, settings->mark, &crew->raw4);
	if (r == 0)
		r = raw_open(FAMILY_IPV6, settings->mark, &crew->raw6);
	return r < 0 ? r : raw_open_bridge(settings->mark, &crew->raw_bridge);
}

int
crew_init(struct crew *crew, const struct crew_settings *settings, const struct limits *limits,
    struct events *events, const char **ret_step, unsigned *ret_queue)
{
	int r;

	*ret_step = "raw socket";
	r = crew_outset(crew, settings, events);
	for (unsigned i = 0; r == 0 && i < settings->count; i++) {
		*ret_step = "shared memory";
		r = member_map(crew, &crew->members[i], limits);
		if (r < 0)
			break;
		*ret_step = "event pipe";
		r = member_pipe(&crew->members[i]);
		if (r < 0)
			break;
		*ret_step = "queue";
		r = member_bind(crew, &crew->members[i], ret_queue);
	}
	if (r < 0)
		crew_done(crew);
	return r;
}

static void
member_done(struct member *member)
{
	if (member->pid > 0) {
		kill(member->pid, SIGKILL);
		waitpid(member->pid, NULL, 0);
	}
	file_close(&member->process);
	file_close(&member->orders);
	file_close(&member->event_read);
	file_close(&member->event_write);
	queue_close(&member->queue);
	memory_free(&member->arena);
	memory_free(&member->former);
	memory_free(&member->numbers);
	member->shared = NULL;
}

void
crew_done(struct crew *crew)
{
	for (unsigned i = 0; i < crew->settings.count; i++)
		member_done(&crew->members[i]);
	file_close(&crew->raw4);
	file_close(&crew->raw6);
	file_close(&crew->raw_bridge);
	crew->settings.count = 0;
}

void
crew_unmap(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->settings.count; i++) {
		munmap(crew->members[i].arena.block, crew->members[i].arena.size);
		if (crew->members[i].former.block)
			munmap(crew->members[i].former.block, crew->members[i].former.size);
		munmap(crew->members[i].numbers.block, crew->members[i].numbers.size);
	}
	if (crew->fast_flows)
		munmap(crew->fast_flows, crew->fast_size);
}

/* It takes the member's place and begins. */
static void
recruit_begin(struct member *member, const struct recruit *recruit, bool recheck)
{
	uint8_t order = ORDER_START;

	bool recover = member->died || member->former.block;

	if (recheck)
		order = recover ? ORDER_RECOVER_RECHECK : ORDER_RECHECK;
	else if (recover)
		order = ORDER_RECOVER;
	atomic_store(&member->shared->stop, 0);
	atomic_store(&member->shared->pid, recruit->pid);
	member->pid = recruit->pid;
	member->process = recruit->process;
	member->orders = recruit->orders;
	member->died = false;
	member->start_at_ns = 0;
	member->wakeups_seen_ns = clock_ns(CLOCK_MONOTONIC);
	/* if it is gone already, its pidfd will tell */
	(void)!send(member->orders, &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int
crew_start(struct crew *crew, const struct loaded *loaded)
{
	if (crew->settings.count > 0 && crew->members[0].adopted)
		return crew_hand_over(crew, loaded);
	crew->loaded = loaded;
	for (unsigned i = 0; i < crew->settings.count; i++) {
		struct recruit recruit = {0};
		int r = recruit_fork(crew, &crew->members[i], loaded, &recruit);

		if (r < 0)
			return r;
		if (!recruit_ready(&recruit)) {
			recruit_dismiss(&recruit);
			return -ECHILD; /* it said on standard error what it was */
		}
		recruit_begin(&crew->members[i], &recruit, false);
	}
	return 0;
}

/* How a process ended, in words. */
static void
print_end(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(
		    buf, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
}

/* Wait for the end of a member's process, which is certain to come. */
static int
member_bury(struct member *member)
{
	int status = 0;

	while (waitpid(member->pid, &status, 0) < 0 && errno == EINTR)
		;
	file_close(&member->process);
	file_close(&member->orders);
	member->pid = 0;
	member->died = !WIFEXITED(status) || WEXITSTATUS(status) != INSPECTOR_STOPPED;
	return status;
}

/* Ask a member to leave until it does; kill it when it does not in time. */
static void
member_stop(struct member *member)
{
	struct pollfd process = {.fd = member->process, .events = POLLIN};

	if (member->pid == 0)
		return;
	atomic_store(&member->shared->stop, 1);
	for (int waited = 0;; waited += STOP_REMINDER_MS) {
		kill(member->pid, waited < STOP_MS ? SIGUSR1 : SIGKILL);
		if (poll(&process, 1, STOP_REMINDER_MS) == 1)
			break;
	}
	member_bury(member);
}

static void
member_drain(struct crew *crew, struct member *member)
{
	while (crew_read_events(crew, member))
		;
}

/*
 * Where things are in the memory of an inspector is written in it, by an inspector.  Now that none
 * works on it, it is looked at before another one believes it.
 */
static void
member_mend(const struct crew *crew, struct member *member)
{
	uint64_t seed = clock_ns(CLOCK_MONOTONIC);
	char index[16];

	(void)!getrandom(&seed, sizeof(seed), 0);
	if (engine_arena_mend(member->arena.block, member->arena.size, &member->limits, seed))
		return;
	snprintf(index, sizeof(index), "%u", member->index);
	log_error(
	    "inspector %s has left its memory in disorder: its connections are forgotten", index);
	events_note(
	    crew->events, "alarm", "alarm", "connections-forgotten", "inspector", index, NULL);
}

/* Its counters keep their names. */
static void
member_follow(const struct crew *crew, struct member *member, const struct loaded *loaded)
{
	bool former = member->former.block && crew->build.layout == 0;
	const struct memory *memory = former ? &member->former : &member->arena;

	if (engine_counters_follow(memory->block, crew->loaded->policy, loaded->policy) < 0)
		log_error("memory is out: counters of channels and conduits may stand beside "
			  "other names now");
}

int
crew_hand_over(struct crew *crew, const struct loaded *loaded)
{
	struct recruit recruits[CREW_MAX] = {0};
	unsigned ready = 0;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < crew->settings.count; i++)
		r = recruit_fork(crew, &crew->members[i], loaded, &recruits[i]);
	for (unsigned i = 0; r == 0 && i < crew->settings.count; i++)
		ready += recruit_ready(&recruits[i]);
	if (r < 0 || ready < crew->settings.count) {
		for (unsigned i = 0; i < crew->settings.count; i++)
			recruit_dismiss(&recruits[i]);
		return r < 0 ? r : -ECHILD;
	}
	for (unsigned i = 0; i < crew->settings.count; i++) {
		struct member *member = &crew->members[i];

		member_stop(member);
		member_drain(crew, member);
		member_tell_storms(crew, member);
		member_mend(crew, member);
		member_follow(crew, member, loaded);
		recruit_begin(member, &recruits[i], true);
	}
	crew->loaded = loaded;
	return 0;
}

void
crew_stop(struct crew *crew)
{
	for (unsigned i = 0; i < crew->settings.count; i++) {
		member_stop(&crew->members[i]);
		member_drain(crew, &crew->members[i]);
		member_tell_storms(crew, &crew->members[i]);
	}
}

/* Start a successor at once. If even that fails, try again at the next tick. */
static void
member_replace(struct crew *crew, struct member *member)
{
	struct recruit recruit = {0};
	int r;

	if (member->former.block && member->restarts >= MOVES_MAX) {
		log_error("inspector %u: the connections of the run before can't be taken over",
		    member->index);
		memory_free(&member->former);
	}
	r = recruit_fork(crew, member, crew->loaded, &recruit);

	if (r < 0) {
		log_error("inspector %u can't be started: %s", member->index, strerror(-r));
		member->start_at_ns = clock_ns(CLOCK_MONOTONIC) + crash_pause_ns;
		return;
	}
	recruit_begin(member, &recruit, false);
	member->restarts++;
}

/* Did it die so often lately that it has to wait? */
static bool
member_crash_loop(struct member *member, uint64_t now)
{
	uint64_t *oldest = &member->deaths_ns[member->death_count++ % CRASH_LOOP];
	bool loop = *oldest != 0 && now - *oldest < crash_loop_ns;

	*oldest = now;
	return loop;
}

void
crew_reap(struct crew *crew, struct member *member)
{
	char end[64], index[16], wait[16] = "0";
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	bool loop = member_crash_loop(member, now);
	int status = member_bury(member);
	struct deadly deadly;

	deadly_keep(crew, member, &deadly); /* before its successor forgets it */
	member_mend(crew, member);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL || member->hung)
		deadly_blame(crew, member, now); /* a kill from outside is no packet's doing */
	member->hung = false;
	member->died = true; /* nobody told it to go */
	print_end(status, end, sizeof(end));
	snprintf(index, sizeof(index), "%u", member->index);
	if (loop) {
		member->start_at_ns = now + crash_pause_ns;
		snprintf(wait, sizeof(wait), "%u", (unsigned)(crash_pause_ns / 1000000000));
	} else {
		member_replace(crew, member);
	}
	log_error("inspector %u died: %s; %s%s%s", member->index, end,
	    loop ? "it does so again and again, waiting" : "replaced",
	    deadly.file[0] ? "; it was judging what is in " : "", deadly.file);
	events_note(crew->events, "alarm", "alarm",
	    loop ? "inspector-crash-loop" : "inspector-died", "inspector", index, "end", end,
	    "wait_s", wait, deadly.digits[0] ? "packet" : NULL, deadly.digits,
	    deadly.file[0] ? "capture" : NULL, deadly.file, NULL);
}

void
member_read_stats(struct member *member)
{
	for (unsigned kind = 0; kind < QUEUE_KINDS; kind++)
		queue_stats_read(member->queues[kind], &member->stats[kind]);
}

static uint64_t
member_waiting(const struct member *member)
{
	return (uint64_t)member->stats[QUEUE_CLOSED].waiting + member->stats[QUEUE_OPEN].waiting;
}

/*
 * Packets that found no room: those that the kernel dropped because a queue was full, and those
 * that did not fit into the socket (of which the ones from the open queue passed).
 */
static uint64_t
member_overflows(const struct member *member)
{
	return queue_overflows(&member->queue) + member->stats[QUEUE_CLOSED].full +
	    member->stats[QUEUE_OPEN].full;
}

static void
member_tell_losses(struct crew *crew, struct member *member)
{
	uint64_t lost = atomic_load(&member->shared->events_lost);
	uint64_t overflows = member_overflows(member);
	uint64_t lost_told = atomic_exchange(&member->shared->lost_told, lost);
	uint64_t told = atomic_exchange(&member->shared->overflows_told, overflows);
	char index[16], count[24];

	if (lost > lost_told)
		events_lost(crew->events, lost - lost_told);
	if (overflows <= told)
		return;
	snprintf(index, sizeof(index), "%u", member->index);
	snprintf(count, sizeof(count), "%llu", (unsigned long long)(overflows - told));
	log_warning(
	    "inspector %s: %s packets found no room and did what when_down says", index, count);
	events_note(crew->events, "alarm", "alarm", "queue-overflow", "inspector", index, "packets",
	    count, NULL);
}

/* Packets wait and nothing has moved for too long: it hangs. Its successor treats that as a crash.
 */
static void
member_watch(struct crew *crew, struct member *member, uint64_t now)
{
	uint64_t wakeups = atomic_load(&member->shared->wakeups);

	if (wakeups != member->wakeups_seen || member_waiting(member) == 0) {
		member->wakeups_seen = wakeups;
		member->wakeups_seen_ns = now;
		return;
	}
	if (now - member->wakeups_seen_ns < (uint64_t)crew->settings.watchdog_s * 1000000000)
		return;
	log_error("inspector %u: packets wait and nothing moves, killing it", member->index);
	member->hung = true;
	kill(member->pid, SIGKILL); /* crew_reap() follows */
	member->wakeups_seen_ns = now;
}

void
crew_deny_unrecorded(struct crew *crew, bool deny)
{
	for (unsigned i = 0; i < crew->settings.count; i++)
		atomic_store_explicit(
		    &crew->members[i].shared->unrecorded, deny, memory_order_relaxed);
}

void
crew_tick(struct crew *crew)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	for (unsigned i = 0; i < crew->settings.count; i++) {
		struct member *member = &crew->members[i];

		member_read_stats(member);
		member_tell_losses(crew, member);
		if (member->former.block && atomic_load(&member->shared->moved))
			memory_free(&member->former);
		if (member->pid == 0 && now >= member->start_at_ns)
			member_replace(crew, member);
		else if (member->pid != 0 && crew->settings.watchdog_s > 0)
			member_watch(crew, member, now);
		if (member->pid != 0 && atomic_load(&member->shared->storming))
			kill(member->pid, SIGUSR1); /* it may be waiting for packets */
	}
}
