/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Top numbers: see top_numbers.h. */
#include <stdarg.h>
#include <string.h>

#include "top_numbers.h"

enum { BUCKETS_MAX = 63 };

uint64_t
top_number(const json_t *object, ...)
{
	const char *name;
	json_int_t number;
	va_list names;

	va_start(names, object);
	while ((name = va_arg(names, const char *)))
		object = json_object_get(object, name);
	va_end(names);
	number = json_integer_value(object);
	return number > 0 ? (uint64_t)number : 0;
}

static double
rate(uint64_t before, uint64_t now, double seconds)
{
	return seconds > 0 && now > before ? (double)(now - before) / seconds : 0;
}

struct top_rates
top_rates_all(const json_t *before, const json_t *now, double seconds)
{
	const json_t *then = json_object_get(before, "engine");
	const json_t *engine = json_object_get(now, "engine");

	if (!before)
		return (struct top_rates){0};
	return (struct top_rates){
	    .packets = rate(
		top_number(then, "packets", NULL), top_number(engine, "packets", NULL), seconds),
	    .messages = rate(
		top_number(then, "messages", NULL), top_number(engine, "messages", NULL), seconds),
	    .denied =
		rate(top_number(then, "denied", NULL), top_number(engine, "denied", NULL), seconds),
	};
}

struct top_rates
top_rates_channel(const json_t *before, const json_t *channel, double seconds)
{
	const char *name = json_string_value(json_object_get(channel, "name"));
	const json_t *then;
	size_t i;

	json_array_foreach(json_object_get(before, "channels"), i, then)
	{
		const char *other = json_string_value(json_object_get(then, "name"));

		if (!name || !other || strcmp(name, other) != 0)
			continue;
		return (struct top_rates){
		    .packets = rate(top_number(then, "packets", NULL),
			top_number(channel, "packets", NULL), seconds),
		    .messages = rate(top_number(then, "messages", NULL),
			top_number(channel, "messages", NULL), seconds),
		    .denied = rate(top_number(then, "denied", NULL),
			top_number(channel, "denied", NULL), seconds),
		};
	}
	return (struct top_rates){0};
}

static uint64_t
bucket(const json_t *status, size_t i)
{
	const json_t *buckets = json_object_get(json_object_get(status, "judging"), "buckets");
	json_int_t count = json_integer_value(json_array_get(buckets, i));

	return count > 0 ? (uint64_t)count : 0;
}

/* How many came into the bucket. */
static uint64_t
bucket_change(const json_t *before, const json_t *now, size_t i)
{
	uint64_t then = bucket(before, i), count = bucket(now, i);

	return count > then ? count - then : 0;
}

uint64_t
top_judging_us(const json_t *before, const json_t *now, unsigned percent)
{
	uint64_t all = 0, sum = 0;

	for (size_t i = 0; i < BUCKETS_MAX; i++)
		all += bucket_change(before, now, i);
	if (all == 0 && before)
		return top_judging_us(NULL, now, percent);
	for (size_t i = 0; i < BUCKETS_MAX && all > 0; i++) {
		sum += bucket_change(before, now, i);
		if ((double)sum * 100 >= (double)all * percent)
			return UINT64_C(1) << i;
	}
	return 0;
}

uint64_t
top_waiting(const json_t *now)
{
	const json_t *inspector, *queue;
	uint64_t sum = 0;
	size_t i, k;

	json_array_foreach(json_object_get(now, "inspectors"), i, inspector)
	{
		json_array_foreach(json_object_get(inspector, "queues"), k, queue)
		{
			sum += top_number(queue, "waiting", NULL);
		}
	}
	return sum;
}
