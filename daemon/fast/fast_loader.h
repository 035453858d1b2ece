/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fast loader: the recogniser in this kernel, on interfaces (libbpf).
 *
 * Pinned nowhere: what is loaded goes with the process, but for the filters on interfaces, which
 * whoever comes next replaces; the recogniser vouches for nothing once nobody renews its lease.
 * Knows no policy.
 */
#ifndef SLUICE_FAST_LOADER_H
#define SLUICE_FAST_LOADER_H

#include <stdbool.h>
#include <stddef.h>

#include "fast_desk.h"

struct fast_loader;

struct fast_sizes {
	uint32_t flows; /* a power of two, FAST_WAYS at least */
	uint32_t rates;
	uint32_t channels;
	uint32_t rows;
};

/* Entries of what a run before has shared; 0: it is nothing of the kind. */
uint32_t fast_loader_left(int flows);

/* What is shared, for a run behind this one; stays the loader's. */
int fast_loader_file(const struct fast_loader *loader);

/* Take it from all interfaces. */
void fast_loader_detach(struct fast_loader *loader);

/*
 * Load it, vouching for nothing; `flows` is what a run before has shared (-1: nothing), of as many
 * entries.  0, or -errno and in *ret_why what it is for people: not built, no permission, a kernel
 * without.
 */
int fast_loader_new(const struct fast_sizes *sizes, int flows, struct fast_loader **ret_loader,
    const char **ret_why);

/* And take it from all interfaces that it was put on. */
void fast_loader_free(struct fast_loader *loader);

/* See every packet that comes in there, first of all filters; replaces a recogniser of a run
 * before.  0 or -errno. */
int fast_loader_attach(struct fast_loader *loader, unsigned interface);

/* Is it there still?  Somebody may have taken it away, and then its packets go the slow way. */
bool fast_loader_is_attached(const struct fast_loader *loader, unsigned interface);

/* What is shared with engines; to be inherited, or mapped by their descriptors. */
struct fast_flow *fast_loader_flows(const struct fast_loader *loader);
uint64_t *fast_loader_rates(const struct fast_loader *loader);

/*
 * Vouch for nothing from now on; what an engine has given away stays where it is.  Returns when no
 * recogniser is at work by what was in force before.
 */
void fast_loader_halt(struct fast_loader *loader);

/*
 * Vouch by these tables from now on, of config.channel_count and config.row_count entries; 0 or
 * -errno, and then for nothing.  It was halted before.
 */
int fast_loader_serve(struct fast_loader *loader, const struct fast_config *config,
    const struct fast_channel *channels, const struct fast_row *rows);

/* Whoever watches over it is there until this time, CLOCK_MONOTONIC. */
void fast_loader_lease(struct fast_loader *loader, uint64_t until_ns);

#endif
