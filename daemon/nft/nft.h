/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft: the kernel's copy of a ruleset.
 *
 * Programs table `inet sluice`, and beside it `bridge sluice`, in one transaction, reads its
 * counters, finds out what the kernel can do and whose table is there.  Needs CAP_NET_ADMIN in the
 * network namespace in which it was opened.  Blocks only as long as the kernel works; nothing here
 * is for the packet path.
 */
#ifndef SLUICE_NFT_H
#define SLUICE_NFT_H

#include "nft_flows.h"
#include "ruleset.h"

struct nft;

/* Returns 0 and *ret_nft, or -errno. */
int nft_open(struct nft **ret_nft);
void nft_close(struct nft *nft);

/* The number of its socket, which stands in what the kernel tells others about our changes. */
uint32_t nft_port(const struct nft *nft);

/*
 * What went wrong in the last call that failed: one or more lines without a final line feed, each
 * naming the object that the kernel refused.  "" before the first failure; never NULL; valid until
 * the next call.
 */
const char *nft_error(const struct nft *nft);

struct nft_features {
	bool queue;     /* the native `queue` expression */
	bool target;    /* the NFQUEUE target of the compat layer */
	bool log;       /* the `log` and `limit` expressions */
	bool helper;    /* connections can be kept out of flow tables, by RULESET_HELPER */
	bool bridge;    /* tables of bridged frames */
	bool conntrack; /* marks of old generations can be erased (nf_conntrack_netlink) */
};

/*
 * Make the connection tracking helper of rulesets with options.helper, if it is not there.  It
 * belongs to the whole machine, does nothing, and stays.  0 or -errno: -EPERM also outside of the
 * first user namespace, -EOPNOTSUPP or -EINVAL where the kernel has none (nfnetlink_cthelper).
 */
int nft_make_helper(struct nft *nft);

/*
 * Try what the ruleset needs in a transaction that is never committed, without base chains. Returns
 * 0 and *ret_features; -EOPNOTSUPP if something indispensable (neither queue nor target included)
 * is missing and nft_error() says what; another -errno (-EPERM) if the kernel can't be asked.
 */
int nft_probe(struct nft *nft, struct nft_features *ret_features);

enum nft_owner {
	NFT_FOREIGN = 0, /* a table `inet sluice` that we did not make: never touched */
	NFT_ABSENT,
	NFT_OURS,
};

struct nft_table {
	enum nft_owner owner;
	uint8_t generation; /* of the policy in the table, 0 if unknown: the next ruleset needs
			       another one */
	uint32_t mark_mask; /* of that policy, 0 if unknown */
};

int nft_table_state(struct nft *nft, struct nft_table *ret_table);

/*
 * Replace the table by a ruleset: all of it is in force afterwards or nothing has changed.  The
 * rules change in one transaction; what they look up is put beside the old before and removed after
 * it, because packets that pass while a set is replaced could find it empty (enum nft_stage).  Base
 * chains stay, so queued packets survive; counters that stay keep their values.  Connections marked
 * with the ruleset's generation by an earlier life are unmarked before.  A table with another
 * mark_mask loses its rules first, so that nothing passes until all connections are unmarked.
 * -EEXIST: the table is foreign.
 */
int nft_apply(struct nft *nft, const struct ruleset *ruleset);

/*
 * The same for a table that nft_apply() can't change, because somebody has put chains of another
 * kind in the place of ours: it is deleted and made in one transaction.  Drops the packets that
 * wait in queues, and counters begin at zero.
 */
int nft_apply_anew(struct nft *nft, const struct ruleset *ruleset);

/* Remove our table, if there is one.  Drops the packets that wait in queues.  -EEXIST: the table is
 * foreign. */
int nft_remove(struct nft *nft);

/*
 * Where no table of the name is, put one that drops all that is forwarded; it asks nothing of the
 * kernel but a chain with a hook.  nft_apply() makes a whole one of it.  -EEXIST: there is a table.
 */
int nft_shut(struct nft *nft);

/* Named counters of the table: "conduit/channel" and "reason/word". */
typedef void nft_counter_callback(
    void *context, const char *name, uint64_t packets, uint64_t bytes);
int nft_counters(struct nft *nft, nft_counter_callback *callback, void *context);

/*
 * A flow table of anybody's, which takes packets of established connections past all rules: its
 * table and name, cut to NFT_FLOW_TABLE_MAX, or "" if there is none.
 */
enum { NFT_FLOW_TABLE_MAX = 80 };

int nft_flow_table(struct nft *nft, char ret_name[NFT_FLOW_TABLE_MAX]);

/*
 * Make connection tracking forget the connections that a flow table has taken, and with `all` those
 * that one could take because they have no helper: their next packets meet the rules again, which
 * give them one.  Asks `leave` about each.  Their number, or -errno.
 */
int nft_take_back(struct nft *nft, bool all, nft_leave_callback *leave, void *context);

#endif
