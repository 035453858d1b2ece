/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reason codes: why a packet or a message was let through or stopped.
 *
 * One list for the whole program, lowest layer up, so that logs, counters, manual pages and tests
 * speak the same words.  The list is written once, below; the enum and the table of names are made
 * from it.  This is not a list of log texts: the text beside each code is for `sluice explain`.
 */
#ifndef SLUICE_REASON_H
#define SLUICE_REASON_H

/* X(enumerator suffix, word in logs and policy, sentence for people) */
#define REASON_LIST(X)                                                                             \
	/* zero is never a permission */                                                           \
	X(UNDECIDED, "undecided", "nothing has decided yet, which means no")                       \
	/* permissions */                                                                          \
	X(RULE, "rule", "a rule allows it")                                                        \
	X(SESSION, "session", "set-up that every session of this protocol needs")                  \
	X(RESPONSE, "response", "it answers an outstanding request")                               \
	X(CONTROL_SEGMENT, "control-segment", "a TCP segment without payload")                     \
	X(PARTIAL, "partial", "the beginning of a message whose fields so far are permitted")      \
	X(REPEATED, "repeated", "bytes that were judged before, repeated identically")             \
	X(PLAIN, "plain", "a channel that is not inspected permits it")                            \
	/* network and transport */                                                                \
	X(PACKET_TRUNCATED, "packet-truncated", "the packet is shorter than its headers say")      \
	X(PACKET_MALFORMED, "packet-malformed", "an IP or transport header contradicts itself")    \
	X(PACKET_FRAGMENT, "packet-fragment", "an IP fragment that nobody reassembled")            \
	X(PACKET_MERGED, "packet-merged",                                                          \
	    "several datagrams in one packet, whose ends can't be seen")                           \
	X(PACKET_CHECKSUM, "packet-checksum", "the transport checksum is wrong")                   \
	X(INVALID, "invalid", "no packet that a known connection could have, or begin with")       \
	X(WRONG_ZONE, "wrong-zone", "an address on an interface that is not one of its zone")      \
	X(NO_CHANNEL, "no-channel", "no channel names this client, server, protocol and port")     \
	X(WRONG_PORT, "wrong-port", "an address at a port of the bridge that is not of its zone")  \
	X(OTHER_PORT, "other-port", "a copy of a frame at a port that it is not for")              \
	X(FRAME, "frame", "a frame of a kind that no bridge of the policy carries")                \
	X(UNGUARDED, "unguarded", "a bridged packet that the kernel did not show to all rules")    \
	X(PEER_BARRED, "peer-barred",                                                              \
	    "its sender has killed inspectors, and gets to none for a while")                      \
	X(FLOW_TABLE_FULL, "flow-table-full", "the table of flows is full")                        \
	X(STATE_FULL, "state-full",                                                                \
	    "the memory for what earlier messages of connections said is full")                    \
	X(HELD_FULL, "held-full", "the memory for bytes in flight is full")                        \
	X(FLOW_GAVE_WAY, "flow-gave-way",                                                          \
	    "a connection of a client that has more than others was forgotten for them")           \
	X(HELD_GAVE_WAY, "held-gave-way",                                                          \
	    "bytes that were forgotten for others, and can't be compared, were needed")            \
	X(STREAM_MIDDLE, "stream-middle", "a connection whose beginning was not seen")             \
	X(STREAM_CLOSED, "stream-closed", "data that crossed the reset of its connection")         \
	X(STREAM_BYPASSED, "stream-bypassed", "the server has got requests that nobody judged")    \
	X(CAPTURE_LOSS, "capture-loss", "bytes that were acknowledged are not in the capture")     \
	X(STREAM_GAP, "stream-gap",                                                                \
	    "bytes before this segment are missing; the sender will repeat")                       \
	X(STREAM_CHANGED, "stream-changed", "bytes sent before were repeated with other values")   \
	X(STREAM_KEEPALIVE, "stream-keepalive",                                                    \
	    "a keep-alive probe with a made-up byte, sent on without it")                          \
	X(HEAD_HELD, "head-held",                                                                  \
	    "a part of a message that may only go on together with its rest")                      \
	X(STREAM_STALE, "stream-stale", "repeated bytes that can no longer be compared")           \
	X(STREAM_PAUSED, "stream-paused",                                                          \
	    "the rest of a message that came too late for a server that waited for it")            \
	X(STREAM_URGENT, "stream-urgent", "urgent data")                                           \
	X(STREAM_SYN_DATA, "stream-syn-data", "data on a SYN segment")                             \
	X(STREAM_MULTIPATH, "stream-multipath",                                                    \
	    "Multipath TCP, which spreads a stream over connections")                              \
	X(STREAM_FLAGS, "stream-flags", "a combination of TCP flags that no sender means")         \
	X(STREAM_REOPENED, "stream-reopened",                                                      \
	    "a new connection may have begun that can't be told from the old one yet")             \
	X(STREAM_AFTER_FIN, "stream-after-fin", "data after the end of the stream")                \
	X(FLOW_DENIED, "flow-denied", "an earlier message of this flow was denied")                \
	X(FLOW_CUT, "flow-cut", "a new policy no longer permits this flow")                        \
	/* framing and decoding */                                                                 \
	X(LENGTH_INVALID, "length-invalid", "a length field is outside what the protocol permits") \
	X(LENGTH_MISMATCH, "length-mismatch", "a length or count field contradicts the message")   \
	X(TRAILING_BYTES, "trailing-bytes", "bytes are left over behind the message")              \
	X(PROTOCOL_ID, "protocol-id", "another protocol than the channel's")                       \
	X(FUNCTION_UNKNOWN, "function-unknown", "a function that the protocol does not know")      \
	X(FUNCTION_DIRECTION, "function-direction", "a function that this side never sends")       \
	X(QUANTITY_INVALID, "quantity-invalid", "a quantity outside what the function permits")    \
	X(ADDRESS_OVERFLOW, "address-overflow",                                                    \
	    "address plus quantity goes beyond the last point")                                    \
	X(VALUE_INVALID, "value-invalid", "a field has a value that the protocol does not permit") \
	X(TRANSPORT_CLASS, "transport-class",                                                      \
	    "a transport class or option that the protocol does not use")                          \
	X(SESSION_MISSING, "session-missing", "a message before the session was set up")           \
	X(SESSION_REPEATED, "session-repeated", "a session that was set up is set up again")       \
	X(PDU_TOO_LONG, "pdu-too-long", "a message longer than the two ends agreed on")            \
	X(PIECES_TOO_MANY, "pieces-too-many", "a message in more pieces than the channel permits") \
	X(ADDRESS_FORM, "address-form", "an address in a form that can't be read")                 \
	X(POINTS_TOO_MANY, "points-too-many", "a message touches more points than can be listed")  \
	X(MESSAGE_TOO_LONG, "message-too-long", "a message longer than the protocol permits")      \
	/* layers of protocols that have some */                                                   \
	X(LINK_START, "link-start", "a frame that does not begin as frames do")                    \
	X(LINK_CRC, "link-crc", "the checksum of a frame or of a block of it is wrong")            \
	X(LINK_DIRECTION, "link-direction", "a frame that says it comes from the other side")      \
	X(LINK_FUNCTION, "link-function",                                                          \
	    "a link function that does not exist or is not permitted")                             \
	X(LINK_ADDRESS, "link-address", "an address that is reserved or can't be meant here")      \
	X(LINK_COUNT, "link-count", "a frame that repeats or skips the frame count")               \
	X(LINK_PAIRS_FULL, "link-pairs-full", "too many pairs of addresses wait for something")    \
	X(TRANSPORT_FIRST, "transport-first",                                                      \
	    "a message begins before the one in front has ended")                                  \
	X(TRANSPORT_SEQUENCE, "transport-sequence",                                                \
	    "a segment was skipped, repeated, or never begun")                                     \
	X(TRANSPORT_INTERLEAVED, "transport-interleaved", "segments of two messages in turn")      \
	X(TRANSPORT_SPLIT, "transport-split", "a request that goes on in another datagram")        \
	X(ASSEMBLIES_FULL, "assemblies-full", "too many messages are being put together")          \
	X(FRAGMENT_TOO_LONG, "fragment-too-long",                                                  \
	    "segments of a message longer than is permitted")                                      \
	X(APPLICATION_CONTROL, "application-control",                                              \
	    "flags of a message that can't be meant together")                                     \
	X(OBJECT_UNKNOWN, "object-unknown", "an object that the protocol does not know")           \
	X(OBJECT_FUNCTION, "object-function", "an object that this function does not take")        \
	X(QUALIFIER_INVALID, "qualifier-invalid", "a qualifier that such an object can't have")    \
	X(RANGE_REVERSED, "range-reversed", "a range that ends before it begins")                  \
	X(SELECTS_FULL, "selects-full", "too many selects wait for their operates")                \
	/* requests and responses */                                                               \
	X(RESPONSE_UNMATCHED, "response-unmatched",                                                \
	    "a response that answers no outstanding request")                                      \
	X(RESPONSE_MISMATCH, "response-mismatch", "a response that contradicts its request")       \
	X(OUTSTANDING_FULL, "outstanding-full", "too many requests wait for their responses")      \
	/* policy */                                                                               \
	X(FUNCTION_DENIED, "function-denied", "no rule of the channel allows this function")       \
	X(UNIT_DENIED, "unit-denied", "a rule allows the function, but not for this unit")         \
	X(POINT_DENIED, "point-denied", "a point lies outside what the rules allow")               \
	X(VALUE_DENIED, "value-denied", "a written value lies outside what the rules allow")       \
	X(VALUE_TYPE, "value-type",                                                                \
	    "a write that is not of whole elements of the type that the rule limits")              \
	X(RATE_EXCEEDED, "rate-exceeded", "the rate that the rule allows is used up")              \
	X(AUDIT_FULL, "audit-full", "events can't be written, and the policy says to deny then")   \
	/* the inspector itself */                                                                 \
	X(INSPECTOR_CRASHED, "inspector-crashed", "the message on which an inspector died")

enum reason {
#define X(name, word, text) REASON_##name,
	REASON_LIST(X)
#undef X
	    REASON_COUNT
};

/* The word of a reason code, "?" for a number that is none. Never NULL. */
const char *reason_word(enum reason reason);

/* The sentence that tells people what a reason code means. Never NULL. */
const char *reason_text(enum reason reason);

#endif
