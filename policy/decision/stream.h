/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stream: the bytes of one direction that are kept, for comparison with repetitions and for
 * messages that are not complete yet.
 *
 * Internal to the engine.  Judges nothing.  Sequence numbers wrap; all differences are signed 32
 * bit.
 */
#ifndef SLUICE_STREAM_H
#define SLUICE_STREAM_H

#include "flow.h"

/* Bytes kept of one direction at most; the oldest that were acknowledged or judged go first. */
enum { STREAM_KEPT_MAX = 65536 };

/* The stream begins at sequence number `next`; chunks that it holds are given back. */
void stream_begin(struct flow_table *table, struct stream *stream, uint32_t next);

/* Are there chunks for `length` more bytes? */
bool stream_has_room(const struct flow_table *table, const struct stream *stream, size_t length);

/*
 * Keep `length` judged bytes behind the others; the last `pending` of all bytes kept belong to a
 * message that is not complete.  stream_has_room() must have said yes (asserted).
 */
void stream_append(struct flow_table *table, struct stream *stream, const uint8_t *data,
    size_t length, uint32_t pending);

/* The receiver acknowledges everything before `ack`: forget what nobody will need. */
void stream_acknowledge(struct flow_table *table, struct stream *stream, uint32_t ack);

/* Nothing is known any more to have been received: what comes again is compared or refused. */
void stream_doubt(struct stream *stream, uint32_t first);

enum stream_compare {
	STREAM_CHANGED = 0, /* differs from what was sent before */
	STREAM_STALE,       /* neither kept nor known to be received */
	STREAM_SAME,
};

/* Compare a repetition, `length` bytes from `sequence` on, all before stream->next. */
enum stream_compare stream_compare(const struct flow_table *table, const struct stream *stream,
    uint32_t sequence, const uint8_t *data, size_t length);

/* Copy the bytes of the incomplete message; buf has room for `size`. Returns their number. */
size_t stream_gather(
    const struct flow_table *table, const struct stream *stream, uint8_t *buf, size_t size);

/* Number of bytes of the incomplete message. */
uint32_t stream_pending(const struct stream *stream);

/* Give all chunks back. */
void stream_release(struct flow_table *table, struct stream *stream);

#endif
