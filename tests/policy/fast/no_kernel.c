/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel: where the program for it was not built, there is none to ask.  See recogniser.h. */
#include "recogniser.h"

bool
kernel_init(struct recogniser *recogniser, const char *object, const char **ret_why)
{
	*ret_why = "it was not built";
	return false;
}

void
kernel_ask(struct recogniser *recogniser, const struct frame *frame, struct answer *ret_answer)
{
}

void
kernel_changed(struct recogniser *recogniser)
{
}

void
kernel_done(struct recogniser *recogniser)
{
}
