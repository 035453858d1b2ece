/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fast loader: where the recogniser was not built, there is none.  See fast_loader.h. */
#include "fast_loader.h"

#include <errno.h>

uint32_t
fast_loader_left(int flows)
{
	return 0;
}

int
fast_loader_file(const struct fast_loader *loader)
{
	return -1;
}

void
fast_loader_detach(struct fast_loader *loader)
{
}

int
fast_loader_new(const struct fast_sizes *sizes, int flows, struct fast_loader **ret_loader,
    const char **ret_why)
{
	*ret_why = "this build has no recogniser";
	return -EOPNOTSUPP;
}

void
fast_loader_free(struct fast_loader *loader)
{
}

int
fast_loader_attach(struct fast_loader *loader, unsigned interface)
{
	return -EOPNOTSUPP;
}

bool
fast_loader_is_attached(const struct fast_loader *loader, unsigned interface)
{
	return false;
}

struct fast_flow *
fast_loader_flows(const struct fast_loader *loader)
{
	return NULL;
}

uint64_t *
fast_loader_rates(const struct fast_loader *loader)
{
	return NULL;
}

void
fast_loader_halt(struct fast_loader *loader)
{
}

int
fast_loader_serve(struct fast_loader *loader, const struct fast_config *config,
    const struct fast_channel *channels, const struct fast_row *rows)
{
	return -EOPNOTSUPP;
}

void
fast_loader_lease(struct fast_loader *loader, uint64_t until_ns)
{
}
