/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole: see whole.h. */
#include "whole.h"

#include <errno.h>
#include <unistd.h>

int
write_whole(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}
