/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pcapng: see pcapng.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "pcapng.h"

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
};

enum { HEAD = 8, TAIL = 4, BLOCK_MIN = HEAD + TAIL };

struct interface {
	int link_type;
	uint32_t snap;      /* bytes of a frame that were kept; 0: all */
	uint8_t resolution; /* as the file has it: 10^-n, or 2^-n with the highest bit set */
	int64_t offset_s;
};

struct pcapng {
	FILE *stream;
	bool begun;      /* a section */
	bool big_endian; /* this section */
	uint64_t number; /* of the last frame */
	uint8_t *body;   /* of the last block */
	size_t body_size;
	size_t interface_count;
	struct interface interfaces[PCAPNG_INTERFACES_MAX];
};

struct pcapng *
pcapng_new(FILE *stream)
{
	struct pcapng *pcapng = calloc(1, sizeof(*pcapng));

	if (pcapng)
		pcapng->stream = stream;
	return pcapng;
}

void
pcapng_free(struct pcapng *pcapng)
{
	if (!pcapng)
		return;
	free(pcapng->body);
	free(pcapng);
}

static uint32_t
take32(const struct pcapng *pcapng, struct cursor *c, const char *field)
{
	return pcapng->big_endian ? cursor_be32(c, field) : cursor_le32(c, field);
}

static uint16_t
take16(const struct pcapng *pcapng, struct cursor *c, const char *field)
{
	return pcapng->big_endian ? cursor_be16(c, field) : cursor_le16(c, field);
}

static uint64_t
take64(const struct pcapng *pcapng, struct cursor *c, const char *field)
{
	uint64_t first = take32(pcapng, c, field);
	uint64_t second = take32(pcapng, c, field);

	return pcapng->big_endian ? first << 32 | second : second << 32 | first;
}

static const char *
read_bytes(struct pcapng *pcapng, size_t at, size_t length)
{
	if (pcapng->body_size < at + length) {
		uint8_t *larger = realloc(pcapng->body, at + length);

		if (!larger)
			return "memory is out";
		pcapng->body = larger;
		pcapng->body_size = at + length;
	}
	if (fread_unlocked(pcapng->body + at, 1, length, pcapng->stream) == length)
		return NULL;
	return ferror_unlocked(pcapng->stream) ? "it cannot be read on" : "it ends inside a block";
}

/* The byte order of a section stands behind its first length. */
static const char *
begin_section(struct pcapng *pcapng)
{
	enum { MAGIC = 0x1a2b3c4d };
	const char *wrong = read_bytes(pcapng, HEAD, 4);
	struct cursor c;

	if (wrong)
		return wrong;
	cursor_init(&c, pcapng->body + HEAD, 4, 4);
	pcapng->big_endian = false;
	if (take32(pcapng, &c, "byte order") != MAGIC) {
		cursor_init(&c, pcapng->body + HEAD, 4, 4);
		pcapng->big_endian = true;
		if (take32(pcapng, &c, "byte order") != MAGIC)
			return "a section has no byte order";
	}
	pcapng->interface_count = 0;
	pcapng->begun = true;
	return NULL;
}

/*
 * Read a block: its type in *ret_type, what stands between its two lengths in *ret_body.  NULL, or
 * what is wrong; *ret_end at the end of the file.
 */
static const char *
read_block(struct pcapng *pcapng, uint32_t *ret_type, struct cursor *ret_body, bool *ret_end)
{
	size_t had = HEAD;
	const char *wrong;
	uint32_t length;
	struct cursor c;
	int first = getc_unlocked(pcapng->stream);

	*ret_end = first == EOF && !ferror_unlocked(pcapng->stream);
	if (*ret_end)
		return NULL;
	if (first != EOF)
		ungetc(first, pcapng->stream);
	wrong = read_bytes(pcapng, 0, HEAD);
	if (wrong)
		return wrong;
	cursor_init(&c, pcapng->body, HEAD, HEAD);
	*ret_type = take32(pcapng, &c, "type");
	if (*ret_type == BLOCK_SECTION) {
		wrong = begin_section(pcapng);
		if (wrong)
			return wrong;
		had += 4;
		cursor_init(&c, pcapng->body, HEAD, HEAD);
		take32(pcapng, &c, "type");
	} else if (!pcapng->begun) {
		return "it does not begin with a section";
	}
	length = take32(pcapng, &c, "length");
	if (length < BLOCK_MIN || length % 4 != 0 || length < had + TAIL)
		return "a block's length is none that a block can have";
	if (length > PCAPNG_BLOCK_MAX)
		return "a block is longer than 16 MiB";
	wrong = read_bytes(pcapng, had, length - had);
	if (wrong)
		return wrong;
	cursor_init(&c, pcapng->body, length, length);
	cursor_bytes(&c, HEAD, "head");
	*ret_body = cursor_sub(&c, length - BLOCK_MIN, "body");
	return take32(pcapng, &c, "length") == length ? NULL : "a block has two lengths";
}

static void
read_option(
    const struct pcapng *pcapng, uint16_t code, struct cursor *value, struct interface *interface)
{
	enum { OPTION_RESOLUTION = 9, OPTION_OFFSET = 14 };

	if (code == OPTION_RESOLUTION)
		interface->resolution = cursor_u8(value, "resolution");
	if (code == OPTION_OFFSET)
		interface->offset_s = (int64_t)take64(pcapng, value, "offset");
}

static const char *
add_interface(struct pcapng *pcapng, struct cursor *c)
{
	enum { OPTION_END = 0, MICROSECONDS = 6 };
	struct interface interface = {.resolution = MICROSECONDS};

	interface.link_type = take16(pcapng, c, "link type");
	take16(pcapng, c, "reserved");
	interface.snap = take32(pcapng, c, "snap length");
	while (cursor_here(c) > 0) {
		uint16_t code = take16(pcapng, c, "option");
		uint16_t length = take16(pcapng, c, "length");
		struct cursor value;

		if (code == OPTION_END)
			break;
		value = cursor_sub(c, length, "value");
		cursor_bytes(c, (4 - length % 4) % 4, "padding");
		if (!cursor_ok(c))
			break;
		read_option(pcapng, code, &value, &interface);
		if (!cursor_ok(&value))
			return "an option of an interface is shorter than it must be";
	}
	if (!cursor_ok(c))
		return "the description of an interface ends in the middle";
	if (pcapng->interface_count == PCAPNG_INTERFACES_MAX)
		return "a section has more than 4096 interfaces";
	pcapng->interfaces[pcapng->interface_count++] = interface;
	return NULL;
}

/* Nanoseconds; 0 where 64 bits hold them not. */
static uint64_t
time_ns(const struct interface *interface, uint64_t ticks)
{
	enum { BINARY = 0x80, SECOND = 1000000000 };
	unsigned power = interface->resolution & ~BINARY;
	uint64_t seconds, fraction, unit = 1;

	if (interface->resolution & BINARY) {
		if (power > 63)
			return 0;
		seconds = ticks >> power;
		fraction = ticks & ((UINT64_C(1) << power) - 1);
		if (power > 32) { /* finer than a nanosecond: the lower bits tell nothing */
			fraction >>= power - 32;
			power = 32;
		}
		fraction = fraction * SECOND >> power;
	} else {
		if (power > 19)
			return 0;
		for (unsigned i = 0; i < power; i++)
			unit *= 10;
		seconds = ticks / unit;
		fraction = ticks % unit;
		fraction = unit <= SECOND ? fraction * (SECOND / unit) : fraction / (unit / SECOND);
	}
	seconds += (uint64_t)interface->offset_s;
	return seconds < UINT64_MAX / SECOND - 1 ? seconds * SECOND + fraction : 0;
}

static const char *
take_data(struct cursor *c, uint32_t kept, struct frame *frame)
{
	static const uint8_t none[1];

	frame->length = kept;
	frame->data = kept == 0 ? none : cursor_bytes(c, kept, "frame");
	return cursor_ok(c) ? NULL : "a frame is longer than its block";
}

static const char *
read_frame(struct pcapng *pcapng, uint32_t type, struct cursor *c, struct frame *frame)
{
	uint32_t index = 0, kept = 0, length;
	const struct interface *interface;
	uint64_t ticks = 0;

	if (type == BLOCK_ENHANCED) {
		index = take32(pcapng, c, "interface");
	} else if (type == BLOCK_PACKET) {
		index = take16(pcapng, c, "interface");
		take16(pcapng, c, "drops");
	}
	if (index >= pcapng->interface_count)
		return "a frame is of an interface that was not described before it";
	interface = &pcapng->interfaces[index];
	if (type != BLOCK_SIMPLE) {
		ticks = (uint64_t)take32(pcapng, c, "time") << 32;
		ticks |= take32(pcapng, c, "time");
		kept = take32(pcapng, c, "kept");
	}
	length = take32(pcapng, c, "length");
	if (type == BLOCK_SIMPLE)
		kept = interface->snap != 0 && interface->snap < length ? interface->snap : length;
	frame->link_type = interface->link_type;
	frame->truncated = kept < length;
	frame->wall_ns = time_ns(interface, ticks);
	frame->number = pcapng->number + 1;
	return take_data(c, kept, frame);
}

int
pcapng_next(struct pcapng *pcapng, struct frame *ret_frame, char *error, size_t size)
{
	struct frame frame = {0};
	const char *wrong;
	struct cursor body;
	uint32_t type;
	bool end;

	for (;;) {
		wrong = read_block(pcapng, &type, &body, &end);
		if (end)
			return 0;
		if (wrong)
			break;
		if (type == BLOCK_INTERFACE)
			wrong = add_interface(pcapng, &body);
		if (wrong)
			break;
		if (type != BLOCK_ENHANCED && type != BLOCK_SIMPLE && type != BLOCK_PACKET)
			continue;
		wrong = read_frame(pcapng, type, &body, &frame);
		if (wrong)
			break;
		pcapng->number = frame.number;
		*ret_frame = frame;
		return 1;
	}
	snprintf(error, size, "%s", wrong);
	return -EBADMSG;
}
