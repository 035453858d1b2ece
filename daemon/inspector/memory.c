/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory: see memory.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "whole.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

enum { SEALS_SIZE = F_SEAL_SHRINK | F_SEAL_GROW };

/* A kernel that does not know the flag never made such files executable for anybody but by request.
 */
static int
file_new(const char *name)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, flags);
	return fd < 0 ? -errno : fd;
}

static int
map(int fd, size_t size, void **ret_block)
{
	void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (block == MAP_FAILED)
		return -errno;
	*ret_block = block;
	return 0;
}

int
memory_new(const char *name, size_t size, struct memory *ret_memory)
{
	struct memory memory = {.fd = file_new(name), .size = size};
	int r = memory.fd < 0 ? memory.fd : 0;

	if (r == 0 &&
	    (ftruncate(memory.fd, (off_t)size) < 0 ||
		fcntl(memory.fd, F_ADD_SEALS, SEALS_SIZE | F_SEAL_SEAL) < 0))
		r = -errno;
	if (r == 0)
		r = map(memory.fd, size, &memory.block);
	if (r < 0) {
		if (memory.fd >= 0)
			close(memory.fd);
		return r;
	}
	*ret_memory = memory;
	return 0;
}

size_t
memory_size(int fd)
{
	struct stat status;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALS_SIZE) != SEALS_SIZE || fstat(fd, &status) < 0)
		return 0;
	return (size_t)status.st_size;
}

int
memory_adopt(int fd, size_t size, struct memory *ret_memory)
{
	struct memory memory = {.fd = fd, .size = size};
	int r;

	if (size == 0 || memory_size(fd) != size)
		return -EBADMSG;
	r = map(fd, size, &memory.block);
	if (r == 0)
		*ret_memory = memory;
	return r;
}

void
memory_free(struct memory *memory)
{
	if (memory->block)
		munmap(memory->block, memory->size);
	if (memory->fd >= 0)
		close(memory->fd);
	*memory = (struct memory){.fd = -1};
}

int
memory_seal_text(const char *name, const char *text, size_t length)
{
	int fd = file_new(name), r;

	if (fd < 0)
		return fd;
	r = write_whole(fd, text, length);
	if (r == 0 && fcntl(fd, F_ADD_SEALS, SEALS_SIZE | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		r = -errno;
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}
