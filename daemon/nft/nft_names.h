/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft names: a sorted list of names of kernel objects.
 */
#ifndef SLUICE_NFT_NAMES_H
#define SLUICE_NFT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct nft_names {
	char **items;
	size_t count;
	size_t room;
};

/* Add a copy. Returns 0 or -ENOMEM. */
int nft_names_add(struct nft_names *names, const char *name);

/* To be called between the last addition and the first question. */
void nft_names_sort(struct nft_names *names);
bool nft_names_have(const struct nft_names *names, const char *name);

void nft_names_done(struct nft_names *names);

#endif
