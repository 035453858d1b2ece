/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recogniser: in plain C, from the very text that the kernel's is made of.  See recogniser.h. */
#include "recogniser.h"

#include <stdlib.h>
#include <string.h>

struct plain_packet {
	struct recogniser *recogniser;
	const struct frame *frame;
	uint64_t now_ns;
	bool shared;
	bool read_shared;
};

enum fast_check recogniser_without;

typedef struct plain_packet fast_packet;
#define fast_holds(check, holds) ((check) == recogniser_without || (holds))

#include "fast_recognise.h"

FAST_INLINE const struct fast_config *
fast_config(fast_packet *packet)
{
	return packet->recogniser->config;
}

FAST_INLINE struct fast_room *
fast_room(fast_packet *packet)
{
	static struct fast_room room;

	return &room;
}

FAST_INLINE struct fast_flow *
fast_flow(fast_packet *packet, uint32_t index)
{
	return index < FLOWS ? &packet->recogniser->flows[index] : NULL;
}

FAST_INLINE const struct fast_channel *
fast_channel(fast_packet *packet, uint32_t index)
{
	return index < CHANNELS ? &packet->recogniser->channels[index] : NULL;
}

FAST_INLINE const struct fast_row *
fast_row(fast_packet *packet, uint32_t index)
{
	return index < ROWS ? &packet->recogniser->rows[index] : NULL;
}

FAST_INLINE uint64_t *
fast_rate(fast_packet *packet, uint32_t slot)
{
	return slot < RATES ? (uint64_t *)&packet->recogniser->rates[slot] : NULL;
}

FAST_INLINE uint32_t
fast_size(fast_packet *packet)
{
	return packet->frame->size;
}

FAST_INLINE uint32_t
fast_interface(fast_packet *packet)
{
	return packet->frame->interface;
}

FAST_INLINE uint32_t
fast_protocol(fast_packet *packet)
{
	return (uint32_t)(packet->frame->bytes[12] << 8 | packet->frame->bytes[13]);
}

FAST_INLINE uint64_t
fast_now_ns(fast_packet *packet)
{
	return packet->now_ns;
}

FAST_INLINE int
fast_is_whole(fast_packet *packet)
{
	return !packet->frame->for_others;
}

FAST_INLINE int
fast_make_private(fast_packet *packet)
{
	packet->shared = false;
	return 1;
}

FAST_INLINE int
fast_load(fast_packet *packet, uint32_t at, void *to, uint32_t length)
{
	if (length == 0 || length > FAST_MESSAGE_MAX || at > packet->frame->size ||
	    length > packet->frame->size - at)
		return 0;
	packet->read_shared |= packet->shared;
	memcpy(to, &packet->frame->bytes[at], length);
	return 1;
}

FAST_INLINE enum fast_sum
fast_sum_place(fast_packet *packet, uint32_t tcp_at)
{
	if (packet->frame->elsewhere)
		return FAST_SUM_ELSEWHERE;
	return packet->frame->filled_in ? FAST_SUM_FILLED_IN : FAST_SUM_IN_PLACE;
}

FAST_INLINE int
fast_swap(uint32_t *word, uint32_t from, uint32_t to)
{
	return __sync_val_compare_and_swap(word, from, to) == from;
}

FAST_INLINE int
fast_swap_long(uint64_t *word, uint64_t from, uint64_t to)
{
	return __sync_val_compare_and_swap(word, from, to) == from;
}

void
recogniser_init(struct recogniser *recogniser)
{
	*recogniser = (struct recogniser){
	    .flows = calloc(FLOWS, sizeof(*recogniser->flows)),
	    .rates = calloc(RATES, sizeof(*recogniser->rates)),
	    .channels = calloc(CHANNELS, sizeof(*recogniser->channels)),
	    .rows = calloc(ROWS, sizeof(*recogniser->rows)),
	    .config = calloc(1, sizeof(*recogniser->config)),
	};
}

void
recogniser_done(struct recogniser *recogniser)
{
	if (recogniser->kernel) {
		kernel_done(recogniser);
	} else {
		free(recogniser->flows);
		free(recogniser->rates);
	}
	free(recogniser->channels);
	free(recogniser->rows);
	free(recogniser->config);
}

void
recogniser_changed(struct recogniser *recogniser)
{
	if (recogniser->kernel)
		kernel_changed(recogniser);
}

void
recogniser_ask(struct recogniser *recogniser, const struct frame *frame, uint64_t now_ns,
    struct answer *ret_answer)
{
	struct plain_packet packet = {
	    .recogniser = recogniser, .frame = frame, .now_ns = now_ns, .shared = frame->shared};

	*ret_answer = (struct answer){.vouched = false};
	if (recogniser->kernel) {
		kernel_ask(recogniser, frame, ret_answer);
		return;
	}
	ret_answer->vouched = fast_recognise(&packet, &ret_answer->mark);
	ret_answer->read_shared = packet.read_shared;
}
