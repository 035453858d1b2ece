/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Request: see request.h.
 */
#include <stdarg.h>

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
