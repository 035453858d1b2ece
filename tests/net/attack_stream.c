/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What TCP and IP can do to the bytes of a forbidden request, each segment made by hand.
 *
 * Several of them rest on a segment that the inspector sees and the server throws away, so that the
 * two would disagree about what was sent.  See attack.h.
 */
#include "attack.h"

#include "lab.h"

enum { PAUSE_MS = 25, ANSWER_MS = 400 };

/* Bytes first..last-1 of the attack, where they belong. */
static void
send_part(struct attempt *a, uint32_t first, uint32_t last)
{
	raw_data(&a->raw, a->base + first, &a->attack->bytes[first], last - first);
}

static void
send_all(struct attempt *a)
{
	send_part(a, 0, (uint32_t)a->attack->length);
}

void
attack_single(struct attempt *a)
{
	attempt_connect(a, false);
	send_all(a);
}

/*
 * In two segments, cut behind `argument` bytes; the second follows when the first has arrived.
 * Where a gate waits for the whole of it, both come again as one, as from a kernel.
 */
void
attack_split(struct attempt *a)
{
	uint32_t cut = a->attack->argument;
	bool arrived;

	attempt_connect(a, false);
	send_part(a, 0, cut);
	arrived = raw_wait_acked(&a->raw, a->base + cut, PAUSE_MS);
	send_part(a, cut, (uint32_t)a->attack->length);
	if (!arrived && a->gate == GATE_REFUSE)
		send_all(a);
}

void
attack_bytewise(struct attempt *a)
{
	attempt_connect(a, false);
	for (uint32_t i = 0; i < a->attack->length; i++) {
		send_part(a, i, i + 1);
		raw_wait_acked(&a->raw, a->base + i + 1, PAUSE_MS);
	}
}

/* The first `argument` bytes are a segment, with time to be judged and answered; then the rest. */
void
attack_first_segment(struct attempt *a)
{
	attempt_connect(a, false);
	send_part(a, 0, a->attack->argument);
	raw_listen(&a->raw, 4 * PAUSE_MS);
	send_part(a, a->attack->argument, (uint32_t)a->attack->length);
}

/* A permitted message, then a repetition of its second half that goes on with the forbidden one. */
void
attack_retransmit_longer(struct attempt *a)
{
	attempt_connect(a, false);
	send_part(a, 0, 12);
	raw_wait_acked(&a->raw, 12, ANSWER_MS);
	send_part(a, 6, (uint32_t)a->attack->length);
}

/* The permitted write in a segment that the server's kernel throws away, then the forbidden one in
 * its place. */
static void
send_decoy(struct attempt *a, struct segment decoy)
{
	decoy.data = message_permitted;
	decoy.length = sizeof(message_permitted);
	raw_send(&a->raw, &decoy);
	raw_listen(&a->raw, PAUSE_MS);
	send_all(a);
}

void
attack_bad_checksum(struct attempt *a)
{
	attempt_connect(a, false);
	send_decoy(a, (struct segment){.bad_checksum = true});
}

/* RFC 7323 section 5: a segment with an old timestamp is dropped. */
void
attack_old_timestamp(struct attempt *a)
{
	attempt_connect(a, true);
	send_decoy(a, (struct segment){.time_shift = -100000});
}

/* RFC 9293 section 3.10.7.4: a segment that acknowledges what was never sent is dropped. */
void
attack_bad_acknowledgement(struct attempt *a)
{
	attempt_connect(a, false);
	send_decoy(a, (struct segment){.ack_shift = 100000});
}

void
attack_no_acknowledgement(struct attempt *a)
{
	attempt_connect(a, false);
	send_decoy(a, (struct segment){.flags = FLAG_PSH});
}

void
attack_md5_option(struct attempt *a)
{
	attempt_connect(a, false);
	send_decoy(a, (struct segment){.md5_option = true});
}

/* The second half first, then the first, then the second again as any sender would. */
void
attack_out_of_order(struct attempt *a)
{
	attempt_connect(a, false);
	send_part(a, 6, 12);
	raw_listen(&a->raw, PAUSE_MS);
	send_part(a, 0, 6);
	raw_listen(&a->raw, PAUSE_MS);
	send_part(a, 6, 12);
}

/*
 * Two segments wait behind a hole and contradict each other in the address; the second covers the
 * first, so Linux takes the second.  Then the hole is filled, and everything is sent once more.
 */
void
attack_overlapping_holes(struct attempt *a)
{
	attempt_connect(a, false);
	raw_data(&a->raw, 9, &message_permitted[9], 1);
	raw_listen(&a->raw, PAUSE_MS);
	send_part(a, 8, 12);
	raw_listen(&a->raw, PAUSE_MS);
	send_part(a, 0, 8);
	raw_listen(&a->raw, PAUSE_MS);
	send_part(a, 8, 12);
}

/* A permitted beginning, then its end repeated with other bytes: the kernel keeps the old, takes
 * the new. */
void
attack_changed_tail(struct attempt *a)
{
	attempt_connect(a, false);
	raw_data(&a->raw, 0, message_permitted, 10);
	raw_wait_acked(&a->raw, 10, PAUSE_MS);
	send_part(a, 8, 12);
}

void
attack_fragments(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.offset = a->base,
		.data = a->attack->bytes,
		.length = a->attack->length,
		.fragment = a->attack->argument});
}

void
attack_fragments_backwards(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.offset = a->base,
		.data = a->attack->bytes,
		.length = a->attack->length,
		.fragment = a->attack->argument,
		.fragments_backwards = true});
}

/* One byte more in the middle, marked urgent: the server reads around it. */
void
attack_urgent_inserted(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.data = a->attack->bytes,
		.length = a->attack->length,
		.flags = FLAG_PSH | FLAG_ACK | FLAG_URG,
		.urgent = (uint16_t)a->attack->argument});
}

/* The whole request and one byte behind it that is urgent. */
void
attack_urgent_whole(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.data = a->attack->bytes,
		.length = a->attack->length,
		.flags = FLAG_PSH | FLAG_ACK | FLAG_URG,
		.urgent = (uint16_t)a->attack->length});
}

/* A permitted write on the SYN, which the server ignores, then the forbidden one in its place. */
void
attack_syn_data(struct attempt *a)
{
	uint64_t end = lab_now_ms() + ANSWER_MS;

	raw_open(&a->raw, a->attack->server, 502);
	a->port = a->raw.source_port;
	raw_send(&a->raw,
	    &(struct segment){.offset = 0,
		.flags = FLAG_SYN,
		.data = message_permitted,
		.length = sizeof(message_permitted)});
	while (a->raw.received == 0 && lab_now_ms() < end)
		raw_listen(&a->raw, 5);
	raw_send(&a->raw, &(struct segment){.flags = FLAG_ACK});
	send_all(a);
}

/* Something happens between the two halves that the server ignores. */
static void
interrupt_with(struct attempt *a, struct segment interruption)
{
	attempt_connect(a, false);
	send_part(a, 0, 6);
	raw_wait_acked(&a->raw, 6, PAUSE_MS);
	interruption.offset = 6;
	raw_send(&a->raw, &interruption);
	raw_listen(&a->raw, PAUSE_MS);
	send_part(a, 6, 12);
}

void
attack_second_syn(struct attempt *a)
{
	interrupt_with(a, (struct segment){.flags = FLAG_SYN, .sequence_shift = 0x01000000});
}

void
attack_far_reset(struct attempt *a)
{
	interrupt_with(
	    a, (struct segment){.flags = FLAG_RST | FLAG_ACK, .sequence_shift = 0x40000000});
}

/* RFC 5961 section 3: inside the window but not the next byte; the server asks back instead of
 * believing it. */
void
attack_near_reset(struct attempt *a)
{
	interrupt_with(a, (struct segment){.flags = FLAG_RST | FLAG_ACK, .sequence_shift = 100});
}

void
attack_false_reset(struct attempt *a)
{
	interrupt_with(a, (struct segment){.flags = FLAG_RST | FLAG_ACK, .bad_checksum = true});
}

void
attack_far_fin(struct attempt *a)
{
	interrupt_with(
	    a, (struct segment){.flags = FLAG_FIN | FLAG_ACK, .sequence_shift = 0x40000000});
}

void
attack_with_fin(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.data = a->attack->bytes,
		.length = a->attack->length,
		.flags = FLAG_PSH | FLAG_ACK | FLAG_FIN});
}

void
attack_after_fin(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.data = message_read,
		.length = sizeof(message_read),
		.flags = FLAG_PSH | FLAG_ACK | FLAG_FIN});
	raw_listen(&a->raw, PAUSE_MS);
	raw_data(&a->raw, 13, a->attack->bytes, a->attack->length);
}

void
attack_sequence_wrap(struct attempt *a)
{
	uint32_t cut = a->attack->argument;

	raw_open_at(&a->raw, a->attack->server, 502, 0U - cut);
	a->port = a->raw.source_port;
	if (!raw_connect(&a->raw, false))
		lab_fail("no connection");
	send_part(a, 0, cut);
	raw_wait_acked(&a->raw, cut, PAUSE_MS);
	send_part(a, cut, (uint32_t)a->attack->length);
}

void
attack_ip_options(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){
		.data = a->attack->bytes, .length = a->attack->length, .ip_options = true});
}

void
attack_destination_option(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){
		.data = a->attack->bytes, .length = a->attack->length, .destination_option = true});
}

/* The forbidden request, and then one that would be permitted: a denied flow stays denied. */
void
attack_after_denial(struct attempt *a)
{
	attempt_connect(a, false);
	send_all(a);
	raw_listen(&a->raw, 4 * PAUSE_MS);
	raw_data(&a->raw, (uint32_t)a->attack->length, message_read, sizeof(message_read));
	raw_data(&a->raw, 0, message_read, sizeof(message_read));
	a->arrived = raw_wait_data(&a->raw, WRITE_RESPONSE_SIZE + READ_RESPONSE_SIZE, ANSWER_MS);
}
