/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rig: policies, the ruleset tool and the gateway's table, for tests in the laboratory.
 */
#ifndef SLUICE_RIG_H
#define SLUICE_RIG_H

#include "lab.h"

/* Channels of the tests. */
#define FILES_CHANNEL                                                                    \
	"{ name = \"files\"; clients = [\"10.10.0.5\", \"10.10.0.66\", \"fd00:10::5\"];" \
	" servers = [\"10.20.0.11\", \"fd00:20::11\"]; protocol = \"tcp\"; port = 8000; }"
#define RANGE_CHANNEL                                                                         \
	"{ name = \"range\"; clients = [\"supervision\"]; servers = [\"pumps\"]; protocol = " \
	"\"tcp\";"                                                                            \
	" port = \"9000-9010\"; }"
#define TIME_CHANNEL                                                                           \
	"{ name = \"time\"; clients = [\"pumps\"]; servers = [\"10.10.0.9\", \"fd00:10::9\"];" \
	" protocol = \"udp\"; port = 123; }"
#define PING_CHANNEL                                                                         \
	"{ name = \"ping\"; clients = [\"supervision\"]; servers = [\"pumps\"]; protocol = " \
	"\"icmp-echo\"; }"
#define MODBUS_CHANNEL                                                                         \
	"{ name = \"modbus\"; clients = [\"supervision\"]; servers = [\"pumps\"]; protocol = " \
	"\"modbus\";"                                                                          \
	" rules: ( { access = [\"read\"]; } ); }"
#define EVERY_PLAIN FILES_CHANNEL "," RANGE_CHANNEL "," TIME_CHANNEL "," PING_CHANNEL

/* A zone for write_policy()'s more_zones. */
extern const char rig_gateway_zone[];

/* Find the laboratory and what the kernel can do; skips the program if something is missing. */
void rig_init(void);

/* A fresh start for each test: no table, no connections, no neighbours. For cmocka. */
int rig_clean(void **state);

/*
 * With RIG_MARK_MASK in the environment policies have that mask of marks, and a table of somebody
 * else's sets all other bits of both marks of each forwarded packet and counts where they are
 * "lost" behind our table, where they are "kept", and where the packet mark has bits of ours
 * ("judged").
 */
bool rig_shares_marks(void);
unsigned long rig_others(const char *counter);

/* For cmocka, behind each test: the others have lost nothing. */
int rig_check(void **state);

#define RIG_TEST(test) cmocka_unit_test_setup_teardown(test, rig_clean, rig_check)

/* The tool in the gateway; its exit status. Output is added to tool.out and tool.err. */
int rig_tool(const char *command, const char *generation, const char *policy);

/* Write policy.conf: one conduit `c` from supervision to pumps with these channels. */
void rig_write_policy(
    const char *channels, const char *when_down, const char *more_zones, const char *more_conduits);

/* Apply it. */
void rig_apply_policy(const char *generation);

/* Both, with a closed conduit and nothing more. */
void rig_apply(const char *generation, const char *channels);

/* Packets of a counter of the table. */
unsigned long rig_counter(const char *name);

/* Output of a command in the gateway, newly allocated. */
char *rig_output_of(const char *command);

#endif
