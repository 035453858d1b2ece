/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strike: one DNP3 message, or way to bring one through the gateway, with what it does to an
 * unprotected plant.
 *
 * As with the attacks by Modbus, each is tried against a plain gateway too, where it must succeed:
 * that proves that the test is able to fail.  The functions are in strike_*.c, the lists in
 * strike_list.c, the judge in strikes.c.
 */
#ifndef SLUICE_STRIKE_H
#define SLUICE_STRIKE_H

#include "gate.h"
#include "peer.h"
#include "script.h"

enum effect {
	EFFECT_PASSES = 0, /* permitted through any gate; the outstation writes `needle`, if any */
	EFFECT_HAPPENS,    /* the outstation writes `needle` */
	EFFECT_ARRIVES,    /* the function sets `arrived` */
	EFFECT_NOTHING,    /* harmless with this plant; must be stopped nevertheless */
};

enum {
	BY_TCP = 1 << OVER_TCP,
	BY_UDP = 1 << OVER_UDP,
	BY_TCP6 = 1 << OVER_TCP6,
	BY_UDP6 = 1 << OVER_UDP6,
	BY_BOTH = BY_TCP | BY_UDP,
	BY_ALL = BY_BOTH | BY_TCP6 | BY_UDP6,
};

struct trial;

struct strike {
	const char *name;
	unsigned by; /* a test for each of these bits */
	void (*run)(struct trial *t);
	const char *script;
	enum effect effect;
	const char *needle; /* behind the port in the log of the outstation */
	const char *reason; /* that the event must give; NULL: several are right */
	bool careless;      /* against the careless outstation */
	bool unnamed;       /* no channel names the connection: monitor mode stops it too */
	unsigned argument;
};

struct trial {
	const struct strike *strike;
	enum gate gate;
	struct peer peer;
	struct script script;
	uint16_t event_port; /* 0: that of the peer */
	bool many;           /* more than one connection: the judge counts nothing himself */
	bool arrived;
};

/* Does this gate stop what is forbidden? */
bool trial_guarded(const struct trial *t);

/* Open a connection to the strike's outstation, or fail the test. */
void trial_connect(struct trial *t);

/* strike_plain.c: what is said, packet by packet, and how it is cut */
void strike_play(struct trial *t);
void strike_together(struct trial *t);
void strike_bytewise(struct trial *t);
void strike_everywhere(struct trial *t);
void strike_frames_everywhere(struct trial *t);
void permitted_play(struct trial *t);
void permitted_bytewise(struct trial *t);
void permitted_everywhere(struct trial *t);
void permitted_after_refusal(struct trial *t);

/* strike_datagram.c: what IP and UDP can do */
void strike_fragments(struct trial *t);
void strike_fragments_backwards(struct trial *t);
void strike_segmented(struct trial *t);
void strike_long_udp(struct trial *t);
void strike_short_udp(struct trial *t);
void strike_bad_checksum(struct trial *t);
void strike_large_datagram(struct trial *t);
void strike_lost_datagrams(struct trial *t);
void strike_stranger(struct trial *t);
void permitted_fragments(struct trial *t);
void permitted_large_datagram(struct trial *t);
void permitted_no_checksum(struct trial *t);

/* strike_rogue.c: an outstation that lies */
void strike_rogue(struct trial *t);
void permitted_rogue(struct trial *t);

/* strike_dialled.c: an outstation that opens the connection */
void strike_dialled(struct trial *t);
void permitted_dialled(struct trial *t);

/* strike_captured.c: messages of other people's masters; skips if nobody has them here */
void captured_find(void);
void permitted_captured(struct trial *t);
void strike_captured(struct trial *t);

extern const struct strike strike_permitted[];
extern const size_t strike_permitted_count;
extern const struct strike strike_forbidden[];
extern const size_t strike_forbidden_count;
extern const struct strike strike_recorded[];
extern const size_t strike_recorded_count;

#endif
