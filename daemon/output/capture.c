/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture: see capture.h.
 *
 * The format is that of libpcap, two headers of numbers (pcap-savefile(5)).  They are written here
 * because the process that does it has all rights and should not hold a library more for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture.h"

enum {
	MAGIC_NANOSECONDS = 0xa1b23c4d,
	LINKTYPE_RAW = 101, /* an IP packet, of which version its first bits tell */
	NAMES = CAPTURES_MAX,
};

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy;
	uint32_t length_max;
	uint32_t link_type;
};

struct packet_header {
	uint32_t seconds, nanoseconds;
	uint32_t length, whole;
};

/* The first name that nobody has, or that of the oldest file. */
static void
choose_name(int directory, char *buf)
{
	struct timespec oldest = {0};
	unsigned chosen = 0;

	for (unsigned i = 0; i < NAMES; i++) {
		struct stat status;

		snprintf(buf, CAPTURE_NAME_SIZE, "deadly-%u.pcap", i);
		if (fstatat(directory, buf, &status, AT_SYMLINK_NOFOLLOW) < 0)
			return;
		if (i == 0 || status.st_mtim.tv_sec < oldest.tv_sec ||
		    (status.st_mtim.tv_sec == oldest.tv_sec &&
			status.st_mtim.tv_nsec < oldest.tv_nsec)) {
			oldest = status.st_mtim;
			chosen = i;
		}
	}
	snprintf(buf, CAPTURE_NAME_SIZE, "deadly-%u.pcap", chosen);
}

static int
write_file(int directory, const char *name, const struct iovec *parts, int count)
{
	size_t size = 0;
	ssize_t n;
	int fd, r = 0;

	unlinkat(directory, name, 0);
	fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	for (int i = 0; i < count; i++)
		size += parts[i].iov_len;
	n = writev(fd, parts, count);
	if (n < 0)
		r = -errno;
	else if ((size_t)n < size)
		r = -ENOSPC;
	close(fd);
	if (r < 0)
		unlinkat(directory, name, 0);
	return r;
}

int
capture_keep(const char *directory, uint64_t wall_ns, const uint8_t *packet, size_t length,
    size_t whole, char ret_name[CAPTURE_NAME_SIZE])
{
	const struct file_header file = {.magic = MAGIC_NANOSECONDS,
	    .major = 2,
	    .minor = 4,
	    .length_max = UINT16_MAX,
	    .link_type = LINKTYPE_RAW};
	const struct packet_header head = {.seconds = (uint32_t)(wall_ns / 1000000000),
	    .nanoseconds = (uint32_t)(wall_ns % 1000000000),
	    .length = (uint32_t)length,
	    .whole = (uint32_t)whole};
	const struct iovec parts[] = {
	    {(void *)(uintptr_t)&file, sizeof(file)},
	    {(void *)(uintptr_t)&head, sizeof(head)},
	    {(void *)(uintptr_t)packet, length},
	};
	int fd, r;

	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	choose_name(fd, ret_name);
	r = write_file(fd, ret_name, parts, sizeof(parts) / sizeof(parts[0]));
	close(fd);
	return r;
}
