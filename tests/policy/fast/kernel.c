/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel: the program itself, asked by BPF_PROG_TEST_RUN.  Attached to nothing.
 *
 * Such packets lie in one piece that is nobody else's, and their sum is not filled in, so that what
 * depends on that is not asked here.
 */
#include "recogniser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

struct kernel {
	struct bpf_object *object;
	int program, channels, rows, config;
	size_t flows_size, rates_size;
};

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static int
quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN && getenv("FAST_TEST_LOUD")
	    ? vfprintf(stderr, format, arguments)
	    : 0;
}

static void *
map_memory(const struct bpf_object *object, const char *name, size_t size)
{
	int fd = bpf_object__find_map_fd_by_name(object, name);

	return fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

static size_t
pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

static void
size_map(const struct bpf_object *object, const char *name, uint32_t entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (map)
		bpf_map__set_max_entries(map, entries);
}

static bool
load(struct kernel *kernel, const char *path)
{
	libbpf_set_print(quiet);
	kernel->object = bpf_object__open_file(path, NULL);
	if (!kernel->object)
		return false;
	size_map(kernel->object, "flows", FLOWS);
	size_map(kernel->object, "rates", RATES);
	size_map(kernel->object, "channels", CHANNELS);
	size_map(kernel->object, "rows", ROWS);
	return bpf_object__load(kernel->object) == 0;
}

bool
kernel_init(struct recogniser *recogniser, const char *object, const char **ret_why)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	void *flows, *rates;

	if (!load(kernel, object)) {
		*ret_why = strerror(errno);
		bpf_object__close(kernel->object);
		free(kernel);
		return false;
	}
	kernel->program =
	    bpf_program__fd(bpf_object__find_program_by_name(kernel->object, "recognise"));
	kernel->channels = bpf_object__find_map_fd_by_name(kernel->object, "channels");
	kernel->rows = bpf_object__find_map_fd_by_name(kernel->object, "rows");
	kernel->config = bpf_object__find_map_fd_by_name(kernel->object, "config");
	kernel->flows_size = pages(sizeof(struct fast_flow) * FLOWS);
	kernel->rates_size = pages(sizeof(struct rate_state) * RATES);
	flows = map_memory(kernel->object, "flows", kernel->flows_size);
	rates = map_memory(kernel->object, "rates", kernel->rates_size);
	if (flows == MAP_FAILED || rates == MAP_FAILED) {
		*ret_why = strerror(errno);
		return false;
	}
	free(recogniser->flows);
	free(recogniser->rates);
	recogniser->flows = flows;
	recogniser->rates = rates;
	recogniser->kernel = kernel;
	return true;
}

void
kernel_changed(struct recogniser *recogniser)
{
	struct kernel *kernel = recogniser->kernel;
	uint32_t zero = 0;

	for (uint32_t i = 0; i < CHANNELS; i++)
		bpf_map_update_elem(kernel->channels, &i, &recogniser->channels[i], BPF_ANY);
	for (uint32_t i = 0; i < ROWS; i++)
		bpf_map_update_elem(kernel->rows, &i, &recogniser->rows[i], BPF_ANY);
	bpf_map_update_elem(kernel->config, &zero, recogniser->config, BPF_ANY);
}

void
kernel_ask(struct recogniser *recogniser, const struct frame *frame, struct answer *ret_answer)
{
	struct __sk_buff context = {
	    .ingress_ifindex = frame->interface, .ifindex = 1, .mark = 0x12345678};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->bytes,
	    .data_size_in = frame->size, .ctx_in = &context, .ctx_size_in = sizeof(context),
	    .ctx_out = &context, .ctx_size_out = sizeof(context));

	if (bpf_prog_test_run_opts(recogniser->kernel->program, &options) != 0)
		return;
	ret_answer->mark = context.mark;
	ret_answer->vouched = context.mark != 0;
}

void
kernel_done(struct recogniser *recogniser)
{
	struct kernel *kernel = recogniser->kernel;

	munmap(recogniser->flows, kernel->flows_size);
	munmap(recogniser->rates, kernel->rates_size);
	bpf_object__close(kernel->object);
	free(kernel);
}
