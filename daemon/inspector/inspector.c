/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inspector: the process that touches hostile bytes.
 *
 * Forked by the supervisor and never executed anew: the compiled policy, the queue's socket and the
 * engine's memory are there already, so that a successor works within milliseconds of a crash.
 *
 * One wake-up is one recvmmsg() and one sendto() for up to QUEUE_BATCH_MAX packets, and one write()
 * if there are events.  Nothing is allocated and nothing is formatted.  When it is to stop, a flag
 * is set and a signal sent until it is gone: the signal only ends the waiting.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "inspector.h"
#include "clock.h"
#include "engine_desk.h"
#include "queue.h"
#include "raw.h"
#include "mark.h"
#include "sandbox.h"
#include "stations.h"
#include "turn.h"

/* Written at once or not at all: no event is ever cut in two. */
enum { EVENT_BATCH = PIPE_BUF / sizeof(struct event) };

_Static_assert(EVENT_BATCH >= 1, "an event must fit into one atomic write to a pipe");

struct inspector {
	const struct inspector_setup *setup;
	struct shared *shared;
	struct engine *engine;
	struct queue_batch *batch;
	bool stale[QUEUE_KINDS]; /* packets that a dead predecessor had taken may be waiting */
	struct turn turn;
	uint64_t event_room; /* of the pipe */
	uint64_t now_ns;     /* monotonic */
	unsigned event_count;
	struct event events[EVENT_BATCH];
};

/* There was no room for it in the pipe. A denial is told later, in a summary. */
static void
event_unsent(struct inspector *inspector, const struct event *event)
{
	if (event->type == EVENT_STORM || storms_concern(event))
		storms_keep(&inspector->shared->storms, event, inspector->now_ns);
	else
		shared_add(&inspector->shared->events_lost, 1);
}

static void
events_flush(struct inspector *inspector)
{
	size_t size = inspector->event_count * sizeof(inspector->events[0]);

	if (size == 0)
		return;
	if (write(INSPECTOR_EVENTS, inspector->events, size) == (ssize_t)size)
		shared_add(&inspector->shared->events, inspector->event_count);
	else
		for (unsigned i = 0; i < inspector->event_count; i++)
			event_unsent(inspector, &inspector->events[i]);
	inspector->event_count = 0;
}

/* Written by us and not yet read by the supervisor, as far as it has said so. */
static uint64_t
events_waiting(const struct inspector *inspector)
{
	uint64_t written = atomic_load_explicit(&inspector->shared->events, memory_order_relaxed);
	uint64_t read = atomic_load_explicit(&inspector->shared->events_read, memory_order_relaxed);

	return (written > read ? written - read : 0) + inspector->event_count;
}

static void
event_add(struct inspector *inspector, const struct event *event)
{
	if (inspector->event_count == EVENT_BATCH)
		events_flush(inspector);
	inspector->events[inspector->event_count++] = *event;
}

static void
event_note(void *context, const struct judgement *judgement)
{
	struct inspector *inspector = context;
	struct event event = *judgement->event;
	const struct address *client =
	    event.direction == DIRECTION_REQUEST ? &event.source : &event.destination;

	event.generation = inspector->setup->generation;
	if (storms_concern(&event) &&
	    !storms_take(&inspector->shared->storms, &event, inspector->now_ns))
		return;
	if (turn_takes(&inspector->turn, client, events_waiting(inspector), inspector->event_room))
		event_add(inspector, &event);
	else
		event_unsent(inspector, &event);
}

/* Summaries are few: each may have the room that there is. */
static bool
storm_tell(void *context, const struct event *event)
{
	struct inspector *inspector = context;

	if (events_waiting(inspector) >= inspector->event_room)
		return false;
	event_add(inspector, event);
	return true;
}

/* Also after a wake-up by the supervisor, for a storm may end with the last packet. */
static void
storms_serve(struct inspector *inspector)
{
	struct storms *storms = &inspector->shared->storms;

	if (storms->due_ns != 0) {
		storms_tick(storms, clock_ns(CLOCK_MONOTONIC), clock_ns(CLOCK_REALTIME), storm_tell,
		    inspector);
		events_flush(inspector);
	}
	atomic_store_explicit(
	    &inspector->shared->storming, storms->due_ns != 0, memory_order_relaxed);
	atomic_store_explicit(
	    &inspector->shared->denials_summed, storms->summed, memory_order_relaxed);
	atomic_store_explicit(
	    &inspector->shared->denials_homeless, storms->homeless, memory_order_relaxed);
}

/* What a predecessor has counted under another policy has other numbers of channels. */
static void
storms_begin(struct inspector *inspector)
{
	struct storms *storms = &inspector->shared->storms;

	if (storms->generation != inspector->setup->generation)
		storms_end(storms, clock_ns(CLOCK_REALTIME), storm_tell, inspector);
	storms->generation = inspector->setup->generation;
	storms->each = inspector->setup->storm_after;
	if (storms->seed == 0)
		storms->seed = inspector->turn.seed;
	if (storms->due_ns != 0)
		storms->due_ns = 1; /* the clock of a machine that was started anew */
}

static void
segments_send(struct inspector *inspector, const struct outcome *outcome)
{
	for (uint32_t i = 0; i < outcome->segment_count; i++) {
		const struct segment *segment = &outcome->segments[i];
		int fd = segment->family == FAMILY_IPV4 ? INSPECTOR_RAW4 : INSPECTOR_RAW6;
		const struct station *to = stations_find(
		    &inspector->shared->stations, segment->family, &segment->destination);
		const struct station *from =
		    stations_find(&inspector->shared->stations, segment->family, &segment->source);
		int r = to != NULL ? raw_send_bridged(INSPECTOR_RAW_BRIDGE, segment, to, from)
				   : raw_send(fd, segment);

		if (r == 0)
			shared_add(&inspector->shared->segments, 1);
		else
			shared_add(&inspector->shared->segments_failed, 1);
	}
}

static void
flow_cut(void *context, const struct outcome *outcome)
{
	segments_send(context, outcome);
}

static enum queue_kind
packet_kind(const struct inspector *inspector, const struct queue_packet *packet)
{
	return packet->queue == inspector->setup->queues[QUEUE_OPEN] ? QUEUE_OPEN : QUEUE_CLOSED;
}

/*
 * The numbers taken are remembered before the first packet is judged.  A predecessor may have died
 * inside the receive call, before it could do so: whatever has a lower number than the first packet
 * that comes was taken by it, and is dropped.
 */
static void
packets_taken(struct inspector *inspector, const struct queue_packet *packets, int count)
{
	for (int i = 0; i < count; i++) {
		enum queue_kind kind = packet_kind(inspector, &packets[i]);

		if (inspector->stale[kind])
			queue_discard(inspector->batch, packets[i].queue, packets[i].id - 1);
		inspector->stale[kind] = false;
		atomic_store_explicit(
		    &inspector->shared->taken[kind], packets[i].id, memory_order_relaxed);
	}
}

/*
 * The mark of a packet that was queued under an earlier policy numbers channels as that did; its
 * direction holds, and the ends tell which channel it is of now.
 */
static void
packet_tell(const struct inspector *inspector, const struct queue_packet *packet,
    struct engine_packet *question)
{
	struct mark mark;

	question->told = true;
	question->channel = TOLD_NO_CHANNEL;
	if (!mark_read(inspector->setup->mark_mask, packet->mark, &mark))
		return;
	question->direction = mark.back ? DIRECTION_RESPONSE : DIRECTION_REQUEST;
	question->channel =
	    mark.generation == inspector->setup->generation ? mark.channel_index : TOLD_BY_ENDS;
}

/* True if it goes on, with the bytes that `packet` names then. */
static bool
packet_judge(
    struct inspector *inspector, struct queue_packet *packet, uint64_t now_ns, uint64_t wall_ns)
{
	struct engine_packet question = {
	    .data = packet->data,
	    .length = packet->length,
	    .now_ns = now_ns,
	    .wall_ns = wall_ns,
	    .interface = packet->interface,
	    .truncated = packet->truncated,
	    .merged = packet->unfinished,
	    .unrecorded =
		atomic_load_explicit(&inspector->shared->unrecorded, memory_order_relaxed) != 0,
	};
	struct outcome outcome;

	packet_tell(inspector, packet, &question);
	if (packet->port != 0)
		stations_learn(&inspector->shared->stations, packet);
	engine_packet(inspector->engine, &question, &outcome);
	if (outcome.segment_count > 0)
		segments_send(inspector, &outcome);
	if (outcome.bytes) {
		packet->data = outcome.bytes;
		packet->length = outcome.length;
	}
	return outcome.verdict == VERDICT_ALLOW;
}

static void
verdicts_send(struct inspector *inspector)
{
	if (queue_send(INSPECTOR_QUEUE, inspector->batch) < 0)
		_exit(INSPECTOR_SEND_FAILED);
}

/* One wake-up. */
static void
packets_serve(struct inspector *inspector)
{
	struct queue_packet packets[QUEUE_BATCH_MAX];
	uint64_t now_ns, wall_ns, accepted = 0;
	uint32_t errors = 0;
	int count = queue_receive(INSPECTOR_QUEUE, inspector->batch, packets, &errors);

	if (count == -EINTR)
		return;
	if (count < 0)
		_exit(INSPECTOR_RECEIVE_FAILED);
	inspector->now_ns = now_ns = clock_ns(CLOCK_MONOTONIC);
	wall_ns = clock_ns(CLOCK_REALTIME);
	packets_taken(inspector, packets, count);
	for (int i = 0; i < count; i++) {
		if (packet_judge(inspector, &packets[i], now_ns, wall_ns)) {
			queue_accept(inspector->batch, &packets[i]);
			accepted++;
		} else {
			queue_drop(inspector->batch, &packets[i]);
		}
	}
	verdicts_send(inspector);
	if (count > 0)
		judging_add(&inspector->shared->judging, clock_ns(CLOCK_MONOTONIC) - now_ns,
		    (uint64_t)count);
	events_flush(inspector);
	shared_add(&inspector->shared->packets, (uint64_t)count);
	shared_add(&inspector->shared->accepted, accepted);
	shared_add(&inspector->shared->verdict_errors, errors);
	shared_add(&inspector->shared->wakeups, 1);
}

/* Once: if we die of it, our successor begins it anew. */
static void
former_move(struct inspector *inspector)
{
	const struct inspector_setup *setup = inspector->setup;

	if (!setup->former)
		return;
	if (!atomic_load(&inspector->shared->moved)) {
		uint32_t left = former_take_over(inspector->engine, setup->former,
		    setup->former_size, setup->build, clock_ns(CLOCK_MONOTONIC));

		atomic_store(&inspector->shared->left, left);
		atomic_store(&inspector->shared->moved, 1);
	}
	munmap(setup->former, setup->former_size);
}

/* The one before died: what it had taken is dropped, what it died of is denied for good. */
static void
predecessor_bury(struct inspector *inspector)
{
	for (unsigned kind = 0; kind < QUEUE_KINDS; kind++) {
		uint32_t taken = atomic_load(&inspector->shared->taken[kind]);

		if (taken > 0)
			queue_discard(inspector->batch, inspector->setup->queues[kind], taken);
		inspector->stale[kind] = true;
	}
	verdicts_send(inspector);
	former_move(inspector);
	engine_recover(inspector->engine, clock_ns(CLOCK_MONOTONIC), clock_ns(CLOCK_REALTIME));
}

static void
flows_recheck(struct inspector *inspector)
{
	size_t cut = engine_recheck(inspector->engine, clock_ns(CLOCK_MONOTONIC),
	    clock_ns(CLOCK_REALTIME), flow_cut, inspector);

	atomic_store(&inspector->shared->flows_cut, cut);
}

/* Tell the supervisor that all is prepared, then wait for the word. */
static enum inspector_order
orders_wait(void)
{
	uint8_t order = 1;

	if (write(INSPECTOR_ORDERS, &order, 1) != 1 || read(INSPECTOR_ORDERS, &order, 1) != 1)
		_exit(INSPECTOR_ORPHANED); /* the supervisor changed its mind, or is gone */
	return order;
}

static _Noreturn void
setup_failed(const struct inspector_setup *setup, const char *step, int error)
{
	fprintf(stderr, "sluiced: inspector %u: %s: %s\n", setup->index, step, strerror(-error));
	_exit(INSPECTOR_SETUP_FAILED);
}

/* Give every inherited file its number and close all others. */
static int
files_arrange(const struct inspector_setup *setup)
{
	int moved[INSPECTOR_FILES_END], null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return -errno;
	for (int i = INSPECTOR_QUEUE; i < INSPECTOR_FILES_END; i++) {
		moved[i] = fcntl(setup->files[i], F_DUPFD_CLOEXEC, INSPECTOR_FILES_END);
		if (moved[i] < 0)
			return -errno;
	}
	for (int i = INSPECTOR_QUEUE; i < INSPECTOR_FILES_END; i++)
		if (dup2(moved[i], i) < 0)
			return -errno;
	return close_range(INSPECTOR_FILES_END, ~0U, 0) < 0 ? -errno : 0;
}

static void
signal_nothing(int number)
{
}

/* What a terminal or a service manager sends to all is for the supervisor to answer. */
static void
signals_arrange(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR2, SIGXFSZ};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, wake = {.sa_handler = signal_nothing};
	sigset_t none;

	for (unsigned i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &ignore, NULL);
	sigaction(SIGUSR1, &wake, NULL); /* without SA_RESTART: it ends the waiting */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
sandbox_arrange(const struct inspector_setup *setup)
{
	struct sandbox sandbox = {
	    .user = setup->user,
	    .group = setup->group,
	    .root = setup->root,
	    .receive = {{INSPECTOR_QUEUE}, 1},
	    .send = {{INSPECTOR_QUEUE, INSPECTOR_RAW4, INSPECTOR_RAW6, INSPECTOR_RAW_BRIDGE}, 4},
	    .read = {{INSPECTOR_ORDERS}, 1},
	    .write = {{INSPECTOR_EVENTS, INSPECTOR_ORDERS, STDERR_FILENO}, 3},
	    .files_max = INSPECTOR_FILES_END,
	};
	const char *step = "";
	int r = sandbox_enter(&sandbox, &step);

	if (r < 0)
		setup_failed(setup, step, r);
}

/* Of the pipe as it has become. */
static void
turn_prepare(struct inspector *inspector)
{
	int size = fcntl(INSPECTOR_EVENTS, F_GETPIPE_SZ);

	inspector->event_room = (size > 0 ? (uint64_t)size / PIPE_BUF : 1) * EVENT_BATCH;
	if (getrandom(&inspector->turn.seed, sizeof(inspector->turn.seed), 0) < 0)
		inspector->turn.seed = 0;
}

static void
inspector_prepare(struct inspector *inspector, const struct inspector_setup *setup)
{
	char name[16];
	int r;

	inspector->setup = setup;
	inspector->shared = setup->shared;
	snprintf(name, sizeof(name), "sluiced:%u", setup->index);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	signals_arrange();
	r = files_arrange(setup);
	if (r < 0)
		setup_failed(setup, "file descriptors", r);
	r = queue_batch_new(&inspector->batch);
	if (r < 0)
		setup_failed(setup, "packet buffers", r);
	r = engine_new(setup->arena, setup->compiled, setup->rates, &inspector->engine);
	if (r < 0)
		setup_failed(setup, "engine", r);
	r = setup->desk.channels ? engine_serve_fast(inspector->engine, &setup->desk) : 0;
	if (r < 0)
		setup_failed(setup, "fast path", r);
	turn_prepare(inspector);
	engine_observe(inspector->engine, OBSERVE_LOG, event_note, inspector);
	sandbox_arrange(setup);
}

void
inspector_run(const struct inspector_setup *setup)
{
	static struct inspector inspector;
	enum inspector_order order;

	inspector_prepare(&inspector, setup);
	order = orders_wait(); /* and notices if the supervisor died before the sandbox stood */
	inspector.now_ns = clock_ns(CLOCK_MONOTONIC);
	storms_begin(&inspector);
	if (order == ORDER_RECOVER || order == ORDER_RECOVER_RECHECK)
		predecessor_bury(&inspector);
	engine_inherit_fast(inspector.engine);
	if (order == ORDER_RECHECK || order == ORDER_RECOVER_RECHECK)
		flows_recheck(&inspector);
	events_flush(&inspector);
	while (!atomic_load_explicit(&inspector.shared->stop, memory_order_relaxed)) {
		packets_serve(&inspector);
		storms_serve(&inspector);
	}
	engine_leave_fast(inspector.engine);
	_exit(INSPECTOR_STOPPED);
}
