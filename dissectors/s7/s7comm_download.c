/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S7comm: what a connection remembers of downloads.  See the header. */
#include "s7comm_download.h"

const struct s7_job *
s7_find_job(const struct s7_state *state, uint16_t reference)
{
	for (unsigned i = 0; i < S7_SERVER_JOBS; i++)
		if (state->jobs[i].reference == reference && state->jobs[i].function != 0)
			return &state->jobs[i];
	return NULL;
}

static bool
is_block(const struct s7_block *one, const struct s7_block *other)
{
	return one->type == other->type && one->number == other->number;
}

bool
s7_piece_is_first(const struct s7_state *state, const struct s7_job *job)
{
	for (unsigned i = 0; i < S7_SERVER_JOBS; i++)
		if (is_block(&state->begun[i], &job->block))
			return false;
	return true;
}

static void
forget_job(struct s7_state *state, uint16_t reference)
{
	for (unsigned i = 0; i < S7_SERVER_JOBS; i++)
		if (state->jobs[i].reference == reference)
			state->jobs[i].function = 0;
}

static void
forget_block(struct s7_state *state, const struct s7_block *block)
{
	for (unsigned i = 0; i < S7_SERVER_JOBS; i++)
		if (is_block(&state->begun[i], block))
			state->begun[i] = (struct s7_block){0};
}

/* Jobs of downloads name one block. */
static struct s7_block
named_block(const struct message *m)
{
	return (struct s7_block){(uint8_t)m->spans[0].block, m->spans[0].first};
}

static void
commit_server_job(struct s7_state *state, const struct s7_head *head, const struct message *m)
{
	struct s7_block block = named_block(m);

	forget_job(state, head->reference);
	state->jobs[state->job_next++ % S7_SERVER_JOBS] =
	    (struct s7_job){head->reference, head->function, block};
	if (head->function == S7_DOWNLOAD_ENDED)
		forget_block(state, &block);
}

static void
commit_client_ack(struct s7_state *state, const struct s7_head *head)
{
	const struct s7_job *job = s7_find_job(state, head->reference);

	if (job != NULL && head->function == S7_DOWNLOAD_BLOCK && !head->error &&
	    s7_piece_is_first(state, job))
		state->begun[state->begun_next++ % S7_SERVER_JOBS] = job->block;
	forget_job(state, head->reference);
}

void
s7_commit_download(struct s7_state *state, const struct s7_head *head, const struct message *m)
{
	struct s7_block block;

	if (head->rosctr == ROSCTR_JOB && !head->request) {
		commit_server_job(state, head, m);
	} else if (head->rosctr == ROSCTR_ACK_DATA && head->request) {
		commit_client_ack(state, head);
	} else if (head->rosctr == ROSCTR_JOB && head->function == S7_REQUEST_DOWNLOAD) {
		block = named_block(m);
		forget_block(state, &block);
	}
}
