/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks by packets that their sender can still change when they have been judged: a checksum that
 * the kernel is to fill in on the way out, and memory that is shared with the packet.  See
 * attack.h.
 *
 * A card that computes checksums hides the first: the gateway's second interface does without for
 * its time.  The others need no race: the server's kernel keeps the sender's page until its program
 * reads, and the page changes before.
 */
#include "attack_pair.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cmocka.h>

enum { ARRIVE_MS = 150, PAGE = 4096, SUM_FROM = 0, SUM_AT = 10 };

/* Does the gateway's interface towards the pumps compute checksums of what it sends?  As it was. */
static bool
set_offload(bool wanted)
{
	int fd = lab_socket(LAB_GATEWAY, AF_INET, SOCK_DGRAM, 0);
	struct ethtool_value value = {.cmd = ETHTOOL_GTXCSUM};
	struct ifreq request = {.ifr_name = "eth1", .ifr_data = (void *)&value};
	bool before;

	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		lab_fail("eth1 does not tell its offloads: %s", strerror(errno));
	before = value.data;
	value = (struct ethtool_value){.cmd = ETHTOOL_STXCSUM, .data = wanted};
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		lab_fail("eth1 keeps its offloads: %s", strerror(errno));
	close(fd);
	return before;
}

/* The sum of 16-bit words that makes the kernel write `wanted` at SUM_AT, by the transaction id. */
static void
aim(uint8_t *bytes, size_t length, uint16_t wanted)
{
	uint32_t sum = 0, id;

	for (size_t i = 2; i < length; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	id = (uint16_t)~wanted + 0xffffU - sum;
	id = (id & 0xffff) + (id >> 16);
	bytes[0] = (uint8_t)(id >> 8);
	bytes[1] = (uint8_t)id;
}

/* The value is harmless until the gateway sends it. */
void
changing_checksum(struct attempt *a)
{
	const struct attack *attack = a->attack;
	uint8_t before[12], after[12];
	bool offload = set_offload(false);

	memcpy(before, attack->bytes, sizeof(before));
	aim(before, sizeof(before), attack->value);
	memcpy(after, before, sizeof(after));
	after[SUM_AT] = (uint8_t)(attack->value >> 8);
	after[SUM_AT + 1] = (uint8_t)attack->value;
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.data = before,
		.length = sizeof(before),
		.sum_asked = true,
		.sum_from = SUM_FROM,
		.sum_at = SUM_AT,
		.sum_data = after});
	raw_listen(&a->raw, ARRIVE_MS);
	set_offload(offload);
}

/* What the server reads in the end is either what was sent or what came to stand there later. */
static void
read_late(struct attempt *a, int server, const void *sent)
{
	uint8_t buffer[64];

	assert_int_equal(pair_receive(server, buffer, sizeof(buffer), ANSWER_MS), 12);
	a->arrived = memcmp(buffer, a->attack->bytes, 12) == 0;
	if (!a->arrived)
		assert_memory_equal(buffer, sent, 12);
}

/* A page of a file, sent without a copy and changed before the server reads. */
void
changing_page(struct attempt *a)
{
	struct pair pair = pair_open(a);
	int file = memfd_create("page", MFD_CLOEXEC);
	off_t at = 0;
	uint8_t *page;

	assert_true(file >= 0);
	assert_int_equal(ftruncate(file, PAGE), 0);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	assert_true(page != MAP_FAILED);
	memcpy(page, message_permitted, 12);
	assert_int_equal(sendfile(pair.client, file, &at, 12), 12);
	lab_sleep_ms(ARRIVE_MS);
	memcpy(page, a->attack->bytes, 12);
	read_late(a, pair.server, message_permitted);
	munmap(page, PAGE);
	close(file);
	pair_close(&pair);
}
