/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change: see change.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "clock.h"
#include "cutoff.h"
#include "enforce.h"
#include "failure.h"
#include "history.h"
#include "last_good.h"
#include "log.h"
#include "request.h"
#include "status.h"
#include "watch.h"

enum {
	RETRY_S = 10,
	WHY_MAX = 400,
	SETTLE_S = 10, /* clients that were cut have come again by then: a guard judges */
};

/* What stands on the disk about a change. */

/* A choice that names what is in force, or what was: start from it while the file stays. */
static int
choose(struct supervisor *supervisor, const struct policy *policy)
{
	struct choice choice = {.policy = ""};

	memcpy(choice.policy, policy->hash, sizeof(choice.policy));
	enforce_file_hash(supervisor, choice.file);
	return choice_save(supervisor->settings.state, &choice);
}

/* The policy in force is the one to start from. 0 or -errno, which was told. */
static int
keep_chosen(struct supervisor *supervisor)
{
	int r = enforce_keep(supervisor);

	return r == 0 ? choose(supervisor, supervisor->loaded->policy) : r;
}

/*
 * Before anything changes: the history, and for a change that waits also what to go back to.
 * Whatever is left when this fails says the same as what was there before.
 */
static int
prepare(struct supervisor *supervisor, const struct change_order *order,
    const struct loaded *loaded, struct pending *ret_pending)
{
	const char *state = supervisor->settings.state;
	const struct policy *now = supervisor->loaded->policy;
	struct history_entry entry;
	int r;

	history_entry_init(
	    &entry, order->how, order->who, order->why, order->file, loaded->policy->hash);
	entry.at_ns = clock_ns(CLOCK_REALTIME);
	r = history_add(state, &entry, order->text);
	if (r < 0)
		return r;
	pending_init(ret_pending, entry.number, order->confirm_s, order->guard);
	if (order->confirm_s == 0)
		return 0;
	r = last_good_save(state, now);
	if (r == 0)
		r = choose(supervisor, now);
	if (r == 0)
		r = pending_save(state, ret_pending);
	if (r < 0)
		history_drop(state, entry.number);
	return r;
}

static void
take_back(struct supervisor *supervisor, const struct pending *pending)
{
	const char *state = supervisor->settings.state;

	if (pending->number == 0)
		return;
	pending_remove(state);
	history_drop(state, pending->number);
}

static void
note_history(struct supervisor *supervisor, const char *how, const char *who, const char *why)
{
	const struct policy *policy = supervisor->loaded->policy;
	struct history_entry entry;
	int r;

	history_entry_init(&entry, how, who, why, policy->file, policy->hash);
	entry.at_ns = clock_ns(CLOCK_REALTIME);
	r = history_add(supervisor->settings.state, &entry, policy->source);
	if (r < 0)
		log_error(
		    "%s: the history can't be kept: %s", supervisor->settings.state, strerror(-r));
}

/* Answers */

static json_t *
refuse(struct failure *failure)
{
	json_t *refusal = status_failure(failure);

	json_object_set_new(
	    refusal, "error", json_sprintf("nothing has changed: %s", failure->why));
	json_object_set_new(refusal, "unchanged", json_true());
	failure_done(failure);
	return refusal;
}

static void
warn(json_t *warnings, json_t *text)
{
	json_array_append_new(warnings, text);
}

/* Takes the sentence. */
static json_t *
refuse_cut(char *why)
{
	json_t *refusal = request_refused(
	    "nothing has changed: %s; --confirm 5m takes that back by itself, --force does it "
	    "nevertheless",
	    why);

	json_object_set_new(refusal, "cut_off", json_true());
	free(why);
	return refusal;
}

static json_t *
print_done(const struct supervisor *supervisor, const struct change_order *order,
    const char *before, unsigned number, json_t *warnings)
{
	json_t *answer = json_pack("{s:s, s:s, s:i}", "policy", supervisor->loaded->policy->hash,
	    "before", before, "number", (int)number);

	if (order->confirm_s > 0)
		json_object_set_new(answer, "confirm_s", json_integer(order->confirm_s));
	if (json_array_size(warnings) > 0)
		json_object_set(answer, "warnings", warnings);
	return answer;
}

/* Putting in force */

static void
tell_put(struct supervisor *supervisor, const struct change_order *order, const char *before)
{
	const struct policy *policy = supervisor->loaded->policy;
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%u", order->confirm_s);
	log_info("policy %.12s is in force, after %.12s, by %s%s", policy->hash, before, order->who,
	    order->confirm_s > 0 ? "; it waits for its confirmation" : "");
	events_note(&supervisor->events, order->how, "policy", policy->hash, "before", before,
	    "file", order->file, "who", order->who, "why", order->why,
	    order->confirm_s > 0 ? "confirm_s" : NULL, seconds, NULL);
}

/* The loaded policy is in force: what follows from that.  Takes `old`. */
static void
settle_put(struct supervisor *supervisor, const struct change_order *order,
    const struct pending *pending, struct loaded *old)
{
	struct change *change = &supervisor->change;

	failure_done(&supervisor->failure);
	supervisor->fallback = false;
	supervisor->reloads++;
	change->applied = true;
	watch_tick(supervisor);
	tell_put(supervisor, order, old->policy->hash);
	if (order->confirm_s > 0) {
		change->pending = *pending;
		change->before = old;
		return;
	}
	keep_chosen(supervisor);
	loaded_free(old);
}

/* Half the time at most: there must be some left to judge in. */
static unsigned
settle_s(const struct change_order *order)
{
	return order->confirm_s / 2 < SETTLE_S ? order->confirm_s / 2 : SETTLE_S;
}

/* Takes `loaded`. */
static json_t *
put(struct supervisor *supervisor, const struct change_order *order, struct loaded *loaded,
    json_t *warnings)
{
	struct pending pending = {0};
	struct failure failure = {0};
	struct loaded *old = NULL;
	char before[65];
	int r = prepare(supervisor, order, loaded, &pending);

	if (r < 0) {
		loaded_free(order->force && order->confirm_s == 0 ? NULL : loaded);
		if (!order->force || order->confirm_s > 0)
			return request_refused("nothing has changed: %s: the change can't be kept: "
					       "%s%s",
			    supervisor->settings.state, strerror(-r),
			    order->confirm_s > 0 ? "" : "; --force makes it nevertheless");
		warn(warnings,
		    json_sprintf("%s: the change can't be kept: %s", supervisor->settings.state,
			strerror(-r)));
	}
	memcpy(before, supervisor->loaded->policy->hash, sizeof(before));
	r = order->guard ? watch_begin(supervisor, settle_s(order)) : 0;
	failure.why = "memory is out";
	if (r == 0)
		r = enforce_replace(supervisor, loaded, &failure, &old);
	if (r < 0) {
		watch_end(supervisor);
		take_back(supervisor, &pending);
		loaded_free(loaded);
		return refuse(&failure);
	}
	failure_done(&failure);
	settle_put(supervisor, order, &pending, old);
	return print_done(supervisor, order, before, pending.number, warnings);
}

json_t *
change_put(struct supervisor *supervisor, const struct change_order *order)
{
	json_t *warnings = json_array(), *answer;
	struct failure failure = {0};
	struct loaded *loaded = NULL;
	char *cut;

	if (supervisor->change.pending.number != 0) {
		json_decref(warnings);
		return request_refused("nothing has changed: a change waits for its confirmation; "
				       "'sluice confirm' or 'sluice rollback' before");
	}
	if (enforce_load_text(supervisor, order->text, order->file, true, &failure, &loaded) < 0) {
		json_decref(warnings);
		return refuse(&failure);
	}
	failure_done(&failure);
	cut = cutoff_find(supervisor->loaded, loaded, order->ssh);
	if (cut && order->confirm_s == 0 && !order->force) {
		json_decref(warnings);
		loaded_free(loaded);
		return refuse_cut(cut);
	}
	if (cut)
		warn(warnings, json_string(cut));
	free(cut);
	answer = put(supervisor, order, loaded, warnings);
	json_decref(warnings);
	return answer;
}

/* For good, and back */

json_t *
change_confirm(struct supervisor *supervisor, const char *who, const char *why)
{
	struct change *change = &supervisor->change;
	const struct policy *policy = supervisor->loaded->policy;
	struct pending pending = change->pending;
	int r;

	if (pending.number == 0)
		return request_refused("no change waits for a confirmation");
	change->pending.number = 0; /* what is in force may be kept now */
	r = keep_chosen(supervisor);
	if (r == 0)
		r = pending_remove(supervisor->settings.state);
	if (r < 0) {
		change->pending = pending;
		return request_refused("%s: the change can't be kept, and waits on: %s",
		    supervisor->settings.state, strerror(-r));
	}
	watch_end(supervisor);
	loaded_free(change->before);
	change->before = NULL;
	log_info("policy %.12s is confirmed by %s", policy->hash, who);
	events_note(
	    &supervisor->events, "confirm", "policy", policy->hash, "who", who, "why", why, NULL);
	return json_pack("{s:s, s:i}", "policy", policy->hash, "number", (int)pending.number);
}

/* What was in force before the change that waits: from memory, or after a restart from the disk. */
static int
load_before(struct supervisor *supervisor, struct failure *failure, struct loaded **ret_loaded)
{
	const struct loaded *before = supervisor->change.before;
	struct loaded *kept = NULL;
	int r;

	if (before)
		return enforce_load_text(supervisor, before->policy->source, before->policy->file,
		    false, failure, ret_loaded);
	r = last_good_load(supervisor->settings.state, 1, loaded_tell, NULL, &kept);
	if (r < 0) {
		failure->why = "the policy of before can't be read";
		return r;
	}
	r = enforce_load_text(
	    supervisor, kept->policy->source, kept->policy->file, false, failure, ret_loaded);
	loaded_free(kept);
	return r;
}

int
change_back(struct supervisor *supervisor, const char *who, const char *why)
{
	struct change *change = &supervisor->change;
	struct loaded *loaded = NULL, *old = NULL;
	struct failure failure = {0};
	int r = load_before(supervisor, &failure, &loaded);

	if (r == 0)
		r = enforce_replace(supervisor, loaded, &failure, &old);
	if (r < 0) {
		log_error("the change that was not confirmed can't be taken back: %s; tried again",
		    failure.why);
		loaded_free(loaded);
		failure_done(&failure);
		return r;
	}
	log_warning("policy %.12s is in force again, after %.12s: %s", loaded->policy->hash,
	    old->policy->hash, why);
	events_note(&supervisor->events, "rollback", "policy", loaded->policy->hash, "before",
	    old->policy->hash, "file", loaded->policy->file, "who", who, "why", why, NULL);
	change->pending.number = 0;
	watch_end(supervisor);
	watch_tick(supervisor);
	pending_remove(supervisor->settings.state);
	note_history(supervisor, "back", who, why);
	failure_done(&failure);
	loaded_free(old);
	loaded_free(change->before);
	change->before = NULL;
	return 0;
}

void
change_tick(struct supervisor *supervisor)
{
	struct change *change = &supervisor->change;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	char why[WHY_MAX] = "it was not confirmed in time";
	const char *conduit;

	watch_tick(supervisor);
	if (change->pending.number == 0 || now < change->not_before_ns)
		return;
	conduit = watch_judge(supervisor);
	if (conduit)
		snprintf(why, sizeof(why),
		    "conduit %s carried traffic before, and only denies since", conduit);
	if (!conduit && !pending_over(&change->pending))
		return;
	if (change_back(supervisor, "sluiced", why) < 0)
		change->not_before_ns = now + RETRY_S * UINT64_C(1000000000);
}

int
change_reload(struct supervisor *supervisor, const char *who)
{
	int r = enforce_reload(supervisor, who);

	if (r < 0)
		return r;
	supervisor->change.applied = false;
	watch_tick(supervisor);
	choice_remove(supervisor->settings.state);
	note_history(supervisor, "reload", who, "");
	return 0;
}

/* The start */

/* The policy that waits, in the place of the one before it. */
static int
resume(struct supervisor *supervisor, const struct pending *pending)
{
	struct failure failure = {0};
	struct history_entry entry;
	struct loaded *loaded = NULL;
	char *text = NULL;
	int r = history_read(supervisor->settings.state, pending->number, &entry, &text);

	if (r == 0)
		r = enforce_load_text(supervisor, text, entry.file, false, &failure, &loaded);
	if (r == 0) {
		loaded_free(supervisor->loaded);
		supervisor->loaded = loaded;
		supervisor->change.pending = *pending;
		supervisor->change.applied = true;
	}
	failure_done(&failure);
	free(text);
	return r;
}

/* What is kept as the last good policy before a change waits is the one to go back to. */
static bool
was_confirmed(const struct supervisor *supervisor, const struct pending *pending)
{
	const char *state = supervisor->settings.state;
	struct history_entry entry;
	struct loaded *kept = NULL;
	char *text = NULL;
	bool same;

	if (history_read(state, pending->number, &entry, &text) < 0)
		return false;
	free(text);
	if (last_good_load(state, 1, loaded_tell, NULL, &kept) < 0)
		return false;
	same = strcmp(kept->policy->hash, entry.hash) == 0;
	loaded_free(kept);
	return same;
}

int
change_resume(struct supervisor *supervisor)
{
	struct pending pending;
	int r = pending_load(supervisor->settings.state, &pending);

	if (r == 0 && pending.number == 0)
		return 0;
	if (r == 0 && was_confirmed(supervisor, &pending)) {
		log_info("the change that waited was confirmed as the run before ended");
		pending_remove(supervisor->settings.state);
		return 0;
	}
	if (r == 0 && !pending_over(&pending))
		r = resume(supervisor, &pending);
	else if (r == 0)
		r = -ETIME;
	if (r == 0)
		log_warning(
		    "policy %.12s waits for its confirmation", supervisor->loaded->policy->hash);
	supervisor->change.went_back = r < 0;
	return 0;
}

/* Is the newest of the history what is in force? */
static bool
is_newest(const struct supervisor *supervisor)
{
	struct history_entry *entries = NULL;
	size_t count = 0;
	bool same;

	if (history_list(supervisor->settings.state, &entries, &count) < 0)
		return false;
	same = count > 0 && strcmp(entries[0].hash, supervisor->loaded->policy->hash) == 0;
	free(entries);
	return same;
}

void
change_settle(struct supervisor *supervisor)
{
	static const char why[] = "it was not confirmed before sluiced ended";
	const struct policy *policy = supervisor->loaded->policy;
	struct change *change = &supervisor->change;

	watch_tick(supervisor);
	if (change->pending.number == 0 && !change->applied)
		choice_remove(supervisor->settings.state);
	if (change->went_back) {
		pending_remove(supervisor->settings.state);
		log_warning("policy %.12s is in force again: %s", policy->hash, why);
		events_note(&supervisor->events, "rollback", "policy", policy->hash, "file",
		    policy->file, "who", "sluiced", "why", why, NULL);
		note_history(supervisor, "back", "sluiced", why);
	} else if (!is_newest(supervisor)) {
		note_history(supervisor, "start", "sluiced", "");
	}
}

void
change_done(struct change *change)
{
	watch_done(change);
	loaded_free(change->before);
	change->before = NULL;
}
