/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Show JSON: a policy, resolved, as one JSON object.
 */
#ifndef SLUICE_SHOW_JSON_H
#define SLUICE_SHOW_JSON_H

#include <jansson.h>

#include "model.h"

json_t *show_json_policy(const struct policy *policy);

#endif
