/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amend, settings: changes that are one number or word.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "amend_setting.h"
#include "remedies.h"
#include "words.h"

/* What a number is now, and the largest that it may be. */
struct number {
	uint32_t now;
	uint32_t max;
};

static bool
find_limit(const struct policy *policy, const char *key, struct number *ret_number)
{
	const struct limits *limits = &policy->limits;

	if (strcmp(key, "flows") == 0)
		*ret_number = (struct number){limits->flows, LIMITS_FLOWS_MAX};
	else if (strcmp(key, "states") == 0)
		*ret_number = (struct number){limits->states, LIMITS_FLOWS_MAX};
	else
		*ret_number = (struct number){limits->held_bytes, LIMITS_HELD_BYTES_MAX};
	return true;
}

static bool
find_number(const struct channel *channel, const char *key, struct number *ret_number)
{
	const struct dissector *d = channel->dissector;

	if (strcmp(key, "pause") == 0) {
		*ret_number = (struct number){channel->pause_s, PAUSE_MAX_S};
		return true;
	}
	if (strcmp(key, "outstanding") == 0) {
		*ret_number = (struct number){channel->outstanding, OUTSTANDING_MAX};
		return true;
	}
	for (uint32_t i = 0; d && i < d->setting_count; i++)
		if (strcmp(d->settings[i].name, key) == 0) {
			*ret_number = (struct number){channel->settings[i], d->settings[i].max};
			return true;
		}
	return false;
}

/* The value to be set, as a policy writes it; NULL: it is that already, or can't be more. */
static char *
new_value(const struct amend_question *q, const struct remedy *remedy)
{
	struct number number = {0};
	bool known = remedy->place == PLACE_LIMITS ? find_limit(q->policy, remedy->key, &number)
	    : remedy->place == PLACE_CHANNEL       ? find_number(q->channel, remedy->key, &number)
						   : false;
	uint32_t twice;

	if (remedy->word && remedy->word[0] >= '0' && remedy->word[0] <= '9')
		return known && number.now != (uint32_t)strtoul(remedy->word, NULL, 10)
		    ? words_format("%s", remedy->word)
		    : NULL;
	if (remedy->word)
		return words_format("\"%s\"", remedy->word);
	if (!known || number.now >= number.max)
		return NULL;
	twice = number.now > number.max / 2 ? number.max : number.now * 2;
	return words_format("%u%s", twice, twice > INT_MAX ? "L" : "");
}

static const struct outline *
find_group(const struct amend_question *q, const struct remedy *remedy)
{
	const struct outline *root = q->draft->outline;

	if (remedy->place == PLACE_CHANNEL)
		return draft_channel(q->draft, q->channel);
	return remedy->place == PLACE_LIMITS ? outline_find(root, q->draft->text, "limits") : root;
}

/* In a group, in front of its lists; or in a new group of limits. */
static void
add_setting(struct edits *edits, const struct outline *group, const char *setting)
{
	const struct draft *draft = edits->draft;
	char *limits;

	if (group) {
		edits_add_setting(
		    edits, group, outline_find(group, draft->text, "protocol"), setting);
		return;
	}
	limits = words_format("limits: { %s; }", setting);
	edits_add_setting(edits, draft->outline, NULL, limits);
	free(limits);
}

void
amend_setting(struct amend *a)
{
	const struct amend_question *q = a->question;
	const struct remedy *remedy = &remedies[q->reason];
	struct edits edits = amend_begin(a);
	const struct outline *group, *setting;
	char *value, *text, *name;

	if (remedy->place == PLACE_CHANNEL && !q->channel)
		return;
	value = new_value(q, remedy);
	if (!value)
		return;
	group = find_group(q, remedy);
	setting = group ? outline_find(group, q->draft->text, remedy->key) : NULL;
	text = words_format("%s = %s", remedy->key, value);
	if (setting)
		edits_add(&edits, setting->from, setting->to - setting->from, value);
	else
		add_setting(&edits, group, text);
	name = q->channel && remedy->place == PLACE_CHANNEL ? words_channel(q->channel) : NULL;
	amend_try(a, &edits, remedy->place == PLACE_CHANNEL ? q->channel : NULL,
	    words_format("%s%s%s: %s", name ? "channel " : "", name ? name : "",
		name                                ? ""
		    : remedy->place == PLACE_LIMITS ? "limits"
						    : "the policy",
		text));
	free(name);
	free(text);
	free(value);
}
