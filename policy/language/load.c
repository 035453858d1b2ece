/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: the way from a file to a checked policy.  Only puts the steps together, which are in the
 * files that loader.h lists, and gives back what a load has taken, also after a jump.
 */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "loader.h"
#include "mark.h"
#include "print.h"

static void
read_site(struct loader *l, const struct node *node, void *object)
{
	load_site(l, node);
}

static void
read_limits(struct loader *l, const struct node *node, void *object)
{
	load_limits(l, node);
}

static void
read_zones(struct loader *l, const struct node *node, void *object)
{
	load_zones(l, node);
	load_names(l);
}

static void
read_conduits(struct loader *l, const struct node *node, void *object)
{
	load_conduits(l, node);
}

static void
read_mark_mask(struct loader *l, const struct node *node, void *object)
{
	load_mark_mask(l, node);
}

static void
read_audit_full(struct loader *l, const struct node *node, void *object)
{
	load_audit_full(l, node);
}

static void
read_fast_path(struct loader *l, const struct node *node, void *object)
{
	load_fast_path(l, node);
}

static void
read_accepted(struct loader *l, const struct node *node, void *object)
{
	load_accepted(l, node);
}

/* Done before: load_fleet.c. */
static void
read_nothing(struct loader *l, const struct node *node, void *object)
{
}

static const struct key policy_keys[] = {
    {"site", KEY_GROUP, NULL, read_site},
    {"limits", KEY_GROUP, NULL, read_limits},
    {"mark_mask", KEY_STRING, NULL, read_mark_mask},
    {"audit_full", KEY_STRING, NULL, read_audit_full},
    {"fast_path", KEY_STRING, NULL, read_fast_path},
    {"accepted", KEY_GROUPS, NULL, read_accepted},
    {"gateways", KEY_GROUP, NULL, read_nothing},
    {"gateway", KEY_STRING, NULL, read_nothing},
    {"zones", KEY_GROUP, "a group of zones", read_zones},
    {"conduits", KEY_GROUP, "a group of conduits (an empty one permits nothing)", read_conduits},
};

/* The canonical text is what a policy is known by. */
static void
make_hash(struct loader *l)
{
	char *text = policy_print(l->policy);

	if (!text)
		longjmp(l->out_of_memory, 1);
	hash_text(text, l->policy->hash);
	free(text);
}

/* Everything that may jump when nothing is wanted but the text. */
static int
load_source(struct loader *l, const char *file)
{
	if (setjmp(l->out_of_memory))
		return -ENOMEM;
	l->policy->file = load_copy(l, file);
	return load_source_file(l, file);
}

/* Everything that may jump: `file` or, if that is NULL, `text` into l->policy. */
static int
load(struct loader *l, const char *file, const char *name, const char *text)
{
	struct node *root;
	int r;

	l->policy->file = load_copy(l, name);
	l->policy->limits = (struct limits){.flows = LIMITS_FLOWS, .held_bytes = LIMITS_HELD_BYTES};
	l->policy->mark_mask = MARK_MASK_ALL;
	r = file ? load_source_file(l, file) : load_source_text(l, name, text);
	if (r < 0)
		return r;
	root = load_tree(l);
	if (!root)
		return -EINVAL;
	if (root->count == 0) {
		load_error(l, root->where, "nothing is in it; expected \"zones\" and \"conduits\"");
		return -EINVAL;
	}
	if (!load_fleet(l, root))
		return -EINVAL;
	load_group(
	    l, root, "the policy", policy_keys, sizeof(policy_keys) / sizeof(policy_keys[0]), NULL);
	if (l->policy->limits.states == 0)
		l->policy->limits.states = limits_states(l->policy->limits.flows);
	check_mark_mask(l, load_find(root, "mark_mask"));
	check_bridges(l);
	check_overlap(l);
	if (l->diagnostics->error_count)
		return -EINVAL;
	check_warnings(l);
	check_confused(l);
	check_elements(l);
	diagnostics_accept(l->diagnostics, l->policy);
	l->policy->source = load_copy(l, l->source.text);
	make_hash(l);
	return 0;
}

static int
load_or_memory(struct loader *l, const char *file, const char *name, const char *text)
{
	if (setjmp(l->out_of_memory))
		return -ENOMEM;
	return load(l, file, name, text);
}

static struct policy *
policy_new(void)
{
	struct arena *arena = arena_new();
	struct policy *policy = arena ? arena_alloc(arena, 1, sizeof(*policy)) : NULL;

	if (!policy) {
		arena_free(arena);
		return NULL;
	}
	policy->arena = arena;
	return policy;
}

/* All that a load needs; false: memory is out. */
static bool
loader_init(struct loader *l, bool files, struct diagnostics *diagnostics)
{
	l->files = files;
	l->policy = policy_new();
	l->scratch = arena_new();
	l->diagnostics = diagnostics;
	if (!l->policy || !l->scratch || diagnostics_init(diagnostics) < 0)
		return false;
	l->memory = l->policy->arena;
	return true;
}

/* All but the policy. */
static void
loader_free(struct loader *l)
{
	load_tree_done(l);
	free(l->source.text);
	free(l->source.lines);
	arena_free(l->scratch);
	free(l);
}

static int
load_any(const char *file, const char *name, const char *text, const char *gateway,
    struct policy **ret_policy, struct diagnostics *ret_diagnostics)
{
	struct diagnostics diagnostics = {0};
	struct loader *l = calloc(1, sizeof(*l));
	int r = -ENOMEM;

	if (l && loader_init(l, file != NULL, &diagnostics)) {
		l->gateway_wanted = gateway;
		r = load_or_memory(l, file, name, text);
		diagnostics_sort(&diagnostics);
	}
	if (r == 0)
		*ret_policy = l->policy;
	else if (l)
		policy_free(l->policy);
	if (l)
		loader_free(l);
	*ret_diagnostics = diagnostics;
	return r;
}

int
policy_source(const char *file, const char *gateway, char **ret_text, size_t *ret_length,
    bool *ret_includes, struct diagnostics *ret_diagnostics)
{
	struct diagnostics diagnostics = {0};
	struct loader *l = calloc(1, sizeof(*l));
	int r = -ENOMEM;

	if (l && loader_init(l, true, &diagnostics)) {
		l->gateway_wanted = gateway;
		r = load_source(l, file);
		diagnostics_sort(&diagnostics);
	}
	if (r == 0) {
		*ret_includes = false;
		for (size_t i = 0; i < l->source.line_count; i++)
			*ret_includes |= strcmp(l->source.lines[i].file, file) != 0;
		*ret_text = l->source.text;
		*ret_length = l->source.length;
		l->source.text = NULL;
	}
	if (l) {
		policy_free(l->policy);
		loader_free(l);
	}
	*ret_diagnostics = diagnostics;
	return r;
}

/* The places of a source with the names they point to behind them; NULL: memory is out. */
static struct location *
copy_lines(const struct source *source)
{
	const char *file = NULL, *copy = NULL;
	struct location *lines;
	size_t size = 0;
	char *names;

	for (size_t i = 0; i < source->line_count; i++) {
		size += source->lines[i].file != file ? strlen(source->lines[i].file) + 1 : 0;
		file = source->lines[i].file;
	}
	lines = malloc(source->line_count * sizeof(*lines) + size + 1);
	if (!lines)
		return NULL;
	names = (char *)&lines[source->line_count];
	file = NULL;
	for (size_t i = 0; i < source->line_count; i++) {
		lines[i] = source->lines[i];
		if (lines[i].file != file) {
			file = lines[i].file;
			copy = strcpy(names, file);
			names += strlen(file) + 1;
		}
		lines[i].file = copy;
	}
	return lines;
}

int
policy_source_lines(const char *file, const char *gateway, char **ret_text,
    struct location **ret_lines, size_t *ret_count, struct diagnostics *ret_diagnostics)
{
	struct diagnostics diagnostics = {0};
	struct loader *l = calloc(1, sizeof(*l));
	struct location *lines = NULL;
	int r = -ENOMEM;

	if (l && loader_init(l, true, &diagnostics)) {
		l->gateway_wanted = gateway;
		r = load_source(l, file);
		diagnostics_sort(&diagnostics);
	}
	if (r == 0) {
		lines = copy_lines(&l->source);
		r = lines ? 0 : -ENOMEM;
	}
	if (r == 0) {
		*ret_text = l->source.text;
		*ret_lines = lines;
		*ret_count = l->source.line_count;
		l->source.text = NULL;
	}
	if (l) {
		policy_free(l->policy);
		loader_free(l);
	}
	*ret_diagnostics = diagnostics;
	return r;
}

int
policy_load(const char *file, struct policy **ret_policy, struct diagnostics *ret_diagnostics)
{
	return load_any(file, file, NULL, NULL, ret_policy, ret_diagnostics);
}

int
policy_load_part(const char *file, const char *gateway, struct policy **ret_policy,
    struct diagnostics *ret_diagnostics)
{
	return load_any(file, file, NULL, gateway, ret_policy, ret_diagnostics);
}

/* The names of the gateways in one piece; none where the file says which it is. */
static char **
copy_gateways(const struct node *root, size_t *ret_count)
{
	const struct node *gateways = load_find(root, "gateways");
	size_t count = gateways && !load_find(root, "gateway") ? gateways->count : 0, size = 0;
	char **names, *at;

	for (size_t i = 0; i < count; i++)
		size += sizeof(*names) + strlen(gateways->children[i].name) + 1;
	names = malloc(size + 1);
	at = (char *)names + count * sizeof(*names);
	for (size_t i = 0; names && i < count; i++) {
		names[i] = strcpy(at, gateways->children[i].name);
		at += strlen(at) + 1;
	}
	*ret_count = names ? count : 0;
	return names;
}

static struct node *
load_only_tree(struct loader *l, const char *file)
{
	struct node *root;

	if (setjmp(l->out_of_memory))
		return NULL;
	l->policy->file = load_copy(l, file);
	if (load_source_file(l, file) < 0)
		return NULL;
	root = load_tree(l);
	return root;
}

size_t
policy_gateways(const char *file, char ***ret_names)
{
	struct diagnostics diagnostics = {0};
	struct loader *l = calloc(1, sizeof(*l));
	const struct node *root = NULL;
	char **names = NULL;
	size_t count = 0;

	if (l && loader_init(l, true, &diagnostics))
		root = load_only_tree(l, file);
	if (root)
		names = copy_gateways(root, &count);
	if (l) {
		policy_free(l->policy);
		loader_free(l);
	}
	diagnostics_done(&diagnostics);
	if (count == 0) {
		free(names);
		return 0;
	}
	*ret_names = names;
	return count;
}

int
policy_load_text(const char *text, const char *name, struct policy **ret_policy,
    struct diagnostics *ret_diagnostics)
{
	return load_any(NULL, name, text, NULL, ret_policy, ret_diagnostics);
}

void
policy_free(struct policy *policy)
{
	if (policy)
		arena_free(policy->arena);
}
