/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture: the frames of a pcap or pcapng file, one after the other.
 *
 * The only user of libpcap.  Frames are handed out as they stand in the file; what is in them is
 * for link.h and packet.h to say.
 */
#ifndef SLUICE_CAPTURE_H
#define SLUICE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture;

struct frame {
	const uint8_t *data; /* valid until the callback returns */
	size_t length;       /* bytes that are here */
	bool truncated;      /* the frame was longer on the wire */
	uint64_t number;     /* in the file, from 1 */
	uint64_t wall_ns;    /* since 1970, 0 for times that lie outside what 64 bits hold */
	int link_type;
};

enum { CAPTURE_ERROR_SIZE = 512 };

/*
 * Open a file ("-" is standard input) whose link type link.h knows.  Returns 0 and *ret_capture, or
 * -errno and a sentence in `error`.
 */
int capture_open(const char *file, struct capture **ret_capture, char error[CAPTURE_ERROR_SIZE]);

/*
 * Call `each` for every frame, until it returns false.  Returns 0 at the end of the file (or after
 * a false), -EBADMSG and a sentence in `error` if the file breaks off or contradicts itself: then
 * all frames before that place have been handed out.
 */
int capture_read(struct capture *capture, bool (*each)(void *context, const struct frame *frame),
    void *context, char error[CAPTURE_ERROR_SIZE]);

/* Bytes of the file that were read so far, and all of them (0: not known). */
void capture_position(const struct capture *capture, uint64_t *ret_done, uint64_t *ret_total);

void capture_close(struct capture *capture);

#endif
