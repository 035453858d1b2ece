/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: objects of files and of secure authentication.
 */
#ifndef SLUICE_DNP3_BODIES_H
#define SLUICE_DNP3_BODIES_H

#include "dnp3_read.h"
#include "dnp3_room.h"

/* Bytes that such an object has at least. */
uint32_t dnp3_body_min(uint8_t group, uint8_t variation);

/* Read one; `spans`: what it touches is listed. */
void dnp3_read_body(struct dnp3_read *r, struct cursor *body, const struct dnp3_header *h,
    uint32_t index, bool spans);

#endif
