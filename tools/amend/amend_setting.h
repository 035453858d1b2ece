/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Amend, settings. */
#ifndef SLUICE_AMEND_SETTING_H
#define SLUICE_AMEND_SETTING_H

#include "trial.h"

/* Try the setting that answers the reason. */
void amend_setting(struct amend *a);

#endif
