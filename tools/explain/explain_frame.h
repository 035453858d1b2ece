/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain frame: the messages of one frame of a capture, as the engine judged them.
 */
#ifndef SLUICE_EXPLAIN_FRAME_H
#define SLUICE_EXPLAIN_FRAME_H

#include "command.h"
#include "changes.h"

/* Judge a capture up to a frame and explain that one; `decap` as capture_decap() has it. */
enum answer explain_frame(
    struct changes *changes, const char *file, unsigned long frame_number, bool decap, bool json);

#endif
