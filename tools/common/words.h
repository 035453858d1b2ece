/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words: parts of a policy and of a message in the words that people and policy files use.
 *
 * Everything returned is newly allocated; memory that is out ends the program.
 */
#ifndef SLUICE_WORDS_H
#define SLUICE_WORDS_H

#include "model.h"

/* The parts that a rule limits, in the order in which a policy writes them. */
enum rule_part {
	RULE_FUNCTIONS = 0,
	RULE_UNITS,
	RULE_POINTS,
	RULE_VALUES,
	RULE_RATE,
	RULE_PART_COUNT
};

/* "functions", "units", "points", "values", "rate". */
const char *words_rule_part_name(enum rule_part part);

/* What a rule says there: "holding:40-42, coil:1"; NULL if it does not limit this part. */
char *words_rule_part(const struct channel *channel, const struct rule *rule, enum rule_part part);

/* A rule as one sentence: "read, write-single-register; units 1; points holding:40-42". */
char *words_rule(const struct channel *channel, const struct rule *rule);

/* "10 per minute", "3 in 5 seconds". */
char *words_rate(const struct rate *rate);

/* Points of a message as a policy writes them: "holding:40-42". */
char *words_span(const struct dissector *dissector, const struct span *span);

/* A unit of a message as a policy writes it: "1", "1>10". */
char *words_unit(const struct dissector *dissector, const struct message *message);

/* "hmi, historian": the client or server side of a channel as written. */
char *words_endpoints(const struct endpoint *endpoints, size_t count);

/* "modbus tcp/502", "udp/123", "tcp/5000-5010", "icmp-echo". */
char *words_protocol(const struct channel *channel);

/* "conduit/channel". */
char *words_channel(const struct channel *channel);

/* "A denied message is ...", "While the inspector is away ...". */
const char *words_on_deny(const struct conduit *conduit);
const char *words_when_down(const struct conduit *conduit);

/* "1 zone", "2 zones"; lives until the fourth next call. */
const char *words_count(size_t count, const char *word);

/* printf into new memory. */
char *words_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
