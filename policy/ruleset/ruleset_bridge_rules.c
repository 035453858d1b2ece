/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset bridge rules: the chains of the table of bridged frames, the same for every policy.
 *
 * The first stands before the kernel's bridge netfilter, which takes IPv4 packets to the rules of
 * `inet sluice`, the second behind it.  Here ports are known, and nothing of connections; there it
 * is the other way round.  So what is forwarded between ports, once for each port that a frame goes
 * out by, is vouched for here, judged there, and must have been there when it comes back: if
 * somebody has turned bridge netfilter off, what should have been judged is dropped.
 *
 * What has no port of a zone is not ours.  What has a tag is of no type that is named here.
 */
#include "ruleset_words.h"

enum { FRAME_IPV4 = 0x0800, FRAME_ARP = 0x0806, ARP_REQUEST = 1, ARP_REPLY = 2 };

static const struct ruleset_rule forward_rules[] = {
    {{MEMBER("ports", RULESET_IIFNAME), GOTO("guard")}},
    {{MEMBER("ports", RULESET_OIFNAME), GOTO("guard")}},
    {{ACCEPT}},
};

static const struct ruleset_rule guard_rules[] = {
    {{FRAME(FRAME_IPV4), GOTO("guard4")}},
    {{FRAME(FRAME_ARP), GOTO("guard-arp")}},
    {{GOTO("drop-frame")}},
};

/*
 * A frame whose station the bridge does not know goes to all ports: the copies for others end here.
 * So do the packets of hosts that have no address yet and look for one.
 */
static const struct ruleset_rule guard4_rules[] = {
    {{MEMBER("unspecified4", RULESET_IP_SADDR), GOTO("drop-other-port")}},
    {{NO_MEMBER("members4", RULESET_IIFNAME, RULESET_IP_SADDR), GOTO("drop-wrong-port")}},
    {{NO_MEMBER("members4", RULESET_OIFNAME, RULESET_IP_DADDR), GOTO("drop-other-port")}},
    {{GUARD(RULESET_GUARD_PORTS)}},
    {{ACCEPT}},
};

/*
 * Who asks for an address, or answers, does it with one of its zone, and between zones that a
 * conduit joins.  A host that tries whether an address is free has none yet (RFC 5227): that is
 * nobody's forgery, but need not cross.
 */
static const struct ruleset_rule guard_arp_rules[] = {
    {{ARP(ARP_REQUEST), GOTO("guard-arp4")}},
    {{ARP(ARP_REPLY), GOTO("guard-arp4")}},
    {{GOTO("drop-frame")}},
};

static const struct ruleset_rule guard_arp4_rules[] = {
    {{MEMBER("unspecified4", RULESET_ARP_SADDR), GOTO("drop-other-port")}},
    {{NO_MEMBER("members4", RULESET_IIFNAME, RULESET_ARP_SADDR), GOTO("drop-wrong-port")}},
    {{NO_MEMBER("members4", RULESET_OIFNAME, RULESET_ARP_DADDR), GOTO("drop-other-port")}},
    {{NO_MEMBER("joined", RULESET_IIFNAME, RULESET_OIFNAME), GOTO("drop-other-port")}},
    {{ACCEPT}},
};

static const struct ruleset_rule drop_wrong_port_rules[] =
    DROP_RULES(RULESET_REASON_WRONG_PORT, "wrong-port");
static const struct ruleset_rule drop_frame_rules[] = DROP_RULES(RULESET_REASON_FRAME, "frame");
static const struct ruleset_rule drop_unguarded_rules[] =
    DROP_RULES(RULESET_REASON_UNGUARDED, "unguarded");

/* Counted only: of most of these another copy goes where it should. */
static const struct ruleset_rule drop_other_port_rules[] = {
    {{COUNT(RULESET_REASON_OTHER_PORT)}},
    {{DROP}},
};

static const struct ruleset_rule judged_rules[] = {
    {{GUARDED(RULESET_GUARD_PORTS), GOTO("drop-unguarded")}},
    {{ACCEPT}},
};

static const struct ruleset_chain chains[] = {
    {"forward", RULESET_HOOK_FORWARD, -250, RULESET_NEED_BRIDGE, ROWS(forward_rules)},
    {"judged", RULESET_HOOK_FORWARD, 250, RULESET_NEED_BRIDGE, ROWS(judged_rules)},
    {"guard", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(guard_rules)},
    {"guard4", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(guard4_rules)},
    {"guard-arp", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(guard_arp_rules)},
    {"guard-arp4", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(guard_arp4_rules)},
    {"drop-wrong-port", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(drop_wrong_port_rules)},
    {"drop-other-port", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(drop_other_port_rules)},
    {"drop-frame", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(drop_frame_rules)},
    {"drop-unguarded", RULESET_HOOK_NONE, 0, RULESET_NEED_BRIDGE, ROWS(drop_unguarded_rules)},
};

const struct ruleset_chains ruleset_bridge_chains = {ROWS(chains)};
