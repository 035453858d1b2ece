/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queues are bound and set up, and a number that is in use is told apart from missing permission.
 *
 * In a network namespace of its own, which needs root.  Packets flow in the network tests.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue.h"

enum { NUMBER = 5200, NOBODY = 65534, BYTES = 1 << 20 };

static const struct queue_settings closed = {.number = NUMBER, .length = 10};
static const struct queue_settings opened = {.number = NUMBER + 1, .length = 10, .fail_open = true};

static void
two_queues_on_one_socket(void **state)
{
	struct queue queue;
	struct queue_features features;
	struct queue_stats stats;

	assert_int_equal(queue_open(BYTES, &queue), 0);
	assert_int_equal(queue_bind(&queue, &closed, &features), 0);
	assert_false(features.fail_open);
	assert_int_equal(queue_bind(&queue, &opened, &features), 0);
	assert_true(features.fail_open);
	stats.waiting = 1;
	queue_stats_read(NUMBER, &stats);
	assert_int_equal(stats.waiting, 0);
	assert_int_equal(queue_overflows(&queue), 0);
	queue_close(&queue);
	assert_int_equal(queue.fd, -1);
}

static void
number_in_use(void **state)
{
	struct queue first, second;
	struct queue_features features;

	assert_int_equal(queue_open(BYTES, &first), 0);
	assert_int_equal(queue_open(BYTES, &second), 0);
	assert_int_equal(queue_bind(&first, &closed, &features), 0);
	assert_int_equal(queue_bind(&second, &closed, &features), -EBUSY);
	queue_close(&first); /* and free again */
	assert_int_equal(queue_bind(&second, &closed, &features), 0);
	queue_close(&second);
}

static void
no_permission(void **state)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		struct queue queue;

		if (setuid(NOBODY) < 0)
			_exit(1);
		_exit(queue_open(BYTES, &queue) == -EPERM ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/*
 * Verdicts for packets that do not exist are refused one by one, and received as errors.  They
 * carry the packets; the largest ones do not fit into one message of the socket together.
 */
static void
verdicts_without_packets_of(size_t length)
{
	static const uint8_t bytes[65531];
	struct queue queue;
	struct queue_features features;
	struct queue_batch *batch;
	struct queue_packet packets[QUEUE_BATCH_MAX];
	uint32_t errors = 0, total = 0;

	assert_int_equal(queue_open(BYTES, &queue), 0);
	assert_int_equal(queue_bind(&queue, &closed, &features), 0);
	assert_int_equal(queue_batch_new(&batch), 0);
	queue_discard(batch, NUMBER, 7);
	for (uint32_t i = 0; i < QUEUE_BATCH_MAX; i++) {
		struct queue_packet packet = {
		    .queue = NUMBER, .id = i, .data = bytes, .length = length};

		if (i % 4 == 3)
			queue_drop(batch, &packet);
		else
			queue_accept(batch, &packet);
	}
	assert_int_equal(queue_send(queue.fd, batch), 0);
	while (total < QUEUE_BATCH_MAX + 1) {
		assert_int_equal(queue_receive(queue.fd, batch, packets, &errors), 0);
		total += errors;
	}
	assert_int_equal(total, QUEUE_BATCH_MAX + 1);
	queue_batch_free(batch);
	queue_close(&queue);
}

static void
verdicts_without_packets(void **state)
{
	verdicts_without_packets_of(41);
	verdicts_without_packets_of(1500);
	verdicts_without_packets_of(65531);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_queues_on_one_socket),
	    cmocka_unit_test(number_in_use),
	    cmocka_unit_test(no_permission),
	    cmocka_unit_test(verdicts_without_packets),
	};
	struct queue queue;

	if (unshare(CLONE_NEWNET) < 0) {
		puts("needs root: a network namespace of its own");
		return 77;
	}
	if (queue_open(BYTES, &queue) < 0) {
		puts("the kernel has no packet queues (nfnetlink_queue)");
		return 77;
	}
	queue_close(&queue);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
