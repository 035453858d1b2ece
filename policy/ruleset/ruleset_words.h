/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset words: how the tables of rules are written.  Only for the files that are such tables.
 */
#ifndef SLUICE_RULESET_WORDS_H
#define SLUICE_RULESET_WORDS_H

#include "ruleset_ir.h"

#define ROWS(rules) rules, sizeof(rules) / sizeof((rules)[0])

/* clang-format off: it takes initializers in macros for blocks */
#define OP(op_kind, ...)                                  \
	{                                                 \
		.kind = RULESET_OP_##op_kind, __VA_ARGS__ \
	}
#define INTERFACE(property, interface) OP(INTERFACE, .properties = {property}, .name = interface)
#define PROTOCOL(number) OP(PROTOCOL, .value = number)
#define STATE(bits) OP(STATE, .value = bits)
#define NO_STATUS(bits) OP(NO_STATUS, .value = bits)
#define FLAGS_DIFFER(flags, from) OP(FLAGS, .mask = flags, .value = from)
#define PAYLOAD OP(PAYLOAD, )
#define MEMBER(set, ...) OP(MEMBER, .name = set, .properties = {__VA_ARGS__})
#define NO_MEMBER(set, ...) OP(NO_MEMBER, .name = set, .properties = {__VA_ARGS__})
#define COUNT(counter) OP(COUNT, .name = counter)
#define LOG(prefix) OP(LOG, .name = prefix)
#define COUNT_CHANNEL OP(COUNT_CHANNEL, )
#define HELPER(object) OP(HELPER, .name = object)
#define MARK4(map)            \
	OP(MARK, .name = map, \
	    .properties = {   \
		RULESET_CT_IP_SADDR, RULESET_CT_IP_DADDR, RULESET_L4PROTO, RULESET_CT_PROTO_DST})
#define MARK6(map)                                                                      \
	OP(MARK, .name = map,                                                           \
	    .properties = {RULESET_CT_IP6_SADDR, RULESET_CT_IP6_DADDR, RULESET_L4PROTO, \
		RULESET_CT_PROTO_DST})
/* The other way round: the connection's server is the client of a channel. */
#define BACK4(map)            \
	OP(MARK, .name = map, \
	    .properties = {   \
		RULESET_CT_IP_DADDR, RULESET_CT_IP_SADDR, RULESET_L4PROTO, RULESET_CT_PROTO_SRC})
#define BACK6(map)                                                                      \
	OP(MARK, .name = map,                                                           \
	    .properties = {RULESET_CT_IP6_DADDR, RULESET_CT_IP6_SADDR, RULESET_L4PROTO, \
		RULESET_CT_PROTO_SRC})
#define NO_SYN FLAGS_DIFFER(TCP_SYN, TCP_SYN)
#define PACKET_MARK(direction) OP(PACKET_MARK, .value = direction)
#define VERDICT(map, ...) OP(VERDICT, .name = map, .properties = {__VA_ARGS__})
#define CHANNEL_VERDICT VERDICT(RULESET_VERDICTS, RULESET_CT_MARK)
#define INSPECTED_VERDICT VERDICT(RULESET_INSPECTED, RULESET_CT_MARK)
#define GOTO(chain) OP(GOTO, .name = chain)
#define ACCEPT OP(ACCEPT, )
#define DROP OP(DROP, )
#define RESET OP(RESET, )
#define QUEUE_CLOSED OP(QUEUE_CLOSED, )
#define QUEUE_OPEN OP(QUEUE_OPEN, )
#define FRAME(type) OP(FRAME, .mark = type)
#define ARP(operation) OP(ARP, .value = operation)
#define GUARD(how) OP(GUARD, .value = how)
#define GUARDED(how) OP(GUARDED, .value = how)
#define NOT_GUARDED(how) OP(NOT_GUARDED, .value = how)

#define DROP_RULES(reason, word)                        \
	{                                               \
		{{COUNT(reason), LOG(word)}}, {{DROP}}, \
	}
/* clang-format on */

#endif
