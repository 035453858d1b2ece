/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Remedies: see remedies.h.
 */
#include <stddef.h>

#include "remedies.h"

#define PERMITTED "It was let through: nothing has to be changed."
#define BROKEN                                                                                     \
	"The message is not one that the protocol permits, and no policy lets such pass: correct " \
	"what sends it."
#define STREAM                                                                               \
	"The bytes of the connection can't be followed as the server will see them, and no " \
	"policy "                                                                            \
	"lets such pass: the client has to connect anew, and what changes the stream must go."
#define PACKET                                                                                 \
	"The packet is not one that can be judged, and no policy lets such pass: look at the " \
	"sender and at the path."
#define SESSION                                                                                   \
	"The order of the messages is not that of the protocol, and no policy changes that: the " \
	"client has to begin its session anew."
#define RULES                                                                                     \
	"A change of rules needs the whole message: explain the frame of a capture, or name the " \
	"message in words."

const struct remedy remedies[REASON_COUNT] = {
    [REASON_UNDECIDED] = {.helps = "It does not occur in correct operation: report it with its "
				   "event."},
    [REASON_RULE] = {.helps = PERMITTED},
    [REASON_SESSION] = {.helps = PERMITTED},
    [REASON_RESPONSE] = {.helps = PERMITTED},
    [REASON_CONTROL_SEGMENT] = {.helps = PERMITTED},
    [REASON_PARTIAL] = {.helps = PERMITTED},
    [REASON_REPEATED] = {.helps = PERMITTED},
    [REASON_PLAIN] = {.helps = PERMITTED},
    [REASON_PACKET_TRUNCATED] = {.helps = PACKET},
    [REASON_PACKET_MALFORMED] = {.helps = PACKET},
    [REASON_PACKET_FRAGMENT] = {.helps = PACKET},
    [REASON_PACKET_MERGED] = {.helps = PACKET},
    [REASON_PACKET_CHECKSUM] = {.helps = PACKET},
    [REASON_INVALID] = {.helps = PACKET},
    [REASON_WRONG_ZONE] = {.kind = REMEDY_CONNECTIONS,
	.helps = "The address must be in the networks of the zone, and the interface by which it "
		 "comes one of its interfaces; where both are, somebody forges the address or a "
		 "cable is wrong."},
    [REASON_NO_CHANNEL] = {.kind = REMEDY_CONNECTIONS,
	.helps = "Both addresses must be in networks of zones, of two different ones, and a "
		 "channel of a conduit between them must name client, server and port."},
    [REASON_WRONG_PORT] = {.helps = "The address must be in the networks, or one of the assets, of "
				    "the zone whose interfaces have the port; where it is, "
				    "somebody forges it, or a host or a cable was moved."},
    [REASON_OTHER_PORT] = {.helps = "The receiver must be of the zone behind the port, and a "
				    "conduit must join the two zones; most of these are copies of "
				    "frames that go where they should."},
    [REASON_FRAME] = {.helps = "Only IPv4 and ARP without VLAN tags pass a bridge: no channel can "
			       "permit other frames."},
    [REASON_UNGUARDED] = {.helps = "Find out who turns net.bridge.bridge-nf-call-iptables off or "
				   "changes the tables named sluice: sluice status tells."},
    [REASON_PEER_BARRED] = {.helps = "The sender's packets have killed inspectors: look at the "
				     "captures of what it sent, and report the error."},
    [REASON_FLOW_TABLE_FULL] = {REMEDY_SETTING, PLACE_LIMITS, "flows", NULL,
	"Limits.flows is as large as it can be: find out who opens so many connections."},
    [REASON_STATE_FULL] = {REMEDY_SETTING, PLACE_LIMITS, "states", NULL,
	"Limits.states is as large as it can be: find out who opens so many connections."},
    [REASON_HELD_FULL] = {REMEDY_SETTING, PLACE_LIMITS, "held_bytes", NULL,
	"Limits.held_bytes is as large as it can be: find out who does not acknowledge."},
    [REASON_FLOW_GAVE_WAY] = {REMEDY_SETTING, PLACE_LIMITS, "flows", NULL,
	"Limits.flows is as large as it can be: find out why this client has so many "
	"connections."},
    [REASON_HELD_GAVE_WAY] = {REMEDY_SETTING, PLACE_LIMITS, "held_bytes", NULL,
	"Limits.held_bytes is as large as it can be: find out why this client's bytes are not "
	"acknowledged."},
    [REASON_STREAM_MIDDLE] = {REMEDY_SETTING, PLACE_CHANNEL, "pickup", "resync",
	"The client has to connect anew: only a whole, permitted request that reads may be the "
	"first message of a connection that is picked up."},
    [REASON_STREAM_CLOSED] = {.helps = STREAM},
    [REASON_STREAM_BYPASSED] = {REMEDY_SETTING, PLACE_CHANNEL, "pickup", "resync",
	"The client has to connect anew, and whoever changes the ruleset must stop."},
    [REASON_CAPTURE_LOSS] = {.helps = "The capture has lost packets, which no policy brings back: "
				      "capture nearer to the plant or with larger buffers."},
    [REASON_STREAM_GAP] = {.helps = "The sender repeats what is missing: only where it never comes "
				    "does something on the path lose or hide packets."},
    [REASON_STREAM_CHANGED] = {.helps = STREAM},
    [REASON_STREAM_KEEPALIVE] = {.helps = PERMITTED},
    [REASON_HEAD_HELD] = {.helps = "The part waits for its rest: the message itself is explained "
				   "by the event of its own."},
    [REASON_STREAM_STALE] = {.helps = STREAM},
    [REASON_STREAM_PAUSED] = {REMEDY_SETTING, PLACE_CHANNEL, "pause", NULL,
	"The channel's pause is as long as it can be: the client has to send its requests whole."},
    [REASON_STREAM_URGENT] = {.helps = STREAM},
    [REASON_STREAM_SYN_DATA] = {.helps =
				    "TCP Fast Open must be turned off at the client: no policy "
				    "lets data on a SYN pass."},
    [REASON_STREAM_MULTIPATH] = {.helps = "The client tries again without Multipath TCP by itself: "
					  "nothing has to be changed."},
    [REASON_STREAM_FLAGS] = {.helps = STREAM},
    [REASON_STREAM_REOPENED] = {.helps = "It is clear after three seconds at most, by itself: "
					 "nothing has to be changed."},
    [REASON_STREAM_AFTER_FIN] = {.helps = STREAM},
    [REASON_FLOW_DENIED] = {.helps =
				"An earlier message of the connection was denied: explain that "
				"one's event."},
    [REASON_FLOW_CUT] = {.helps = "A new policy no longer permits the connection: `sluice compare` "
				  "shows what has changed, and `sluice rollback` goes back."},
    [REASON_LENGTH_INVALID] = {.helps = BROKEN},
    [REASON_LENGTH_MISMATCH] = {.helps = BROKEN},
    [REASON_TRAILING_BYTES] = {.helps = BROKEN},
    [REASON_PROTOCOL_ID] = {.helps = "The channel must be one of the protocol that the message is "
				     "of: add one, or correct what sends it."},
    [REASON_FUNCTION_UNKNOWN] = {.helps = "The protocol has no such function, so that nobody knows "
					  "what it does, and no rule can name it."},
    [REASON_FUNCTION_DIRECTION] = {.helps = BROKEN},
    [REASON_QUANTITY_INVALID] = {.helps = BROKEN},
    [REASON_ADDRESS_OVERFLOW] = {.helps = BROKEN},
    [REASON_VALUE_INVALID] = {.helps = BROKEN},
    [REASON_TRANSPORT_CLASS] = {.helps = BROKEN},
    [REASON_SESSION_MISSING] = {.helps = SESSION},
    [REASON_SESSION_REPEATED] = {.helps = SESSION},
    [REASON_PDU_TOO_LONG] = {REMEDY_SETTING, PLACE_CHANNEL, "pdu_max", NULL,
	"The message is longer than client and server agreed on, and no policy changes that: "
	"correct what sends it."},
    [REASON_PIECES_TOO_MANY] = {REMEDY_SETTING, PLACE_CHANNEL, "pieces_max", NULL,
	"The channel permits as many pieces as it can: the client has to send its messages in "
	"fewer."},
    [REASON_ADDRESS_FORM] = {.helps = "Nobody knows what the message touches, so no rule can name "
				      "it: the client has to use another form of address."},
    [REASON_POINTS_TOO_MANY] = {.helps = "The client has to ask for less in one message: no policy "
					 "raises that limit."},
    [REASON_MESSAGE_TOO_LONG] = {.helps = BROKEN},
    [REASON_LINK_START] = {.helps = BROKEN},
    [REASON_LINK_CRC] = {.helps = BROKEN},
    [REASON_LINK_DIRECTION] = {REMEDY_SETTING, PLACE_CHANNEL, "master_listens", "1", BROKEN},
    [REASON_LINK_FUNCTION] = {REMEDY_SETTING, PLACE_CHANNEL, "link_confirm", "1", BROKEN},
    [REASON_LINK_ADDRESS] = {.helps = BROKEN},
    [REASON_LINK_COUNT] = {.helps = SESSION},
    [REASON_LINK_PAIRS_FULL] = {.helps = "The client has to speak with fewer addresses in one "
					 "connection: no policy raises that limit."},
    [REASON_TRANSPORT_FIRST] = {.helps = SESSION},
    [REASON_TRANSPORT_SEQUENCE] = {.helps = SESSION},
    [REASON_TRANSPORT_INTERLEAVED] = {.helps = SESSION},
    [REASON_TRANSPORT_SPLIT] = {REMEDY_SETTING, PLACE_CHANNEL, "split_requests", "1", SESSION},
    [REASON_ASSEMBLIES_FULL] = {.helps = "The client has to send one message behind the other: no "
					 "policy raises that limit."},
    [REASON_FRAGMENT_TOO_LONG] = {REMEDY_SETTING, PLACE_CHANNEL, "fragment_max", NULL,
	"The channel permits fragments as long as they can be: correct what sends it."},
    [REASON_APPLICATION_CONTROL] = {.helps = BROKEN},
    [REASON_OBJECT_UNKNOWN] = {.helps = BROKEN},
    [REASON_OBJECT_FUNCTION] = {.helps = BROKEN},
    [REASON_QUALIFIER_INVALID] = {.helps = BROKEN},
    [REASON_RANGE_REVERSED] = {.helps = BROKEN},
    [REASON_SELECTS_FULL] = {.helps = "The client has to operate what it has selected, or wait: a "
				      "shorter select_timeout of the channel forgets old selects "
				      "sooner."},
    [REASON_RESPONSE_UNMATCHED] = {REMEDY_SETTING, PLACE_CHANNEL, "answers", "any",
	"The answer has no question: look at the server, or raise the channel's outstanding where "
	"it is below 64."},
    [REASON_RESPONSE_MISMATCH] = {.helps =
				      "The answer contradicts its question, and no policy lets "
				      "such pass: correct the server."},
    [REASON_OUTSTANDING_FULL] = {REMEDY_SETTING, PLACE_CHANNEL, "outstanding", NULL,
	"The channel's outstanding is as large as it can be: the client has to wait for "
	"answers."},
    [REASON_FUNCTION_DENIED] = {.kind = REMEDY_RULES, .helps = RULES},
    [REASON_UNIT_DENIED] = {.kind = REMEDY_RULES, .helps = RULES},
    [REASON_POINT_DENIED] = {.kind = REMEDY_RULES, .helps = RULES},
    [REASON_VALUE_DENIED] = {.kind = REMEDY_RULES, .helps = RULES},
    [REASON_VALUE_TYPE] = {.kind = REMEDY_RULES, .helps = RULES},
    [REASON_RATE_EXCEEDED] = {.kind = REMEDY_RULES, .helps = RULES},
    [REASON_AUDIT_FULL] = {REMEDY_SETTING, PLACE_POLICY, "audit_full", "continue",
	"Events can't be written: make room for the event file, the alarm events-unwritten says "
	"why."},
    [REASON_INSPECTOR_CRASHED] = {.helps = "The inspector died of the message, which is a fault of "
					   "it: report the bytes that the alarm holds."},
};
