/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enforce: see enforce.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crew.h"
#include "enforce.h"
#include "failure.h"
#include "fast_path.h"
#include "handover.h"
#include "last_good.h"
#include "log.h"
#include "mark.h"
#include "notify.h"
#include "ruleset.h"
#include "surroundings.h"
#include "table.h"

/* Who asks for the status again and again does not keep us at work. */
static const uint64_t compare_pause_ns = 1000000000;

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

	snprintf(line, sizeof(line), "%s%u inspectors, %zu channels, policy %.12s",
	    supervisor->fallback ? "the policy file can't be loaded, the last good policy is in "
				   "force: "
				 : "",
	    supervisor->settings.crew.count, supervisor->loaded->policy->channel_count,
	    supervisor->loaded->policy->hash);
	notify_status(line);
}

static const char *
why_of(int r)
{
	switch (r) {
	case -EINVAL:
		return "the policy file has errors";
	case -ENOENT:
		return "there is no policy file";
	case -ENOMEM:
		return "memory is out";
	case -EBUSY:
		return "a change waits for its confirmation ('sluice confirm' or 'sluice "
		       "rollback')";
	default:
		return "the policy file can't be read";
	}
}

/* root without the capability to read everything, as the service manager starts us. */
static void
explain_denied(struct failure *failure, const char *file)
{
	struct stat status;
	char *line;

	if (geteuid() != 0 || stat(file, &status) < 0)
		return;
	if (asprintf(&line,
		"%s: it belongs to user %u, mode %04o; sluiced runs without root's right to read "
		"everything: chown root, or chmod go+r",
		file, (unsigned)status.st_uid, (unsigned)status.st_mode & 07777) < 0)
		return;
	log_error("%s", line);
	failure_add(failure, line);
}

/* A channel that can't be programmed is an error of the file too. */
static int
check_programmable(struct failure *failure, const struct loaded *loaded)
{
	const struct channel *channel = NULL;
	const char *refused = ruleset_refused(loaded->policy, &channel);
	char *line;

	if (!refused)
		return 0;
	if (asprintf(&line, "%s:%u: error: %s", channel->where.file, channel->where.line,
		refused) >= 0) {
		log_error("%s", line);
		failure_add(failure, line);
	}
	return -EINVAL;
}

/* Can marks and events be as the policy wants them, here and now? */
static int
check_here(struct supervisor *supervisor, struct failure *failure, const struct policy *policy)
{
	const struct loaded *now = supervisor->loaded;
	const char *why = NULL;
	char *line;

	if (policy->mark_mask != MARK_MASK_ALL && !supervisor->features.conntrack)
		why = "mark_mask needs a kernel with nf_conntrack_netlink: what is left of earlier "
		      "marks can't be erased";
	if (now != NULL && policy->mark_mask != now->policy->mark_mask)
		why = "mark_mask can't change while sluiced runs; start it again";
	if (policy->audit_full == AUDIT_FULL_DENY && !supervisor->settings.events.path)
		why = "audit_full is \"deny\", and sluiced writes no events; expected --events";
	if (why == NULL)
		return 0;
	if (asprintf(&line, "%s: error: %s", policy->file, why) >= 0) {
		log_error("%s", line);
		failure_add(failure, line);
	}
	return -EINVAL;
}

/* A running sluiced takes no policy in which an island would be lost; a start has no choice. */
static int
lose_island(struct supervisor *supervisor, struct failure *failure, const struct policy *policy,
    const char *zone)
{
	const struct loaded *now = supervisor->loaded;
	char *line;

	if (!now || now->policy == policy || !policy_find_zone_name(now->policy, zone)) {
		log_warning("%s: there is no zone \"%s\", which is isolated", policy->file, zone);
		return 0;
	}
	if (asprintf(&line,
		"%s: error: zone \"%s\" is isolated, and there is no zone of this name; expected "
		"one, or 'sluice rejoin %s' before",
		policy->file, zone, zone) >= 0) {
		log_error("%s", line);
		failure_add(failure, line);
	}
	return -EINVAL;
}

/* What is isolated stays cut under every policy. 0 or -errno. */
static int
isolate(struct supervisor *supervisor, struct failure *failure, struct loaded *loaded)
{
	struct isolated *isolated = &supervisor->isolated;
	struct policy *policy = loaded->policy;
	int r = 0;

	for (size_t i = 0; isolated->damaged && i < policy->zone_count; i++)
		policy_isolate(policy, policy->zones[i].name);
	for (size_t i = 0; i < isolated->count && r == 0; i++)
		if (!policy_isolate(policy, isolated->items[i].zone))
			r = lose_island(supervisor, failure, policy, isolated->items[i].zone);
	if (r == 0 && (isolated->damaged || isolated->count > 0))
		r = loaded_compile(loaded);
	return r;
}

/* The policy of the file. Returns -EINVAL if it has errors. */
static int
load_file(struct supervisor *supervisor, uint8_t generation, struct failure *failure,
    struct loaded **ret_loaded)
{
	const char *file = supervisor->settings.policy;
	struct loaded *loaded = NULL;
	int r = loaded_new(file, generation, failure_tell, failure, &loaded);

	if (r == 0)
		r = check_programmable(failure, loaded);
	if (r == 0)
		r = check_here(supervisor, failure, loaded->policy);
	if (r == 0)
		r = isolate(supervisor, failure, loaded);
	if (r == -EACCES)
		explain_denied(failure, file);
	if (r < 0) {
		loaded_free(loaded);
		failure->why = why_of(r);
		failure->at_ns = clock_ns(CLOCK_REALTIME);
		return r;
	}
	*ret_loaded = loaded;
	return 0;
}

/* Warnings were told when the policy was loaded first. */
static void
tell_nobody(void *context, const struct diagnostic *diagnostic)
{
	struct failure *failure = context;

	if (diagnostic->severity == SEVERITY_ERROR)
		failure_add(failure, diagnostic_print(diagnostic));
}

int
enforce_load_text(struct supervisor *supervisor, const char *text, const char *name, bool tell,
    struct failure *failure, struct loaded **ret_loaded)
{
	const struct loaded *now = supervisor->loaded;
	uint8_t generation = table_generation_next(now->policy, now->generation);
	struct loaded *loaded = NULL;
	int r = loaded_new_text(
	    text, name, generation, tell ? failure_tell : tell_nobody, failure, &loaded);

	if (r == 0)
		r = check_programmable(failure, loaded);
	if (r == 0)
		r = check_here(supervisor, failure, loaded->policy);
	if (r == 0)
		r = isolate(supervisor, failure, loaded);
	if (r < 0) {
		loaded_free(loaded);
		failure->why = why_of(r);
		failure->at_ns = clock_ns(CLOCK_REALTIME);
		return r;
	}
	*ret_loaded = loaded;
	return 0;
}

/* The start */

/* What was applied is started from, while the file says what it said then. */
static void
take_chosen(struct supervisor *supervisor)
{
	const char *state = supervisor->settings.state;
	const struct policy *file = supervisor->loaded->policy;
	struct loaded *chosen = NULL;
	struct failure failure = {0};
	struct choice choice;
	int r;

	if (!choice_load(state, &choice) || strcmp(choice.policy, file->hash) == 0)
		return;
	if (strcmp(choice.file, file->hash) != 0) {
		log_info(
		    "%s has changed since another policy was applied: it is in force", file->file);
		return;
	}
	r = last_good_load(state, 1, loaded_tell, NULL, &chosen);
	/* the run before ended between the two records: what is kept was in force last */
	if (r == 0 && strcmp(chosen->policy->hash, choice.policy) != 0)
		log_warning("%s: policy %.12s was kept after the choice of another", state,
		    chosen->policy->hash);
	if (r == 0)
		r = isolate(supervisor, &failure, chosen);
	failure_done(&failure);
	if (r < 0) {
		log_error(
		    "%s: the policy that was applied can't be loaded: %s", state, strerror(-r));
		loaded_free(chosen);
		return;
	}
	loaded_free(supervisor->loaded);
	supervisor->loaded = chosen;
	supervisor->change.applied = true;
	log_info(
	    "the policy that was applied is in force, not that of %s", supervisor->settings.policy);
}

int
enforce_load(struct supervisor *supervisor)
{
	const char *state = supervisor->settings.state;
	int r = load_file(supervisor, 1, &supervisor->failure, &supervisor->loaded), last;

	if (r == 0) {
		take_chosen(supervisor);
		return 0;
	}
	log_error("%s: %s", supervisor->settings.policy, supervisor->failure.why);
	last = last_good_load(state, 1, loaded_tell, NULL, &supervisor->loaded);
	if (last == 0)
		last = isolate(supervisor, &supervisor->failure, supervisor->loaded);
	if (last == 0) {
		supervisor->fallback = true;
		return 0;
	}
	if (last == -EBADMSG)
		log_error("%s: the last good policy there is not what was kept", state);
	else
		log_error("%s: no last good policy either: %s", state, strerror(-last));
	return r;
}

int
enforce_load_kept(struct supervisor *supervisor)
{
	const char *state = supervisor->settings.state;
	struct loaded *loaded = NULL;
	int r = last_good_load(state, 1, loaded_tell, NULL, &loaded);

	if (r == 0)
		r = isolate(supervisor, &supervisor->failure, loaded);
	if (r == 0) {
		supervisor->loaded = loaded;
		return 0;
	}
	loaded_free(loaded);
	if (r == -EBADMSG)
		log_error("%s: the last good policy there is not what was kept", state);
	else if (r != -ENOENT)
		log_error("%s: the last good policy can't be loaded: %s", state, strerror(-r));
	if (!supervisor->settings.policy)
		return -ENOENT;
	return load_file(supervisor, 1, &supervisor->failure, &supervisor->loaded);
}

/* Interfaces are known by the zones of the policy in force, which must not go before this. */
static void
follow_links(struct supervisor *supervisor)
{
	if (links_follow(&supervisor->links, supervisor->loaded->policy) < 0)
		log_error("memory is out: the interfaces of the zones are not watched");
}

/* What the machine lacks for this policy, now and later. */
static void
look_around(struct supervisor *supervisor)
{
	surroundings_tell(supervisor->loaded->policy);
	follow_links(supervisor);
}

/* That it can't be kept is no reason not to enforce it. */
int
enforce_keep(struct supervisor *supervisor)
{
	const char *state = supervisor->settings.state;
	int r;

	if (supervisor->fallback || supervisor->change.pending.number != 0)
		return 0;
	r = last_good_save(state, supervisor->loaded->policy);
	supervisor->kept_error = -r;
	if (r == 0)
		return 0;
	log_error("%s: the policy can't be kept for the next start: %s", state, strerror(-r));
	events_note(&supervisor->events, "alarm", "alarm", "policy-not-kept", "why", strerror(-r),
	    "directory", state, NULL);
	return r;
}

static void
tell_fallback(struct supervisor *supervisor)
{
	const struct failure *failure = &supervisor->failure;

	log_error("%s: the last good policy is in force instead, of %s",
	    supervisor->settings.policy, supervisor->loaded->policy->file);
	events_note(&supervisor->events, "alarm", "alarm", "policy-fallback", "why", failure->why,
	    "file", supervisor->settings.policy, "in_force", supervisor->loaded->policy->hash,
	    failure->line_count > 0 ? "line" : NULL, failure->lines[0], NULL);
}

/* The kernel does not take what the file says; perhaps it takes what it took before. */
static int
begin_with_last_good(struct supervisor *supervisor, int refused)
{
	const struct policy *policy = supervisor->loaded->policy;
	uint8_t generation = table_generation_next(policy, supervisor->loaded->generation);
	struct loaded *loaded = NULL;
	int r;

	if (supervisor->fallback)
		return refused;
	r = last_good_load(supervisor->settings.state, generation, loaded_tell, NULL, &loaded);
	if (r == 0)
		r = isolate(supervisor, &supervisor->failure, loaded);
	if (r == 0 && loaded->policy->mark_mask != policy->mark_mask)
		r = -EINVAL; /* packets may wait that are marked otherwise */
	if (r == 0)
		fast_path_prepare(supervisor, loaded);
	if (r == 0)
		r = crew_hand_over(&supervisor->crew, loaded);
	if (r < 0) {
		loaded_free(loaded);
		return refused;
	}
	loaded_free(supervisor->loaded);
	supervisor->loaded = loaded;
	supervisor->fallback = true;
	supervisor->failure.why = "the kernel did not take the ruleset of the file";
	supervisor->failure.at_ns = clock_ns(CLOCK_REALTIME);
	return table_apply(supervisor, loaded);
}

int
enforce_begin(struct supervisor *supervisor)
{
	int r;

	if (supervisor->handover.before)
		loaded_inherit(supervisor->loaded, supervisor->handover.before);
	fast_path_prepare(supervisor, supervisor->loaded);
	r = crew_start(&supervisor->crew, supervisor->loaded);
	if (r < 0) {
		log_error("the inspectors could not be started: %s", strerror(-r));
		return r;
	}
	r = table_apply(supervisor, supervisor->loaded);
	if (r < 0)
		r = begin_with_last_good(supervisor, r);
	if (r < 0)
		return r;
	log_info("policy %.12s is in force: %u inspectors, packets by %s",
	    supervisor->loaded->policy->hash, supervisor->settings.crew.count,
	    supervisor->queue == RULESET_QUEUE_NATIVE ? "the queue expression"
						      : "the NFQUEUE target");
	fast_path_serve(supervisor, supervisor->loaded);
	table_take_back(supervisor);
	look_around(supervisor);
	enforce_keep(supervisor);
	events_note(&supervisor->events, "start", "version", SLUICE_VERSION, "policy",
	    supervisor->loaded->policy->hash, "file", supervisor->settings.policy, "connections",
	    handover_word(supervisor), NULL);
	handover_begin(supervisor);
	if (supervisor->fallback)
		tell_fallback(supervisor);
	notify_ready("");
	tell_status(supervisor);
	return 0;
}

/* A new policy */

static void
note_reload_failed(struct supervisor *supervisor, struct failure *failure)
{
	supervisor->reloads_failed++;
	failure_done(&supervisor->failure);
	supervisor->failure = *failure;
	log_error("nothing has changed: %s", failure->why);
	events_note(&supervisor->events, "alarm", "alarm", "reload-failed", "why", failure->why,
	    "file", supervisor->settings.policy, failure->line_count > 0 ? "line" : NULL,
	    failure->lines[0], NULL);
}

/* Put a loaded policy in force: the inspectors first, the table last, or everything as it was. */
static int
change(struct supervisor *supervisor, struct loaded *loaded, struct failure *failure)
{
	int r;

	fast_path_halt(supervisor);
	fast_path_prepare(supervisor, loaded);
	r = crew_hand_over(&supervisor->crew, loaded);
	failure->at_ns = clock_ns(CLOCK_REALTIME);
	if (r < 0) {
		failure->why = "new inspectors could not be started";
		return r;
	}
	r = table_apply(supervisor, loaded);
	if (r == 0)
		return 0;
	failure->why = "the kernel did not take the new ruleset";
	if (crew_hand_over(&supervisor->crew, supervisor->loaded) == 0)
		return r;
	/* what both permit passes; better than no inspectors */
	log_error(
	    "the inspectors judge by the new policy, the kernel's table is that of the old one");
	supervisor->guard.damaged = true; /* try again */
	return 0;
}

/* The new policy is in force. */
static void
tell_reload(
    struct supervisor *supervisor, const struct loaded *old, const char *who, uint64_t begun)
{
	const struct policy *policy = supervisor->loaded->policy;
	bool same_limits = memcmp(&policy->limits, &supervisor->limits, sizeof(struct limits)) == 0;

	surroundings_tell(policy);
	log_info("policy %.12s is in force, after %.12s, in %llu ms", policy->hash,
	    old->policy->hash, (unsigned long long)((clock_ns(CLOCK_MONOTONIC) - begun) / 1000000));
	if (!same_limits)
		log_warning("the limits of memory are still those of the start");
	events_note(&supervisor->events, "reload", "policy", policy->hash, "before",
	    old->policy->hash, "file", supervisor->settings.policy, "who", who,
	    same_limits ? NULL : "at_next_start", "limits", NULL);
}

int
enforce_replace(struct supervisor *supervisor, struct loaded *loaded, struct failure *failure,
    struct loaded **ret_old)
{
	struct loaded *old = supervisor->loaded;
	int r;

	loaded_inherit(loaded, old);
	r = change(supervisor, loaded, failure);
	if (r == 0)
		supervisor->loaded = loaded;
	fast_path_serve(supervisor, supervisor->loaded);
	if (r < 0)
		return r;
	supervisor->compared_ns = 0;
	handover_keep(supervisor);
	follow_links(supervisor);
	if (ret_old)
		*ret_old = old;
	else
		loaded_free(old);
	return 0;
}

int
enforce_reload(struct supervisor *supervisor, const char *who)
{
	uint8_t generation =
	    table_generation_next(supervisor->loaded->policy, supervisor->loaded->generation);
	uint64_t begun = clock_ns(CLOCK_MONOTONIC);
	struct loaded *loaded = NULL, *old = NULL;
	struct failure failure = {0};
	int r;

	notify_reloading();
	if (supervisor->change.pending.number != 0) {
		r = -EBUSY;
		failure.why = why_of(r);
		failure.at_ns = clock_ns(CLOCK_REALTIME);
	} else {
		r = load_file(supervisor, generation, &failure, &loaded);
	}
	if (r == 0)
		r = enforce_replace(supervisor, loaded, &failure, &old);
	if (r == 0) {
		failure_done(&failure);
		failure_done(&supervisor->failure);
		supervisor->fallback = false;
		supervisor->reloads++;
		tell_reload(supervisor, old, who, begun);
		enforce_keep(supervisor);
		loaded_free(old);
	} else {
		note_reload_failed(supervisor, &failure);
		loaded_free(loaded);
	}
	notify_ready("");
	tell_status(supervisor);
	return r;
}

void
enforce_file_hash(const struct supervisor *supervisor, char ret_hash[65])
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	int r = policy_load(supervisor->settings.policy, &policy, &diagnostics);

	diagnostics_done(&diagnostics);
	if (r == 0)
		memcpy(ret_hash, policy->hash, sizeof(policy->hash));
	else
		ret_hash[0] = '\0';
	policy_free(policy);
}

bool
enforce_differs(struct supervisor *supervisor)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	char hash[65];

	if (supervisor->compared_ns != 0 && now - supervisor->compared_ns < compare_pause_ns)
		return supervisor->differs;
	enforce_file_hash(supervisor, hash);
	supervisor->differs = strcmp(hash, supervisor->loaded->policy->hash) != 0;
	supervisor->compared_ns = now;
	return supervisor->differs;
}
