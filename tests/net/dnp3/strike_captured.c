/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of masters that others have captured. See strike.h.
 *
 * The script names a file of the folder of captures and function codes: of each, the first request
 * in the file is sent, one after the other.  Captures are not part of the project; SLUICE_CAPTURES
 * names their folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "captured.h"
#include "lab.h"
#include "strike.h"

enum { ANSWER_MS = 2000, FUNCTIONS_HERE = 4 };

static const char *
folder(void)
{
	const char *named = getenv("SLUICE_CAPTURES");

	return named ? named : CAPTURES;
}

void
captured_find(void)
{
	if (access(folder(), R_OK) < 0)
		lab_skip("no captures at %s; SLUICE_CAPTURES names their folder", folder());
}

/* Fill the trial's script. */
static void
read_capture(struct trial *t)
{
	unsigned functions[FUNCTIONS_HERE];
	char name[128], path[512];
	size_t count = 0;
	int used, more;

	if (sscanf(t->strike->script, "%127s%n", name, &used) != 1)
		lab_fail("no capture is named");
	while (count < FUNCTIONS_HERE &&
	    sscanf(&t->strike->script[used], " %u%n", &functions[count], &more) == 1) {
		count++;
		used += more;
	}
	snprintf(path, sizeof(path), "%s/%s", folder(), name);
	captured_requests(path, functions, count, &t->script);
}

/* Has the outstation got the message of this frame? */
static bool
has_reached(const struct trial *t, const struct wire *frame, unsigned ms)
{
	uint8_t user[WIRE_USER_MAX];
	size_t length = wire_user_data(frame, user);
	char text[2 * WIRE_USER_MAX + 1];

	wire_text(&user[1], length - 1, text);
	return station_said(
	    &t->peer, ms, "message %u %s", frame->bytes[4] | (unsigned)frame->bytes[5] << 8, text);
}

static void
open_and_say(struct trial *t)
{
	peer_open(
	    &t->peer, t->peer.over, station_address(STATION_CAREFUL, t->peer.over), PORT_CAPTURED);
	for (size_t i = 0; i < t->script.count; i++)
		peer_send(&t->peer, t->script.packets[i].bytes, t->script.packets[i].length);
}

void
permitted_captured(struct trial *t)
{
	read_capture(t);
	open_and_say(t);
	for (size_t i = 0; i < t->script.count; i++)
		assert_true(has_reached(t, &t->script.packets[i], ANSWER_MS));
	assert_true(peer_wait(&t->peer, 1, ANSWER_MS));
}

void
strike_captured(struct trial *t)
{
	read_capture(t);
	open_and_say(t);
	t->arrived = has_reached(
	    t, &t->script.packets[t->script.count - 1], trial_guarded(t) ? 50 : ANSWER_MS);
}
