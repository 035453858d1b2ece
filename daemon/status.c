/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Status: what the running daemon tells about itself, as JSON (jansson) and as metrics.
 *
 * Reads counters that inspectors are changing: each is right, sums may be some packets apart.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "crew.h"
#include "engine.h"
#include "fast_path.h"
#include "judged.h"
#include "landlock.h"
#include "status.h"

#define NS_PER_S UINT64_C(1000000000)

static json_t *
number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *
text(const char *value)
{
	return value ? json_string(value) : json_null();
}

/* "2026-10-05T12:00:00Z" */
json_t *
status_moment(uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NS_PER_S);
	char date[32];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(date);
}

json_t *
status_failure(const struct failure *failure)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < failure->line_count; i++)
		json_array_append_new(lines, text(failure->lines[i]));
	return json_pack("{s:s, s:o, s:o, s:o}", "why", failure->why, "at",
	    status_moment(failure->at_ns), "lines", lines, "more", number(failure->more));
}

static json_t *
policy_object(const struct supervisor *supervisor)
{
	const struct loaded *loaded = supervisor->loaded;
	const struct policy *policy = loaded->policy;
	json_t *object = json_pack("{s:o, s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "file", text(supervisor->settings.policy), "source",
	    supervisor->fallback             ? "last-good"
		: supervisor->change.applied ? "applied"
					     : "file",
	    "site", text(policy->site.name), "hash", text(policy->hash), "generation",
	    (int)loaded->generation, "since", status_moment(loaded->since_ns), "zones",
	    number(policy->zone_count), "conduits", number(policy->conduit_count), "channels",
	    number(policy->channel_count), "reloads", number(supervisor->reloads), "reloads_failed",
	    number(supervisor->reloads_failed));

	if (supervisor->failure.why)
		json_object_set_new(object, "failure", status_failure(&supervisor->failure));
	return object;
}

/* Messages of a channel that all inspectors have judged. */
static void
channel_sum(
    const struct supervisor *supervisor, uint32_t index, struct channel_counters *ret_counters)
{
	struct channel_counters sum = {0};

	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		struct channel_counters one = {0};

		if (index < CHANNEL_COUNTERS_MAX)
			engine_channel_counters(
			    supervisor->crew.members[i].arena.block, index, &one);
		sum.messages += one.messages;
		sum.denied += one.denied;
	}
	*ret_counters = sum;
}

static struct channel_counters
conduit_sum(const struct supervisor *supervisor, const struct conduit *conduit)
{
	const struct policy *policy = supervisor->loaded->policy;
	struct channel_counters sum = {0};

	for (size_t i = 0; i < policy->channel_count; i++) {
		struct channel_counters one;

		if (policy->channels[i]->conduit != conduit)
			continue;
		channel_sum(supervisor, policy->channels[i]->index, &one);
		sum.messages += one.messages;
		sum.denied += one.denied;
	}
	return sum;
}

/* Those that have occurred. */
static json_t *
reasons_object(const uint64_t by_reason[REASON_COUNT])
{
	json_t *reasons = json_object();

	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (by_reason[i] > 0)
			json_object_set_new(reasons, reason_word(i), number(by_reason[i]));
	return reasons;
}

/* Denials of a conduit by reason that all inspectors have counted; NULL beyond what is counted. */
static json_t *
conduit_reasons(const struct supervisor *supervisor, size_t index)
{
	uint64_t sum[REASON_COUNT] = {0};

	if (index >= CONDUIT_COUNTERS_MAX)
		return NULL;
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		struct conduit_counters one;

		engine_conduit_counters(supervisor->crew.members[i].arena.block, index, &one);
		for (unsigned r = 0; r < REASON_COUNT; r++)
			sum[r] += one.by_reason[r];
	}
	return reasons_object(sum);
}

/* What a conduit does when something is denied, and while nobody judges; what came of it. */
static json_t *
conduits_array(const struct supervisor *supervisor)
{
	const struct policy *policy = supervisor->loaded->policy;
	json_t *array = json_array();

	for (size_t i = 0; i < policy->conduit_count; i++) {
		const struct conduit *conduit = &policy->conduits[i];
		struct channel_counters sum = conduit_sum(supervisor, conduit);

		json_array_append_new(array,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o*}", "name",
			conduit->name, "from", conduit->from->name, "to", conduit->to->name, "mode",
			conduit_mode_word(conduit->mode), "on_deny", on_deny_word(conduit->on_deny),
			"when_down", when_down_word(conduit->when_down), "isolated",
			(int)conduit->isolated, "messages", number(sum.messages), "denied",
			number(sum.denied), "reasons", conduit_reasons(supervisor, i)));
	}
	return array;
}

/* Counters of the kernel's table. */

#define REASON_PREFIX "reason/"

struct kernel_counters {
	json_t *drops;   /* by reason */
	json_t *packets; /* by channel: "conduit/channel" */
};

static void
count_one(void *context, const char *name, uint64_t packets, uint64_t bytes)
{
	struct kernel_counters *counters = context;
	bool reason = strncmp(name, REASON_PREFIX, strlen(REASON_PREFIX)) == 0;
	json_t *of = reason ? counters->drops : counters->packets;
	const char *key = reason ? name + strlen(REASON_PREFIX) : name; /* in each table, maybe */
	uint64_t before = (uint64_t)json_integer_value(json_object_get(of, key));

	json_object_set_new(of, key, number(packets + before));
}

/* Both to be released. Empty where the kernel does not tell. */
static struct kernel_counters
kernel_counters(struct supervisor *supervisor)
{
	struct kernel_counters counters = {json_object(), json_object()};

	nft_counters(supervisor->nft, count_one, &counters);
	return counters;
}

static const char *
table_word(const struct supervisor *supervisor)
{
	return supervisor->guard.foreign ? "foreign"
	    : supervisor->guard.damaged  ? "damaged"
					 : "in force";
}

static json_t *
kernel_object(struct supervisor *supervisor)
{
	struct kernel_counters counters = kernel_counters(supervisor);

	json_decref(counters.packets);
	return json_pack("{s:s, s:b, s:b, s:b, s:b, s:s?, s:s, s:o, s:o, s:i, s:o, s:b}", "queue",
	    supervisor->queue == RULESET_QUEUE_NATIVE ? "expression" : "target", "fail_open",
	    supervisor->crew.features.fail_open, "drops_told", supervisor->listener.on,
	    "conntrack_marks", supervisor->features.conntrack, "kept_out_of_flow_tables",
	    supervisor->features.helper, "flow_table",
	    supervisor->guard.flow_table[0] ? supervisor->guard.flow_table : NULL, "table",
	    table_word(supervisor), "table_changes", number(supervisor->guard.changes), "drops",
	    counters.drops, "landlock", landlock_version(), "fast_path",
	    fast_path_object(supervisor), "bridged", policy_is_bridged(supervisor->loaded->policy));
}

static json_t *
queue_object(const struct member *member, enum queue_kind kind)
{
	const struct queue_stats *stats = &member->stats[kind];

	return json_pack("{s:i, s:s, s:o, s:o, s:o}", "number", (int)member->queues[kind],
	    "when_down", when_down_word(kind == QUEUE_OPEN ? WHEN_DOWN_OPEN : WHEN_DOWN_CLOSED),
	    "waiting", number(stats->waiting), "full", number(stats->full), "unsent",
	    number(stats->unsent));
}

static json_t *
counters_object(const struct engine_counters *counters)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "packets",
	    number(counters->packets), "messages", number(counters->messages), "allowed",
	    number(counters->allowed), "denied", number(counters->denied), "flows",
	    number(counters->flows), "flows_max", number(counters->flows_max), "held_chunks",
	    number(counters->held_chunks), "held_chunks_max", number(counters->held_chunks_max),
	    "held_yielded", number(counters->held_yielded), "states", number(counters->states),
	    "states_max", number(counters->states_max), "reasons",
	    reasons_object(counters->by_reason));
}

static json_t *
inspector_object(struct member *member)
{
	const struct shared *shared = member->shared;
	struct engine_counters counters;
	json_t *object;

	member_read_stats(member);
	engine_counters(member->arena.block, &counters);
	object = json_pack(
	    "{s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[o, o], s:o}",
	    "index", (int)member->index, "pid", (json_int_t)member->pid, "restarts",
	    number(member->restarts), "wakeups", number(shared->wakeups), "verdict_errors",
	    number(shared->verdict_errors), "segments", number(shared->segments), "segments_failed",
	    number(shared->segments_failed), "events", number(shared->events), "events_lost",
	    number(shared->events_lost), "denials_summed", number(shared->denials_summed),
	    "denials_homeless", number(shared->denials_homeless), "overflows",
	    number(queue_overflows(&member->queue)), "memory", number(member->arena.size), "queues",
	    queue_object(member, QUEUE_CLOSED), queue_object(member, QUEUE_OPEN), "engine",
	    counters_object(&counters));
	return object;
}

static json_t *
inspectors_array(struct supervisor *supervisor)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < supervisor->crew.settings.count; i++)
		json_array_append_new(array, inspector_object(&supervisor->crew.members[i]));
	return array;
}

/* The engines' counters taken together. */
static void
counters_sum(const struct supervisor *supervisor, struct engine_counters *ret_counters)
{
	struct engine_counters sum = {0};

	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		struct engine_counters one;

		engine_counters(supervisor->crew.members[i].arena.block, &one);
		sum.packets += one.packets;
		sum.messages += one.messages;
		sum.allowed += one.allowed;
		sum.denied += one.denied;
		sum.flows += one.flows;
		sum.flows_max += one.flows_max;
		sum.held_chunks += one.held_chunks;
		sum.held_chunks_max += one.held_chunks_max;
		sum.held_yielded += one.held_yielded;
		sum.states += one.states;
		sum.states_max += one.states_max;
		for (unsigned r = 0; r < REASON_COUNT; r++)
			sum.by_reason[r] += one.by_reason[r];
	}
	*ret_counters = sum;
}

/* Where events are written, from the root on; null where that is no file. */
static json_t *
event_file(const struct supervisor *supervisor)
{
	const char *path = supervisor->events.settings.path;
	char *whole = path && strcmp(path, "-") != 0 ? realpath(path, NULL) : NULL;
	json_t *name = text(whole);

	free(whole);
	return name ? name : json_null(); /* no UTF-8 */
}

json_t *
status_daemon(struct supervisor *supervisor)
{
	uint64_t now = clock_ns(CLOCK_REALTIME);
	struct engine_counters sum;

	counters_sum(supervisor, &sum);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
	    SLUICE_VERSION, "started", status_moment(supervisor->started_ns), "uptime_s",
	    number((now - supervisor->started_ns) / NS_PER_S), "policy", policy_object(supervisor),
	    "conduits", conduits_array(supervisor), "kernel", kernel_object(supervisor), "events",
	    number(supervisor->events.total), "event_file", event_file(supervisor), "sinks",
	    sinks_json(&supervisor->events.sinks), "engine", counters_object(&sum), "judging",
	    judged_object(&supervisor->crew), "inspectors", inspectors_array(supervisor));
}

json_t *
status_channels(struct supervisor *supervisor)
{
	const struct policy *policy = supervisor->loaded->policy;
	struct kernel_counters kernel = kernel_counters(supervisor);
	json_t *array = json_array();

	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];
		struct channel_counters counters;
		json_t *name = json_sprintf("%s/%s", channel->conduit->name, channel->name);
		json_int_t packets =
		    json_integer_value(json_object_get(kernel.packets, json_string_value(name)));

		channel_sum(supervisor, channel->index, &counters);
		json_array_append_new(array,
		    json_pack("{s:o, s:s, s:s, s:s, s:s, s:b, s:I, s:o, s:o}", "name", name,
			"conduit", channel->conduit->name, "channel", channel->name, "protocol",
			channel->protocol, "mode", conduit_mode_word(channel->conduit->mode),
			"inspected", channel->dissector != NULL, "packets", packets, "messages",
			number(counters.messages), "denied", number(counters.denied)));
	}
	json_decref(kernel.drops);
	json_decref(kernel.packets);
	return array;
}

static void
metric(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
	fprintf(out, "# HELP sluice_%s %s\n# TYPE sluice_%s %s\nsluice_%s %" PRIu64 "\n", name,
	    help, name, type, name, value);
}

static void
metrics_engine(FILE *out, const struct engine_counters *counters)
{
	metric(out, "packets_total", "counter", "Packets judged.", counters->packets);
	metric(out, "messages_total", "counter", "Messages judged.", counters->messages);
	metric(out, "allowed_total", "counter", "Packets let through.", counters->allowed);
	metric(out, "denied_total", "counter", "Packets stopped.", counters->denied);
	metric(out, "flows", "gauge", "Connections inspected now.", counters->flows);
	metric(out, "flows_max", "gauge", "Most connections inspected at the same time.",
	    counters->flows_max);
	metric(out, "states", "gauge", "Of these, connections that earlier messages are known of.",
	    counters->states);
	metric(out, "states_max", "gauge", "Most of them at the same time.", counters->states_max);
	metric(out, "held_chunks", "gauge",
	    "Pieces of 60 bytes kept for comparison and reassembly.", counters->held_chunks);
	metric(out, "held_chunks_max", "gauge", "Most of them at the same time.",
	    counters->held_chunks_max);
	metric(out, "held_yielded_total", "counter",
	    "Times that a connection gave up such bytes for others.", counters->held_yielded);
	fputs("# HELP sluice_reason_total Denials by reason, those of monitor mode included.\n"
	      "# TYPE sluice_reason_total counter\n",
	    out);
	for (unsigned i = 1; i < REASON_COUNT; i++)
		if (counters->by_reason[i] > 0)
			fprintf(out, "sluice_reason_total{reason=\"%s\"} %" PRIu64 "\n",
			    reason_word(i), counters->by_reason[i]);
}

static void
metrics_inspectors(FILE *out, struct supervisor *supervisor)
{
	fputs("# HELP sluice_queue_waiting Packets without a verdict.\n"
	      "# TYPE sluice_queue_waiting gauge\n",
	    out);
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		struct member *member = &supervisor->crew.members[i];

		member_read_stats(member);
		for (unsigned kind = 0; kind < QUEUE_KINDS; kind++)
			fprintf(out, "sluice_queue_waiting{queue=\"%u\"} %" PRIu32 "\n",
			    member->queues[kind], member->stats[kind].waiting);
	}
	fputs("# HELP sluice_inspector_restarts_total Inspectors that died and were replaced.\n"
	      "# TYPE sluice_inspector_restarts_total counter\n",
	    out);
	for (unsigned i = 0; i < supervisor->crew.settings.count; i++)
		fprintf(out, "sluice_inspector_restarts_total{inspector=\"%u\"} %" PRIu64 "\n", i,
		    supervisor->crew.members[i].restarts);
}

static void
metrics_conduits(FILE *out, struct supervisor *supervisor)
{
	const struct policy *policy = supervisor->loaded->policy;
	const char *reason;
	json_t *count;

	fputs("# HELP sluice_conduit_reason_total Denials of a conduit by reason.\n"
	      "# TYPE sluice_conduit_reason_total counter\n",
	    out);
	for (size_t i = 0; i < policy->conduit_count; i++) {
		json_t *reasons = conduit_reasons(supervisor, i);

		json_object_foreach(reasons, reason, count)
		{
			fprintf(out,
			    "sluice_conduit_reason_total{conduit=\"%s\",reason=\"%s\"} "
			    "%" JSON_INTEGER_FORMAT "\n",
			    policy->conduits[i].name, reason, json_integer_value(count));
		}
		json_decref(reasons);
	}
}

/* Names of policies need no escapes: they are letters, digits and a few signs that do no harm. */
static void
metric_of_channel(FILE *out, const char *name, const struct channel *channel, uint64_t value)
{
	fprintf(out, "sluice_%s{conduit=\"%s\",channel=\"%s\"} %" PRIu64 "\n", name,
	    channel->conduit->name, channel->name, value);
}

static void
metrics_channels(FILE *out, struct supervisor *supervisor)
{
	static const char *const names[] = {"channel_messages_total", "channel_denied_total"};
	static const char *const texts[] = {
	    "Messages judged, by channel.", "Packets stopped, by channel."};
	const struct policy *policy = supervisor->loaded->policy;

	for (unsigned n = 0; n < 2; n++) {
		fprintf(out, "# HELP sluice_%s %s\n# TYPE sluice_%s counter\n", names[n], texts[n],
		    names[n]);
		for (size_t i = 0; i < policy->channel_count; i++) {
			const struct channel *channel = policy->channels[i];
			struct channel_counters counters;

			if (!channel->dissector)
				continue;
			channel_sum(supervisor, channel->index, &counters);
			metric_of_channel(
			    out, names[n], channel, n == 0 ? counters.messages : counters.denied);
		}
	}
}

/* The kernel's own numbers, of plain channels too. */
static void
metrics_channel_packets(FILE *out, struct supervisor *supervisor)
{
	const struct policy *policy = supervisor->loaded->policy;
	struct kernel_counters kernel = kernel_counters(supervisor);

	fputs(
	    "# HELP sluice_channel_packets_total Packets, by channel, as the kernel counts them.\n"
	    "# TYPE sluice_channel_packets_total counter\n",
	    out);
	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];
		json_t *name = json_sprintf("%s/%s", channel->conduit->name, channel->name);

		metric_of_channel(out, "channel_packets_total", channel,
		    (uint64_t)json_integer_value(
			json_object_get(kernel.packets, json_string_value(name))));
		json_decref(name);
	}
	json_decref(kernel.drops);
	json_decref(kernel.packets);
}

static void
metrics_sinks(FILE *out, const struct sinks *sinks)
{
	if (!sinks_wanted(sinks))
		return;
	for (unsigned n = 0; n < 2; n++) {
		const char *name = n == 0 ? "sink_sent_total" : "sink_lost_total";

		fprintf(out, "# HELP sluice_%s Events %s, by sink.\n# TYPE sluice_%s counter\n",
		    name, n == 0 ? "sent" : "lost", name);
		for (unsigned i = 0; i < SINK_COUNT; i++)
			if (sinks->sinks[i].path)
				fprintf(out, "sluice_%s{sink=\"%s\"} %" PRIu64 "\n", name,
				    sinks_word(i),
				    n == 0 ? sinks->sinks[i].sent : sinks->sinks[i].lost_total);
	}
}

static void
metrics_events(FILE *out, const struct supervisor *supervisor)
{
	uint64_t lost = supervisor->events.outlet.lost_total, summed = 0, homeless = 0;

	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		const struct shared *shared = supervisor->crew.members[i].shared;

		lost += shared->events_lost;
		summed += shared->denials_summed;
		homeless += shared->denials_homeless;
	}
	metric(out, "events_total", "counter", "Events told.", supervisor->events.total);
	metric(out, "events_lost_total", "counter", "Events that could not be delivered.", lost);
	metrics_sinks(out, &supervisor->events.sinks);
	metric(out, "denials_summed_total", "counter",
	    "Denials told in a summary of their storm, or not yet.", summed);
	metric(out, "denials_homeless_total", "counter",
	    "Of them, those of more kinds than there is room for.", homeless);
	metric(out, "events_unwritten", "gauge", "1 while the event file can't be written.",
	    supervisor->events.settings.path && !events_recorded(&supervisor->events));
	metric(out, "events_chain_seq", "gauge", "Number of the last line in the chain of events.",
	    supervisor->events.ledger.last.seq);
}

static void
metrics_drops(FILE *out, struct supervisor *supervisor)
{
	struct kernel_counters counters = kernel_counters(supervisor);
	const char *reason;
	json_t *packets;

	fputs("# HELP sluice_kernel_dropped_total Packets that the kernel dropped by reason.\n"
	      "# TYPE sluice_kernel_dropped_total counter\n",
	    out);
	json_object_foreach(counters.drops, reason, packets)
	{
		fprintf(out,
		    "sluice_kernel_dropped_total{reason=\"%s\"} %" JSON_INTEGER_FORMAT "\n", reason,
		    json_integer_value(packets));
	}
	json_decref(counters.drops);
	json_decref(counters.packets);
}

char *
status_metrics(struct supervisor *supervisor)
{
	struct engine_counters sum;
	char *buffer = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&buffer, &size);

	if (!out)
		return NULL;
	counters_sum(supervisor, &sum);
	metrics_engine(out, &sum);
	metric(out, "reloads_total", "counter", "Policies put in force.", supervisor->reloads);
	metric(out, "table_changes_total", "counter",
	    "Changes of the kernel's table by somebody else.", supervisor->guard.changes);
	metric(out, "reloads_failed_total", "counter", "Policies that were refused.",
	    supervisor->reloads_failed);
	metric(out, "control_refused_total", "counter",
	    "Clients of the control socket for whom there was no place.",
	    supervisor->control.refused);
	metric(out, "control_forbidden_total", "counter",
	    "Requests and clients that were refused for want of a role.",
	    supervisor->control.forbidden);
	metrics_drops(out, supervisor);
	metrics_inspectors(out, supervisor);
	judged_metrics(out, &supervisor->crew);
	metrics_channels(out, supervisor);
	metrics_conduits(out, supervisor);
	metrics_channel_packets(out, supervisor);
	metrics_events(out, supervisor);
	if (fclose(out) < 0) {
		free(buffer);
		return NULL;
	}
	return buffer;
}
