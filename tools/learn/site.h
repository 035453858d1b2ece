/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Site: zones and assets, proposed from who talks with whom.
 *
 * A zone is a network of the usual size (/24, /64).  Where both ends of a talk lie in one, it is
 * two: the devices that are asked by protocols that are inspected, and the stations beside them.
 */
#ifndef SLUICE_LEARN_SITE_H
#define SLUICE_LEARN_SITE_H

#include "talk.h"

/* Why a talk makes no channel. */
enum omission {
	OMIT_NOT = 0,
	OMIT_GROUP,      /* to a group or to everybody */
	OMIT_UNANSWERED, /* TCP that nobody answered */
	OMIT_INSIDE,     /* between hosts that no zone boundary can part */
	OMISSION_COUNT
};

struct host {
	enum family family;
	struct address address;
	bool device, asks; /* is asked by an inspected protocol, asks by one */
	uint32_t zone;
	char name[24];
};

struct site_zone {
	enum family family;
	struct address prefix;
	uint32_t host_count;
	bool part;    /* its networks are its hosts */
	bool devices; /* it has some */
	char name[64];
};

struct site_plan {
	struct host *hosts; /* sorted by family and address */
	uint32_t host_count;
	struct site_zone *zones;
	uint32_t zone_count;
	enum omission *omitted; /* of each talk */
	bool one_sided;         /* no talk was answered: nothing is left out for that */
};

int site_plan_make(const struct talks *talks, struct site_plan *ret_plan);
void site_plan_done(struct site_plan *plan);

/* The host of an address, which must have one (asserted). */
const struct host *site_plan_host(
    const struct site_plan *plan, enum family family, const struct address *address);

#endif
