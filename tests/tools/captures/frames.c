/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames: see frames.h.
 *
 * Formats: draft-ietf-opsawg-pcap (classic) and draft-ietf-opsawg-pcapng; link types as in the pcap
 * registry.
 */
#include <assert.h>
#include <byteswap.h>
#include <string.h>

#include "frames.h"

enum { FRAME_MAX = 128 + FRAMES_PAYLOAD_MAX };

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_COOKED = 113,
	LINK_COOKED2 = 276,
};

/* A frame under construction. */
struct build {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

static void
put8(struct build *b, unsigned value)
{
	assert(b->length < sizeof(b->bytes));
	b->bytes[b->length++] = (uint8_t)value;
}

static void
put16(struct build *b, unsigned value)
{
	put8(b, value >> 8);
	put8(b, value & 0xff);
}

static void
put32(struct build *b, uint32_t value)
{
	put16(b, value >> 16);
	put16(b, value & 0xffff);
}

static void
put_bytes(struct build *b, const void *bytes, size_t length)
{
	assert(length <= sizeof(b->bytes) - b->length);
	if (length)
		memcpy(&b->bytes[b->length], bytes, length);
	b->length += length;
}

static void
file32(struct frames *frames, uint32_t value)
{
	if (frames->format == FRAMES_PCAP_SWAPPED)
		value = bswap_32(value);
	fwrite(&value, sizeof(value), 1, frames->file);
}

static void
file16(struct frames *frames, uint16_t value)
{
	if (frames->format == FRAMES_PCAP_SWAPPED)
		value = bswap_16(value);
	fwrite(&value, sizeof(value), 1, frames->file);
}

void
frames_add_interface(struct frames *frames, const struct frames_interface *interface)
{
	assert(frames->interface_count < FRAMES_INTERFACES_MAX);
	frames->interfaces[frames->interface_count++] = *interface;
	file32(frames, 1);
	file32(frames, 32);
	file16(frames, (uint16_t)interface->link_type);
	file16(frames, 0);
	file32(frames, interface->snap);
	file16(frames, 9); /* if_tsresol */
	file16(frames, 1);
	file32(frames, interface->resolution);
	file32(frames, 0); /* end of options */
	file32(frames, 32);
}

/* Section header and the first interface, with nanoseconds. */
static void
begin_pcapng(struct frames *frames)
{
	file32(frames, 0x0a0d0d0a);
	file32(frames, 28);
	file32(frames, 0x1a2b3c4d);
	file16(frames, 1);
	file16(frames, 0);
	file32(frames, UINT32_MAX);
	file32(frames, UINT32_MAX);
	file32(frames, 28);
	frames_add_interface(
	    frames, &(struct frames_interface){.link_type = frames->link_type, .resolution = 9});
}

/* The time of the next frame in the unit of its interface. */
static uint64_t
ticks(const struct frames *frames)
{
	unsigned resolution = frames->interfaces[frames->interface].resolution;
	uint64_t ns = frames->time_ns, fraction = ns % 1000000000;

	if (resolution & 0x80) {
		resolution &= 0x7f;
		return (ns / 1000000000 << resolution) | (fraction << resolution) / 1000000000;
	}
	for (; resolution < 9; resolution++)
		ns /= 10;
	return ns;
}

void
frames_begin(struct frames *frames)
{
	if (frames->format == FRAMES_PCAPNG) {
		begin_pcapng(frames);
		return;
	}
	file32(frames, frames->format == FRAMES_PCAP_NANO ? 0xa1b23c4d : 0xa1b2c3d4);
	file16(frames, 2);
	file16(frames, 4);
	file32(frames, 0);
	file32(frames, 0);
	file32(frames, frames->snap ? frames->snap : 262144);
	file32(frames, frames->link_type);
}

static void
add_pcapng(struct frames *frames, const uint8_t *data, size_t kept, size_t length)
{
	static const uint8_t zeros[4];
	size_t padding = (4 - kept % 4) % 4;
	uint32_t total = (uint32_t)(32 + kept + padding);

	file32(frames, 6);
	file32(frames, total);
	file32(frames, frames->interface);
	file32(frames, (uint32_t)(ticks(frames) >> 32));
	file32(frames, (uint32_t)ticks(frames));
	file32(frames, (uint32_t)kept);
	file32(frames, (uint32_t)length);
	fwrite(data, 1, kept, frames->file);
	fwrite(zeros, 1, padding, frames->file);
	file32(frames, total);
}

void
frames_add(struct frames *frames, const uint8_t *data, size_t length)
{
	uint32_t fraction = (uint32_t)(frames->time_ns % 1000000000);
	size_t kept = frames->snap && length > frames->snap ? frames->snap : length;

	if (frames->format == FRAMES_PCAPNG) {
		add_pcapng(frames, data, kept, length);
	} else {
		file32(frames, (uint32_t)(frames->time_ns / 1000000000));
		file32(frames, frames->format == FRAMES_PCAP_NANO ? fraction : fraction / 1000);
		file32(frames, (uint32_t)kept);
		file32(frames, (uint32_t)length);
		fwrite(data, 1, kept, frames->file);
	}
	frames->time_ns += frames->step_ns;
}

static void
put_link(struct build *b, const struct frames *frames, bool ipv6)
{
	static const uint8_t macs[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
	unsigned type = ipv6 ? 0x86dd : 0x0800;
	uint32_t family = ipv6 ? 10 : 2;

	switch (frames->link_type) {
	case LINK_NULL:
		put_bytes(b, &family, sizeof(family)); /* the byte order of the writer */
		break;
	case LINK_LOOP:
		put32(b, family);
		break;
	case LINK_COOKED:
		put16(b, 0); /* to us */
		put16(b, 1); /* Ethernet */
		put16(b, 6);
		put_bytes(b, macs, 6);
		put16(b, 0);
		put16(b, type);
		break;
	case LINK_COOKED2:
		put16(b, type);
		put16(b, 0);
		put32(b, 2); /* interface */
		put16(b, 1);
		put8(b, 0);
		put8(b, 6);
		put_bytes(b, macs, 6);
		put16(b, 0);
		break;
	case LINK_RAW:
		break;
	default:
		put_bytes(b, macs, sizeof(macs));
		for (unsigned i = 0; i < frames->tag_count; i++) {
			put16(b, i + 1 < frames->tag_count ? 0x88a8 : 0x8100);
			put16(b, frames->tags[i]);
		}
		put16(b, type);
	}
}

static uint32_t
sum_words(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
put_ip(struct build *b, const struct frames_segment *segment)
{
	size_t at = b->length, payload = 20 + segment->length;
	uint16_t checksum;

	if (segment->source->ipv6) {
		put32(b, 0x60000000);
		put16(b, segment->uncut ? 0 : (unsigned)payload);
		put8(b, 6);
		put8(b, 64);
		put_bytes(b, segment->source->bytes, 16);
		put_bytes(b, segment->destination->bytes, 16);
		return;
	}
	put16(b, 0x4500);
	put16(b, segment->uncut ? 0 : (unsigned)(20 + payload));
	put32(b, 0x00004000); /* don't fragment */
	put16(b, 0x4006);
	put16(b, 0);
	put_bytes(b, segment->source->bytes, 4);
	put_bytes(b, segment->destination->bytes, 4);
	checksum = fold(sum_words(0, &b->bytes[at], 20));
	b->bytes[at + 10] = (uint8_t)(checksum >> 8);
	b->bytes[at + 11] = (uint8_t)checksum;
}

static uint32_t
pseudo_sum(const struct frames_segment *segment)
{
	size_t size = segment->source->ipv6 ? 16 : 4;
	uint32_t sum = sum_words(6 + 20 + (uint32_t)segment->length, segment->source->bytes, size);

	return sum_words(sum, segment->destination->bytes, size);
}

void
frames_add_segment(struct frames *frames, const struct frames_segment *segment)
{
	struct build b = {.length = 0};
	uint16_t checksum;
	size_t at;

	put_link(&b, frames, segment->source->ipv6);
	put_ip(&b, segment);
	at = b.length;
	put16(&b, segment->source->port);
	put16(&b, segment->destination->port);
	put32(&b, segment->sequence);
	put32(&b, segment->acknowledgement);
	put8(&b, 5 << 4);
	put8(&b, segment->flags);
	put16(&b, 64240);
	put16(&b, 0);
	put16(&b, segment->urgent);
	put_bytes(&b, segment->payload, segment->length);
	checksum = fold(sum_words(pseudo_sum(segment), &b.bytes[at], b.length - at));
	checksum = (uint16_t)(checksum + segment->checksum_error);
	b.bytes[at + 16] = (uint8_t)(checksum >> 8);
	b.bytes[at + 17] = (uint8_t)checksum;
	frames_add(frames, b.bytes, b.length);
}
