/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft flows: connections that flow tables have taken, or could take.
 *
 * A flow table carries a connection's packets past all rules.  The kernel puts none into it that
 * has a connection tracking helper, so ours get one that does nothing; and what was taken before it
 * had one is forgotten by connection tracking, which ends it in the flow table at once.
 */
#ifndef SLUICE_NFT_FLOWS_H
#define SLUICE_NFT_FLOWS_H

#include "nft_netlink.h"

/* See nft_make_helper(). */
int nft_flows_make_helper(struct nft_netlink *netlink);

/* Is a connection with this mark left as it is, which a flow table has `taken` or could take? */
typedef bool nft_leave_callback(void *context, uint32_t mark, bool taken);

/* See nft_take_back(). */
int nft_flows_take_back(
    struct nft_netlink *netlink, bool all, nft_leave_callback *leave, void *context);

#endif
