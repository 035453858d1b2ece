/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of files that are packed, or cut, or damaged. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "source.h"

enum { TEXT = 300000, PACKED_MAX = 400000, ERROR_SIZE = 200 };

static uint8_t text[TEXT];

/* Bytes that pack, but not to nothing. */
static int
make_text(void **state)
{
	uint32_t number = 1;

	for (size_t i = 0; i < TEXT; i++) {
		number = number * 1103515245 + 12345;
		text[i] = (uint8_t)(number >> 16 & 0x1f);
	}
	return 0;
}

static size_t
pack_gzip(const uint8_t *bytes, size_t length, uint8_t *packed)
{
	z_stream z = {.next_in = (Bytef *)bytes, .avail_in = (uInt)length};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = packed;
	z.avail_out = PACKED_MAX;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static size_t
pack_zstd(const uint8_t *bytes, size_t length, uint8_t *packed)
{
	return ZSTD_compress(packed, PACKED_MAX, bytes, length, 3);
}

static size_t (*const packers[])(const uint8_t *bytes, size_t length, uint8_t *packed) = {
    pack_gzip,
    pack_zstd,
};

/* What is read of a file of these bytes; why not to its end in *ret_fault. */
static size_t
read_back(const uint8_t *bytes, size_t length, uint8_t *ret_read, const char **ret_fault)
{
	char name[] = "/tmp/source.XXXXXX", error[ERROR_SIZE];
	int fd = mkstemp(name);
	struct source *source = NULL;
	uint64_t done, total;
	size_t count;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	assert_int_equal(source_open(name, &source, error, sizeof(error)), 0);
	count = fread(ret_read, 1, PACKED_MAX, source_stream(source));
	*ret_fault = source_fault(source);
	source_position(source, &done, &total);
	assert_int_equal(total, length);
	assert_true(done <= total);
	assert_true(*ret_fault || done == total);
	fclose(source_stream(source));
	source_free(source);
	unlink(name);
	return count;
}

static void
bytes_that_are_not_packed_stay_as_they_are(void **state)
{
	static uint8_t back[PACKED_MAX];
	const char *fault;

	assert_int_equal(read_back(text, TEXT, back, &fault), TEXT);
	assert_memory_equal(back, text, TEXT);
	assert_null(fault);
}

static void
packed_bytes_are_unpacked_piece_after_piece(void **state)
{
	static uint8_t packed[2 * PACKED_MAX], back[PACKED_MAX];
	const char *fault;

	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		size_t length = packers[i](text, 1000, packed);

		length += packers[i](text + 1000, TEXT - 1000, packed + length);
		assert_true(length < TEXT);
		assert_int_equal(read_back(packed, length, back, &fault), TEXT);
		assert_memory_equal(back, text, TEXT);
		assert_null(fault);
	}
}

static void
a_packed_file_that_is_cut_is_told(void **state)
{
	static uint8_t packed[PACKED_MAX], back[PACKED_MAX];
	const char *fault;

	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		size_t length = packers[i](text, 2000, packed);

		for (size_t n = 1; n < length; n += 7) {
			size_t count = read_back(packed, n, back, &fault);

			assert_string_equal(fault, "the packed file ends in the middle");
			assert_memory_equal(back, text, count);
		}
	}
}

static void
a_packed_file_that_is_damaged_is_told(void **state)
{
	static uint8_t packed[PACKED_MAX], back[PACKED_MAX];
	const char *fault;

	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		size_t length = packers[i](text, 2000, packed);

		memset(packed + length, 'x', 20); /* something behind it */
		read_back(packed, length + 20, back, &fault);
		assert_string_equal(fault, "the packed file is damaged");
		packed[1] ^= 0xff; /* and its second byte */
		assert_int_equal(read_back(packed, length, back, &fault), 0);
		assert_string_equal(fault, "the packed file is damaged");
	}
}

static void
what_cannot_be_opened_is_told(void **state)
{
	struct source *source = NULL;
	char error[ERROR_SIZE] = "";

	assert_int_equal(source_open("/tmp/no/such", &source, error, sizeof(error)), -ENOENT);
	assert_string_equal(error, "No such file or directory");
	assert_int_equal(source_open("/tmp", &source, error, sizeof(error)), -EISDIR);
	assert_int_equal(source_open("/dev/null", &source, error, sizeof(error)), -ENODATA);
	assert_string_equal(error, "the file is empty");
	assert_null(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_that_are_not_packed_stay_as_they_are),
	    cmocka_unit_test(packed_bytes_are_unpacked_piece_after_piece),
	    cmocka_unit_test(a_packed_file_that_is_cut_is_told),
	    cmocka_unit_test(a_packed_file_that_is_damaged_is_told),
	    cmocka_unit_test(what_cannot_be_opened_is_told),
	};

	return cmocka_run_group_tests(tests, make_text, NULL);
}
