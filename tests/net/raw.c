/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw: TCP without a kernel (RFC 9293, RFC 7323 timestamps, RFC 2385 option, RFC 791 and 8200
 * fragments).
 *
 * Ethernet frames through a packet socket; the hardware addresses are those of lab.sh.  Not a TCP
 * implementation: no timers, no windows, no reassembly.
 */
#include "raw.h"

#include "inet_wire.h"
#include "lab.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ETHERNET_SIZE = 14, TCP_SIZE = 20, FRAME_MAX = 2048 };

static const uint8_t own_hardware[6] = {2, 0, 0, 0, 0x10, 5};
static const uint8_t gateway_hardware[6] = {2, 0, 0, 0, 0x10, 1};
static const uint8_t server_hardware[6] = {2, 0, 0, 0, 0x20, 0x11};

/* A buffer that is written front to back. */
struct writer {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

static void
put(struct writer *w, const void *data, size_t length)
{
	if (w->length + length > sizeof(w->bytes))
		lab_fail("a frame is too long");
	if (length > 0)
		memcpy(&w->bytes[w->length], data, length);
	w->length += length;
}

static void
put8(struct writer *w, unsigned value)
{
	uint8_t byte = (uint8_t)value;

	put(w, &byte, 1);
}

static void
put16(struct writer *w, unsigned value)
{
	put8(w, value >> 8);
	put8(w, value);
}

static void
put32(struct writer *w, uint32_t value)
{
	put16(w, value >> 16);
	put16(w, value & 0xffff);
}

static uint32_t
get16(const uint8_t *bytes)
{
	return (uint32_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t
get32(const uint8_t *bytes)
{
	return get16(bytes) << 16 | get16(&bytes[2]);
}

static size_t
address_size(const struct raw *raw)
{
	return raw->family == AF_INET ? 4 : 16;
}

static uint32_t
pseudo_header(const struct raw *raw, size_t length)
{
	uint32_t sum = IPPROTO_TCP + (uint32_t)length;

	for (size_t i = 0; i < address_size(raw); i += 2)
		sum += get16(&raw->source[i]) + get16(&raw->destination[i]);
	return sum;
}

static void
put_options(struct writer *w, const struct raw *raw, const struct segment *s)
{
	if (s->flags & FLAG_SYN)
		put(w, (uint8_t[]){2, 4, 5, 0xb4}, 4); /* largest segment 1460 */
	if (raw->own_time) {
		put(w, (uint8_t[]){1, 1, 8, 10}, 4);
		put32(w, raw->own_time + (uint32_t)s->time_shift);
		put32(w, raw->peer_time);
	}
	if (s->md5_option) {
		put(w, (uint8_t[]){1, 1, 19, 18}, 4);
		put(w, (uint8_t[16]){0xaa}, 16);
	}
}

static void
build_tcp(struct writer *w, const struct raw *raw, const struct segment *s)
{
	unsigned flags = s->flags ? s->flags & 0x3f : FLAG_PSH | FLAG_ACK;
	uint16_t sum;

	put16(w, raw->source_port);
	put16(w, raw->destination_port);
	put32(w, raw->first + s->offset + s->sequence_shift - (flags & FLAG_SYN ? 1 : 0));
	put32(w, flags & FLAG_ACK ? raw->received + (uint32_t)s->ack_shift : 0);
	put8(w, 0); /* header length: below */
	put8(w, flags);
	put16(w, 0xfaf0);
	put16(w, 0);
	put16(w, s->urgent);
	put_options(w, raw, s);
	w->bytes[12] = (uint8_t)(w->length / 4 << 4);
	put(w, s->sum_asked ? s->sum_data : s->data, s->length);
	sum = (uint16_t)~inet_sum(pseudo_header(raw, w->length), w->bytes, w->length);
	if (s->sum_asked)
		memcpy(&w->bytes[w->length - s->length], s->data, s->length);
	if (s->bad_checksum)
		sum ^= 0x5555;
	w->bytes[16] = (uint8_t)(sum >> 8);
	w->bytes[17] = (uint8_t)sum;
}

static void
put_ethernet(struct writer *w, const struct raw *raw)
{
	put(w, lab_bridged() ? server_hardware : gateway_hardware, 6);
	put(w, own_hardware, 6);
	put16(w, raw->family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6);
}

/* `fragment` is the offset and flag field of IPv4, `options` bytes of no-operation follow the
 * header. */
static void
put_ipv4(struct writer *w, const struct raw *raw, size_t length, unsigned identity,
    unsigned fragment, size_t options)
{
	size_t start = w->length, size = 20 + options;
	uint16_t sum;

	put8(w, 0x40 | (unsigned)size / 4);
	put8(w, 0);
	put16(w, (unsigned)(length + size));
	put16(w, identity);
	put16(w, fragment);
	put(w, (uint8_t[]){64, IPPROTO_TCP, 0, 0}, 4);
	put(w, raw->source, 4);
	put(w, raw->destination, 4);
	for (size_t i = 0; i < options; i++)
		put8(w, 1);
	sum = (uint16_t)~inet_sum(0, &w->bytes[start], size);
	w->bytes[start + 10] = (uint8_t)(sum >> 8);
	w->bytes[start + 11] = (uint8_t)sum;
}

static void
put_ipv6(struct writer *w, const struct raw *raw, size_t length, unsigned next_header)
{
	put32(w, 0x60000000);
	put16(w, (unsigned)length);
	put8(w, next_header);
	put8(w, 64);
	put(w, raw->source, 16);
	put(w, raw->destination, 16);
}

static void
transmit(const struct raw *raw, const struct writer *w)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)raw->interface};

	if (sendto(raw->fd, w->bytes, w->length, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		lab_fail("cannot send a frame");
}

static void
send_fragment(const struct raw *raw, const struct writer *whole, size_t offset, size_t size,
    unsigned identity)
{
	struct writer w = {.length = 0};
	bool more = offset + size < whole->length;

	if (!more)
		size = whole->length - offset;
	put_ethernet(&w, raw);
	if (raw->family == AF_INET) {
		put_ipv4(&w, raw, size, identity, (unsigned)(offset / 8) | (more ? 0x2000 : 0), 0);
	} else {
		put_ipv6(&w, raw, size + 8, IPPROTO_FRAGMENT);
		put16(&w, IPPROTO_TCP << 8);
		put16(&w, (unsigned)offset | more);
		put32(&w, identity);
	}
	put(&w, &whole->bytes[offset], size);
	transmit(raw, &w);
}

static void
send_fragments(const struct raw *raw, const struct writer *whole, const struct segment *s)
{
	static unsigned identity = 7;
	size_t count = (whole->length + s->fragment - 1) / s->fragment;

	identity++;
	for (size_t i = 0; i < count; i++)
		send_fragment(raw, whole,
		    (s->fragments_backwards ? count - 1 - i : i) * s->fragment, s->fragment,
		    identity);
}

static void
build_frame(struct writer *w, const struct raw *raw, const struct writer *tcp,
    const struct segment *segment)
{
	put_ethernet(w, raw);
	if (raw->family == AF_INET) {
		put_ipv4(w, raw, tcp->length, 1, 0x4000, segment->ip_options ? 4 : 0);
	} else if (segment->destination_option) {
		put_ipv6(w, raw, tcp->length + 8, IPPROTO_DSTOPTS);
		put(w, (uint8_t[]){IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0}, 8);
	} else {
		put_ipv6(w, raw, tcp->length, IPPROTO_TCP);
	}
	put(w, tcp->bytes, tcp->length);
}

/* With a virtio header before the frame, which asks for a checksum at a place of our choice. */
static void
transmit_asking(const struct raw *raw, const struct writer *frame, const struct segment *s)
{
	size_t payload = frame->length - s->length;
	struct virtio_net_hdr ask = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	    .csum_start = (uint16_t)(payload + s->sum_from),
	    .csum_offset = (uint16_t)(s->sum_at - s->sum_from)};
	struct writer w = {.length = 0};
	int yes = 1, no = 0;

	put(&w, &ask, sizeof(ask));
	put(&w, frame->bytes, frame->length);
	if (setsockopt(raw->fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof(yes)) < 0)
		lab_fail("no virtio header for packet sockets");
	transmit(raw, &w);
	setsockopt(raw->fd, SOL_PACKET, PACKET_VNET_HDR, &no, sizeof(no));
}

void
raw_send(struct raw *raw, const struct segment *segment)
{
	struct writer tcp = {.length = 0}, w = {.length = 0};

	if (segment->sequence_shift == 0 && segment->offset + segment->length > raw->sent)
		raw->sent = segment->offset + (uint32_t)segment->length;
	build_tcp(&tcp, raw, segment);
	if (segment->fragment > 0) {
		send_fragments(raw, &tcp, segment);
		return;
	}
	build_frame(&w, raw, &tcp, segment);
	if (segment->sum_asked)
		transmit_asking(raw, &w, segment);
	else
		transmit(raw, &w);
}

void
raw_data(struct raw *raw, uint32_t offset, const void *data, size_t length)
{
	raw_send(raw, &(struct segment){.offset = offset, .data = data, .length = length});
}

/* The TCP header of a frame that is for this connection, NULL otherwise. */
static const uint8_t *
find_tcp(const struct raw *raw, const uint8_t *frame, size_t length, size_t *ret_length)
{
	const uint8_t *ip = &frame[ETHERNET_SIZE], *tcp;
	bool ipv4 = raw->family == AF_INET;
	size_t header = ipv4 ? 20 : 40, size;

	if (length < ETHERNET_SIZE + header + TCP_SIZE)
		return NULL;
	if (get16(&frame[12]) != (ipv4 ? ETHERTYPE_IP : ETHERTYPE_IPV6))
		return NULL;
	if (ip[ipv4 ? 9 : 6] != IPPROTO_TCP ||
	    memcmp(&ip[ipv4 ? 12 : 8], raw->destination, address_size(raw)) != 0 ||
	    memcmp(&ip[ipv4 ? 16 : 24], raw->source, address_size(raw)) != 0)
		return NULL;
	size = ipv4 ? get16(&ip[2]) : get16(&ip[4]) + 40;
	tcp = &ip[header];
	if (size < header + TCP_SIZE || size > length - ETHERNET_SIZE ||
	    get16(tcp) != raw->destination_port || get16(&tcp[2]) != raw->source_port)
		return NULL;
	*ret_length = size - header;
	return tcp;
}

static void
read_timestamp(struct raw *raw, const uint8_t *tcp, size_t header)
{
	for (size_t i = TCP_SIZE; i + 1 < header && tcp[i] != 0;
	     i += tcp[i] == 1 ? 1 : tcp[i + 1]) {
		if (tcp[i] == 8 && i + 10 <= header)
			raw->peer_time = get32(&tcp[i + 2]);
		if (tcp[i] != 1 && tcp[i + 1] < 2)
			return;
	}
}

static void
take_data(struct raw *raw, const uint8_t *data, size_t length, bool fin)
{
	if (length > sizeof(raw->data) - raw->data_length)
		lab_fail("more data than expected");
	if (length > 0)
		memcpy(&raw->data[raw->data_length], data, length);
	raw->data_length += length;
	raw->received += (uint32_t)length + fin;
	raw->finished = raw->finished || fin;
	raw_send(raw, &(struct segment){.offset = raw->acked, .flags = FLAG_ACK});
}

static void
take_segment(struct raw *raw, const uint8_t *tcp, size_t length)
{
	size_t header = (size_t)(tcp[12] >> 4) * 4;
	uint32_t sequence = get32(&tcp[4]);

	if (header < TCP_SIZE || header > length)
		return;
	if (tcp[13] & FLAG_RST) {
		raw->reset = raw->reset || sequence == raw->received || raw->received == 0;
		return;
	}
	if (tcp[13] & FLAG_ACK && get32(&tcp[8]) - raw->first < 0x10000 &&
	    get32(&tcp[8]) - raw->first > raw->acked)
		raw->acked = get32(&tcp[8]) - raw->first;
	read_timestamp(raw, tcp, header);
	if (tcp[13] & FLAG_SYN) {
		raw->received = sequence + 1;
		return;
	}
	if (sequence == raw->received && (length > header || tcp[13] & FLAG_FIN))
		take_data(raw, &tcp[header], length - header, tcp[13] & FLAG_FIN);
}

/* Take one frame, or wait until `end`; false when nothing came. */
static bool
take_frame(struct raw *raw, uint64_t end)
{
	uint64_t now = lab_now_ms();
	struct pollfd p = {.fd = raw->fd, .events = POLLIN};
	struct sockaddr_ll from;
	socklen_t size = sizeof(from);
	uint8_t frame[FRAME_MAX];
	const uint8_t *tcp;
	ssize_t length;
	size_t tcp_length;

	if (now > end || poll(&p, 1, (int)(end - now)) <= 0)
		return false;
	length = recvfrom(raw->fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &size);
	if (length > 0 && from.sll_pkttype != PACKET_OUTGOING &&
	    (tcp = find_tcp(raw, frame, (size_t)length, &tcp_length)))
		take_segment(raw, tcp, tcp_length);
	return true;
}

void
raw_listen(struct raw *raw, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;

	while (take_frame(raw, end))
		;
}

bool
raw_wait_data(struct raw *raw, size_t length, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;

	while (raw->data_length < length && take_frame(raw, end))
		;
	return raw->data_length >= length;
}

bool
raw_wait_acked(struct raw *raw, uint32_t offset, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;

	while (raw->acked < offset && take_frame(raw, end))
		;
	return raw->acked >= offset;
}

bool
raw_wait_reset(struct raw *raw, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;

	while (!raw->reset && take_frame(raw, end))
		;
	return raw->reset;
}

void
raw_open_at(struct raw *raw, const char *server, uint16_t port, uint32_t first)
{
	static uint16_t next_port = 20000;
	struct sockaddr_ll own = {.sll_family = AF_PACKET};

	memset(raw, 0, sizeof(*raw));
	raw->family = strchr(server, ':') ? AF_INET6 : AF_INET;
	raw->fd = lab_socket(LAB_SUPERVISION, AF_PACKET, SOCK_RAW, 0);
	raw->interface = if_nametoindex("eth0");
	inet_pton(raw->family, raw->family == AF_INET ? "10.10.0.66" : "fd00:10::66", raw->source);
	if (inet_pton(raw->family, server, raw->destination) != 1)
		lab_fail("%s is no address", server);
	raw->source_port = next_port++;
	raw->destination_port = port;
	raw->first = first;
	own.sll_ifindex = (int)raw->interface;
	own.sll_protocol = htons(ETH_P_ALL);
	if (bind(raw->fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		lab_fail("cannot listen on eth0");
}

void
raw_open(struct raw *raw, const char *server, uint16_t port)
{
	raw_open_at(raw, server, port, 0x10000000 + (uint32_t)lab_now_ms() * 4096);
}

bool
raw_connect(struct raw *raw, bool timestamps)
{
	uint64_t end = lab_now_ms() + 2000;

	raw->own_time = timestamps ? 1000000 : 0;
	raw_send(raw, &(struct segment){.flags = FLAG_SYN});
	while (raw->received == 0 && !raw->reset && take_frame(raw, end))
		;
	if (raw->received == 0 || raw->reset)
		return false;
	raw_send(raw, &(struct segment){.flags = FLAG_ACK});
	return true;
}

void
raw_close(struct raw *raw)
{
	if (raw->received != 0 && !raw->reset)
		raw_send(
		    raw, &(struct segment){.offset = raw->acked, .flags = FLAG_RST | FLAG_ACK});
	close(raw->fd);
	raw->fd = -1;
}
