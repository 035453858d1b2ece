/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recogniser: the same question to the recogniser in plain C and to the program in the kernel.
 */
#ifndef SLUICE_TEST_RECOGNISER_H
#define SLUICE_TEST_RECOGNISER_H

#include <stdbool.h>
#include <stddef.h>

#include "decide.h"
#include "fast_desk.h"

enum { FRAME_MAX = 2048 };

/* How a packet is, beside its bytes. */
struct frame {
	uint8_t bytes[FRAME_MAX]; /* from the link layer on */
	uint32_t size;
	uint32_t interface;
	bool for_others; /* not for this machine */
	bool shared;     /* its sender can still change it */
	bool elsewhere;  /* a sum will be written where its sender likes */
	bool filled_in;  /* or where it belongs */
};

struct answer {
	bool vouched;
	bool read_shared; /* something was read that could still change */
	uint32_t mark;
	uint64_t now_ns; /* when it was asked, where the recogniser has a clock of its own; or 0 */
};

/* Memory of FLOWS connections, one channel and its rows; what others write into it holds at once.
 */
struct recogniser {
	struct fast_flow *flows;
	struct rate_state *rates;
	struct fast_channel *channels;
	struct fast_row *rows;
	struct fast_config *config;
	struct kernel *kernel; /* NULL: in plain C */
};

enum { FLOWS = 64, CHANNELS = 8, ROWS = CHANNELS * FAST_ROWS_MAX, RATES = 64 };

void recogniser_init(struct recogniser *recogniser);
void recogniser_done(struct recogniser *recogniser);

/* Config, channels and rows have been changed. */
void recogniser_changed(struct recogniser *recogniser);

void recogniser_ask(struct recogniser *recogniser, const struct frame *frame, uint64_t now_ns,
    struct answer *ret_answer);

/* The check that the one in plain C leaves out; 0: none. */
extern enum fast_check recogniser_without;

/* The same in the kernel; object is that which was built.  False: it can't be had here, and
 * *ret_why says why. */
bool kernel_init(struct recogniser *recogniser, const char *object, const char **ret_why);
void kernel_ask(
    struct recogniser *recogniser, const struct frame *frame, struct answer *ret_answer);
void kernel_changed(struct recogniser *recogniser);
void kernel_done(struct recogniser *recogniser);

#endif
