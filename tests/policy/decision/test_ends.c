/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With what the bytes of a server can end a connection: for none but the reasons that
 * sluice-reasons(7) lists and justifies, whatever it sends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"
#include "s7.h"

enum { ANSWERS_MAX = 16, ROUNDS = 1500, LENGTH_MAX = 128 };

static const struct protocol {
	const char *channel;
	const char *rules;
	unsigned outstation; /* 0: bytes stand as they are */
	unsigned length_at;  /* where the two bytes of a length are, and what they do not count */
	unsigned length_less;
	const char *set_up[4];
	const char *asked[4];
	const char *answers[ANSWERS_MAX];
} protocols[] = {
    {"", "{ access = [\"any\"]; }", 0, 4, 6, {NULL},
	{"0001 0000 0006 01 03 0000 0001", "0002 0000 0006 01 01 0000 0009",
	    "0003 0000 0006 01 06 0028 0005", "0004 0000 0005 01 2b 0e 01 00"},
	{"0001 0000 0005 01 03 02 0007", "0002 0000 0005 01 01 02 0101",
	    "0003 0000 0006 01 06 0028 0005", "0001 0000 0003 01 83 02",
	    "0004 0000 000d 01 2b 0e 01 01 00 00 01 00 03 414243", "0009 0000 0005 01 03 02 0007"}},
    {"protocol = \"dnp3\"; ",
	"{ access = [\"read\"]; points = [\"g1-32:*\", \"class:*\"]; }, { access = [\"control\"]; "
	"}",
	10, 0, 0, {NULL},
	{"c1 01 3c 02 06", "c2 01 1e 00 06", "c3 03 " DNP3_CROB("07", "03", "01"), NULL},
	{"c1 81 0000 02 01 17 01 01 81", "c2 81 0000 1e 02 00 00 01 01 0500 01 0600",
	    "c3 81 0000 " DNP3_CROB("07", "03", "01"), "f3 82 0000 02 01 17 01 01 81",
	    "c1 83 0000 78 01 5b 01 0c00 01000000 0500 04 01 a1b2c3d4", "81 81 0000",
	    "c1 81 0000 46 05 5b 01 0c00 01000000 00000000 61626364"}},
    {"protocol = \"s7comm\"; ", "{ access = [\"any\"]; }", 0, 2, 0,
	{"03000016 11e0 0000 0001 00 c0010a c1020100 c2020102",
	    "03000016 11d0 0001 0002 00 c0010a c1020100 c2020102",
	    "03000019 02f080 3201 0000 0001 0008 0000 f0 00 0001 0001 01e0",
	    "0300001b 02f080 3203 0000 0001 0008 0000 0000 f0 00 0001 0001 00f0"},
	{"0300001f 02f080 3201 0000 0005 000e 0000 04 01 120a10 02 0001 000a 84 000000",
	    "03000024 02f080 3201 0000 0006 000e 0005 05 01 120a10 02 0001 000a 84 000000 00 04 "
	    "0008 64",
	    NULL},
	{"0300001a 02f080 3203 0000 0005 0002 0005 0000 04 01 ff 04 0008 64",
	    "03000016 02f080 3203 0000 0006 0002 0001 0000 05 01 ff",
	    "03000013 02f080 3202 0000 0005 0000 0000 8104", "03000007 02f000",
	    "0300001b 02f080 3203 0000 0001 0008 0000 0000 f0 00 0001 0001 00f0",
	    "03000016 11d0 0001 0002 00 c0010a c1020100 c2020102", "0300000b 06 80 0001 0002 00",
	    "03000023 02f080 3207 0000 0000 000c 0006 000112 08 12 04 06 00 00 00 0000 ff 09 0002 "
	    "0000"}},
};

enum { PROTOCOL_COUNT = sizeof(protocols) / sizeof(protocols[0]) };

static enum verdict
speak(const struct protocol *p, struct sim *sim, enum direction direction, const uint8_t *bytes,
    size_t length, bool breaks_frames)
{
	struct wire w = {.length = 0};

	if (!p->outstation)
		return sim_send_bytes(sim, direction, bytes, length);
	wire_put_fragment(&w, direction, p->outstation, bytes, length);
	if (breaks_frames && rand() % 4 == 0)
		w.bytes[(size_t)rand() % w.length] = (uint8_t)rand();
	/* a frame of the link layer alone */
	if (breaks_frames && rand() % 8 == 0) {
		w.length = 0;
		wire_put_frame(
		    &w, (uint8_t)rand(), 1, (unsigned)(rand() % 2 ? 10 : rand()), NULL, 0);
	}
	return wire_send(sim, direction, &w);
}

static void
speak_hex(const struct protocol *p, struct sim *sim, enum direction direction, const char *hex)
{
	uint8_t bytes[LENGTH_MAX];

	assert_allowed(
	    sim, speak(p, sim, direction, bytes, sim_hex(hex, bytes, sizeof(bytes)), false));
}

static struct sim *
asked(const struct protocol *p)
{
	struct sim *sim = sim_new("on_deny = \"drop\";", p->channel, p->rules);

	sim_open(sim);
	for (int i = 0; i < 4 && p->set_up[i]; i++)
		speak_hex(p, sim, i % 2 ? RESPONSE : REQUEST, p->set_up[i]);
	for (int i = 0; i < 4 && p->asked[i]; i++)
		speak_hex(p, sim, REQUEST, p->asked[i]);
	return sim;
}

/* One of the answers with bytes changed, cut off or added, mostly with the right length. */
static size_t
spoil(const struct protocol *p, uint8_t *bytes)
{
	size_t count = 0, length, changes;

	while (count < ANSWERS_MAX && p->answers[count])
		count++;
	length = sim_hex(p->answers[(size_t)rand() % count], bytes, LENGTH_MAX);
	changes = (size_t)rand() % 4;
	for (size_t i = 0; i < changes; i++)
		bytes[(size_t)rand() % length] = (uint8_t)(rand() % 3 ? rand() % 8 : rand());
	if (rand() % 3 == 0)
		length -= (size_t)rand() % (length / 2);
	else if (rand() % 3 == 0)
		for (int more = rand() % 9; more > 0; more--)
			bytes[length++] = (uint8_t)rand();
	if (!p->outstation && rand() % 4) {
		bytes[p->length_at] = 0;
		bytes[p->length_at + 1] = (uint8_t)(length - p->length_less);
	}
	return length;
}

static bool
has_word(char *line, const char *word)
{
	for (char *at = strtok(line, " ,\n"); at; at = strtok(NULL, " ,\n"))
		if (strcmp(at, word) == 0)
			return true;
	return false;
}

/* Has the manual's list of what ends a connection from the server's side this word? */
static bool
is_listed(enum reason reason)
{
	bool inside = false, found = false;
	char line[512];
	FILE *manual = fopen(REASONS_MANUAL, "r");

	assert_non_null(manual);
	while (fgets(line, sizeof(line), manual)) {
		if (strcmp(line, ".Ss What a server can end\n") == 0)
			inside = true;
		else if (strncmp(line, ".S", 2) == 0 && strncmp(line, ".Sx", 3) != 0)
			inside = false;
		else if (inside && strncmp(line, ".It Li ", 7) == 0)
			found = found || has_word(&line[7], reason_word(reason));
	}
	fclose(manual);
	return found;
}

static void
server_ends_a_connection_for_what_the_manual_lists_alone(void **state)
{
	bool seen[REASON_COUNT] = {false};
	unsigned kinds = 0;

	srand(11);
	for (const struct protocol *p = protocols; p < &protocols[PROTOCOL_COUNT]; p++)
		for (int round = 0; round < ROUNDS; round++) {
			struct sim *sim = asked(p);
			uint8_t bytes[LENGTH_MAX + 16];
			size_t length = spoil(p, bytes);

			if (speak(p, sim, RESPONSE, bytes, length, true) != VERDICT_ALLOW)
				seen[sim_reason(sim)] = true;
			sim_free(sim);
		}
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		if (seen[i] && !is_listed((enum reason)i))
			fail_msg("%s ends a connection, and sluice-reasons(7) does not say why",
			    reason_word((enum reason)i));
		kinds += seen[i];
	}
	assert_true(kinds > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(server_ends_a_connection_for_what_the_manual_lists_alone),
	};

	return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
