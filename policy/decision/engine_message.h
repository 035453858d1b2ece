/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine, inside: the messages in the bytes of a flow. */
#ifndef SLUICE_ENGINE_MESSAGE_H
#define SLUICE_ENGINE_MESSAGE_H

#include "engine_pass.h"

/*
 * Judge `length` new bytes of the pass's direction, which follow those that wait in the stream
 * for the rest of their message.  True: they may go on, and *ret_pending of the last bytes belong
 * to a message that is not complete.  False: the packet was refused, and the flow perhaps ended.
 */
bool pass_judge_stream(
    struct pass *pass, const uint8_t *data, size_t length, uint32_t *ret_pending);

/* Judge the payload of a datagram: whole messages only. Sets the outcome. */
void pass_judge_datagram(struct pass *pass);

#endif
