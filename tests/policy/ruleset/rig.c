/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rig: policies, the ruleset tool and the gateway's table.
 */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *mark_mask;            /* or NULL */
static const char *queue_option = "-q2"; /* or "-t" for the compat target */

static const char zones[] =
    "zones: {"
    " supervision: { class = \"control\"; sl_t = 2; interfaces = [\"eth0\"];"
    "  networks = [\"10.10.0.0/24\", \"fd00:10::/64\"]; };"
    " pumps: { class = \"control\"; sl_t = 3; interfaces = [\"eth1\"];"
    "  networks = [\"10.20.0.0/24\", \"fd00:20::/64\"]; };"
    "%s};";

const char rig_gateway_zone[] =
    " appliance: { class = \"gateway\"; sl_t = 3;"
    "  networks = [\"10.10.0.1\", \"10.20.0.1\", \"fd00:10::1\", \"fd00:20::1\"]; };";

int
rig_tool(const char *command, const char *generation, const char *policy)
{
	return lab_run(LAB_GATEWAY, "tool",
	    (const char *[]){RULESET_TOOL, queue_option, "-g", generation, command, policy, NULL});
}

void
rig_write_policy(
    const char *channels, const char *when_down, const char *more_zones, const char *more_conduits)
{
	char text[8192], places[2048];

	snprintf(places, sizeof(places), zones, more_zones);
	snprintf(text, sizeof(text),
	    "site: { name = \"Test\"; owner = \"tests\";\n"
	    " approved = \"2026-10-05\"; review_days = 365; };\n"
	    "%s%s%s\n%s\n"
	    "conduits: { c: { from = \"supervision\"; to = \"pumps\"; mode = \"enforce\";\n"
	    " on_deny = \"drop\"; when_down = \"%s\"; rationale = \"test\";\n"
	    " channels: ( %s ); };\n%s };\n",
	    mark_mask != NULL ? "mark_mask = \"" : "", mark_mask != NULL ? mark_mask : "",
	    mark_mask != NULL ? "\";" : "", places, when_down, channels, more_conduits);
	lab_file_write(lab_path("policy.conf"), text);
}

void
rig_apply_policy(const char *generation)
{
	if (rig_tool("apply", generation, lab_path("policy.conf")) != 0)
		lab_fail("the ruleset was refused:\n%s", lab_file_read(lab_path("tool.err"), 0));
}

void
rig_apply(const char *generation, const char *channels)
{
	rig_write_policy(channels, "closed", "", "");
	rig_apply_policy(generation);
}

unsigned long
rig_counter(const char *name)
{
	size_t before = lab_file_size(lab_path("tool.out"));
	char line[128], *text, *found;
	unsigned long packets;

	if (rig_tool("counters", "1", NULL) != 0)
		lab_fail("no counters");
	text = lab_file_read(lab_path("tool.out"), before);
	snprintf(line, sizeof(line), "%s ", name);
	found = strstr(text, line);
	if (found == NULL)
		lab_fail("no counter %s in:\n%s", name, text);
	packets = strtoul(found + strlen(line), NULL, 10);
	free(text);
	return packets;
}

char *
rig_output_of(const char *command)
{
	size_t before = lab_file_size(lab_path("shell.out"));

	lab_shell(LAB_GATEWAY, "%s", command);
	return lab_file_read(lab_path("shell.out"), before);
}

bool
rig_shares_marks(void)
{
	return mark_mask != NULL;
}

/* Somebody else, with all bits but ours. */
static void
add_others(void)
{
	uint32_t ours = (uint32_t)strtoul(mark_mask, NULL, 16), theirs = ~ours;

	if (lab_shell(LAB_GATEWAY,
		"nft -f - <<END\n"
		"table inet others {\n"
		" counter kept { }\n counter lost { }\n counter judged { }\n"
		" chain before { type filter hook prerouting priority mangle;\n"
		"  ct mark set ct mark | 0x%x\n  meta mark set meta mark | 0x%x\n }\n"
		" chain behind { type filter hook forward priority 10;\n"
		"  meta mark & 0x%x != 0 counter name judged\n"
		"  ct mark & 0x%x != 0x%x counter name lost drop\n"
		"  meta mark & 0x%x != 0x%x counter name lost drop\n"
		"  counter name kept\n }\n"
		"}\nEND",
		theirs, theirs, ours, theirs, theirs, theirs, theirs) != 0)
		lab_fail("the table of the others was refused");
}

int
rig_clean(void **state)
{
	lab_shell(LAB_GATEWAY,
	    "nft flush ruleset; conntrack -F; ip neigh flush nud reachable; ip neigh flush nud "
	    "stale");
	if (rig_shares_marks())
		add_others();
	return 0;
}

unsigned long
rig_others(const char *counter)
{
	char *text = rig_output_of("nft list counters table inet others"), *found;
	char name[32];
	unsigned long packets;

	snprintf(name, sizeof(name), "counter %s {", counter);
	found = strstr(text, name);
	found = found != NULL ? strstr(found, "packets ") : NULL;
	packets = found != NULL ? strtoul(found + strlen("packets "), NULL, 10) : 0;
	free(text);
	return packets;
}

int
rig_check(void **state)
{
	if (!rig_shares_marks() || rig_others("lost") == 0)
		return 0;
	fprintf(stderr, "bits of marks that belong to others were changed\n");
	return -1;
}

/* Which of the two ways to a queue the kernel has. */
static void
probe(void)
{
	char *text;

	if (rig_tool("probe", "1", NULL) != 0)
		lab_fail("no features: %s", lab_file_read(lab_path("tool.err"), 0));
	text = lab_file_read(lab_path("tool.out"), 0);
	if (strstr(text, "queue 1") == NULL)
		queue_option = "-t";
	free(text);
}

void
rig_init(void)
{
	lab_init();
	mark_mask = getenv("RIG_MARK_MASK");
	for (enum lab_place place = LAB_SUPERVISION; place <= LAB_PUMPS; place++)
		lab_shell(place,
		    "sysctl -qw net.ipv4.ping_group_range='0 0' net.ipv4.conf.all.rp_filter=0"
		    " net.ipv4.conf.eth0.rp_filter=0; sysctl -qw net.ipv4.conf.eth1.rp_filter=0");
	if (lab_shell(LAB_GATEWAY, "command -v nft conntrack setpriv") != 0)
		lab_skip("skipped: nft, conntrack or setpriv is missing (packages nftables, "
			 "conntrack, util-linux)");
	probe();
}
