/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captured: requests out of a capture file. See captured.h. */
#include "captured.h"

#include "capture.h"
#include "lab.h"
#include "link.h"
#include "packet.h"

enum { PORT = 20000, WHOLE = 0xc0, FUNCTION_AT = 12 };

/* What is looked for in a capture, and found. */
struct search {
	const unsigned *functions;
	size_t wanted;
	struct script *script;
};

/* A request of the function that is next, alone in its frame; the frame becomes a packet. */
static void
look_at(struct search *search, const uint8_t *bytes, size_t length)
{
	struct wire *packet = &search->script->packets[search->script->count];

	if (length <= FUNCTION_AT || bytes[0] != 0x05 || bytes[1] != 0x64 ||
	    (bytes[WIRE_HEADER] & WHOLE) != WHOLE ||
	    bytes[FUNCTION_AT] != search->functions[search->script->count])
		return;
	if (length < wire_frame_size(bytes[2] - 5u))
		return;
	packet->length = 0;
	wire_put(packet, bytes, wire_frame_size(bytes[2] - 5u));
	search->script->count++;
}

static bool
look_into(void *context, const struct frame *frame)
{
	struct search *search = context;
	enum reason reason;
	struct packet packet;
	size_t at;

	if (link_find_ip(frame->link_type, frame->data, frame->length, &at) == LINK_IP &&
	    packet_parse(&frame->data[at], frame->length - at, &packet, &reason) &&
	    packet.destination_port == PORT)
		look_at(search, packet.payload, packet.payload_length);
	return search->script->count < search->wanted;
}

void
captured_requests(
    const char *path, const unsigned *functions, size_t count, struct script *ret_script)
{
	struct search search = {functions, count, ret_script};
	char error[CAPTURE_ERROR_SIZE];
	struct capture *capture;

	if (capture_open(path, &capture, error) < 0)
		lab_fail("%s", error);
	ret_script->count = 0;
	capture_read(capture, look_into, &search, error);
	capture_close(capture);
	if (ret_script->count < count)
		lab_fail("%s has no such requests", path);
}
