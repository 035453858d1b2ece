/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Table: the supervisor's hold on the kernel's table.
 *
 * What nft.h does, with every failure told; and what somebody else does to the table, put right.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bridges.h"
#include "clock.h"
#include "log.h"
#include "mark.h"
#include "nft_bridge.h"
#include "nft_connections.h"
#include "table.h"

enum { REPAIR_PAUSE_S = 1, RETRY_PAUSE_S = 10 };

uint8_t
table_generation_next(const struct policy *policy, uint8_t generation)
{
	return (uint8_t)(generation % mark_generations(policy->mark_mask) + 1);
}

int
table_shut(struct supervisor *supervisor)
{
	int r = nft_open(&supervisor->nft);

	if (r < 0) {
		log_error("netlink: %s", strerror(-r));
		return r;
	}
	if (supervisor->settings.open_on_failure)
		return 0;
	r = nft_shut(supervisor->nft);
	if (r == -EPERM) {
		log_error("no permission: sluiced needs CAP_NET_ADMIN, so run it as root");
		return r;
	}
	if (r < 0 && r != -EEXIST) /* the policy's may be taken nevertheless */
		log_error("what is forwarded can't be stopped until the policy is in force: %s: %s",
		    strerror(-r), nft_error(supervisor->nft));
	return 0;
}

int
table_probe(struct supervisor *supervisor)
{
	int r;

	nft_make_helper(supervisor->nft); /* if it can't be, the probe finds out */
	r = nft_probe(supervisor->nft, &supervisor->features);

	if (r == -EPERM) {
		log_error("no permission: sluiced needs CAP_NET_ADMIN, so run it as root");
		return r;
	}
	if (r < 0) {
		log_error("the kernel lacks what sluiced needs: %s: %s", strerror(-r),
		    nft_error(supervisor->nft));
		return r;
	}
	if (!supervisor->features.queue && !supervisor->features.target) {
		log_error(
		    "the kernel can't queue packets: it has neither nftables' queue expression "
		    "(nft_queue) nor the NFQUEUE target (xt_NFQUEUE and nft_compat)");
		return -EOPNOTSUPP;
	}
	supervisor->queue =
	    supervisor->features.queue ? RULESET_QUEUE_NATIVE : RULESET_QUEUE_TARGET;
	return 0;
}

/*
 * What the kernel refuses because of what others have put into our table may be taken in a new one.
 * -EEXIST is left to say that the table is not ours.
 */
static int
program(struct supervisor *supervisor, const struct ruleset *ruleset)
{
	struct nft_table table;
	int r = nft_apply(supervisor->nft, ruleset);

	if (r == 0 || nft_table_state(supervisor->nft, &table) < 0 || table.owner == NFT_FOREIGN)
		return r;
	if (table.owner == NFT_OURS && nft_apply_anew(supervisor->nft, ruleset) == 0) {
		log_warning(
		    "what others have put into the table 'inet sluice' could not be changed: "
		    "it was deleted and made anew");
		return 0;
	}
	return r == -EEXIST ? -EBUSY : r;
}

int
table_ruleset(
    const struct supervisor *supervisor, const struct loaded *loaded, struct ruleset **ret_ruleset)
{
	struct ruleset_barred barred[RULESET_BARRED_MAX];
	struct ruleset_options options = {
	    .barred = barred,
	    .barred_count =
		barred_list(&supervisor->crew.barred, clock_ns(CLOCK_MONOTONIC), barred),
	    .generation = loaded->generation,
	    .queue_base = supervisor->settings.crew.queue_base,
	    .queue_count = (uint16_t)supervisor->settings.crew.count,
	    .queue = supervisor->queue,
	    .log_group = supervisor->listener.on ? supervisor->settings.crew.queue_base : 0,
	    .helper = supervisor->features.helper,
	    .vouched = supervisor->fast.loader != NULL,
	};

	return ruleset_new(loaded->policy, &options, ret_ruleset);
}

/* What zones at a bridge need, beside what all need. */
static bool
can_bridge(const struct supervisor *supervisor)
{
	if (!supervisor->features.bridge)
		log_error("the policy has zones at a bridge, and the kernel's nftables has no "
			  "tables of bridged frames (nf_tables_bridge)");
	else if (!nft_bridge_netfilter())
		log_error("the policy has zones at a bridge, and the kernel has no bridge "
			  "netfilter: load it by 'modprobe br_netfilter', and at each start by a "
			  "line 'br_netfilter' in /etc/modules-load.d/sluice.conf");
	else
		return true;
	return false;
}

int
table_apply(struct supervisor *supervisor, const struct loaded *loaded)
{
	const struct channel *channel = NULL;
	const char *refused = ruleset_refused(loaded->policy, &channel);
	struct ruleset *ruleset;
	int r;

	if (refused) {
		log_error("%s:%u: error: %s", channel->where.file, channel->where.line, refused);
		return -EOPNOTSUPP;
	}
	if (policy_is_bridged(loaded->policy) && !can_bridge(supervisor))
		return -EOPNOTSUPP;
	r = table_ruleset(supervisor, loaded, &ruleset);
	if (r < 0) {
		log_error("the policy can't be made a ruleset: %s", strerror(-r));
		return r;
	}
	r = program(supervisor, ruleset);
	ruleset_free(ruleset);
	if (r == 0)
		bridges_tend(loaded->policy, NULL);
	if (r < 0)
		log_error("the kernel refused the ruleset: %s: %s", strerror(-r),
		    nft_error(supervisor->nft));
	return r;
}

int
table_claim(struct supervisor *supervisor)
{
	const struct policy *policy = supervisor->loaded->policy;
	struct nft_table table;
	int r = nft_table_state(supervisor->nft, &table);

	if (r < 0) {
		log_error("the kernel's tables can't be read: %s: %s", strerror(-r),
		    nft_error(supervisor->nft));
		return r;
	}
	if (table.owner == NFT_FOREIGN) {
		log_error(
		    "a table 'inet sluice' is there that sluiced did not make; if nobody needs it, "
		    "remove it with 'nft delete table inet sluice'");
		return -EEXIST;
	}
	if (table.owner == NFT_OURS)
		log_info("taking over the table of an earlier run");
	supervisor->loaded->generation = table_generation_next(policy, table.generation);
	if (table.mark_mask == 0 || table.mark_mask == policy->mark_mask)
		return 0;
	log_info("mark_mask was 0x%08x and is 0x%08x now: all connections are marked anew",
	    table.mark_mask, policy->mark_mask);
	return table_apply(supervisor, supervisor->loaded);
}

/*
 * A nft_leave_callback.  What a flow table does with plain channels changes nothing, as long as the
 * policy is the same; what is not ours is nobody's, unless it was taken.
 */
static bool
is_left(void *context, uint32_t value, bool taken)
{
	const struct loaded *loaded = context;
	const struct policy *policy = loaded->policy;
	struct mark mark;

	if (!mark_read(policy->mark_mask, value, &mark))
		return !taken;
	return mark.generation == loaded->generation &&
	    mark.channel_index < policy->channel_count &&
	    policy->channels[mark.channel_index]->dissector == NULL;
}

/* As long as there is a flow table. */
static void
take_back(struct supervisor *supervisor, bool all)
{
	int r;

	if (supervisor->guard.flow_table[0] == '\0' || !supervisor->features.helper)
		return;
	r = nft_take_back(supervisor->nft, all, is_left, supervisor->loaded);
	if (r < 0)
		log_error("connections can't be taken out of the flow table %s: %s: %s",
		    supervisor->guard.flow_table, strerror(-r), nft_error(supervisor->nft));
	if (r > 0)
		log_info("%d connections were taken out of the flow table %s", r,
		    supervisor->guard.flow_table);
}

static void
tell_flow_table(struct supervisor *supervisor, const char *name)
{
	bool kept_out = supervisor->features.helper;

	if (kept_out)
		log_warning("there is a flow table, %s: connections of the policy's channels are "
			    "kept out of it",
		    name);
	else
		log_warning("the flow table %s takes packets of established connections past the "
			    "policy: they are not judged",
		    name);
	events_note(&supervisor->events, "alarm", "alarm", "flow-table", "flow_table", name,
	    "result", kept_out ? "kept out" : "not kept out", NULL);
}

/* Look, and tell what is new. */
static int
look_for_flows(struct supervisor *supervisor)
{
	struct table_guard *guard = &supervisor->guard;
	char found[NFT_FLOW_TABLE_MAX] = "";
	int r = nft_flow_table(supervisor->nft, found);

	if (r < 0) {
		log_error("the kernel's flow tables can't be read: %s: %s", strerror(-r),
		    nft_error(supervisor->nft));
		return r;
	}
	if (found[0] && strcmp(found, guard->flow_table) != 0)
		tell_flow_table(supervisor, found);
	memcpy(guard->flow_table, found, sizeof(found));
	return 0;
}

int
table_find_flows(struct supervisor *supervisor)
{
	enum flow_tables wanted = supervisor->settings.flow_tables;
	int r = look_for_flows(supervisor);

	if (r < 0 || supervisor->guard.flow_table[0] == '\0' || wanted == FLOW_TABLES_ALLOW ||
	    (wanted == FLOW_TABLES_KEEP_OUT && supervisor->features.helper))
		return r;
	log_error("sluiced does not start beside the flow table %s; remove it, or say "
		  "--flow-tables %s",
	    supervisor->guard.flow_table,
	    supervisor->features.helper
		? "keep-out"
		: "allow if it can't take anything of the policy's zones: this kernel can't keep "
		  "connections out of it (nfnetlink_cthelper)");
	return -EPERM;
}

void
table_take_back(struct supervisor *supervisor)
{
	take_back(supervisor, true);
}

int
table_watch(struct supervisor *supervisor)
{
	int r = nft_watch_open(supervisor->nft, &supervisor->guard.watch);

	if (r < 0)
		log_error("changes of the kernel's tables can't be watched: %s", strerror(-r));
	return r;
}

static uint64_t
monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

/* The first time at once; then not so often that two who disagree keep the machine busy. */
static void
repair(struct supervisor *supervisor)
{
	struct table_guard *guard = &supervisor->guard;
	int r;

	if (monotonic_s() < guard->not_before_s)
		return;
	r = table_apply(supervisor, supervisor->loaded);
	guard->foreign = r == -EEXIST;
	guard->damaged = r < 0 && !guard->foreign; /* when the foreign one goes, we are told */
	guard->not_before_s = monotonic_s() + (guard->damaged ? RETRY_PAUSE_S : REPAIR_PAUSE_S);
	if (r == 0) {
		log_warning("the table 'inet sluice' is as it should be again");
		take_back(supervisor, true);
	}
	if (guard->who[0])
		events_note(&supervisor->events, "alarm", "alarm", "table-changed", "by",
		    guard->who, "result",
		    r == 0               ? "put right"
			: guard->foreign ? "another table has its name"
					 : "could not be put right",
		    NULL);
	guard->who[0] = '\0';
}

/* Who did it is not known then, and of a table that is still there, not whether anybody did. */
static bool
is_gone(struct supervisor *supervisor)
{
	struct nft_table table;

	return nft_table_state(supervisor->nft, &table) == 0 && table.owner != NFT_OURS;
}

static void
serve_table(struct supervisor *supervisor)
{
	struct table_guard *guard = &supervisor->guard;
	const char *who;

	switch (nft_watch_read(guard->watch, &who)) {
	case NFT_WATCH_QUIET:
		return;
	case NFT_WATCH_CHANGED:
		guard->changes++;
		strncpy(guard->who, who, sizeof(guard->who) - 1);
		log_warning("%s has changed the table 'inet sluice'", who);
		break;
	default:
		log_warning("others have changed more of the kernel's tables than could be "
			    "followed: the table 'inet sluice' is written anew");
		if (is_gone(supervisor)) {
			guard->changes++;
			strcpy(guard->who, "?");
		}
		break;
	}
	guard->damaged = true;
	repair(supervisor);
}

static void
tell_barred(struct supervisor *supervisor, const struct barred_peer *peer)
{
	char address[64], seconds[16];

	address_print(peer->family, &peer->address, address, sizeof(address));
	snprintf(seconds, sizeof(seconds), "%d", BARRED_FOR_S);
	log_warning("%s has killed %d inspectors within a minute: no inspector gets a packet of it "
		    "for %s seconds, unless 'sluice restart' ends that",
	    address, BARRED_DEATHS, seconds);
	events_note(&supervisor->events, "alarm", "alarm", "peer-barred", "peer", address,
	    "seconds", seconds, "way_back", "sluice restart", NULL);
}

void
table_bar(struct supervisor *supervisor)
{
	struct table_guard *guard = &supervisor->guard;
	struct barred *barred = &supervisor->crew.barred;
	struct barred_peer *peer;
	bool news = false;

	for (; (peer = barred_fresh(barred)) != NULL; news = true) {
		peer->fresh = false;
		tell_barred(supervisor, peer);
	}
	if (barred->refused > guard->bars_refused)
		events_note(&supervisor->events, "alarm", "alarm", "peer-not-barred", "why",
		    "so many are barred already that there is no room", NULL);
	guard->bars_refused = barred->refused;
	if (news && !guard->foreign && table_apply(supervisor, supervisor->loaded) < 0)
		guard->damaged = true;
}

void
table_serve(struct supervisor *supervisor)
{
	serve_table(supervisor);
	if (!nft_watch_flow_tables(supervisor->guard.watch))
		return;
	look_for_flows(supervisor);
	take_back(supervisor, true);
}

enum { FULL_PERCENT = 95, EASED_PERCENT = 90 };

/* What the kernel then drops, it drops before any rule of ours, and tells nobody but its own log.
 */
static void
watch_tracking(struct supervisor *supervisor)
{
	struct table_guard *guard = &supervisor->guard;
	uint32_t count, max;
	char number[16], most[16];
	uint64_t percent;

	if (!supervisor->features.conntrack ||
	    nft_connections_count(supervisor->nft, &count, &max) < 0 || max == 0)
		return;
	percent = (uint64_t)count * 100 / max;
	if (guard->tracking_full && percent < EASED_PERCENT) {
		guard->tracking_full = false;
		log_info("connection tracking has room again");
	}
	if (guard->tracking_full || percent < FULL_PERCENT)
		return;
	guard->tracking_full = true;
	snprintf(number, sizeof(number), "%u", count);
	snprintf(most, sizeof(most), "%u", max);
	log_warning(
	    "connection tracking has %s of %s connections: soon the kernel drops every new one",
	    number, most);
	events_note(&supervisor->events, "alarm", "alarm", "tracking-full", "connections", number,
	    "most", most, NULL);
}

void
table_tick(struct supervisor *supervisor)
{
	bridges_tend(supervisor->loaded->policy, &supervisor->events);
	watch_tracking(supervisor);
	if (supervisor->guard.damaged)
		repair(supervisor);
	take_back(supervisor, false);
}
