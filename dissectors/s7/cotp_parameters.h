/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * COTP: parameters of connection requests and confirms (ISO/IEC 8073, 13.3.4): size of TPDUs,
 * calling and called TSAP, each at most once.
 */
#ifndef SLUICE_COTP_PARAMETERS_H
#define SLUICE_COTP_PARAMETERS_H

#include "cursor.h"

/* What the protocol above demands of connection requests. */
enum cotp_called {
	CALLED_ANY = 0, /* any TSAP */
	CALLED_PLACE,   /* two bytes: connection type, rack and slot */
};

enum { COTP_PARAMETER_COUNT = 3, COTP_SIZE_CODE_MAX = 13 };

/* A parameter: its size with code and length. */
struct cotp_parameter {
	uint8_t code;
	uint8_t min;
	uint8_t max;
};

struct cotp_parameters {
	struct cotp_parameter list[COTP_PARAMETER_COUNT];
	unsigned must; /* bits of those that must be there */
};

/* What they say. */
struct cotp_told {
	uint8_t size_code; /* a TPDU has at most 2 to the power of this bytes; 0: not told */
	uint8_t called_length;
	uint16_t called; /* the called TSAP, if it has two bytes */
};

struct cotp_parameters cotp_parameters_new(bool request, enum cotp_called called);

/* Can `left` bytes be parameters that were not there before, each once? */
bool cotp_parameters_fit(const struct cotp_parameters *p, uint32_t left, unsigned seen);

/* Read one, other than those `seen`; returns its bit. */
unsigned cotp_read_parameter(struct cursor *c, const struct cotp_parameters *p, unsigned seen,
    uint8_t size_max, struct cotp_told *told);

#endif
