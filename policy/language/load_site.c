/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: the groups "site" and "limits", and the keys that stand alone. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "mark.h"
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

/* "0x" and up to eight hexadecimal digits. */
static bool
read_mask(const char *text, uint32_t *ret_mask)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t length = strlen(text);

	if (length < 3 || length > 10 || strncmp(text, "0x", 2) != 0 ||
	    strspn(&text[2], digits) != length - 2)
		return false;
	*ret_mask = (uint32_t)strtoul(text, NULL, 16);
	return true;
}

void
load_mark_mask(struct loader *l, const struct node *node)
{
	uint32_t mask;

	if (!read_mask(node->text, &mask))
		load_error(l, node->where,
		    "\"%.80s\" is no mask of marks; expected \"0x\" and up to eight hexadecimal "
		    "digits, as in \"0xffff0000\"",
		    node->text);
	else if (mark_bits(mask) < MARK_BITS_MIN)
		load_error(l, node->where,
		    "mark_mask has %u of 32 bits; expected %d at least: for the generation of the "
		    "policy, the channel and the direction",
		    mark_bits(mask), MARK_BITS_MIN);
	else
		l->policy->mark_mask = mask;
}

void
load_audit_full(struct loader *l, const struct node *node)
{
	static const char *const words[] = {
	    [AUDIT_FULL_CONTINUE] = "continue", [AUDIT_FULL_DENY] = "deny", NULL};
	int choice = load_choice(l, node, "audit_full", words);

	if (choice >= 0)
		l->policy->audit_full = (enum audit_full)choice;
}

void
load_fast_path(struct loader *l, const struct node *node)
{
	static const char *const words[] = {
	    [FAST_PATH_OFF] = "off", [FAST_PATH_AUTO] = "auto", NULL};
	int choice = load_choice(l, node, "fast_path", words);

	if (choice >= 0)
		l->policy->fast_path = (enum fast_path)choice;
}

void
check_mark_mask(struct loader *l, const struct node *node)
{
	uint32_t mask = l->policy->mark_mask;

	if (node != NULL && l->policy->channel_count > mark_channels(mask))
		load_error(l, node->where,
		    "mark_mask has %u bits, which tell %u channels apart, and the policy has %zu; "
		    "expected more bits",
		    mark_bits(mask), mark_channels(mask), l->policy->channel_count);
}
