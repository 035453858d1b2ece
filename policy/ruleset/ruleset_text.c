/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset text: the table as `nft -f` reads it.
 *
 * One of the two printers of a ruleset; the other is daemon/nft/nft_build.c.  A test applies both
 * and compares what the kernel then says.  Forms follow nft(8) of version 1.0.6.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset.h"
#include "ruleset_chains.h"
#include "ruleset_ir.h"

struct word {
	unsigned value;
	const char *text;
};

#define FIND(words, value) find(words, sizeof(words) / sizeof((words)[0]), value)

static const char *
find(const struct word *words, size_t count, unsigned value)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i].value == value)
			return words[i].text;
	}
	return NULL;
}

/* Words of nft's own: others are looked up in /etc/protocols, which may not be there. */
static const struct word protocols[] = {
    {PROTOCOL_TCP, "tcp"},
    {PROTOCOL_UDP, "udp"},
    {PROTOCOL_ICMP, "icmp"},
    {PROTOCOL_ICMPV6, "icmpv6"},
};

static const struct word icmp_types[] = {
    {3, "destination-unreachable"},
    {11, "time-exceeded"},
    {12, "parameter-problem"},
};

static const struct word icmpv6_types[] = {
    {1, "destination-unreachable"},
    {2, "packet-too-big"},
    {3, "time-exceeded"},
    {4, "parameter-problem"},
    {130, "mld-listener-query"},
    {131, "mld-listener-report"},
    {132, "mld-listener-done"},
    {135, "nd-neighbor-solicit"},
    {136, "nd-neighbor-advert"},
    {143, "mld2-listener-report"},
};

static const struct word states[] = {
    {RULESET_STATE_INVALID, "invalid"},
    {RULESET_STATE_ESTABLISHED, "established"},
    {RULESET_STATE_RELATED, "related"},
    {RULESET_STATE_NEW, "new"},
    {RULESET_STATE_UNTRACKED, "untracked"},
};

static const struct word statuses[] = {
    {RULESET_STATUS_SNAT, "snat"},
    {RULESET_STATUS_DNAT, "dnat"},
};

static const struct word flags[] = {
    {TCP_FIN, "fin"},
    {TCP_SYN, "syn"},
    {TCP_RST, "rst"},
    {TCP_PSH, "psh"},
    {TCP_ACK, "ack"},
    {TCP_URG, "urg"},
};

static const char *const directions[] = {"original", "reply"};

static const char *const types[RULESET_TYPE_COUNT] = {
    [RULESET_TYPE_IFNAME] = "ifname",
    [RULESET_TYPE_IPV4] = "ipv4_addr",
    [RULESET_TYPE_IPV6] = "ipv6_addr",
    [RULESET_TYPE_PROTOCOL] = "inet_proto",
    [RULESET_TYPE_PORT] = "inet_service",
    [RULESET_TYPE_MARK] = "mark",
    [RULESET_TYPE_ICMP] = "icmp_type",
    [RULESET_TYPE_ICMPV6] = "icmpv6_type",
    [RULESET_TYPE_DIRECTION] = "ct_dir",
};

static const char *const properties[RULESET_PROPERTY_COUNT] = {
    [RULESET_IIFNAME] = "iifname",
    [RULESET_OIFNAME] = "oifname",
    [RULESET_IP_SADDR] = "ip saddr",
    [RULESET_IP_DADDR] = "ip daddr",
    [RULESET_IP6_SADDR] = "ip6 saddr",
    [RULESET_IP6_DADDR] = "ip6 daddr",
    [RULESET_ARP_SADDR] = "arp saddr ip",
    [RULESET_ARP_DADDR] = "arp daddr ip",
    [RULESET_ICMP_TYPE] = "icmp type",
    [RULESET_ICMPV6_TYPE] = "icmpv6 type",
    [RULESET_L4PROTO] = "meta l4proto",
    [RULESET_CT_IP_SADDR] = "ct original ip saddr",
    [RULESET_CT_IP_DADDR] = "ct original ip daddr",
    [RULESET_CT_IP6_SADDR] = "ct original ip6 saddr",
    [RULESET_CT_IP6_DADDR] = "ct original ip6 daddr",
    [RULESET_CT_PROTO_SRC] = "ct original proto-src",
    [RULESET_CT_PROTO_DST] = "ct original proto-dst",
    [RULESET_CT_DIRECTION] = "ct direction",
    [RULESET_MARK] = "meta mark",
};

static void
print_word_or_number(FILE *out, const char *word, unsigned number)
{
	if (word != NULL)
		fputs(word, out);
	else
		fprintf(out, "%u", number);
}

/* Length of the prefix if first..last is a network, -1 if it is not. */
static int
prefix_length(const uint8_t *first, const uint8_t *last, size_t size)
{
	int length = 0;

	for (size_t bit = 0; bit < size * 8; bit++) {
		unsigned mask = 0x80U >> (bit % 8);
		bool low = first[bit / 8] & mask, high = last[bit / 8] & mask;

		if (low == high && length == (int)bit)
			length++;
		else if (low || !high)
			return -1;
	}
	return length;
}

static void
print_addresses(FILE *out, int family, const uint8_t *first, const uint8_t *last, size_t size)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
	int prefix = prefix_length(first, last, size);

	inet_ntop(family, first, from, sizeof(from));
	inet_ntop(family, last, to, sizeof(to));
	if (prefix == (int)size * 8)
		fputs(from, out);
	else if (prefix >= 0)
		fprintf(out, "%s/%d", from, prefix);
	else
		fprintf(out, "%s-%s", from, to);
}

static void
print_field(FILE *out, enum ruleset_type type, const uint8_t *first, const uint8_t *last)
{
	unsigned from, to;
	uint32_t mark;

	switch (type) {
	case RULESET_TYPE_IFNAME:
		fprintf(out, "\"%.*s\"", RULESET_IFNAME_SIZE, (const char *)first);
		break;
	case RULESET_TYPE_IPV4:
		print_addresses(out, AF_INET, first, last, 4);
		break;
	case RULESET_TYPE_IPV6:
		print_addresses(out, AF_INET6, first, last, 16);
		break;
	case RULESET_TYPE_PROTOCOL:
		print_word_or_number(out, FIND(protocols, first[0]), first[0]);
		break;
	case RULESET_TYPE_PORT:
		from = first[0] * 256U + first[1];
		to = last[0] * 256U + last[1];
		fprintf(out, from == to ? "%u" : "%u-%u", from, to);
		break;
	case RULESET_TYPE_MARK:
		memcpy(&mark, first, sizeof(mark));
		fprintf(out, "0x%08" PRIx32, mark);
		break;
	case RULESET_TYPE_ICMP:
		print_word_or_number(out, FIND(icmp_types, first[0]), first[0]);
		break;
	case RULESET_TYPE_ICMPV6:
		print_word_or_number(out, FIND(icmpv6_types, first[0]), first[0]);
		break;
	case RULESET_TYPE_DIRECTION:
		fputs(directions[first[0]], out);
		break;
	case RULESET_TYPE_NONE:
	case RULESET_TYPE_COUNT:
		abort();
	}
}

static void
print_element(FILE *out, const struct ruleset_set *set, const struct ruleset_element *element)
{
	const uint8_t *last = set->interval ? element->last : element->first;
	size_t at = 0;

	for (size_t i = 0; i < set->field_count; i++) {
		fputs(i == 0 ? "" : " . ", out);
		print_field(out, set->fields[i], &element->first[at], &last[at]);
		at += ruleset_type_room(set->fields[i]);
	}
	if (set->timed)
		fprintf(out, " timeout %" PRIu32 "s", element->seconds);
	if (set->data == RULESET_DATA_MARK)
		fprintf(out, " : 0x%08" PRIx32, element->mark);
	else if (set->data == RULESET_DATA_VERDICT)
		fprintf(out, " : goto %s", element->name);
	else if (set->data == RULESET_DATA_JUMP)
		fprintf(out, " : jump %s", element->name);
	else if (set->data == RULESET_DATA_COUNTER)
		fprintf(out, " : \"%s\"", element->name);
}

static void
print_set(FILE *out, const struct ruleset_set *set)
{
	static const char *const data[] = {
	    [RULESET_DATA_NONE] = "",
	    [RULESET_DATA_MARK] = " : mark",
	    [RULESET_DATA_VERDICT] = " : verdict",
	    [RULESET_DATA_JUMP] = " : verdict",
	    [RULESET_DATA_COUNTER] = " : counter",
	};

	fprintf(out, "\n\t%s %s {\n\t\ttype ", set->data == RULESET_DATA_NONE ? "set" : "map",
	    set->name);
	for (size_t i = 0; i < set->field_count; i++)
		fprintf(out, "%s%s", i == 0 ? "" : " . ", types[set->fields[i]]);
	fprintf(out, "%s\n\t\tsize %zu\n", data[set->data], ruleset_set_size(set));
	if (set->interval)
		fputs("\t\tflags interval\n", out);
	if (set->timed)
		fputs("\t\tflags timeout\n", out);
	if (set->comment != NULL)
		fprintf(out, "\t\tcomment \"%s\"\n", set->comment);
	if (set->element_count > 0)
		fputs("\t\telements = {\n", out);
	for (size_t i = 0; i < set->element_count; i++) {
		fputs("\t\t\t", out);
		print_element(out, set, &set->elements[i]);
		fputs(",\n", out);
	}
	fputs(set->element_count > 0 ? "\t\t}\n\t}\n" : "\t}\n", out);
}

/* As much of the connection's mark as is ours. */
static void
print_mark(FILE *out, const struct ruleset *ruleset)
{
	fputs("ct mark", out);
	if (ruleset_shares_marks(ruleset))
		fprintf(out, " & 0x%08" PRIx32, ruleset->mark_mask);
}

static void
print_key(FILE *out, const struct ruleset *ruleset, const struct ruleset_op *op)
{
	for (size_t i = 0; i < RULESET_FIELDS_MAX && op->properties[i] != RULESET_PROPERTY_NONE;
	     i++) {
		fputs(i == 0 ? "" : " . ", out);
		if (op->properties[i] == RULESET_CT_MARK)
			print_mark(out, ruleset);
		else
			fputs(properties[op->properties[i]], out);
	}
}

static void
print_packet_mark(FILE *out, const struct ruleset *ruleset, const struct ruleset_op *op)
{
	fprintf(out, "ct direction %s ", directions[op->value]);
	if (ruleset_shares_marks(ruleset)) {
		print_mark(out, ruleset);
		fprintf(out, " vmap @%s",
		    op->value == 0 ? RULESET_PACKET_MARKS : RULESET_PACKET_MARKS_BACK);
		return;
	}
	fputs("meta mark set ct mark", out);
	if (op->value != 0)
		fprintf(out, " ^ 0x%08" PRIx32, mark_back(ruleset->mark_mask));
}

static void
print_set_mark(FILE *out, const struct ruleset *ruleset, const struct ruleset_op *op)
{
	const char *word = op->kind == RULESET_OP_SET_MARK ? "ct mark" : "meta mark";

	fprintf(out, "%s set %s & 0x%08" PRIx32 " | 0x%08" PRIx32, word, word, ~ruleset->mark_mask,
	    op->mark);
}

/* The packet's mark, as much of it as is ours: is, or is not, what the tables tell each other. */
static void
print_guarded(FILE *out, const struct ruleset *ruleset, const struct ruleset_op *op)
{
	fputs("meta mark", out);
	if (ruleset_shares_marks(ruleset))
		fprintf(out, " & 0x%08" PRIx32, ruleset->mark_mask);
	fprintf(out, " %s 0x%08" PRIx32, op->kind == RULESET_OP_GUARDED ? "==" : "!=",
	    ruleset_guard_mark(ruleset, (enum ruleset_guard)op->value));
}

static void
print_guard(FILE *out, const struct ruleset *ruleset, const struct ruleset_op *op)
{
	uint32_t mark = ruleset_guard_mark(ruleset, (enum ruleset_guard)op->value);

	fputs("meta mark set ", out);
	if (ruleset_shares_marks(ruleset))
		fprintf(out, "meta mark & 0x%08" PRIx32 " | ", ~ruleset->mark_mask);
	fprintf(out, "0x%08" PRIx32, mark);
}

static void
print_bits(FILE *out, const struct word *words, size_t count, unsigned bits, const char *between)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		if ((words[i].value & bits) == 0)
			continue;
		fprintf(out, "%s%s", any ? between : "", words[i].text);
		any = true;
	}
	if (!any)
		fputs("0x0", out);
}

static void
print_flags(FILE *out, const struct ruleset_op *op)
{
	const size_t count = sizeof(flags) / sizeof(flags[0]);

	fputs("tcp flags & (", out);
	print_bits(out, flags, count, op->mask, " | ");
	fputs(") != ", out);
	print_bits(out, flags, count, op->value, " | ");
}

static void
print_queue(FILE *out, const struct ruleset *ruleset, const struct ruleset_op *op)
{
	unsigned first = ruleset_queue_first(ruleset, op->kind);
	unsigned last = first + ruleset->options.queue_count - 1;

	fputs(op->kind == RULESET_OP_QUEUE_OPEN ? "queue flags bypass to " : "queue to ", out);
	fprintf(out, first == last ? "%u" : "%u-%u", first, last);
}

static void
print_condition(FILE *out, const struct ruleset *ruleset, const struct ruleset_op *op)
{
	switch (op->kind) {
	case RULESET_OP_INTERFACE:
		fprintf(out, "%s \"%s\"", properties[op->properties[0]], op->name);
		break;
	case RULESET_OP_PROTOCOL:
		fprintf(out, "meta l4proto %s", FIND(protocols, op->value));
		break;
	case RULESET_OP_STATE:
		fputs("ct state ", out);
		print_bits(out, states, sizeof(states) / sizeof(states[0]), op->value, ",");
		break;
	case RULESET_OP_NO_STATUS:
		fputs("ct status & (", out);
		print_bits(out, statuses, sizeof(statuses) / sizeof(statuses[0]), op->value, " | ");
		fputs(") == 0x0", out);
		break;
	case RULESET_OP_FLAGS:
		print_flags(out, op);
		break;
	case RULESET_OP_PAYLOAD: /* reading beyond the packet ends the rule */
		fputs("@ih,0,8 >= 0x0", out);
		break;
	case RULESET_OP_MEMBER:
	case RULESET_OP_NO_MEMBER:
		print_key(out, ruleset, op);
		fprintf(out, " %s@%s", op->kind == RULESET_OP_NO_MEMBER ? "!= " : "", op->name);
		break;
	case RULESET_OP_FRAME:
		fprintf(out, "ether type 0x%04" PRIx32, op->mark);
		break;
	case RULESET_OP_ARP: /* hardware and protocol, lengths, operation */
		fprintf(out, "@nh,0,64 0x000108000604%04x", op->value);
		break;
	case RULESET_OP_GUARDED:
	case RULESET_OP_NOT_GUARDED:
		print_guarded(out, ruleset, op);
		break;
	default:
		abort();
	}
}

static void
print_op(FILE *out, const struct ruleset *ruleset, const struct ruleset_op *op)
{
	switch (op->kind) {
	case RULESET_OP_COUNT:
		fprintf(out, "counter name \"%s\"", op->name);
		break;
	case RULESET_OP_LOG:
		fprintf(out,
		    "limit rate %u/second burst %u packets log prefix \"%s\" group %u "
		    "snaplen %u",
		    RULESET_LOG_RATE, RULESET_LOG_RATE, op->name, ruleset->options.log_group,
		    RULESET_LOG_BYTES);
		break;
	case RULESET_OP_HELPER:
		fprintf(out, "ct helper set \"%s\"", op->name);
		break;
	case RULESET_OP_COUNT_CHANNEL:
		fputs("counter name ", out);
		print_mark(out, ruleset);
		fputs(" map @" RULESET_COUNTERS, out);
		break;
	case RULESET_OP_MARK:
		fputs(ruleset_shares_marks(ruleset) ? "" : "ct mark set ", out);
		print_key(out, ruleset, op);
		fprintf(out, " %s @%s", ruleset_shares_marks(ruleset) ? "vmap" : "map", op->name);
		break;
	case RULESET_OP_PACKET_MARK:
		print_packet_mark(out, ruleset, op);
		break;
	case RULESET_OP_SET_MARK:
	case RULESET_OP_SET_PACKET_MARK:
		print_set_mark(out, ruleset, op);
		break;
	case RULESET_OP_GUARD:
		print_guard(out, ruleset, op);
		break;
	case RULESET_OP_VERDICT:
		print_key(out, ruleset, op);
		fprintf(out, " vmap @%s", op->name);
		break;
	case RULESET_OP_GOTO:
		fprintf(out, "goto %s", op->name);
		break;
	case RULESET_OP_ACCEPT:
		fputs("accept", out);
		break;
	case RULESET_OP_DROP:
		fputs("drop", out);
		break;
	case RULESET_OP_RESET:
		fputs("reject with tcp reset", out);
		break;
	case RULESET_OP_QUEUE_CLOSED:
	case RULESET_OP_QUEUE_OPEN:
		print_queue(out, ruleset, op);
		break;
	default:
		print_condition(out, ruleset, op);
	}
}

static void
print_base(FILE *out, const struct ruleset_chain *chain)
{
	static const char *const hooks[] = {
	    [RULESET_HOOK_INPUT] = "input",
	    [RULESET_HOOK_FORWARD] = "forward",
	    [RULESET_HOOK_OUTPUT] = "output",
	};

	fprintf(out, "\t\ttype filter hook %s priority ", hooks[chain->hook]);
	if (chain->priority == 0)
		fputs("filter", out);
	else
		fprintf(out, "%d", chain->priority);
	fputs("; policy drop;\n", out);
}

static void
print_chain(FILE *out, const struct ruleset *ruleset, const struct ruleset_chain *chain)
{
	fprintf(out, "\n\tchain %s {\n", chain->name);
	if (chain->hook != RULESET_HOOK_NONE)
		print_base(out, chain);
	for (size_t i = 0; i < chain->rule_count; i++) {
		const struct ruleset_op *ops = chain->rules[i].ops;

		if (!ruleset_has_rule(ruleset, &chain->rules[i]))
			continue;
		for (size_t k = 0; k < RULESET_OPS_MAX && ops[k].kind != RULESET_OP_END; k++) {
			if (!ruleset_has_op(ruleset, &ops[k]))
				continue;
			fputs(k == 0 ? "\t\t" : " ", out);
			print_op(out, ruleset, &ops[k]);
		}
		fputs("\n", out);
	}
	fputs("\t}\n", out);
}

static void
print_helpers(FILE *out, const struct ruleset *ruleset)
{
	for (size_t i = 0; i < RULESET_HELPER_COUNT && ruleset->options.helper; i++)
		fprintf(out,
		    "\n\tct helper %s {\n\t\ttype \"" RULESET_HELPER "\" protocol %s\n"
		    "\t\tl3proto inet\n\t}\n",
		    ruleset_helpers[i].name, FIND(protocols, ruleset_helpers[i].protocol));
}

static void
print_table(FILE *out, const struct ruleset *ruleset)
{
	if (ruleset->title != NULL)
		fprintf(out, "# Sluice: %s\n", ruleset->title);
	if (ruleset->family == RULESET_INET && ruleset->options.queue == RULESET_QUEUE_TARGET)
		fputs("# The daemon programs the NFQUEUE target where this text says `queue`: the "
		      "same act by "
		      "other means,\n# for kernels without the queue expression. It has no form "
		      "that nft reads.\n",
		    out);
	fprintf(out, "\ntable %s " RULESET_TABLE " {\n\tcomment \"" RULESET_COMMENT "\"\n",
	    ruleset_family_word(ruleset->family));
	for (size_t i = 0; i < ruleset->counter_count; i++)
		fprintf(out, "\n\tcounter %s {\n\t}\n", ruleset->counters[i]);
	if (ruleset->family == RULESET_INET)
		print_helpers(out, ruleset);
	for (size_t i = 0; i < ruleset->set_count; i++)
		print_set(out, &ruleset->sets[i]);
	for (const struct ruleset_chain *chain = ruleset_chains_next(ruleset, NULL); chain != NULL;
	     chain = ruleset_chains_next(ruleset, chain))
		print_chain(out, ruleset, chain);
	fputs("}\n", out);
}

char *
ruleset_print(const struct ruleset *ruleset)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool failed;

	if (out == NULL)
		return NULL;
	print_table(out, ruleset);
	if (ruleset->bridge != NULL)
		print_table(out, ruleset->bridge);
	failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}
