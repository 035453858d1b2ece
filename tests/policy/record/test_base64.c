/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64: the examples of RFC 4648, the way back, and what is not written by us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"

static void
examples_of_the_standard(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} rows[] = {
	    {"", ""},
	    {"f", "Zg=="},
	    {"fo", "Zm8="},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="},
	    {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xfe", "+//+"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = strlen(rows[i].bytes);
		char text[BASE64_SIZE(8)];
		uint8_t back[8];

		base64_print((const uint8_t *)rows[i].bytes, length, text);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(base64_read(text, sizeof(back), back), length);
		assert_memory_equal(back, rows[i].bytes, length);
	}
}

static void
what_was_printed_is_read_back(void **state)
{
	srandom(1);
	for (size_t length = 0; length < 600; length++) {
		char text[BASE64_SIZE(600)];
		uint8_t bytes[600], back[600];

		for (size_t i = 0; i < length; i++)
			bytes[i] = (uint8_t)random();
		base64_print(bytes, length, text);
		assert_int_equal(strlen(text) + 1, BASE64_SIZE(length));
		assert_int_equal(base64_read(text, length, back), length);
		assert_memory_equal(back, bytes, length);
		if (length > 0)
			assert_int_equal(base64_read(text, length - 1, back), -E2BIG);
	}
}

static void
other_texts_are_refused(void **state)
{
	static const char *const texts[] = {"Z", "Zg", "Zg=", "Zg=x",
	    "Zh==", "Zm9=", "====", "Zg==Zg==", "Zm 9", "Zm9\n", "Zm9-", "Zm9_", "=Zg=", "Z=g="};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint8_t back[16];

		if (base64_read(texts[i], sizeof(back), back) != -EINVAL)
			fail_msg("\"%s\" is read", texts[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_of_the_standard),
	    cmocka_unit_test(what_was_printed_is_read_back),
	    cmocka_unit_test(other_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
