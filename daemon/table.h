/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Table: the supervisor's hold on the kernel's table.  Every failure is told on standard error.
 */
#ifndef SLUICE_TABLE_H
#define SLUICE_TABLE_H

#include "state.h"

/* The generation of a policy that follows one of this generation. */
uint8_t table_generation_next(const struct policy *policy, uint8_t generation);

/*
 * Open netlink.  Where there is no table, put one that drops all that is forwarded, so that a start
 * that fails leaves the plant closed; not with settings.open_on_failure.  0 or -errno.
 */
int table_shut(struct supervisor *supervisor);

/* Find out what the kernel can do. 0 or -errno. */
int table_probe(struct supervisor *supervisor);

/*
 * Whose table is there? Chooses the first generation.  Where the table of an earlier run marks
 * otherwise than the policy does, it is replaced now: no packet marked by it may be in a queue when
 * somebody listens.  0, -EEXIST or another -errno.
 */
int table_claim(struct supervisor *supervisor);

/*
 * Flow tables of others take packets of established connections past all rules, unless these can be
 * kept out of them: what settings.flow_tables says.  0, -EPERM or another -errno.
 */
int table_find_flows(struct supervisor *supervisor);

/* A policy as the table that it would be here. 0 or -errno. */
int table_ruleset(
    const struct supervisor *supervisor, const struct loaded *loaded, struct ruleset **ret_ruleset);

/*
 * Tell of peers that the crew has found to be barred since the last call, and program the kernel
 * with all that are (crew.barred).  What fails is tried again by table_tick().
 */
void table_bar(struct supervisor *supervisor);

/* Program the kernel with a policy, and with who is barred. 0 or -errno. */
int table_apply(struct supervisor *supervisor, const struct loaded *loaded);

/* The policy is in force: connections that a flow table has taken before are judged from now on. */
void table_take_back(struct supervisor *supervisor);

/* Watch the table from now on. 0 or -errno. */
int table_watch(struct supervisor *supervisor);

/* The kernel has told of changes: if they are of our table and not ours, write it anew. */
void table_serve(struct supervisor *supervisor);

/* To be called about once a second: what could not be put right at once. */
void table_tick(struct supervisor *supervisor);

#endif
