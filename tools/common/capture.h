/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture: the frames of a pcap or pcapng file, packed by gzip or zstd or not, one after the other.
 *
 * The only user of libpcap.  Frames are handed out in the order in which they can have been sent
 * (order.h); what is in them is for link.h and packet.h to say.
 */
#ifndef SLUICE_CAPTURE_H
#define SLUICE_CAPTURE_H

#include "frame.h"

struct capture;

enum { CAPTURE_ERROR_SIZE = 512 };

/*
 * Open a file ("-" is standard input), a pcap file of a link type that link.h knows, or pcapng.
 * Returns 0 and *ret_capture, or -errno and a sentence in `error`.
 */
int capture_open(const char *file, struct capture **ret_capture, char error[CAPTURE_ERROR_SIZE]);

/* Take frames out of those that carry them (decap.h), however often; a frame that carries none
 * stays. */
void capture_decap(struct capture *capture, bool decap);

/*
 * Call `each` for every frame, until it returns false.  Returns 0 at the end of the file (or after
 * a false), -EBADMSG and a sentence in `error` if the file breaks off or contradicts itself: then
 * all frames before that place have been handed out.
 */
int capture_read(struct capture *capture, bool (*each)(void *context, const struct frame *frame),
    void *context, char error[CAPTURE_ERROR_SIZE]);

/* Frames so far that were handed out behind others which stand behind them in the file. */
uint64_t capture_put_in_order(const struct capture *capture);

/* Bytes of the file that were read so far, and all of them (0: not known). */
void capture_position(const struct capture *capture, uint64_t *ret_done, uint64_t *ret_total);

void capture_close(struct capture *capture);

#endif
