/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Odd clock: a preloaded module for which the wall clock says what the file ODD_CLOCK says, a
 * number of seconds since 1970 in binary, and never moves on by itself.  The monotonic clock is the
 * real one.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *seconds;

static void __attribute__((constructor)) set_up(void)
{
	const char *path = getenv("ODD_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *page = fd < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (page != MAP_FAILED)
		seconds = page;
}

int
clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	if (seconds && clock == CLOCK_REALTIME) {
		*ret_time = (struct timespec){.tv_sec = (time_t)*seconds};
		return 0;
	}
	return (int)syscall(SYS_clock_gettime, clock, ret_time);
}
