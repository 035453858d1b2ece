/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Eve, alerts: a denial as systems that read Suricata's events know it.
 *
 * Decides nothing: what a reason is worth stands here, for people who sort alerts.
 */
#ifndef SLUICE_EVE_ALERT_H
#define SLUICE_EVE_ALERT_H

#include <jansson.h>

#include "event.h"

enum {
	EVE_SIGNATURE_FIRST = 1900000, /* the numbers of local rules end at 1999999 */
	EVE_SIGNATURES = 100000,
};

/* How denials are written. */
enum eve_denials {
	EVE_VERDICTS = 0, /* as all that is judged */
	EVE_ALERTS,       /* "alert" */
	EVE_DROPS,        /* "drop", where something was dropped, and otherwise "alert" */
};

/*
 * The number of a reason, made from its word, so that it stays what it is when others come before
 * it.
 */
uint32_t eve_signature(enum reason reason);

/*
 * Make an alert or a drop of an event that is a denial; of others nothing.  `access` is what the
 * message would have done to the plant.
 */
void eve_alert_put(json_t *root, const struct event *event, enum access access,
    enum eve_denials denials, const char *own_type);

#endif
