/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging: into which bucket a time goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judging.h"

static void
a_time_goes_into_the_first_bucket_that_holds_it(void **state)
{
	static const struct {
		uint64_t took_ns;
		unsigned bucket;
	} rows[] = {
	    {0, 0},
	    {1000, 0},
	    {1001, 1},
	    {2000, 1},
	    {2001, 2},
	    {4000, 2},
	    {4001, 3},
	    {1024000, 10},
	    {1024001, 11},
	    {UINT64_C(1048576000), 20},
	    {UINT64_C(1048576001), 21},
	    {UINT64_C(1) << 62, 21},
	    {UINT64_MAX, 21},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct judging judging = {0};

		judging_add(&judging, rows[i].took_ns, 3);
		for (unsigned k = 0; k < JUDGING_BUCKETS; k++)
			if (judging.buckets[k] != (k == rows[i].bucket ? 3 : 0))
				fail_msg("%llu ns: bucket %u has %llu",
				    (unsigned long long)rows[i].took_ns, k,
				    (unsigned long long)judging.buckets[k]);
	}
}

static void
times_of_all_packets_are_summed(void **state)
{
	struct judging judging = {0};

	judging_add(&judging, 1500, 2);
	judging_add(&judging, 500, 1);
	assert_int_equal(judging.total_ns, 3500);
	assert_int_equal(judging.buckets[0], 1);
	assert_int_equal(judging.buckets[1], 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_time_goes_into_the_first_bucket_that_holds_it),
	    cmocka_unit_test(times_of_all_packets_are_summed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
