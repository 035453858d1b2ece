/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interval: numbers from one on, below another.
 */
#ifndef SLUICE_INTERVAL_H
#define SLUICE_INTERVAL_H

struct interval {
	double from;
	double to;
};

#endif
