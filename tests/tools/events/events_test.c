/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `sluice events` itself: files that are renamed, cut off and made anew, a daemon that restarts,
 * and a terminal of 80 columns.
 *
 *   events_test SLUICE
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, ROOM = 1 << 16 };

static const char *sluice;

struct place {
	char folder[32];
	char file[64];
	char moved[64];
	char control[64];
	pid_t child;
	int out;          /* what the program prints, its complaints too */
	char found[ROOM]; /* so far */
	size_t length;
};

static int
make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strcpy(place->folder, "/tmp/sluice-events-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->file, sizeof(place->file), "%s/events", place->folder);
	snprintf(place->moved, sizeof(place->moved), "%s/events.1", place->folder);
	snprintf(place->control, sizeof(place->control), "%s/control", place->folder);
	*state = place;
	return 0;
}

static int
remove_place(void **state)
{
	struct place *place = *state;

	if (place->child > 0) {
		kill(place->child, SIGTERM);
		waitpid(place->child, NULL, 0);
	}
	unlink(place->file);
	unlink(place->moved);
	unlink(place->control);
	rmdir(place->folder);
	free(place);
	return 0;
}

/* Start the program with standard output and complaints in one pipe. */
static void
start(struct place *place, const char *const *arguments)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	place->child = fork();
	assert_true(place->child >= 0);
	if (place->child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execv(sluice, (char **)arguments);
		_exit(127);
	}
	close(ends[1]);
	place->out = ends[0];
}

static void
follow(struct place *place)
{
	start(place, (const char *[]){sluice, "events", "--follow", place->file, NULL});
}

/* Is the text printed, sooner or later? What is in front of it is used up. */
static void
see(struct place *place, const char *text)
{
	char *at;

	while (!(at = strstr(place->found, text))) {
		struct pollfd wait = {.fd = place->out, .events = POLLIN};
		ssize_t n = poll(&wait, 1, PATIENCE_MS) > 0
		    ? read(place->out, place->found + place->length, ROOM - place->length - 1)
		    : 0;

		if (n <= 0)
			fail_msg("\"%s\" is not printed, but: %s", text, place->found);
		place->length += (size_t)n;
	}
	at += strlen(text);
	place->length -= (size_t)(at - place->found);
	memmove(place->found, at, place->length + 1);
	memset(place->found + place->length, 0, ROOM - place->length);
}

static void
put(const char *file, int flags, const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | flags, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

#define NOTE(word) "{\"timestamp\":\"T\",\"event_type\":\"" word "\",\"sluice\":{}}\n"

static void
a_file_that_grows_is_followed(void **state)
{
	struct place *place = *state;

	put(place->file, 0, NOTE("one"));
	follow(place);
	see(place, "T one\n");
	put(place->file, O_APPEND, "{\"timestamp\":\"T\",");
	put(place->file, O_APPEND, "\"event_type\":\"two\"}\n" NOTE("three"));
	see(place, "T two\nT three\n");
}

static void
a_file_that_is_renamed_and_made_anew_is_followed(void **state)
{
	struct place *place = *state;

	put(place->file, 0, NOTE("one"));
	follow(place);
	see(place, "T one\n");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rename(place->file, place->moved), 0);
		put(place->moved, O_APPEND, NOTE("late")); /* the writer still has it open */
		see(place, "T late\n");
		put(place->file, 0, NOTE("new"));
		see(place, "T new\n");
	}
}

static void
what_is_written_before_the_new_file_is_open_is_not_lost(void **state)
{
	struct place *place = *state;

	put(place->file, 0, NOTE("one"));
	follow(place);
	see(place, "T one\n");
	assert_int_equal(rename(place->file, place->moved), 0);
	put(place->file, 0, NOTE("new"));
	put(place->moved, O_APPEND, NOTE("last"));
	see(place, "T last\nT new\n");
}

static void
a_file_that_is_cut_off_is_read_from_its_beginning(void **state)
{
	struct place *place = *state;

	put(place->file, 0, NOTE("one") NOTE("two") "{\"half");
	follow(place);
	see(place, "T two\n");
	put(place->file, O_TRUNC, NOTE("three"));
	see(place, "was cut off");
	see(place, "T three\n");
}

static void
a_file_that_is_not_there_yet_is_waited_for(void **state)
{
	struct place *place = *state;

	follow(place);
	see(place, "waiting for it");
	put(place->file, 0, NOTE("one"));
	see(place, "T one\n");
	unlink(place->file);
	put(place->file, O_EXCL, NOTE("two"));
	see(place, "T two\n");
}

static void
without_follow_a_file_that_is_not_there_is_an_error(void **state)
{
	struct place *place = *state;
	int status;

	start(place, (const char *[]){sluice, "events", place->file, NULL});
	see(place, "No such file");
	waitpid(place->child, &status, 0);
	place->child = 0;
	assert_int_equal(WEXITSTATUS(status), 2);
}

/* Only the lines that are asked for, each as it was written. */
static void
json_passes_lines_through(void **state)
{
	static const char line[] = "{ \"event_type\" : \"verdict\",\"src_ip\":\"10.0.0.1\","
				   "\"x\":1.50, \"sluice\":{\"channel\":\"hmi\"}}\n";
	struct place *place = *state;

	put(place->file, 0, NOTE("one"));
	put(place->file, O_APPEND, line);
	start(place,
	    (const char *[]){sluice, "events", "--json", "--host=10.0.0.0/8", "--channel=hmi",
		place->file, NULL});
	see(place, line);
	assert_null(strstr(place->found, "one"));
}

/* Print what the words want of the file, until the end; the exit status. */
static int
ask(struct place *place, const char *const *words)
{
	const char *arguments[16] = {sluice, "events", place->file};
	int status;

	for (size_t i = 0; words[i]; i++)
		arguments[3 + i] = words[i];
	start(place, arguments);
	waitpid(place->child, &status, 0);
	place->child = 0;
	return WEXITSTATUS(status);
}

#define VERDICT(time, channel, verdict)                                                   \
	"{\"timestamp\":\"" time "\",\"event_type\":\"verdict\",\"sluice\":{\"conduit\":" \
	"\"line\",\"channel\":\"" channel "\",\"verdict\":\"" verdict "\"}}\n"

static void
words_say_which_events_of_a_file(void **state)
{
	struct place *place = *state;

	put(place->file, 0,
	    VERDICT("2026-01-05T08:00:00Z", "hmi", "deny") VERDICT("2026-01-05T09:00:00Z", "hmi",
		"allow") VERDICT("2026-01-05T10:00:00Z", "hmi", "deny") NOTE("late"));
	assert_int_equal(ask(place,
			     (const char *[]){"channel", "hmi", "denied", "since",
				 "2026-01-05T08:30:00Z", NULL}),
	    0);
	see(place, "2026-01-05T10:00:00Z DENY > line/hmi: ?\nsluice: events: `sluice explain");
	see(place, "into the policy\n");
	assert_int_equal(place->length, 0);
	assert_int_equal(ask(place, (const char *[]){"last", "2", "channel", "hmi", NULL}), 0);
	see(place, "2026-01-05T09:00:00Z allow > line/hmi: ?\n2026-01-05T10:00:00Z DENY");
}

static void
the_last_ones_come_before_what_follows(void **state)
{
	struct place *place = *state;

	put(place->file, 0, NOTE("one") NOTE("two") NOTE("three"));
	start(place, (const char *[]){sluice, "events", "-f", place->file, "last", "2", NULL});
	see(place, "T two\nT three\n");
	put(place->file, O_APPEND, NOTE("four"));
	see(place, "T four\n");
}

static void
a_word_that_is_none_is_told_with_the_nearest_one(void **state)
{
	struct place *place = *state;
	int status;

	start(place, (const char *[]){sluice, "events", "chanel", "hmi", NULL});
	see(place, "events: there is no word \"chanel\"; did you mean \"channel\"?");
	waitpid(place->child, &status, 0);
	place->child = 0;
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_int_equal(ask(place, (const char *[]){"denyed", NULL}), 2);
	see(place, "did you mean \"denied\"?");
}

static int
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* A daemon's life: one client asks for events and gets one. Those that say nothing are let go. */
static void
live_once(struct place *place, const char *answer)
{
	int fd = listen_at(place->control);
	char request[256];
	ssize_t n = 0;

	while (n <= 0) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int client;

		assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
		client = accept(fd, NULL, NULL);
		n = read(client, request, sizeof(request));
		if (n > 0)
			assert_int_equal(write(client, answer, strlen(answer)), strlen(answer));
		close(client);
	}
	close(fd);
	unlink(place->control);
}

static void
a_daemon_that_restarts_is_followed(void **state)
{
	struct place *place = *state;

	start(place,
	    (const char *[]){sluice, "events", "--follow", "--control", place->control, NULL});
	see(place, "nobody listens");
	live_once(place, "{\"ok\":true}\n" NOTE("one"));
	see(place, "T one\n");
	live_once(place, "{\"ok\":true}\n" NOTE("two"));
	see(place, "T two\n");
}

static void
without_follow_the_end_of_the_daemon_is_told(void **state)
{
	struct place *place = *state;
	int status, fd = listen_at(place->control), client;
	static const char answer[] = "{\"ok\":true}\n" NOTE("one");

	start(place, (const char *[]){sluice, "events", "--control", place->control, NULL});
	client = accept(fd, NULL, NULL);
	assert_int_equal(write(client, answer, strlen(answer)), strlen(answer));
	shutdown(client, SHUT_WR);
	see(place, "T one\n");
	see(place, "has ended");
	waitpid(place->child, &status, 0);
	place->child = 0;
	assert_int_equal(WEXITSTATUS(status), 2);
	close(client);
	close(fd);
}

/* Without a FILE, what was before is in the file of which the daemon tells. */
static void
the_past_is_in_the_daemons_file(void **state)
{
	struct place *place = *state;
	char answer[256];
	pid_t daemon;

	put(place->moved, 0, NOTE("before"));
	put(place->file, 0, NOTE("one") NOTE("two"));
	snprintf(answer, sizeof(answer), "{\"ok\":true,\"event_file\":\"%s\"}\n", place->file);
	daemon = fork();
	assert_true(daemon >= 0);
	if (daemon == 0) {
		live_once(place, answer);
		_exit(0);
	}
	while (access(place->control, F_OK) < 0)
		sched_yield();
	start(place,
	    (const char *[]){
		sluice, "events", "-f", "--control", place->control, "last", "3", NULL});
	see(place, "T before\nT one\nT two\n");
	put(place->file, O_APPEND, NOTE("three"));
	see(place, "T three\n");
	waitpid(daemon, NULL, 0);
}

#define LONG_NAME "a123456789012345678901234567890123456789012345678901234567890bc"
#define LONG_EVENT                                                                            \
	"{\"timestamp\":\"2026-01-05T08:00:00.008000+0000\",\"event_type\":\"verdict\","      \
	"\"src_ip\":\"fd00:1111:2222:3333:4444:5555:6666:7777\",\"src_port\":40112,"          \
	"\"dest_ip\":\"fd00:1111:2222:3333:4444:5555:6666:8888\",\"dest_port\":502,"          \
	"\"app_proto\":\"modbus\",\"modbus\":{\"kind\":\"request\",\"unit_id\":1,"            \
	"\"function\":16,\"function_name\":\"write-multiple-registers\",\"points\":"          \
	"[\"holding:40-47\"],\"values\":[1,2,3,4]},\"sluice\":{\"conduit\":\"" LONG_NAME      \
	"\",\"channel\":\"" LONG_NAME "\",\"verdict\":\"deny\",\"reason\":\"value-denied\"}}" \
	"\n{\"timestamp\":\"T\",\"event_type\":\"alarm\",\"sluice\":{\"file\":\"/" LONG_NAME  \
	"/" LONG_NAME "/" LONG_NAME "\",\"steer\":\"\\u001b[2J\\u009b2J\"}}\n"

/* Columns of the longest line, styles left out. */
static size_t
longest(const char *text)
{
	size_t most = 0, column = 0;

	for (; *text; text++) {
		if (*text == '\033')
			text += strcspn(text, "m");
		else if (*text == '\n')
			column = 0;
		else if (*text != '\r')
			most = ++column > most ? column : most;
	}
	return most;
}

static void
events_fit_into_a_terminal(void **state)
{
	static const unsigned widths[] = {40, 80, 100};
	struct place *place = *state;

	put(place->file, 0, LONG_EVENT);
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)widths[i]};
		char found[ROOM] = "";
		size_t length = 0;
		ssize_t n;
		int fd;
		pid_t child = forkpty(&fd, NULL, NULL, &size);

		assert_true(child >= 0);
		if (child == 0) {
			execl(sluice, sluice, "events", place->file, NULL);
			_exit(127);
		}
		while ((n = read(fd, found + length, ROOM - length - 1)) > 0)
			length += (size_t)n;
		close(fd);
		waitpid(child, NULL, 0);
		assert_non_null(strstr(found, "value-denied"));
		assert_null(strstr(found, "[2J\033"));
		assert_null(strstr(found, "\033[2J"));
		assert_null(strstr(found, "\xc2\x9b"));
		assert_true(longest(found) <= widths[i]);
		assert_true(longest(found) > widths[i] / 2);
	}
}

static void
in_a_file_an_event_is_one_line(void **state)
{
	struct place *place = *state;

	put(place->file, 0, LONG_EVENT);
	start(place, (const char *[]){sluice, "events", place->file, NULL});
	see(place, "write-multiple-registers unit 1 holding:40-47 = 1, 2, 3, 4: value-denied\n");
}

#define STORM(denial, numbers)                                                                    \
	"{\"timestamp\":\"T\",\"event_type\":\"storm\"," ENDS "\"sluice\":{\"conduit\":\"line\"," \
	"\"channel\":\"hmi\",\"reason\":\"point-denied\"," denial numbers "}}\n"
#define ENDS "\"src_ip\":\"10.1.0.5\",\"src_port\":4000,\"dest_ip\":\"10.2.0.7\",\"dest_port\":502,"
#define DENIED "\"verdict\":\"deny\","
#define HOMELESS                                                                           \
	"{\"timestamp\":\"T\",\"event_type\":\"storm\",\"sluice\":{" DENIED "\"count\":3," \
	"\"reason\":\"point-denied\"}}\n"
#define SPARED "\"verdict\":\"allow\",\"would_deny\":true,"

static void
a_storm_is_one_line_with_its_numbers(void **state)
{
	struct place *place = *state;

	put(place->file, 0,
	    STORM(DENIED, "\"count\":9,\"first\":\"S\",\"total\":15")
		STORM(SPARED, "\"count\":99,\"first\":\"S\",\"total\":120,\"over\":true") HOMELESS);
	start(place, (const char *[]){sluice, "events", place->file, NULL});
	see(place, "T STORM 10.1.0.5:4000 > 10.2.0.7:502 line/hmi: point-denied, 9 more since S\n");
	see(place,
	    "T WOULD-STORM 10.1.0.5:4000 > 10.2.0.7:502 line/hmi: point-denied, 99 more "
	    "since S, over after 120\n");
	see(place, "T STORM of further clients: point-denied, 3 more\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int
main(int count, char **words)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_file_that_grows_is_followed),
	    TEST(a_file_that_is_renamed_and_made_anew_is_followed),
	    TEST(what_is_written_before_the_new_file_is_open_is_not_lost),
	    TEST(a_file_that_is_cut_off_is_read_from_its_beginning),
	    TEST(a_file_that_is_not_there_yet_is_waited_for),
	    TEST(without_follow_a_file_that_is_not_there_is_an_error),
	    TEST(json_passes_lines_through),
	    TEST(words_say_which_events_of_a_file),
	    TEST(the_last_ones_come_before_what_follows),
	    TEST(a_word_that_is_none_is_told_with_the_nearest_one),
	    TEST(the_past_is_in_the_daemons_file),
	    TEST(a_daemon_that_restarts_is_followed),
	    TEST(without_follow_the_end_of_the_daemon_is_told),
	    TEST(events_fit_into_a_terminal),
	    TEST(in_a_file_an_event_is_one_line),
	    TEST(a_storm_is_one_line_with_its_numbers),
	};

	if (count != 2)
		return 2;
	sluice = words[1];
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
