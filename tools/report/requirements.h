/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requirements: what of IEC 62443-3-3:2013 (system requirements, SR) and IEC 62443-4-2:2019
 * (network devices, NDR) this policy and the firewall serve, by which setting, and what they do
 * not.
 *
 * Words of ours; the standards' own are to be read there.
 */
#ifndef SLUICE_REQUIREMENTS_H
#define SLUICE_REQUIREMENTS_H

#include <jansson.h>

#include "model.h"

/* One object each: id, title, served ("yes", "in part", "no"), how, evidence, test. NULL: no
 * memory. */
json_t *requirements_json(const struct policy *policy);

#endif
