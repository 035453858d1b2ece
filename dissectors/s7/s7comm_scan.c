/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S7comm: texts of policies.  See the header. */
#include "s7comm_scan.h"

#include <stddef.h>
#include <string.h>

bool
s7_scan(struct s7_scanner *s, const char *text)
{
	size_t length = strlen(text);

	if (s->at == NULL || strncmp(s->at, text, length) != 0)
		return false;
	s->at = &s->at[length];
	return true;
}

uint32_t
s7_scan_number(struct s7_scanner *s, uint32_t max)
{
	bool hex = s7_scan(s, "0x");
	const char *digits = hex ? "0123456789abcdef" : "0123456789", *found;
	uint64_t number = 0;
	bool any = false;

	while (s->at != NULL && *s->at != '\0' && (found = strchr(digits, *s->at)) != NULL) {
		number = number * (hex ? 16 : 10) + (uint64_t)(found - digits);
		any = true;
		s->at = number > max ? NULL : s->at + 1;
	}
	if (!any)
		s->at = NULL;
	return (uint32_t)number;
}
