/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset rules: the chains, the same for every policy.
 *
 * What a packet may do depends on the policy only through sets, maps and the connection mark.  So
 * these tables can be read once and are then known for every installation; and no packet meets more
 * rules because a policy has more channels.
 */
#include "ruleset_words.h"

/* clang-format off: it takes initializers in macros for blocks */
#define NO_MEMBER_DROP(...)                                             \
	{                                                               \
		{                                                       \
			NO_MEMBER(__VA_ARGS__), GOTO("drop-wrong-zone") \
		}                                                       \
	}

/* A packet comes from a zone, on an interface of that zone; or it goes to one. */
#define FROM_ZONE                                                      \
	NO_MEMBER_DROP("members4", RULESET_IIFNAME, RULESET_IP_SADDR), \
	    NO_MEMBER_DROP("members6", RULESET_IIFNAME, RULESET_IP6_SADDR)
#define TO_ZONE                                                        \
	NO_MEMBER_DROP("members4", RULESET_OIFNAME, RULESET_IP_DADDR), \
	    NO_MEMBER_DROP("members6", RULESET_OIFNAME, RULESET_IP6_DADDR)
/* An ICMP error about a connection that a channel permits, from where that connection's packets in
 * this direction come in.  A router there may have any address (RFC 2979, RFC 4890). */
#define ERROR_PASSES(types, property)                                                      \
	{                                                                                  \
		{                                                                          \
			STATE(RULESET_STATE_RELATED), MEMBER(types, property),             \
			    MEMBER("error-sources", RULESET_CT_MARK, RULESET_CT_DIRECTION, \
				RULESET_IIFNAME),                                          \
			    GOTO("plain")                                                  \
		}                                                                          \
	}
#define ERRORS_PASS                                      \
	ERROR_PASSES("icmp-errors4", RULESET_ICMP_TYPE), \
	    ERROR_PASSES("icmp-errors6", RULESET_ICMPV6_TYPE)
#define BARRED                                                                    \
	{{MEMBER("barred4", RULESET_IP_SADDR), GOTO("drop-barred")}},             \
	{                                                                         \
		{                                                                 \
			MEMBER("barred6", RULESET_IP6_SADDR), GOTO("drop-barred") \
		}                                                                 \
	}
/* The recogniser has judged the packet, for this channel and direction; see CONTRIBUTING.md.  It
 * has seen the ends before anybody could translate them. */
#define VOUCHED_PASSES                                                                  \
	{                                                                               \
		{                                                                       \
			NO_STATUS(RULESET_STATUS_SNAT | RULESET_STATUS_DNAT),           \
			    MEMBER(RULESET_VOUCHED, RULESET_CT_DIRECTION, RULESET_MARK, \
				RULESET_CT_MARK),                                       \
			    ACCEPT                                                      \
		}                                                                       \
	}
#define UNKNOWN_STATE                                                           \
	{                                                                       \
		{                                                               \
			STATE(RULESET_STATE_INVALID | RULESET_STATE_UNTRACKED), \
			    GOTO("drop-invalid")                                \
		}                                                               \
	}
/* clang-format on */

/*
 * The first rule is a short cut for packets of connections that the rest has let in: the mark
 * stands for channel and policy, the connection has its addresses, so only the interfaces are left
 * to be looked at.  It says nothing that the rest would not say, with one look-up of a hash in
 * place of two of intervals.
 *
 * ICMP errors pass before their source is looked at, but behind their destination: that connection
 * tracking has compared with the connection.
 */
static const struct ruleset_rule forward_rules[] = {
    {{STATE(RULESET_STATE_ESTABLISHED),
	VERDICT(RULESET_ESTABLISHED, RULESET_CT_MARK, RULESET_CT_DIRECTION, RULESET_IIFNAME,
	    RULESET_OIFNAME)}},
    UNKNOWN_STATE,
    TO_ZONE,
    ERRORS_PASS,
    FROM_ZONE,
    {{GOTO("connection")}},
};

/*
 * Resets come first: those of the inspector end connections that others hold, from raw sockets. The
 * machine itself is a router between all zones, so its ICMP errors are bound to permitted
 * connections only.
 */
static const struct ruleset_rule output_rules[] = {
    {{INTERFACE(RULESET_OIFNAME, "lo"), ACCEPT}},
    {{MEMBER("neighbour-discovery", RULESET_ICMPV6_TYPE), ACCEPT}},
    TO_ZONE,
    {{FLAGS_DIFFER(TCP_RST, 0), ACCEPT}},
    UNKNOWN_STATE,
    {{STATE(RULESET_STATE_RELATED), MEMBER("icmp-errors4", RULESET_ICMP_TYPE), COUNT_CHANNEL,
	ACCEPT}},
    {{STATE(RULESET_STATE_RELATED), MEMBER("icmp-errors6", RULESET_ICMPV6_TYPE), COUNT_CHANNEL,
	ACCEPT}},
    {{GOTO("connection")}},
};

static const struct ruleset_rule input_rules[] = {
    {{INTERFACE(RULESET_IIFNAME, "lo"), ACCEPT}},
    {{MEMBER("neighbour-discovery", RULESET_ICMPV6_TYPE), ACCEPT}},
    UNKNOWN_STATE,
    ERRORS_PASS,
    FROM_ZONE,
    {{GOTO("connection")}},
};

/*
 * Established connections end here, by their mark.  `related` is an ICMP error, which bears the
 * mark of the connection that it speaks of, or a connection that a helper announced, which inherits
 * one: neither may take the verdict of the mark.  What may pass of them has passed before.
 */
static const struct ruleset_rule connection_rules[] = {
    {{STATE(RULESET_STATE_RELATED), GOTO("drop-no-channel")}},
    {{CHANNEL_VERDICT}},
    {{GOTO("classify")}},
};

/*
 * The exact key comes behind the range and overrides it: most keys are exact, and the kernel takes
 * them in far less time, and finds them sooner, than what has an interval somewhere.  A mark of an
 * older policy stays where nothing matches.
 *
 * Of a connection that is not known to connection tracking (it started, was flushed, or the idle
 * time ran out) the first packet may be the server's, and the original direction is then that of
 * answers. So what no inspected channel names is looked up the other way round before it may be
 * plain; a SYN says by itself who is the client.
 *
 * The helper is assigned first, to IPv6 too: a connection can have one only as long as its first
 * packet has not left.
 */
static const struct ruleset_rule classify_rules[] = {
    {{PROTOCOL(PROTOCOL_TCP), HELPER("keep-tcp"), MARK4("ranges4")}},
    {{PROTOCOL(PROTOCOL_UDP), HELPER("keep-udp"), MARK4("ranges4")}},
    {{PROTOCOL(PROTOCOL_ICMP), MARK4("ranges4")}},
    {{PROTOCOL(PROTOCOL_TCP), MARK4("channels4")}},
    {{PROTOCOL(PROTOCOL_UDP), MARK4("channels4")}},
    {{PROTOCOL(PROTOCOL_ICMP), MARK4("channels4")}},
    {{PROTOCOL(PROTOCOL_TCP), MARK6("ranges6")}},
    {{PROTOCOL(PROTOCOL_UDP), MARK6("ranges6")}},
    {{PROTOCOL(PROTOCOL_ICMPV6), MARK6("ranges6")}},
    {{PROTOCOL(PROTOCOL_TCP), MARK6("channels6")}},
    {{PROTOCOL(PROTOCOL_UDP), MARK6("channels6")}},
    {{PROTOCOL(PROTOCOL_ICMPV6), MARK6("channels6")}},
    {{INSPECTED_VERDICT}},
    {{NO_SYN, BACK4("answer-ranges4")}},
    {{PROTOCOL(PROTOCOL_UDP), BACK4("answer-ranges4")}},
    {{NO_SYN, BACK4("answers4")}},
    {{PROTOCOL(PROTOCOL_UDP), BACK4("answers4")}},
    {{NO_SYN, BACK6("answer-ranges6")}},
    {{PROTOCOL(PROTOCOL_UDP), BACK6("answer-ranges6")}},
    {{NO_SYN, BACK6("answers6")}},
    {{PROTOCOL(PROTOCOL_UDP), BACK6("answers6")}},
    {{CHANNEL_VERDICT}},
    {{STATE(RULESET_STATE_ESTABLISHED), PROTOCOL(PROTOCOL_TCP), COUNT(RULESET_REASON_CUT), RESET}},
    {{STATE(RULESET_STATE_ESTABLISHED), COUNT(RULESET_REASON_CUT), DROP}},
    {{GOTO("drop-no-channel")}},
};

/* What is dropped for no fault of a message: counted, told to the listener, and gone. */
static const struct ruleset_rule drop_invalid_rules[] =
    DROP_RULES(RULESET_REASON_INVALID, "invalid");
static const struct ruleset_rule drop_wrong_zone_rules[] =
    DROP_RULES(RULESET_REASON_WRONG_ZONE, "wrong-zone");
static const struct ruleset_rule drop_no_channel_rules[] =
    DROP_RULES(RULESET_REASON_NO_CHANNEL, "no-channel");

static const struct ruleset_rule drop_barred_rules[] =
    DROP_RULES(RULESET_REASON_BARRED, "peer-barred");

static const struct ruleset_rule drop_unguarded_rules[] =
    DROP_RULES(RULESET_REASON_UNGUARDED, "unguarded");

/*
 * Frames that a bridge carries between two of its ports come and go by the bridge, here.  The table
 * of the bridge has looked at their ports and has vouched for them, or they are dropped; that they
 * have been here is told to it.
 */
static const struct ruleset_rule bridged_rules[] = {
    {{MEMBER("bridges", RULESET_IIFNAME), MEMBER("bridges", RULESET_OIFNAME),
	GOTO("bridged-frame")}},
    {{ACCEPT}},
};

static const struct ruleset_rule bridged_frame_rules[] = {
    {{NOT_GUARDED(RULESET_GUARD_PORTS), GOTO("drop-unguarded")}},
    {{GUARD(RULESET_GUARD_SEEN)}},
    {{ACCEPT}},
};

/* The chains that verdicts name; each counts first. */

static const struct ruleset_rule plain_rules[] = {
    {{COUNT_CHANNEL}},
    {{ACCEPT}},
};

/*
 * Connection tracking takes up connections in their middle; a plain channel does not.  `new` lasts
 * until the server has answered: up to there the client may only repeat its SYN.
 */
static const struct ruleset_rule plain_tcp_rules[] = {
    {{COUNT_CHANNEL}},
    {{STATE(RULESET_STATE_NEW), FLAGS_DIFFER(TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK, TCP_SYN),
	COUNT(RULESET_REASON_MIDDLE), RESET}},
    {{ACCEPT}},
};

/*
 * Segments that change neither the stream nor its state stay in the kernel.  An urgent pointer
 * changes the stream even without payload: the receiver takes the byte that it points to out of the
 * segments that follow.
 */
static const struct ruleset_rule inspect_closed_rules[] = {
    {{COUNT_CHANNEL}},
    {{PROTOCOL(PROTOCOL_TCP), PAYLOAD, GOTO("queue-closed")}},
    {{FLAGS_DIFFER(TCP_FIN | TCP_SYN | TCP_RST | TCP_URG, 0), GOTO("queue-closed")}},
    {{PROTOCOL(PROTOCOL_TCP), ACCEPT}},
    {{GOTO("queue-closed")}},
};

static const struct ruleset_rule inspect_open_rules[] = {
    {{COUNT_CHANNEL}},
    {{PROTOCOL(PROTOCOL_TCP), PAYLOAD, GOTO("queue-open")}},
    {{FLAGS_DIFFER(TCP_FIN | TCP_SYN | TCP_RST | TCP_URG, 0), GOTO("queue-open")}},
    {{PROTOCOL(PROTOCOL_TCP), ACCEPT}},
    {{GOTO("queue-open")}},
};

/*
 * The packet mark tells the inspector channel and direction; the connection's mark it can't see.
 *
 * Who has killed inspectors gets to none of them, whatever when_down says: what is dropped here
 * would have been judged.  Plain channels of the same peer go on.
 */
static const struct ruleset_rule queue_closed_rules[] = {
    BARRED,
    VOUCHED_PASSES,
    {{PACKET_MARK(0)}},
    {{PACKET_MARK(1)}},
    {{QUEUE_CLOSED}},
};

static const struct ruleset_rule queue_open_rules[] = {
    BARRED,
    VOUCHED_PASSES,
    {{PACKET_MARK(0)}},
    {{PACKET_MARK(1)}},
    {{QUEUE_OPEN}},
};

const struct ruleset_helper ruleset_helpers[RULESET_HELPER_COUNT] = {
    {"keep-tcp", PROTOCOL_TCP},
    {"keep-udp", PROTOCOL_UDP},
};

/* Base chains first: those that others go to are known by name before their rules are read. */
static const struct ruleset_chain chains[] = {
    {"forward", RULESET_HOOK_FORWARD, 0, RULESET_NEED_ALWAYS, ROWS(forward_rules)},
    {"input", RULESET_HOOK_INPUT, 0, RULESET_NEED_GATEWAY, ROWS(input_rules)},
    {"output", RULESET_HOOK_OUTPUT, 0, RULESET_NEED_GATEWAY, ROWS(output_rules)},
    {"bridged", RULESET_HOOK_FORWARD, -10, RULESET_NEED_BRIDGE, ROWS(bridged_rules)},
    {"bridged-frame", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(bridged_frame_rules)},
    {"connection", RULESET_HOOK_NONE, 0, RULESET_NEED_ALWAYS, ROWS(connection_rules)},
    {"classify", RULESET_HOOK_NONE, 0, RULESET_NEED_ALWAYS, ROWS(classify_rules)},
    {"drop-invalid", RULESET_HOOK_NONE, 0, RULESET_NEED_ALWAYS, ROWS(drop_invalid_rules)},
    {"drop-wrong-zone", RULESET_HOOK_NONE, 0, RULESET_NEED_ALWAYS, ROWS(drop_wrong_zone_rules)},
    {"drop-no-channel", RULESET_HOOK_NONE, 0, RULESET_NEED_ALWAYS, ROWS(drop_no_channel_rules)},
    {"drop-barred", RULESET_HOOK_NONE, 0, RULESET_NEED_ALWAYS, ROWS(drop_barred_rules)},
    {"drop-unguarded", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(drop_unguarded_rules)},
    {"plain", RULESET_HOOK_NONE, 0, RULESET_NEED_ALWAYS, ROWS(plain_rules)},
    {"plain-tcp", RULESET_HOOK_NONE, 0, RULESET_NEED_ALWAYS, ROWS(plain_tcp_rules)},
    {"inspect-closed", RULESET_HOOK_NONE, 0, RULESET_NEED_CLOSED, ROWS(inspect_closed_rules)},
    {"inspect-open", RULESET_HOOK_NONE, 0, RULESET_NEED_OPEN, ROWS(inspect_open_rules)},
    {"queue-closed", RULESET_HOOK_NONE, 0, RULESET_NEED_CLOSED, ROWS(queue_closed_rules)},
    {"queue-open", RULESET_HOOK_NONE, 0, RULESET_NEED_OPEN, ROWS(queue_open_rules)},
};

const struct ruleset_chains ruleset_inet_chains = {ROWS(chains)};
