/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Content: what a report says, as one JSON object, of which the page is another form.
 *
 * The register of zones and conduits has what IEC 62443-3-2 (ZCR 6) lists; what a policy does not
 * know stands in "missing".
 */
#ifndef SLUICE_REPORT_CONTENT_H
#define SLUICE_REPORT_CONTENT_H

#include <jansson.h>

#include "diagnostics.h"
#include "model.h"

/* `today`: the day of the report, YYYY-MM-DD. NULL: memory is out. */
json_t *content_make(
    const struct policy *policy, const struct diagnostics *diagnostics, const char *today);

#endif
