/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hex: the forms in which people have bytes.  Each beginning of a good text gives a beginning of
 * its bytes or is refused, and so does each mixture: no text is ever read as other bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hex.h"

/* The bytes of all good texts: 18, with characters that look like digits among them. */
static const uint8_t wanted[] = {0x00, 0x01, 0x00, 0x00, 0x00, 0x0c, 0x01, 0x10, 0x61, 0x62, 0x20,
    0x63, 0x64, 0x20, 0x65, 0x66, 0xff, 0x41};

static const char *const good[] = {
    "0001 0000 000c 0110 6162 2063 6420 6566 ff41",
    "00010000000c01106162206364206566ff41",
    "00 01 00 00 00 0c 01 10 61 62 20 63 64 20 65 66 FF 41",
    "00:01:00:00:00:0c:01:10:61:62:20:63:64:20:65:66:ff:41",
    "00-01-00-00-00-0C-01-10-61-62-20-63-64-20-65-66-FF-41",
    "00,01,00,00,00,0c,01,10,61,62,20,63,64,20,65,66,ff,41",
    "00, 01, 00, 00, 00, 0c, 01, 10, 61, 62, 20, 63, 64, 20, 65, 66, ff, 41",
    "  00 01 00 00 00 0c 01 10\n  61 62 20 63 64 20 65 66\n ff 41\n",
    "0x00 0x01 0x00 0x00 0x00 0x0c 0x01 0x10 0x61 0x62 0x20 0x63 0x64 0x20 0x65 0x66 0xff 0x41",
    "0x00,0x01,0x00,0x00,0x00,0x0c,0x01,0x10,0x61,0x62,0x20,0x63,0x64,0x20,0x65,0x66,0xff,0x41",
    "0x00010000000c01106162206364206566ff41",
    "<Buffer 00 01 00 00 00 0c 01 10 61 62 20 63 64 20 65 66 ff 41>",
    "\\x00\\x01\\x00\\x00\\x00\\x0c\\x01\\x10\\x61\\x62\\x20\\x63\\x64\\x20\\x65\\x66\\xff\\x41",
    "b'\\x00\\x01\\x00\\x00\\x00\\x0c\\x01\\x10\\x61\\x62\\x20\\x63\\x64\\x20\\x65\\x66\\xff\\x41'",
    "\"\\x00\\x01\\x00\\x00\\x00\\x0c\\x01\\x10\\x61\\x62\\x20\\x63\\x64\\x20\\x65\\x66\\xff\\x41"
    "\"",
    "{ 0x00, 0x01, 0x00, 0x00, 0x00, 0x0c, 0x01, 0x10, 0x61, 0x62, 0x20, 0x63, 0x64, 0x20, 0x65, "
    "0x66, 0xff, 0x41 }",
    "/* Frame (18 bytes) */\nstatic const unsigned char pkt1[18] = {\n0x00, 0x01, 0x00, 0x00, "
    "0x00, "
    "0x0c, 0x01, 0x10, /* ........ */\n0x61, 0x62, 0x20, 0x63, 0x64, 0x20, 0x65, 0x66, // "
    "ab\n0xff, "
    "0x41,\n};\n",
    /* Wireshark */
    "0000   00 01 00 00 00 0c 01 10 61 62 20 63 64 20 65 66   ........ab cd ef\n"
    "0010   ff 41                                             .A\n",
    "0000  00 01 00 00 00 0c 01 10  61 62 20 63 64 20 65 66\n0010  ff 41\n",
    /* hexdump -C */
    "00000000  00 01 00 00 00 0c 01 10  61 62 20 63 64 20 65 66  |........ab cd ef|\n"
    "00000010  ff 41                                             |.A|\n00000012\n",
    /* tcpdump -X, -x */
    "\t0x0000:  0001 0000 000c 0110 6162 2063 6420 6566  ........ab.cd.ef\n"
    "\t0x0010:  ff41                                     .A\n",
    "\t0x0000:  0001 0000 000c 0110 6162 2063 6420 6566\n\t0x0010:  ff41\n",
    /* xxd */
    "00000000: 0001 0000 000c 0110 6162 2063 6420 6566  ........ab cd ef\n"
    "00000010: ff41                                     .A\n",
    /* lines of eight, whose characters look like bytes */
    "0000  00 01 00 00 00 0c 01 10  ........\n0008  61 62 20 63 64 20 65 66  ab cd ef\n"
    "0010  ff 41                    .A\n",
};

enum { GOOD_COUNT = sizeof(good) / sizeof(good[0]) };

static const char *const bad[] = {"", " ", "0", "000", "0x", "0x0", "0x1", "zz", "01 2", "01 02 3",
    "01:02-03", "01::02", ":01", "01 ,, 02", "0x01 02", "01 0x02", "0x01;0x02", "<Buffer",
    "<Buffer 01", "<Buffer 01 0>", "<Buffer 0102>", "<Buffer 01 ... 40 more bytes>",
    "<Buffer 01> 02", "{0x01", "{01}", "{1, 2}", "{0x01 0x02}", "{0x01}; {0x02}",
    "char a[1] = {0x01}; x", "a(b) = {0x01}", "{0x0102}", "/* {0x01}", "\\x01 \\x02", "\\x01a",
    "b'\\x01", "'\\x01' '\\x02'", "b'\\x01A'", "0000 01 02 03", "0000 01 02 03\n0003 04",
    "0000  01 02\n0003  04", "0000  01 02\n0002  03\n0002  04", "0010  01 02", "0000  01 02   xy",
    "0000  01 02   ab", "0000: 01 02 |..", "0000  01 02 03   04", "00000000: 0001 00  ....\n",
    "0000  01 02\nhello", "01 02 is it"};

static int
read_text(const char *text, struct hex *ret_hex)
{
	/* what is told about each is of no interest here */
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC), r;

	dup2(null, STDERR_FILENO);
	r = hex_parse(text, ret_hex);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(null);
	return r;
}

static void
each_form_gives_the_same_bytes(void **state)
{
	for (size_t i = 0; i < GOOD_COUNT; i++) {
		struct hex hex;

		if (strstr(good[i], "ab.cd.ef"))
			continue; /* see below */
		if (read_text(good[i], &hex) < 0)
			fail_msg("refused: %s", good[i]);
		if (hex.length != sizeof(wanted) || memcmp(hex.bytes, wanted, sizeof(wanted)) != 0)
			fail_msg("other bytes: %s", good[i]);
		hex_done(&hex);
	}
}

/* Some versions of tcpdump show a blank as a dot. */
static void
a_blank_may_be_shown_as_a_dot(void **state)
{
	struct hex hex;

	assert_int_equal(read_text("\t0x0000:  6120 62  a.b", &hex), 0);
	assert_int_equal(hex.length, 3);
	hex_done(&hex);
}

static void
what_is_not_surely_bytes_is_refused(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hex hex;

		if (read_text(bad[i], &hex) == 0)
			fail_msg("%zu bytes are read from: %s", hex.length, bad[i]);
	}
}

static void
each_beginning_gives_a_beginning(void **state)
{
	for (size_t i = 0; i < GOOD_COUNT; i++)
		for (size_t length = 0; length < strlen(good[i]); length++) {
			char text[1024];
			struct hex hex;

			snprintf(text, sizeof(text), "%.*s", (int)length, good[i]);
			if (read_text(text, &hex) < 0)
				continue;
			if (hex.length > sizeof(wanted) ||
			    memcmp(hex.bytes, wanted, hex.length) != 0)
				fail_msg("other bytes: %s", text);
			hex_done(&hex);
		}
}

/* Two texts, cut anywhere and put together: what is read are the bytes of both, or nothing. */
static void
mixtures_are_never_other_bytes(void **state)
{
	srandom(1);
	for (unsigned n = 0; n < 20000; n++) {
		const char *one = good[(size_t)random() % GOOD_COUNT];
		const char *other = good[(size_t)random() % GOOD_COUNT];
		size_t cut = (size_t)random() % (strlen(one) + 1);
		struct hex hex, first;
		char text[2048], front[1024];

		snprintf(front, sizeof(front), "%.*s", (int)cut, one);
		snprintf(text, sizeof(text), "%s\n%s", front, other);
		if (read_text(text, &hex) < 0)
			continue;
		if (hex.length < sizeof(wanted) ||
		    memcmp(hex.bytes + hex.length - sizeof(wanted), wanted, sizeof(wanted)) != 0)
			fail_msg("the second is not read as itself: %s", text);
		if (hex.length > sizeof(wanted)) {
			assert_int_equal(read_text(front, &first), 0);
			assert_int_equal(first.length, hex.length - sizeof(wanted));
			hex_done(&first);
		}
		hex_done(&hex);
	}
}

static void
noise_does_no_harm(void **state)
{
	static const char letters[] = "0123456789abcdefxX {}<>:,-\\\"'|.\n\t\r;/*=[]b\xff";

	srandom(2);
	for (unsigned n = 0; n < 100000; n++) {
		size_t length = (size_t)random() % 60;
		struct hex hex;
		char text[64];

		for (size_t i = 0; i < length; i++)
			text[i] = letters[(size_t)random() % (sizeof(letters) - 1)];
		text[length] = '\0';
		if (read_text(text, &hex) == 0)
			hex_done(&hex);
	}
}

static void
as_many_bytes_as_there_is_room_for(void **state)
{
	char *text = malloc(2 * HEX_MAX + 3);
	struct hex hex;

	assert_non_null(text);
	memset(text, '0', 2 * HEX_MAX + 2);
	text[2 * HEX_MAX] = '\0';
	assert_int_equal(read_text(text, &hex), 0);
	hex_done(&hex);
	text[2 * HEX_MAX] = '0';
	text[2 * HEX_MAX + 2] = '\0';
	assert_true(read_text(text, &hex) < 0);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_form_gives_the_same_bytes),
	    cmocka_unit_test(a_blank_may_be_shown_as_a_dot),
	    cmocka_unit_test(what_is_not_surely_bytes_is_refused),
	    cmocka_unit_test(each_beginning_gives_a_beginning),
	    cmocka_unit_test(mixtures_are_never_other_bytes),
	    cmocka_unit_test(noise_does_no_harm),
	    cmocka_unit_test(as_many_bytes_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
