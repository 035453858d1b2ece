/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset objects: one nftables table in memory, between the policy and its two printers.
 *
 * Chains and rules are constant tables (ruleset_rules.c), the same for every policy; sets, maps and
 * counters are made from the policy (ruleset_sets.c).  Only what Sluice needs of nftables is here.
 * Whoever includes this file is a printer or a maker; everyone else takes ruleset.h.
 */
#ifndef SLUICE_RULESET_IR_H
#define SLUICE_RULESET_IR_H

#include <stddef.h>

#include "mark.h"
#include "packet.h"
#include "ruleset_options.h"

/* The comment by which we know our own table again. */
#define RULESET_TABLE "sluice"
#define RULESET_COMMENT "made by sluiced, change its policy instead"

/*
 * A connection tracking helper that does nothing.  The kernel puts no connection that has a helper
 * into a flow table, where no rule would meet its packets any more.
 */
#define RULESET_HELPER "sluice"

/* Names that rules and sets share. */
#define RULESET_VERDICTS "verdicts"
#define RULESET_INSPECTED "inspected"
#define RULESET_ESTABLISHED "established"
#define RULESET_COUNTERS "channel-counters"
#define RULESET_VOUCHED "vouched"
#define RULESET_PACKET_MARKS "packet-marks"
#define RULESET_PACKET_MARKS_BACK "packet-marks-back"

/* Comment of the map of verdicts; the second part only where others have bits of marks. */
#define RULESET_GENERATION_COMMENT "generation %u, policy %s"
#define RULESET_MASK_COMMENT ", mark_mask 0x%08x"
#define RULESET_COMMENT_SCAN "generation %u, policy %*[0-9a-f], mark_mask 0x%x"

/* Types of what keys are made of; one row each in the printers' tables. */
enum ruleset_type {
	RULESET_TYPE_NONE = 0,
	RULESET_TYPE_IFNAME,   /* 16 bytes, padded with zeros */
	RULESET_TYPE_IPV4,     /* network order */
	RULESET_TYPE_IPV6,     /* network order */
	RULESET_TYPE_PROTOCOL, /* 1 byte */
	RULESET_TYPE_PORT,     /* network order; ICMP echo: type and code */
	RULESET_TYPE_MARK,     /* host order */
	RULESET_TYPE_ICMP,     /* 1 byte: ICMP type */
	RULESET_TYPE_ICMPV6,
	RULESET_TYPE_DIRECTION, /* 1 byte: 0 original, 1 reply */
	RULESET_TYPE_COUNT
};

enum { RULESET_FIELDS_MAX = 4, RULESET_KEY_MAX = 40, RULESET_IFNAME_SIZE = 16 };

enum ruleset_data {
	RULESET_DATA_NONE = 0, /* a set */
	RULESET_DATA_MARK,     /* maps to a connection mark */
	RULESET_DATA_VERDICT,  /* maps to `goto NAME` */
	RULESET_DATA_JUMP,     /* maps to `jump NAME` */
	RULESET_DATA_COUNTER,  /* maps to a named counter */
};

/* Fields of a key stand one behind the other, each padded with zeros to a multiple of 4 bytes. */
struct ruleset_element {
	uint8_t first[RULESET_KEY_MAX];
	uint8_t last[RULESET_KEY_MAX]; /* differs from first in sets of intervals only */
	uint32_t mark;                 /* RULESET_DATA_MARK, and what RULESET_DATA_JUMP comes to */
	const char *name;              /* of a chain or counter */
	uint32_t seconds;              /* in a timed set: then it is gone */
};

enum { RULESET_ELEMENTS_MAX = 1 << 20 }; /* of one set */

struct ruleset_set {
	const char *name;
	const char *comment; /* or NULL */
	enum ruleset_type fields[RULESET_FIELDS_MAX];
	size_t field_count;
	enum ruleset_data data;
	bool interval;
	bool timed;                       /* elements go by themselves */
	struct ruleset_element *elements; /* sorted, none twice, intervals disjoint */
	size_t element_count;
};

/* Properties of packets and connections that rules look at. */
enum ruleset_property {
	RULESET_PROPERTY_NONE = 0,
	RULESET_IIFNAME,
	RULESET_OIFNAME,
	RULESET_IP_SADDR,
	RULESET_IP_DADDR,
	RULESET_IP6_SADDR,
	RULESET_IP6_DADDR,
	RULESET_ARP_SADDR, /* the addresses that an ARP frame speaks of */
	RULESET_ARP_DADDR,
	RULESET_ICMP_TYPE,
	RULESET_ICMPV6_TYPE,
	RULESET_L4PROTO,
	RULESET_CT_IP_SADDR, /* of the connection's original direction */
	RULESET_CT_IP_DADDR,
	RULESET_CT_IP6_SADDR,
	RULESET_CT_IP6_DADDR,
	RULESET_CT_PROTO_SRC,
	RULESET_CT_PROTO_DST,
	RULESET_CT_MARK,
	RULESET_CT_DIRECTION,
	RULESET_MARK, /* of the packet */
	RULESET_PROPERTY_COUNT
};

/* Bits of a connection's state, numbered as the kernel does (nf_conntrack_common.h). */
enum ruleset_state {
	RULESET_STATE_INVALID = 0x01,
	RULESET_STATE_ESTABLISHED = 0x02,
	RULESET_STATE_RELATED = 0x04,
	RULESET_STATE_NEW = 0x08,
	RULESET_STATE_UNTRACKED = 0x40,
};

/* Bits of its status, likewise. */
enum ruleset_status { RULESET_STATUS_SNAT = 0x10, RULESET_STATUS_DNAT = 0x20 };

enum ruleset_op_kind {
	RULESET_OP_END = 0,
	/* conditions: the rule ends where one does not hold */
	RULESET_OP_INTERFACE, /* properties[0] is the interface `name` */
	RULESET_OP_PROTOCOL,  /* the transport protocol is `value` */
	RULESET_OP_STATE,     /* the connection's state is one of the bits in `value` */
	RULESET_OP_NO_STATUS, /* the connection's status is none of the bits in `value` */
	RULESET_OP_FLAGS,     /* TCP flags under `mask` differ from `value` */
	RULESET_OP_PAYLOAD,   /* at least one byte stands behind the TCP header */
	RULESET_OP_MEMBER,    /* the properties are in set `name` */
	RULESET_OP_NO_MEMBER, /* they are not */
	RULESET_OP_FRAME,     /* the frame, without a tag, is of the type `mark` */
	RULESET_OP_ARP,       /* ARP for IPv4 over Ethernet, with the operation `value` */
	RULESET_OP_GUARDED,   /* the packet's mark says enum ruleset_guard `value` */
	RULESET_OP_NOT_GUARDED,
	/* statements */
	RULESET_OP_COUNT,         /* counter `name` */
	RULESET_OP_LOG,           /* tell the listener, with prefix `name`; not more often than is
				     sensible; nothing where the options have no log group */
	RULESET_OP_COUNT_CHANNEL, /* counter of the connection's mark; a condition too: the mark has
				     one */
	RULESET_OP_HELPER, /* object `name` of ruleset_helpers[] for a connection that is new and
			      has its protocol; nothing where the options have no helper */
	RULESET_OP_MARK,   /* connection mark = map `name` of the properties, if they are in it */
	RULESET_OP_PACKET_MARK, /* in connection direction `value`: packet mark = connection mark,
				   for replies with the direction turned round; a condition too */
	RULESET_OP_SET_MARK,    /* connection mark = `mark`, in the bits of the mask */
	RULESET_OP_SET_PACKET_MARK, /* the same of the packet mark */
	RULESET_OP_GUARD,           /* enum ruleset_guard `value` into the packet's mark */
	RULESET_OP_VERDICT, /* verdict that map `name` has for the properties, if they are in it */
	RULESET_OP_GOTO,    /* chain `name` */
	RULESET_OP_ACCEPT,
	RULESET_OP_DROP,
	RULESET_OP_RESET,        /* answer with a TCP reset, drop the packet */
	RULESET_OP_QUEUE_CLOSED, /* to the inspectors; without them: drop */
	RULESET_OP_QUEUE_OPEN,   /* to the inspectors; without them: accept */
	RULESET_OP_COUNT_OF_KINDS
};

/*
 * What the two tables tell each other of a bridged frame, by the packet's mark; no such mark is one
 * of a channel's, whatever the policy.
 */
enum ruleset_guard {
	RULESET_GUARD_PORTS = 0, /* by the table of the bridge: addresses and ports are right */
	RULESET_GUARD_SEEN,      /* by the table of packets, which has let it pass then */
};

struct ruleset_op {
	enum ruleset_op_kind kind;
	enum ruleset_property properties[RULESET_FIELDS_MAX]; /* ended by RULESET_PROPERTY_NONE */
	const char *name;
	uint8_t value;
	uint8_t mask;
	uint32_t mark;
};

enum {
	RULESET_OPS_MAX = 4,
	RULESET_LOG_RATE = 1000, /* packets of a reason that are told in a second, and at once */
	RULESET_LOG_BYTES = 128, /* of each: enough for the headers */
};

/* Ended by RULESET_OP_END or by its size. */
struct ruleset_rule {
	struct ruleset_op ops[RULESET_OPS_MAX];
};

enum ruleset_hook {
	RULESET_HOOK_NONE = 0,
	RULESET_HOOK_INPUT,
	RULESET_HOOK_FORWARD,
	RULESET_HOOK_OUTPUT
};

/* When a chain is part of the table. */
enum ruleset_need {
	RULESET_NEED_ALWAYS = 0,
	RULESET_NEED_GATEWAY = 0x1, /* a zone of class gateway */
	RULESET_NEED_CLOSED = 0x2,  /* an inspected channel, when_down = "closed" */
	RULESET_NEED_OPEN = 0x4,    /* an inspected channel, when_down = "open" */
	RULESET_NEED_BRIDGE = 0x8,  /* a zone whose interfaces are ports of a bridge */
};

struct ruleset_chain {
	const char *name;
	enum ruleset_hook hook; /* base chains: type filter, policy drop */
	int priority;           /* of a base chain */
	unsigned need;          /* all these bits of enum ruleset_need */
	const struct ruleset_rule *rules;
	size_t rule_count;
};

/* What every ruleset of a family has, as far as it needs it; see ruleset_chains_next(). */
struct ruleset_chains {
	const struct ruleset_chain *rows;
	size_t count;
};

extern const struct ruleset_chains ruleset_inet_chains;
extern const struct ruleset_chains ruleset_bridge_chains;

enum ruleset_family { RULESET_INET = 0, RULESET_BRIDGE, RULESET_FAMILIES };

enum { RULESET_SETS_MAX = 24 };

struct ruleset {
	enum ruleset_family family;
	const struct ruleset_chains *chains;
	struct ruleset *bridge; /* of RULESET_INET: the table of the bridges; NULL: none */
	struct ruleset_options options;
	unsigned need; /* chains in the table are those that need nothing else */
	uint32_t mark_mask;
	struct ruleset_setters *setters; /* more chains, if the mask is not all bits; or NULL */
	char *title;                     /* file and hash of the policy, for people */
	char *generation_comment;
	char **counters; /* names */
	size_t counter_count;
	struct ruleset_set sets[RULESET_SETS_MAX];
	size_t set_count;
};

/* The objects by which rules assign RULESET_HELPER, one for each transport protocol. */
struct ruleset_helper {
	const char *name;
	uint8_t protocol;
};

enum { RULESET_HELPER_COUNT = 2 };

extern const struct ruleset_helper ruleset_helpers[RULESET_HELPER_COUNT];

/* Is the statement part of the rule, with the options of this ruleset? */
bool ruleset_has_op(const struct ruleset *ruleset, const struct ruleset_op *op);

/* Is the rule?  Not if it looks into a set that is not. */
bool ruleset_has_rule(const struct ruleset *ruleset, const struct ruleset_rule *rule);

/* Reasons for which the kernel drops by itself; each has a counter "reason/word". */
#define RULESET_REASON_INVALID "reason/invalid"
#define RULESET_REASON_WRONG_ZONE "reason/wrong-zone"
#define RULESET_REASON_NO_CHANNEL "reason/no-channel"
#define RULESET_REASON_BARRED "reason/peer-barred"
#define RULESET_REASON_UNGUARDED "reason/unguarded"
#define RULESET_REASON_WRONG_PORT "reason/wrong-port"
#define RULESET_REASON_OTHER_PORT "reason/other-port"
#define RULESET_REASON_FRAME "reason/frame"
#define RULESET_REASON_CUT "reason/flow-cut"
#define RULESET_REASON_MIDDLE "reason/stream-middle"

/* Do others have bits of marks, too? */
static inline bool
ruleset_shares_marks(const struct ruleset *ruleset)
{
	return ruleset->mark_mask != MARK_MASK_ALL;
}

/* The mark by which the tables tell each other of a frame. */
static inline uint32_t
ruleset_guard_mark(const struct ruleset *ruleset, enum ruleset_guard guard)
{
	return mark_make(ruleset->mark_mask, &(struct mark){.back = guard == RULESET_GUARD_SEEN});
}

/* "inet", "bridge" */
const char *ruleset_family_word(enum ruleset_family family);

/* Bytes of a type in a key, without and with padding. */
size_t ruleset_type_size(enum ruleset_type type);
size_t ruleset_type_room(enum ruleset_type type);

/* How many elements the kernel is to make room for: those of the policy, at least one, or
 * in a timed set all that there can be. */
static inline size_t
ruleset_set_size(const struct ruleset_set *set)
{
	if (set->timed)
		return RULESET_BARRED_MAX;
	return set->element_count > 0 ? set->element_count : 1;
}

/* First queue of the inspectors of closed or open conduits. */
uint16_t ruleset_queue_first(const struct ruleset *ruleset, enum ruleset_op_kind kind);

#endif
