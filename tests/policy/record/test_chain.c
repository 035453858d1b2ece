/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chain of lines: what is sealed is read back, and nothing of it can be changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "chain.h"

static const char line[] = "{\"timestamp\":\"x\",\"event_type\":\"start\"}";
static const struct chain_key key = {.length = 20, .bytes = "0123456789abcdefghij"};

/* By sha256sum(1), of the bytes in front of ,"hash". */
static void
hash_is_what_others_compute(void **state)
{
	struct chain_link last = {0};
	char sealed[sizeof(line) + CHAIN_SEAL_MAX];

	chain_seal(&last, NULL, line, sealed);
	assert_string_equal(sealed,
	    "{\"timestamp\":\"x\",\"event_type\":\"start\",\"chain\":{\"seq\":1,\"prev\":"
	    "\"0000000000000000000000000000000000000000000000000000000000000000\",\"hash\":"
	    "\"c2c1d49ed0f24d60ef7b3baf7a29205360b8d2fd30cd730cb29e553001008e65\"}}");
	assert_int_equal(last.seq, 1);
}

/* By openssl(1) dgst -hmac. */
static void
mac_is_what_others_compute(void **state)
{
	struct chain_link last = {0};
	char sealed[sizeof(line) + CHAIN_SEAL_MAX];

	chain_seal(&last, &key, line, sealed);
	assert_non_null(strstr(sealed,
	    "\"mac\":\"2e65904edcce52cb14c205ab4fc26490b64b06b76cc08b9664fda79c8f9ab519\"}}"));
}

static void
every_bit_counts(const struct chain_key *with)
{
	struct chain_link last = {.seq = 998, .hash = {1, 2, 3}};
	char sealed[sizeof(line) + CHAIN_SEAL_MAX];
	struct chain_seal seal;
	size_t length;

	chain_seal(&last, with, line, sealed);
	length = chain_seal(&last, with, line, sealed);
	assert_int_equal(length, strlen(sealed));
	assert_true(length < sizeof(sealed));
	assert_true(chain_read(sealed, length, &seal));
	assert_int_equal(seal.link.seq, 1000);
	assert_int_equal(seal.keyed, with != NULL);
	assert_true(chain_verify(with, sealed, &seal));
	for (size_t bit = 0; bit < 8 * length; bit++) {
		sealed[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(
		    chain_read(sealed, length, &seal) && chain_verify(with, sealed, &seal));
		sealed[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t shorter = 0; shorter < length; shorter++)
		assert_false(chain_read(sealed, shorter, &seal));
}

static void
no_bit_can_be_changed(void **state)
{
	every_bit_counts(NULL);
	every_bit_counts(&key);
}

static void
another_key_is_wrong(void **state)
{
	static const struct chain_key other = {.length = 20, .bytes = "0123456789abcdefghiJ"};
	struct chain_link last = {0};
	char sealed[sizeof(line) + CHAIN_SEAL_MAX];
	struct chain_seal seal;

	chain_seal(&last, &key, line, sealed);
	assert_true(chain_read(sealed, strlen(sealed), &seal));
	assert_false(chain_verify(&other, sealed, &seal));
	assert_false(chain_verify(NULL, sealed, &seal));
}

/* Numbers as nobody writes them. */
static void
numbers_have_one_form(void **state)
{
	static const char *const numbers[] = {
	    "", "0", "01", "-1", "18446744073709551616", "99999999999999999999", "1 ", "1e3"};
	static const char zeros[] =
	    "0000000000000000000000000000000000000000000000000000000000000000";
	struct chain_seal seal;
	char text[512];

	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sprintf(text, "{\"a\":1,\"chain\":{\"seq\":%s,\"prev\":\"%s\",\"hash\":\"%s\"}}",
		    numbers[i], zeros, zeros);
		assert_false(chain_read(text, strlen(text), &seal));
	}
	sprintf(text,
	    "{\"a\":1,\"chain\":{\"seq\":18446744073709551615,\"prev\":\"%s\",\"hash\":\"%s\"}}",
	    zeros, zeros);
	assert_true(chain_read(text, strlen(text), &seal));
	assert_true(seal.link.seq == UINT64_MAX);
}

static void
key_files(void **state)
{
	char path[] = "/tmp/sluice-key-XXXXXX", bytes[CHAIN_KEY_MAX + 1] = "0123456789abcde";
	struct chain_key read = {0};
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, CHAIN_KEY_MIN - 1), CHAIN_KEY_MIN - 1);
	assert_int_equal(chain_read_key(path, &read), -EINVAL);
	assert_int_equal(write(fd, bytes, 1), 1);
	assert_int_equal(chain_read_key(path, &read), 0);
	assert_int_equal(read.length, CHAIN_KEY_MIN);
	assert_int_equal(fchmod(fd, 0640), 0);
	assert_int_equal(chain_read_key(path, &read), -EPERM);
	assert_int_equal(fchmod(fd, 0400), 0);
	assert_int_equal(pwrite(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_int_equal(chain_read_key(path, &read), -EINVAL);
	assert_int_equal(ftruncate(fd, CHAIN_KEY_MAX), 0);
	assert_int_equal(chain_read_key(path, &read), 0);
	close(fd);
	unlink(path);
	assert_int_equal(chain_read_key(path, &read), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hash_is_what_others_compute),
	    cmocka_unit_test(mac_is_what_others_compute),
	    cmocka_unit_test(no_bit_can_be_changed),
	    cmocka_unit_test(another_key_is_wrong),
	    cmocka_unit_test(numbers_have_one_form),
	    cmocka_unit_test(key_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
