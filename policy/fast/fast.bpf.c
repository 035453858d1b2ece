/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recogniser as a BPF program for the ingress of a zone's interfaces (clsact), and the memory
 * that it shares.  What it does is in fast_recognise.h; here is what the kernel gives it.
 *
 * Every packet first loses the marks that are ours, whoever gave them: what bears one behind this
 * was vouched for here.
 *
 * A packet of a socket's or a guest's own making may lie in pages that its sender still writes to,
 * and may ask for a sum to be filled in when it leaves, at a place that its sender has chosen.  So
 * everything is read from a copy that is nobody else's (bpf_skb_pull_data() makes the packet linear
 * and its own), and a place for the sum that is not that of TCP is refused.  No helper tells that
 * place; it is read from the kernel's struct, whose layout the loader knows from the kernel's type
 * information.
 */
#include <stdint.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { PACKET_FOR_US = 0, SUM_PARTIAL = 3, TCP_SUM_AT = 16, TC_GOES_ON = -1 };

/* Of the kernel's, the members that are read here; where they are is found out when it is loaded.
 */
struct sk_buff {
	unsigned char *head;
	unsigned char *data;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint8_t ip_summed : 2;
} __attribute__((preserve_access_index));

typedef struct __sk_buff fast_packet;

#define fast_holds(check, holds) (holds)

#include "fast_recognise.h"

/* Sizes are set by who loads it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, uint32_t);
	__type(value, struct fast_flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, uint32_t);
	__type(value, uint64_t);
} rates SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, uint32_t);
	__type(value, struct fast_channel);
} channels SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(
	    value, struct fast_row); /* read only, but the verifier wants more for fast_weigh() */
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, uint32_t);
	__type(value, struct fast_config);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct fast_room);
} room SEC(".maps");

FAST_INLINE const struct fast_config *
fast_config(fast_packet *packet)
{
	uint32_t zero = 0;

	return bpf_map_lookup_elem(&config, &zero);
}

FAST_INLINE struct fast_room *
fast_room(fast_packet *packet)
{
	uint32_t zero = 0;

	return bpf_map_lookup_elem(&room, &zero);
}

FAST_INLINE struct fast_flow *
fast_flow(fast_packet *packet, uint32_t index)
{
	return bpf_map_lookup_elem(&flows, &index);
}

FAST_INLINE const struct fast_channel *
fast_channel(fast_packet *packet, uint32_t index)
{
	return bpf_map_lookup_elem(&channels, &index);
}

FAST_INLINE const struct fast_row *
fast_row(fast_packet *packet, uint32_t index)
{
	return bpf_map_lookup_elem(&rows, &index);
}

FAST_INLINE uint64_t *
fast_rate(fast_packet *packet, uint32_t slot)
{
	return bpf_map_lookup_elem(&rates, &slot);
}

FAST_INLINE uint32_t
fast_size(fast_packet *packet)
{
	return packet->len;
}

FAST_INLINE uint32_t
fast_interface(fast_packet *packet)
{
	return packet->ingress_ifindex;
}

FAST_INLINE uint32_t
fast_protocol(fast_packet *packet)
{
	return bpf_ntohs((uint16_t)packet->protocol);
}

FAST_INLINE uint64_t
fast_now_ns(fast_packet *packet)
{
	return bpf_ktime_get_ns();
}

FAST_INLINE int
fast_is_whole(fast_packet *packet)
{
	return packet->pkt_type == PACKET_FOR_US && packet->gso_size == 0 && !packet->vlan_present;
}

FAST_INLINE int
fast_make_private(fast_packet *packet)
{
	return bpf_skb_pull_data(packet, packet->len) == 0;
}

FAST_INLINE int
fast_load(fast_packet *packet, uint32_t at, void *to, uint32_t length)
{
	/* the verifier must see the bounds, and the compiler must not know better */
	__asm__ volatile("" : "+r"(length));
	if (length == 0 || length > FAST_MESSAGE_MAX)
		return 0;
	return bpf_skb_load_bytes(packet, at, to, length) == 0;
}

/* Zero is CHECKSUM_NONE, so what could not be read must not be zero. */
FAST_INLINE int
fast_is_partial(struct sk_buff *skb)
{
	const uint8_t *at = (const uint8_t *)skb;
	uint64_t number = 0;

	at += __builtin_preserve_field_info(skb->ip_summed, BPF_FIELD_BYTE_OFFSET);
	if (bpf_probe_read_kernel(&number,
		__builtin_preserve_field_info(skb->ip_summed, BPF_FIELD_BYTE_SIZE), at) != 0)
		return 1;
	number <<= __builtin_preserve_field_info(skb->ip_summed, BPF_FIELD_LSHIFT_U64);
	number >>= __builtin_preserve_field_info(skb->ip_summed, BPF_FIELD_RSHIFT_U64);
	return number == SUM_PARTIAL;
}

/* `csum_start` is counted from where the packet's memory begins. */
FAST_INLINE enum fast_sum
fast_sum_place(fast_packet *packet, uint32_t tcp_at)
{
	struct sk_buff *skb = (struct sk_buff *)packet;
	uint64_t head, data;

	if (!fast_is_partial(skb))
		return FAST_SUM_IN_PLACE;
	head = (uint64_t)BPF_CORE_READ(skb, head);
	data = (uint64_t)BPF_CORE_READ(skb, data);
	if (head == 0 || data == 0 || head + BPF_CORE_READ(skb, csum_start) != data + tcp_at ||
	    BPF_CORE_READ(skb, csum_offset) != TCP_SUM_AT)
		return FAST_SUM_ELSEWHERE;
	return FAST_SUM_FILLED_IN;
}

FAST_INLINE int
fast_swap(uint32_t *word, uint32_t from, uint32_t to)
{
	return __sync_val_compare_and_swap(word, from, to) == from;
}

FAST_INLINE int
fast_swap_long(uint64_t *word, uint64_t from, uint64_t to)
{
	return __sync_val_compare_and_swap(word, from, to) == from;
}

SEC("tc")
int
recognise(struct __sk_buff *packet)
{
	const struct fast_config *config = fast_config(packet);
	uint32_t mark = 0;

	if (!config)
		return TC_GOES_ON;
	packet->mark &= ~config->mark_mask;
	if (fast_recognise(packet, &mark))
		packet->mark |= mark & config->mark_mask;
	return TC_GOES_ON;
}

char licence[] SEC("license") = "GPL";
