/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policy: the DNP3 channels of the network tests, behind those of gate.h. */
#ifndef SLUICE_TEST_POLICY_H
#define SLUICE_TEST_POLICY_H

#define POLICY_ENDS                                                                           \
	"clients = [\"hmi\", \"hmi6\", \"attacker\", \"attacker6\"];\n"                       \
	"        servers = [\"plc1\", \"plc1v6\", \"plc2\", \"rtu1\", \"rtu1v6\"]; protocol " \
	"= \"dnp3\";\n"

#define POLICY_RULES                                                                     \
	"        rules: ( { access = [\"read\"]; units = [\"1>10-11\"];\n"               \
	"            points = [\"class:*\", \"g1-4:*\", \"g30:0-9\"]; },\n"              \
	"          { functions = [\"select\", \"operate\"]; units = [\"1>10-11\"];\n"    \
	"            points = [\"g12:7\"]; values = [\"latch-on\", \"count:1-2\"]; },\n" \
	"          { functions = [\"direct-operate\"]; units = [\"1>10\"]; points = "    \
	"[\"g12:8\"]; } ); }"

/* What is taken from captures goes to another port: any read, and controls that were selected. */
#define POLICY_CAPTURED \
	"        port = 20001; rules: ( { functions = [\"read\", \"select\", \"operate\"]; } ); }"

#define POLICY_UDP "        transport = \"udp\";\n"

/* Outstations that open the connection. */
#define POLICY_DIALLED                                                                    \
	"clients = [\"rtu1\"]; servers = [\"hmi\"]; protocol = \"dnp3\"; port = 20002;\n" \
	"        master_listens = 1;\n"

#define POLICY_CHANNELS                                                              \
	",\n      { name = \"telemetry\"; " POLICY_ENDS POLICY_RULES                 \
	",\n      { name = \"telemetry-udp\"; " POLICY_ENDS POLICY_UDP POLICY_RULES  \
	",\n      { name = \"dialled\"; " POLICY_DIALLED POLICY_RULES                \
	",\n      { name = \"dialled-udp\"; " POLICY_DIALLED POLICY_UDP POLICY_RULES \
	",\n      { name = \"captured\"; " POLICY_ENDS POLICY_CAPTURED               \
	",\n      { name = \"captured-udp\"; " POLICY_ENDS POLICY_UDP POLICY_CAPTURED

#endif
