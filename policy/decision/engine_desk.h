/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, desk: whether an engine shares its connections with the recogniser in the kernel.
 */
#ifndef SLUICE_ENGINE_DESK_H
#define SLUICE_ENGINE_DESK_H

#include "fast_desk.h"

struct engine;

/*
 * From now on connections may be given away to the recogniser in the kernel, by this memory, which
 * outlives the engine; its rates are those of engine_new().  Returns 0 or -ENOMEM.
 */
int engine_serve_fast(struct engine *engine, const struct fast_desk *desk);

/*
 * A predecessor that died has given connections away: take them back, so that the flows in the
 * arena are where their connections are.  After engine_recover(), before the first packet.
 */
void engine_inherit_fast(struct engine *engine);

/* All are taken back, and none is given away any more; done by engine_free() too. */
void engine_leave_fast(struct engine *engine);

#endif
