/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine, inside: what the observer is told. */
#ifndef SLUICE_ENGINE_EVENT_H
#define SLUICE_ENGINE_EVENT_H

#include "engine_pass.h"

/* Tell the observer, if it wants to know. `judgement->event` is filled here. */
void pass_tell(struct pass *pass, enum event_type type, struct judgement *judgement,
    const struct decision *decision, enum verdict verdict, enum reason reason, bool would_deny);

#endif
