/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: connections that the recogniser in the kernel has for a while.
 *
 * It gets one when a response has left nothing to wait for, and the engine takes it back before it
 * judges any packet of it: then everything is as if the engine itself had judged what was vouched
 * for meanwhile.
 */
#ifndef SLUICE_ENGINE_FAST_H
#define SLUICE_ENGINE_FAST_H

#include "engine_pass.h"

/* A packet of pass->flow is about to be judged. */
void pass_take_back(struct pass *pass);

/* It was. */
void pass_give_away(struct pass *pass);

/* Take back what the recogniser has of all flows. */
void engine_take_back_all(struct engine *engine);

/* The same of one, before somebody else gets its place. */
void engine_take_back(struct engine *engine, struct flow *flow);

#endif
