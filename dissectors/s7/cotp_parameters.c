/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * COTP: parameters of connection requests and confirms.  See the header.
 */
#include "cotp_parameters.h"
#include "demand.h"

enum {
	PARAMETER_SIZE = 0xc0,
	PARAMETER_CALLING = 0xc1,
	PARAMETER_CALLED = 0xc2,
	TSAP_MAX = 32,
	SIZE_CODE_MIN = 7, /* 128 bytes */
	BIT_CALLED = 1 << 2,
};

struct cotp_parameters
cotp_parameters_new(bool request, enum cotp_called called)
{
	struct cotp_parameters p = {{{PARAMETER_SIZE, 3, 3}, {PARAMETER_CALLING, 3, 2 + TSAP_MAX},
					{PARAMETER_CALLED, 3, 2 + TSAP_MAX}},
	    0};

	if (request && called == CALLED_PLACE) {
		p.list[2].min = p.list[2].max = 4;
		p.must = BIT_CALLED;
	}
	return p;
}

bool
cotp_parameters_fit(const struct cotp_parameters *p, uint32_t left, unsigned seen)
{
	if (left == 0)
		return (p->must & ~seen) == 0;
	for (unsigned i = 0; i < COTP_PARAMETER_COUNT; i++)
		for (uint32_t size = p->list[i].min;
		     !(seen >> i & 1) && size <= p->list[i].max && size <= left; size++)
			if (cotp_parameters_fit(p, left - size, seen | 1U << i))
				return true;
	return false;
}

/* Which parameter begins here?  COTP_PARAMETER_COUNT if none that may. */
static unsigned
find_parameter(const struct cotp_parameters *p, uint8_t code, uint32_t left, unsigned seen)
{
	for (unsigned i = 0; i < COTP_PARAMETER_COUNT; i++) {
		if (p->list[i].code != code || (seen >> i & 1))
			continue;
		for (uint32_t size = p->list[i].min; size <= p->list[i].max && size <= left; size++)
			if (cotp_parameters_fit(p, left - size, seen | 1U << i))
				return i;
	}
	return COTP_PARAMETER_COUNT;
}

static void
read_parameter_value(
    struct cursor *c, unsigned i, uint8_t length, uint8_t size_max, struct cotp_told *told)
{
	static const char *const names[] = {"tpdu size", "calling tsap", "called tsap"};
	struct cursor peek = cursor_peek(c);

	if (i == 0) {
		cursor_expect_u8(c, SIZE_CODE_MIN, size_max, REASON_VALUE_INVALID);
		told->size_code = cursor_u8(c, names[i]);
		return;
	}
	cursor_bytes(c, length, names[i]);
	if (i != 2)
		return;
	told->called_length = length;
	if (length == 2)
		told->called = cursor_be16(&peek, "");
}

unsigned
cotp_read_parameter(struct cursor *c, const struct cotp_parameters *p, unsigned seen,
    uint8_t size_max, struct cotp_told *told)
{
	uint32_t left = cursor_left(c);
	struct cursor peek = cursor_peek(c);
	uint8_t code = cursor_u8(&peek, ""), length;
	unsigned i;

	if (!cursor_ok(&peek)) {
		cursor_u8(c, "parameter");
		return 0;
	}
	i = find_parameter(p, code, left, seen);
	demand(c, i < COTP_PARAMETER_COUNT, REASON_VALUE_INVALID);
	cursor_u8(c, "parameter");
	length = cursor_u8(&peek, "");
	if (cursor_ok(&peek) && cursor_ok(c))
		demand(c,
		    length + 2U >= p->list[i].min && length + 2U <= p->list[i].max &&
			length + 2U <= left &&
			cotp_parameters_fit(p, left - length - 2, seen | 1U << i),
		    REASON_LENGTH_MISMATCH);
	length = cursor_u8(c, "parameter length");
	if (!cursor_ok(c))
		return 0;
	read_parameter_value(c, i, length, size_max, told);
	return 1U << i;
}
