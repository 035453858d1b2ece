/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset objects: what follows from them alone.
 */
#include <string.h>

#include "ruleset_ir.h"

static const size_t type_sizes[RULESET_TYPE_COUNT] = {
    [RULESET_TYPE_IFNAME] = RULESET_IFNAME_SIZE,
    [RULESET_TYPE_IPV4] = 4,
    [RULESET_TYPE_IPV6] = 16,
    [RULESET_TYPE_PROTOCOL] = 1,
    [RULESET_TYPE_PORT] = 2,
    [RULESET_TYPE_MARK] = 4,
    [RULESET_TYPE_ICMP] = 1,
    [RULESET_TYPE_ICMPV6] = 1,
    [RULESET_TYPE_DIRECTION] = 1,
};

size_t
ruleset_type_size(enum ruleset_type type)
{
	return type_sizes[type];
}

size_t
ruleset_type_room(enum ruleset_type type)
{
	return (type_sizes[type] + 3) / 4 * 4;
}

uint16_t
ruleset_queue_first(const struct ruleset *ruleset, enum ruleset_op_kind kind)
{
	const struct ruleset_options *options = &ruleset->options;

	return (uint16_t)(options->queue_base +
	    (kind == RULESET_OP_QUEUE_OPEN ? options->queue_count : 0));
}

const char *
ruleset_family_word(enum ruleset_family family)
{
	return family == RULESET_BRIDGE ? "bridge" : "inet";
}

bool
ruleset_has_op(const struct ruleset *ruleset, const struct ruleset_op *op)
{
	switch (op->kind) {
	case RULESET_OP_LOG:
		return ruleset->options.log_group != 0;
	case RULESET_OP_HELPER:
		return ruleset->options.helper;
	default:
		return true;
	}
}

bool
ruleset_has_rule(const struct ruleset *ruleset, const struct ruleset_rule *rule)
{
	for (size_t i = 0; i < RULESET_OPS_MAX; i++)
		if (rule->ops[i].kind == RULESET_OP_MEMBER &&
		    strcmp(rule->ops[i].name, RULESET_VOUCHED) == 0)
			return ruleset->options.vouched;
	return true;
}
