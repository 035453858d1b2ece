/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Daemon asked: see daemon_asked.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "daemon_asked.h"
#include "network.h"
#include "terminal.h"

int
daemon_resolve(
    void *context, const char *name, struct network *ret_networks, size_t room, size_t *ret_count)
{
	const struct daemon_asked *asked = context;
	json_t *answer = NULL, *networks;
	size_t count;
	int r = control_ask(asked->command, asked->path,
	    json_pack("{s:s, s:s}", "request", "resolve", "name", name), &answer, NULL, NULL);

	if (r < 0)
		return r;
	networks = json_object_get(answer, "networks");
	count = json_array_size(networks);
	if (count == 0 || count > room) {
		complain("%s: \"%s\" stands for %zu networks; expected 1 to %zu", asked->command,
		    name, count, room);
		r = -EINVAL;
	}
	for (size_t i = 0; r == 0 && i < count; i++) {
		const char *text = json_string_value(json_array_get(networks, i));

		if (!text || network_read(text, &ret_networks[i]) < 0) {
			complain("%s: the daemon's answer names no networks", asked->command);
			r = -EBADMSG;
		}
	}
	json_decref(answer);
	if (r == 0)
		*ret_count = count;
	return r;
}

int
daemon_event_file(const char *command, const char *path, char **ret_name)
{
	json_t *answer = NULL;
	const char *name;
	char *copy;
	int r = control_ask(
	    command, path, json_pack("{s:s}", "request", "status"), &answer, NULL, NULL);

	if (r < 0)
		return r;
	name = json_string_value(json_object_get(answer, "event_file"));
	copy = name ? strdup(name) : NULL;
	json_decref(answer);
	if (!copy) {
		complain("%s: the daemon keeps no event file; name a FILE", command);
		return -ENOENT;
	}
	*ret_name = copy;
	return 0;
}
