/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model: a policy in memory, exactly as its author wrote it, names resolved.
 *
 * Made by policy_load(), never changed afterwards, read by everything else.  All strings and arrays
 * belong to the policy.  Words are those of IEC 62443-3-2.
 */
#ifndef SLUICE_MODEL_H
#define SLUICE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissector.h"
#include "packet.h"

struct location {
	const char *file;
	unsigned line;  /* 0: the file as a whole */
	unsigned order; /* line in the whole text, included files put in: sorts over files */
};

/* An address with prefix length; bits behind the prefix are zero. */
struct network {
	enum family family;
	uint8_t prefix; /* 0..32 or 0..128 */
	struct address address;
};

struct asset {
	char *name;
	struct network address; /* full prefix: one host */
	struct location where;
};

enum zone_class {
	ZONE_CONTROL = 0,
	ZONE_SAFETY,
	ZONE_ENTERPRISE,
	ZONE_DMZ,
	ZONE_TEMPORARY,
	ZONE_WIRELESS,
	ZONE_EXTERNAL,
	ZONE_GATEWAY, /* the appliance itself: its own input and output are filtered */
	ZONE_CLASS_COUNT
};

struct zone {
	char *name;
	enum zone_class class;
	unsigned sl_t;     /* security level target, 0..4 */
	char *bridge;      /* whose ports the interfaces are; NULL: packets are routed */
	char **interfaces; /* of the zones that it is behind, where it is */
	size_t interface_count;
	const struct zone **behind; /* zones between the appliance and this one */
	size_t behind_count;
	struct network *networks;
	size_t network_count;
	struct asset *assets;
	size_t asset_count;
	struct location where;
};

/* A limit of written values, inclusive. */
struct value_range {
	double first;
	double last;
};

/* A limit of a number beside the value, see struct part. */
struct part_limit {
	uint32_t part; /* index into the dissector's parts */
	struct value_range range;
};

/* `count` messages in `period_ms`, a burst of `count` at once. */
struct rate {
	uint32_t count; /* 0: no limit */
	uint32_t period_ms;
	uint32_t slot; /* index of the rate's state, unique in the policy */
};

/*
 * What messages may do.  Empty lists of points and values mean: any; an empty list of units: all
 * but special ones.  Lists are sorted, ranges that touch are joined.  Functions of class
 * ACCESS_SESSION need no rule that names them: decide() looks at the class.
 */
struct rule {
	uint64_t functions[FUNCTIONS_MAX / 64]; /* bit i: row i of the dissector's catalogue */
	struct unit_range *units;
	size_t unit_count;
	struct point_range *points;
	size_t point_count;
	struct value_range *values;
	size_t value_count;
	const struct element_type *type; /* what values are limits of, from the first index of each
					  * of the points on; NULL: as the message carries them */
	struct part_limit *limits; /* sorted by part; of a part that has some, one must hold */
	size_t limit_count;
	struct rate rate;
	bool opaque;    /* access = ["any"]: every row of the catalogue, without limits of points or
			   values */
	uint32_t index; /* position in the channel, from 0 */
	/* as written, for printing: bits of enum access, ACCESS_COUNT for "any", and function names
	 */
	uint32_t access_words;
	uint64_t named_functions[FUNCTIONS_MAX / 64];
	struct location where;
};

enum pickup { PICKUP_RESET = 0, PICKUP_RESYNC };
/* In what a response must agree with the request that it answers. */
enum answers { ANSWERS_EXACT = 0, ANSWERS_ANY_UNIT, ANSWERS_ANY_TRANSACTION, ANSWERS_ANY };
enum channel_log { LOG_DENIALS = 0, LOG_WRITES, LOG_ALL };

struct endpoint {
	char *text;               /* as written: asset, zone.asset, zone, address or network */
	struct network *networks; /* what it stands for */
	size_t network_count;
};

/*
 * One permitted kind of traffic.  No connection matches two channels of a policy, and no address
 * stands in the clients, or in the servers, of a channel twice.
 */
struct channel {
	char *name;
	struct endpoint *clients;
	size_t client_count;
	struct endpoint *servers;
	size_t server_count;
	const char *protocol;              /* "modbus", "tcp", "udp", "icmp-echo" */
	const struct dissector *dissector; /* NULL: a plain channel */
	uint8_t transport;                 /* PROTOCOL_TCP, _UDP or _ICMP (stands for ICMPv6 too) */
	uint16_t port_first;
	uint16_t port_last;
	bool port_written; /* not the protocol's own */
	struct rule *rules;
	size_t rule_count;
	enum pickup pickup;
	enum channel_log log;
	enum answers answers;
	uint32_t outstanding; /* requests that may wait for their responses; 1..OUTSTANDING_MAX */
	uint32_t pause_s;     /* between the beginning of a request and its rest; 1..PAUSE_MAX_S */
	uint32_t settings[SETTINGS_MAX]; /* of the dissector */
	uint32_t index;                  /* number of the channel in the policy, from 0 */
	const struct conduit *conduit;
	const struct zone *client_zone;
	const struct zone *server_zone;
	struct location where;
};

enum {
	OUTSTANDING_MAX = 64, /* engineering tools ask 26 things at once */
	PAUSE_NORMAL_S = 2,   /* servers are known that give up after three */
	PAUSE_MAX_S = 60,
	CHANNELS_MAX = 16383, /* in a policy */
	RULES_MAX = 1024,     /* in a channel */
};

enum conduit_mode { MODE_ENFORCE = 0, MODE_MONITOR };
enum on_deny { ON_DENY_DROP = 0, ON_DENY_RESET, ON_DENY_REFUSE };
enum when_down { WHEN_DOWN_CLOSED = 0, WHEN_DOWN_OPEN };

struct conduit {
	char *name;
	const struct zone *from;
	const struct zone *to;
	enum conduit_mode mode;
	enum on_deny on_deny;
	enum when_down when_down;
	char *rationale; /* NULL: not given */
	bool isolated;   /* one of its zones is an island: none of its channels permits anything;
			    no word of the policy, but of who runs it: policy_isolate() */
	struct channel *channels;
	size_t channel_count;
	struct location where;
};

/* Strings are NULL where the file says nothing. */
struct site {
	char *name;
	char *owner;
	char *approved;       /* YYYY-MM-DD or NULL */
	unsigned review_days; /* 0: not given */
	struct location where;
};

enum {
	LIMITS_FLOWS = 65536, /* unless the policy says otherwise */
	LIMITS_FLOWS_MAX = 1 << 20,
	LIMITS_STATES = 4096, /* where `flows` is what it is unless given; see limits_states() */
	LIMITS_STATES_IMPLIED = 65536,
	LIMITS_HELD_BYTES = 16 << 20,
	LIMITS_HELD_BYTES_MIN = 64 << 10,
	LIMITS_HELD_BYTES_MAX = 1 << 30,
};

/* A finding of the review that the owner lives with. */
struct accepted {
	char *finding; /* its id, see diagnostics.h */
	char *reason;
	char *until; /* YYYY-MM-DD, the last day */
	struct location where;
};

/* Limits of what an outsider can grow. */
struct limits {
	uint32_t flows;      /* connections that are inspected at the same time */
	uint32_t held_bytes; /* bytes kept for comparison and reassembly, all flows together */
	uint32_t states;     /* connections of protocols with a memory */
};

/* `states` where the policy does not say: as many as flows, if it says how many those are. */
uint32_t limits_states(uint32_t flows);

/* What becomes of inspected traffic while events can't be written. */
enum audit_full { AUDIT_FULL_CONTINUE = 0, AUDIT_FULL_DENY };

/* May the kernel vouch for messages by itself, where it can? */
enum fast_path { FAST_PATH_OFF = 0, FAST_PATH_AUTO };

struct policy {
	char *file;    /* as given to policy_load() */
	char *source;  /* its text, with all that the file included */
	char *gateway; /* whose part of that text it is; NULL: the text is of one gateway only */
	char hash[65]; /* SHA-256 of the canonical print, hexadecimal */
	struct site site;
	struct limits limits;
	uint32_t mark_mask; /* the bits of marks that are ours; see mark.h */
	enum audit_full audit_full;
	enum fast_path fast_path;
	struct accepted *accepted; /* sorted by finding, each once */
	size_t accepted_count;
	struct zone *zones;
	size_t zone_count;
	struct conduit *conduits;
	size_t conduit_count;
	struct channel **channels; /* all of them by index */
	size_t channel_count;
	uint32_t rate_count; /* rate slots in use */
	void *arena;         /* where the memory of all this comes from */
};

/* Where rules for packets meet a zone's packets: its interfaces, or the bridge they are ports of.
 */
size_t zone_door_count(const struct zone *zone);
const char *zone_door(const struct zone *zone, size_t i);

/* Has the policy zones whose interfaces are ports of a bridge? */
bool policy_is_bridged(const struct policy *policy);

/* Words of the enumerations above, as policy files write them. */
const char *zone_class_word(enum zone_class class);
const char *conduit_mode_word(enum conduit_mode mode);
const char *on_deny_word(enum on_deny on_deny);
const char *when_down_word(enum when_down when_down);
const char *audit_full_word(enum audit_full audit_full);
const char *fast_path_word(enum fast_path fast_path);
const char *pickup_word(enum pickup pickup);
const char *answers_word(enum answers answers);
const char *channel_log_word(enum channel_log log);

bool network_contains(
    const struct network *network, enum family family, const struct address *address);

/* Does the rule allow a function of this class, of those that the dissector has? */
bool rule_allows_access(
    const struct rule *rule, const struct dissector *dissector, enum access access);

bool endpoints_contain(const struct endpoint *endpoints, size_t count, enum family family,
    const struct address *address);

/* The zone of a name, NULL if there is none. */
const struct zone *policy_find_zone_name(const struct policy *policy, const char *name);

/*
 * Before anything is made of the policy: cut each conduit of a zone of this name.  Hash and text
 * stay.  False: there is no such zone.
 */
bool policy_isolate(struct policy *policy, const char *zone);

/* The zone that contains an address, NULL if none does. Linear in the number of zones' networks. */
const struct zone *policy_find_zone(
    const struct policy *policy, enum family family, const struct address *address);

#endif
