/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event: one flat record of what happened, small enough to be written into a pipe at once.
 *
 * Holds numbers only.  eve.h turns it into JSON outside the inspector, with the policy that it
 * names.
 */
#ifndef SLUICE_EVENT_H
#define SLUICE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "decide.h"

enum event_type {
	EVENT_NONE = 0,
	EVENT_VERDICT, /* a message or a packet was judged */
	EVENT_CUT,     /* a flow was ended by a new policy */
	EVENT_CRASH,   /* the message on which an inspector died */
	EVENT_LOST,    /* `lost` events could not be delivered */
	EVENT_DROP,    /* the kernel dropped `lost` packets of a source for a reason */
	EVENT_STORM,   /* `lost` more denials like this one, which is the last of them */
	EVENT_TYPE_COUNT
};

enum {
	EVENT_SPANS_MAX = 4,
	EVENT_VALUES_MAX = 4,
	EVENT_LABEL_MAX = 64,
	EVENT_WAITING_MAX = 4,
	EVENT_BYTES_MAX = 512, /* more than most messages have, and a few events fit into a pipe */
	EVENT_INTERFACE_MAX = 16
};

struct event_span {
	uint16_t space;
	uint8_t access;
	uint8_t value_count; /* of `values` */
	uint32_t block;
	uint32_t first;
	uint32_t last;
	double values[EVENT_VALUES_MAX];
};

/* A request that waits for its response; the numbers are those of struct message. */
struct event_waiting {
	uint64_t token;
	uint32_t expect; /* folded, see fold_expect() */
};

enum { EVENT_NO_INDEX = 0xffffffff };

/* What a response must agree in, in 32 bits; a number that fits stays what it is. */
static inline uint32_t
fold_expect(uint64_t expect)
{
	return (uint32_t)(expect ^ expect >> 32);
}

struct event {
	uint32_t type;       /* enum event_type */
	uint32_t generation; /* of the policy that judged */
	uint64_t wall_ns;
	uint64_t flow_id;
	uint64_t lost;     /* EVENT_LOST, EVENT_DROP, EVENT_STORM */
	uint64_t total;    /* EVENT_STORM: since the storm began */
	uint64_t first_ns; /* EVENT_STORM: wall clock, of those that `lost` counts */
	uint64_t last_ns;
	struct address source; /* of the packet */
	struct address destination;
	uint16_t source_port;
	uint16_t destination_port;
	uint8_t family;
	uint8_t transport;
	uint8_t direction; /* enum direction */
	uint8_t kind;      /* enum message_kind, MESSAGE_UNKNOWN if no message was found */
	uint32_t channel;  /* index in the policy, or EVENT_NO_INDEX */
	uint32_t rule;     /* index in the channel, or EVENT_NO_INDEX */
	uint32_t function; /* index in the catalogue, or EVENT_NO_INDEX */
	uint16_t function_code;
	uint16_t reason;    /* enum reason */
	uint8_t verdict;    /* enum verdict: what was done with the packet */
	uint8_t would_deny; /* monitor mode let pass what the rules deny */
	uint8_t done;       /* enum on_deny plus one: what became of it; 0: not told */
	uint8_t has_function;
	uint8_t has_unit;
	uint8_t has_exception;
	uint8_t exception;
	uint16_t span_count; /* in the message; the first EVENT_SPANS_MAX are here */
	uint32_t unit_source;
	uint32_t unit; /* EVENT_DROP: the number of the interface; its name is the label */
	uint32_t transaction;
	uint32_t length;  /* of the message */
	uint32_t refused; /* index of the span that was refused, or EVENT_NO_INDEX */
	struct event_span spans[EVENT_SPANS_MAX];
	struct told told;   /* what else the protocol's headers say */
	uint32_t interface; /* index of the one by which the packet came; 0: not known */
	/* its name, looked up by who prints the event; "": not known */
	char interface_name[EVENT_INTERFACE_MAX];
	uint8_t over;          /* EVENT_STORM: it has ended */
	uint8_t waiting_count; /* of the flow; of refused responses, the first that wait are here */
	uint16_t byte_count;   /* of a message that was refused, the first are here */
	struct event_waiting waiting[EVENT_WAITING_MAX];
	uint8_t bytes[EVENT_BYTES_MAX];
	char label[EVENT_LABEL_MAX]; /* what the message names, cut off, "." for what is no ASCII
					text */
};

#endif
