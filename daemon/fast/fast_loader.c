/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fast loader: see fast_loader.h. */
#include "fast_loader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "fast_object.h"

enum {
	INTERFACES_MAX = 64,
	FILTER_HANDLE = 0x511, /* by which a recogniser of a run before is known */
	FILTER_PRIORITY = 1,
};

struct region {
	void *block; /* NULL: not mapped */
	size_t size;
};

struct fast_loader {
	struct bpf_object *object;
	int program, channels, rows;
	struct fast_sizes sizes;
	struct region flows, rates, config;
	unsigned interfaces[INTERFACES_MAX];
	size_t interface_count;
};

/* Libraries don't log; what failed is told by who called. */
static int
say_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return 0;
}

static int
size_map(const struct fast_loader *loader, const char *name, uint32_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(loader->object, name);

	return map ? bpf_map__set_max_entries(map, entries ? entries : 1) : -ENOENT;
}

uint32_t
fast_loader_left(int flows)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);

	if (flows < 0 || bpf_obj_get_info_by_fd(flows, &info, &size) < 0 ||
	    info.type != BPF_MAP_TYPE_ARRAY || info.value_size != sizeof(struct fast_flow) ||
	    (info.max_entries & (info.max_entries - 1)) != 0)
		return 0;
	return info.max_entries;
}

int
fast_loader_file(const struct fast_loader *loader)
{
	return bpf_object__find_map_fd_by_name(loader->object, "flows");
}

static int
load(struct fast_loader *loader, int flows)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "sluice");
	int r;

	libbpf_set_print(say_nothing);
	loader->object = bpf_object__open_mem(fast_object, fast_object_size, &options);
	if (!loader->object)
		return -errno;
	r = size_map(loader, "flows", loader->sizes.flows);
	if (r == 0 && flows >= 0)
		r = bpf_map__reuse_fd(bpf_object__find_map_by_name(loader->object, "flows"), flows);
	if (r == 0)
		r = size_map(loader, "rates", loader->sizes.rates);
	if (r == 0)
		r = size_map(loader, "channels", loader->sizes.channels);
	if (r == 0)
		r = size_map(loader, "rows", loader->sizes.rows);
	return r == 0 ? bpf_object__load(loader->object) : r;
}

static int
map(const struct fast_loader *loader, const char *name, size_t size, struct region *ret_region)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page;
	int fd = bpf_object__find_map_fd_by_name(loader->object, name);
	void *block;

	if (fd < 0)
		return fd;
	block = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (block == MAP_FAILED)
		return -errno;
	*ret_region = (struct region){block, whole};
	return 0;
}

static int
map_all(struct fast_loader *loader)
{
	const struct fast_sizes *sizes = &loader->sizes;
	int r = map(loader, "flows", sizes->flows * sizeof(struct fast_flow), &loader->flows);

	if (r == 0)
		r = map(loader, "rates", (sizes->rates ? sizes->rates : 1) * sizeof(uint64_t),
		    &loader->rates);
	if (r == 0)
		r = map(loader, "config", sizeof(struct fast_config), &loader->config);
	/* what is vouched for is not for children to say */
	if (r == 0 && madvise(loader->config.block, loader->config.size, MADV_DONTFORK) < 0)
		r = -errno;
	return r;
}

static const char *
why_of(int r)
{
	if (fast_object_size == 0)
		return "this build has no recogniser";
	if (r == -EPERM || r == -EACCES)
		return "the right to load it is missing (CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN)";
	return r == -ENOMEM ? "memory is out" : "this kernel does not take it";
}

int
fast_loader_new(const struct fast_sizes *sizes, int flows, struct fast_loader **ret_loader,
    const char **ret_why)
{
	struct fast_loader *loader = calloc(1, sizeof(*loader));
	int r = -ENOMEM;

	if (loader) {
		loader->sizes = *sizes;
		r = fast_object_size > 0 ? load(loader, flows) : -EOPNOTSUPP;
	}
	if (r == 0)
		r = map_all(loader);
	if (r < 0) {
		*ret_why = why_of(r);
		fast_loader_free(loader);
		return r;
	}
	loader->program =
	    bpf_program__fd(bpf_object__find_program_by_name(loader->object, "recognise"));
	loader->channels = bpf_object__find_map_fd_by_name(loader->object, "channels");
	loader->rows = bpf_object__find_map_fd_by_name(loader->object, "rows");
	*ret_loader = loader;
	return 0;
}

static void
unmap(struct region *region)
{
	if (region->block)
		munmap(region->block, region->size);
	region->block = NULL;
}

/* ---- interfaces ---- */

static void
detach(unsigned interface)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)interface, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);

	bpf_tc_detach(&hook, &filter);
}

void
fast_loader_detach(struct fast_loader *loader)
{
	for (size_t i = 0; i < loader->interface_count; i++)
		detach(loader->interfaces[i]);
	loader->interface_count = 0;
}

void
fast_loader_free(struct fast_loader *loader)
{
	if (!loader)
		return;
	if (loader->config.block)
		fast_loader_halt(loader);
	fast_loader_detach(loader);
	unmap(&loader->flows);
	unmap(&loader->rates);
	unmap(&loader->config);
	bpf_object__close(loader->object);
	free(loader);
}

static bool
knows(const struct fast_loader *loader, unsigned interface)
{
	for (size_t i = 0; i < loader->interface_count; i++)
		if (loader->interfaces[i] == interface)
			return true;
	return false;
}

int
fast_loader_attach(struct fast_loader *loader, unsigned interface)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)interface, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY,
	    .prog_fd = loader->program, .flags = BPF_TC_F_REPLACE);
	int r = bpf_tc_hook_create(&hook);

	if (!knows(loader, interface) && loader->interface_count == INTERFACES_MAX)
		return -ENOSPC;
	if (r < 0 && r != -EEXIST) /* that of somebody else does as well */
		return r;
	r = bpf_tc_attach(&hook, &filter);
	if (r == 0 && !knows(loader, interface))
		loader->interfaces[loader->interface_count++] = interface;
	return r;
}

bool
fast_loader_is_attached(const struct fast_loader *loader, unsigned interface)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)interface, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);

	return bpf_tc_query(&hook, &filter) == 0 &&
	    bpf_obj_get_info_by_fd(loader->program, &info, &size) == 0 && filter.prog_id == info.id;
}

/* ---- what is shared ---- */

struct fast_flow *
fast_loader_flows(const struct fast_loader *loader)
{
	return loader->flows.block;
}

uint64_t *
fast_loader_rates(const struct fast_loader *loader)
{
	return loader->rates.block;
}

static struct fast_config *
config_of(const struct fast_loader *loader)
{
	return loader->config.block;
}

/*
 * Recognisers run where nobody can wait.  A change of a map of maps would be waited for by the
 * kernel; here all entries that one is at work on are waited for, and whoever begins later sees the
 * generation.
 */
void
fast_loader_halt(struct fast_loader *loader)
{
	const struct fast_flow *flows = loader->flows.block;

	__atomic_store_n(&config_of(loader)->generation, 0, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < loader->sizes.flows; i++)
		for (int look = 0; look < 1 << 20; look++)
			if (__atomic_load_n(&flows[i].owner, __ATOMIC_SEQ_CST) != FAST_BUSY)
				break;
}

int
fast_loader_serve(struct fast_loader *loader, const struct fast_config *config,
    const struct fast_channel *channels, const struct fast_row *rows)
{
	struct fast_config *here = config_of(loader);
	uint64_t until_ns = here->until_ns;
	int r = 0;

	if (config->channel_count > loader->sizes.channels ||
	    config->row_count > loader->sizes.rows)
		return -ENOSPC;
	for (uint32_t i = 0; r == 0 && i < config->channel_count; i++)
		r = bpf_map_update_elem(loader->channels, &i, &channels[i], BPF_ANY);
	for (uint32_t i = 0; r == 0 && i < config->row_count; i++)
		r = bpf_map_update_elem(loader->rows, &i, &rows[i], BPF_ANY);
	if (r < 0)
		return r;
	*here = *config;
	here->until_ns = until_ns;
	here->generation = 0;
	__atomic_store_n(&here->generation, config->generation, __ATOMIC_SEQ_CST);
	return 0;
}

void
fast_loader_lease(struct fast_loader *loader, uint64_t until_ns)
{
	__atomic_store_n(&config_of(loader)->until_ns, until_ns, __ATOMIC_RELAXED);
}
