/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: the reader of pcapng files, and what puts their frames in order.
 *
 * The input is a file.  Every frame can be read to its last byte, none is handed out twice, and all
 * of them are handed out at the end.
 */
#include <assert.h>
#include <stdio.h>

#include "fuzz.h"
#include "order.h"
#include "pcapng.h"

struct count {
	uint64_t frames;
	uint64_t bytes;
};

static bool
touch(void *context, const struct frame *frame)
{
	struct count *count = context;
	FILE *nowhere = fmemopen((void *)frame->data, frame->length + (frame->length == 0), "r");

	assert(nowhere);
	for (size_t i = 0; i < frame->length; i++)
		count->bytes += getc(nowhere) >= 0;
	fclose(nowhere);
	count->frames++;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[200] = "";
	struct count count = {0};
	struct frame frame = {0};
	uint64_t frames = 0, bytes = 0;
	struct pcapng *pcapng;
	struct order *order;
	FILE *stream;
	int r;

	if (size == 0)
		return 0;
	stream = fmemopen((void *)data, size, "r");
	pcapng = pcapng_new(stream);
	order = order_new(touch, &count);
	assert(stream && pcapng && order);
	while ((r = pcapng_next(pcapng, &frame, error, sizeof(error))) > 0) {
		assert(frame.number == ++frames);
		bytes += frame.length;
		order_frame(order, &frame);
	}
	assert((r == 0) == (error[0] == '\0'));
	order_end(order);
	assert(count.frames == frames && count.bytes == bytes);
	order_free(order);
	pcapng_free(pcapng);
	fclose(stream);
	return 0;
}
