/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture: see capture.h.
 *
 * A large stdio buffer that needs no lock, and one pcap_loop() over the whole file: what a frame
 * costs here is two copies out of that buffer.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "link.h"

enum { BUFFER_SIZE = 1 << 20 };

struct capture {
	pcap_t *pcap; /* owns the FILE */
	FILE *file;
	char *buffer;
	uint64_t size;
	uint64_t number;
	int link_type;
	bool (*each)(void *context, const struct frame *frame);
	void *context;
};

static int
refuse(char *error, int number, const char *text)
{
	snprintf(error, CAPTURE_ERROR_SIZE, "%s", text);
	return number;
}

static int
open_file(struct capture *capture, const char *name, char *error)
{
	struct stat status;
	int first;

	/* A copy of standard input is ours to close, like any other file. */
	capture->file = strcmp(name, "-") == 0 ? fdopen(dup(STDIN_FILENO), "r") : fopen(name, "re");
	if (!capture->file)
		return refuse(error, -errno, strerror(errno));
	if (fstat(fileno(capture->file), &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return refuse(error, -EISDIR, strerror(EISDIR));
		if (S_ISREG(status.st_mode))
			capture->size = (uint64_t)status.st_size;
	}
	__fsetlocking(capture->file, FSETLOCKING_BYCALLER);
	if (setvbuf(capture->file, capture->buffer, _IOFBF, BUFFER_SIZE) != 0)
		return refuse(error, -ENOMEM, strerror(ENOMEM));
	first = getc(capture->file);
	if (first == EOF && ferror(capture->file))
		return refuse(error, -errno, strerror(errno));
	if (first == EOF)
		return refuse(error, -ENODATA, "the file is empty");
	ungetc(first, capture->file);
	return 0;
}

static int
open_pcap(struct capture *capture, char *error)
{
	char text[PCAP_ERRBUF_SIZE] = "";

	capture->pcap = pcap_fopen_offline_with_tstamp_precision(
	    capture->file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!capture->pcap) {
		snprintf(error, CAPTURE_ERROR_SIZE, "not a capture that can be read: %s", text);
		return -EBADMSG;
	}
	capture->link_type = pcap_datalink(capture->pcap);
	if (!link_type_known(capture->link_type)) {
		const char *name = pcap_datalink_val_to_name(capture->link_type);

		snprintf(error, CAPTURE_ERROR_SIZE,
		    "link type %d (%s) is not one that Sluice reads; expected Ethernet, Linux "
		    "cooked, raw IP or BSD loopback",
		    capture->link_type, name ? name : "unknown");
		return -EPROTONOSUPPORT;
	}
	return 0;
}

int
capture_open(const char *file, struct capture **ret_capture, char error[CAPTURE_ERROR_SIZE])
{
	struct capture *capture = calloc(1, sizeof(*capture));
	int r;

	if (!capture)
		return refuse(error, -ENOMEM, strerror(ENOMEM));
	capture->buffer = malloc(BUFFER_SIZE);
	r = capture->buffer ? open_file(capture, file, error)
			    : refuse(error, -ENOMEM, strerror(ENOMEM));
	if (r == 0)
		r = open_pcap(capture, error);
	if (r < 0) {
		capture_close(capture);
		return r;
	}
	*ret_capture = capture;
	return 0;
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
	if (!capture->each(capture->context, &frame))
		pcap_breakloop(capture->pcap);
}

int
capture_read(struct capture *capture, bool (*each)(void *context, const struct frame *frame),
    void *context, char error[CAPTURE_ERROR_SIZE])
{
	int r;

	capture->each = each;
	capture->context = context;
	r = pcap_loop(capture->pcap, -1, hand_out, (u_char *)capture);
	if (r != PCAP_ERROR)
		return 0;
	snprintf(error, CAPTURE_ERROR_SIZE, "broken behind frame %llu: %s",
	    (unsigned long long)capture->number, pcap_geterr(capture->pcap));
	return -EBADMSG;
}

void
capture_position(const struct capture *capture, uint64_t *ret_done, uint64_t *ret_total)
{
	off_t position = ftello(capture->file);

	*ret_done = position < 0 ? 0 : (uint64_t)position;
	*ret_total = capture->size;
}

void
capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap); /* closes the FILE */
	else if (capture->file)
		fclose(capture->file);
	free(capture->buffer);
	free(capture);
}
