/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine, inside: the order of a TCP connection. */
#ifndef SLUICE_ENGINE_TCP_H
#define SLUICE_ENGINE_TCP_H

#include "engine_pass.h"

/* A TCP segment of an inspected channel; pass->flow may be NULL. */
void pass_tcp(struct pass *pass);

#endif
