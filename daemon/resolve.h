/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Resolve: which addresses a name of the policy in force stands for.
 */
#ifndef SLUICE_RESOLVE_H
#define SLUICE_RESOLVE_H

#include <jansson.h>

/* Control answer: "networks" of the asset, "zone.asset" or zone that "name" says. */
json_t *resolve_answer(void *context, const json_t *request, const char **ret_error);

#endif
