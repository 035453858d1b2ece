/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy file: see policy_file.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load.h"
#include "output.h"
#include "policy_file.h"
#include "terminal.h"
#include "whole.h"

static int
seal(const char *text, size_t length, int *ret_fd)
{
	int fd = memfd_create("policy", MFD_CLOEXEC | MFD_ALLOW_SEALING), r;

	if (fd < 0)
		return -errno;
	r = write_whole(fd, text, length);
	if (r == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		r = -errno;
	if (r < 0)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}

enum answer
policy_file_open(const char *command, const char *file, struct policy_file *ret_policy)
{
	struct diagnostics diagnostics;
	struct policy_file policy = {.fd = -1};
	char *text = NULL;
	size_t length = 0;
	int r =
	    policy_source(file, command_gateway(), &text, &length, &policy.includes, &diagnostics);

	if (r < 0) {
		output_diagnostics(&diagnostics, NULL);
		diagnostics_done(&diagnostics);
		return r == -EINVAL ? ANSWER_NO : ANSWER_UNKNOWN;
	}
	diagnostics_done(&diagnostics);
	policy.path = realpath(file, NULL);
	if (!policy.path)
		policy.path = strdup(file);
	r = policy.path ? seal(text, length, &policy.fd) : -ENOMEM;
	free(text);
	if (r < 0) {
		complain("%s: %s: %s", command, file, strerror(-r));
		free(policy.path);
		return ANSWER_UNKNOWN;
	}
	*ret_policy = policy;
	return ANSWER_YES;
}

void
policy_file_close(struct policy_file *policy)
{
	close(policy->fd);
	free(policy->path);
}
