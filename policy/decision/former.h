/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Former: the connections of an earlier run whose arena has other limits, or lies in another way.
 *
 * A build describes its own arena; another build reads by that description what it can rely on:
 * which connections there are, and where their messages begin.  Neither believes what it finds.
 */
#ifndef SLUICE_FORMER_H
#define SLUICE_FORMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;

/* What of a flow another build needs to know. The words are in former_words[]. */
enum former_field {
	FORMER_STATE = 0,
	FORMER_TRANSPORT,
	FORMER_FAMILY,
	FORMER_DISSECTOR,
	FORMER_OUTSTANDING,
	FORMER_EXCUSED,
	FORMER_UNPROVEN,
	FORMER_ADRIFT,
	FORMER_GAPPED,
	FORMER_MIDDLE,
	FORMER_BLURRED,
	FORMER_PENDING,
	FORMER_PASSED,
	FORMER_ADDRESSES,  /* of 16 bytes; where there are rows, in the flow's row and of IPv6 */
	FORMER_ADDRESSES4, /* of IPv4, where there are rows */
	FORMER_PORTS,
	FORMER_ID,
	FORMER_LAST,
	FORMER_ISN,
	FORMER_NEXT,    /* of who asks; the streams of both directions lie alike */
	FORMER_MESSAGE, /* the same */
	FORMER_ACKED,   /* the same */
	FORMER_FIN,     /* the same */
	FORMER_FIELDS
};

enum { FORMER_DISSECTORS_MAX = 32, FORMER_NAME_MAX = 24 };

struct former {
	uint64_t layout;      /* engine_layout() */
	uint32_t flow_top_at; /* of the arena's head: how many flows were ever used, 32 bits */
	uint32_t flows_at;
	uint32_t flow_size;
	uint32_t stream_size; /* from one direction to the other */
	uint32_t rows_at;     /* a row for each flow, of what most of them never need */
	uint32_t row_size;    /* 0: there are none */
	uint32_t at[FORMER_FIELDS];
	uint32_t free, open, denied;                             /* values of FORMER_STATE */
	char dissectors[FORMER_DISSECTORS_MAX][FORMER_NAME_MAX]; /* "": no more */
};

extern const char *const former_words[FORMER_FIELDS];

/* Describe an arena of this build. */
void former_describe(const void *arena, struct former *ret_former);

/* Is this block an arena of this build, of whatever limits? */
bool former_is_ours(const void *arena, size_t size);

/*
 * Take over what an earlier run has left into the engine's own arena, which is emptied first; to be
 * followed by engine_recover().  With `former` the block is one of another build, and only
 * connections between two messages come along, with nothing outstanding; NULL: it is one of this
 * build.  What does not come along is as if it had given way.  Returns how many connections that
 * are.
 */
uint32_t former_take_over(struct engine *engine, const void *block, size_t size,
    const struct former *former, uint64_t now_ns);

#endif
