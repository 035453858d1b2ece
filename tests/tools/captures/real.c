/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real: one protocol of captures that other people made, under a policy that allows all of it.
 *
 *   real PORT POLICY CAPTURE...
 *   real --monitor PORT POLICY CAPTURE...
 *
 * With --monitor the captures are judged twice, as the policy says and in monitor mode, and a line
 * tells of what monitor mode would have denied of a connection that had lost nothing yet.
 *
 * Prints a line for the first denial of each connection: capture, frame, reason, function; on
 * standard error the number of messages.  Hosts at PORT become 10.20.x.y and their
 * peers 10.10.x.y, because captures of one machine know only one address; the checksums are
 * trusted.  Where both are at PORT, who speaks first is the client.  Everything that is not TCP or
 * UDP over IPv4 with PORT is left out.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "load.h"
#include "session.h"

enum { HOSTS_MAX = 4096, FLOWS_MAX = 1 << 16, FRAME_MAX = 1 << 17, IPV4_HEADER = 20 };

static uint16_t port; /* of the protocol */

/* Packets between two ends, whatever their direction. */
struct ends {
	struct address address[2];
	uint16_t port[2];
	uint8_t protocol;
};

struct run {
	const char *name;
	struct session *session;
	struct session *monitor;     /* or NULL */
	struct ends lost[FLOWS_MAX]; /* of which enforcement has stopped something */
	unsigned lost_count;
	uint64_t frame;
	uint64_t messages;
	enum reason phantom; /* what monitor mode would have denied of this frame */
	struct address hosts[HOSTS_MAX];
	unsigned host_count;
	struct address first; /* who spoke first where both ends have the port */
	bool has_first;
	uint64_t denied[FLOWS_MAX]; /* flows that were told already */
	unsigned denied_count;
	uint8_t copy[FRAME_MAX];
};

static unsigned
host_index(struct run *run, const struct address *address)
{
	unsigned i = 0;

	while (i < run->host_count && memcmp(&run->hosts[i], address, sizeof(*address)) != 0)
		i++;
	if (i == HOSTS_MAX) {
		fprintf(stderr, "%s: too many hosts\n", run->name);
		exit(1);
	}
	if (i == run->host_count)
		run->hosts[run->host_count++] = *address;
	return i + 1;
}

static bool
told_already(struct run *run, uint64_t flow_id)
{
	for (unsigned i = 0; i < run->denied_count; i++)
		if (run->denied[i] == flow_id)
			return true;
	if (flow_id && run->denied_count < FLOWS_MAX)
		run->denied[run->denied_count++] = flow_id;
	return false;
}

static void
observe(void *context, const struct judgement *judgement)
{
	struct run *run = context;
	const struct event *event = judgement->event;
	const struct message *message = judgement->message;

	if (message)
		run->messages++;
	if (run->monitor || event->verdict == VERDICT_ALLOW || told_already(run, event->flow_id))
		return;
	printf("%s %llu %s", run->name, (unsigned long long)run->frame, reason_word(event->reason));
	if (message && message->has_function)
		printf(" %u", message->function_code);
	if (message && message->function)
		printf(" %s", message->function->name);
	putchar('\n');
}

static struct ends
ends_of(const struct packet *packet)
{
	int order = memcmp(&packet->source, &packet->destination, sizeof(packet->source));
	unsigned second =
	    order < 0 || (order == 0 && packet->source_port < packet->destination_port) ? 1 : 0;
	struct ends ends;

	memset(&ends, 0, sizeof(ends));
	ends.address[1 - second] = packet->source;
	ends.address[second] = packet->destination;
	ends.port[1 - second] = packet->source_port;
	ends.port[second] = packet->destination_port;
	ends.protocol = packet->protocol;
	return ends;
}

static bool
has_lost(const struct run *run, const struct ends *ends)
{
	for (unsigned i = 0; i < run->lost_count; i++)
		if (memcmp(&run->lost[i], ends, sizeof(*ends)) == 0)
			return true;
	return false;
}

/* What monitor mode says of a packet of a connection of which enforcement has let all pass. */
static void
observe_monitor(void *context, const struct judgement *judgement)
{
	struct run *run = context;
	const struct event *event = judgement->event;

	if (event->would_deny)
		run->phantom = (enum reason)event->reason;
}

/* A keep-alive probe goes on without its byte, and so does its connection. */
static bool
is_lost(const struct outcome *outcome)
{
	return outcome->verdict != VERDICT_ALLOW && outcome->reason != REASON_STREAM_KEEPALIVE;
}

static void
compare_with_monitor(struct run *run, const struct frame *frame, bool stopped)
{
	struct packet packet = {0};
	struct outcome outcome;
	struct ends ends;

	if (!session_find_packet(frame, &packet))
		return;
	ends = ends_of(&packet);
	run->phantom = REASON_UNDECIDED;
	session_judge(run->monitor, frame, &outcome);
	if (has_lost(run, &ends))
		return;
	if (stopped && run->lost_count < FLOWS_MAX)
		run->lost[run->lost_count++] = ends;
	else if (run->phantom != REASON_UNDECIDED)
		printf("%s %llu %s\n", run->name, (unsigned long long)run->frame,
		    reason_word(run->phantom));
}

static bool
is_to_server(struct run *run, const struct packet *packet)
{
	if (packet->source_port != port || packet->destination_port != port)
		return packet->destination_port == port;
	if (!run->has_first)
		run->first = packet->source;
	run->has_first = true;
	return memcmp(&run->first, &packet->source, sizeof(run->first)) == 0;
}

static bool
visit(void *context, const struct frame *frame)
{
	struct run *run = context;
	struct frame changed = *frame;
	struct packet packet = {0};
	struct outcome outcome;
	bool to_server;
	size_t offset = 0;
	uint8_t *ip;

	run->frame = frame->number;
	if (frame->length > FRAME_MAX)
		return true;
	memcpy(run->copy, frame->data, frame->length);
	changed.data = run->copy;
	if (link_find_ip(frame->link_type, run->copy, frame->length, &offset) != LINK_IP ||
	    frame->length - offset < IPV4_HEADER)
		return true;
	ip = &run->copy[offset];
	/* captured before the network card cut it, see session.c */
	if (ip[2] == 0 && ip[3] == 0) {
		ip[2] = (uint8_t)((frame->length - offset) >> 8);
		ip[3] = (uint8_t)(frame->length - offset);
	}
	if (!session_find_packet(&changed, &packet) || packet.family != FAMILY_IPV4 ||
	    (packet.protocol != PROTOCOL_TCP && packet.protocol != PROTOCOL_UDP))
		return true;
	if (packet.source_port != port && packet.destination_port != port)
		return true;
	to_server = is_to_server(run, &packet);
	for (unsigned side = 0; side < 2; side++) {
		bool is_server = to_server == (side == 1);
		unsigned index = host_index(run, side ? &packet.destination : &packet.source);
		uint32_t address = htonl((is_server ? 0x0a140000u : 0x0a0a0000u) + index);

		memcpy(ip + 12 + side * 4, &address, sizeof(address));
	}
	session_judge(run->session, &changed, &outcome);
	if (run->monitor)
		compare_with_monitor(run, &changed, is_lost(&outcome));
	return true;
}

static uint64_t messages; /* of all captures */

static int
open_sessions(struct run *run, const struct policy *policy, const struct policy *monitor)
{
	int r = session_new(policy, &run->session);

	if (r == 0)
		engine_observe(session_engine(run->session), OBSERVE_ALL, observe, run);
	if (r == 0 && monitor)
		r = session_new(monitor, &run->monitor);
	if (r == 0 && monitor)
		engine_observe(session_engine(run->monitor), OBSERVE_ALL, observe_monitor, run);
	return r;
}

static int
run_capture(const struct policy *policy, const struct policy *monitor, const char *file)
{
	static struct run run;
	const char *slash = strrchr(file, '/');
	char error[CAPTURE_ERROR_SIZE];
	struct capture *capture;
	int r;

	memset(&run, 0, sizeof(run));
	run.name = slash ? slash + 1 : file;
	if (capture_open(file, &capture, error) < 0) {
		printf("%s: %s\n", run.name, error);
		return 0;
	}
	r = open_sessions(&run, policy, monitor);
	if (r == 0) {
		if (capture_read(capture, visit, &run, error) < 0)
			printf("%s: %s\n", run.name, error);
		messages += run.messages;
	}
	session_free(run.monitor);
	session_free(run.session);
	capture_close(capture);
	return r;
}

static struct policy *
load(const char *file, enum conduit_mode mode)
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = NULL;

	if (policy_load(file, &policy, &diagnostics) < 0)
		policy = NULL;
	diagnostics_done(&diagnostics);
	for (size_t i = 0; policy && i < policy->conduit_count; i++)
		policy->conduits[i].mode = mode;
	return policy;
}

int
main(int argc, char **argv)
{
	bool compares = argc > 1 && strcmp(argv[1], "--monitor") == 0;
	struct policy *policy = NULL, *monitor = NULL;
	int first = compares ? 4 : 3, r = -1;

	if (argc > first - 1)
		policy = load(argv[first - 1], MODE_ENFORCE);
	if (policy && compares)
		monitor = load(argv[first - 1], MODE_MONITOR);
	if (policy && (monitor || !compares))
		r = 0;
	if (r == 0)
		port = (uint16_t)strtoul(argv[first - 2], NULL, 10);
	for (int i = first; i < argc && r == 0; i++)
		r = run_capture(policy, monitor, argv[i]);
	policy_free(monitor);
	policy_free(policy);
	fprintf(stderr, "%llu\n", (unsigned long long)messages);
	if (r < 0)
		fprintf(stderr, "usage: real [--monitor] PORT POLICY CAPTURE...\n");
	return r < 0;
}
