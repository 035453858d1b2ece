/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: what must be kept of a response to read on, where its bytes are not kept.
 *
 * Objects that were judged need not be read again, and nothing is decided on the bytes of a
 * response's objects.  So the fragment's own header is enough, one that speaks of the objects to
 * come, and what is here of an object whose length or index is not.
 */
#ifndef SLUICE_DNP3_REST_H
#define SLUICE_DNP3_REST_H

#include "dnp3_read.h"

/*
 * A fragment that stands for the one in `w`, of which decode() has just read what is here: the
 * bytes that come next, but for *ret_skip of them, go on behind it.  Returns its length.
 */
uint32_t dnp3_cut(
    const struct dnp3_work *w, uint8_t rest[static DNP3_REST_MAX], uint32_t *ret_skip);

#endif
