/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attack: one way to bring something through the gateway, with what it does to an unprotected
 * plant.
 *
 * Every attack is tried against a plain gateway too, where it must succeed as `effect` says: that
 * proves that the test is able to fail.  The functions are in attack_*.c, the list in attacks.c,
 * and judge.c tries them.
 */
#ifndef SLUICE_ATTACK_H
#define SLUICE_ATTACK_H

#include "client.h"
#include "gate.h"
#include "raw.h"

enum effect {
	EFFECT_PASSES =
	    0,          /* permitted: the function itself checks that it works, through any gate */
	EFFECT_WRITES,  /* the register `point` takes `value` */
	EFFECT_REACHES, /* the request reaches the device: `needle` stands in its log */
	EFFECT_ARRIVES, /* the function sets `arrived` */
	EFFECT_NOTHING, /* harmless by luck of this peer's kernel; must be stopped nevertheless */
};

struct attempt;

struct attack {
	const char *name;
	void (*run)(struct attempt *a);
	const char *server;
	const uint8_t *bytes;
	size_t length;
	unsigned argument; /* where to split, how long a fragment ... */
	enum effect effect;
	uint16_t point;
	uint16_t value;
	const char *needle;
	const char *reason; /* that the event must give; NULL: the kernel stops it before, or
			       several are right */
	bool unnamed;       /* no channel names the connection: monitor mode stops it too */
	bool impossible;    /* no gate lets it happen, whatever its mode: the bytes can't change */
};

struct attempt {
	const struct attack *attack;
	enum gate gate;
	struct raw raw;
	uint16_t port; /* of the client, for the search of events; 0: not looked for */
	uint32_t base; /* bytes that a greeting has sent: where the attack begins */
	bool arrived;
};

/* Does this gate stop what is forbidden? */
bool attempt_guarded(const struct attempt *a);

/* Open a raw connection to the attack's server, or fail the test. */
void attempt_connect(struct attempt *a, bool timestamps);

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* attack_stream.c: what TCP and IP can do to the attack's bytes */
void attack_single(struct attempt *a);
void attack_split(struct attempt *a);
void attack_bytewise(struct attempt *a);
void attack_first_segment(struct attempt *a);
void attack_retransmit_longer(struct attempt *a);
void attack_bad_checksum(struct attempt *a);
void attack_old_timestamp(struct attempt *a);
void attack_bad_acknowledgement(struct attempt *a);
void attack_no_acknowledgement(struct attempt *a);
void attack_md5_option(struct attempt *a);
void attack_out_of_order(struct attempt *a);
void attack_overlapping_holes(struct attempt *a);
void attack_changed_tail(struct attempt *a);
void attack_fragments(struct attempt *a);
void attack_fragments_backwards(struct attempt *a);
void attack_urgent_inserted(struct attempt *a);
void attack_urgent_whole(struct attempt *a);
void attack_syn_data(struct attempt *a);
void attack_second_syn(struct attempt *a);
void attack_far_reset(struct attempt *a);
void attack_near_reset(struct attempt *a);
void attack_false_reset(struct attempt *a);
void attack_far_fin(struct attempt *a);
void attack_with_fin(struct attempt *a);
void attack_after_fin(struct attempt *a);
void attack_sequence_wrap(struct attempt *a);
void attack_ip_options(struct attempt *a);
void attack_destination_option(struct attempt *a);
void attack_after_denial(struct attempt *a);

/* attack_permitted.c: what must go on working */
void permitted_read(struct attempt *a);
void permitted_write(struct attempt *a);
void permitted_split(struct attempt *a);
void permitted_header_alone(struct attempt *a);
void permitted_pipeline(struct attempt *a);
void permitted_fragments(struct attempt *a);
void permitted_retransmission(struct attempt *a);
void permitted_out_of_order(struct attempt *a);
void permitted_sequence_wrap(struct attempt *a);
void permitted_keepalive(struct attempt *a);
void permitted_half_close(struct attempt *a);
void permitted_new_connection(struct attempt *a);
void permitted_reboot(struct attempt *a);
void permitted_kernel_client(struct attempt *a);

/* attack_kernel.c: kernel sockets on both sides, and a server that lies */
void kernel_header_alone(struct attempt *a);
void kernel_reset_both_ends(struct attempt *a);
void kernel_retransmission(struct attempt *a);
void kernel_urgent(struct attempt *a);
void connect_port(struct attempt *a);
void connect_backwards(struct attempt *a);
void connect_stranger(struct attempt *a);
void connect_spoofed(struct attempt *a);
void send_datagram(struct attempt *a);
void kernel_late_repetition(struct attempt *a);
void rogue_response(struct attempt *a);
void rogue_unasked(struct attempt *a);
void rogue_valid(struct attempt *a);

/* attack_changing.c: packets that their sender can still change */
void changing_checksum(struct attempt *a);
void changing_page(struct attempt *a);

#endif
