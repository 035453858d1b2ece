/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main: sluiced's command line.
 */
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "last_good.h"
#include "log.h"
#include "supervisor.h"

enum {
	INSPECTORS_DEFAULT_MAX = 4,
	QUEUE_BASE_DEFAULT = RULESET_QUEUE_BASE,
	QUEUE_LENGTH_DEFAULT = 1024,
	WATCHDOG_DEFAULT_S = 10,
	EVENTS_SIZE_MIN = 64 << 10,
	EVENTS_KEEP_DEFAULT = 8,
	EVENTS_KEEP_MAX = 1000,
	STORM_AFTER_MAX = 1000000,
};

/* Who the inspectors are, the first that there is. */
#define USER_DEFAULT "_sluice"
#define USER_FALLBACK "nobody"

struct command_line {
	struct supervisor_settings settings;
	bool check;
	bool flush;
	bool boot;
	bool answered; /* --help or --version */
};

enum option_code {
	OPTION_EVENTS = 256,
	OPTION_EVENTS_SIZE,
	OPTION_EVENTS_KEEP,
	OPTION_EVENTS_KEY,
	OPTION_DENIALS,
	OPTION_SYSLOG,
	OPTION_JOURNAL,
	OPTION_CONTROL,
	OPTION_FLUSH,
	OPTION_BOOT,
	OPTION_ON_FAILURE,
	OPTION_FLOW_TABLES,
	OPTION_STATE,
	OPTION_INSPECTORS,
	OPTION_QUEUE_BASE,
	OPTION_QUEUE_LENGTH,
	OPTION_WATCHDOG,
	OPTION_STORM_AFTER,
	OPTION_USER,
};

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, 'n'},
    {"foreground", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"events", required_argument, NULL, OPTION_EVENTS},
    {"events-size", required_argument, NULL, OPTION_EVENTS_SIZE},
    {"events-keep", required_argument, NULL, OPTION_EVENTS_KEEP},
    {"events-key", required_argument, NULL, OPTION_EVENTS_KEY},
    {"denials", required_argument, NULL, OPTION_DENIALS},
    {"syslog", required_argument, NULL, OPTION_SYSLOG},
    {"journal", optional_argument, NULL, OPTION_JOURNAL},
    {"control", required_argument, NULL, OPTION_CONTROL},
    {"flush", no_argument, NULL, OPTION_FLUSH},
    {"boot", no_argument, NULL, OPTION_BOOT},
    {"on-failure", required_argument, NULL, OPTION_ON_FAILURE},
    {"flow-tables", required_argument, NULL, OPTION_FLOW_TABLES},
    {"state", required_argument, NULL, OPTION_STATE},
    {"inspectors", required_argument, NULL, OPTION_INSPECTORS},
    {"queue-base", required_argument, NULL, OPTION_QUEUE_BASE},
    {"queue-length", required_argument, NULL, OPTION_QUEUE_LENGTH},
    {"watchdog", required_argument, NULL, OPTION_WATCHDOG},
    {"storm-after", required_argument, NULL, OPTION_STORM_AFTER},
    {"user", required_argument, NULL, OPTION_USER},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: sluiced -c FILE [-n] [-f] [--events FILE|-] [--events-size N[K|M|G]]\n"
    "               [--events-keep N] [--events-key FILE] [--control PATH]\n"
    "               [--denials verdict|alert|drop]\n"
    "               [--syslog SOCKET] [--journal[=SOCKET]]\n"
    "               [--state DIRECTORY] [--on-failure closed|open] [--flush]\n"
    "               [--inspectors N] [--queue-base N] [--queue-length N]\n"
    "               [--watchdog SECONDS] [--storm-after N] [--user NAME]\n"
    "               [--flow-tables keep-out|refuse|allow]\n"
    "       sluiced --flush [--control PATH]\n"
    "       sluiced --boot [-c FILE] [--state DIRECTORY] [OPTION]...\n"
    "\n"
    "  -c, --config FILE     the policy\n"
    "  -n, --check           check the policy and exit\n"
    "  -f, --foreground      stay in the foreground, as always\n"
    "      --events FILE     append events as lines of JSON to FILE; - is standard output\n"
    "      --events-size N   rename FILE to FILE.1 when it has grown to N bytes; N may end in\n"
    "                        K, M or G\n"
    "      --events-keep N   that many renamed files stay (8)\n"
    "      --events-key FILE chain events with this key\n"
    "      --denials WORD    write them as Suricata writes an alert or a drop (verdict)\n"
    "      --syslog SOCKET   send events to a syslog daemon, as RFC 5424 says\n"
    "      --journal[=SOCKET] send events to the journal, with a field for each of their members\n"
    "      --control PATH    control socket (" CONTROL_PATH ")\n"
    "      --state DIRECTORY keep the last good policy there (" LAST_GOOD_DIRECTORY ")\n"
    "      --on-failure WORD what is forwarded when a start fails and there is no table yet:\n"
    "                        closed: nothing; open: everything (closed)\n"
    "      --flow-tables WORD what becomes of a start beside flow tables of others:\n"
    "                        keep-out: connections of channels are kept out of them, and where\n"
    "                        the kernel can't, refuse; refuse; allow. Always an alarm (keep-out)\n"
    "      --flush           remove the table at exit; without -c: remove it now\n"
    "      --boot            put the last good policy in the kernel, or, if there is none, that "
    "of\n"
    "                        -c, and exit: for the time before the network is up\n"
    "      --inspectors N    processes that inspect, 1 to 16 (number of CPUs, up to 4)\n"
    "      --queue-base N    first queue number (5200)\n"
    "      --queue-length N  packets that may wait in each queue (1024)\n"
    "      --watchdog SECS   kill an inspector that stands still that long; 0: never (10)\n"
    "      --storm-after N   denials of one client, channel and reason that are told one by one\n"
    "                        before the further ones are summed up (16)\n"
    "      --user NAME       who the inspectors are (" USER_DEFAULT ", or " USER_FALLBACK ")\n"
    "  -h, --help            print this\n"
    "  -V, --version         print the version\n";

static int
read_number(const char *name, const char *text, unsigned long first, unsigned long last,
    unsigned long *ret_number)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || number < first ||
	    number > last) {
		log_error("%s %s: expected a number from %lu to %lu", name, text, first, last);
		return -EINVAL;
	}
	*ret_number = number;
	return 0;
}

/* "64M" */
static int
read_size(const char *text, uint64_t *ret_size)
{
	static const char units[] = "KMG";
	char *end;
	unsigned long long number;
	const char *unit;

	errno = 0;
	number = strtoull(text, &end, 10);
	unit = *end != '\0' && end[1] == '\0' ? strchr(units, *end) : NULL;
	if (errno == 0 && end != text && text[0] != '-' && (*end == '\0' || unit) &&
	    number <= UINT64_MAX >> 40) {
		number <<= unit ? 10 * (unit - units + 1) : 0;
		if (number >= EVENTS_SIZE_MIN) {
			*ret_size = number;
			return 0;
		}
	}
	log_error("--events-size %s: expected bytes, 64K at least, as in 64M", text);
	return -EINVAL;
}

static int
read_denials(const char *text, enum eve_denials *ret_denials)
{
	static const char *const words[] = {
	    [EVE_VERDICTS] = "verdict",
	    [EVE_ALERTS] = "alert",
	    [EVE_DROPS] = "drop",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			*ret_denials = (enum eve_denials)i;
			return 0;
		}
	}
	log_error("--denials %s: expected verdict, alert or drop", text);
	return -EINVAL;
}

static int
read_events_option(struct events_settings *events, int code, const char *text)
{
	unsigned long number = 0;
	int r = 0;

	switch (code) {
	case OPTION_EVENTS:
		events->path = text;
		break;
	case OPTION_EVENTS_SIZE:
		return read_size(text, &events->size);
	case OPTION_EVENTS_KEEP:
		r = read_number("--events-keep", text, 1, EVENTS_KEEP_MAX, &number);
		events->keep = (unsigned)number;
		break;
	case OPTION_EVENTS_KEY:
		events->key = text;
		break;
	case OPTION_DENIALS:
		return read_denials(text, &events->denials);
	case OPTION_SYSLOG:
		events->syslog = text;
		break;
	case OPTION_JOURNAL:
		events->journal = text ? text : SINKS_JOURNAL_PATH;
		break;
	}
	return r;
}

static int
read_crew_option(struct crew_settings *crew, int code, const char *text)
{
	unsigned long number = 0;
	int r = 0;

	switch (code) {
	case OPTION_INSPECTORS:
		r = read_number("--inspectors", text, 1, CREW_MAX, &number);
		crew->count = (unsigned)number;
		break;
	case OPTION_QUEUE_BASE:
		r = read_number("--queue-base", text, 0, UINT16_MAX - 2 * CREW_MAX, &number);
		crew->queue_base = (uint16_t)number;
		break;
	case OPTION_QUEUE_LENGTH:
		r = read_number("--queue-length", text, 1, 1 << 20, &number);
		crew->queue_length = (uint32_t)number;
		break;
	case OPTION_WATCHDOG:
		r = read_number("--watchdog", text, 0, 86400, &number);
		crew->watchdog_s = (unsigned)number;
		break;
	case OPTION_STORM_AFTER:
		r = read_number("--storm-after", text, 1, STORM_AFTER_MAX, &number);
		crew->storm_after = (uint32_t)number;
		break;
	}
	return r;
}

static int
read_on_failure(const char *text, bool *ret_open)
{
	if (strcmp(text, "closed") != 0 && strcmp(text, "open") != 0) {
		log_error("--on-failure %s: expected closed or open", text);
		return -EINVAL;
	}
	*ret_open = strcmp(text, "open") == 0;
	return 0;
}

static int
read_flow_tables(const char *text, enum flow_tables *ret_wanted)
{
	static const char *const words[] = {
	    [FLOW_TABLES_KEEP_OUT] = "keep-out",
	    [FLOW_TABLES_REFUSE] = "refuse",
	    [FLOW_TABLES_ALLOW] = "allow",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			*ret_wanted = (enum flow_tables)i;
			return 0;
		}
	}
	log_error("--flow-tables %s: expected keep-out, refuse or allow", text);
	return -EINVAL;
}

static int
read_option(struct command_line *line, int code, const char *text)
{
	switch (code) {
	case 'c':
		line->settings.policy = text;
		return 0;
	case 'n':
		line->check = true;
		return 0;
	case 'f':
		return 0;
	case 'h':
		fputs(usage, stdout);
		line->answered = true;
		return 0;
	case 'V':
		puts("sluiced " SLUICE_VERSION);
		line->answered = true;
		return 0;
	case OPTION_EVENTS:
	case OPTION_EVENTS_SIZE:
	case OPTION_EVENTS_KEEP:
	case OPTION_EVENTS_KEY:
	case OPTION_DENIALS:
	case OPTION_SYSLOG:
	case OPTION_JOURNAL:
		return read_events_option(&line->settings.events, code, text);
	case OPTION_CONTROL:
		line->settings.control = text;
		return 0;
	case OPTION_FLUSH:
		line->flush = line->settings.flush = true;
		return 0;
	case OPTION_BOOT:
		line->boot = true;
		return 0;
	case OPTION_ON_FAILURE:
		return read_on_failure(text, &line->settings.open_on_failure);
	case OPTION_FLOW_TABLES:
		return read_flow_tables(text, &line->settings.flow_tables);
	case OPTION_STATE:
		line->settings.state = text;
		return 0;
	case OPTION_USER:
		line->settings.user = text;
		return 0;
	case '?':
		return -EINVAL; /* getopt has told */
	default:
		return read_crew_option(&line->settings.crew, code, text);
	}
}

/* To its end, even if a part of it is wrong: what the rest asks for matters to supervisor_shut().
 */
static int
read_command_line(int argc, char **argv, struct command_line *line)
{
	int code, r = 0;

	while (!line->answered && (code = getopt_long(argc, argv, "c:nfhV", options, NULL)) >= 0)
		if (read_option(line, code, optarg) < 0)
			r = -EINVAL;
	if (r < 0 || line->answered)
		return r;
	if (optind < argc) {
		log_error("%s: unexpected argument", argv[optind]);
		return -EINVAL;
	}
	if (!line->settings.policy && ((!line->flush && !line->boot) || line->check)) {
		log_error("a policy is needed: -c FILE");
		return -EINVAL;
	}
	return 0;
}

static unsigned
default_inspectors(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return count < INSPECTORS_DEFAULT_MAX ? (unsigned)count : INSPECTORS_DEFAULT_MAX;
}

/* -n: every diagnostic on standard error, the answer as exit status. */
static int
check_policy(const char *file)
{
	const struct channel *channel = NULL;
	const char *refused;
	struct loaded *loaded;
	int r = loaded_new(file, 1, loaded_tell, NULL, &loaded);

	if (r < 0)
		return r == -EINVAL ? STATUS_NO : STATUS_TROUBLE;
	refused = ruleset_refused(loaded->policy, &channel);
	if (refused)
		log_error("%s:%u: error: %s", channel->where.file, channel->where.line, refused);
	loaded_free(loaded);
	return refused ? STATUS_NO : STATUS_OK;
}

int
main(int argc, char **argv)
{
	struct command_line line = {
	    .settings =
		{
		    .control = CONTROL_PATH,
		    .user = getpwnam(USER_DEFAULT) ? USER_DEFAULT : USER_FALLBACK,
		    .state = LAST_GOOD_DIRECTORY,
		    .events.keep = EVENTS_KEEP_DEFAULT,
		    .crew =
			{
			    .count = default_inspectors(),
			    .queue_base = QUEUE_BASE_DEFAULT,
			    .queue_length = QUEUE_LENGTH_DEFAULT,
			    .watchdog_s = WATCHDOG_DEFAULT_S,
			    .storm_after = STORM_EACH,
			},
		},
	};

	line.settings.arguments = argv;
	if (read_command_line(argc, argv, &line) < 0) {
		if (line.settings.policy && !line.check)
			supervisor_shut(&line.settings);
		fputs("try 'sluiced --help'\n", stderr);
		return STATUS_TROUBLE;
	}
	if (line.answered)
		return STATUS_OK;
	if (line.check)
		return check_policy(line.settings.policy);
	if (line.boot)
		return boot_run(&line.settings);
	if (!line.settings.policy)
		return supervisor_flush(line.settings.control);
	return supervisor_run(&line.settings);
}
