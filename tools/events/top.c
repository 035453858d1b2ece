/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice top: channels, rates, denials, time of judging and newest events, over and over.
 *
 * Made for a serial console of 80 columns and 24 lines: four sequences that a VT100 knows, no
 * colours.  A curses library would know more terminals; it would also bring a database of them to a
 * gateway, for four sequences.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "control.h"
#include "output.h"
#include "terminal.h"
#include "top_feed.h"
#include "top_screen.h"

enum { OPTION_ONCE, OPTION_SECONDS, OPTION_CONTROL, OPTION_JSON };

enum { SECONDS_MAX = 60, LINES_NORMAL = 24, COLUMNS_NORMAL = 80, COLUMNS_MAX = 200 };

static const struct option_row options[] = {
    [OPTION_ONCE] = {"once", 'o', NULL, "once, as plain lines, and end"},
    [OPTION_SECONDS] = {"seconds", 's', "N", "between two looks, 1 to 60 (1)"},
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "one JSON object each time"},
};

static volatile sig_atomic_t ended, resized;

static void
note_signal(int number)
{
	if (number == SIGWINCH)
		resized = 1;
	else
		ended = 1;
}

struct top {
	const char *path;
	bool once, json, quit;
	unsigned long seconds;
	struct top_screen screen;
	struct top_feed feed;
	struct termios former; /* settings of the terminal */
	json_t *before;
	json_t *now;
	double apart_s; /* from `before` to `now` */
	uint64_t looked_ms;
};

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* 0, or -errno after it was told. */
static int
look(struct top *top)
{
	uint64_t at = now_ms();
	json_t *status = NULL;
	int r = control_ask(
	    "top", top->path, json_pack("{s:s}", "request", "status"), &status, NULL, NULL);

	if (r < 0)
		return r;
	json_decref(top->before);
	top->before = top->now;
	top->now = status;
	top->apart_s = (double)(at - top->looked_ms) / 1000;
	top->looked_ms = at;
	return 0;
}

static size_t
within(size_t number, size_t least, size_t most)
{
	return number < least ? least : number > most ? most : number;
}

/* A serial line tells no size: then it is that of a VT100. */
static void
measure(struct top_screen *screen)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
		size = (struct winsize){.ws_row = LINES_NORMAL, .ws_col = COLUMNS_NORMAL};
	screen->lines = within(size.ws_row, TOP_LINES_MIN, 1000);
	screen->columns = within(size.ws_col, TOP_COLUMNS_MIN, COLUMNS_MAX);
}

static void
draw(struct top *top)
{
	for (size_t i = 0; i < TOP_EVENTS_MAX; i++)
		top->screen.events[i] = top->feed.texts[i];
	top_screen_draw(stdout, &top->screen, top->before, top->now, top->apart_s);
	fflush(stdout);
}

static void
choose(struct top *top, int step)
{
	size_t count = json_array_size(json_object_get(top->now, "conduits")) + 1;

	top->screen.conduit = (top->screen.conduit + count + (size_t)(step + (int)count)) % count;
}

/* Keys, an arrow being ESC [ A to D or ESC O A to D. */
static void
take_keys(struct top *top)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n == 0)
		top->quit = true;
	for (ssize_t i = 0; i < n; i++) {
		bool arrow = keys[i] == '\033' && i + 2 < n && strchr("[O", keys[i + 1]);

		if (arrow && strchr("BC", keys[i + 2]))
			choose(top, 1);
		else if (arrow && strchr("AD", keys[i + 2]))
			choose(top, -1);
		else if (keys[i] == ' ')
			top->screen.paused = !top->screen.paused;
		else if (keys[i] == 'q' || keys[i] == 'Q')
			top->quit = true;
		i += arrow ? 2 : 0;
	}
}

/* Keys, events or the time of the next look. False: it is that time. */
static bool
wait_for_something(struct top *top)
{
	uint64_t next = top->looked_ms + top->seconds * 1000, now = now_ms();
	struct pollfd files[] = {
	    {.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = top->feed.fd, .events = POLLIN},
	};
	struct timespec pause;
	sigset_t none;

	if (now >= next)
		return false;
	pause = (struct timespec){.tv_sec = (time_t)((next - now) / 1000),
	    .tv_nsec = (long)((next - now) % 1000) * 1000000};
	sigemptyset(&none);
	if (ppoll(files, 2, &pause, &none) < 0)
		files[0].revents = files[1].revents = 0;
	if (files[0].revents)
		take_keys(top);
	if (files[1].revents)
		top_feed_read(&top->feed);
	if (resized)
		measure(&top->screen);
	resized = 0;
	return true;
}

static int
watch(struct top *top)
{
	int r = look(top);

	while (r == 0 && !ended && !top->quit) {
		draw(top);
		if (wait_for_something(top))
			continue;
		if (!top->screen.paused)
			r = look(top);
		else
			top->looked_ms = now_ms();
	}
	return r;
}

/* They come while it waits only: in a conversation with the daemon they would end that. */
static void
catch_signals(void)
{
	static const int numbers[] = {SIGWINCH, SIGINT, SIGTERM, SIGHUP};
	struct sigaction note = {.sa_handler = note_signal};
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaddset(&held, numbers[i]);
		sigaction(numbers[i], &note, NULL);
	}
	sigprocmask(SIG_BLOCK, &held, NULL);
}

/* A screen without echo, whose keys come at once; Ctrl-C still interrupts. */
static int
watch_terminal(struct top *top)
{
	struct termios raw;
	int r;

	if (tcgetattr(STDIN_FILENO, &top->former) < 0) {
		complain("top: standard input is no terminal; `sluice top --once` needs none");
		return -ENOTTY;
	}
	catch_signals();
	raw = top->former;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	top->screen.sequences = true;
	measure(&top->screen);
	top_feed_open(&top->feed, top->path);
	fputs("\033[H\033[J", stdout);
	r = watch(top);
	fputs("\r\n", stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &top->former);
	return r;
}

/* Two looks, and what changed in between; with JSON again and again. */
static int
watch_lines(struct top *top)
{
	struct timespec pause = {.tv_sec = (time_t)top->seconds};
	int r;

	top->screen.lines = LINES_NORMAL;
	top->screen.columns = COLUMNS_NORMAL;
	top_feed_open(&top->feed, top->path);
	r = look(top);
	do {
		nanosleep(&pause, NULL);
		r = r == 0 ? look(top) : r;
		if (r < 0)
			break;
		top_feed_read(&top->feed);
		if (top->json)
			output_json(top_screen_object(top->before, top->now, top->apart_s));
		else
			draw(top);
		fflush(stdout);
	} while (!top->once && !ferror(stdout));
	return r;
}

static enum answer
run(const struct arguments *arguments)
{
	const char *path = arguments->values[OPTION_CONTROL], *term = getenv("TERM");
	struct top *top = calloc(1, sizeof(*top));
	int r;

	if (!top) {
		complain("top: out of memory");
		return ANSWER_UNKNOWN;
	}
	top->path = path ? path : control_default_path;
	top->json = arguments->values[OPTION_JSON];
	top->once = arguments->values[OPTION_ONCE];
	top->seconds = 1;
	top->feed.fd = -1;
	r = command_number(&top_command, arguments, OPTION_SECONDS, 1, SECONDS_MAX, &top->seconds);
	if (r == 0 && !top->once && !top->json &&
	    (!isatty(STDOUT_FILENO) || !term || strcmp(term, "dumb") == 0)) {
		complain("top: standard output is no terminal that can move its cursor; "
			 "`sluice top --once` needs none");
		r = -ENOTTY;
	}
	if (r == 0)
		r = top->once || top->json ? watch_lines(top) : watch_terminal(top);
	top_feed_close(&top->feed);
	json_decref(top->before);
	json_decref(top->now);
	free(top);
	return r < 0 ? ANSWER_UNKNOWN : ANSWER_YES;
}

const struct command top_command = {
    .name = "top",
    .operands = "",
    .summary = "Watch channels, rates, denials and newest events",
    .text =
	"For a terminal of any size from 40 columns and 10 lines on, a serial console too.\n"
	"Keys: q ends, space stops and goes on, arrows choose a conduit.  Exit status: 0, or 2\n"
	"if no daemon answers (any more).",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
};
