/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: the groups "site" and "limits". */
#include <stdint.h>

#include "loader.h"
#include "numbers.h"

static void
read_name(struct loader *l, const struct node *node, void *object)
{
	load_text(l, node, &l->policy->site.name);
}

static void
read_owner(struct loader *l, const struct node *node, void *object)
{
	load_text(l, node, &l->policy->site.owner);
}

static void
read_approved(struct loader *l, const struct node *node, void *object)
{
	if (numbers_date_valid(node->text))
		l->policy->site.approved = load_copy(l, node->text);
	else
		load_error(l, node->where, "\"%.80s\" is no date; expected a day as \"YYYY-MM-DD\"",
		    node->text);
}

static void
read_review_days(struct loader *l, const struct node *node, void *object)
{
	long long days;

	if (load_number(l, node, 1, 3650, &days))
		l->policy->site.review_days = (unsigned)days;
}

void
load_site(struct loader *l, const struct node *node)
{
	static const struct key keys[] = {
	    {"name", KEY_STRING, NULL, read_name},
	    {"owner", KEY_STRING, NULL, read_owner},
	    {"approved", KEY_STRING, NULL, read_approved},
	    {"review_days", KEY_NUMBER, NULL, read_review_days},
	};

	l->policy->site.where = node->where;
	load_group(l, node, "site", keys, sizeof(keys) / sizeof(keys[0]), NULL);
}

static void
read_flows(struct loader *l, const struct node *node, void *object)
{
	long long flows;

	if (load_number(l, node, 1, LIMITS_FLOWS_MAX, &flows))
		l->policy->limits.flows = (uint32_t)flows;
}

static void
read_held_bytes(struct loader *l, const struct node *node, void *object)
{
	long long bytes;

	if (load_number(l, node, LIMITS_HELD_BYTES_MIN, LIMITS_HELD_BYTES_MAX, &bytes))
		l->policy->limits.held_bytes = (uint32_t)bytes;
}

static void
read_states(struct loader *l, const struct node *node, void *object)
{
	long long states;

	if (load_number(l, node, 1, LIMITS_FLOWS_MAX, &states))
		l->policy->limits.states = (uint32_t)states;
}

void
load_limits(struct loader *l, const struct node *node)
{
	static const struct key keys[] = {
	    {"flows", KEY_NUMBER, NULL, read_flows},
	    {"held_bytes", KEY_NUMBER, NULL, read_held_bytes},
	    {"states", KEY_NUMBER, NULL, read_states},
	};

	load_group(l, node, "limits", keys, sizeof(keys) / sizeof(keys[0]), NULL);
}
