/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bench of the decision in memory, a column for each protocol: messages a second through
 * engine_packet() on one core, calls of malloc() on the way, memory for 100,000 flows; and the time
 * that a policy of 10,000 channels takes to load.
 *
 *   bench_engine [--quick]
 *
 * Prints figures with their aims; asserts nothing about time, but fails if a packet was denied or
 * memory was allocated.  Traffic is made before the clock starts: 64 clients that read in turn.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_protocol.h"
#include "dissectors.h"
#include "engine.h"
#include "inet_wire.h"
#include "load.h"
#include "ruleset.h"

enum {
	FLOWS = 64,
	MANY_FLOWS = 100000,
	CHANNELS = 10000,
	TRANSACTIONS = 50000,
	PACKET_MAX = 40 + BENCH_MESSAGE_MAX
};

/* Every allocation of this process is counted, the C library's own included. */
static uint64_t allocations;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *
malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

void *
realloc(void *memory, size_t size)
{
	allocations++;
	return __libc_realloc(memory, size);
}

static void __attribute__((format(printf, 1, 2), noreturn)) die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("bench_engine: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Kilobytes of this process that are in memory. */
static long
resident_kb(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		die("no /proc/self/statm");
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* ---- traffic ---- */

struct packet_bytes {
	uint16_t length;
	uint8_t bytes[PACKET_MAX];
};

static const uint8_t server_address[4] = {10, 20, 0, 11};

/* One connection as both ends see it. */
struct connection {
	const struct bench_protocol *protocol;
	uint8_t client[4];
	uint16_t port;
	uint32_t next[2]; /* by direction */
	uint32_t exchanges;
};

static void
make_packet(struct packet_bytes *p, struct connection *c, enum direction direction, unsigned flags,
    const uint8_t *payload, size_t length)
{
	bool request = direction == DIRECTION_REQUEST;
	uint8_t *ip = p->bytes, *tcp = &p->bytes[20];
	size_t size = 20 + length;

	memset(p, 0, sizeof(*p));
	p->length = (uint16_t)(20 + size);
	ip[0] = 0x45;
	inet_put16(&ip[2], p->length);
	ip[8] = 64;
	ip[9] = PROTOCOL_TCP;
	memcpy(&ip[12], request ? c->client : server_address, 4);
	memcpy(&ip[16], request ? server_address : c->client, 4);
	inet_put16(&ip[10], (uint16_t)~inet_sum(0, ip, 20));
	inet_put16(tcp, request ? c->port : c->protocol->port);
	inet_put16(&tcp[2], request ? c->protocol->port : c->port);
	inet_put32(&tcp[4], c->next[direction]);
	inet_put32(&tcp[8], flags & TCP_ACK ? c->next[!direction] : 0);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)flags;
	inet_put16(&tcp[14], 0xfaf0);
	if (length > 0)
		memcpy(&tcp[20], payload, length);
	inet_put16(&tcp[16],
	    (uint16_t)~inet_sum(
		PROTOCOL_TCP + (uint32_t)size + inet_sum(0, &ip[12], 8), tcp, size));
	c->next[direction] += (uint32_t)length + (flags & TCP_SYN ? 1 : 0);
}

static void
make_connection(struct connection *c, const struct bench_protocol *protocol, uint32_t number)
{
	memset(c, 0, sizeof(*c));
	c->protocol = protocol;
	memcpy(c->client,
	    (uint8_t[]){10, 10, (uint8_t)(1 + number / 50000), (uint8_t)(1 + number / 250 % 200)},
	    4);
	c->port = (uint16_t)(20000 + number % 250);
	c->next[DIRECTION_REQUEST] = number * 7919;
	c->next[DIRECTION_RESPONSE] = number * 104729;
}

static size_t
make_handshake(struct packet_bytes *out, struct connection *c)
{
	make_packet(&out[0], c, DIRECTION_REQUEST, TCP_SYN, NULL, 0);
	make_packet(&out[1], c, DIRECTION_RESPONSE, TCP_SYN | TCP_ACK, NULL, 0);
	return 2;
}

static size_t
make_exchange(struct packet_bytes *out, struct connection *c)
{
	uint8_t payload[BENCH_MESSAGE_MAX];
	uint32_t n = c->exchanges++;
	size_t length = bench_request(c->protocol, n, payload);

	make_packet(&out[0], c, DIRECTION_REQUEST, TCP_PSH | TCP_ACK, payload, length);
	length = bench_response(c->protocol, n, payload);
	make_packet(&out[1], c, DIRECTION_RESPONSE, TCP_PSH | TCP_ACK, payload, length);
	return 2;
}

/* The handshakes of TCP and of the protocol. */
static size_t
make_opening(struct packet_bytes *out, struct connection *c)
{
	size_t count = make_handshake(out, c);

	while (c->exchanges + 1 < c->protocol->exchange_count)
		count += make_exchange(&out[count], c);
	return count;
}

/* ---- the engine ---- */

static const char policy_head[] = "site: { name = \"Bench\"; owner = \"bench\"; };\n"
				  "limits: { flows = 100000; };\n"
				  "zones: {\n"
				  "  supervision: { class = \"control\"; sl_t = 2; interfaces = "
				  "[\"eth0\"]; networks = [\"10.10.0.0/16\"]; };\n"
				  "  pumps: { class = \"control\"; sl_t = 3; interfaces = "
				  "[\"eth1\"]; networks = [\"10.20.0.0/16\"]; };\n"
				  "};\n"
				  "conduits: { line: { from = \"supervision\"; to = \"pumps\"; "
				  "rationale = \"Bench.\"; channels: (\n";
static const char policy_tail[] = ");};};\n";

static const char channel_text[] =
    "%s{ name = \"c%u\"; clients = [\"%s\"]; servers = [\"10.20.%u.%u\"]; protocol = \"%s\"; "
    "rules: ( %s ); }\n";

/* A policy of `count` channels; the first is the one that the traffic uses. */
static char *
make_policy(const struct bench_protocol *p, unsigned count)
{
	char *text = NULL, client[32];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		die("no memory");
	fputs(policy_head, out);
	fprintf(out, channel_text, "", 0U, "supervision", 0U, 11U, p->name, p->rules);
	for (unsigned i = 1; i < count; i++) {
		snprintf(client, sizeof(client), "10.10.%u.%u", 100 + i / 250, 1 + i % 250);
		fprintf(
		    out, channel_text, ",", i, client, 1 + i / 250, 1 + i % 250, p->name, p->rules);
	}
	fputs(policy_tail, out);
	fclose(out);
	return text;
}

struct bench {
	struct policy *policy;
	struct compiled *compiled;
	struct rate_state *rates;
	void *arena;
	size_t arena_size;
	struct engine *engine;
	uint64_t denied;
};

static struct policy *
load(const char *text)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;

	if (policy_load_text(text, "bench", &policy, &diagnostics) < 0)
		die("%s",
		    diagnostics.count > 0 ? diagnostics.items[0].message
					  : "the policy does not load");
	diagnostics_done(&diagnostics);
	return policy;
}

static void
bench_init(struct bench *b, const struct bench_protocol *p, uint32_t flows)
{
	char *text = make_policy(p, 10);
	struct engine_limits limits = {.flows = flows};

	memset(b, 0, sizeof(*b));
	b->policy = load(text);
	free(text);
	limits.held_bytes = b->policy->limits.held_bytes;
	limits.states = LIMITS_STATES;
	b->arena_size = engine_arena_size(&limits);
	b->arena = calloc(1, b->arena_size);
	b->rates = calloc(b->policy->rate_count + 1, sizeof(*b->rates));
	if (!b->arena || !b->rates || compiled_new(b->policy, &b->compiled) < 0)
		die("no memory");
	engine_arena_init(b->arena, &limits, 1);
	if (engine_new(b->arena, b->compiled, b->rates, &b->engine) < 0)
		die("the engine does not start");
}

static void
bench_done(struct bench *b)
{
	engine_free(b->engine);
	compiled_free(b->compiled);
	free(b->rates);
	free(b->arena);
	policy_free(b->policy);
}

static void
judge(struct bench *b, const struct packet_bytes *p, uint64_t now, bool trusted)
{
	struct engine_packet in = {.data = p->bytes,
	    .length = p->length,
	    .now_ns = now,
	    .wall_ns = now,
	    .checksum_trusted = trusted};
	struct outcome outcome;

	engine_packet(b->engine, &in, &outcome);
	b->denied += outcome.verdict != VERDICT_ALLOW;
}

struct traffic {
	struct packet_bytes *packets;
	size_t opening; /* of them; the others are measured */
	size_t count;
};

static struct traffic
traffic_new(const struct bench_protocol *protocol)
{
	size_t count = (2 + 2 * protocol->exchange_count) * FLOWS + 2 * TRANSACTIONS;
	struct traffic t = {.packets = calloc(count, sizeof(*t.packets))};
	struct connection connections[FLOWS];

	if (!t.packets)
		die("no memory");
	for (uint32_t i = 0; i < FLOWS; i++) {
		make_connection(&connections[i], protocol, i);
		t.opening += make_opening(&t.packets[t.opening], &connections[i]);
	}
	t.count = t.opening;
	for (size_t i = 0; i < TRANSACTIONS; i++)
		t.count += make_exchange(&t.packets[t.count], &connections[i % FLOWS]);
	return t;
}

struct speed {
	double fast; /* messages a second */
	double slow; /* the same, checksums of TCP verified */
	uint64_t allocations;
};

/*
 * Messages a second, the best of some passes: what the machine does when nobody disturbs it.  A
 * pass is short, so that packets come from near memory, as they do when the kernel has just copied
 * them.
 */
static double
messages_per_second(const struct bench_protocol *protocol, const struct traffic *t, unsigned passes,
    bool trusted, uint64_t *allocated)
{
	double best = 0;

	for (unsigned pass = 0; pass < passes; pass++) {
		struct bench b;
		uint64_t before, allocations_before, took;

		bench_init(&b, protocol, 65536);
		for (size_t i = 0; i < t->opening; i++)
			judge(&b, &t->packets[i], 1, trusted);
		allocations_before = allocations;
		before = now_ns();
		for (size_t i = t->opening; i < t->count; i++)
			judge(&b, &t->packets[i], before + i, trusted);
		took = now_ns() - before;
		*allocated += allocations - allocations_before;
		if (b.denied > 0)
			die("%llu packets of %s were denied that the policy permits",
			    (unsigned long long)b.denied, protocol->name);
		if (2e9 * (double)TRANSACTIONS / (double)took > best)
			best = 2e9 * (double)TRANSACTIONS / (double)took;
		bench_done(&b);
	}
	return best;
}

static struct speed
bench_speed(const struct bench_protocol *protocol, unsigned passes)
{
	struct traffic t = traffic_new(protocol);
	struct speed s = {.allocations = 0};

	s.fast = messages_per_second(protocol, &t, passes, true, &s.allocations);
	s.slow = messages_per_second(protocol, &t, passes, false, &s.allocations);
	free(t.packets);
	return s;
}

struct memory {
	uint32_t flows; /* how many of the many there was room for */
	double resident_mib;
	double arena_mib;
};

/* A connection with one transaction. */
static bool
judge_flow(struct bench *b, const struct bench_protocol *protocol, uint32_t number)
{
	struct packet_bytes packets[16];
	struct engine_counters counters;
	struct connection c;
	size_t count;

	make_connection(&c, protocol, number);
	count = make_opening(packets, &c);
	count += make_exchange(&packets[count], &c);
	for (size_t i = 0; i < count; i++)
		judge(b, &packets[i], 1000 + number, true);
	engine_counters(b->arena, &counters);
	/* or there is no room for more flows */
	return b->denied == 0 && counters.by_reason[REASON_FLOW_GAVE_WAY] == 0;
}

static struct memory
bench_memory(const struct bench_protocol *protocol)
{
	long before = resident_kb();
	struct memory m = {.flows = 0};
	struct bench b;

	bench_init(&b, protocol, MANY_FLOWS);
	while (m.flows < MANY_FLOWS && judge_flow(&b, protocol, m.flows))
		m.flows++;
	m.resident_mib = (double)(resident_kb() - before) / 1024;
	m.arena_mib = (double)b.arena_size / 1048576;
	if (m.flows < MANY_FLOWS && dissector_find(protocol->name)->state_size == 0)
		die("there is room for %u flows only", m.flows);
	bench_done(&b);
	return m;
}

/* One row of the table: a figure of each protocol. */
#define ROW(title, format, figure, aim)                        \
	do {                                                   \
		printf("%-58s", title);                        \
		for (size_t i = 0; i < BENCH_PROTOCOLS; i++)   \
			printf(" " format, figure);            \
		printf("%s%s\n", *(aim) ? "  aim " : "", aim); \
	} while (0)

static void
bench_protocols_run(unsigned passes)
{
	struct speed speeds[BENCH_PROTOCOLS];
	struct memory memories[BENCH_PROTOCOLS];
	uint64_t allocated = 0;

	for (size_t i = 0; i < BENCH_PROTOCOLS; i++) {
		memories[i] = bench_memory(&bench_protocols[i]);
		speeds[i] = bench_speed(&bench_protocols[i], passes);
		allocated += speeds[i].allocations;
	}
	ROW("In memory", "%8s", bench_protocols[i].name, "");
	ROW("million messages a second, one core", "%8.2f", speeds[i].fast / 1e6, "5");
	ROW("the same, TCP checksums verified", "%8.2f", speeds[i].slow / 1e6, "");
	ROW("calls of malloc for those packets", "%8llu", (unsigned long long)speeds[i].allocations,
	    "0");
	ROW("flows that there was room for, of 100,000", "%8u", memories[i].flows, "");
	ROW("MiB in memory for them, each with a transaction", "%8.1f", memories[i].resident_mib,
	    "64");
	ROW("MiB of the arena", "%8.1f", memories[i].arena_mib, "");
	if (allocated > 0)
		die("a packet must not cost an allocation");
}

static void
bench_load(void)
{
	char *text = make_policy(&bench_protocols[0], CHANNELS);
	uint64_t start = now_ns(), loaded, compiled_at;
	struct policy *policy = load(text);
	struct compiled *compiled;
	struct ruleset *ruleset;
	struct ruleset_options options = {.generation = 1, .queue_base = 5200, .queue_count = 2};

	loaded = now_ns();
	if (compiled_new(policy, &compiled) < 0)
		die("no memory");
	compiled_at = now_ns();
	if (ruleset_new(policy, &options, &ruleset) < 0)
		die("no ruleset");
	printf("%-58s %8.0f\n", "ms to load 10,000 channels", (double)(loaded - start) / 1e6);
	printf("%-58s %8.0f\n", "ms to compile them", (double)(compiled_at - loaded) / 1e6);
	printf(
	    "%-58s %8.0f\n", "ms to make them a ruleset", (double)(now_ns() - compiled_at) / 1e6);
	ruleset_free(ruleset);
	compiled_free(compiled);
	policy_free(policy);
	free(text);
}

int
main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;

	bench_protocols_run(quick ? 10 : 40);
	bench_load();
	return 0;
}
