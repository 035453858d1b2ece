/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hello: a made-up subcommand.
 */
#include <stdio.h>

#include "command.h"

static enum answer
run(const struct arguments *arguments)
{
	puts("hello");
	return ANSWER_YES;
}

const struct command hello_command = {
    .name = "hello",
    .operands = "",
    .summary = "Say hello",
    .text = "Exit status: 0.",
    .run = run,
};
