/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S7 points as engineers write them, what they are printed as, and what is said of those that are
 * none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors.h"

static void
addresses_of_engineers_are_understood(void **state)
{
	static const struct {
		const char *written;
		const char *printed;
	} rows[] = {
	    {"DB1.DBX0.0", "DB1:0.0"},
	    {"DB1:DBX0.7", "DB1:0.7"},
	    {"%DB1.DBX0.0", "DB1:0.0"},
	    {"DB1.DBB4", "DB1:4"},
	    {"DB1.DBW4", "DB1:4-5"},
	    {"DB1.W4", "DB1:4-5"},
	    {"DB1:X0.3", "DB1:0.3"},
	    {"db1.d8", "DB1:8-11"},
	    {"P#DB1.DBX0.0 BYTE 10", "DB1:0-9"},
	    {"P#DB1.DBX4.0 WORD 3", "DB1:4-9"},
	    {"P#M10.0 BYTE 4", "M:10-13"},
	    {"P#E0.4 BOOL 3", "I:0.4-0.6"},
	    {"P#DB1.DBX0.0 REAL 2", "DB1:0-7"},
	    {"DB1.DBD4", "DB1:4-7"},
	    {"db1.dbw4", "DB1:4-5"},
	    {"DB65535.DBB2097151", "DB65535:2097151"},
	    {"DB1.DBW0-DB1.DBW6", "DB1:0-7"},
	    {"DB1.DBX0.3-DB1.DBX1.4", "DB1:0.3-1.4"},
	    {"DI3.DIW4", "DI3:4-5"},
	    {"DB10,INT4", "DB10:4-5"},
	    {"DB10,X4.1", "DB10:4.1"},
	    {"DB10,REAL100", "DB10:100-103"},
	    {"DB10,LREAL8", "DB10:8-15"},
	    {"DB10,W4", "DB10:4-5"},
	    {"DB10,BYTE4", "DB10:4"},
	    {"M10.3", "M:10.3"},
	    {"%MX10.3", "M:10.3"},
	    {"MB10", "M:10"},
	    {"MW10", "M:10-11"},
	    {"%MW10", "M:10-11"},
	    {"MD10", "M:10-13"},
	    {"MW10-MW12", "M:10-13"},
	    {"E0.0", "I:0.0"},
	    {"I0.0", "I:0.0"},
	    {"EW2", "I:2-3"},
	    {"IB2", "I:2"},
	    {"ID4", "I:4-7"},
	    {"A0.0", "Q:0.0"},
	    {"AB0", "Q:0"},
	    {"AW0", "Q:0-1"},
	    {"Q0.7", "Q:0.7"},
	    {"%QW4", "Q:4-5"},
	    {"PEW256", "P:256-257"},
	    {"PIW256", "P:256-257"},
	    {"PAW256", "P:256-257"},
	    {"PQB1", "P:1"},
	    {"L0.0", "L:0.0"},
	    {"VW100", "V:100-101"},
	    {"SM0.1", "SM:0.1"},
	    {"SMB4", "SM:4"},
	    {"AIW0", "AI:0-1"},
	    {"AQW2", "AQ:2-3"},
	    {"T5", "T:5"},
	    {"%T5", "T:5"},
	    {"C5", "C:5"},
	    {"Z5", "C:5"},
	    {"T5-T9", "T:5-9"},
	};
	const struct dissector *d = dissector_find("s7comm");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct point_range range;
		const char *why = NULL;
		char text[64];

		if (dissector_parse_points(d, rows[i].written, &range, &why) != 0)
			fail_msg("%s: %s", rows[i].written, why);
		dissector_print_points(d, &range, text, sizeof(text));
		assert_string_equal(text, rows[i].printed);
	}
}

static void
what_is_missing_is_said(void **state)
{
	static const struct {
		const char *written;
		const char *hint;
	} rows[] = {
	    {"DB10", "\"DB10:*\""},
	    {"%DB10", "\"block:DB10\""},
	    {"M10", "\"MW10\""},
	    {"E4", "\"M10.3\""},
	    {"%Q4", "\"MW10\""},
	    /* no such addresses: the usual answer */
	    {"DB1.DBX0", "\"DB10:0-127\""},
	    {"DB1.DBX0.8", "\"DB10:0-127\""},
	    {"DB1.DBW2097151", "\"DB10:0-127\""},
	    {"DB65536.DBB0", "\"DB10:0-127\""},
	    {"DB1.DIW0", "\"DB10:0-127\""},
	    {"DB1.DB4", "\"DB10:0-127\""},
	    {"DB1.DBW4-DB2.DBW6", "\"DB10:0-127\""},
	    {"DB1.DBW4-DB1.DBW2", "\"DB10:0-127\""},
	    {"DB1.DBW4-MW6", "\"DB10:0-127\""},
	    {"DB1.DBW4-", "\"DB10:0-127\""},
	    {"P#DB1.DBX0.0", "\"DB10:0-127\""},
	    {"P#DB1.DBX0.0 BYTE 0", "\"DB10:0-127\""},
	    {"P#DB1.DBX0.0 BYTES 2", "\"DB10:0-127\""},
	    {"P#DB1.DBW0 BYTE 2", "\"DB10:0-127\""},
	    {"P#DB1.DBX2097151.0 BYTE 2", "\"DB10:0-127\""},
	    {"DB1.DBW4 ", "\"DB10:0-127\""},
	    {"MW10.1", "\"M11.1\""},
	    {"%MW10.1", "\"M11.1\""},
	    {"M10.8", "\"DB10:0-127\""},
	    {"T65536", "\"DB10:0-127\""},
	    {"%", "\"DB10:0-127\""},
	    {"", "\"DB10:0-127\""},
	};
	const struct dissector *d = dissector_find("s7comm");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct point_range range;
		const char *why = NULL;

		if (dissector_parse_points(d, rows[i].written, &range, &why) != -EINVAL)
			fail_msg("%s is understood", rows[i].written);
		if (strstr(why, rows[i].hint) == NULL)
			fail_msg("%s: %s", rows[i].written, why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_of_engineers_are_understood),
	    cmocka_unit_test(what_is_missing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
