/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reason keys: see reason_keys.h.
 *
 * A test holds this table against sluice.conf(5) and the settings of all protocols.
 */
#include <stddef.h>

#include "reason_keys.h"

const struct reason_key reason_keys[] = {
    {REASON_FUNCTION_DENIED, "functions", KEY_OF_RULE, NULL},
    {REASON_FUNCTION_DENIED, "access", KEY_OF_RULE, NULL},
    {REASON_FUNCTION_DENIED, "select_timeout", KEY_OF_PROTOCOL, "operate-without-select"},
    {REASON_UNIT_DENIED, "units", KEY_OF_RULE, NULL},
    {REASON_POINT_DENIED, "points", KEY_OF_RULE, NULL},
    {REASON_VALUE_DENIED, "values", KEY_OF_RULE, NULL},
    {REASON_VALUE_DENIED, "type", KEY_OF_RULE, NULL},
    {REASON_VALUE_TYPE, "type", KEY_OF_RULE, NULL},
    {REASON_RATE_EXCEEDED, "rate", KEY_OF_RULE, NULL},
    {REASON_WRONG_ZONE, "networks", KEY_OF_ZONE, NULL},
    {REASON_WRONG_ZONE, "interfaces", KEY_OF_ZONE, NULL},
    {REASON_WRONG_ZONE, "behind", KEY_OF_ZONE, NULL},
    {REASON_WRONG_PORT, "assets", KEY_OF_ZONE, NULL},
    {REASON_WRONG_PORT, "networks", KEY_OF_ZONE, NULL},
    {REASON_WRONG_PORT, "interfaces", KEY_OF_ZONE, NULL},
    {REASON_WRONG_PORT, "bridge", KEY_OF_ZONE, NULL},
    {REASON_NO_CHANNEL, "clients", KEY_OF_CHANNEL, NULL},
    {REASON_NO_CHANNEL, "servers", KEY_OF_CHANNEL, NULL},
    {REASON_NO_CHANNEL, "protocol", KEY_OF_CHANNEL, NULL},
    {REASON_NO_CHANNEL, "port", KEY_OF_CHANNEL, NULL},
    {REASON_NO_CHANNEL, "transport", KEY_OF_CHANNEL, NULL},
    {REASON_PROTOCOL_ID, "protocol", KEY_OF_CHANNEL, NULL},
    {REASON_STREAM_MIDDLE, "pickup", KEY_OF_CHANNEL, NULL},
    {REASON_STREAM_BYPASSED, "pickup", KEY_OF_CHANNEL, NULL},
    {REASON_STREAM_BYPASSED, "when_down", KEY_OF_CONDUIT, NULL},
    {REASON_STREAM_PAUSED, "pause", KEY_OF_CHANNEL, NULL},
    {REASON_OUTSTANDING_FULL, "outstanding", KEY_OF_CHANNEL, NULL},
    {REASON_RESPONSE_UNMATCHED, "outstanding", KEY_OF_CHANNEL, NULL},
    {REASON_RESPONSE_UNMATCHED, "answers", KEY_OF_CHANNEL, NULL},
    {REASON_LINK_FUNCTION, "link_confirm", KEY_OF_PROTOCOL, NULL},
    {REASON_LINK_DIRECTION, "master_listens", KEY_OF_PROTOCOL, NULL},
    {REASON_TRANSPORT_SPLIT, "split_requests", KEY_OF_PROTOCOL, NULL},
    {REASON_FRAGMENT_TOO_LONG, "fragment_max", KEY_OF_PROTOCOL, NULL},
    {REASON_LENGTH_MISMATCH, "fragment_max", KEY_OF_PROTOCOL, NULL},
    {REASON_SELECTS_FULL, "select_timeout", KEY_OF_PROTOCOL, NULL},
    {REASON_PIECES_TOO_MANY, "pieces_max", KEY_OF_PROTOCOL, NULL},
    {REASON_PDU_TOO_LONG, "pdu_max", KEY_OF_PROTOCOL, NULL},
    {REASON_FLOW_TABLE_FULL, "flows", KEY_OF_LIMITS, NULL},
    {REASON_STATE_FULL, "states", KEY_OF_LIMITS, NULL},
    {REASON_HELD_FULL, "held_bytes", KEY_OF_LIMITS, NULL},
    {REASON_FLOW_GAVE_WAY, "flows", KEY_OF_LIMITS, NULL},
    {REASON_FLOW_GAVE_WAY, "states", KEY_OF_LIMITS, NULL},
    {REASON_HELD_GAVE_WAY, "held_bytes", KEY_OF_LIMITS, NULL},
    {REASON_AUDIT_FULL, "audit_full", KEY_OF_POLICY, NULL},
    {.key = NULL},
};
