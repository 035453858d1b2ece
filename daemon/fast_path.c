/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fast path: see fast_path.h. */
#include "fast_path.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"
#include "fast_loader.h"
#include "fast_rows.h"
#include "log.h"
#include "mark.h"

enum {
	ROWS = 1 << 15,
	FLOWS_MIN = 1 << 8,
	FLOWS_MAX = 1 << 17,
	LEASE_S = 5,
};

/* Twice as many as there can be flows: who finds no place goes the slow way. */
static uint32_t
places(const struct limits *limits)
{
	uint32_t count = FLOWS_MIN;

	while (count < FLOWS_MAX && count / 2 < limits->flows)
		count *= 2;
	return count;
}

/* Connections that a run before has given away are found there by its successor's inspectors. */
static uint32_t
take_left(struct supervisor *supervisor, struct fast_sizes *sizes)
{
	uint32_t left = fast_loader_left(supervisor->handover.fast_flows);

	if (!supervisor->handover.taken || left < FLOWS_MIN)
		return 0;
	return sizes->flows = left;
}

static void
load(struct supervisor *supervisor)
{
	struct fast_hold *fast = &supervisor->fast;
	struct fast_sizes sizes = {.flows = places(&supervisor->loaded->policy->limits),
	    .rates = 1,
	    .channels = CHANNELS_MAX + 1,
	    .rows = ROWS};
	bool left = take_left(supervisor, &sizes) > 0;

	if (fast_loader_new(
		&sizes, left ? supervisor->handover.fast_flows : -1, &fast->loader, &fast->why) < 0)
		return;
	fast->why = NULL;
	if (getrandom(&fast->seed, sizeof(fast->seed), 0) != (ssize_t)sizeof(fast->seed))
		fast->seed = clock_ns(CLOCK_MONOTONIC);
	fast->flow_mask = sizes.flows - 1;
	supervisor->crew.fast_size = sizes.flows * sizeof(struct fast_flow);
	supervisor->crew.fast_flows = fast_loader_flows(fast->loader);
}

int
fast_path_open(struct supervisor *supervisor)
{
	struct fast_hold *fast = &supervisor->fast;
	const struct policy *policy = supervisor->loaded->policy;

	fast->why = "the policy does not want it (fast_path)";
	if (policy->fast_path == FAST_PATH_AUTO) {
		fast->why = "others have bits of marks (mark_mask)";
		if (policy->mark_mask == MARK_MASK_ALL)
			load(supervisor);
		if (fast->why)
			log_warning("fast_path: %s: all packets go to the inspectors", fast->why);
	}
	if (supervisor->handover.fast_flows >= 0)
		close(supervisor->handover.fast_flows);
	supervisor->handover.fast_flows = -1;
	return 0;
}

/* ---- policies ---- */

/* Rates are kept by the inspectors, so what has one is theirs. */
static void
leave_rates(struct fast_row *rows, uint32_t *count)
{
	bool some = false;

	for (uint32_t i = 0; i < *count; i++) {
		if (rows[i].kind == FAST_ROW_RATED)
			rows[i].kind = FAST_ROW_OTHER;
		some |= rows[i].kind == FAST_ROW_PLAIN;
	}
	if (!some)
		*count = 0;
}

static uint32_t
mark_of(const struct loaded *loaded, const struct channel *channel, bool back)
{
	return mark_make(MARK_MASK_ALL,
	    &(struct mark){
		.generation = loaded->generation, .channel_index = channel->index, .back = back});
}

static void
compile(struct loaded *loaded)
{
	const struct policy *policy = loaded->policy;
	struct loaded_fast *fast = &loaded->fast;

	for (size_t i = 0; i < policy->channel_count; i++) {
		struct fast_channel *channel = &fast->channels[i];
		struct fast_row *rows = &fast->rows[fast->config.row_count];

		channel->row_first = fast->config.row_count;
		channel->mark[0] = mark_of(loaded, policy->channels[i], false);
		channel->mark[1] = mark_of(loaded, policy->channels[i], true);
		if (fast->config.row_count + FAST_ROWS_MAX > ROWS)
			continue;
		fast_compile(policy->channels[i], rows, &channel->row_count);
		leave_rates(rows, &channel->row_count);
		fast->config.row_count += channel->row_count;
		fast->served += channel->row_count > 0;
	}
}

void
fast_path_prepare(struct supervisor *supervisor, struct loaded *loaded)
{
	struct loaded_fast *fast = &loaded->fast;
	size_t count = loaded->policy->channel_count;

	if (!supervisor->fast.loader || fast->channels)
		return;
	fast->channels = calloc(count ? count : 1, sizeof(*fast->channels));
	fast->rows = calloc(ROWS, sizeof(*fast->rows));
	if (!fast->channels || !fast->rows) {
		log_error("memory is out: nothing of this policy is served in the kernel");
		return;
	}
	fast->config = (struct fast_config){
	    .seed = supervisor->fast.seed,
	    .generation = loaded->generation,
	    .mark_mask = MARK_MASK_ALL,
	    .flow_mask = supervisor->fast.flow_mask,
	    .channel_count = (uint32_t)count,
	};
	fast_quantities(fast->config.quantity_max);
	if (loaded->policy->fast_path == FAST_PATH_AUTO)
		compile(loaded);
}

void
fast_path_halt(struct supervisor *supervisor)
{
	supervisor->fast.serving = false;
	if (supervisor->fast.loader)
		fast_loader_halt(supervisor->fast.loader);
}

void
fast_path_serve(struct supervisor *supervisor, const struct loaded *loaded)
{
	struct fast_hold *fast = &supervisor->fast;

	if (!fast->loader || !loaded->fast.rows || fast->unrecorded)
		return;
	if (fast_loader_serve(
		fast->loader, &loaded->fast.config, loaded->fast.channels, loaded->fast.rows) < 0) {
		log_error("fast_path: the kernel does not take the policy's rows: all packets go "
			  "to the inspectors");
		return;
	}
	fast->serving = true;
	fast_path_tick(supervisor);
}

void
fast_path_deny_unrecorded(struct supervisor *supervisor, bool deny)
{
	if (!supervisor->fast.loader || supervisor->fast.unrecorded == deny)
		return;
	supervisor->fast.unrecorded = deny;
	if (deny)
		fast_path_halt(supervisor);
	else
		fast_path_serve(supervisor, supervisor->loaded);
}

/* ---- interfaces ---- */

static void
look_at_interface(struct fast_hold *fast, const char *name)
{
	unsigned index = if_nametoindex(name);

	if (index == 0)
		return;
	if (!fast_loader_is_attached(fast->loader, index) &&
	    fast_loader_attach(fast->loader, index) < 0)
		return;
	fast->attached++;
}

void
fast_path_tick(struct supervisor *supervisor)
{
	struct fast_hold *fast = &supervisor->fast;
	const struct policy *policy = supervisor->loaded->policy;

	if (!fast->loader || !fast->serving)
		return;
	fast_loader_lease(fast->loader, clock_ns(CLOCK_MONOTONIC) + LEASE_S * UINT64_C(1000000000));
	fast->attached = 0;
	for (size_t i = 0; i < policy->zone_count; i++)
		for (size_t k = 0; k < policy->zones[i].interface_count; k++)
			look_at_interface(fast, policy->zones[i].interfaces[k]);
}

void
fast_path_leave(struct supervisor *supervisor)
{
	fast_path_halt(supervisor);
	if (supervisor->fast.loader)
		fast_loader_detach(supervisor->fast.loader);
}

void
fast_path_close(struct supervisor *supervisor)
{
	fast_loader_free(supervisor->fast.loader);
	supervisor->fast = (struct fast_hold){.why = "it was closed"};
	supervisor->crew.fast_flows = NULL;
}

json_t *
fast_path_object(const struct supervisor *supervisor)
{
	const struct fast_hold *fast = &supervisor->fast;
	const char *why = fast->why;

	if (!why && fast->unrecorded)
		why = "events can't be written";
	return json_pack("{s:b, s:s?, s:i, s:i}", "serving", fast->serving, "why", why, "channels",
	    (int)supervisor->loaded->fast.served, "interfaces", (int)fast->attached);
}
