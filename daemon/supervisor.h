/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Supervisor: the one privileged process.
 *
 * Loads the policy, programs the kernel, keeps the inspectors at work, formats their events,
 * answers the control socket.  Never sees a packet.
 */
#ifndef SLUICE_SUPERVISOR_H
#define SLUICE_SUPERVISOR_H

#include "control.h"
#include "crew.h"
#include "events.h"
#include "loaded.h"
#include "nft_watch.h"

struct supervisor_settings {
	const char *policy;        /* file */
	const char *events;        /* file, "-", or NULL */
	const char *control;       /* socket; NULL: none */
	const char *user;          /* name of the inspectors' user */
	bool flush;                /* remove the table at the end */
	struct crew_settings crew; /* user, group and root are filled in by supervisor_run() */
};

/* What others do to the table; see table.h. */
struct table_guard {
	struct nft_watch *watch;
	uint64_t changes;      /* by others */
	uint64_t not_before_s; /* monotonic: the next repair */
	bool damaged;          /* and to be put right */
	bool foreign;          /* a table of the same name is there that is not ours */
	char who[64];          /* did it; "" if nobody knows, or if it was told */
};

struct supervisor {
	struct supervisor_settings settings;
	struct loaded *loaded;
	struct limits limits; /* of the first policy: the inspectors' memory is made once */
	struct events events;
	struct crew crew;
	struct control control;
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

/* Exit statuses of the daemon. */
enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_TROUBLE = 2 };

/* Run until told to stop. Every failure has been told on standard error; returns an exit status. */
int supervisor_run(const struct supervisor_settings *settings);

/* Load the policy file anew and put it in force. 0, or -errno: then nothing has changed. */
int supervisor_reload(struct supervisor *supervisor);

/*
 * Remove a table that an earlier run left behind, unless a daemon listens at the control socket:
 * without its table a running firewall lets everything pass.  Returns an exit status.
 */
int supervisor_flush(const char *control);

#endif
