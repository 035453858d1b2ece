/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes: what would have to change in a policy to allow what was denied, told.
 */
#ifndef SLUICE_CHANGES_H
#define SLUICE_CHANGES_H

#include "amend.h"
#include "explanation.h"

/* The policy of a command, its text, and how changes are told. */
struct changes {
	const char *command; /* for complaints */
	const struct policy *policy;
	bool patch;          /* nothing but the smallest one, as a patch */
	const char *comment; /* to be put beside the change, or NULL */
	/* who takes what was found, instead of its being printed; NULL: nobody */
	void (*take)(void *context, const struct amendments *found);
	void *context;
	struct draft draft;
	bool read;   /* the draft holds the text */
	bool failed; /* it can't be read, which was told */
};

void changes_done(struct changes *changes);

/* Can what was asked about be told?  False: the policy's text can't be read. */
bool changes_find(
    struct changes *changes, struct amend_question *question, struct amendments *ret_found);

/* The question that an explanation asks. */
struct amend_question changes_question(const struct explanation *explanation);

/* Put the connection of a packet into a question; who is its client is found out by the ports. */
void changes_put_packet(
    struct amend_question *question, const struct policy *policy, const struct packet *packet);

/* For people, and for programs: the smallest change, and the others in a line each. */
void changes_print(struct changes *changes, struct amend_question *question);
json_t *changes_json(struct changes *changes, struct amend_question *question);

/* One change as an object; member `patch` and what it permits. */
json_t *amendment_json(const struct amendment *amendment);

#endif
