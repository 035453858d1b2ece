/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load, second step: libconfig makes settings of the text. The only file that knows libconfig. */
#include <libconfig.h>
#include <string.h>

#include "loader.h"

/* libconfig's words for a wrong text, and ours. */
static const char *const errors[][2] = {
    {"syntax error",
	"expected settings of the form name = value; (a \";\", \",\", value or quote is "
	"missing or too much, here or just before)"},
    {"duplicate setting name", "this name was given before in the same group"},
    {"mismatched element type in array",
	"[ ] with values of different types; expected all the same"},
};

static struct location
locate(struct loader *l, unsigned line)
{
	if (line > l->source.line_count)
		line = (unsigned)l->source.line_count;
	return line ? l->source.lines[line - 1] : (struct location){.file = l->policy->file};
}

static void
report(struct loader *l, const config_t *config)
{
	const char *text = config_error_text(config);
	size_t i;

	text = text ? text : "can't be read";
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(text, errors[i][0]) == 0)
			text = errors[i][1];
	load_error(l, locate(l, (unsigned)config_error_line(config)), "%s", text);
}

static enum node_kind
kind(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return NODE_GROUP;
	case CONFIG_TYPE_STRING:
		return NODE_STRING;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return NODE_NUMBER;
	case CONFIG_TYPE_FLOAT:
		return NODE_FRACTION;
	case CONFIG_TYPE_BOOL:
		return NODE_BOOLEAN;
	default:
		return NODE_LIST;
	}
}

/* Copy a setting with all within it; the brackets' depth, and so this one's, was limited before. */
static void
copy(struct loader *l, const config_setting_t *setting, struct node *ret_node)
{
	const char *name = config_setting_name(setting);
	struct node *node = ret_node;
	size_t i;

	node->kind = kind(setting);
	node->name = name ? load_format(l, "%s", name) : "";
	node->where = locate(l, config_setting_source_line(setting));
	if (node->kind == NODE_STRING)
		node->text = load_format(l, "%s", config_setting_get_string(setting));
	if (node->kind == NODE_NUMBER)
		node->number = config_setting_type(setting) == CONFIG_TYPE_INT
		    ? config_setting_get_int(setting)
		    : config_setting_get_int64(setting);
	if (!config_setting_is_aggregate(setting))
		return;
	node->count = (size_t)config_setting_length(setting);
	node->children = load_alloc(l, l->scratch, node->count, sizeof(*node));
	for (i = 0; i < node->count; i++)
		copy(l, config_setting_get_elem(setting, (unsigned)i), &node->children[i]);
}

struct node *
load_tree(struct loader *l)
{
	struct node *root = load_alloc(l, l->scratch, 1, sizeof(*root));
	config_t *config = load_alloc(l, l->scratch, 1, sizeof(*config));

	config_init(config);
	l->config = config;
	if (!config_read_string(config, l->source.text)) {
		report(l, config);
		return NULL;
	}
	copy(l, config_root_setting(config), root);
	root->where = (struct location){.file = l->policy->file};
	load_tree_done(l);
	return root;
}

void
load_tree_done(struct loader *l)
{
	if (l->config)
		config_destroy(l->config);
	l->config = NULL;
}
