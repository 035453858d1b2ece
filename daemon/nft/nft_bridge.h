/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft bridge: does a bridge show what it carries to the rules for packets?
 *
 * The kernel's bridge netfilter does, for all bridges of a network namespace (the sysctl
 * net.bridge.bridge-nf-call-iptables) or for one (its attribute nf_call_iptables).  Of the two, the
 * attribute is ours: other bridges of the machine are none of our business.
 */
#ifndef SLUICE_NFT_BRIDGE_H
#define SLUICE_NFT_BRIDGE_H

#include <stdbool.h>

/* Is bridge netfilter (br_netfilter) there? */
bool nft_bridge_netfilter(void);

/*
 * Let the bridge show IPv4 packets to the rules, if it does not.  Returns 0 if it did already, 1 if
 * it does now; -ENODEV if there is no such interface, -ENOTTY if it is no bridge, or -errno.
 */
int nft_bridge_show(const char *bridge);

/* The index of the bridge that an interface is a port of, 0 if it is none. */
unsigned nft_bridge_of(const char *port);

#endif
