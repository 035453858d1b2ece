/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: segments of TCP connections that have no flow.
 *
 * Whoever may send to a server can send as many of these as it likes, so those that are refused
 * take no room, and yet are told only once.
 */
#ifndef SLUICE_ENGINE_UNKNOWN_H
#define SLUICE_ENGINE_UNKNOWN_H

#include "engine_pass.h"

/* A SYN of the client. */
void unknown_begins(struct pass *pass);

/* Payload of a connection whose beginning was not seen. */
void unknown_refuse(struct pass *pass);

/* May it be picked up, as far as is remembered of it? */
bool unknown_is_taken(const struct pass *pass);

/*
 * Nothing of the flow that was made for this segment has passed: it is as if there were none, or,
 * if something else may still pass, gives way first.
 */
void unknown_forget(struct pass *pass);

#endif
