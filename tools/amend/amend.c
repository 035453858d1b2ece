/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amend: see amend.h.
 */
#include <stdlib.h>

#include "amend.h"
#include "amend_connection.h"
#include "amend_message.h"
#include "amend_setting.h"

/* Of those that permit as much, the one that was tried first stays first. */
static void
sort(struct amendments *found)
{
	static struct amendment item;

	for (size_t i = 1; i < found->count; i++) {
		size_t place = i;

		item = found->items[i];
		for (; place > 0 && found->items[place - 1].weight > item.weight; place--)
			found->items[place] = found->items[place - 1];
		found->items[place] = item;
	}
	/* the comparisons were made of copies, which have moved: only their channels are used */
	for (size_t i = 0; i < found->count; i++)
		for (int s = 0; s < SIDE_COUNT; s++)
			if (found->items[i].channels[s])
				found->items[i].sides[s].channels = &found->items[i].channels[s];
}

void
amend_find(const struct amend_question *question, struct amendments *ret_amendments)
{
	struct amend a = {.question = question, .found = ret_amendments};
	const struct remedy *remedy = &remedies[question->reason];

	*ret_amendments = (struct amendments){0};
	if (remedy->kind == REMEDY_SENTENCE) {
		ret_amendments->why = remedy->helps;
		return;
	}
	if (question->reason != REASON_RATE_EXCEEDED && amend_is_needless(question)) {
		ret_amendments->why = "The policy at hand allows it already.";
		return;
	}
	if (remedy->kind == REMEDY_SETTING)
		amend_setting(&a);
	else if (remedy->kind == REMEDY_CONNECTIONS && question->has_connection)
		amend_connection(&a);
	else if (remedy->kind == REMEDY_RULES && question->channel && question->message &&
	    question->message->function && question->complete)
		amend_message(&a);
	sort(ret_amendments);
	if (ret_amendments->count == 0)
		ret_amendments->why = remedy->helps;
}

void
amendments_done(struct amendments *amendments)
{
	for (size_t i = 0; i < amendments->count; i++)
		amendment_done(&amendments->items[i]);
	*amendments = (struct amendments){0};
}
