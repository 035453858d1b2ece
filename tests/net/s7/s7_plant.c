/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S7 plant: servers, policy, and what they say has happened. See s7_plant.h. */
#include "s7_plant.h"

#include "lab.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START_MS = 30000, TELL_MS = 2000 };

static const char rules[] =
    "{ access = [\"read\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-127\", \"M:0-15\"]; },\n"
    "\t{ functions = [\"write-var\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-3\"];\n"
    "\t  type = \"int\"; values = [\"0-100\"]; },\n"
    "\t{ functions = [\"write-var\"]; units = [\"PG 0/2\"]; points = [\"M:3.2\"]; },\n"
    "\t{ functions = [\"write-var\"]; units = [\"PG 0/2\"]; points = [\"DB20:0-511\"]; },\n"
    "\t{ functions = [\"plc-start\", \"copy-ram-to-rom\", \"read-szl\"]; units = [\"PG 0/2\"]; },\n"
    "\t{ functions = [\"delete-block\"]; units = [\"PG 0/2\"]; points = [\"block:DB4\"]; },\n"
    "\t{ functions = [\"request-download\", \"download-block\", \"download-ended\"];\n"
    "\t  units = [\"PG 0/2\"]; points = [\"block:DB1\"]; }";

static const char plus_channel[] =
    ",\n      { name = \"plus\"; clients = [\"attacker\"]; servers = [\"plc1\"]; port = 1102;\n"
    "        protocol = \"s7comm-plus\"; rules: ( { access = [\"any\"]; } ); }";

static pid_t servers[2], snap7;
static size_t seen; /* bytes of the server's log before this attack */

static const char *
server_log(void)
{
	return lab_path("s7.log");
}

static const char *
snap7_log(void)
{
	return lab_path("snap7.out");
}

static void
start_server(size_t i, const char *port)
{
	size_t before = lab_file_size(server_log());

	servers[i] = lab_start(LAB_PUMPS, "s7_server",
	    (const char *[]){S7_SERVER, server_log(), port, PLC1, PLC1_IPV6, NULL});
	if (!lab_file_wait(server_log(), before, "ready", START_MS))
		lab_fail("s7_server does not start");
}

static void
start(void)
{
	start_server(0, "102");
	start_server(1, "1102");
	if (lab_run(LAB_PUMPS, "node",
		(const char *[]){"node", "-e", "require('node-snap7')", NULL}) != 0)
		return;
	snap7 = lab_start(LAB_PUMPS, "snap7", (const char *[]){"node", SNAP7_SERVER, PLC2, NULL});
	if (!lab_file_wait(snap7_log(), 0, "ready", START_MS))
		lab_fail("Snap7's server does not start");
}

static void
stop(void)
{
	for (size_t i = 0; i < 2; i++)
		lab_stop(servers[i], SIGKILL);
	if (snap7 > 0)
		lab_stop(snap7, SIGKILL);
}

static bool
present(const char *server)
{
	return snap7 > 0 || strcmp(server, PLC2) != 0;
}

/* What Snap7's server says of its state, newly allocated: SIGUSR1 sets it back first, SIGUSR2 does
 * not. */
static char *
snap7_state(int signal_number)
{
	size_t before = lab_file_size(snap7_log());

	if (kill(snap7, signal_number) < 0 || !lab_file_wait(snap7_log(), before, "end\n", TELL_MS))
		lab_fail("Snap7's server does not say what its state is");
	return lab_file_read(snap7_log(), before);
}

static void
clear(void)
{
	seen = lab_file_size(server_log());
	if (snap7 > 0)
		free(snap7_state(SIGUSR1));
}

bool
s7_arrived(const uint8_t *bytes, size_t length, unsigned ms)
{
	char *digits = calloc(length, 2 + 1);
	bool arrived;

	if (!digits || length == 0)
		lab_fail("a message of %zu bytes", length);
	for (size_t i = 0; i < length; i++)
		sprintf(&digits[2 * i], "%02x", bytes[i]);
	arrived = lab_file_wait(server_log(), seen, digits, ms);
	free(digits);
	return arrived;
}

/* Of Snap7 the state tells; of the other server, whether `value` bytes from `point` on are there:
 * if there are none, all of the message. */
static bool
harmed(const struct attack *attack)
{
	size_t from = attack->value > 0 ? attack->point : S7_FRAME_HEAD;
	size_t length = attack->value > 0 ? attack->value : attack->length - from;
	char *state;
	bool yes;

	if (strcmp(attack->server, PLC2) != 0)
		return s7_arrived(&attack->bytes[from], length, 0);
	state = snap7_state(SIGUSR2);
	yes = strstr(state, attack->needle) != NULL;
	free(state);
	return yes;
}

/* Acknowledged data with error class 0x81 and code 0x04. */
static bool
refused(const struct attempt *a)
{
	static const uint8_t head[] = {2, 0xf0, 0x80, 0x32};

	for (size_t i = 0; i + 15 <= a->raw.data_length; i++) {
		const uint8_t *at = &a->raw.data[i];

		if (memcmp(at, head, sizeof(head)) == 0 && (at[4] == 3 || at[4] == 2) &&
		    at[13] == 0x81 && at[14] == 0x04)
			return true;
	}
	return false;
}

/* One byte of data block 10, which each of the servers has. */
static const uint8_t question[] = {3, 0, 0, 31, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0x77, 0x77, 0, 14, 0,
    0, 4, 1, 0x12, 0x0a, 0x10, 2, 0, 1, 0, 10, 0x84, 0, 0, 0};

const struct plant s7_plant = {
    .name = "s7",
    .port = S7_PORT,
    .policy = {.protocol = "s7comm",
	.settings = "pieces_max = 2;",
	.rules = rules,
	.extra = plus_channel},
    .start = start,
    .stop = stop,
    .clear = clear,
    .present = present,
    .harmed = harmed,
    .log = server_log,
    .refused = refused,
    .question = question,
    .question_length = sizeof(question),
    .answer_length = 25,
    .greet = s7_greet,
};
