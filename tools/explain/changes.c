/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes: see changes.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "changes.h"
#include "output.h"
#include "terminal.h"

enum { WIDTH = 80, OTHERS_SHOWN = 3, EPHEMERAL = 32768 };

void
changes_done(struct changes *changes)
{
	if (changes->read)
		draft_done(&changes->draft);
	changes->read = false;
}

bool
changes_find(struct changes *changes, struct amend_question *question, struct amendments *ret_found)
{
	if (!changes->read && !changes->failed) {
		changes->read =
		    draft_read(changes->command, changes->policy->file, &changes->draft);
		changes->failed = !changes->read;
	}
	if (!changes->read)
		return false;
	question->policy = changes->policy;
	question->draft = &changes->draft;
	question->comment = changes->comment;
	amend_find(question, ret_found);
	return true;
}

struct amend_question
changes_question(const struct explanation *e)
{
	return (struct amend_question){
	    .reason = e->reason,
	    .channel = e->channel,
	    .message = e->message.function ? &e->message : NULL,
	    .complete = e->result == DISSECT_COMPLETE,
	};
}

static bool
is_served(const struct policy *policy, uint8_t transport, uint16_t port)
{
	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];

		if (channel->transport == transport && port >= channel->port_first &&
		    port <= channel->port_last)
			return true;
	}
	return false;
}

/* Does the server send it?  A SYN tells; otherwise the port that a channel serves, or the lower. */
static bool
is_of_server(const struct policy *policy, const struct packet *packet)
{
	bool source = is_served(policy, packet->protocol, packet->source_port);
	bool sink = is_served(policy, packet->protocol, packet->destination_port);

	if ((packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return false;
	if (source != sink)
		return source;
	return packet->source_port < EPHEMERAL && packet->destination_port >= EPHEMERAL;
}

void
changes_put_packet(
    struct amend_question *question, const struct policy *policy, const struct packet *packet)
{
	bool back = is_of_server(policy, packet);

	question->has_connection = packet->family != FAMILY_NONE;
	question->family = packet->family;
	question->client = back ? packet->destination : packet->source;
	question->server = back ? packet->source : packet->destination;
	question->port = back ? packet->source_port : packet->destination_port;
	question->transport =
	    packet->protocol == PROTOCOL_ICMPV6 ? PROTOCOL_ICMP : packet->protocol;
}

static void
print_others(const struct amendments *found)
{
	if (found->count < 2)
		return;
	printf("\n%sOther changes, which permit as much or more%s\n", style(STYLE_STRONG),
	    style_end());
	for (size_t i = 1; i < found->count && i <= OTHERS_SHOWN; i++) {
		char *text = words_format("%zu: %s", i + 1, found->items[i].what);

		fputs("  ", stdout);
		print_wrapped(text, 5, 2, WIDTH);
		free(text);
	}
	if (found->count > OTHERS_SHOWN + 1)
		printf("  and %zu more\n", found->count - OTHERS_SHOWN - 1);
}

static void
print_found(const struct amendments *found)
{
	const struct amendment *first = &found->items[0];

	if (found->count == 0) {
		printf("\n%sNo change of the policy would allow it%s\n  ", style(STYLE_STRONG),
		    style_end());
		print_wrapped(found->why, 2, 2, WIDTH);
		return;
	}
	printf(
	    "\n%sThe smallest change that would allow it%s\n  ", style(STYLE_STRONG), style_end());
	print_wrapped(first->what, 4, 2, WIDTH);
	fputs("  ", stdout);
	print_wrapped(first->permits, 4, 2, WIDTH);
	printf("\n%s", first->patch);
	print_others(found);
}

void
changes_print(struct changes *changes, struct amend_question *question)
{
	static struct amendments found; /* too large for the stack's comfort */

	if (!changes_find(changes, question, &found))
		return;
	if (changes->take)
		changes->take(changes->context, &found);
	else if (!changes->patch)
		print_found(&found);
	else if (found.count > 0)
		fputs(found.items[0].patch, stdout);
	else
		complain("explain: no change of the policy would allow it: %s", found.why);
	amendments_done(&found);
}

json_t *
amendment_json(const struct amendment *amendment)
{
	return json_pack("{s:s, s:s, s:b, s:s}", "what", amendment->what, "permits",
	    amendment->permits, "alone", amendment->alone, "patch", amendment->patch);
}

json_t *
changes_json(struct changes *changes, struct amend_question *question)
{
	static struct amendments found; /* too large for the stack's comfort */
	json_t *array = json_array(), *object;

	if (!changes_find(changes, question, &found)) {
		json_decref(array);
		return json_null();
	}
	for (size_t i = 0; i < found.count; i++)
		json_array_append_new(array, amendment_json(&found.items[i]));
	object = json_pack("{s:o, s:o}", "found", array, "why", output_string(found.why));
	amendments_done(&found);
	return object;
}
