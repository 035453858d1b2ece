/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Isolate: see isolate.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "cutoff.h"
#include "enforce.h"
#include "failure.h"
#include "isolate.h"
#include "log.h"
#include "names.h"
#include "nft_connections.h"
#include "request.h"
#include "status.h"
#include "who.h"

int
isolate_begin(struct supervisor *supervisor)
{
	isolated_load(&supervisor->isolated, supervisor->settings.state);
	if (supervisor->isolated.damaged)
		log_error("%s: the record of isolated zones can't be read: all zones are isolated",
		    supervisor->settings.state);
	return 0;
}

/* That it can't be kept is no reason to leave a zone connected. */
static void
keep(struct supervisor *supervisor)
{
	const char *state = supervisor->settings.state;
	int r = isolated_save(&supervisor->isolated, state);

	if (r == 0)
		return;
	log_error("%s: which zones are isolated can't be kept for the next start: %s", state,
	    strerror(-r));
	events_note(&supervisor->events, "alarm", "alarm", "isolation-not-kept", "why",
	    strerror(-r), "directory", state, NULL);
}

void
isolate_settle(struct supervisor *supervisor)
{
	const struct policy *policy = supervisor->loaded->policy;
	struct isolated *isolated = &supervisor->isolated;

	if (!isolated->damaged)
		return;
	events_note(&supervisor->events, "alarm", "alarm", "isolation-unreadable", "directory",
	    supervisor->settings.state, "result", "all zones are isolated", NULL);
	for (size_t i = 0; i < policy->zone_count; i++)
		isolated_add(isolated, policy->zones[i].name, "sluiced",
		    "the record of isolated zones could not be read", clock_ns(CLOCK_REALTIME));
	isolated->damaged = false;
	keep(supervisor);
}

/* "there is no zone "x"; did you mean "y"?" */
static json_t *
unknown_zone(const struct policy *policy, const char *zone)
{
	struct nearest nearest;

	nearest_init(&nearest, zone);
	for (size_t i = 0; i < policy->zone_count; i++)
		nearest_offer(&nearest, policy->zones[i].name);
	if (nearest_take(&nearest))
		return request_refused("there is no zone \"%s\" in the policy in force; did you "
				       "mean \"%s\"?",
		    zone, nearest_take(&nearest));
	return request_refused("there is no zone \"%s\" in the policy in force", zone);
}

static json_int_t
count_conduits(const struct policy *policy, const char *zone)
{
	json_int_t count = 0;

	for (size_t i = 0; i < policy->conduit_count; i++)
		count += strcmp(policy->conduits[i].from->name, zone) == 0 ||
		    strcmp(policy->conduits[i].to->name, zone) == 0;
	return count;
}

static json_t *
done(const struct supervisor *supervisor, const char *zone, bool already)
{
	json_t *answer = json_pack("{s:s, s:I, s:b}", "zone", zone, "conduits",
	    count_conduits(supervisor->loaded->policy, zone), "already", already);

	if (supervisor->isolated.kept_error != 0)
		json_object_set_new(answer, "warnings",
		    json_pack("[o]",
			json_sprintf("%s: it can't be kept for the next start: %s",
			    supervisor->settings.state,
			    strerror(supervisor->isolated.kept_error))));
	return answer;
}

static json_t *
refuse_failure(const struct failure *failure)
{
	return request_refused("nothing has changed: %s", failure->why);
}

/* The policy in force once more, with what is isolated now. 0 or -errno and *failure. */
static int
load_again(struct supervisor *supervisor, struct failure *failure, struct loaded **ret_loaded)
{
	const struct loaded *now = supervisor->loaded;
	int r = enforce_load_text(
	    supervisor, now->policy->source, now->policy->file, false, failure, ret_loaded);

	if (r == 0)
		(*ret_loaded)->since_ns = now->since_ns;
	return r;
}

/* Takes the sentence. */
static json_t *
refuse_cut(char *why)
{
	json_t *refusal =
	    request_refused("nothing has changed: %s; --force does it nevertheless", why);

	json_object_set_new(refusal, "cut_off", json_true());
	free(why);
	return refusal;
}

/* What the record says now, in force; NULL, or a refusal. */
static json_t *
enforce_islands(struct supervisor *supervisor, const json_t *request)
{
	bool force = json_is_true(json_object_get(request, "force"));
	struct failure failure = {0};
	struct loaded *loaded = NULL;
	json_t *refusal = NULL;
	char *cut = NULL;
	int r = load_again(supervisor, &failure, &loaded);

	if (r == 0 && !force)
		cut = cutoff_find(supervisor->loaded, loaded, request_text(request, "ssh"));
	if (r == 0 && !cut)
		r = enforce_replace(supervisor, loaded, &failure, NULL);
	if (cut)
		refusal = refuse_cut(cut);
	else if (r < 0)
		refusal = refuse_failure(&failure);
	if (refusal)
		loaded_free(loaded);
	failure_done(&failure);
	return refusal;
}

json_t *
isolate_answer(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	const char *zone = request_text(request, "zone"), *why = request_text(request, "reason");
	struct island last;
	struct who who;
	json_t *refusal;
	int r;

	who_init(&who, &supervisor->control.asking->peer, NULL);
	refusal = request_check(request);
	if (refusal)
		return refusal;
	if (!policy_find_zone_name(supervisor->loaded->policy, zone))
		return unknown_zone(supervisor->loaded->policy, zone);
	r = isolated_add(&supervisor->isolated, zone, who.text, why, clock_ns(CLOCK_REALTIME));
	if (r == -EEXIST)
		return done(supervisor, zone, true);
	if (r < 0)
		return request_refused("nothing has changed: %s", strerror(-r));
	refusal = enforce_islands(supervisor, request);
	if (refusal) {
		isolated_take(&supervisor->isolated, zone, &last);
		isolated_drop(&last);
		return refusal;
	}
	log_warning("zone %s is isolated by %s: %s", zone, who.text, why);
	events_note(&supervisor->events, "isolate", "zone", zone, "who", who.text, "why", why,
	    "policy", supervisor->loaded->policy->hash, NULL);
	keep(supervisor);
	return done(supervisor, zone, false);
}

/* Connections of conduits that a rejoin opens. */
struct stale {
	const struct compiled *before; /* with the conduits cut */
	const struct compiled *after;
};

/* Both are made of one text: numbers of channels agree. */
static bool
was_cut(const struct stale *stale, const struct channel *channel)
{
	return compiled_policy(stale->before)->channels[channel->index]->conduit->isolated;
}

/* A nft_connection_callback. */
static bool
is_stale(void *context, const struct nft_connection *c)
{
	const struct stale *stale = context;
	const struct channel *either_way[2] = {
	    compiled_find_channel(stale->after, c->family, &c->source, &c->destination,
		c->transport, c->destination_port),
	    compiled_find_channel(stale->after, c->family, &c->destination, &c->source,
		c->transport, c->source_port)};

	for (unsigned i = 0; i < 2; i++)
		if (either_way[i] && was_cut(stale, either_way[i]))
			return true;
	return false;
}

/*
 * What was connected before the zone was isolated, and was silent since, stays cut: connection
 * tracking forgets it before it can find a channel again.
 */
static int
forget_connections(struct supervisor *supervisor, const struct loaded *after)
{
	struct stale stale = {supervisor->loaded->compiled, after->compiled};

	if (!supervisor->features.conntrack)
		return 0;
	return nft_connections(supervisor->nft, is_stale, &stale);
}

static int
rejoin(struct supervisor *supervisor, struct failure *failure)
{
	struct loaded *loaded = NULL;
	int r = load_again(supervisor, failure, &loaded);

	if (r < 0)
		return r;
	r = forget_connections(supervisor, loaded);
	if (r < 0)
		failure->why = "what was connected before could not be forgotten";
	else
		r = enforce_replace(supervisor, loaded, failure, NULL);
	if (r < 0)
		loaded_free(loaded);
	return r;
}

json_t *
isolate_answer_rejoin(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	const char *zone = request_text(request, "zone"), *why = request_text(request, "reason");
	const struct island *island = isolated_find(&supervisor->isolated, zone);
	struct failure failure = {0};
	struct island kept;
	struct who who;
	json_t *refusal;

	who_init(&who, &supervisor->control.asking->peer, NULL);
	refusal = request_check(request);
	if (refusal)
		return refusal;
	if (!island && !policy_find_zone_name(supervisor->loaded->policy, zone))
		return unknown_zone(supervisor->loaded->policy, zone);
	if (!island)
		return done(supervisor, zone, true);
	isolated_take(&supervisor->isolated, zone, &kept);
	if (rejoin(supervisor, &failure) < 0) {
		isolated_put_back(&supervisor->isolated, &kept);
		refusal = refuse_failure(&failure);
		failure_done(&failure);
		return refusal;
	}
	isolated_drop(&kept);
	log_warning("zone %s is rejoined by %s: %s", zone, who.text, why);
	events_note(&supervisor->events, "rejoin", "zone", zone, "who", who.text, "why", why,
	    "policy", supervisor->loaded->policy->hash, NULL);
	keep(supervisor);
	return done(supervisor, zone, false);
}

json_t *
isolate_array(const struct supervisor *supervisor)
{
	json_t *array = json_array();

	for (size_t i = 0; i < supervisor->isolated.count; i++) {
		const struct island *island = &supervisor->isolated.items[i];

		json_array_append_new(array,
		    json_pack("{s:s, s:s, s:s, s:o, s:b}", "zone", island->zone, "who", island->who,
			"why", island->why, "since", status_moment(island->at_ns), "in_policy",
			policy_find_zone_name(supervisor->loaded->policy, island->zone) != NULL));
	}
	return array;
}
