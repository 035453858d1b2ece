/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows: the connections that the inspectors know, for people to look at.
 *
 * Read out of the inspectors' memory while they work in it; see flow_seen.h.
 */
#ifndef SLUICE_FLOWS_H
#define SLUICE_FLOWS_H

#include <jansson.h>

/*
 * Control answer: "flows" of the places from "from" on of inspector number "inspector" (both 0: the
 * first), and where to go on, "next"; null if that was all.
 */
json_t *flows_answer(void *context, const json_t *request, const char **ret_error);

#endif
