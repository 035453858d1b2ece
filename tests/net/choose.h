/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choose: the tests of a list that the command line asks for. */
#ifndef SLUICE_CHOOSE_H
#define SLUICE_CHOOSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Run only tests whose name matches the pattern (* and ?), all of them for NULL.  A pattern that
 * matches none is a mistake: it is told, and the program ends with exit status 2.
 */
void choose_tests(const char *pattern, const struct CMUnitTest *tests, size_t count);

#endif
