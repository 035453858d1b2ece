/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparison in words: parts of it as people and policy files write them.
 *
 * Everything returned is newly allocated; memory that is out ends the program.
 */
#ifndef SLUICE_COMPARISON_WORDS_H
#define SLUICE_COMPARISON_WORDS_H

#include "comparison.h"

/* "write-single-register, write-multiple-registers" */
char *difference_functions(const struct difference *difference);

/* "1-10"; NULL if it is of any unit. */
char *difference_units(const struct difference *difference);

/* "holding:40-42", of point i of the example. */
char *difference_points(const struct difference *difference, uint32_t i);

/* "0 to 1500", "count 1"; NULL if values make no difference. */
char *difference_values(const struct difference *difference);

/* All of it in one sentence: "write-single-register; unit 1; holding:40-42; values 0 to 10". */
char *difference_words(const struct difference *difference);

/* Why one side permits it or not: "rule 2, plant.conf:45", "unit-denied". */
char *difference_why(const struct difference *difference, enum side side);

/* "10.1.0.0/24", "10.1.0.5", "10.1.0.1 to 10.1.0.6". */
char *box_addresses(const struct connections_box *box, enum box_side side);

/* "tcp/502", "udp/5000-5010", "icmp-echo". */
char *box_transport(const struct connections_box *box);

/* The smallest connection: "10.1.0.5 (eth0) > 10.2.0.1 (eth1) tcp/502". */
char *box_example(const struct connections_box *box, const struct interfaces *interfaces);

/* "+", "-", "~" and "?". */
char change_sign(enum change change);
const char *change_word(enum change change);

#endif
