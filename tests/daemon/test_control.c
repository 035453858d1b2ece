/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket's lines, clients and limits, with commands that do nothing.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "control.h"

static char directory[] = "/tmp/sluice-control-XXXXXX";
static char path[64];
static struct control control;

static json_t *
answer_echo(void *context, const json_t *request, const char **ret_error)
{
	assert_ptr_equal(context, &control);
	return json_pack("{s:O}", "said", json_object_get(request, "say"));
}

static json_t *
answer_no(void *context, const json_t *request, const char **ret_error)
{
	*ret_error = "because";
	return NULL;
}

static json_t *
answer_events(void *context, const json_t *request, const char **ret_error)
{
	return json_object();
}

static const struct control_command commands[] = {
    {"echo", answer_echo, false, ROLE_OBSERVE},
    {"no", answer_no, false, ROLE_ADMINISTER},
    {"unsaid", answer_events, false, ROLE_NONE},
    {"odd", answer_events, false, (enum role)77},
    {"operate", answer_events, false, ROLE_OPERATE},
    {"events", answer_events, true, ROLE_OBSERVE},
    {NULL, NULL, false, ROLE_NONE},
};

static unsigned refusals;

static void
count_refusal(void *context, const struct control_command *command)
{
	assert_ptr_equal(context, &control);
	assert_non_null(control.asking);
	refusals++;
}

static const struct control_owner owner = {
    .commands = commands, .context = &control, .refusal = count_refusal};

static int
set_up(void **state)
{
	refusals = 0;
	return control_init(&control, path, &owner);
}

static int
tear_down(void **state)
{
	struct stat status;

	control_done(&control);
	return lstat(path, &status) < 0 && errno == ENOENT ? 0 : -1;
}

/* Let the server do all that it can do now. */
static void
serve(void)
{
	struct pollfd files[CONTROL_CLIENTS_MAX + 1];

	for (int i = 0; i < 20; i++) {
		control_poll(&control, files);
		if (poll(files, CONTROL_CLIENTS_MAX + 1, 0) <= 0)
			return;
		control_serve(&control, files);
	}
}

static int
connect_client(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	serve();
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	serve();
}

static void
assert_hears(int fd, const char *expected)
{
	char text[1024] = "";
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	assert_true(n >= 0);
	assert_string_equal(text, expected);
}

static void
assert_hears_nothing(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static void
answers(void **state)
{
	int fd = connect_client();

	say(fd, "{\"request\":\"echo\",\"say\":[1,2]}\n");
	assert_hears(fd, "{\"ok\":true,\"said\":[1,2]}\n");
	say(fd, "{\"request\":\"no\"}\n");
	assert_hears(fd, "{\"ok\":false,\"error\":\"because\"}\n");
	say(fd, "{\"request\":\"else\"}\n");
	assert_hears(fd, "{\"ok\":false,\"error\":\"unknown request\"}\n");
	say(fd, "{\"request\":7}\n[]\n");
	assert_hears(fd,
	    "{\"ok\":false,\"error\":\"unknown request\"}\n"
	    "{\"ok\":false,\"error\":\"unknown request\"}\n");
	say(fd, "hello\n");
	assert_hears(fd, "{\"ok\":false,\"error\":\"not a JSON object\"}\n");
	close(fd);
}

static void
lines_in_pieces_and_together(void **state)
{
	int fd = connect_client();

	say(fd, "{\"request\":");
	assert_hears_nothing(fd);
	say(fd, "\"no\"}\n{\"request\":\"no\"}\n{\"requ");
	assert_hears(
	    fd, "{\"ok\":false,\"error\":\"because\"}\n{\"ok\":false,\"error\":\"because\"}\n");
	say(fd, "est\":\"no\"}\n");
	assert_hears(fd, "{\"ok\":false,\"error\":\"because\"}\n");
	close(fd);
}

static void
line_of_one_byte_too_many(void **state)
{
	char line[CONTROL_LINE_MAX + 1];
	int fd = connect_client();

	memset(line, ' ', sizeof(line));
	memcpy(line, "{\"request\":\"no\"}", 16);
	line[CONTROL_LINE_MAX - 1] = '\n';
	line[CONTROL_LINE_MAX] = '\0';
	say(fd, line);
	assert_hears(fd, "{\"ok\":false,\"error\":\"because\"}\n");
	line[CONTROL_LINE_MAX - 1] = ' ';
	say(fd, line);
	assert_hears(fd, "{\"ok\":false,\"error\":\"the request is too long\"}\n");
	assert_hears(fd, ""); /* and closed */
	close(fd);
}

static void
one_client_too_many(void **state)
{
	int clients[CONTROL_CLIENTS_MAX], last;

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		clients[i] = connect_client();
	last = connect_client();
	assert_hears(last, "{\"ok\":false,\"error\":\"too many clients\"}\n");
	assert_int_equal(control.refused, 1);
	close(last);
	close(clients[3]);
	serve();
	last = connect_client();
	say(last, "{\"request\":\"no\"}\n");
	assert_hears(last, "{\"ok\":false,\"error\":\"because\"}\n");
	close(last);
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (i != 3)
			close(clients[i]);
}

static void
subscribers(void **state)
{
	int reader = connect_client(), other = connect_client();

	assert_false(control_subscribed(&control));
	say(reader, "{\"request\":\"events\"}\n");
	assert_hears(reader, "{\"ok\":true}\n");
	assert_true(control_subscribed(&control));
	control_publish(&control, "{}");
	assert_hears(reader, "{}\n");
	assert_hears_nothing(other);
	close(reader);
	serve();
	assert_false(control_subscribed(&control));
	control_publish(&control, "{}");
	close(other);
}

static void
socket_for_root_only(void **state)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 07777, 0600);
}

/* A client that is somebody else, as the kernel would say. */
static int
connect_as(enum role role, uid_t user)
{
	int fd = connect_client();

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct control_client *client = &control.clients[i];

		if (client->outlet.fd >= 0 && client->peer.uid == geteuid()) {
			client->role = role;
			client->peer.uid = user;
			return fd;
		}
	}
	fail_msg("not admitted");
	return -1;
}

static void
a_role_is_needed(void **state)
{
	static const char *const words[] = {"echo", "operate", "no", "unsaid", "odd"};
	/* how many of them each role may ask */
	static const unsigned may[ROLE_COUNT] = {0, 1, 2, 5};

	for (unsigned role = ROLE_NONE; role < ROLE_COUNT; role++) {
		int fd = connect_as((enum role)role, 70000);

		refusals = 0;
		for (unsigned i = 0; i < 5; i++) {
			char request[64], answer[512] = "";
			bool forbidden;

			snprintf(request, sizeof(request), "{\"request\":\"%s\"}\n", words[i]);
			say(fd, request);
			assert_true(recv(fd, answer, sizeof(answer) - 1, 0) > 0);
			forbidden = strstr(answer, "no permission") != NULL;
			assert_int_equal(forbidden, i >= may[role]);
		}
		assert_int_equal(refusals, 5 - may[role]);
		close(fd);
		serve();
	}
	assert_int_equal(control.forbidden, 5 + 4 + 3);
}

static void
a_refusal_names_role_and_group(void **state)
{
	int fd = connect_as(ROLE_OBSERVE, 70000);

	say(fd, "{\"request\":\"operate\"}\n{\"request\":\"odd\"}\n");
	assert_hears(fd,
	    "{\"ok\":false,\"error\":\"no permission: operate needs the role operate, which root "
	    "and "
	    "members of the group sluice-operate have\"}\n"
	    "{\"ok\":false,\"error\":\"no permission: odd needs the role administer, which root "
	    "and "
	    "members of the group sluice-admin have\"}\n");
	close(fd);
}

/* Of each client one request a round: the others, and all else that the daemon does, come between.
 */
static void
one_request_in_a_round(void **state)
{
	struct pollfd files[CONTROL_CLIENTS_MAX + 1];
	int fd = connect_client();
	const char *three =
	    "{\"request\":\"echo\"}\n{\"request\":\"no\"}\n{\"request\":\"events\"}\n";
	char text[256] = "";

	assert_int_equal(send(fd, three, strlen(three), 0), strlen(three));
	control_poll(&control, files);
	assert_int_equal(poll(files, CONTROL_CLIENTS_MAX + 1, 0), 1);
	control_serve(&control, files);
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	control_poll(&control, files);
	assert_int_equal(poll(files, CONTROL_CLIENTS_MAX + 1, 0), 1); /* nothing new has come */
	control_serve(&control, files);
	assert_hears(fd, "{\"ok\":false,\"error\":\"because\"}\n");
	assert_false(control_subscribed(&control));
	close(fd);
}

static void
socket_in_use_and_left_behind(void **state)
{
	struct control second;
	FILE *plain;

	assert_int_equal(control_init(&second, path, &owner), -EADDRINUSE);
	close(control.fd); /* as if the daemon had been killed: the file stays, nobody listens */
	control.fd = -1;
	assert_int_equal(control_init(&control, path, &owner), 0);
	control_done(&control);
	plain = fopen(path, "w");
	assert_non_null(plain);
	fclose(plain);
	assert_int_equal(control_init(&second, path, &owner), -EEXIST);
	assert_int_equal(unlink(path), 0);
}

static int
make_directory(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/socket", directory);
	return 0;
}

static int
remove_directory(void **state)
{
	return rmdir(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(answers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(lines_in_pieces_and_together, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(line_of_one_byte_too_many, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_client_too_many, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(subscribers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_role_is_needed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_refusal_names_role_and_group, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_request_in_a_round, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(socket_for_root_only, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(socket_in_use_and_left_behind, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
