/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: groups against tables of keys, and the plain kinds of values. */
#include <string.h>

#include "loader.h"
#include "text.h"

static const char *const kind_words[] = {
    [NODE_GROUP] = "a group { }",
    [NODE_LIST] = "a list",
    [NODE_STRING] = "a string",
    [NODE_NUMBER] = "a number",
    [NODE_FRACTION] = "a number with decimals",
    [NODE_BOOLEAN] = "true or false",
};

static const char *const type_words[] = {
    [KEY_STRING] = "a string",
    [KEY_NUMBER] = "a whole number",
    [KEY_PORT] = "a number, or a string like \"5000-5010\"",
    [KEY_WORDS] = "a list of strings, like [\"a\", \"b\"]",
    [KEY_GROUP] = "a group { }",
    [KEY_GROUPS] = "a list of groups, like ( { }, { } )",
};

const char *
load_words(struct loader *l, const char *const *words)
{
	const char *text = words[0];
	size_t i;

	for (i = 1; words[i]; i++)
		text = load_format(l, "%s%s%s", text, words[i + 1] ? ", " : " or ", words[i]);
	return text;
}

const char *
load_hint(struct loader *l, const struct nearest *nearest, const char *alternative)
{
	if (nearest_take(nearest))
		return load_format(l, "; did you mean \"%s\"?", nearest_take(nearest));
	return load_format(l, "; expected %s", alternative);
}

const char *
load_place(struct loader *l, struct location here, struct location there)
{
	if (strcmp(here.file, there.file) == 0)
		return load_format(l, "line %u", there.line);
	return load_format(l, "%s:%u", there.file, there.line);
}

/* Nobody reads what is suggested once there is no room left for it. */
static bool
worth_a_hint(const struct loader *l)
{
	return l->diagnostics->count < DIAGNOSTICS_MAX;
}

int
load_choice(struct loader *l, const struct node *node, const char *what, const char *const *words)
{
	struct nearest nearest;
	int i;

	nearest_init(&nearest, node->text);
	for (i = 0; words[i]; i++) {
		if (strcmp(node->text, words[i]) == 0)
			return i;
		nearest_offer(&nearest, words[i]);
	}
	if (worth_a_hint(l))
		load_error(l, node->where, "unknown %s \"%.80s\"%s", what, node->text,
		    load_hint(l, &nearest, load_words(l, words)));
	else
		load_error(l, node->where, "unknown %s", what);
	return -1;
}

bool
load_number(
    struct loader *l, const struct node *node, long long min, long long max, long long *ret_number)
{
	if (node->number < min || node->number > max) {
		load_error(l, node->where, "\"%s\" is %lld; expected %lld to %lld", node->name,
		    node->number, min, max);
		return false;
	}
	*ret_number = node->number;
	return true;
}

bool
load_text(struct loader *l, const struct node *node, char **ret_text)
{
	const unsigned char *p = (const unsigned char *)node->text;
	size_t length = 1;

	for (; *p && length; p += length) {
		length = text_utf8_length((const char *)p);
		if ((*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f)
			length = 0;
	}
	if (!length) {
		load_error(l, node->where,
		    "\"%s\" holds bytes that are no text; expected UTF-8 without "
		    "control characters",
		    node->name);
		return false;
	}
	*ret_text = load_copy(l, node->text);
	return true;
}

bool
load_name(struct loader *l, struct location where, const char *what, const char *name)
{
	if (name_valid(name))
		return true;
	load_error(l, where,
	    "%s name \"%.80s\"; expected a letter, then letters, digits, \"-\" and \"_\", "
	    "at most %d in all",
	    what, name, NAME_MAX_LENGTH);
	return false;
}

/* Lists of words and of groups: not empty, each of the right kind. Leaves those that are. */
static bool
check_list(struct loader *l, const struct node *node, enum node_kind wanted)
{
	size_t i, good = 0;

	if (node->count == 0) {
		load_error(l, node->where, "\"%s\" is empty; expected at least one", node->name);
		return false;
	}
	for (i = 0; i < node->count; i++) {
		const struct node *child = &node->children[i];

		if (child->kind == wanted)
			node->children[good++] = *child;
		else
			load_error(l, child->where, "%s in \"%s\"; expected %s",
			    kind_words[child->kind], node->name,
			    wanted == NODE_STRING ? "strings" : "groups { }");
	}
	((struct node *)node)->count = good;
	return good > 0;
}

static bool
check_type(struct loader *l, const struct node *node, enum key_type type)
{
	static const enum node_kind kinds[] = {
	    [KEY_STRING] = NODE_STRING,
	    [KEY_NUMBER] = NODE_NUMBER,
	    [KEY_PORT] = NODE_NUMBER,
	    [KEY_WORDS] = NODE_LIST,
	    [KEY_GROUP] = NODE_GROUP,
	    [KEY_GROUPS] = NODE_LIST,
	};

	if (type == KEY_ANY || (type == KEY_PORT && node->kind == NODE_STRING))
		return true;
	if (node->kind != kinds[type]) {
		load_error(l, node->where, "\"%s\" is %s; expected %s", node->name,
		    kind_words[node->kind], type_words[type]);
		return false;
	}
	if (type == KEY_WORDS || type == KEY_GROUPS)
		return check_list(l, node, type == KEY_WORDS ? NODE_STRING : NODE_GROUP);
	return true;
}

static void
check_unknown(struct loader *l, const struct node *node, const char *what, const struct key *keys,
    size_t key_count)
{
	struct nearest nearest;
	const char **words;
	size_t i;

	for (i = 0; i < key_count; i++)
		if (strcmp(keys[i].name, node->name) == 0)
			return;
	if (!worth_a_hint(l)) {
		load_error(l, node->where, "unknown key");
		return;
	}
	words = load_alloc(l, l->scratch, key_count + 1, sizeof(*words));
	nearest_init(&nearest, node->name);
	for (i = 0; i < key_count; i++) {
		words[i] = keys[i].name;
		nearest_offer(&nearest, words[i]);
	}
	load_error(l, node->where, "unknown key \"%.80s\" in %s%s", node->name, what,
	    load_hint(l, &nearest, load_words(l, words)));
}

struct node *
load_find(const struct node *group, const char *name)
{
	size_t i;

	for (i = 0; i < group->count; i++)
		if (strcmp(group->children[i].name, name) == 0)
			return &group->children[i];
	return NULL;
}

void
load_group(struct loader *l, const struct node *group, const char *what, const struct key *keys,
    size_t key_count, void *object)
{
	size_t i;

	for (i = 0; i < group->count; i++)
		check_unknown(l, &group->children[i], what, keys, key_count);
	for (i = 0; i < key_count; i++) {
		const struct node *value = load_find(group, keys[i].name);

		if (!value && keys[i].required)
			load_error(l, group->where, "%s has no \"%s\"; expected %s", what,
			    keys[i].name, keys[i].required);
		else if (value && check_type(l, value, keys[i].type))
			keys[i].read(l, value, object);
	}
}
