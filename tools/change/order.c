/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order: see order.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "control.h"
#include "order.h"
#include "output.h"
#include "terminal.h"

enum { INDEX_MAX = 9999 };

const char *
order_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "?";
}

json_int_t
order_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

json_t *
order_request(const char *name, const char *format, ...)
{
	const char *ssh = getenv("SSH_CONNECTION");
	json_t *request;
	va_list arguments;

	va_start(arguments, format);
	request = json_vpack_ex(NULL, 0, format, arguments);
	va_end(arguments);
	if (!request)
		return NULL;
	json_object_set_new(request, "request", json_string(name));
	if (ssh)
		json_object_set_new(request, "ssh", json_string(ssh));
	return request;
}

int
order_read_index(const char *command, const char *text, unsigned long *ret_index)
{
	char *end;
	unsigned long index = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || index > INDEX_MAX) {
		complain("%s: %s: expected a number of `sluice history`", command, text);
		return -EINVAL;
	}
	*ret_index = index;
	return 0;
}

/* Lines of the one text that was sent are not those of the files that it is made of. */
static bool
print_places(const char *file)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	int r = policy_load_part(file, command_gateway(), &policy, &diagnostics);

	if (r < 0)
		output_diagnostics(&diagnostics, NULL);
	diagnostics_done(&diagnostics);
	policy_free(policy);
	return r < 0;
}

static void
print_lines(const struct order *order, const json_t *lines)
{
	json_t *line;
	size_t i;

	if (json_array_size(lines) > 0 && order->includes && print_places(order->includes))
		return;

	json_array_foreach(lines, i, line) fprintf(stderr, "%s\n", json_string_value(line));
}

enum answer
order_give(const struct order *order, json_t *request, json_t **ret_answer)
{
	const char *path = order->control ? order->control : control_default_path;
	json_t *answer = NULL;
	int r = control_order_file(order->command, path, request, order->file, &answer);
	bool refused = json_is_true(json_object_get(answer, "unchanged"));

	if (r == 0) {
		json_object_del(answer, "ok");
		*ret_answer = answer;
		return ANSWER_YES;
	}
	print_lines(order, json_object_get(answer, "lines"));
	if (refused && order->json) {
		json_object_del(answer, "ok");
		output_json(answer);
	} else {
		json_decref(answer);
	}
	return refused ? ANSWER_NO : ANSWER_UNKNOWN;
}

void
order_print(const struct order *order, json_t *answer, char *line)
{
	const json_t *warnings = json_object_get(answer, "warnings"), *warning;
	size_t i;

	json_array_foreach(warnings, i, warning)
	    complain("%s: %s", order->command, json_string_value(warning));
	if (order->json) {
		output_json(json_incref(answer));
	} else if (line) {
		puts(line);
	}
	free(line);
	json_decref(answer);
}
