/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow note: see flow_note.h. */
#include "flow_note.h"

static void
note_request(struct flow_note *note, const struct message *message)
{
	const struct span *span = message->spans;

	note->function = message->function
	    ? (uint16_t)(dissector_function_index(message->dissector, message->function) + 1)
	    : 0;
	note->has_unit = message->has_unit;
	note->unit = message->unit;
	note->unit_source = message->unit_source;
	note->span_count =
	    (uint8_t)(message->span_count < UINT8_MAX ? message->span_count : UINT8_MAX);
	if (message->span_count == 0)
		return;
	note->space = (uint16_t)span->space;
	note->block = span->block;
	note->first = span->first;
	note->last = span->last;
}

void
flow_note_message(struct flow_note *note, const struct message *message)
{
	note->messages++;
	note->bytes += message->length;
	if (message->kind == MESSAGE_REQUEST)
		note_request(note, message);
}
