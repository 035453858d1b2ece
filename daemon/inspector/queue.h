/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queue: packets from the kernel's nfnetlink_queue, and verdicts back to it.
 *
 * One netlink socket serves two queues of the kernel, one whose overflow is closed and one whose
 * overflow is open, so that one receive and one send a wake-up are enough.  Opening and binding
 * belongs to the supervisor, which keeps the socket; receiving and answering to the inspector that
 * inherited it.  Judges nothing.
 */
#ifndef SLUICE_QUEUE_H
#define SLUICE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mnl_socket;

/* The same socket, bound to its queues. */
struct queue {
	struct mnl_socket *socket;
	int fd; /* of the socket */
};

/* How one queue of the kernel is to behave. */
struct queue_settings {
	uint16_t number;
	uint32_t length; /* packets that may wait */
	bool fail_open;  /* what does not fit passes unseen, instead of being dropped */
};

/* What the kernel granted. */
struct queue_features {
	bool fail_open;
};

/* Open a socket whose receive buffer holds `bytes`. 0 or -errno. */
int queue_open(size_t bytes, struct queue *ret_queue);

/*
 * Bind a queue of the kernel to the socket and set it up.  -EBUSY: the number is in use by another
 * process; -EPERM: CAP_NET_ADMIN is missing; -EOPNOTSUPP: fail_open was asked for and the kernel
 * refuses it.
 */
int queue_bind(struct queue *queue, const struct queue_settings *settings,
    struct queue_features *ret_features);

/*
 * Take a socket that queue_bind() of an earlier run has bound to these two numbers; the descriptor
 * is the queue's if it succeeds.  -EBADMSG: it is none, or it is not bound to them here.
 */
int queue_adopt(int fd, const uint16_t numbers[2], struct queue *ret_queue);

/* Set how many packets may wait, of a queue in which some do. */
void queue_lengthen(const struct queue *queue, uint16_t number, uint32_t length);

/* Close the socket: the kernel drops what waits, rules without a listener do what they say. */
void queue_close(struct queue *queue);

/* What the kernel tells about a queue. */
struct queue_stats {
	uint32_t waiting; /* packets without a verdict */
	uint32_t full;    /* dropped because the queue was full */
	uint32_t unsent;  /* dropped because the socket was full */
	uint32_t last_id;
};

/* Read them; all zero if the queue does not exist. */
void queue_stats_read(uint16_t number, struct queue_stats *ret_stats);

/* Packets that the kernel could not put into the socket, since it was opened. */
uint64_t queue_overflows(const struct queue *queue);

enum { QUEUE_BATCH_MAX = 32 };

/* One packet that waits for its verdict. `data` lives until the next queue_receive(). */
struct queue_packet {
	uint16_t queue;
	uint32_t id;
	const uint8_t *data;
	size_t length;
	uint32_t interface; /* index of the one by which it came; 0: not told */
	uint32_t port;      /* index of the port by which a bridge got it; 0: none did */
	uint32_t mark;      /* packet mark, 0: none */
	bool has_mac;       /* of its sender, or of the router before us */
	uint8_t mac[6];
	bool truncated;  /* the kernel did not hand over all of it */
	bool unfinished; /* the kernel would still cut it or write a checksum into it */
};

/* Buffers for receiving and answering; large, so allocated once. */
struct queue_batch;

int queue_batch_new(struct queue_batch **ret_batch);
void queue_batch_free(struct queue_batch *batch);

/*
 * Wait for packets and take up to QUEUE_BATCH_MAX of them.  Returns their number, which is 0 when
 * only errors of earlier verdicts came (*ret_errors counts those), or -errno; -EINTR after a
 * signal.
 */
int queue_receive(
    int fd, struct queue_batch *batch, struct queue_packet *ret_packets, uint32_t *ret_errors);

/*
 * Note the verdict of one packet; at most QUEUE_BATCH_MAX and two discards between two sends.  What
 * is accepted leaves with the bytes that packet->data has now, and no others.
 */
void queue_accept(struct queue_batch *batch, const struct queue_packet *packet);
void queue_drop(struct queue_batch *batch, const struct queue_packet *packet);

/*
 * Note that every packet of the queue up to `id` that still waits is to be dropped: those which a
 * dead inspector had taken.  There is no such thing for accepting, on purpose: it would let packets
 * pass that nobody judged.
 */
void queue_discard(struct queue_batch *batch, uint16_t queue, uint32_t id);

/* Send all noted verdicts at once. 0 or -errno. */
int queue_send(int fd, struct queue_batch *batch);

#endif
