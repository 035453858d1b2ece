/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: on_deny = "refuse".  The client hears from its own protocol that it may not, and
 * the connection goes on.
 *
 * The denied request is rewritten, in its own length, to one that changes nothing in any server and
 * that every server refuses (struct dissector, refuse()), and the server's answer is given the form
 * of the client's own function (answer_refused()).  So the server says no by itself, once for each
 * request and in the order of the stream; acknowledgements, windows and sequence numbers stay those
 * of the two ends, and nothing has to be remembered to the end of the connection, as it would if
 * Sluice answered in the server's name: every number behind such an answer would have to be
 * translated, and after a crash nobody could.  What the server sees is a request of the same
 * client that it does not support; its own log says so.
 *
 * What leaves is what was judged: the bytes of a rewritten packet are made here and go out with the
 * verdict (struct outcome, bytes).  They are what the streams keep.  A repetition of what was
 * rewritten leaves with the bytes that left before, whatever is in it.
 *
 * A server that answers before it has read all of a message (some throw away what waits for them
 * when they refuse) must not find the rest of a message, or the beginning of one, on its own: see
 * pass_holds_head() and pass_repeat().
 *
 * Everything that a refusal needs is in the arena, so a successor translates the answers to what
 * its predecessor has rewritten.
 */
#ifndef SLUICE_ENGINE_REFUSE_H
#define SLUICE_ENGINE_REFUSE_H

#include "engine_pass.h"

/*
 * The message of `judgement`, a whole one, is denied.  True: it has been refused in the client's
 * protocol, counted and told, and the caller goes on as if it had passed.  False: that is not to be
 * or can't be; the decision may have another reason then, because as many refusals as can be
 * remembered are under way.
 */
bool pass_refuse_request(struct pass *pass, struct judgement *judgement, struct decision *decision);

/*
 * The beginning of a message, with nothing of it sent before, is denied already.  True: the packet
 * was dropped, because its sender will repeat it together with the rest and then the message can be
 * refused.
 */
bool pass_holds_denied_head(struct pass *pass);

/* The same for a permitted beginning behind a refused request that was not answered yet. */
bool pass_holds_head(struct pass *pass);

/*
 * The packet has payload of a connection in which something was rewritten, or will be: move it to
 * where it can be.  False: there is no room for a packet so long, and it was refused.
 */
bool pass_prepare_rewriting(struct pass *pass);

/*
 * The first `length` bytes of the payload were sent before: put in what left then.  False: a part
 * of a rewritten message comes without the rest, and the packet was refused.
 */
bool pass_repeat(struct pass *pass, uint32_t length);

/*
 * A response begins at `bytes`, of which `length` are here and the last `fresh` stand in the packet
 * from pass->at on: if it answers a refused request, give it the client's form there too.
 */
void pass_translate(struct pass *pass, const uint8_t *bytes, uint32_t length, uint32_t fresh);

/* The packet will leave with other bytes than it came with: it is moved to where it can be. */
void pass_move_to_room(struct pass *pass);

/* The new bytes, `length` of them, were judged and kept. */
void pass_keep_rewritten(struct pass *pass, uint32_t length);

#endif
