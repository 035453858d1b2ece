/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page: a report as one HTML file that needs nothing but itself: no script, no picture, no network.
 */
#ifndef SLUICE_PAGE_H
#define SLUICE_PAGE_H

#include <jansson.h>
#include <stdio.h>

#include "model.h"

/* `content` is of content_make(), with "traffic" of traffic_read() in it or not.  Returns 0 or
 * -ENOMEM. */
int page_write(const json_t *content, const struct policy *policy, FILE *out);

#endif
