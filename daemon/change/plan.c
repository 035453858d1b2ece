/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plan: see plan.h.
 */
#include <stdlib.h>
#include <string.h>

#include "change_answers.h"
#include "compare.h"
#include "cutoff.h"
#include "enforce.h"
#include "failure.h"
#include "nft_connections.h"
#include "plan.h"
#include "request.h"
#include "ruleset_compare.h"
#include "status.h"
#include "table.h"

enum { CUT_SHOWN = 100 };

/* The policy */

/* A policy_difference. */
static void
add_difference(void *context, const struct difference *difference)
{
	static const char *const whats[] = {"zone", "conduit", "channel", "rule"};
	static const char *const hows[] = {"added", "removed", "changed"};
	json_t *object = json_pack("{s:s, s:s, s:s}", "what", whats[difference->what], "how",
	    hows[difference->how], "name", difference->name);

	if (difference->channel)
		json_object_set_new(object, "channel", json_string(difference->channel));
	if (difference->rule)
		json_object_set_new(object, "rule", json_string(difference->rule));
	json_array_append_new(context, object);
}

/* The kernel */

/* A ruleset_difference. */
static void
add_kernel(void *context, const char *kind, const char *name, size_t added, size_t removed)
{
	json_array_append_new(context,
	    json_pack("{s:s, s:s, s:I, s:I}", "kind", kind, "name", name, "added",
		(json_int_t)added, "removed", (json_int_t)removed));
}

static json_t *
plan_kernel(const struct supervisor *supervisor, const struct loaded *next)
{
	struct ruleset *before = NULL, *after = NULL;
	json_t *array = json_array();

	if (table_ruleset(supervisor, supervisor->loaded, &before) == 0 &&
	    table_ruleset(supervisor, next, &after) == 0)
		ruleset_compare(before, after, add_kernel, array);
	ruleset_free(before);
	ruleset_free(after);
	return array;
}

/* Connections */

struct survey {
	const struct compiled *now;
	const struct compiled *next;
	json_t *cut; /* the first of them */
	json_int_t cut_count;
	json_int_t kept;
	json_int_t other_rules; /* of those that are kept */
};

/* The channel of a connection, from whichever end it was seen first. */
static const struct channel *
channel_of(const struct compiled *compiled, const struct nft_connection *c)
{
	const struct channel *channel = compiled_find_channel(
	    compiled, c->family, &c->source, &c->destination, c->transport, c->destination_port);

	return channel ? channel
		       : compiled_find_channel(compiled, c->family, &c->destination, &c->source,
			     c->transport, c->source_port);
}

static void
add_cut(struct survey *survey, const struct nft_connection *c, const struct channel *channel)
{
	char source[64], destination[64];

	survey->cut_count++;
	if (json_array_size(survey->cut) == CUT_SHOWN)
		return;
	address_print(c->family, &c->source, source, sizeof(source));
	address_print(c->family, &c->destination, destination, sizeof(destination));
	json_array_append_new(survey->cut,
	    json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:s}", "proto",
		c->transport == PROTOCOL_TCP       ? "TCP"
		    : c->transport == PROTOCOL_UDP ? "UDP"
						   : "ICMP",
		"src_ip", source, "src_port", (int)c->source_port, "dest_ip", destination,
		"dest_port", (int)c->destination_port, "conduit", channel->conduit->name, "channel",
		channel->name));
}

/* A nft_connection_callback: none is to be forgotten. */
static bool
take_connection(void *context, const struct nft_connection *c)
{
	struct survey *survey = context;
	const struct channel *now = channel_of(survey->now, c), *next = channel_of(survey->next, c);

	if (!now || c->closing)
		return false;
	if (!next || now->dissector != next->dissector) {
		add_cut(survey, c, now);
		return false;
	}
	survey->kept++;
	survey->other_rules += next->dissector && !policy_same_rules(now, next);
	return false;
}

static json_t *
plan_connections(const struct supervisor *supervisor, const struct loaded *next)
{
	struct survey survey = {
	    .now = supervisor->loaded->compiled, .next = next->compiled, .cut = json_array()};
	bool known = supervisor->features.conntrack &&
	    nft_connections(supervisor->nft, take_connection, &survey) == 0;
	json_t *object = json_pack("{s:b}", "known", (int)known);

	if (known) {
		json_object_set_new(object, "cut_count", json_integer(survey.cut_count));
		json_object_set_new(object, "kept", json_integer(survey.kept));
		json_object_set_new(object, "other_rules", json_integer(survey.other_rules));
		json_object_set(object, "cut", survey.cut);
	}
	json_decref(survey.cut);
	return object;
}

static json_t *
plan(const struct supervisor *supervisor, const struct loaded *next, const char *ssh)
{
	json_t *changes = json_array(), *answer;
	char *cut;

	policy_compare(supervisor->loaded->policy, next->policy, add_difference, changes);
	answer = json_pack("{s:s, s:s, s:o, s:o, s:o}", "policy", next->policy->hash, "before",
	    supervisor->loaded->policy->hash, "changes", changes, "kernel",
	    plan_kernel(supervisor, next), "connections", plan_connections(supervisor, next));
	cut = cutoff_find(supervisor->loaded, next, ssh);
	if (cut)
		json_object_set_new(answer, "cut_off", json_string(cut));
	free(cut);
	return answer;
}

json_t *
plan_answer(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	const char *file = request_text(request, "file");
	struct failure failure = {0};
	struct loaded *loaded = NULL;
	char *text = NULL;
	json_t *answer = request_check(request);

	if (!answer)
		answer = change_read_policy(supervisor, &text);
	if (answer)
		return answer;
	if (enforce_load_text(
		supervisor, text, file[0] ? file : "(no name)", false, &failure, &loaded) == 0) {
		answer = plan(supervisor, loaded, request_text(request, "ssh"));
		loaded_free(loaded);
	} else {
		answer = status_failure(&failure);
		json_object_set_new(answer, "error", json_string(failure.why));
		json_object_set_new(answer, "unchanged", json_true());
	}
	failure_done(&failure);
	free(text);
	return answer;
}
