/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft watch: does somebody else change our table?
 *
 * Listens to what the kernel tells about every transaction, and reports those of other sockets that
 * touched table `inet sluice`.  Changes nothing.
 */
#ifndef SLUICE_NFT_WATCH_H
#define SLUICE_NFT_WATCH_H

#include "nft.h"

struct nft_watch;

/* Begin; transactions of `nft` are not reported. Returns 0 and *ret_watch, or -errno. */
int nft_watch_open(const struct nft *nft, struct nft_watch **ret_watch);
void nft_watch_close(struct nft_watch *watch);

/* What to poll for reading. */
int nft_watch_file(const struct nft_watch *watch);

enum nft_watch_result {
	NFT_WATCH_LOST = 0, /* more was told than the socket holds: anything may have changed */
	NFT_WATCH_CHANGED,  /* the table was changed by somebody else, whatever else was lost */
	NFT_WATCH_QUIET,    /* it was not */
};

/*
 * Read all that was told since the last call; never waits.  NFT_WATCH_CHANGED: "nft[1234]", the
 * last who did it, is in *ret_who until the next call ("?" if the kernel does not tell).
 */
enum nft_watch_result nft_watch_read(struct nft_watch *watch, const char **ret_who);

/* Have flow tables come or gone since the last call, or was so much told that they may have? */
bool nft_watch_flow_tables(struct nft_watch *watch);

#endif
