/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: of which flow and channel a packet is, and which way it goes.
 *
 * Where connection tracking has told, the packet's own addresses only have to agree.  Where nobody
 * has (captures), it is found out as the ruleset does it for packets of new connections
 * (policy/ruleset/ruleset_rules.c): what could belong to an inspected channel is never plain.
 */
#ifndef SLUICE_ENGINE_FIND_H
#define SLUICE_ENGINE_FIND_H

#include "engine_pass.h"

/* Set pass->flow, ->channel, ->direction and ->doubtful; no channel: the packet is refused. */
void pass_find(struct pass *pass);

#endif
