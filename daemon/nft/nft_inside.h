/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nft, inside: the socket under it, for the other files of this room. */
#ifndef SLUICE_NFT_INSIDE_H
#define SLUICE_NFT_INSIDE_H

#include "nft_netlink.h"

struct nft;

struct nft_netlink *nft_netlink(struct nft *nft);

#endif
