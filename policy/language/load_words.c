/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: values that are words, like "latch-on", and limits of numbers beside the value, like
 * "count:1".
 *
 * Both mean something for the points that they belong to alone.  Where a rule has other points, or
 * its functions write others, they mean nothing or something else, and its author hears of it.
 */
#include <string.h>

#include "rule_reader.h"

/* Points of a kind that a word or part belongs to. */
struct kind {
	uint16_t space;
	uint32_t block_first;
	uint32_t block_last;
};

const struct value_word *
load_find_word(const struct dissector *d, const char *text)
{
	for (uint32_t i = 0; i < d->value_word_count; i++)
		if (strcmp(d->value_words[i].name, text) == 0)
			return &d->value_words[i];
	return NULL;
}

const struct part *
load_find_part(const struct dissector *d, const char *text, const char **ret_rest)
{
	for (uint32_t i = 0; i < d->part_count; i++) {
		size_t length = strlen(d->parts[i].name);

		if (strncmp(d->parts[i].name, text, length) != 0 || text[length] != ':')
			continue;
		*ret_rest = &text[length + 1];
		return &d->parts[i];
	}
	return NULL;
}

static bool
is_of(const struct kind *kind, uint16_t space, uint32_t block_first, uint32_t block_last)
{
	return kind->space == space && kind->block_first <= block_last &&
	    block_first <= kind->block_last;
}

bool
load_writes_touch(const struct rule *rule, const struct dissector *d, const struct touchable *touch)
{
	bool writes = touch->access == ACCESS_WRITE || touch->access == ACCESS_CONTROL ||
	    touch->access == ACCESS_FILE;

	for (uint32_t i = 0; writes && i < d->function_count; i++)
		if (d->functions[i].code == touch->code && d->functions[i].sub == touch->sub &&
		    rule->functions[i / 64] >> (i % 64) & 1)
			return true;
	return false;
}

/* Which of the rule's points, or of what its functions write where it has none, are of the kind? */
struct found {
	bool any;
	bool other;
	struct point_range first_other; /* of points that the rule has */
};

static struct found
look_for(const struct rule_reader *reader, const struct kind *kind)
{
	const struct rule *rule = reader->rule;
	const struct dissector *d = reader->dissector;
	struct found found = {0};

	for (size_t i = 0; i < rule->point_count; i++) {
		const struct point_range *p = &rule->points[i];

		if (is_of(kind, p->space, p->block_first, p->block_last)) {
			found.any = true;
		} else {
			found.other = true;
			found.first_other = *p;
		}
	}
	for (uint32_t i = 0; !reader->points_where.file && i < d->touch_count; i++) {
		const struct touchable *t = &d->touches[i];

		if (!load_writes_touch(rule, d, t))
			continue;
		if (is_of(kind, t->space, t->block_first, t->block_last))
			found.any = true;
		else
			found.other = true;
	}
	return found;
}

/* Points of the kind, as a policy names them. */
static const char *
points_of(struct loader *l, const struct dissector *d, const struct kind *kind)
{
	struct point_range meant = {.space = kind->space,
	    .block_first = kind->block_first,
	    .block_last = kind->block_last,
	    .last = d->spaces[kind->space].index_max};
	char text[128];

	dissector_print_points(d, &meant, text, sizeof(text));
	return load_format(l, "%s", text);
}

static void
refuse_kind(struct loader *l, const struct rule_reader *reader, const struct node *node,
    const struct kind *kind, const char *instead)
{
	const char *points = points_of(l, reader->dissector, kind);

	if (reader->points_where.file)
		load_error(l, node->where,
		    "values \"%.80s\" mean nothing for the points of the rule; expected points "
		    "like \"%s\"%s",
		    node->text, points, instead);
	else
		load_error(l, node->where,
		    "values \"%.80s\" mean nothing for what the functions of the rule write; "
		    "expected functions that write points like \"%s\"%s",
		    node->text, points, instead);
}

/* A word is a number: for points of another kind it is none, or means something else. */
static void
check_word(struct loader *l, const struct rule_reader *reader, const struct node *node,
    const struct value_word *word)
{
	struct kind kind = {word->space, word->block_first, word->block_last};
	struct found found = look_for(reader, &kind);
	char text[128];

	if (!found.any && found.other) {
		refuse_kind(l, reader, node, &kind, ", or numbers");
	} else if (found.other && reader->points_where.file) {
		dissector_print_points(reader->dissector, &found.first_other, text, sizeof(text));
		load_warning(l, node->where, FINDING_WORD_AMBIGUOUS,
		    "values \"%.80s\" are the number %u where \"%s\" is written; expected a rule "
		    "of their own for these points",
		    node->text, word->value, text);
	} else if (found.other) {
		load_warning(l, node->where, FINDING_WORD_AMBIGUOUS,
		    "values \"%.80s\" are the number %u for all else that the functions of the "
		    "rule write; expected \"points\" like \"%s\"",
		    node->text, word->value, points_of(l, reader->dissector, &kind));
	}
}

static void
check_part(struct loader *l, const struct rule_reader *reader, const struct node *node,
    const struct part *part)
{
	struct kind kind = {part->space, part->block_first, part->block_last};
	struct found found = look_for(reader, &kind);

	if (!found.any && found.other)
		refuse_kind(l, reader, node, &kind, "");
}

static bool
has_part(const struct rule *rule, const struct dissector *d, const struct point_range *points)
{
	for (size_t i = 0; i < rule->limit_count; i++) {
		const struct part *part = &d->parts[rule->limits[i].part];
		struct kind kind = {part->space, part->block_first, part->block_last};

		if (is_of(&kind, points->space, points->block_first, points->block_last))
			return true;
	}
	return false;
}

/* Limits of numbers beside the value alone: whatever has no such number is written without any. */
static void
check_parts_alone(struct loader *l, const struct rule_reader *reader)
{
	const struct rule *rule = reader->rule;
	const struct dissector *d = reader->dissector;
	const char *meant = "whatever has no such number is";
	size_t i = 0;
	char text[128];

	while (i < rule->point_count && has_part(rule, d, &rule->points[i]))
		i++;
	if (rule->point_count > 0 && i == rule->point_count)
		return;
	if (rule->point_count > 0) {
		dissector_print_points(d, &rule->points[i], text, sizeof(text));
		meant = load_format(l, "points \"%s\" are", text);
	}
	load_warning(l, reader->values_where, FINDING_PART_ALONE,
	    "\"values\" limit \"%s:\" alone, and %s written without a limit",
	    d->parts[rule->limits[0].part].name, meant);
}

void
load_words_finish(struct loader *l, const struct rule_reader *reader)
{
	size_t errors = l->diagnostics->error_count;

	for (size_t i = 0; reader->values && i < reader->values->count; i++) {
		const struct node *node = &reader->values->children[i];
		const struct value_word *word = load_find_word(reader->dissector, node->text);
		const char *rest;
		const struct part *part = load_find_part(reader->dissector, node->text, &rest);

		/* with a type, which knows no parts, it is another error */
		if (part && !reader->type)
			check_part(l, reader, node, part);
		else if (word)
			check_word(l, reader, node, word);
	}
	if (l->diagnostics->error_count == errors && !reader->type &&
	    reader->rule->value_count == 0 && reader->rule->limit_count > 0)
		check_parts_alone(l, reader);
}
