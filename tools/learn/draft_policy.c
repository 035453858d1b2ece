/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draft policy: see draft_policy.h.  Rules are in draft_rules.c. */
#include "draft_policy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "draft_rules.h"

/* For which purpose a policy is written. */
enum form { FORM_OPEN = 0, FORM_TRY, FORM_LEARNED };

static void
write_prefix(const struct site_zone *zone, FILE *out)
{
	char text[64];

	fprintf(out, "\"%s/%d\"", address_print(zone->family, &zone->prefix, text, sizeof(text)),
	    zone->family == FAMILY_IPV4 ? 24 : 64);
}

/* Hosts of a zone: as its networks, or as its assets. */
static void
write_hosts(const struct lesson *lesson, uint32_t zone, bool assets, FILE *out)
{
	const struct site_plan *plan = lesson->plan;
	const char *between = "";

	for (uint32_t i = 0; i < plan->host_count; i++) {
		const struct host *host = &plan->hosts[i];
		char text[64];

		if (host->zone != zone)
			continue;
		address_print(host->family, &host->address, text, sizeof(text));
		if (assets)
			fprintf(out, "\t\t\t%s = \"%s\";\n", host->name, text);
		else
			fprintf(out, "%s\"%s\"", between, text);
		between = ", ";
	}
}

static void
write_zones(const struct lesson *lesson, FILE *out)
{
	fprintf(out, "zones: {\n");
	for (uint32_t i = 0; i < lesson->plan->zone_count; i++) {
		const struct site_zone *zone = &lesson->plan->zones[i];

		fprintf(out,
		    "\t%s: {\n\t\tclass = \"control\"; // %s\n\t\tinterfaces = [\"eth%u\"]; // "
		    "which is "
		    "it?\n\t\tnetworks = [",
		    zone->name,
		    zone->devices ? "has controllers: which security level target?"
				  : "no controllers were seen: control, dmz or enterprise?",
		    i);
		if (zone->part)
			write_hosts(lesson, i, false, out);
		else
			write_prefix(zone, out);
		fprintf(out, "];\n\t\tassets: {\n");
		write_hosts(lesson, i, true, out);
		fprintf(out, "\t\t};\n\t};\n");
	}
	fprintf(out, "};\n\n");
}

static const struct host *
client_of(const struct lesson *lesson, const struct talk *talk)
{
	return site_plan_host(lesson->plan, talk->family, &talk->client);
}

static const struct host *
server_of(const struct lesson *lesson, const struct talk *talk)
{
	return site_plan_host(lesson->plan, talk->family, &talk->server);
}

static void
write_protocol(const struct talk *talk, FILE *out)
{
	if (talk->transport == PROTOCOL_ICMP)
		fprintf(out, "protocol = \"icmp-echo\";");
	else if (!talk->dissector)
		fprintf(out, "protocol = \"%s\"; port = %u;",
		    talk->transport == PROTOCOL_TCP ? "tcp" : "udp", talk->port);
	else
		fprintf(out, "protocol = \"%s\";%s", talk->dissector->name,
		    talk->transport == PROTOCOL_UDP ? " transport = \"udp\";" : "");
}

static void
write_evidence(const struct lesson *lesson, const struct talk *talk, FILE *out)
{
	fprintf(out, "// %" PRIu64 " packets there, %" PRIu64 " back, frame %" PRIu64 " of %s",
	    talk->packets, talk->answers, talk->first_frame, lesson_file(lesson, talk->first_file));
	fprintf(out, " to %" PRIu64 "%s%s%s\n", talk->last_frame,
	    talk->last_file == talk->first_file ? "" : " of ",
	    talk->last_file == talk->first_file ? "" : lesson_file(lesson, talk->last_file),
	    talk->guessed ? "; who asks is a guess: no connection begins there" : "");
}

static const char *
word_of(const struct talk *talk)
{
	return talk->transport == PROTOCOL_ICMP ? "ping"
	    : talk->dissector                   ? talk->dissector->name
	    : talk->transport == PROTOCOL_TCP   ? "tcp"
						: "udp";
}

/* A channel with what was learned of it; without anything that it may do there is none. */
static void
write_channel(const struct lesson *lesson, uint32_t number, enum form form, bool *begun, FILE *out)
{
	const struct talk *talk = &lesson->talks->items[number];

	if (form != FORM_OPEN && talk->dissector && !draft_rules_any(lesson, number))
		return;
	fprintf(out, "%s\t\t\t", *begun ? ",\n" : "");
	*begun = true;
	if (form == FORM_LEARNED)
		write_evidence(lesson, talk, out);
	if (form != FORM_LEARNED)
		fprintf(out, "{ name = \"t%u\"; ", number);
	else
		fprintf(out, "\t\t\t{ name = \"%s-%s-%s-%u%s\"; ", client_of(lesson, talk)->name,
		    server_of(lesson, talk)->name, word_of(talk), talk->port,
		    talk->dissector && talk->transport == PROTOCOL_UDP ? "u" : "");
	fprintf(out, "clients = [\"%s\"]; servers = [\"%s\"]; ", client_of(lesson, talk)->name,
	    server_of(lesson, talk)->name);
	write_protocol(talk, out);
	if (talk->dissector && talk->transport == PROTOCOL_TCP &&
	    (form != FORM_LEARNED || talk->middle))
		fprintf(out, " pickup = \"resync\";");
	if (talk->dissector && form == FORM_OPEN)
		fprintf(out, " rules: ( { access = [\"any\"]; } );");
	else if (talk->dissector)
		draft_rules_write(lesson, number, out);
	fprintf(out, " }");
}

/* What passes from one zone into another; nothing is written where nothing does. */
static void
write_conduit(const struct lesson *lesson, uint32_t from, uint32_t to, enum form form, FILE *out)
{
	const struct site_plan *plan = lesson->plan;
	bool begun = false;
	char *channels = NULL;
	size_t size;
	FILE *inside = open_memstream(&channels, &size);

	for (uint32_t i = 0; inside && i < lesson->talks->count; i++) {
		const struct talk *talk = &lesson->talks->items[i];

		if (!plan->omitted[i] && client_of(lesson, talk)->zone == from &&
		    server_of(lesson, talk)->zone == to)
			write_channel(lesson, i, form, &begun, inside);
	}
	if (inside)
		fclose(inside);
	if (begun)
		fprintf(out,
		    "\t%s--%s: {\n\t\tfrom = \"%s\"; to = \"%s\";\n\t\tmode = \"%s\";\n%s"
		    "\t\tchannels: (\n%s\n\t\t);\n\t};\n",
		    plan->zones[from].name, plan->zones[to].name, plan->zones[from].name,
		    plan->zones[to].name, form == FORM_LEARNED ? "enforce" : "monitor",
		    form != FORM_LEARNED ? "" : "\t\t// rationale = \"why is this needed?\";\n",
		    channels);
	free(channels);
}

static void
write_conduits(const struct lesson *lesson, enum form form, FILE *out)
{
	fprintf(out, "conduits: {\n");
	for (uint32_t from = 0; from < lesson->plan->zone_count; from++)
		for (uint32_t to = 0; to < lesson->plan->zone_count; to++)
			if (from != to)
				write_conduit(lesson, from, to, form, out);
	fprintf(out, "};\n");
}

void
draft_policy_open(const struct lesson *lesson, FILE *out)
{
	write_zones(lesson, out);
	write_conduits(lesson, FORM_OPEN, out);
}

void
draft_policy_try(const struct lesson *lesson, FILE *out)
{
	write_zones(lesson, out);
	write_conduits(lesson, FORM_TRY, out);
}

static void
write_omitted(const struct lesson *lesson, FILE *out)
{
	static const char *const why[OMISSION_COUNT] = {
	    [OMIT_GROUP] = "to a group or to everybody",
	    [OMIT_UNANSWERED] = "nobody answered: a scan, or a server that is off",
	    [OMIT_INSIDE] = "within one zone, where no boundary stands",
	};
	char client[64], server[64];

	for (int k = 1; k < OMISSION_COUNT; k++)
		for (uint32_t i = 0; i < lesson->talks->count; i++) {
			const struct talk *talk = &lesson->talks->items[i];

			if ((int)lesson->plan->omitted[i] != k)
				continue;
			fprintf(out,
			    "// %s > %s %s/%u: %s; %" PRIu64 " packets, frame %" PRIu64 " of %s\n",
			    address_print(talk->family, &talk->client, client, sizeof(client)),
			    address_print(talk->family, &talk->server, server, sizeof(server)),
			    word_of(talk), talk->port, why[k], talk->packets + talk->answers,
			    talk->first_frame, lesson_file(lesson, talk->first_file));
		}
}

void
draft_policy_write(const struct lesson *lesson, FILE *out)
{
	fprintf(out,
	    "// Learned from captures by `sluice learn`: to be read, corrected and completed.\n"
	    "// Ranges of points with gaps of at most %lu between them are one; limits of values "
	    "have a "
	    "margin of %lu %%;\n// rates are twice what a minute had at most.\n",
	    lesson->settings.gap, lesson->settings.margin);
	if (lesson->plan->one_sided)
		fprintf(out,
		    "// The captures hold one direction only: who is there, but not who "
		    "answers.\n");
	fprintf(out, "\n");
	write_zones(lesson, out);
	write_conduits(lesson, FORM_LEARNED, out);
	fprintf(out, "\n// Left out:\n");
	write_omitted(lesson, out);
	draft_rules_doubts(lesson, out);
	if (lesson->talks->untold + lesson->seen->untold > 0)
		fprintf(out,
		    "// %" PRIu64 " packets and %" PRIu64
		    " messages were more than could be kept apart\n",
		    lesson->talks->untold, lesson->seen->untold);
}
