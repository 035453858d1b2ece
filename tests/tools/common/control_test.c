/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control: what the command line makes of each way in which a daemon may answer, with a child
 * process in the daemon's place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"

struct place {
	char folder[32];
	char path[64];
	char request[256]; /* what came to the daemon's place */
	int requests[2];   /* pipe on which the child tells it */
	pid_t child;
};

static int
make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strcpy(place->folder, "/tmp/sluice-test-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/control", place->folder);
	*state = place;
	return 0;
}

static int
remove_place(void **state)
{
	struct place *place = *state;

	unlink(place->path);
	rmdir(place->folder);
	free(place);
	return 0;
}

/* Listen, and answer the first client with `answer` from a child process. */
static void
serve(struct place *place, const char *answer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", place->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(pipe(place->requests), 0);
	place->child = fork();
	assert_true(place->child >= 0);
	if (place->child == 0) {
		char request[256];
		int client = accept(fd, NULL, NULL);
		ssize_t n = read(client, request, sizeof(request));

		if (n > 0 && write(place->requests[1], request, (size_t)n) != n)
			_exit(1);
		if (write(client, answer, strlen(answer)) < 0)
			_exit(1);
		_exit(0);
	}
	close(fd);
	close(place->requests[1]);
}

static void
finish(struct place *place)
{
	ssize_t n = read(place->requests[0], place->request, sizeof(place->request) - 1);

	assert_true(n >= 0);
	close(place->requests[0]);
	waitpid(place->child, NULL, 0);
}

static bool
collect(void *context, const char *line)
{
	strcat(context, line);
	strcat(context, "|");
	return strcmp(line, "last") != 0;
}

static int
ask(struct place *place, json_t **ret_answer, bool (*each)(void *context, const char *line),
    void *context)
{
	return control_ask("test", place->path, json_pack("{s:s}", "request", "status"), ret_answer,
	    each, context);
}

static void
an_answer_is_handed_over(void **state)
{
	struct place *place = *state;
	json_t *answer = NULL;

	serve(place, "{\"ok\":true,\"version\":\"9\"}\n");
	assert_int_equal(ask(place, &answer, NULL, NULL), 0);
	finish(place);
	assert_string_equal(place->request, "{\"request\":\"status\"}\n");
	assert_string_equal(json_string_value(json_object_get(answer, "version")), "9");
	json_decref(answer);
}

static void
lines_behind_the_answer_go_on_until_the_reader_has_enough(void **state)
{
	struct place *place = *state;
	char lines[64] = "";
	json_t *answer = NULL;

	serve(place, "{\"ok\":true}\none\ntwo\nlast\nbeyond\n");
	assert_int_equal(ask(place, &answer, collect, lines), 0);
	finish(place);
	assert_string_equal(lines, "one|two|last|");
	json_decref(answer);
}

static void
the_end_of_a_stream_is_told(void **state)
{
	struct place *place = *state;
	char lines[64] = "";
	json_t *answer = NULL;

	serve(place, "{\"ok\":true}\none\n");
	assert_int_equal(ask(place, &answer, collect, lines), -EPIPE);
	finish(place);
	assert_string_equal(lines, "one|");
	assert_null(answer);
}

static void
refusals_and_nonsense_are_no_answers(void **state)
{
	static const char *const answers[] = {
	    "{\"ok\":false,\"error\":\"too many clients\"}\n",
	    "{\"ok\":false}\n",
	    "{}\n",
	    "[1]\n",
	    "nonsense\n",
	    "\n",
	};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		json_t *answer = NULL;

		serve(place, answers[i]);
		assert_int_equal(ask(place, &answer, NULL, NULL), -EBADMSG);
		finish(place);
		assert_null(answer);
		unlink(place->path);
	}
}

static void
silence_is_told(void **state)
{
	struct place *place = *state;
	json_t *answer = NULL;

	serve(place, "");
	assert_int_equal(ask(place, &answer, NULL, NULL), -EPIPE);
	finish(place);
	assert_null(answer);
}

/* A daemon that listens and stands still must not hold up who asks how it is. */
static void
standstill_is_told(void **state)
{
	struct place *place = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	json_t *answer = NULL;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", place->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(ask(place, &answer, NULL, NULL), -EAGAIN);
	assert_null(answer);
	close(fd);
}

static void
nobody_there_is_told(void **state)
{
	struct place *place = *state;
	json_t *answer = NULL;

	assert_int_equal(ask(place, &answer, NULL, NULL), -ENOENT);
	memset(place->path, 'x', sizeof(place->path) - 1);
	assert_int_equal(ask(place, &answer, NULL, NULL), -ENOENT);
	assert_null(answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_answer_is_handed_over, make_place, remove_place),
	    cmocka_unit_test_setup_teardown(
		lines_behind_the_answer_go_on_until_the_reader_has_enough, make_place,
		remove_place),
	    cmocka_unit_test_setup_teardown(the_end_of_a_stream_is_told, make_place, remove_place),
	    cmocka_unit_test_setup_teardown(
		refusals_and_nonsense_are_no_answers, make_place, remove_place),
	    cmocka_unit_test_setup_teardown(silence_is_told, make_place, remove_place),
	    cmocka_unit_test_setup_teardown(standstill_is_told, make_place, remove_place),
	    cmocka_unit_test_setup_teardown(nobody_there_is_told, make_place, remove_place),
	};

	alarm(30);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
