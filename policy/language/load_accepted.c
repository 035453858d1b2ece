/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: the list "accepted", findings that the owner lives with. */
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "numbers.h"

static bool
is_kind(const char *text, size_t length)
{
	for (int i = 0; i < FINDING_COUNT; i++)
		if (strlen(finding_kinds[i].word) == length &&
		    strncmp(finding_kinds[i].word, text, length) == 0)
			return true;
	return false;
}

/* Its kind must be one; what is of that kind shows the review, not the load. */
static void
read_finding(struct loader *l, const struct node *node, void *object)
{
	struct accepted *accepted = object;
	size_t length = strcspn(node->text, ":");
	struct nearest nearest;
	char *word;

	if (is_kind(node->text, length)) {
		accepted->finding = load_copy(l, node->text);
		return;
	}
	word = load_format(l, "%.*s", (int)length, node->text);
	nearest_init(&nearest, word);
	for (int i = 0; i < FINDING_COUNT; i++)
		nearest_offer(&nearest, finding_kinds[i].word);
	load_error(l, node->where, "unknown finding \"%.80s\"%s", node->text,
	    load_hint(l, &nearest, "one as \"sluice check\" prints it, like \"monitors:CONDUIT\""));
}

static void
read_reason(struct loader *l, const struct node *node, void *object)
{
	struct accepted *accepted = object;

	if (load_text(l, node, &accepted->reason) && accepted->reason[0] == '\0')
		load_error(l, node->where, "\"reason\" is empty; expected why it is accepted");
}

static void
read_until(struct loader *l, const struct node *node, void *object)
{
	struct accepted *accepted = object;

	if (numbers_date_valid(node->text))
		accepted->until = load_copy(l, node->text);
	else
		load_error(l, node->where, "\"%.80s\" is no date; expected a day as \"YYYY-MM-DD\"",
		    node->text);
}

static const struct key accepted_keys[] = {
    {"finding", KEY_STRING, "a finding, like \"monitors:CONDUIT\"", read_finding},
    {"reason", KEY_STRING, "why it is accepted", read_reason},
    {"until", KEY_STRING, "the last day, as \"YYYY-MM-DD\"", read_until},
};

static int
compare_accepted(const void *a, const void *b)
{
	const struct accepted *x = a, *y = b;
	int r = strcmp(x->finding ? x->finding : "", y->finding ? y->finding : "");

	return r ? r : (int)(x->where.order - y->where.order);
}

void
load_accepted(struct loader *l, const struct node *node)
{
	struct policy *policy = l->policy;

	policy->accepted = load_alloc(l, l->memory, node->count, sizeof(*policy->accepted));
	for (size_t i = 0; i < node->count; i++) {
		struct accepted *accepted = &policy->accepted[policy->accepted_count++];

		accepted->where = node->children[i].where;
		load_group(l, &node->children[i], "an accepted finding", accepted_keys,
		    sizeof(accepted_keys) / sizeof(accepted_keys[0]), accepted);
	}
	qsort(
	    policy->accepted, policy->accepted_count, sizeof(*policy->accepted), compare_accepted);
	for (size_t i = 1; i < policy->accepted_count; i++) {
		const struct accepted *first = &policy->accepted[i - 1],
				      *second = &policy->accepted[i];

		if (first->finding && second->finding &&
		    strcmp(first->finding, second->finding) == 0)
			load_error(l, second->where,
			    "finding \"%.80s\" is accepted twice (%s); expected it once",
			    second->finding, load_place(l, second->where, first->where));
	}
}
