/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real: one protocol of captures that other people made, under a policy that allows all of it.
 *
 *   real PORT POLICY CAPTURE...
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

struct run {
	const char *name;
	struct session *session;
	uint64_t frame;
	uint64_t messages;
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
	if (event->verdict == VERDICT_ALLOW || told_already(run, event->flow_id))
		return;
	printf("%s %llu %s", run->name, (unsigned long long)run->frame, reason_word(event->reason));
	if (message && message->has_function)
		printf(" %u", message->function_code);
	if (message && message->function)
		printf(" %s", message->function->name);
	putchar('\n');
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
	return true;
}

static uint64_t messages; /* of all captures */

static int
run_capture(const struct policy *policy, const char *file)
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
	r = session_new(policy, &run.session);
	if (r == 0) {
		engine_observe(session_engine(run.session), OBSERVE_ALL, observe, &run);
		if (capture_read(capture, visit, &run, error) < 0)
			printf("%s: %s\n", run.name, error);
		messages += run.messages;
	}
	session_free(run.session);
	capture_close(capture);
	return r;
}

int
main(int argc, char **argv)
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = NULL;
	int r = argc > 2 ? policy_load(argv[2], &policy, &diagnostics) : -1;

	diagnostics_done(&diagnostics);
	if (r == 0)
		port = (uint16_t)strtoul(argv[1], NULL, 10);
	for (int i = 3; i < argc && r == 0; i++)
		r = run_capture(policy, argv[i]);
	policy_free(policy);
	fprintf(stderr, "%llu\n", (unsigned long long)messages);
	if (r < 0)
		fprintf(stderr, "usage: real PORT POLICY CAPTURE...\n");
	return r < 0;
}
