/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: what comes too late from who asks.  See engine_late.h. */
#include "engine_late.h"

#include "engine_verdict.h"
#include "flow.h"
#include "stream.h"

/* A segment of so many bytes is not cut into two on its way. */
enum { ALONE_MAX = 512 };

static uint32_t
packet_end(const struct pass *pass)
{
	return pass->packet.sequence + pass->packet.payload_length;
}

static bool
is_old(const struct pass *pass, uint32_t since_ms)
{
	return pass_now_ms(pass) - since_ms >= pass->channel->pause_s * 1000;
}

/*
 * All before was answered, so the server has room for it; or the packet repeats from the beginning
 * on what was alone until now.
 */
static bool
is_alone(const struct pass *pass)
{
	const struct flow *flow = pass->flow;
	const struct stream *from = pass_stream_from(pass);

	if (stream_pending(from) > 0 || pass->packet.payload_length > ALONE_MAX)
		return false;
	if (!sequence_before(from->acked, from->next))
		return flow->outstanding_count == 0;
	return flow->alone && !sequence_before(flow->alone_from, pass->packet.sequence);
}

struct late
late_begin(const struct pass *pass)
{
	const struct flow *flow = pass->flow;
	bool unfinished = stream_pending(pass_stream_from(pass)) > 0;

	return (struct late){
	    .begun_ms = unfinished ? flow->begun_ms : pass_now_ms(pass),
	    .alone = pass_may_ask(pass) && is_alone(pass),
	};
}

void
late_note(struct pass *pass, const struct late *late, uint32_t length, uint32_t pending)
{
	struct flow *flow = pass->flow;
	const struct stream *from = pass_stream_from(pass);
	uint32_t first = from->next - length;
	bool oldest = !sequence_before(from->acked, first);

	if (oldest) {
		flow->unacked_ms = late->begun_ms;
		flow->mark = from->next;
		flow->alone_from = first;
	} else if (flow->mark == first) {
		flow->mark_ms = late->begun_ms;
	}
	flow->newest = first;
	flow->newest_ms = late->begun_ms;
	flow->alone = late->alone && pending == 0 && pass->reads > 0 && pass->reads == pass->whole;
	if (pending <= length) /* the unfinished message began here */
		flow->begun_ms = pass_now_ms(pass);
}

bool
late_goes_on(const struct pass *pass)
{
	return pass_may_ask(pass) && stream_pending(pass_stream_from(pass)) > 0 &&
	    is_old(pass, pass->flow->begun_ms);
}

/* All of what is alone, as it left. */
static bool
is_whole(const struct pass *pass)
{
	const struct flow *flow = pass->flow;
	const struct stream *from = pass_stream_from(pass);

	return flow->alone && !sequence_before(flow->alone_from, pass->packet.sequence) &&
	    !sequence_before(flow->alone_from, from->acked) &&
	    !sequence_before(packet_end(pass), from->next) &&
	    pass->packet.payload_length <= ALONE_MAX;
}

bool
late_comes_again(const struct pass *pass, uint32_t length)
{
	const struct flow *flow = pass->flow;
	uint32_t first = pass->packet.sequence, since;

	if (!pass_may_ask(pass) || !sequence_before(pass_stream_from(pass)->acked, first + length))
		return false;
	if (sequence_before(first, flow->mark))
		since = flow->unacked_ms;
	else
		since = sequence_before(first, flow->newest) ? flow->mark_ms : flow->newest_ms;
	return is_old(pass, since) && !is_whole(pass);
}

void
late_note_again(struct pass *pass)
{
	if (pass_may_ask(pass) && !is_whole(pass))
		pass->flow->alone = false;
}
