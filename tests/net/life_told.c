/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running daemon tells: over its control socket, by sluice, to the service manager. See
 * life.h. */
#include "life.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <jansson.h>

enum { TOLD_MS = 3000, ANSWER_MAX = 1 << 20 };

static struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	return address;
}

/* One question and the line that answers it. */
static json_t *
ask(const char *request)
{
	struct sockaddr_un address = address_of(lab_path("control"));
	int fd = lab_socket(LAB_GATEWAY, AF_UNIX, SOCK_STREAM, 0);
	char line[64], *answer = calloc(1, ANSWER_MAX);
	size_t used = 0;
	json_t *object;

	snprintf(line, sizeof(line), "{\"request\":\"%s\"}\n", request);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, line, strlen(line), 0), strlen(line));
	while (!memchr(answer, '\n', used)) {
		ssize_t n = recv(fd, &answer[used], ANSWER_MAX - 1 - used, 0);

		assert_true(n > 0);
		used += (size_t)n;
	}
	close(fd);
	object = json_loads(answer, 0, NULL);
	assert_non_null(object);
	free(answer);
	return object;
}

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static json_int_t
number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* One permitted write, one forbidden one. */
static void
work(void)
{
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	assert_true(client_ask(fd, message_permitted, TOLD_MS, NULL));
	assert_false(client_ask(fd, message_forbidden, 300, NULL));
	client_close(fd);
}

static void
status_counts_what_was_done(void **state)
{
	json_t *status, *engine, *channel, *conduit;

	work();
	status = ask("status");
	engine = json_object_get(status, "engine");
	channel = json_array_get(json_object_get(status, "channels"), 0);
	conduit = json_array_get(json_object_get(status, "conduits"), 0);
	assert_true(json_is_true(json_object_get(status, "ok")));
	assert_int_equal(strlen(text_of(json_object_get(status, "policy"), "hash")), 64);
	assert_string_equal(text_of(json_object_get(status, "policy"), "site"), "Laboratory");
	assert_string_equal(text_of(json_object_get(status, "kernel"), "table"), "in force");
	assert_true(
	    json_is_integer(json_object_get(json_object_get(status, "kernel"), "landlock")));
	assert_int_equal(number_of(json_object_get(engine, "reasons"), "point-denied"), 1);
	assert_int_equal(number_of(engine, "messages"), 5);
	assert_string_equal(text_of(channel, "name"), "line/hmi");
	assert_int_equal(number_of(channel, "messages"), 5);
	assert_int_equal(number_of(channel, "denied"), 1);
	assert_string_equal(text_of(conduit, "name"), "line");
	assert_int_equal(number_of(conduit, "messages"), 5);
	assert_int_equal(number_of(conduit, "denied"), 1);
	assert_int_equal(number_of(json_object_get(conduit, "reasons"), "point-denied"), 1);
	json_decref(status);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "%s status --control %s | grep -q '^  point-denied  *1$'",
		SLUICE, lab_path("control")),
	    0);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY,
		"%s status --control %s | grep -A1 '^  line ' | grep -q '^    point-denied  *1$'",
		SLUICE, lab_path("control")),
	    0);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "%s status --control %s | grep -q '^walls of inspectors: '",
		SLUICE, lab_path("control")),
	    0);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "%s status --json --control %s | grep -q '\"point-denied\": *1'",
		SLUICE, lab_path("control")),
	    0);
}

/* Every line of the text is a comment, or a name that a TYPE announced, labels and a number. */
static void
metrics_are_in_the_form_of_prometheus(void **state)
{
	json_t *answer;

	work();
	answer = ask("metrics");
	lab_file_write(lab_path("metrics"), text_of(answer, "metrics"));
	json_decref(answer);
	assert_int_equal(lab_shell(LAB_GATEWAY, "%s %s", METRICS_CHECK, lab_path("metrics")), 0);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "! command -v promtool || promtool check metrics <%s",
		lab_path("metrics")),
	    0);
	/* what the dashboard shows is among them */
	assert_int_equal(lab_shell(LAB_GATEWAY, "%s --dashboard %s %s", METRICS_CHECK, DASHBOARD,
			     lab_path("metrics")),
	    0);
	assert_true(lab_file_wait(
	    lab_path("metrics"), 0, "sluice_reason_total{reason=\"point-denied\"} 1\n", 0));
	assert_true(lab_file_wait(lab_path("metrics"), 0,
	    "sluice_channel_denied_total{conduit=\"line\",channel=\"hmi\"} 1\n", 0));
	assert_true(lab_file_wait(lab_path("metrics"), 0,
	    "sluice_conduit_reason_total{conduit=\"line\",reason=\"point-denied\"} 1\n", 0));
}

static void
reload_is_answered_when_it_is_done(void **state)
{
	json_t *before, *after;

	life_start(&(struct gate_policy){0}, NULL);
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "drop"});
	before = ask("reload");
	assert_true(json_is_true(json_object_get(before, "ok")));
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "sometimes"});
	after = ask("reload");
	assert_true(json_is_false(json_object_get(after, "ok")));
	assert_non_null(text_of(after, "error"));
	json_decref(after);
	after = ask("status");
	assert_string_equal(
	    text_of(json_object_get(after, "policy"), "hash"), text_of(before, "policy"));
	json_decref(before);
	json_decref(after);
}

/* Runs `sluice` with the control socket; its exit status. What it prints is in shell.out. */
static int
sluice(const char *words)
{
	lab_file_write(lab_path("shell.out"), "");
	return lab_shell(LAB_GATEWAY, "%s %s --control %s", SLUICE, words, lab_path("control"));
}

static bool
printed(const char *text)
{
	return lab_file_wait(lab_path("shell.out"), 0, text, 0);
}

/* A named number of the metrics as the shell asks for it: one sample, or the sum of several. */
#define METRIC(pattern) "$(awk '/^" pattern "/ { n += $NF } END { print n + 0 }' %1$s)"

/* Each packet that was judged took its time, and that is in one bucket. */
static void
judging_is_told_in_buckets(void **state)
{
	work();
	assert_int_equal(sluice("metrics"), 0);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY,
		"n=" METRIC("sluice_packets_total") "; test $n -gt 5 -a $n = " METRIC(
		    "sluice_judging_seconds_bucket.*Inf") " -a $n = " METRIC("sluice_judging_"
									     "seconds_count"),
		lab_path("shell.out")),
	    0);
	/* more than nothing, and less than a second each */
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "awk '/^sluice_judging_seconds_sum/ { s += $2 } "
			     "/^sluice_judging_seconds_count/ { n += $2 } "
			     "END { exit !(s > 0 && s < n) }' %s",
			     lab_path("shell.out")),
	    0);
}

/* What the kernel has dropped by itself is told with the kernel's own numbers. */
static void
drops_agree_with_the_kernel(void **state)
{
	work();
	lab_shell(LAB_SUPERVISION,
	    "for i in 1 2 3; do timeout 0.2 "
	    "bash -c '>/dev/tcp/10.20.0.11/81'; done 2>/dev/null");
	assert_int_equal(sluice("metrics"), 0);
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "k=$(nft list counters table inet sluice | awk '$2 == "
			     "\"reason/no-channel\" { f = 1 } "
			     "f && $1 == \"packets\" { print $2; exit }'); test \"$k\" -ge 3 -a "
			     "\"$k\" = " METRIC("sluice_kernel_dropped_total.reason=.no-channel"),
			     lab_path("shell.out")),
	    0);
}

/* What `sluice metrics` prints of a channel is what the kernel has counted. */
static void
metrics_agree_with_the_kernel(void **state)
{
	work();
	assert_int_equal(sluice("metrics"), 0);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY,
		"%s metrics --control %s | awk -v k=$(nft list counters table inet sluice "
		"| awk '$2 == \"line/hmi\" { f = 1 } f && $1 == \"packets\" { print $2; "
		"exit }') '/^sluice_channel_packets_total.*\"hmi\"/ { found = $2 } "
		"END { exit !(found > 0 && found == k) }'",
		SLUICE, lab_path("control")),
	    0);
	assert_int_equal(sluice("metrics"), 0);
	assert_true(printed("sluice_events_unwritten 0\n"));
	assert_true(printed("sluice_events_lost_total 0\n"));
	assert_int_equal(sluice("metrics --json"), 0);
	assert_true(printed("{\"metrics\":\"# HELP "));
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_int_equal(sluice("metrics"), 2);
}

/* Connections are shown with what was last asked and why it was refused; words say which. */
static void
connections_are_shown(void **state)
{
	int open, refused;

	life_start(&(struct gate_policy){.on_deny = "drop"}, NULL);
	open = life_connect();
	assert_true(life_reads(open, TOLD_MS));
	refused = life_connect();
	assert_false(client_ask(refused, message_forbidden, 300, NULL));
	assert_int_equal(sluice("flows"), 0);
	assert_true(printed("10.20.0.11:502 line/hmi open, age "));
	assert_true(printed("; asked read-holding-registers unit 1 holding:"));
	assert_true(printed("line/hmi denied, age "));
	assert_true(
	    printed("; asked write-single-register unit 1 holding:50; refused: point-denied\n"));
	assert_int_equal(sluice("flows channel hmi denied server 10.20.0.11"), 0);
	assert_true(printed("holding:50; refused"));
	assert_false(printed("line/hmi open"));
	assert_int_equal(sluice("flows allowed"), 0);
	assert_true(printed("line/hmi open"));
	assert_false(printed("denied"));
	assert_int_equal(sluice("flows client nobody"), 2);
	assert_int_equal(sluice("flows channel other"), 0);
	assert_int_equal(lab_file_wait(lab_path("shell.out"), 0, "line", 0), 0);
	assert_int_equal(sluice("flows --json reason point-denied"), 0);
	assert_true(
	    printed("\"asked\":{\"function\":\"write-single-register\",\"unit\":\"1\",\"points\":"
		    "\"holding:50\",\"more\":0}"));
	client_close(open);
	client_close(refused);
}

/* The word stands among the findings of the status. */
static bool
found(const char *word)
{
	json_t *status = ask("status"), *finding;
	bool is = false;
	size_t i;

	json_array_foreach(json_object_get(status, "findings"), i, finding)
	{
		is |= strcmp(text_of(finding, "what"), word) == 0;
	}
	json_decref(status);
	return is;
}

static void
reload_has_an_exit_status(void **state)
{
	size_t before = lab_file_size(lab_path("shell.err"));

	life_start(&(struct gate_policy){0}, NULL);
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "drop"});
	assert_int_equal(sluice("reload"), 0);
	assert_true(printed(" is in force, after "));
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "sometimes"});
	assert_int_equal(sluice("reload"), 1);
	assert_true(lab_file_wait(lab_path("shell.err"), before, "life.conf:", 0));
	assert_int_equal(sluice("reload --json"), 1);
	assert_true(printed("\"lines\""));
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_int_equal(sluice("reload"), 2);
}

/* A night's reload that was refused is there to be seen in the morning, until the file is good. */
static void
status_says_whether_all_is_fine(void **state)
{
	life_start(&(struct gate_policy){.when_down = "open"}, NULL);
	assert_int_equal(sluice("status"), 0);
	assert_true(printed("fine\n"));
	assert_true(printed("  line                      enforce    reset       open "));
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "drop"});
	lab_sleep_ms(1100);
	assert_int_equal(sluice("status"), 1);
	assert_true(found("file-differs"));
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "sometimes"});
	assert_int_equal(sluice("reload"), 1);
	assert_true(found("reload-failed"));
	assert_int_equal(sluice("status"), 1);
	assert_true(printed("look here:\n"));
	assert_true(printed("life.conf:"));
	assert_int_equal(sluice("status --json"), 1);
	assert_true(printed("\"look here\""));
	gate_write_policy("life.conf", &(struct gate_policy){0});
	assert_int_equal(sluice("reload"), 0);
	assert_int_equal(sluice("status"), 0);
}

/* What the kernel drops by itself is counted by reason. */
static void
status_counts_what_the_kernel_drops(void **state)
{
	json_t *status, *drops;

	life_start(&(struct gate_policy){0}, NULL);
	assert_true(client_connect_from("10.10.0.20", PLC1, 200) < 0);
	status = ask("status");
	drops = json_object_get(json_object_get(status, "kernel"), "drops");
	assert_true(number_of(drops, "no-channel") > 0);
	assert_int_equal(number_of(drops, "wrong-zone"), 0);
	json_decref(status);
	assert_int_equal(sluice("status"), 0);
	assert_true(printed("Dropped by the kernel\n  no-channel "));
}

/* Somebody tries many ports: one event at once with who, what and where, and no thousand. */
static void
kernel_drops_are_told(void **state)
{
	size_t before = lab_file_size(gate_events());
	char *said;
	unsigned count = 0;

	life_start(&(struct gate_policy){0}, NULL);
	lab_sleep_ms(1200); /* until somebody listens */
	assert_int_equal(
	    lab_shell(LAB_SUPERVISION,
		"for p in $(seq 1000 1200); do head -c 1000 /dev/zero | timeout 1 bash -c "
		"\"cat > /dev/udp/10.20.0.12/$p\" 2>/dev/null; done"),
	    0);
	assert_true(client_connect_from("10.10.0.20", PLC1, 100) < 0);
	assert_true(lab_file_wait(gate_events(), before, "\"src_ip\":\"10.10.0.5\"", TOLD_MS));
	assert_true(lab_file_wait(gate_events(), before, "\"src_ip\":\"10.10.0.20\"", TOLD_MS));
	said = lab_file_read(gate_events(), before);
	for (const char *at = said; (at = strstr(at, "\"event_type\":\"drop\"")) != NULL; at++)
		count++;
	assert_int_equal(count, 2);
	assert_non_null(strstr(said, "\"dest_ip\":\"10.20.0.12\""));
	assert_non_null(strstr(said, "\"dest_port\":502"));
	assert_non_null(strstr(said, "\"dest_port\":1000"));
	assert_non_null(strstr(said, "\"in_iface\":\"eth0\""));
	assert_non_null(strstr(said, "\"reason\":\"no-channel\""));
	assert_non_null(strstr(said, "\"zone_from\":\"supervision\""));
	free(said);
	lab_file_write(lab_path("shell.out"), "");
	assert_int_equal(lab_shell(LAB_GATEWAY, "%s events %s", SLUICE, gate_events()), 0);
	assert_true(printed(" DROP 10.10.0.20:"));
	assert_true(printed(" > 10.20.0.11:502 from eth0: no-channel\n"));
}

/* Who listens to hostile packets has no power, and is replaced when it dies. */
static void
listener_is_replaced(void **state)
{
	size_t before = lab_file_size(gate_events());

	life_start(&(struct gate_policy){0}, NULL);
	lab_sleep_ms(1200);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY,
		"p=$(pgrep -x sluiced:log) && grep -q '^CapEff:\t0*$' /proc/$p/status && "
		"grep -q '^Seccomp:\t2$' /proc/$p/status && kill -SEGV $p"),
	    0);
	assert_true(lab_file_wait(gate_events(), before, "\"listener-died\"", TOLD_MS));
	lab_sleep_ms(1200);
	assert_true(client_connect_from("10.10.0.20", PLC1, 100) < 0);
	assert_true(lab_file_wait(gate_events(), before, "\"src_ip\":\"10.10.0.20\"", TOLD_MS));
}

static void
status_names_a_policy_that_was_fallen_back_from(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	assert_int_equal(gate_stop(SIGTERM), 0);
	gate_start("/nowhere/sluice.conf", NULL);
	assert_int_equal(sluice("status"), 1);
	assert_true(found("policy-fallback"));
	assert_true(printed("/nowhere/sluice.conf"));
}

static void
events_come_as_they_happen(void **state)
{
	const char *arguments[] = {SLUICE, "events", "--control", NULL, NULL};
	pid_t reader;
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	arguments[3] = lab_path("control");
	reader = lab_start(LAB_GATEWAY, "events", arguments);
	lab_sleep_ms(300); /* until it listens */
	fd = life_connect();
	assert_false(client_ask(fd, message_forbidden, 300, NULL));
	client_close(fd);
	assert_true(lab_file_wait(lab_path("events.out"), 0, "DENY 10.10.0.5:", TOLD_MS));
	assert_true(lab_file_wait(lab_path("events.out"), 0, "holding:50 = 7: point-denied", 0));
	lab_stop(reader, SIGINT);
}

static void
a_denial_tells_interface_and_bytes(void **state)
{
	work();
	assert_true(lab_file_wait(gate_events(), 0, "\"in_iface\":\"eth0\"", TOLD_MS));
	assert_true(lab_file_wait(gate_events(), 0, "\"payload\":\"", 0));
}

static void
nobody_else_is_told_anything(void **state)
{
	size_t before = lab_file_size(lab_path("shell.err"));

	life_start(&(struct gate_policy){0}, NULL);
	assert_int_equal(lab_shell(LAB_GATEWAY, "%s status --control %s", life_as_nobody(SLUICE),
			     lab_path("control")),
	    2);
	assert_true(lab_file_wait(lab_path("shell.err"), before, "ermission", 0));
}

/* The next word of the daemon to its service manager that begins with `word`. */
static void
manager_hears(int fd, const char *word)
{
	char text[256];
	ssize_t n;

	do {
		n = recv(fd, text, sizeof(text) - 1, 0);
		assert_true(n > 0);
		text[n] = '\0';
	} while (strncmp(text, word, strlen(word)) != 0);
}

static void
service_manager_is_told(void **state)
{
	struct sockaddr_un address = address_of(lab_path("notify"));
	struct timeval patience = {.tv_sec = TOLD_MS / 1000};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	life_start(&(struct gate_policy){0}, NULL);
	unsetenv("NOTIFY_SOCKET");
	manager_hears(fd, "READY=1");
	manager_hears(fd, "STATUS=");
	manager_hears(fd, "WATCHDOG=1");
	gate_signal(SIGHUP);
	manager_hears(fd, "RELOADING=1\nMONOTONIC_USEC=");
	manager_hears(fd, "READY=1");
	gate_stop(SIGTERM);
	manager_hears(fd, "STOPPING=1");
	close(fd);
}

const struct CMUnitTest life_told_tests[] = {
    LIFE_TEST(status_counts_what_was_done),
    LIFE_TEST(metrics_are_in_the_form_of_prometheus),
    LIFE_TEST(metrics_agree_with_the_kernel),
    LIFE_TEST(judging_is_told_in_buckets),
    LIFE_TEST(connections_are_shown),
    LIFE_TEST(drops_agree_with_the_kernel),
    LIFE_TEST(reload_is_answered_when_it_is_done),
    LIFE_TEST(reload_has_an_exit_status),
    LIFE_TEST(status_says_whether_all_is_fine),
    LIFE_TEST(status_counts_what_the_kernel_drops),
    LIFE_TEST(kernel_drops_are_told),
    LIFE_TEST(listener_is_replaced),
    LIFE_TEST(status_names_a_policy_that_was_fallen_back_from),
    LIFE_TEST(events_come_as_they_happen),
    LIFE_TEST(a_denial_tells_interface_and_bytes),
    LIFE_TEST(nobody_else_is_told_anything),
    LIFE_TEST(service_manager_is_told),
};
const size_t life_told_count = sizeof(life_told_tests) / sizeof(life_told_tests[0]);
