/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft rules: the rules of a ruleset as netlink messages, by libnftnl.
 *
 * What nft derives from text silently (that `ip saddr` means IPv4, that `tcp flags` means TCP) is
 * written out here, in the same order.
 */
#include <stddef.h>
#include <stdio.h> /* libnftnl/expr.h needs it */
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netlink.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "nft_rules.h"

enum {
	TARGET_ROOM = (sizeof(struct xt_NFQ_info_v3) + 7) / 8 * 8
}; /* targets are aligned to 8 bytes */

/* Where a property is read, and what must be known about the packet before. */
struct source {
	const char *expression;
	uint32_t key;    /* of meta and ct */
	uint32_t offset; /* of payload */
	uint32_t base;
	uint32_t length;
	uint8_t family;   /* NFPROTO_..., 0: any */
	uint16_t frame;   /* ETH_P_..., 0: any */
	uint8_t protocol; /* transport, 0: any */
	bool original;    /* ct: of the original direction */
	uint32_t room;    /* bytes in registers */
};

static const struct source sources[RULESET_PROPERTY_COUNT] = {
    [RULESET_IIFNAME] = {.expression = "meta", .key = NFT_META_IIFNAME, .room = 16},
    [RULESET_OIFNAME] = {.expression = "meta", .key = NFT_META_OIFNAME, .room = 16},
    [RULESET_IP_SADDR] = {.expression = "payload",
	.base = NFT_PAYLOAD_NETWORK_HEADER,
	.offset = 12,
	.length = 4,
	.family = NFPROTO_IPV4,
	.room = 4},
    [RULESET_IP_DADDR] = {.expression = "payload",
	.base = NFT_PAYLOAD_NETWORK_HEADER,
	.offset = 16,
	.length = 4,
	.family = NFPROTO_IPV4,
	.room = 4},
    [RULESET_IP6_SADDR] = {.expression = "payload",
	.base = NFT_PAYLOAD_NETWORK_HEADER,
	.offset = 8,
	.length = 16,
	.family = NFPROTO_IPV6,
	.room = 16},
    [RULESET_IP6_DADDR] = {.expression = "payload",
	.base = NFT_PAYLOAD_NETWORK_HEADER,
	.offset = 24,
	.length = 16,
	.family = NFPROTO_IPV6,
	.room = 16},
    [RULESET_ARP_SADDR] = {.expression = "payload",
	.base = NFT_PAYLOAD_NETWORK_HEADER,
	.offset = 14,
	.length = 4,
	.frame = ETH_P_ARP,
	.room = 4},
    [RULESET_ARP_DADDR] = {.expression = "payload",
	.base = NFT_PAYLOAD_NETWORK_HEADER,
	.offset = 24,
	.length = 4,
	.frame = ETH_P_ARP,
	.room = 4},
    [RULESET_ICMP_TYPE] = {.expression = "payload",
	.base = NFT_PAYLOAD_TRANSPORT_HEADER,
	.length = 1,
	.family = NFPROTO_IPV4,
	.protocol = PROTOCOL_ICMP,
	.room = 4},
    [RULESET_ICMPV6_TYPE] = {.expression = "payload",
	.base = NFT_PAYLOAD_TRANSPORT_HEADER,
	.length = 1,
	.family = NFPROTO_IPV6,
	.protocol = PROTOCOL_ICMPV6,
	.room = 4},
    [RULESET_L4PROTO] = {.expression = "meta", .key = NFT_META_L4PROTO, .room = 4},
    [RULESET_CT_IP_SADDR] = {.expression = "ct", .key = NFT_CT_SRC_IP, .original = true, .room = 4},
    [RULESET_CT_IP_DADDR] = {.expression = "ct", .key = NFT_CT_DST_IP, .original = true, .room = 4},
    [RULESET_CT_IP6_SADDR] = {.expression = "ct",
	.key = NFT_CT_SRC_IP6,
	.original = true,
	.room = 16},
    [RULESET_CT_IP6_DADDR] = {.expression = "ct",
	.key = NFT_CT_DST_IP6,
	.original = true,
	.room = 16},
    [RULESET_CT_PROTO_SRC] = {.expression = "ct",
	.key = NFT_CT_PROTO_SRC,
	.original = true,
	.room = 4},
    [RULESET_CT_PROTO_DST] = {.expression = "ct",
	.key = NFT_CT_PROTO_DST,
	.original = true,
	.room = 4},
    [RULESET_CT_MARK] = {.expression = "ct", .key = NFT_CT_MARK, .room = 4},
    [RULESET_CT_DIRECTION] = {.expression = "ct", .key = NFT_CT_DIRECTION, .room = 4},
    [RULESET_MARK] = {.expression = "meta", .key = NFT_META_MARK, .room = 4},
};

static struct nftnl_expr *
add_expression(struct nft_build *build, struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *expression = nft_build_check(build, nftnl_expr_alloc(name));

	if (expression != NULL)
		nftnl_rule_add_expr(rule, expression);
	return expression;
}

static void
add_meta(struct nft_build *build, struct nftnl_rule *rule, uint32_t key, uint32_t to)
{
	struct nftnl_expr *meta = add_expression(build, rule, "meta");

	if (meta == NULL)
		return;
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, to);
}

static void
add_ct(struct nft_build *build, struct nftnl_rule *rule, uint32_t key, bool original, uint32_t to)
{
	struct nftnl_expr *ct = add_expression(build, rule, "ct");

	if (ct == NULL)
		return;
	nftnl_expr_set_u32(ct, NFTNL_EXPR_CT_KEY, key);
	if (original)
		nftnl_expr_set_u8(ct, NFTNL_EXPR_CT_DIR, 0);
	nftnl_expr_set_u32(ct, NFTNL_EXPR_CT_DREG, to);
}

static void
add_payload(struct nft_build *build, struct nftnl_rule *rule, uint32_t base, uint32_t offset,
    uint32_t length, uint32_t to)
{
	struct nftnl_expr *payload = add_expression(build, rule, "payload");

	if (payload == NULL)
		return;
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, length);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_DREG, to);
}

/* Compare the first register. */
static void
add_compare(
    struct nft_build *build, struct nftnl_rule *rule, uint32_t how, const void *with, uint32_t size)
{
	struct nftnl_expr *compare = add_expression(build, rule, "cmp");

	if (compare == NULL)
		return;
	nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_SREG, NFT_REG32_00);
	nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_OP, how);
	nftnl_expr_set(compare, NFTNL_EXPR_CMP_DATA, with, size);
}

/* Mask a register, then turn bits of it round. */
static void
add_bitwise(struct nft_build *build, struct nftnl_rule *rule, uint32_t of, const void *mask,
    const void *turned, uint32_t size)
{
	struct nftnl_expr *bitwise = add_expression(build, rule, "bitwise");

	if (bitwise == NULL)
		return;
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_SREG, of);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_DREG, of);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_LEN, size);
	nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_MASK, mask, size);
	nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_XOR, turned, size);
}

static void
add_mask(struct nft_build *build, struct nftnl_rule *rule, const void *mask, uint32_t size)
{
	static const uint32_t none = 0;

	add_bitwise(build, rule, NFT_REG32_00, mask, &none, size);
}

/* As much of the connection's mark as is ours. */
static void
add_mark(struct nft_build *build, struct nftnl_rule *rule, uint32_t to)
{
	static const uint32_t none = 0;
	const struct ruleset *ruleset = build->ruleset;

	add_ct(build, rule, NFT_CT_MARK, false, to);
	if (ruleset_shares_marks(ruleset))
		add_bitwise(
		    build, rule, to, &ruleset->mark_mask, &none, sizeof(ruleset->mark_mask));
}

static void
add_protocol(struct nft_build *build, struct nftnl_rule *rule, uint8_t protocol)
{
	add_meta(build, rule, NFT_META_L4PROTO, NFT_REG32_00);
	add_compare(build, rule, NFT_CMP_EQ, &protocol, sizeof(protocol));
}

/* The frame is of this type, and has no tag. */
static void
add_frame(struct nft_build *build, struct nftnl_rule *rule, uint16_t type)
{
	uint16_t wire = htons(type);

	add_payload(build, rule, NFT_PAYLOAD_LL_HEADER, offsetof(struct ethhdr, h_proto),
	    sizeof(wire), NFT_REG32_00);
	add_compare(build, rule, NFT_CMP_EQ, &wire, sizeof(wire));
}

/* In a table of packets the family says which they are; in one of frames, the frame's protocol. */
static void
add_family(struct nft_build *build, struct nftnl_rule *rule, uint8_t family)
{
	uint16_t protocol = htons(family == NFPROTO_IPV4 ? ETH_P_IP : ETH_P_IPV6);

	if (build->ruleset->family == RULESET_BRIDGE) {
		add_meta(build, rule, NFT_META_PROTOCOL, NFT_REG32_00);
		add_compare(build, rule, NFT_CMP_EQ, &protocol, sizeof(protocol));
	} else {
		add_meta(build, rule, NFT_META_NFPROTO, NFT_REG32_00);
		add_compare(build, rule, NFT_CMP_EQ, &family, sizeof(family));
	}
}

/* Read the properties into registers, one behind the other; first make sure that the packet has
 * them. */
static void
add_key(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	uint32_t to = NFT_REG32_00;

	for (size_t i = 0; i < RULESET_FIELDS_MAX; i++) {
		const struct source *source = &sources[op->properties[i]];

		if (source->family != 0)
			add_family(build, rule, source->family);
		if (source->frame != 0)
			add_frame(build, rule, source->frame);
		if (source->protocol != 0)
			add_protocol(build, rule, source->protocol);
	}
	for (size_t i = 0; i < RULESET_FIELDS_MAX && op->properties[i] != RULESET_PROPERTY_NONE;
	     i++) {
		const struct source *source = &sources[op->properties[i]];

		if (strcmp(source->expression, "meta") == 0)
			add_meta(build, rule, source->key, to);
		else if (op->properties[i] == RULESET_CT_MARK)
			add_mark(build, rule, to);
		else if (strcmp(source->expression, "ct") == 0)
			add_ct(build, rule, source->key, source->original, to);
		else
			add_payload(build, rule, source->base, source->offset, source->length, to);
		to += source->room / 4;
	}
}

/* Look the first registers up; `to` is where what a map says goes, 0 for sets. */
static void
add_lookup(struct nft_build *build, struct nftnl_rule *rule, const char *set, uint32_t flags,
    bool map, uint32_t to)
{
	struct nftnl_expr *lookup = add_expression(build, rule, "lookup");

	if (lookup == NULL)
		return;
	nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SREG, NFT_REG32_00);
	if (map)
		nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_DREG, to);
	if (flags != 0)
		nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_FLAGS, flags);
	nftnl_expr_set_str(lookup, NFTNL_EXPR_LOOKUP_SET, nft_build_set_name(build, set));
	nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SET_ID, nft_build_set_id(build, set));
}

static void
add_interface(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	char name[RULESET_IFNAME_SIZE] = "";

	strncpy(name, op->name, sizeof(name) - 1);
	add_key(build, rule, op);
	add_compare(build, rule, NFT_CMP_EQ, name, sizeof(name));
}

/* Any of the bits, or none of them. */
static void
add_bits(
    struct nft_build *build, struct nftnl_rule *rule, uint32_t key, uint32_t bits, uint32_t how)
{
	const uint32_t none = 0;

	add_ct(build, rule, key, false, NFT_REG32_00);
	add_mask(build, rule, &bits, sizeof(bits));
	add_compare(build, rule, how, &none, sizeof(none));
}

static void
add_flags(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	add_protocol(build, rule, PROTOCOL_TCP);
	add_payload(build, rule, NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1, NFT_REG32_00);
	add_mask(build, rule, &op->mask, sizeof(op->mask));
	add_compare(build, rule, NFT_CMP_NEQ, &op->value, sizeof(op->value));
}

/* Any byte is at least zero; where there is none, the rule ends. */
static void
add_has_payload(struct nft_build *build, struct nftnl_rule *rule)
{
	static const uint8_t zero = 0;

	add_payload(build, rule, NFT_PAYLOAD_INNER_HEADER, 0, 1, NFT_REG32_00);
	add_compare(build, rule, NFT_CMP_GTE, &zero, sizeof(zero));
}

static void
add_count(struct nft_build *build, struct nftnl_rule *rule, const char *counter)
{
	struct nftnl_expr *object = add_expression(build, rule, "objref");

	if (object == NULL)
		return;
	nftnl_expr_set_u32(object, NFTNL_EXPR_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
	nftnl_expr_set_str(object, NFTNL_EXPR_OBJREF_IMM_NAME, counter);
}

static void
add_count_channel(struct nft_build *build, struct nftnl_rule *rule)
{
	struct nftnl_expr *object;

	add_mark(build, rule, NFT_REG32_00);
	object = add_expression(build, rule, "objref");
	if (object == NULL)
		return;
	nftnl_expr_set_u32(object, NFTNL_EXPR_OBJREF_SET_SREG, NFT_REG32_00);
	nftnl_expr_set_str(
	    object, NFTNL_EXPR_OBJREF_SET_NAME, nft_build_set_name(build, RULESET_COUNTERS));
	nftnl_expr_set_u32(
	    object, NFTNL_EXPR_OBJREF_SET_ID, nft_build_set_id(build, RULESET_COUNTERS));
}

/* The connection's mark from the first register. */
static void
add_ct_mark(struct nft_build *build, struct nftnl_rule *rule)
{
	struct nftnl_expr *ct = add_expression(build, rule, "ct");

	if (ct == NULL)
		return;
	nftnl_expr_set_u32(ct, NFTNL_EXPR_CT_KEY, NFT_CT_MARK);
	nftnl_expr_set_u32(ct, NFTNL_EXPR_CT_SREG, NFT_REG32_00);
}

static void
add_set_mark(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	bool jump = ruleset_shares_marks(build->ruleset);

	add_key(build, rule, op);
	add_lookup(build, rule, op->name, 0, true, jump ? NFT_REG_VERDICT : NFT_REG32_00);
	if (!jump)
		add_ct_mark(build, rule);
}

/* The packet's mark from the first register. */
static void
add_meta_mark(struct nft_build *build, struct nftnl_rule *rule)
{
	struct nftnl_expr *meta = add_expression(build, rule, "meta");

	if (meta == NULL)
		return;
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_SREG, NFT_REG32_00);
}

/* A number into the first register. */
static void
add_immediate(struct nft_build *build, struct nftnl_rule *rule, uint32_t number)
{
	struct nftnl_expr *immediate = add_expression(build, rule, "immediate");

	if (immediate == NULL)
		return;
	nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_DREG, NFT_REG32_00);
	nftnl_expr_set(immediate, NFTNL_EXPR_IMM_DATA, &number, sizeof(number));
}

static void
add_packet_mark(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	const uint32_t all = MARK_MASK_ALL, back = mark_back(all);

	add_ct(build, rule, NFT_CT_DIRECTION, false, NFT_REG32_00);
	add_compare(build, rule, NFT_CMP_EQ, &op->value, sizeof(op->value));
	add_mark(build, rule, NFT_REG32_00);
	if (ruleset_shares_marks(build->ruleset)) {
		add_lookup(build, rule,
		    op->value == 0 ? RULESET_PACKET_MARKS : RULESET_PACKET_MARKS_BACK, 0, true,
		    NFT_REG_VERDICT);
		return;
	}
	if (op->value != 0)
		add_bitwise(build, rule, NFT_REG32_00, &all, &back, sizeof(back));
	add_meta_mark(build, rule);
}

/* A constant in our bits; the others stay. */
static void
add_constant_mark(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	const uint32_t others = ~build->ruleset->mark_mask;
	bool packet = op->kind == RULESET_OP_SET_PACKET_MARK;

	if (packet)
		add_meta(build, rule, NFT_META_MARK, NFT_REG32_00);
	else
		add_ct(build, rule, NFT_CT_MARK, false, NFT_REG32_00);
	add_bitwise(build, rule, NFT_REG32_00, &others, &op->mark, sizeof(op->mark));
	if (packet)
		add_meta_mark(build, rule);
	else
		add_ct_mark(build, rule);
}

/* What the two tables tell each other, into our bits. */
static void
add_guard(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	const struct ruleset *ruleset = build->ruleset;
	const uint32_t others = ~ruleset->mark_mask;
	uint32_t mark = ruleset_guard_mark(ruleset, (enum ruleset_guard)op->value);

	if (ruleset_shares_marks(ruleset)) {
		add_meta(build, rule, NFT_META_MARK, NFT_REG32_00);
		add_bitwise(build, rule, NFT_REG32_00, &others, &mark, sizeof(mark));
	} else {
		add_immediate(build, rule, mark);
	}
	add_meta_mark(build, rule);
}

static void
add_guarded(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	const struct ruleset *ruleset = build->ruleset;
	uint32_t mark = ruleset_guard_mark(ruleset, (enum ruleset_guard)op->value);

	add_meta(build, rule, NFT_META_MARK, NFT_REG32_00);
	if (ruleset_shares_marks(ruleset))
		add_mask(build, rule, &ruleset->mark_mask, sizeof(ruleset->mark_mask));
	add_compare(build, rule, op->kind == RULESET_OP_GUARDED ? NFT_CMP_EQ : NFT_CMP_NEQ, &mark,
	    sizeof(mark));
}

/* ARP for IPv4 over Ethernet (RFC 826): hardware, protocol, lengths, operation. */
static void
add_arp(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	const uint8_t head[] = {0, 1, 8, 0, 6, 4, 0, op->value};

	add_payload(build, rule, NFT_PAYLOAD_NETWORK_HEADER, 0, sizeof(head), NFT_REG32_00);
	add_compare(build, rule, NFT_CMP_EQ, head, sizeof(head));
}

static void
add_verdict(struct nft_build *build, struct nftnl_rule *rule, int verdict, const char *chain)
{
	struct nftnl_expr *immediate = add_expression(build, rule, "immediate");

	if (immediate == NULL)
		return;
	nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	if (chain != NULL)
		nftnl_expr_set_str(immediate, NFTNL_EXPR_IMM_CHAIN, chain);
}

static void
add_reset(struct nft_build *build, struct nftnl_rule *rule)
{
	struct nftnl_expr *reject = add_expression(build, rule, "reject");

	if (reject == NULL)
		return;
	nftnl_expr_set_u32(reject, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_TCP_RST);
	nftnl_expr_set_u8(reject, NFTNL_EXPR_REJECT_CODE, 0);
}

/* Fan out by the hash of the addresses, never by CPU: an inspector keeps the state of its flows. */
static void
add_queue(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	bool bypass = op->kind == RULESET_OP_QUEUE_OPEN;
	struct nftnl_expr *queue = add_expression(build, rule, "queue");

	if (queue == NULL)
		return;
	nftnl_expr_set_u16(
	    queue, NFTNL_EXPR_QUEUE_NUM, ruleset_queue_first(build->ruleset, op->kind));
	nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_TOTAL, build->ruleset->options.queue_count);
	if (bypass)
		nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_FLAGS, NFT_QUEUE_FLAG_BYPASS);
}

static void
add_queue_target(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	struct nftnl_expr *target = add_expression(build, rule, "target");
	struct xt_NFQ_info_v3 *info = nft_build_check(build, calloc(1, TARGET_ROOM));

	if (target == NULL || info == NULL) {
		free(info);
		return;
	}
	info->queuenum = ruleset_queue_first(build->ruleset, op->kind);
	info->queues_total = build->ruleset->options.queue_count;
	info->flags = op->kind == RULESET_OP_QUEUE_OPEN ? NFQ_FLAG_BYPASS : 0;
	nftnl_expr_set_str(target, NFTNL_EXPR_TG_NAME, "NFQUEUE");
	nftnl_expr_set_u32(target, NFTNL_EXPR_TG_REV, 3);
	nftnl_expr_set(target, NFTNL_EXPR_TG_INFO, info, TARGET_ROOM); /* the expression frees it */
}

static void
add_log(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	struct nftnl_expr *limit = add_expression(build, rule, "limit");
	struct nftnl_expr *log = add_expression(build, rule, "log");

	if (limit == NULL || log == NULL)
		return;
	nftnl_expr_set_u64(limit, NFTNL_EXPR_LIMIT_RATE, RULESET_LOG_RATE);
	nftnl_expr_set_u64(limit, NFTNL_EXPR_LIMIT_UNIT, 1);
	nftnl_expr_set_u32(limit, NFTNL_EXPR_LIMIT_BURST, RULESET_LOG_RATE);
	nftnl_expr_set_u32(limit, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
	nftnl_expr_set_str(log, NFTNL_EXPR_LOG_PREFIX, op->name);
	nftnl_expr_set_u16(log, NFTNL_EXPR_LOG_GROUP, build->ruleset->options.log_group);
	nftnl_expr_set_u32(log, NFTNL_EXPR_LOG_SNAPLEN, RULESET_LOG_BYTES);
}

static void
add_helper(struct nft_build *build, struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *reference = add_expression(build, rule, "objref");

	if (reference == NULL)
		return;
	nftnl_expr_set_u32(reference, NFTNL_EXPR_OBJREF_IMM_TYPE, NFT_OBJECT_CT_HELPER);
	nftnl_expr_set_str(reference, NFTNL_EXPR_OBJREF_IMM_NAME, name);
}

static void
add_condition(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	switch (op->kind) {
	case RULESET_OP_INTERFACE:
		add_interface(build, rule, op);
		break;
	case RULESET_OP_PROTOCOL:
		add_protocol(build, rule, op->value);
		break;
	case RULESET_OP_STATE:
		add_bits(build, rule, NFT_CT_STATE, op->value, NFT_CMP_NEQ);
		break;
	case RULESET_OP_NO_STATUS:
		add_bits(build, rule, NFT_CT_STATUS, op->value, NFT_CMP_EQ);
		break;
	case RULESET_OP_FLAGS:
		add_flags(build, rule, op);
		break;
	case RULESET_OP_PAYLOAD:
		add_has_payload(build, rule);
		break;
	case RULESET_OP_MEMBER:
		add_key(build, rule, op);
		add_lookup(build, rule, op->name, 0, false, 0);
		break;
	case RULESET_OP_NO_MEMBER:
		add_key(build, rule, op);
		add_lookup(build, rule, op->name, NFT_LOOKUP_F_INV, false, 0);
		break;
	case RULESET_OP_FRAME:
		add_frame(build, rule, (uint16_t)op->mark);
		break;
	case RULESET_OP_ARP:
		add_arp(build, rule, op);
		break;
	case RULESET_OP_GUARDED:
	case RULESET_OP_NOT_GUARDED:
		add_guarded(build, rule, op);
		break;
	default:
		abort();
	}
}

static void
add_op(struct nft_build *build, struct nftnl_rule *rule, const struct ruleset_op *op)
{
	switch (op->kind) {
	case RULESET_OP_COUNT:
		add_count(build, rule, op->name);
		break;
	case RULESET_OP_LOG:
		add_log(build, rule, op);
		break;
	case RULESET_OP_HELPER:
		add_helper(build, rule, op->name);
		break;
	case RULESET_OP_COUNT_CHANNEL:
		add_count_channel(build, rule);
		break;
	case RULESET_OP_MARK:
		add_set_mark(build, rule, op);
		break;
	case RULESET_OP_PACKET_MARK:
		add_packet_mark(build, rule, op);
		break;
	case RULESET_OP_SET_MARK:
	case RULESET_OP_SET_PACKET_MARK:
		add_constant_mark(build, rule, op);
		break;
	case RULESET_OP_GUARD:
		add_guard(build, rule, op);
		break;
	case RULESET_OP_VERDICT:
		add_key(build, rule, op);
		add_lookup(build, rule, op->name, 0, true, NFT_REG_VERDICT);
		break;
	case RULESET_OP_GOTO:
		add_verdict(build, rule, NFT_GOTO, op->name);
		break;
	case RULESET_OP_ACCEPT:
		add_verdict(build, rule, NF_ACCEPT, NULL);
		break;
	case RULESET_OP_DROP:
		add_verdict(build, rule, NF_DROP, NULL);
		break;
	case RULESET_OP_RESET:
		add_reset(build, rule);
		break;
	case RULESET_OP_QUEUE_CLOSED:
	case RULESET_OP_QUEUE_OPEN:
		if (build->ruleset->options.queue == RULESET_QUEUE_TARGET)
			add_queue_target(build, rule, op);
		else
			add_queue(build, rule, op);
		break;
	default:
		add_condition(build, rule, op);
	}
}

void
nft_rules_put(struct nft_build *build, const struct ruleset_chain *chain, size_t index)
{
	const struct ruleset_op *ops = chain->rules[index].ops;
	struct nftnl_rule *rule = nft_build_check(build, nftnl_rule_alloc());
	struct nlmsghdr *message;

	if (rule == NULL)
		return;
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, build->table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain->name);
	for (size_t i = 0; i < RULESET_OPS_MAX && ops[i].kind != RULESET_OP_END; i++)
		if (ruleset_has_op(build->ruleset, &ops[i]))
			add_op(build, rule, &ops[i]);
	message = nft_build_begin(build, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	if (message != NULL) {
		nftnl_rule_nlmsg_build_payload(message, rule);
		nft_batch_add(build->batch, message,
		    (struct nft_subject){.kind = "rule", .name = chain->name, .number = index + 1});
	}
	nftnl_rule_free(rule);
}
