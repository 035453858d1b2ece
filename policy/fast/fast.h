/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fast: what the recogniser in the kernel and those outside of it share.
 *
 * Plain memory, the same for BPF and for C: arrays that are mapped, found by index, without
 * pointers.  The recogniser (fast_recognise.h) may vouch for packets of a connection as long as its
 * entry is FAST_KERNEL; the engine that judges the connection gives it away, and takes it back
 * before it judges another packet of it.  So there is one owner of what is known of a connection at
 * any time, and whatever waits in a queue meanwhile is judged later, against what has passed.
 *
 * Knows Modbus/TCP alone.  Includes nothing but numbers: BPF has no library.
 */
#ifndef SLUICE_FAST_H
#define SLUICE_FAST_H

#include <stdint.h>

enum {
	FAST_WAYS = 4,        /* entries in which a connection may be found */
	FAST_FUNCTIONS = 32,  /* codes from 0 on that are known at all */
	FAST_MESSAGE_MIN = 8, /* header, function; as of MODBUS on TCP/IP, 3.1.3 */
	FAST_MESSAGE_MAX = 260,
	FAST_WORDS = 33,         /* of 64 bits that hold a message and a few zeros */
	FAST_ROWS_MAX = 32,      /* of a channel */
	FAST_RANGES_MAX = 4,     /* of values, of a row */
	FAST_REGISTERS_MAX = 16, /* that a write may have if their values are limited */
	FAST_HEAD = 12,          /* bytes of a request from which its points can be told */
};

/* Whose a connection is.  Zero is nobody's; only FAST_KERNEL can be vouched for. */
enum fast_owner {
	FAST_NOBODY = 0,
	FAST_ENGINE,
	FAST_KERNEL,
	FAST_BUSY, /* the recogniser's, which is at work on it at this moment */
};

/* Both ends by enum direction: client, server.  Compared as numbers: all of it counts. */
struct fast_key {
	uint64_t address[2][2]; /* as in packets; IPv4: 4 bytes and zeros */
	uint16_t port[2];
	uint16_t family; /* 4 or 6 */
	uint16_t zero;
};

/*
 * One connection.  `next` and what follows is written by the owner alone.  Nothing is on its way
 * but what `kept` holds: the last request if `waiting`, else the last answer (of this time in the
 * kernel; if there was none, the engine has it).
 */
struct fast_flow {
	uint32_t owner; /* enum fast_owner; changed by atomic exchange */
	uint32_t generation;
	struct fast_key key;
	uint32_t channel;
	uint32_t interface[2]; /* by which packets of client and server come in */
	uint32_t next[2];      /* sequence numbers of the next bytes */
	uint32_t waiting;      /* one request waits for its answer */
	uint32_t packets;      /* vouched for since the engine gave it away, and so are these */
	uint32_t requests;
	uint64_t bytes;
	uint64_t asked_ns; /* when the last request came; monotonic */
	uint64_t last_ns;  /* and the last packet */
	uint32_t ended;    /* enum fast_check that gave it back; 0: it was taken */
	uint32_t asked_length;
	uint32_t kept_length;
	uint16_t first; /* of the last request: its first point, and how many */
	uint16_t quantity;
	uint32_t flow;     /* number of the flow in its engine's table */
	uint32_t desk;     /* and which engine's, of those that share this memory */
	uint8_t asked[16]; /* the beginning of the last request */
	uint64_t kept[FAST_WORDS];
};

struct fast_range {
	uint16_t first;
	uint16_t last;
};

enum fast_row_kind {
	FAST_ROW_OTHER = 0, /* permits nothing here, but the engine may find that it does */
	FAST_ROW_PLAIN,
	FAST_ROW_RATED,
};

/* One way in which requests are permitted: all of these together. */
struct fast_row {
	uint64_t interval_ns; /* FAST_ROW_RATED, as in decide.c */
	uint64_t burst_ns;
	uint32_t functions; /* bit i: code i */
	uint32_t kind;      /* enum fast_row_kind */
	uint32_t rate;      /* its slot */
	uint32_t limited;   /* what is written must be within one of the ranges */
	uint16_t unit_first;
	uint16_t unit_last;
	struct fast_range points;
	struct fast_range ranges[FAST_RANGES_MAX]; /* 1 to 0 where there is none */
};

/* A channel by its index in the policy; without rows nothing of it is vouched for. */
struct fast_channel {
	uint32_t row_first;
	uint32_t row_count;
	uint32_t mark[2]; /* of what is vouched for, by direction */
};

struct fast_config {
	uint64_t seed;
	uint64_t
	    until_ns; /* nothing is vouched for from then on, unless somebody says so; monotonic */
	uint32_t generation; /* 0: nothing is vouched for */
	uint32_t mark_mask;  /* bits that no packet brings along */
	uint32_t flow_mask;  /* entries less one; a power of two less one */
	uint32_t channel_count;
	uint32_t row_count;
	uint32_t rate_count;
	uint16_t quantity_max[FAST_FUNCTIONS]; /* by function code, of the dissector's table */
};

/*
 * What must hold for a packet to be vouched for, in a word each: what ended the time of a
 * connection in the kernel is told by it, and the tests leave out one after the other.
 */
#define FAST_CHECKS(X)                                                                           \
	X(LINK, "link")     /* IPv4 or IPv6 in Ethernet, for this machine, in one piece */       \
	X(HEADER, "header") /* the form of the IP header */                                      \
	X(FRAGMENT, "fragment")                                                                  \
	X(HOPS, "hops") /* it would end here */                                                  \
	X(HEADER_SUM, "header-sum")                                                              \
	X(TRANSPORT, "transport") /* TCP */                                                      \
	X(PRIVATE, "private")     /* nobody else can change it any more */                       \
	X(SUM_PLACE, "sum-place") /* a sum that is filled in later goes where it belongs */      \
	X(SUM, "sum")                                                                            \
	X(GENERATION, "generation")                                                              \
	X(INTERFACE, "interface")                                                                \
	X(FLAGS, "flags")                                                                        \
	X(TURN, "turn")                 /* client and server take turns */                       \
	X(ORDER, "order")               /* the next byte of its sender */                        \
	X(ACKNOWLEDGED, "acknowledged") /* who sends has all that was sent to it */              \
	X(PROTOCOL_ID, "protocol-id")                                                            \
	X(WHOLE, "whole") /* one message, the whole of it */                                     \
	X(FORM, "form")   /* as many bytes as the function has */                                \
	X(BYTE_COUNT, "byte-count")                                                              \
	X(QUANTITY, "quantity")                                                                  \
	X(PADDING, "padding") /* bits behind the last one */                                     \
	X(COIL, "coil")       /* neither on nor off */                                           \
	X(BROADCAST, "broadcast")                                                                \
	X(RULE_FUNCTION, "rule-function")                                                        \
	X(RULE_UNIT, "rule-unit")                                                                \
	X(RULE_FIRST, "rule-first") /* the first point */                                        \
	X(RULE_LAST, "rule-last")   /* and the last, which is within the last address, too */    \
	X(RULE_VALUES, "rule-values")                                                            \
	X(RULE_RATE, "rule-rate")                                                                \
	X(RULE_SHARED, "rule-shared") /* a rule without a rate may permit it, or a part of it */ \
	X(TRANSACTION, "transaction")                                                            \
	X(UNIT, "unit")                                                                          \
	X(FUNCTION, "function")                                                                  \
	X(ANSWER_FORM, "answer-form")                                                            \
	X(ANSWER_COUNT, "answer-count")                                                          \
	X(ANSWER_FIRST, "answer-first")                                                          \
	X(ANSWER_COIL, "answer-coil")                                                            \
	X(ANSWER_QUANTITY, "answer-quantity")

enum fast_check {
	FAST_GOOD = 0,
#define X(name, word) FAST_CHECK_##name,
	FAST_CHECKS(X)
#undef X
	    FAST_CHECK_COUNT
};

/*
 * The first entry of those in which a connection may be; the same both ways.  `seed` is what a
 * stranger can't know who would like all connections in one place; who finds none goes the slow
 * way.
 */
static inline uint32_t
fast_mix(uint64_t seed, uint64_t a, uint64_t b, uint32_t port)
{
	uint64_t h = (seed ^ a) * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 29 ^ b) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 32 ^ port ^ seed >> 17) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(h >> 32);
}

static inline uint32_t
fast_place(const struct fast_config *config, const struct fast_key *key)
{
	uint32_t a = fast_mix(config->seed, key->address[0][0], key->address[0][1], key->port[0]);
	uint32_t b = fast_mix(config->seed, key->address[1][0], key->address[1][1], key->port[1]);

	return (a + b) * FAST_WAYS & config->flow_mask;
}

#endif
