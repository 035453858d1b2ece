/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain alone: a message without its connection.
 */
#ifndef SLUICE_EXPLAIN_ALONE_H
#define SLUICE_EXPLAIN_ALONE_H

#include "command.h"
#include "changes.h"
#include "hex.h"

/* Explain the messages in the bytes, one behind the other, until one can't be passed over. */
enum answer explain_alone(struct changes *changes, const struct channel *channel,
    enum direction direction, const struct hex *hex, bool json);

/*
 * Take the first message apart, whose channel and direction are in the explanation; what belongs to
 * a session is taken to be of one that was set up before.
 */
void explain_alone_dissect(struct explanation *e, const uint8_t *bytes, size_t length,
    struct context *context, uint32_t *ret_used);

/* What decide() says; a response is not asked about there. */
void explain_alone_judge(struct explanation *e, const struct policy *policy);

/* The exit status that says it. */
enum answer explain_answer(const struct explanation *e);

#endif
