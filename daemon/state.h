/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State: all that the running daemon has and knows.
 *
 * Data alone: the ground on which the supervisor's parts stand (table.h, status.h, ...), each of
 * which takes what it needs of it.  The supervisor puts them together, and none of them calls it.
 */
#ifndef SLUICE_STATE_H
#define SLUICE_STATE_H

#include "control.h"
#include "estate.h"
#include "isolated.h"
#include "links.h"
#include "listener.h"
#include "member.h"
#include "nft_watch.h"
#include "pending.h"
#include "refusal.h"

/* What becomes of a start beside flow tables of others. */
enum flow_tables {
	FLOW_TABLES_KEEP_OUT = 0, /* it is refused where connections can't be kept out of them */
	FLOW_TABLES_REFUSE,
	FLOW_TABLES_ALLOW,
};

struct supervisor_settings {
	const char *policy; /* file */
	struct events_settings events;
	const char *control;    /* socket; NULL: none */
	const char *user;       /* name of the inspectors' user */
	const char *state;      /* directory of the last good policy */
	char *const *arguments; /* of the command line, ended by NULL */
	bool open_on_failure;   /* a start that fails leaves no table that drops everything */
	bool flush;             /* remove the table at the end */
	enum flow_tables flow_tables;
	char program[4096];        /* file of this program; filled in by supervisor_run() */
	struct crew_settings crew; /* user, group and root are filled in by supervisor_run() */
};

/* What others do to the table; see table.h. */
struct table_guard {
	struct nft_watch *watch;
	uint64_t changes;      /* by others */
	uint64_t not_before_s; /* monotonic: the next repair */
	bool damaged;          /* and to be put right */
	bool foreign;          /* a table of the same name is there that is not ours */
	bool tracking_full;    /* connection tracking has nearly as many connections as it may */
	uint64_t bars_refused; /* of crew.barred, as far as told */
	char who[64];          /* did it; "" if nobody knows, or if it was told */
	char flow_table[NFT_FLOW_TABLE_MAX]; /* of somebody else; "": there is none */
};

/* What goes from run to run; see handover.h. */
struct handover {
	struct estate estate;  /* of the run before */
	struct loaded *before; /* its policy, with what was used up of the rates; NULL: not known */
	struct former build;   /* how its arenas lie; layout 0: as ours do */
	const char *refused;   /* why it is not used, static; NULL: it is, or there is none */
	int fast_flows;        /* what it has shared with the kernel; -1: nothing */
	bool taken;            /* the crew is that of the run before */
	unsigned serial;       /* of the policy in force, over all runs */
	int record;            /* what is said of it; -1: not yet */
	int reply;             /* who has asked for a restart; -1: nobody */
};

/* The recogniser in the kernel; see fast_path.h. */
struct fast_hold {
	struct fast_loader *loader; /* NULL: there is none */
	const char *why;            /* then, static */
	uint64_t seed;
	uint32_t flow_mask;
	bool serving;      /* it vouches by the policy in force */
	bool unrecorded;   /* it does not, for nothing can be recorded */
	unsigned attached; /* interfaces */
};

enum { FAILURE_LINES_MAX = 20 };

/* A policy file that could not be put in force. */
struct failure {
	const char *why; /* in words, static; NULL: there was none since the last that could */
	uint64_t at_ns;  /* wall clock */
	char *lines[FAILURE_LINES_MAX]; /* "file:line: error: message" */
	size_t line_count;
	size_t more; /* that found no place */
};

/* Policies that were put in force by an order; see change/change.h. */
struct change {
	bool applied;            /* what is in force came so, not from the file */
	bool went_back;          /* at the start: what waited before is over */
	struct pending pending;  /* number 0: nothing waits for its confirmation */
	struct loaded *before;   /* what was in force before that; NULL after a restart */
	struct traffic *base;    /* of the channels, when the policy in force came; see watch.h */
	char base_hash[65];      /* of that policy */
	struct guard *guard;     /* over the change that waits; NULL: there is none */
	uint64_t guard_count_ns; /* monotonic: what was before that does not count */
	uint64_t guard_from_ns;  /* monotonic: it does not judge before */
	uint64_t not_before_ns;  /* monotonic: to go back is not tried again until then */
};

struct supervisor {
	struct supervisor_settings settings;
	struct loaded *loaded;
	bool fallback; /* `loaded` is the last good policy, for the file could not be loaded */
	struct failure failure;
	struct isolated isolated;
	struct change change;
	int kept_error;       /* errno of keeping the policy for the next start, or 0 */
	uint64_t compared_ns; /* monotonic: when the file was last compared; 0: not yet */
	bool differs;         /* then, from what is in force */
	struct limits limits; /* of the first policy: the inspectors' memory is made once */
	struct events events;
	struct crew crew;
	struct fast_hold fast;
	struct control control;
	struct refusal refusal;
	struct listener listener;
	struct handover handover;
	struct links links;
	struct nft *nft;
	struct nft_features features;
	enum ruleset_queue queue; /* how the kernel hands over packets */
	struct table_guard guard;
	int seat;            /* see seat.h */
	int signals;         /* signalfd */
	uint64_t started_ns; /* wall clock */
	uint64_t reloads;
	uint64_t reloads_failed;
	bool stopping;
	char root[256]; /* the inspectors' empty directory */
};

#endif
