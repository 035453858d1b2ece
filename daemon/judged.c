/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judged: see judged.h. */
#include <inttypes.h>

#include "judged.h"

static uint64_t
read_number(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

/* Its upper end. */
static double
bucket_seconds(unsigned bucket)
{
	return (double)(UINT64_C(1) << bucket) / 1e6;
}

json_t *
judged_object(const struct crew *crew)
{
	uint64_t sums[JUDGING_BUCKETS] = {0}, total_ns = 0, packets = 0;
	json_t *buckets = json_array();
	unsigned used = 0;

	for (unsigned i = 0; i < crew->settings.count; i++) {
		const struct judging *judging = &crew->members[i].shared->judging;

		for (unsigned k = 0; k < JUDGING_BUCKETS; k++)
			sums[k] += read_number(&judging->buckets[k]);
		total_ns += read_number(&judging->total_ns);
	}
	for (unsigned k = 0; k < JUDGING_BUCKETS; k++) {
		packets += sums[k];
		used = sums[k] > 0 ? k + 1 : used;
	}
	for (unsigned k = 0; k < used; k++)
		json_array_append_new(buckets, json_integer((json_int_t)sums[k]));
	return json_pack("{s:I, s:I, s:o}", "packets", (json_int_t)packets, "total_ns",
	    (json_int_t)total_ns, "buckets", buckets);
}

/* Each bucket of Prometheus holds those before it. */
static void
one_metrics(FILE *out, unsigned inspector, const struct judging *judging)
{
	uint64_t sum = 0;

	for (unsigned k = 0; k < JUDGING_BUCKETS - 1; k++) {
		sum += read_number(&judging->buckets[k]);
		fprintf(out,
		    "sluice_judging_seconds_bucket{inspector=\"%u\",le=\"%.6f\"} %" PRIu64 "\n",
		    inspector, bucket_seconds(k), sum);
	}
	sum += read_number(&judging->buckets[JUDGING_BUCKETS - 1]);
	fprintf(out, "sluice_judging_seconds_bucket{inspector=\"%u\",le=\"+Inf\"} %" PRIu64 "\n",
	    inspector, sum);
	fprintf(out, "sluice_judging_seconds_sum{inspector=\"%u\"} %.9f\n", inspector,
	    (double)read_number(&judging->total_ns) / 1e9);
	fprintf(
	    out, "sluice_judging_seconds_count{inspector=\"%u\"} %" PRIu64 "\n", inspector, sum);
}

void
judged_metrics(FILE *out, const struct crew *crew)
{
	fputs("# HELP sluice_judging_seconds From receiving a packet to sending its verdict.\n"
	      "# TYPE sluice_judging_seconds histogram\n",
	    out);
	for (unsigned i = 0; i < crew->settings.count; i++)
		one_metrics(out, i, &crew->members[i].shared->judging);
}
