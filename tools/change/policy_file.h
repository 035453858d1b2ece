/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy file: a policy as it goes to the daemon: one text, all that the file includes put in, in
 * memory that nobody can change any more.
 */
#ifndef SLUICE_POLICY_FILE_H
#define SLUICE_POLICY_FILE_H

#include "command.h"

struct policy_file {
	int fd;        /* sealed memory */
	char *path;    /* of the file, absolute, for messages and the history */
	bool includes; /* it is made of several files */
};

/* Otherwise it was told what is wrong: ANSWER_NO with the text, ANSWER_UNKNOWN with reading it. */
enum answer policy_file_open(const char *command, const char *file, struct policy_file *ret_policy);
void policy_file_close(struct policy_file *policy);

#endif
