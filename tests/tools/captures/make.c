/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Make: a capture file from a script that a person can read.
 *
 *   make-capture SCRIPT FILE
 *
 * A line of a script is one of
 *   file pcap|pcap-nano|pcap-swapped|pcapng     link NUMBER      (both before the first frame)
 *   interface LINK SNAP RESOLUTION     another one of a pcapng file      on N    frames go there
 *   vlan [TAG...]      tags of the frames that follow          snap N      bytes kept of each
 *   wait MILLISECONDS  time passes                             cut N       bytes missing at the end
 *   frame HEX          a frame as it is
 *   flow NAME ADDRESS PORT ADDRESS PORT         client, then server
 *   NAME open|close|reset                       handshake, both FINs, RST of the client
 *   NAME >|< [@OFFSET] [flag]... HEX            a segment of the client or the server, at an offset
 * in its stream (without one: behind what was sent); flags: urgent, syn, fin, badsum, uncut (no
 * length in the IP header), lost (sent and received, but not captured).  Frames are a millisecond
 * apart, the first is at 2026-01-05 08:00:00 UTC.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"

enum { FLOWS_MAX = 16, FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10, URG = 0x20 };

struct side {
	struct frames_host host;
	uint32_t initial; /* sequence number of the SYN */
	uint32_t offset;  /* bytes of the stream that were sent */
};

struct flow {
	char name[32];
	struct side sides[2]; /* client, server */
};

struct script {
	struct frames frames;
	bool begun;
	long cut;
	struct flow flows[FLOWS_MAX];
	unsigned flow_count;
	unsigned line;
};

static void
fail(const struct script *script, const char *what)
{
	fprintf(stderr, "line %u: %s\n", script->line, what);
	exit(1);
}

static char *
next_word(const struct script *script, char **rest)
{
	char *word = strsep(rest, " \t\n");

	while (word && *word == '\0' && *rest)
		word = strsep(rest, " \t\n");
	if (!word || *word == '\0')
		fail(script, "a word is missing");
	return word;
}

static uint32_t
next_number(const struct script *script, char **rest)
{
	char *end, *word = next_word(script, rest);
	unsigned long number = strtoul(word, &end, 0);

	if (*end || end == word)
		fail(script, "expected a number");
	return (uint32_t)number;
}

static size_t
parse_hex(const struct script *script, const char *text, uint8_t *bytes, size_t max)
{
	size_t digits = 0;
	unsigned value = 0;

	for (; *text; text++) {
		if (isspace((unsigned char)*text))
			continue;
		if (!isxdigit((unsigned char)*text) || digits / 2 >= max)
			fail(script, "expected hexadecimal digits, not too many");
		value = value << 4 |
		    (unsigned)(isdigit((unsigned char)*text) ? *text - '0'
							     : tolower(*text) - 'a' + 10);
		if (++digits % 2 == 0)
			bytes[digits / 2 - 1] = (uint8_t)value;
	}
	if (digits % 2)
		fail(script, "half a byte");
	return digits / 2;
}

static void
begin(struct script *script)
{
	if (!script->begun)
		frames_begin(&script->frames);
	script->begun = true;
}

static void
set_format(struct script *script, const char *word)
{
	static const char *const words[] = {
	    [FRAMES_PCAP] = "pcap",
	    [FRAMES_PCAP_NANO] = "pcap-nano",
	    [FRAMES_PCAP_SWAPPED] = "pcap-swapped",
	    [FRAMES_PCAPNG] = "pcapng",
	};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0) {
			script->frames.format = (enum frames_format)i;
			return;
		}
	}
	fail(script, "unknown file format");
}

static void
read_host(const struct script *script, char **rest, struct frames_host *host)
{
	const char *text = next_word(script, rest);

	host->ipv6 = strchr(text, ':');
	if (inet_pton(host->ipv6 ? AF_INET6 : AF_INET, text, host->bytes) != 1)
		fail(script, "expected an address");
	host->port = (uint16_t)next_number(script, rest);
}

static void
add_flow(struct script *script, char **rest)
{
	struct flow *flow = &script->flows[script->flow_count];

	if (script->flow_count++ == FLOWS_MAX)
		fail(script, "too many flows");
	snprintf(flow->name, sizeof(flow->name), "%s", next_word(script, rest));
	for (unsigned i = 0; i < 2; i++) {
		read_host(script, rest, &flow->sides[i].host);
		flow->sides[i].initial = 1000 * (i + 1);
	}
}

/* Sequence numbers of a stream begin one behind the SYN. */
static void
send_segment(struct script *script, const struct flow *flow, unsigned from,
    struct frames_segment segment, uint32_t sequence_offset)
{
	const struct side *side = &flow->sides[from], *peer = &flow->sides[!from];

	begin(script);
	segment.source = &side->host;
	segment.destination = &peer->host;
	segment.sequence = side->initial + sequence_offset;
	if (segment.flags & ACK)
		segment.acknowledgement = peer->initial + 1 + peer->offset;
	frames_add_segment(&script->frames, &segment);
}

static void
open_flow(struct script *script, struct flow *flow)
{
	send_segment(script, flow, 0, (struct frames_segment){.flags = SYN}, 0);
	send_segment(script, flow, 1, (struct frames_segment){.flags = SYN | ACK}, 0);
	send_segment(script, flow, 0, (struct frames_segment){.flags = ACK}, 1);
}

static void
close_flow(struct script *script, struct flow *flow)
{
	for (unsigned i = 0; i < 2; i++) {
		struct side *side = &flow->sides[i];

		send_segment(
		    script, flow, i, (struct frames_segment){.flags = FIN | ACK}, 1 + side->offset);
		side->offset++;
	}
	send_segment(
	    script, flow, 0, (struct frames_segment){.flags = ACK}, 1 + flow->sides[0].offset);
}

static void
send_payload(struct script *script, struct flow *flow, unsigned from, char *rest)
{
	static const struct {
		const char *word;
		uint8_t flag;
	} words[] = {{"urgent", URG}, {"syn", SYN}, {"fin", FIN}};
	struct side *side = &flow->sides[from];
	struct frames_segment segment = {.flags = ACK | PSH};
	uint8_t payload[FRAMES_PAYLOAD_MAX];
	uint32_t offset = side->offset;
	bool lost = false;

	for (rest += strspn(rest, " "); isalpha((unsigned char)*rest) || *rest == '@';
	     rest += strspn(rest, " ")) {
		size_t length = strcspn(rest, " \n");
		bool flag = false;

		if (*rest != '@' && length == 2) /* two digits of a byte */
			break;
		for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (strncmp(rest, words[i].word, length) == 0) {
				segment.flags |= words[i].flag;
				flag = true;
			}
		}
		if (*rest == '@')
			offset = (uint32_t)strtoul(rest + 1, NULL, 10);
		else if (strncmp(rest, "uncut", length) == 0)
			segment.uncut = true;
		else if (strncmp(rest, "lost", length) == 0)
			lost = true;
		else if (strncmp(rest, "badsum", length) == 0)
			segment.checksum_error = 1;
		else if (!flag)
			break;
		rest += length;
	}
	if (segment.flags & SYN)
		segment.flags = SYN;
	segment.urgent = segment.flags & URG ? 1 : 0;
	segment.payload = payload;
	segment.length = parse_hex(script, rest, payload, sizeof(payload));
	if (!lost)
		send_segment(script, flow, from, segment, (segment.flags & SYN ? 0 : 1) + offset);
	if (offset + segment.length > side->offset)
		side->offset = offset + (uint32_t)segment.length;
}

static void
run_flow(struct script *script, const char *name, char *rest)
{
	struct flow *flow = NULL;
	const char *act;

	for (unsigned i = 0; i < script->flow_count; i++)
		if (strcmp(script->flows[i].name, name) == 0)
			flow = &script->flows[i];
	if (!flow)
		fail(script, "neither a command nor a flow");
	act = next_word(script, &rest);
	if (strcmp(act, "open") == 0)
		open_flow(script, flow);
	else if (strcmp(act, "close") == 0)
		close_flow(script, flow);
	else if (strcmp(act, "reset") == 0)
		send_segment(script, flow, 0, (struct frames_segment){.flags = RST | ACK},
		    1 + flow->sides[0].offset);
	else if (strcmp(act, ">") == 0 || strcmp(act, "<") == 0)
		send_payload(script, flow, *act == '<', rest);
	else
		fail(script, "expected open, close, reset, > or <");
}

static void
add_interface(struct script *script, char **rest)
{
	struct frames_interface interface = {0};

	begin(script);
	interface.link_type = next_number(script, rest);
	interface.snap = next_number(script, rest);
	interface.resolution = (uint8_t)next_number(script, rest);
	if (script->frames.interface_count == FRAMES_INTERFACES_MAX)
		fail(script, "too many interfaces");
	frames_add_interface(&script->frames, &interface);
}

static void
run_line(struct script *script, char *line)
{
	uint8_t frame[FRAMES_PAYLOAD_MAX];
	char *rest = line;
	const char *word;

	if (line[strspn(line, " \t\n")] == '\0' || line[0] == '#')
		return;
	word = next_word(script, &rest);
	if (strcmp(word, "file") == 0) {
		set_format(script, next_word(script, &rest));
	} else if (strcmp(word, "link") == 0) {
		script->frames.link_type = next_number(script, &rest);
	} else if (strcmp(word, "snap") == 0) {
		script->frames.snap = next_number(script, &rest);
	} else if (strcmp(word, "interface") == 0) {
		add_interface(script, &rest);
	} else if (strcmp(word, "on") == 0) {
		script->frames.interface = next_number(script, &rest) % FRAMES_INTERFACES_MAX;
		script->frames.link_type =
		    script->frames.interfaces[script->frames.interface].link_type;
	} else if (strcmp(word, "cut") == 0) {
		script->cut = (long)next_number(script, &rest);
	} else if (strcmp(word, "wait") == 0) {
		script->frames.time_ns += (uint64_t)next_number(script, &rest) * 1000000;
	} else if (strcmp(word, "flow") == 0) {
		add_flow(script, &rest);
	} else if (strcmp(word, "frame") == 0) {
		begin(script);
		frames_add(&script->frames, frame, parse_hex(script, rest, frame, sizeof(frame)));
	} else if (strcmp(word, "vlan") == 0) {
		script->frames.tag_count = 0;
		while (rest && rest[strspn(rest, " \t\n")] &&
		    script->frames.tag_count < FRAMES_TAGS_MAX)
			script->frames.tags[script->frames.tag_count++] =
			    (uint16_t)next_number(script, &rest);
	} else {
		run_flow(script, word, rest);
	}
}

int
main(int argc, char **argv)
{
	static struct script script = {
	    .frames = {.link_type = 1, .time_ns = 1767600000000000000, .step_ns = 1000000}};
	FILE *source = argc == 3 ? fopen(argv[1], "r") : NULL;
	char *line = NULL;
	size_t size = 0;

	script.frames.file = argc == 3 ? fopen(argv[2], "w+") : NULL;
	if (!source || !script.frames.file) {
		fprintf(stderr, "usage: make-capture SCRIPT FILE\n");
		return 1;
	}
	while (getline(&line, &size, source) >= 0) {
		script.line++;
		run_line(&script, line);
	}
	begin(&script);
	free(line);
	fclose(source);
	if (fflush(script.frames.file) != 0 ||
	    (script.cut &&
		ftruncate(fileno(script.frames.file), ftell(script.frames.file) - script.cut) !=
		    0) ||
	    fclose(script.frames.file) != 0) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
