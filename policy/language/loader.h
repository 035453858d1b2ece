/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loader: what the parts of policy_load() share.
 *
 *	loader.c       memory and messages
 *	load_source.c  files, includes -> one text, with brackets, strings and numbers checked
 *	load_tree.c    text -> tree (libconfig, which no other file knows)
 *	load_fleet.c   the part of one gateway, where the file has several
 *	load_group.c   a group of the tree against a table of keys
 *	load_site.c, load_accepted.c, load_zones.c, load_names.c, load_endpoints.c,
 *	load_conduits.c, load_channels.c, load_rules.c, load_values.c, load_words.c
 *	               tree -> model
 *	check_bridge.c, check_overlap.c, check_warnings.c, check_confused.c, check_elements.c
 *	               what only the whole model can show
 *	load.c         puts them together
 *
 * Errors are collected: a part reports what is wrong and goes on with the rest.  Only memory that
 * is out ends a load at once, by a jump back to load.c, which owns all that must be given back.
 */
#ifndef SLUICE_LOADER_H
#define SLUICE_LOADER_H

#include <setjmp.h>

#include "arena.h"
#include "diagnostics.h"
#include "names.h"
#include "place.h"

enum node_kind {
	NODE_GROUP = 0,
	NODE_LIST, /* ( ) or [ ] */
	NODE_STRING,
	NODE_NUMBER,
	NODE_FRACTION, /* a number with a decimal point: no key wants one */
	NODE_BOOLEAN,
};

/* One setting of a file. */
struct node {
	const char *name; /* "" in a list */
	enum node_kind kind;
	long long number; /* NODE_NUMBER */
	const char *text; /* NODE_STRING */
	struct node *children;
	size_t count; /* of children */
	struct location where;
};

/* The whole text of a policy, included files put in. */
struct source {
	char *text;
	size_t length;
	size_t size;
	size_t read;            /* bytes of files */
	struct location *lines; /* where each line of the text comes from */
	size_t line_count;
	size_t line_size;
};

/* A name that an endpoint may be: a zone, or an asset of a zone. */
struct name_entry {
	const char *name;
	const struct zone *zone;
	const struct asset *asset; /* NULL: the zone itself */
};

/* A network of a zone, for finding the zone of an address. */
struct zone_network {
	struct network network;
	const struct zone *zone;
	struct location where;
};

struct loader {
	jmp_buf out_of_memory;
	const char *gateway_wanted; /* NULL: the file says it, or has none */
	bool files;                 /* may read files: @include is permitted */
	struct policy *policy;
	struct arena *memory;  /* of the policy */
	struct arena *scratch; /* until the load ends */
	struct diagnostics *diagnostics;
	struct source source;
	void *config;             /* libconfig's, while load_tree() runs */
	struct name_entry *names; /* sorted by name */
	size_t name_count;
	struct zone_network *networks; /* of all zones but the gateway, sorted */
	size_t network_count;
	const struct zone *gateway; /* the zone of that class, or NULL */
	struct place at;            /* what is read or checked */
};

/* loader.c: memory or no return; what is wrong. */
void *load_alloc(struct loader *l, struct arena *arena, size_t count, size_t size);
char *load_copy(struct loader *l, const char *text);
char *load_format(struct loader *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void load_error(struct loader *l, struct location where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A warning about l->at. */
void load_warning(struct loader *l, struct location where, enum finding finding, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/* load_source.c: fill l->source. Returns 0, -EINVAL after errors, -errno if the first file can't be
 * read. */
int load_source_file(struct loader *l, const char *file);
int load_source_text(struct loader *l, const char *name, const char *text);

/* load_tree.c: the settings of l->source, NULL after an error. */
struct node *load_tree(struct loader *l);

/* Give libconfig's memory back, also after a jump. */
void load_tree_done(struct loader *l);

/*
 * load_fleet.c: make the policy of one gateway of a tree that has several.  False after an error
 * that leaves nothing worth to be read.
 */
bool load_fleet(struct loader *l, struct node *root);

/* What a key's value must be. */
enum key_type {
	KEY_STRING = 0,
	KEY_NUMBER,
	KEY_PORT,  /* a number or a string */
	KEY_WORDS, /* a list of strings, not empty */
	KEY_GROUP,
	KEY_GROUPS, /* a list of groups, not empty */
	KEY_ANY,
};

/* One key of a group. Keys are read in the order of the table, not in that of the file. */
struct key {
	const char *name;
	enum key_type type;
	const char *required; /* what is expected if it is missing; NULL: it may be */
	void (*read)(struct loader *l, const struct node *value, void *object);
};

/*
 * load_group.c: read a group; `what` names it in messages ("conduit \"supervise\"").  Unknown keys,
 * wrong types and missing keys are reported; read() is called for values of the right type only,
 * where lists of words hold strings and lists of groups hold groups only.
 */
void load_group(struct loader *l, const struct node *group, const char *what,
    const struct key *keys, size_t key_count, void *object);

/* The setting of a name in a group, NULL if there is none. */
struct node *load_find(const struct node *group, const char *name);

/* The number of a word in a list ended by NULL; after an error -1. `what` says what kind of word.
 */
int load_choice(
    struct loader *l, const struct node *node, const char *what, const char *const *words);

/* A number within limits; false after an error. */
bool load_number(
    struct loader *l, const struct node *node, long long min, long long max, long long *ret_number);

/* Free text: UTF-8, no control characters but line feed and tab; false after an error. */
bool load_text(struct loader *l, const struct node *node, char **ret_text);

/* Is the name of a zone, asset, conduit or channel one? Reports if not. */
bool load_name(struct loader *l, struct location where, const char *what, const char *name);

/* "; did you mean \"x\"?" or "; expected " and the alternative. */
const char *load_hint(struct loader *l, const struct nearest *nearest, const char *alternative);

/* "line 5", or "other.conf:5" if that is not the file of `here`. */
const char *load_place(struct loader *l, struct location here, struct location there);

/* The words of a list ended by NULL as "a, b or c". */
const char *load_words(struct loader *l, const char *const *words);

/* The parts of the model. */
void load_site(struct loader *l, const struct node *node);
void load_limits(struct loader *l, const struct node *node);
void load_mark_mask(struct loader *l, const struct node *node);
void load_audit_full(struct loader *l, const struct node *node);
void load_fast_path(struct loader *l, const struct node *node);
void load_accepted(struct loader *l, const struct node *node);
void load_zones(struct loader *l, const struct node *node);
void load_conduits(struct loader *l, const struct node *node);
void load_channels(struct loader *l, const struct node *node, struct conduit *conduit);

/* Without a dissector, as far as rules can be read when nobody knows the protocol. */
void load_rules(
    struct loader *l, const struct node *node, struct channel *channel, const struct dissector *d);

/* load_names.c: index of zones and assets and their networks, once the zones are read. */
void load_names(struct loader *l);

/* The entries with this name: their number, the first in *ret_first. */
size_t load_names_find(
    const struct loader *l, const char *name, const struct name_entry **ret_first);

/* The zone that holds all of a network, NULL if none does. */
const struct zone *load_names_zone(const struct loader *l, const struct network *network);

/* A zone by its name, NULL after an error. */
const struct zone *load_names_want_zone(struct loader *l, const struct node *node);

/* load_endpoints.c: clients or servers (`what`) of a channel; false after an error. */
bool load_endpoints(struct loader *l, const struct node *node, const char *what,
    const struct conduit *conduit, struct endpoint **ret_endpoints, size_t *ret_count,
    const struct zone **ret_zone);

/* Checks of the whole model. */
void check_mark_mask(struct loader *l, const struct node *node); /* in load_site.c; NULL: no key */
void check_bridges(struct loader *l);
void check_overlap(struct loader *l);
void check_warnings(struct loader *l);
void check_confused(struct loader *l);
void check_elements(struct loader *l);

#endif
