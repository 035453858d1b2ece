/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gate: sluiced in the gateway namespace. See gate.h. */
#include "gate.h"

#include "lab.h"

#include <ctype.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START_MS = 60000 }; /* an emulated machine is slow */

static pid_t supervisor; /* or who starts it again and again */
static bool kept;

static const char usual_clients[] = "\"hmi\", \"hmi6\", \"attacker\", \"attacker6\"";

static const char usual_rules[] =
    "{ access = [\"read\"]; points = [\"holding:0-199\", \"input:0-199\"]; },\n"
    "\t{ functions = [\"write-single-register\", \"write-multiple-registers\"]; units = [\"1\"];\n"
    "\t  points = [\"holding:40-42\"]; values = [\"0-1500\"]; },\n"
    "\t{ functions = [\"write-single-register\", \"write-multiple-registers\"]; units = [\"1\"];\n"
    "\t  points = [\"holding:60-61\"]; type = \"int32\"; values = [\"0-70000\"]; },\n"
    "\t{ functions = [\"restart-communications\", \"write-single-register\"]; units = [\"1\"];\n"
    "\t  points = [\"holding:70\"]; values = [\"0-10\"]; },\n"
    "\t{ functions = [\"write-single-register\"]; units = [\"*\"]; points = [\"holding:80\"]; },\n"
    "\t{ functions = [\"read-write-multiple-registers\"]; units = [\"1\"]; points = "
    "[\"holding:40-42\"]; }";

static const char zones[] =
    "zones: {\n"
    "  supervision: { class = \"control\"; sl_t = 2; interfaces = [\"eth0\"];\n"
    "    networks = [\"10.10.0.0/24\", \"fd00:10::/64\"];\n"
    "    assets: { hmi = \"10.10.0.5\"; hmi6 = \"fd00:10::5\"; engineering = \"10.10.0.20\";\n"
    "      attacker = \"10.10.0.66\"; attacker6 = \"fd00:10::66\"; }; };\n"
    "  pumps: { class = \"control\"; sl_t = 3; interfaces = [\"eth1\"];\n"
    "    networks = [\"10.20.0.0/24\", \"fd00:20::/64\"];\n"
    "    assets: { plc1 = \"10.20.0.11\"; plc1v6 = \"fd00:20::11\"; plc2 = \"10.20.0.12\";\n"
    "      rtu1 = \"10.20.0.31\"; rtu1v6 = \"fd00:20::31\"; }; };\n"
    "};\n";

static const char bridged_zones[] =
    "zones: {\n"
    "  supervision: { class = \"control\"; sl_t = 2; bridge = \"br0\"; interfaces = [\"eth0\"];\n"
    "    networks = [\"10.10.0.0/24\"];\n"
    "    assets: { hmi = \"10.10.0.5\"; engineering = \"10.10.0.20\"; attacker = "
    "\"10.10.0.66\"; }; };\n"
    "  pumps: { class = \"control\"; sl_t = 3; bridge = \"br0\"; interfaces = [\"eth1\"];\n"
    "    assets: { plc1 = \"10.20.0.11\"; plc2 = \"10.20.0.12\"; rtu1 = \"10.20.0.31\"; }; };\n"
    "};\n";

static const char frame[] =
    "%s%s%s%ssite: { name = \"Laboratory\"; owner = \"tests\"; };\n"
    "%s"
    "conduits: {\n"
    "  line: { from = \"supervision\"; to = \"pumps\"; mode = \"%s\"; on_deny = \"%s\"; when_down "
    "= \"%s\";\n"
    "    rationale = \"Tests.\";\n"
    "    channels: (\n"
    "      { name = \"hmi\"; clients = [%s]; servers = [\"plc1\", \"plc1v6\", \"plc2\", \"rtu1\", "
    "\"rtu1v6\"];\n"
    "        protocol = \"%s\"; pickup = \"%s\"; %s\n"
    "        rules: (\n\t%s ); },\n"
    "      { name = \"web\"; clients = [\"hmi\"]; servers = [\"rtu1\"]; protocol = \"tcp\"; port = "
    "8080; }%s\n"
    "    );\n"
    "  };\n"
    "};\n";

static const char * or (const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

/* A bridge has no IPv6 yet: the hosts go from all lists, of which they are never the first. */
static void
leave_out_ipv6(char *text)
{
	static const char *const names[] = {
	    ", \"hmi6\"", ", \"attacker6\"", ", \"plc1v6\"", ", \"rtu1v6\""};
	char *at;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		while ((at = strstr(text, names[i])) != NULL)
			memmove(at, at + strlen(names[i]), strlen(at + strlen(names[i])) + 1);
}

const char *
gate_write_policy(const char *name, const struct gate_policy *p)
{
	const char *mask = getenv("GATE_MARK_MASK");
	char *text;

	/* once more with the kernel judging what it can */
	if (asprintf(&text, frame, getenv("GATE_FAST_PATH") ? "fast_path = \"auto\";\n" : "",
		mask ? "mark_mask = \"" : "", or (mask, ""), mask ? "\";\n" : "",
		lab_bridged() ? bridged_zones : zones, or (p->mode, "enforce"),
		or (p->on_deny, "reset"), or (p->when_down, "closed"),
		or (p->clients, usual_clients), or (p->protocol, "modbus"), or (p->pickup, "reset"),
		or (p->settings, ""), or (p->rules, usual_rules), or (p->extra, "")) < 0)
		lab_fail("no memory");
	if (lab_bridged())
		leave_out_ipv6(text);
	lab_file_write(lab_path(name), text);
	free(text);
	return lab_path(name);
}

const char *
gate_events(void)
{
	return lab_path("events.json");
}

const char *
gate_state(void)
{
	return lab_path("state");
}

const char *
gate_log(void)
{
	return lab_path("gate.err");
}

enum { ARGUMENTS_MAX = 24 };

/* Somebody else who sets bits of both marks of each packet, and drops those that have lost them. */
static int
add_others(uint32_t bits)
{
	return lab_shell(LAB_GATEWAY,
	    "nft 'add table inet others; delete table inet others; table inet others {\n"
	    " chain before { type filter hook prerouting priority mangle;\n"
	    "  ct mark set ct mark | 0x%x; meta mark set meta mark | 0x%x;\n }\n"
	    " chain behind { type filter hook forward priority 10;\n"
	    "  ct mark & 0x%x != 0x%x drop; meta mark & 0x%x != 0x%x drop;\n }\n}'",
	    bits, bits, bits, bits, bits, bits);
}

/* `by`: what stands before the program, ended by NULL. */
static void
start_by(const char *const *by, const char *policy_file, const char *const *more)
{
	size_t before = lab_file_size(gate_events()), count = 0;
	const char *mask = getenv("GATE_MARK_MASK");
	const char *usual[] = {SLUICED, "-c", policy_file, "--control", lab_path("control"),
	    "--state", gate_state(), "--events", gate_events()};
	const char *arguments[ARGUMENTS_MAX] = {NULL};
	char *said;

	while (*by)
		arguments[count++] = *by++;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		arguments[count++] = usual[i];
	while (more && *more && count < ARGUMENTS_MAX - 1)
		arguments[count++] = *more++;
	if (mask && add_others(~(uint32_t)strtoul(mask, NULL, 16)) != 0)
		lab_fail("the table of the others was refused");
	supervisor = lab_start(LAB_GATEWAY, "gate", arguments);
	if (gate_note_wait(before, "start", START_MS))
		return;
	said = lab_file_read(gate_log(), 0);
	lab_fail("sluiced does not start:\n%s", said);
}

void
gate_start(const char *policy_file, const char *const *more)
{
	kept = false;
	start_by((const char *[]){NULL}, policy_file, more);
}

void
gate_start_kept(const char *policy_file, const char *const *more)
{
	kept = true;
	start_by((const char *[]){KEEPER, lab_path("notify"), NULL}, policy_file, more);
}

/* The shell puts the copy in the place of the usual program. */
void
gate_start_copy(const char *copy, const char *policy_file)
{
	char *words;

	if (asprintf(&words, "shift; exec %s \"$@\"", copy) < 0)
		lab_fail("no memory");
	kept = false;
	start_by((const char *[]){"sh", "-c", words, "sh", NULL}, policy_file, NULL);
	free(words);
}

/* The only child of who keeps it. */
pid_t
gate_pid(void)
{
	char path[64];
	FILE *file;
	long pid = 0;

	if (!kept)
		return supervisor;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)supervisor, (int)supervisor);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%ld", &pid) != 1)
		pid = 0;
	if (file)
		fclose(file);
	return (pid_t)pid;
}

const char *
gate_program(void)
{
	return SLUICED;
}

int
gate_run(const char *const *arguments)
{
	const char *all[ARGUMENTS_MAX] = {SLUICED, "--state", gate_state()};

	for (size_t i = 0; arguments[i] && i + 3 < ARGUMENTS_MAX - 1; i++)
		all[i + 3] = arguments[i];
	return lab_run(LAB_GATEWAY, "gate", all);
}

void
gate_signal(int number)
{
	pid_t pid = gate_pid();

	if (pid <= 0 || kill(pid, number) < 0)
		lab_fail("sluiced has gone");
}

int
gate_stop(int number)
{
	pid_t pid = supervisor;

	supervisor = 0;
	return pid > 0 ? lab_stop(pid, number) : 0;
}

/* Not the one that listens for what the kernel drops; one that has no name yet is an inspector. */
static bool
is_inspector(long pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	file = fopen(path, "re");
	if (file && !fgets(name, sizeof(name), file))
		name[0] = '\0';
	if (file)
		fclose(file);
	return strncmp(name, "sluiced:log", strlen("sluiced:log")) != 0;
}

size_t
gate_inspectors(pid_t ret_pids[GATE_INSPECTORS_MAX])
{
	char path[64];
	size_t count = 0;
	long pid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)gate_pid(), (int)gate_pid());
	file = fopen(path, "re");
	while (file && count < GATE_INSPECTORS_MAX && fscanf(file, "%ld", &pid) == 1)
		if (is_inspector(pid))
			ret_pids[count++] = (pid_t)pid;
	if (file)
		fclose(file);
	return count;
}

/* Does `test` say yes to one of the events behind `offset` before the time is over? */
static bool
wait_event(size_t offset, unsigned ms, bool (*test)(const json_t *event, const void *what),
    const void *what)
{
	uint64_t end = lab_now_ms() + ms;
	bool found = false;

	do {
		char *text = lab_file_read(gate_events(), offset > 0 ? offset - 1 : 0),
		     *rest = text, *line;

		if (offset > 0) /* the line that was being written at that time is not looked at */
			strsep(&rest, "\n");
		while (!found && rest && (line = strsep(&rest, "\n")) && rest) {
			json_t *event = json_loads(line, 0, NULL);

			if (!event)
				lab_fail("this event is no JSON: %s", line);
			found = test(event, what);
			json_decref(event);
		}
		free(text);
		if (!found)
			lab_sleep_ms(5);
	} while (!found && lab_now_ms() < end);
	return found;
}

struct wanted {
	uint16_t port;
	const char *reason;
	bool monitor;
};

static bool
is_wanted(const json_t *event, const void *what)
{
	const struct wanted *wanted = what;
	const json_t *sluice = json_object_get(event, "sluice");
	const char *reason = json_string_value(json_object_get(sluice, "reason"));
	const char *verdict = json_string_value(json_object_get(sluice, "verdict"));
	json_int_t source = json_integer_value(json_object_get(event, "src_port"));
	json_int_t destination = json_integer_value(json_object_get(event, "dest_port"));

	if (!reason || !verdict || strcmp(reason, wanted->reason) != 0)
		return false;
	if (wanted->port != 0 && source != wanted->port && destination != wanted->port)
		return false;
	if (wanted->monitor)
		return json_is_true(json_object_get(sluice, "would_deny"));
	return strcmp(verdict, "deny") == 0;
}

bool
gate_event_wait(size_t offset, uint16_t port, const char *reason, bool monitor, unsigned ms)
{
	return wait_event(offset, ms, is_wanted, &(struct wanted){port, reason, monitor});
}

struct done {
	uint16_t port;
	char **word;
};

/* Never the one that is wanted: the last counts. */
static bool
note_done(const json_t *event, const void *what)
{
	const struct done *done = what;
	const json_t *sluice = json_object_get(event, "sluice");
	const char *word = json_string_value(json_object_get(sluice, "on_deny"));
	json_int_t source = json_integer_value(json_object_get(event, "src_port"));

	if (word && source == done->port) {
		free(*done->word);
		*done->word = strdup(word);
	}
	return false;
}

char *
gate_event_done(size_t offset, uint16_t port)
{
	char *word = NULL;

	wait_event(offset, 0, note_done, &(struct done){port, &word});
	return word;
}

static bool
is_type(const json_t *event, const void *what)
{
	const char *type = json_string_value(json_object_get(event, "event_type"));

	return type && strcmp(type, what) == 0;
}

bool
gate_note_wait(size_t offset, const char *event_type, unsigned ms)
{
	return wait_event(offset, ms, is_type, event_type);
}

int
gate_flush(void)
{
	return gate_run((const char *[]){"--flush", "--control", lab_path("control"), NULL});
}
