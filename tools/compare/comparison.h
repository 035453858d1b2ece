/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparison: what a new policy permits that an old one does not, and the reverse.
 */
#ifndef SLUICE_COMPARISON_H
#define SLUICE_COMPARISON_H

#include "boxes.h"
#include "difference.h"

/* Connections that only one of the policies permits, of one of its channels. */
struct connections_change {
	enum change change; /* added or removed */
	const struct channel *channel;
	bool whole; /* all connections of the channel */
	struct boxes boxes;
};

enum { SETTING_CHANGES_MAX = 8 + SETTINGS_MAX };

struct setting_change {
	const char *name;
	char values[SIDE_COUNT][64];
};

/* A channel of each, with connections that both permit, and what differs then. */
struct channel_change {
	const struct channel *channels[SIDE_COUNT];
	struct setting_change settings[SETTING_CHANGES_MAX];
	size_t setting_count;
	bool comparable; /* both are inspected by the same dissector */
	struct differences messages;
};

struct comparison {
	struct interfaces interfaces;
	struct connections_change *connections;
	size_t connections_count;
	struct channel_change *channels; /* only those with a change */
	size_t channel_count;
};

/* Memory that is out ends the program. */
void comparison_make(
    const struct policy *old, const struct policy *new, struct comparison *ret_comparison);
void comparison_done(struct comparison *comparison);

/* Is there any difference? */
bool comparison_differs(const struct comparison *comparison);

#endif
