/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: what a connection remembers of downloads: the jobs that the server gave, and which blocks
 * are under way.
 *
 * A block says in its first bytes what it is.  That must be the block of the server's job, which
 * has the name that the rules were asked about.
 */
#ifndef SLUICE_S7COMM_DOWNLOAD_H
#define SLUICE_S7COMM_DOWNLOAD_H

#include "s7comm_reader.h"

/* The job of the server with this reference that waits for the client's answer, or NULL. */
const struct s7_job *s7_find_job(const struct s7_state *state, uint16_t reference);

/* The piece that answers `job`: is it the first one of its block? */
bool s7_piece_is_first(const struct s7_state *state, const struct s7_job *job);

/* A message of a download was let through; `head` is its header. */
void s7_commit_download(
    struct s7_state *state, const struct s7_head *head, const struct message *m);

#endif
