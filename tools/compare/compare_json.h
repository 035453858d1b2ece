/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compare as JSON.
 */
#ifndef SLUICE_COMPARE_JSON_H
#define SLUICE_COMPARE_JSON_H

#include <jansson.h>

#include "compare_captures.h"
#include "comparison.h"

/* All of it as one object; `captures` NULL: none were read. */
json_t *compare_json(struct policy *const policies[SIDE_COUNT], const struct comparison *comparison,
    const struct capture_changes *captures);

#endif
