/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leaks: those that are not ours.  libconfig 1.5 loses the string that it was reading when it meets
 * a syntax error, a few bytes for each wrong file.
 */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig_yy\nleak:strbuf_append\n";
}
