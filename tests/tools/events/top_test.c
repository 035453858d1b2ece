/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `sluice top` on terminals of several sizes, against a daemon that always tells the same.
 *
 *   top_test SLUICE
 *
 * What it writes goes through a terminal of this test's own, which knows what a VT100 knows and
 * fails at anything else, and at a line that is too long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, LINES_MAX = 60, COLUMNS_MAX = 160, CHANNELS = 30 };

static const char *sluice;

struct glass {
	unsigned lines, columns; /* of the terminal */
	unsigned line, column;   /* of the cursor, from 0 */
	char text[LINES_MAX][COLUMNS_MAX + 1];
	char escape[8]; /* a sequence that is not complete yet */
	unsigned escape_length;
};

struct place {
	char folder[32];
	char control[64];
	int listener;
	pid_t daemon, child;
	int fd; /* of the terminal */
	struct glass glass;
};

static void
clear_from(struct glass *glass, unsigned line, unsigned column)
{
	for (unsigned i = column; i < glass->columns; i++)
		glass->text[line][i] = ' ';
}

static void
obey(struct glass *glass)
{
	const char *sequence = glass->escape;

	if (strcmp(sequence, "\033[H") == 0) {
		glass->line = glass->column = 0;
	} else if (strcmp(sequence, "\033[K") == 0) {
		clear_from(glass, glass->line, glass->column);
	} else if (strcmp(sequence, "\033[J") == 0) {
		clear_from(glass, glass->line, glass->column);
		for (unsigned i = glass->line + 1; i < glass->lines; i++)
			clear_from(glass, i, 0);
	} else {
		fail_msg("a sequence that is not expected: ESC%s", sequence + 1);
	}
	glass->escape_length = 0;
	memset(glass->escape, 0, sizeof(glass->escape));
}

static void
put(struct glass *glass, char byte)
{
	if (byte == '\033' || glass->escape_length > 0) {
		assert_true(glass->escape_length + 1 < sizeof(glass->escape));
		glass->escape[glass->escape_length++] = byte;
		if (glass->escape_length > 2 || (glass->escape_length == 2 && byte != '['))
			obey(glass);
	} else if (byte == '\r') {
		glass->column = 0;
	} else if (byte == '\n') {
		if (++glass->line == glass->lines)
			fail_msg("the screen scrolls");
	} else {
		assert_true(byte >= 0x20 && byte < 0x7f);
		if (glass->column + 1 >= glass->columns)
			fail_msg("line %u is too long: %.*s", glass->line + 1, (int)glass->columns,
			    glass->text[glass->line]);
		glass->text[glass->line][glass->column++] = byte;
	}
}

static bool
shows(const struct glass *glass, const char *text)
{
	for (unsigned i = 0; i < glass->lines; i++)
		if (strstr(glass->text[i], text))
			return true;
	return false;
}

/* Is the text to be seen, sooner or later? */
static void
see(struct place *place, const char *text)
{
	struct pollfd wait = {.fd = place->fd, .events = POLLIN};
	char bytes[512];

	for (time_t until = time(NULL) + PATIENCE_MS / 1000; !shows(&place->glass, text);) {
		ssize_t n =
		    poll(&wait, 1, PATIENCE_MS) > 0 ? read(place->fd, bytes, sizeof(bytes)) : 0;

		if (n <= 0 || time(NULL) > until) {
			for (unsigned i = 0; i < place->glass.lines; i++)
				print_message("|%s\n", place->glass.text[i]);
			fail_msg("\"%s\" is not to be seen", text);
		}
		for (ssize_t i = 0; i < n; i++)
			put(&place->glass, bytes[i]);
	}
}

/* Read so many ends of screens, whatever they are. */
static void
skip_screens(struct place *place, unsigned count)
{
	static const char end[] = "\033[J";
	unsigned matched = 0;
	char byte;

	while (count > 0) {
		assert_int_equal(read(place->fd, &byte, 1), 1);
		matched = byte == end[matched] ? matched + 1 : byte == end[0];
		if (matched == strlen(end)) {
			matched = 0;
			count--;
		}
	}
}

/* ---- the daemon ---- */

static void
tell_status(FILE *out, unsigned turn)
{
	fprintf(out,
	    "{\"ok\":true,\"version\":\"0.1.0\",\"uptime_s\":93784,\"policy\":{\"site\":\"North "
	    "pumping station with a name that is long\",\"hash\":\"0ffc989c2975aaaa\"},"
	    "\"engine\":{\"packets\":%u,\"messages\":%u,\"denied\":%u,\"flows\":42},"
	    "\"judging\":{\"packets\":100,\"total_ns\":1,\"buckets\":[0,0,0,0,60,38,0,0,0,0,0,2]},"
	    "\"findings\":[{\"what\":\"events-unwritten\"},{\"what\":\"b\"}],"
	    "\"inspectors\":[{\"queues\":[{\"waiting\":3},{\"waiting\":4}]}],"
	    "\"conduits\":[{\"name\":\"line\"},{\"name\":\"other\"}],\"channels\":[",
	    1000 * turn, 900 * turn, 5 * turn);
	for (unsigned i = 0; i < CHANNELS; i++)
		fprintf(out,
		    "%s{\"name\":\"%s/channel-%u\",\"conduit\":\"%s\",\"channel\":\"channel-%u\","
		    "\"protocol\":\"modbus\",\"inspected\":true,\"packets\":%u,\"messages\":%u,"
		    "\"denied\":%u}",
		    i ? "," : "", i < 3 ? "line" : "other", i, i < 3 ? "line" : "other", i,
		    100 * turn, 90 * turn, i == 1 ? 70000 + turn : 0);
	fputs("]}\n", out);
}

static const char event_line[] =
    "{\"ok\":true}\n{\"timestamp\":\"2026-01-05T08:00:00.008000+0000\",\"event_type\":\"verdict\","
    "\"src_ip\":\"10.10.0.5\",\"src_port\":40112,\"dest_ip\":\"10.20.0.11\",\"dest_port\":502,"
    "\"sluice\":{\"conduit\":\"line\",\"channel\":\"a\\u001b[2J\\u009b2J\",\"verdict\":\"deny\","
    "\"reason\":\"point-denied\"}}\n";

static _Noreturn void
be_daemon(int listener)
{
	for (unsigned turn = 1;; turn++) {
		int client = accept(listener, NULL, NULL);
		char request[256] = "";
		FILE *out = fdopen(client, "w");

		if (!out || read(client, request, sizeof(request) - 1) <= 0)
			_exit(1);
		if (strstr(request, "status"))
			tell_status(out, turn);
		else
			fputs(event_line, out);
		fflush(out);
		if (strstr(request, "status"))
			fclose(out);
	}
}

static int
make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_non_null(place);
	strcpy(place->folder, "/tmp/sluice-top-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->control, sizeof(place->control), "%s/control", place->folder);
	strcpy(address.sun_path, place->control);
	place->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(place->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(place->listener, 8), 0);
	place->daemon = fork();
	if (place->daemon == 0)
		be_daemon(place->listener);
	assert_true(place->daemon > 0);
	place->fd = -1;
	*state = place;
	return 0;
}

static int
remove_place(void **state)
{
	struct place *place = *state;

	if (place->child > 0) {
		kill(place->child, SIGKILL);
		waitpid(place->child, NULL, 0);
	}
	kill(place->daemon, SIGKILL);
	waitpid(place->daemon, NULL, 0);
	close(place->listener);
	if (place->fd >= 0)
		close(place->fd);
	unlink(place->control);
	rmdir(place->folder);
	free(place);
	return 0;
}

static void
set_size(struct place *place, unsigned lines, unsigned columns)
{
	memset(&place->glass, 0, sizeof(place->glass));
	place->glass.lines = lines;
	place->glass.columns = columns;
	for (unsigned i = 0; i < lines; i++)
		clear_from(&place->glass, i, 0);
}

static void
start(struct place *place, unsigned lines, unsigned columns)
{
	struct winsize size = {.ws_row = (unsigned short)lines, .ws_col = (unsigned short)columns};

	set_size(place, lines ? lines : 24, columns ? columns : 80);
	place->child = forkpty(&place->fd, NULL, NULL, &size);
	assert_true(place->child >= 0);
	if (place->child == 0) {
		setenv("TERM", "vt100", 1);
		setenv("TZ", "UTC", 1);
		execl(sluice, sluice, "top", "--control", place->control, NULL);
		_exit(127);
	}
}

static void
press(struct place *place, const char *keys)
{
	assert_int_equal(write(place->fd, keys, strlen(keys)), strlen(keys));
}

static int
end_of(struct place *place)
{
	int status;

	waitpid(place->child, &status, 0);
	place->child = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void
all_is_shown_on_a_screen_of_80_by_24(void **state)
{
	struct place *place = *state;

	start(place, 24, 80);
	see(place, "sluice 0.1.0  North pumping stat  policy 0ffc989c2975  up 1d 2h  ");
	see(place, "connections 42, waiting 7");
	see(place,
	    "judging: half within 16 us, 99% within 2 ms;  LOOK HERE: events-unwritten, ...");
	see(place, "line/channel-1               modbus");
	see(place, "70k");
	see(place, "... 19 more");
	see(place, "08:00:00 DENY 10.10.0.5:40112 > 10.20.0.11:502 line/a?[2J?2J: point-deni");
	see(place, "q quit  space pause  arrows conduit: all");
	press(place, "q");
	assert_int_equal(end_of(place), 0);
}

static void
arrows_choose_a_conduit(void **state)
{
	struct place *place = *state;

	start(place, 24, 80);
	see(place, "other/channel-9 ");
	press(place, "\033[B");
	see(place, "arrows conduit: line");
	see(place, "line/channel-2 ");
	assert_false(shows(&place->glass, "other/"));
	press(place, "\033OB");
	see(place, "arrows conduit: other");
	press(place, "\033[B");
	see(place, "arrows conduit: all");
	press(place, "\033[A");
	see(place, "arrows conduit: other");
	press(place, "q");
	assert_int_equal(end_of(place), 0);
}

static void
space_stops_and_goes_on(void **state)
{
	struct place *place = *state;

	start(place, 24, 80);
	see(place, "arrows conduit: all");
	press(place, " ");
	see(place, "space go on");
	press(place, " ");
	see(place, "space pause");
	press(place, "\003"); /* Ctrl-C */
	assert_int_equal(end_of(place), 0);
}

static void
a_screen_of_another_size_is_filled_anew(void **state)
{
	static const struct winsize sizes[] = {{.ws_row = 10, .ws_col = 40},
	    {.ws_row = 50, .ws_col = 132}, {.ws_row = 12, .ws_col = 80}};
	struct place *place = *state;

	start(place, 24, 80);
	see(place, "arrows conduit: all");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(ioctl(place->fd, TIOCSWINSZ, &sizes[i]), 0);
		skip_screens(place, 2); /* the one under way still has the size from before */
		set_size(place, sizes[i].ws_row, sizes[i].ws_col);
		see(place, "q quit  space pause");
		see(place, "sluice 0.1.0  North");
		assert_true(shows(&place->glass, "line/channel-0"));
	}
	press(place, "q");
	assert_int_equal(end_of(place), 0);
}

/* A serial line does not know how large the terminal at its other end is. */
static void
a_line_that_tells_no_size_has_80_by_24(void **state)
{
	struct place *place = *state;

	start(place, 0, 0);
	see(place, "... 19 more");
	see(place, "q quit");
	press(place, "q");
	assert_int_equal(end_of(place), 0);
}

static void
the_end_of_the_daemon_ends_it(void **state)
{
	struct place *place = *state;

	start(place, 24, 80);
	see(place, "q quit");
	kill(place->daemon, SIGKILL);
	close(place->listener);
	place->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(place->control);
	assert_int_equal(end_of(place), 2);
}

static void
once_is_plain_lines(void **state)
{
	static const char *const found[] = {"per second: ", "line/channel-1 ", "other/channel-29 ",
	    "NEWEST EVENTS\n08:00:00 DENY 10.10.0.5"};
	struct place *place = *state;
	char command[256], text[8192];
	size_t length;
	FILE *pipe;

	snprintf(command, sizeof(command), "TERM=dumb TZ=UTC %s top --once --control %s", sluice,
	    place->control);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	length = fread(text, 1, sizeof(text) - 1, pipe);
	text[length] = '\0';
	assert_int_equal(pclose(pipe), 0);
	assert_null(strchr(text, '\033'));
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		if (!strstr(text, found[i]))
			fail_msg("there is no \"%s\" in %s", found[i], text);
}

static void
json_is_one_object(void **state)
{
	struct place *place = *state;
	char command[256];

	snprintf(command, sizeof(command),
	    "%s top --once --json --control %s | grep -q "
	    "'^{\"seconds\":.*\"connections\":42,\"waiting\":7,\"judging_half_us\":16,"
	    "\"judging_99_us\":2048,\"findings\":2,\"channels\":.*}$'",
	    sluice, place->control);
	assert_int_equal(system(command), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int
main(int count, char **words)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_is_shown_on_a_screen_of_80_by_24),
	    TEST(arrows_choose_a_conduit),
	    TEST(space_stops_and_goes_on),
	    TEST(a_screen_of_another_size_is_filled_anew),
	    TEST(a_line_that_tells_no_size_has_80_by_24),
	    TEST(the_end_of_the_daemon_ends_it),
	    TEST(once_is_plain_lines),
	    TEST(json_is_one_object),
	};

	if (count != 2)
		return 2;
	sluice = words[1];
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
