/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order: what the commands that change the running firewall share: to ask, and to print the answer.
 */
#ifndef SLUICE_ORDER_H
#define SLUICE_ORDER_H

#include <jansson.h>

#include "command.h"

struct order {
	const char *command; /* name, for messages */
	const char *control; /* the daemon's socket, or NULL: where it usually is */
	bool json;
	int file; /* goes with the request; -1: none */
	const char
	    *includes; /* that is made of this file and what it includes; NULL: of one file */
};

/*
 * A request: members by a format of json_pack(), and "ssh", how the caller came by SSH.  NULL when
 * memory is out, or if a text is no UTF-8.
 */
json_t *order_request(const char *name, const char *format, ...);

/*
 * Give the order (the reference to the request is given up).  ANSWER_YES: *ret_answer is the
 * daemon's.  Otherwise it was told why not, under `json` also on standard output; ANSWER_NO:
 * the daemon has refused and nothing has changed.
 */
enum answer order_give(const struct order *order, json_t *request, json_t **ret_answer);

/* Print the answer under `json`, or else the line (which is freed), and warnings on standard error.
 * Gives the answer up. */
void order_print(const struct order *order, json_t *answer, char *line);

/* An index of the history, 0 to 9999; 0, or -EINVAL after it was told what is wrong. */
int order_read_index(const char *command, const char *text, unsigned long *ret_index);

const char *order_text(const json_t *object, const char *name);
json_int_t order_number(const json_t *object, const char *name);

#endif
