/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: conduits. Their channels are in load_channels.c. */
#include <string.h>

#include "loader.h"

static void
read_from(struct loader *l, const struct node *node, void *object)
{
	struct conduit *conduit = object;

	conduit->from = load_names_want_zone(l, node);
}

static void
read_to(struct loader *l, const struct node *node, void *object)
{
	struct conduit *conduit = object;

	conduit->to = load_names_want_zone(l, node);
	if (conduit->to && conduit->to == conduit->from)
		load_error(l, node->where,
		    "\"from\" and \"to\" are the same zone \"%s\"; expected two zones",
		    conduit->to->name);
}

static void
read_mode(struct loader *l, const struct node *node, void *object)
{
	static const char *const words[] = {"enforce", "monitor", NULL};
	struct conduit *conduit = object;
	int choice = load_choice(l, node, "mode", words);

	if (choice >= 0)
		conduit->mode = (enum conduit_mode)choice;
}

static void
read_on_deny(struct loader *l, const struct node *node, void *object)
{
	static const char *const words[] = {"drop", "reset", "refuse", NULL};
	struct conduit *conduit = object;
	int choice = load_choice(l, node, "on_deny", words);

	if (choice >= 0)
		conduit->on_deny = (enum on_deny)choice;
}

static void
read_when_down(struct loader *l, const struct node *node, void *object)
{
	static const char *const words[] = {"closed", "open", NULL};
	struct conduit *conduit = object;
	int choice = load_choice(l, node, "when_down", words);

	if (choice >= 0)
		conduit->when_down = (enum when_down)choice;
}

static void
read_rationale(struct loader *l, const struct node *node, void *object)
{
	struct conduit *conduit = object;

	load_text(l, node, &conduit->rationale);
}

static void
read_channels(struct loader *l, const struct node *node, void *object)
{
	load_channels(l, node, object);
}

/* The zones stand first: channels are read against them. */
static const struct key conduit_keys[] = {
    {"from", KEY_STRING, "the name of a zone", read_from},
    {"to", KEY_STRING, "the name of a zone", read_to},
    {"mode", KEY_STRING, NULL, read_mode},
    {"on_deny", KEY_STRING, NULL, read_on_deny},
    {"when_down", KEY_STRING, NULL, read_when_down},
    {"rationale", KEY_STRING, NULL, read_rationale},
    {"channels", KEY_GROUPS, "a list of channels, like ( { name = ...; } )", read_channels},
};

/* Packets between two zones of one interface go from host to host, and not through the appliance.
 */
static void
check_between(struct loader *l, const struct conduit *conduit)
{
	const struct zone *from = conduit->from, *to = conduit->to;

	if (!from || !to || from == to || from->behind_count + to->behind_count == 0)
		return;
	for (size_t i = 0; i < from->interface_count; i++)
		for (size_t k = 0; k < to->interface_count; k++)
			if (strcmp(from->interfaces[i], to->interfaces[k]) != 0)
				return;
	if (from->interface_count > 0 && to->interface_count > 0)
		load_error(l, conduit->where,
		    "zones \"%s\" and \"%s\" are both reached by interface \"%s\"; expected "
		    "zones between which this appliance stands",
		    from->name, to->name, to->interfaces[0]);
}

static void
read_conduit(struct loader *l, const struct node *node, struct conduit *conduit)
{
	const char *what = load_format(l, "conduit \"%.80s\"", node->name);

	load_name(l, node->where, "conduit", node->name);
	if (strcmp(node->name, "reason") == 0)
		load_error(l, node->where,
		    "conduit name \"reason\"; expected another one, counters of reasons "
		    "have that name");
	conduit->name = load_copy(l, node->name);
	conduit->where = node->where;
	conduit->on_deny = ON_DENY_RESET;
	load_group(
	    l, node, what, conduit_keys, sizeof(conduit_keys) / sizeof(conduit_keys[0]), conduit);
	check_between(l, conduit);
}

/* Elements of the lists "channels", up to the limit of a policy. */
static size_t
count_channels(const struct node *node)
{
	size_t i, j, count = 0;

	for (i = 0; i < node->count; i++)
		for (j = 0; j < node->children[i].count; j++)
			if (strcmp(node->children[i].children[j].name, "channels") == 0)
				count += node->children[i].children[j].count;
	return count < CHANNELS_MAX ? count : CHANNELS_MAX;
}

void
load_conduits(struct loader *l, const struct node *node)
{
	struct policy *policy = l->policy;
	size_t i;

	policy->conduits = load_alloc(l, l->memory, node->count, sizeof(*policy->conduits));
	policy->channels =
	    load_alloc(l, l->memory, count_channels(node), sizeof(*policy->channels));
	for (i = 0; i < node->count; i++) {
		if (node->children[i].kind == NODE_GROUP)
			read_conduit(
			    l, &node->children[i], &policy->conduits[policy->conduit_count++]);
		else
			load_error(l, node->children[i].where,
			    "conduit \"%.80s\" is no group; expected { ... }",
			    node->children[i].name);
	}
}
