/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answer: what the engine lets through, line by line, for the differential test.
 *
 *	policy PROTOCOL RULES    from here on these rules are in force; answered by "ok"
 *	begin HEX HEX            bytes of client and server in turn, before each message
 *	ask HEX                  on a new connection: do these bytes of the client reach the server?
 *
 * A question is answered by "yes" or "no" and the engine's reason.  What counts is what a receiver
 * behind the engine gets, not what the engine says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { LINE_MAX_BYTES = 1 << 16, MESSAGE_MAX = 4096, BEGIN_MAX = 8, PORTS = 32 };

struct answerer {
	struct sim *sim;
	char *begin[BEGIN_MAX];
	size_t begin_count;
	uint16_t port;
};

static void
set_policy(struct answerer *a, char *rest)
{
	char *protocol = strsep(&rest, " ");
	char settings[128];

	if (a->sim)
		sim_free(a->sim);
	snprintf(settings, sizeof(settings), "protocol = \"%s\";", protocol);
	a->sim = sim_new("", settings, rest ? rest : "");
	puts("ok");
}

static void
set_begin(struct answerer *a, char *rest)
{
	char *word;

	while (a->begin_count > 0)
		free(a->begin[--a->begin_count]);
	while (rest && (word = strsep(&rest, " ")) && a->begin_count < BEGIN_MAX)
		if (*word)
			a->begin[a->begin_count++] = strdup(word);
	puts("ok");
}

static void
ask(struct answerer *a, const char *hex)
{
	uint8_t bytes[MESSAGE_MAX];
	size_t length = sim_hex(hex, bytes, sizeof(bytes)), before, after;

	if (a->port++ % PORTS == 0)
		sim_reset(a->sim);
	a->sim->client_port = (uint16_t)(20000 + a->port % PORTS);
	sim_open(a->sim);
	for (size_t i = 0; i < a->begin_count; i++)
		sim_send(a->sim, i % 2 ? DIRECTION_RESPONSE : DIRECTION_REQUEST, a->begin[i]);
	before = sim_received(a->sim, DIRECTION_REQUEST);
	sim_send_bytes(a->sim, DIRECTION_REQUEST, bytes, length);
	after = sim_received(a->sim, DIRECTION_REQUEST);
	printf("%s %s\n", after - before == length ? "yes" : "no", reason_word(sim_reason(a->sim)));
}

int
main(void)
{
	static char line[LINE_MAX_BYTES];
	struct answerer a = {0};

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		char *rest = line, *word;

		line[strcspn(line, "\n")] = '\0';
		word = strsep(&rest, " ");
		if (strcmp(word, "policy") == 0 && rest)
			set_policy(&a, rest);
		else if (strcmp(word, "begin") == 0)
			set_begin(&a, rest);
		else if (strcmp(word, "ask") == 0 && rest && a.sim)
			ask(&a, rest);
		else
			puts("what?");
	}
	fflush(stdout);
	set_begin(&a, NULL);
	if (a.sim)
		sim_free(a.sim);
	return 0;
}
