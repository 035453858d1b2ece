/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judge: tries a list of attacks on a plant through one gate, and says whether the plant was
 * harmed.
 *
 *   PROGRAM plain|reset|drop|refuse|monitor [NAME-PATTERN]     inside lab.sh
 *
 * Through the plain gateway everything must happen that the list says; through Sluice only what is
 * permitted.  Monitor mode is plain again, with an event for each.
 */
#ifndef SLUICE_JUDGE_H
#define SLUICE_JUDGE_H

#include "attack.h"
#include "gate.h"

/* The servers of one protocol, and how to see what became of them. */
struct plant {
	const char *name; /* of the tests, and of the policy file */
	uint16_t port;
	struct gate_policy policy; /* mode and on_deny are those of the gate */
	void (*start)(void);
	void (*stop)(void);
	void (*clear)(void);                         /* before each attack */
	bool (*present)(const char *server);         /* NULL: all are; else others are skipped */
	bool (*harmed)(const struct attack *attack); /* EFFECT_WRITES: has it? Read directly. */
	const char *(*log)(void);                    /* for EFFECT_REACHES */
	/*
	 * After a refusal: has the client got it, in its protocol; and a permitted question with
	 * so many bytes of answer, by which the connection is seen to go on.
	 */
	bool (*refused)(const struct attempt *a);
	const uint8_t *question;
	size_t question_length;
	size_t answer_length;
	void (*greet)(
	    struct attempt *a); /* of a raw connection, before the attack; NULL: nothing */
};

/* The whole program; its exit status. */
int judge_main(
    int argc, char **argv, const struct plant *plant, const struct attack *attacks, size_t count);

#endif
