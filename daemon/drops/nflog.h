/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nflog: the kernel's log of packets, nfnetlink_log, as events.
 */
#ifndef SLUICE_NFLOG_H
#define SLUICE_NFLOG_H

#include "event.h"

/*
 * Take a group of the network namespace; reading waits for `wait_ms` at most.  0 and *ret_fd, or
 * -errno; -EBUSY: another program has the group.
 */
int nflog_open(uint16_t group, unsigned wait_ms, int *ret_fd);

typedef void nflog_teller(void *context, const struct event *event);

/*
 * Read once and tell each packet as an EVENT_DROP without a time.  Headers that can't be read leave
 * what they would say at zero.  0; -EAGAIN: nothing came; another -errno: the file is of no use.
 */
int nflog_read(int fd, nflog_teller *teller, void *context);

/* One message from the kernel with the attributes in `data`, as nflog_read() takes it. */
void nflog_parse(const void *data, size_t size, struct event *ret_event);

#endif
