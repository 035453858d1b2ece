/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture: see capture.h.
 *
 * Large stdio buffers that need no lock, and one pcap_loop() over the whole file: what a frame
 * costs here is two copies out of such a buffer.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "decap.h"
#include "link.h"
#include "order.h"
#include "pcapng.h"
#include "source.h"

struct capture {
	struct source *source;
	pcap_t *pcap;          /* owns the stream of the source; or */
	struct pcapng *pcapng; /* does not */
	struct order *order;
	uint64_t changed; /* frames of an earlier order */
	bool decap;
	uint64_t number;
	uint64_t known; /* frames of link types that can be read */
	int link_type;
};

static int
refuse_link_type(int link_type, char *error)
{
	const char *name = pcap_datalink_val_to_name(link_type);

	snprintf(error, CAPTURE_ERROR_SIZE,
	    "link type %d (%s) is not one that Sluice reads; expected Ethernet, Linux cooked, raw "
	    "IP "
	    "or BSD loopback",
	    link_type, name ? name : "unknown");
	return -EPROTONOSUPPORT;
}

static int
open_pcap(struct capture *capture, char *error)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	const char *fault;

	capture->pcap = pcap_fopen_offline_with_tstamp_precision(
	    source_stream(capture->source), PCAP_TSTAMP_PRECISION_NANO, text);
	fault = source_fault(capture->source);
	if (!capture->pcap) {
		snprintf(error, CAPTURE_ERROR_SIZE, "not a capture that can be read: %s",
		    fault ? fault : text);
		return -EBADMSG;
	}
	capture->link_type = pcap_datalink(capture->pcap);
	return link_type_known(capture->link_type) ? 0
						   : refuse_link_type(capture->link_type, error);
}

static int
open_format(struct capture *capture, char *error)
{
	FILE *stream = source_stream(capture->source);
	int first = getc(stream);

	if (first != EOF)
		ungetc(first, stream);
	if (first != PCAPNG_FIRST_BYTE)
		return open_pcap(capture, error);
	capture->pcapng = pcapng_new(stream);
	if (capture->pcapng)
		return 0;
	snprintf(error, CAPTURE_ERROR_SIZE, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

int
capture_open(const char *file, struct capture **ret_capture, char error[CAPTURE_ERROR_SIZE])
{
	struct capture *capture = calloc(1, sizeof(*capture));
	int r;

	if (!capture) {
		snprintf(error, CAPTURE_ERROR_SIZE, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r = source_open(file, &capture->source, error, CAPTURE_ERROR_SIZE);
	if (r == 0)
		r = open_format(capture, error);
	if (r < 0) {
		capture_close(capture);
		return r;
	}
	*ret_capture = capture;
	return 0;
}

void
capture_decap(struct capture *capture, bool decap)
{
	capture->decap = decap;
}

/* A frame as it stands in the file; mirrors of mirrors carry frames in carried frames. */
static bool
hand_on(struct capture *capture, struct frame *frame)
{
	enum { CARRIERS_MAX = 4 };
	struct carried carried;

	capture->known += link_type_known(frame->link_type);
	for (int i = 0; capture->decap && i < CARRIERS_MAX &&
	     decap_frame(frame->link_type, frame->data, frame->length, &carried);
	     i++) {
		frame->data = carried.data;
		frame->length = carried.length;
		frame->link_type = carried.link_type;
		frame->carried = true;
	}
	return order_frame(capture->order, frame);
}

static void
hand_out(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	struct capture *capture = (struct capture *)user;
	uint64_t seconds = (uint64_t)header->ts.tv_sec;
	struct frame frame = {
	    .data = data,
	    .length = header->caplen,
	    .truncated = header->caplen < header->len,
	    .number = ++capture->number,
	    .link_type = capture->link_type,
	};

	/* With nanosecond precision, tv_usec counts nanoseconds. */
	if (header->ts.tv_sec >= 0 && seconds < UINT64_MAX / 1000000000 - 1)
		frame.wall_ns = seconds * 1000000000 + (uint64_t)header->ts.tv_usec;
	if (!hand_on(capture, &frame))
		pcap_breakloop(capture->pcap);
}

/* Returns 1 if somebody wanted no more. */
static int
read_pcap(struct capture *capture, char *error)
{
	int r = pcap_loop(capture->pcap, -1, hand_out, (u_char *)capture);

	if (r != PCAP_ERROR)
		return r == PCAP_ERROR_BREAK;
	snprintf(error, CAPTURE_ERROR_SIZE, "%s", pcap_geterr(capture->pcap));
	return -EBADMSG;
}

static int
read_pcapng(struct capture *capture, char *error)
{
	struct frame frame = {0};
	int r;

	while ((r = pcapng_next(capture->pcapng, &frame, error, CAPTURE_ERROR_SIZE)) > 0) {
		capture->number = frame.number;
		capture->link_type = frame.link_type;
		if (!hand_on(capture, &frame))
			return 1;
	}
	return r;
}

static int
tell_break(const struct capture *capture, char *error)
{
	char text[CAPTURE_ERROR_SIZE];
	const char *fault = source_fault(capture->source);

	snprintf(text, sizeof(text), "%s", fault ? fault : error);
	snprintf(error, CAPTURE_ERROR_SIZE, "broken behind frame %llu: %.*s",
	    (unsigned long long)capture->number, CAPTURE_ERROR_SIZE / 2, text);
	return -EBADMSG;
}

int
capture_read(struct capture *capture, bool (*each)(void *context, const struct frame *frame),
    void *context, char error[CAPTURE_ERROR_SIZE])
{
	int r;

	capture->order = order_new(each, context);
	if (!capture->order) {
		snprintf(error, CAPTURE_ERROR_SIZE, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r = capture->pcapng ? read_pcapng(capture, error) : read_pcap(capture, error);
	if (r <= 0)
		order_end(capture->order);
	capture->changed += order_changed(capture->order);
	order_free(capture->order);
	capture->order = NULL;
	if (r < 0)
		return tell_break(capture, error);
	if (capture->number > 0 && capture->known == 0)
		return refuse_link_type(capture->link_type, error);
	return 0;
}

uint64_t
capture_put_in_order(const struct capture *capture)
{
	return capture->changed + (capture->order ? order_changed(capture->order) : 0);
}

void
capture_position(const struct capture *capture, uint64_t *ret_done, uint64_t *ret_total)
{
	source_position(capture->source, ret_done, ret_total);
}

void
capture_close(struct capture *capture)
{
	if (!capture)
		return;
	pcapng_free(capture->pcapng);
	if (capture->pcap)
		pcap_close(capture->pcap); /* closes the stream */
	else if (capture->source)
		fclose(source_stream(capture->source));
	source_free(capture->source);
	free(capture);
}
