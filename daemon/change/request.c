/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Request: see request.h.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "request.h"

const char *
request_text(const json_t *request, const char *name)
{
	const char *text = json_string_value(json_object_get(request, name));

	return text ? text : "";
}

json_t *
request_refused(const char *format, ...)
{
	json_t *error;
	va_list arguments;

	va_start(arguments, format);
	error = json_vsprintf(format, arguments);
	va_end(arguments);
	return json_pack("{s:o, s:b}", "error", error, "unchanged", 1);
}

/* Those of two bytes in UTF-8 (U+0080 to U+009F) steer terminals, too. */
static bool
has_control(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)text[0], next = (unsigned char)text[1];

		if (c < ' ' || c == 0x7f || (c == 0xc2 && next >= 0x80 && next <= 0x9f))
			return true;
	}
	return false;
}

json_t *
request_check(const json_t *request)
{
	static const char *const names[] = {"reason", "file"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *text = request_text(request, names[i]);

		if (strlen(text) > REQUEST_REASON_MAX)
			return request_refused(
			    "the %s is longer than %d bytes", names[i], REQUEST_REASON_MAX);
		if (has_control(text))
			return request_refused(
			    "a control character in the %s; expected one line", names[i]);
	}
	return NULL;
}
