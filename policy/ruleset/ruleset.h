/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset: a policy as one nftables table, `inet sluice`.
 *
 * Made in memory from objects that ruleset_ir.h describes; no netlink here, no library.  Two
 * printers read the same objects: ruleset_print() makes text for `nft -f` and for people,
 * daemon/nft/nft.h programs the kernel.
 *
 * What the table does, in the order in which a forwarded packet meets it:
 *  1. a packet of an established connection takes its channel's verdict at once, if its interfaces
 *     are those of the channel's zones: one look-up by connection mark, direction and interfaces,
 *     however many channels there are.  What is not found there meets the other rules, which would
 *     come to the same verdict;
 *  2. invalid and untracked packets, and those whose interface is not one of the zone of their
 *     address, are dropped;
 *  3. ICMP errors of a connection that a channel permits pass;
 *  4. the verdict of the connection mark is looked up;
 *  5. packets of new connections, and the first packet of each old one under a new policy, are
 *     classified by the addresses, protocol and port of the connection's original direction, and
 *     what no inspected channel names then also by those of its reply direction;
 *  6. a packet that is to be judged gets a packet mark, which tells channel and direction;
 *  7. what is left is dropped and counted; established TCP is answered by a reset.
 *
 * The policy's mark_mask says which bits of connection marks belong to Sluice on the whole machine,
 * and of the packet marks of packets that are judged.  If that is not all, marks are looked up
 * under the mask, and a chain for each sets it among the bits of others; see ruleset_chains.h.
 *
 * Addresses are those of the connection's original direction, before any translation: this is not
 * for machines that translate addresses between zones.
 *
 * The machine's own input and output are filtered the same way only if a zone of class `gateway`
 * exists. Channels of inspected protocols from or to that zone can't be programmed;
 * ruleset_refused() says so.
 */
#ifndef SLUICE_RULESET_H
#define SLUICE_RULESET_H

#include "model.h"
#include "ruleset_options.h"

struct ruleset;

/*
 * Make the ruleset of a policy, which need not outlive it.  Returns 0 and *ret_ruleset; -EINVAL for
 * options out of their range, -EOPNOTSUPP if ruleset_refused() refuses, -E2BIG for more than
 * RULESET_ELEMENTS_MAX elements in one set or map (channels that name too many hosts one by one),
 * -ENOMEM.
 */
int ruleset_new(const struct policy *policy, const struct ruleset_options *options,
    struct ruleset **ret_ruleset);
void ruleset_free(struct ruleset *ruleset);

/* The first channel that can't be programmed and a sentence that says why; NULL if there is none.
 */
const char *ruleset_refused(const struct policy *policy, const struct channel **ret_channel);

/*
 * As text that `nft -f` reads, newly allocated; NULL when memory is out.  Always the native
 * `queue`: the compat target has no text form, and a comment in the first lines says so if the
 * options ask for it.
 */
char *ruleset_print(const struct ruleset *ruleset);

#endif
