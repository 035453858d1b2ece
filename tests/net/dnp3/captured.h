/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captured: requests of masters, out of capture files. */
#ifndef SLUICE_TEST_CAPTURED_H
#define SLUICE_TEST_CAPTURED_H

#include "script.h"

/*
 * The first request of each of these functions that is alone in its frame, one after the other in
 * the file; each becomes a packet.  Ends the program if there are none.
 */
void captured_requests(
    const char *path, const unsigned *functions, size_t count, struct script *ret_script);

#endif
