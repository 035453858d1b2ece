/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames: TCP segments as frames of a capture file, made without libpcap.
 *
 * For tests and benches.  Writes what a test asks for, wrong or right; the file formats are written
 * by hand, so that the reader of the program has a witness.
 */
#ifndef SLUICE_TEST_FRAMES_H
#define SLUICE_TEST_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum frames_format {
	FRAMES_PCAP = 0, /* microseconds, the byte order of this machine */
	FRAMES_PCAP_NANO,
	FRAMES_PCAP_SWAPPED, /* the other byte order */
	FRAMES_PCAPNG,
};

enum { FRAMES_TAGS_MAX = 6, FRAMES_PAYLOAD_MAX = 4096, FRAMES_INTERFACES_MAX = 8 };

/* Of a pcapng file. */
struct frames_interface {
	uint32_t link_type;
	uint32_t snap;
	uint8_t resolution; /* 10^-n seconds, or 2^-n with the highest bit set */
};

struct frames {
	FILE *file;
	enum frames_format format;
	uint32_t link_type;
	uint32_t snap;                  /* bytes of a frame that are kept; 0: all */
	uint16_t tags[FRAMES_TAGS_MAX]; /* VLAN tags of Ethernet frames, outermost first */
	unsigned tag_count;
	uint64_t time_ns; /* of the next frame */
	uint64_t step_ns; /* from one frame to the next */
	struct frames_interface interfaces[FRAMES_INTERFACES_MAX];
	unsigned interface_count; /* the first is made by frames_begin() */
	unsigned interface;       /* of the frames that follow */
};

/* An address in text; the family is told by a colon. */
struct frames_host {
	uint8_t bytes[16];
	bool ipv6;
	uint16_t port;
};

struct frames_segment {
	const struct frames_host *source;
	const struct frames_host *destination;
	uint32_t sequence;
	uint32_t acknowledgement;
	uint8_t flags;
	uint16_t urgent;
	uint16_t checksum_error; /* added to the right checksum */
	bool uncut; /* the IP header has no length yet: the network card writes it when it cuts */
	const uint8_t *payload;
	size_t length;
};

/* Write the head of the file. */
void frames_begin(struct frames *frames);

/* Describe an interface of a pcapng file, of which there are fewer than FRAMES_INTERFACES_MAX. */
void frames_add_interface(struct frames *frames, const struct frames_interface *interface);

/* Write one frame as it is, or a TCP segment with the headers of the link type around it. */
void frames_add(struct frames *frames, const uint8_t *data, size_t length);
void frames_add_segment(struct frames *frames, const struct frames_segment *segment);

#endif
