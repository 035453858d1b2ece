/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture: the packet on which an inspector died, kept for who is to find out why.
 *
 * A file of one packet each, as tcpdump, Wireshark and `sluice replay` read them.  There are never
 * more than CAPTURES_MAX: the oldest gives way, because whoever can kill inspectors could fill a
 * disk.
 */
#ifndef SLUICE_CAPTURE_H
#define SLUICE_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

enum { CAPTURES_MAX = 16, CAPTURE_NAME_SIZE = 32 };

/*
 * Keep the first `length` bytes of an IP packet that had `whole`, at a time since 1970, in a
 * directory; its name there is "deadly-NUMBER.pcap".  0 or -errno.
 */
int capture_keep(const char *directory, uint64_t wall_ns, const uint8_t *packet, size_t length,
    size_t whole, char ret_name[CAPTURE_NAME_SIZE]);

#endif
