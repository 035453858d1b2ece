/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What events look like, to the letter: pipelines are built on it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "eve.h"
#include "load.h"

static const char policy_text[] =
    "zones: {\n"
    "  supervision: { class = \"control\"; sl_t = 2; networks = [\"10.10.0.0/24\", "
    "\"fd10::/64\"];\n"
    "    interfaces = [\"eth0\"]; assets: { hmi = \"10.10.0.5\"; hmi6 = \"fd10::5\"; }; };\n"
    "  pumps: { class = \"control\"; sl_t = 2; networks = [\"10.20.0.0/24\", \"fd20::/64\"];\n"
    "    interfaces = [\"eth1\"]; assets: { plc1 = \"10.20.0.11\"; plc6 = \"fd20::11\"; }; };\n"
    "};\n"
    "conduits: { supervise: { from = \"supervision\"; to = \"pumps\"; mode = \"monitor\";\n"
    "  on_deny = \"drop\"; when_down = \"closed\"; rationale = \"test\";\n"
    "  channels: ( { name = \"hmi\"; clients = [\"hmi\"]; servers = [\"plc1\"]; protocol = "
    "\"modbus\";\n"
    "    rules: ( { access = [\"read\"]; } ); } ); }; };\n";

static struct policy *policy;

static int
load(void **state)
{
	struct diagnostics diagnostics = {0};
	int r = policy_load_text(policy_text, "test", &policy, &diagnostics);

	for (size_t i = 0; r < 0 && i < diagnostics.count; i++)
		print_error("%s\n", diagnostics.items[i].message);
	diagnostics_done(&diagnostics);
	if (r == 0) /* a hash that the expected lines can name */
		memcpy(policy->hash, "0123456789abcdef", 16);
	return r;
}

static int
unload(void **state)
{
	policy_free(policy);
	return 0;
}

/* A forbidden write of one register. */
static struct event
event_write(void)
{
	const struct dissector *modbus = policy->channels[0]->dissector;
	const struct function *function = dissector_find_function(modbus, "write-single-register");

	assert_non_null(function);
	return (struct event){
	    .type = EVENT_VERDICT,
	    .wall_ns = UINT64_C(1764000000123456789),
	    .flow_id = 77,
	    .source = {{10, 10, 0, 5}},
	    .destination = {{10, 20, 0, 11}},
	    .source_port = 40000,
	    .destination_port = 502,
	    .family = FAMILY_IPV4,
	    .transport = PROTOCOL_TCP,
	    .direction = DIRECTION_REQUEST,
	    .kind = MESSAGE_REQUEST,
	    .channel = 0,
	    .rule = EVENT_NO_INDEX,
	    .function = dissector_function_index(modbus, function),
	    .function_code = 6,
	    .has_function = 1,
	    .has_unit = 1,
	    .unit = 1,
	    .transaction = 9,
	    .length = 12,
	    .reason = REASON_POINT_DENIED,
	    .refused = 0,
	    .span_count = 1,
	    .spans = {{.space = 3,
		.access = ACCESS_WRITE,
		.first = 40,
		.last = 40,
		.value_count = 1,
		.values = {1500}}},
	};
}

static void
assert_json(const struct policy *names, const struct event *event, const char *expected)
{
	char *line = eve_print(names, event);

	assert_non_null(line);
	assert_string_equal(line, expected);
	free(line);
}

static void
assert_line(const struct policy *names, const struct event *event, const char *expected)
{
	char *line = eve_print_line(names, event);

	assert_non_null(line);
	assert_string_equal(line, expected);
	free(line);
}

#define HEAD "{\"timestamp\":\"2025-11-24T16:00:00.123456+0000\",\"flow_id\":77,"
#define ENDPOINTS                                                                               \
	"\"src_ip\":\"10.10.0.5\",\"src_port\":40000,\"dest_ip\":\"10.20.0.11\",\"dest_port\":" \
	"502,"                                                                                  \
	"\"proto\":\"TCP\",\"app_proto\":\"modbus\","
#define WHERE                                                                          \
	"\"conduit\":\"supervise\",\"channel\":\"hmi\",\"zone_from\":\"supervision\"," \
	"\"zone_to\":\"pumps\","

static void
denied_write(void **state)
{
	struct event event = event_write();

	assert_json(policy, &event,
	    HEAD
	    "\"event_type\":\"verdict\"," ENDPOINTS
	    "\"direction\":\"to_server\",\"modbus\":{\"kind\":\"request\",\"transaction_id\":9,"
	    "\"unit_id\":1,\"function\":6,\"function_name\":\"write-single-register\","
	    "\"access\":\"write\",\"refused\":\"holding:40\",\"points\":[\"holding:40\"],"
	    "\"values\":[1500],\"length\":12},\"sluice\":{" WHERE
	    "\"verdict\":\"deny\",\"reason\":\"point-denied\",\"policy\":\"0123456789ab\","
	    "\"mode\":\"monitor\"}}");
	assert_line(policy, &event,
	    "2025-11-24T16:00:00.123456+0000 DENY 10.10.0.5:40000 > 10.20.0.11:502 supervise/hmi "
	    "write-single-register unit 1 holding:40 = 1500: point-denied");
}

static void
monitored_write(void **state)
{
	struct event event = event_write();

	event.verdict = VERDICT_ALLOW;
	event.would_deny = 1;
	event.refused = EVENT_NO_INDEX;
	event.spans[0].values[0] = -1.5;
	assert_json(policy, &event,
	    HEAD
	    "\"event_type\":\"verdict\"," ENDPOINTS
	    "\"direction\":\"to_server\",\"modbus\":{\"kind\":\"request\",\"transaction_id\":9,"
	    "\"unit_id\":1,\"function\":6,\"function_name\":\"write-single-register\","
	    "\"access\":\"write\",\"points\":[\"holding:40\"],\"values\":[-1.5],\"length\":12},"
	    "\"sluice\":{" WHERE "\"verdict\":\"allow\",\"would_deny\":true,"
	    "\"reason\":\"point-denied\",\"policy\":\"0123456789ab\",\"mode\":\"monitor\"}}");
}

static void
allowed_by_rule(void **state)
{
	struct event event = event_write();
	char *line;

	event.verdict = VERDICT_ALLOW;
	event.reason = REASON_RULE;
	event.rule = 0;
	line = eve_print(policy, &event);
	assert_non_null(strstr(line, "\"verdict\":\"allow\",\"reason\":\"rule\",\"rule\":1,"));
	free(line);
}

static void
exception_response(void **state)
{
	struct event event = event_write();
	char *line;

	event.kind = MESSAGE_EXCEPTION;
	event.direction = DIRECTION_RESPONSE;
	event.has_exception = 1;
	event.exception = 2;
	event.span_count = 0;
	line = eve_print(policy, &event);
	assert_non_null(strstr(line, "\"direction\":\"to_client\""));
	assert_non_null(strstr(line, "\"kind\":\"exception\""));
	assert_non_null(
	    strstr(line, "\"exception\":2,\"exception_name\":\"illegal-data-address\""));
	assert_null(strstr(line, "points"));
	free(line);
}

/* A function without a row in the catalogue still has its number. */
static void
unknown_function(void **state)
{
	struct event event = event_write();

	event.function = EVENT_NO_INDEX;
	event.function_code = 90;
	event.span_count = 0;
	event.reason = REASON_FUNCTION_UNKNOWN;
	assert_json(policy, &event,
	    HEAD
	    "\"event_type\":\"verdict\"," ENDPOINTS
	    "\"direction\":\"to_server\",\"modbus\":{\"kind\":\"request\",\"transaction_id\":9,"
	    "\"unit_id\":1,\"function\":90,\"length\":12},\"sluice\":{" WHERE
	    "\"verdict\":\"deny\",\"reason\":\"function-unknown\",\"policy\":\"0123456789ab\","
	    "\"mode\":\"monitor\"}}");
}

static void
more_points_than_fit(void **state)
{
	struct event event = event_write();
	char *line;

	for (unsigned i = 0; i < EVENT_SPANS_MAX; i++)
		event.spans[i] = event.spans[0];
	event.span_count = EVENT_SPANS_MAX + 3;
	event.refused = EVENT_SPANS_MAX + 1;
	line = eve_print(policy, &event);
	assert_non_null(strstr(line, "\"points_left_out\":3"));
	assert_null(strstr(line, "refused"));
	free(line);
}

/* No message, no channel, IPv6: the zones come from the addresses. */
static void
packet_without_channel(void **state)
{
	struct event event = event_write();

	event.family = FAMILY_IPV6;
	event.source = (struct address){{0xfd, 0x10, [15] = 5}};
	event.destination = (struct address){{0xfd, 0x20, [15] = 0x11}};
	event.channel = EVENT_NO_INDEX;
	event.kind = MESSAGE_UNKNOWN;
	event.reason = REASON_NO_CHANNEL;
	assert_json(policy, &event,
	    HEAD "\"event_type\":\"verdict\",\"src_ip\":\"fd10::5\",\"src_port\":40000,"
		 "\"dest_ip\":\"fd20::11\",\"dest_port\":502,\"proto\":\"TCP\","
		 "\"direction\":\"to_server\",\"sluice\":{\"zone_from\":\"supervision\","
		 "\"zone_to\":\"pumps\",\"verdict\":\"deny\",\"reason\":\"no-channel\","
		 "\"policy\":\"0123456789ab\"}}");
	assert_line(policy, &event,
	    "2025-11-24T16:00:00.123456+0000 DENY [fd10::5]:40000 > [fd20::11]:502: no-channel");
}

/* Of a policy that is not known any more only the numbers are left. */
static void
policy_unknown(void **state)
{
	struct event event = event_write();

	assert_json(NULL, &event,
	    HEAD "\"event_type\":\"verdict\",\"src_ip\":\"10.10.0.5\",\"src_port\":40000,"
		 "\"dest_ip\":\"10.20.0.11\",\"dest_port\":502,\"proto\":\"TCP\","
		 "\"direction\":\"to_server\",\"sluice\":{\"verdict\":\"deny\","
		 "\"reason\":\"point-denied\"}}");
}

static void
crash_and_cut(void **state)
{
	struct event event = event_write();
	char *line;

	event.type = EVENT_CRASH;
	event.kind = MESSAGE_UNKNOWN;
	event.reason = REASON_INSPECTOR_CRASHED;
	line = eve_print(policy, &event);
	assert_non_null(strstr(line, "\"event_type\":\"crash\""));
	assert_non_null(strstr(line, "\"reason\":\"inspector-crashed\""));
	free(line);
	event.type = EVENT_CUT;
	event.reason = REASON_FLOW_CUT;
	assert_line(policy, &event,
	    "2025-11-24T16:00:00.123456+0000 CUT 10.10.0.5:40000 > 10.20.0.11:502 supervise/hmi: "
	    "flow-cut");
}

static void
lost(void **state)
{
	struct event event = {
	    .type = EVENT_LOST, .lost = 12, .wall_ns = UINT64_C(1764000000000001000)};

	assert_json(policy, &event,
	    "{\"timestamp\":\"2025-11-24T16:00:00.000001+0000\",\"event_type\":\"lost\","
	    "\"count\":12}");
	assert_line(policy, &event, "2025-11-24T16:00:00.000001+0000 LOST 12 events");
}

/* Of a storm: all that its last denial had, and how many there were. */
static void
storm(void **state)
{
	struct event event = event_write();
	char *line;

	event.type = EVENT_STORM;
	event.lost = 1200;
	event.total = 1216;
	event.first_ns = UINT64_C(1764000000000001000);
	event.last_ns = UINT64_C(1764000001000002000);
	event.over = 1;
	line = eve_print(policy, &event);
	assert_non_null(strstr(line, "\"flow_id\":77,\"event_type\":\"storm\",\"src_ip\":"));
	assert_non_null(strstr(line,
	    "\"count\":1200,\"total\":1216,\"first\":\"2025-11-24T16:00:00.000001+0000\","
	    "\"last\":\"2025-11-24T16:00:01.000002+0000\",\"over\":true}"));
	free(line);
	line = eve_print_line(policy, &event);
	assert_non_null(strstr(line, " STORM "));
	assert_non_null(strstr(line, ", 1200 more, over"));
	free(line);
}

/* Those that found no room have a reason and a number. */
static void
storm_of_others(void **state)
{
	struct event event = {.type = EVENT_STORM,
	    .lost = 3,
	    .total = 3,
	    .reason = REASON_POINT_DENIED,
	    .channel = EVENT_NO_INDEX,
	    .rule = EVENT_NO_INDEX,
	    .function = EVENT_NO_INDEX};

	assert_json(NULL, &event,
	    "{\"timestamp\":\"1970-01-01T00:00:00.000000+0000\",\"event_type\":\"storm\","
	    "\"sluice\":{\"verdict\":\"deny\",\"reason\":\"point-denied\",\"count\":3,"
	    "\"total\":3,\"first\":\"1970-01-01T00:00:00.000000+0000\","
	    "\"last\":\"1970-01-01T00:00:00.000000+0000\",\"over\":false}}");
}

/* For who reads alerts: the type, the object, and what it was. */
static void
denials_as_alerts(void **state)
{
	struct event event = event_write();
	json_t *root, *alert;
	char *line;

	event.verdict = VERDICT_DENY;
	event.reason = REASON_VALUE_DENIED;
	line = eve_print_as(policy, &event, EVE_ALERTS);
	root = json_loads(line, 0, NULL);
	free(line);
	alert = json_object_get(root, "alert");
	assert_string_equal(json_string_value(json_object_get(root, "event_type")), "alert");
	assert_string_equal(json_string_value(json_object_get(alert, "action")), "blocked");
	assert_int_equal(json_integer_value(json_object_get(alert, "gid")), 1);
	assert_int_equal(json_integer_value(json_object_get(alert, "rev")), 1);
	assert_int_equal(json_integer_value(json_object_get(alert, "severity")), 1);
	assert_int_equal(json_integer_value(json_object_get(alert, "signature_id")),
	    eve_signature(REASON_VALUE_DENIED));
	assert_true(json_is_string(json_object_get(alert, "category")));
	assert_non_null(
	    strstr(json_string_value(json_object_get(alert, "signature")), "value-denied"));
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(root, "sluice"), "event")),
	    "verdict");
	json_decref(root);
	event.would_deny = 1;
	event.verdict = VERDICT_ALLOW;
	line = eve_print_as(policy, &event, EVE_DROPS);
	assert_non_null(strstr(line, "\"event_type\":\"alert\""));
	assert_non_null(strstr(line, "\"action\":\"allowed\""));
	free(line);
	event.would_deny = 0;
	line = eve_print_as(policy, &event, EVE_ALERTS);
	assert_non_null(strstr(line, "\"event_type\":\"verdict\""));
	assert_null(strstr(line, "\"alert\""));
	free(line);
	event.verdict = VERDICT_DENY;
	line = eve_print_as(policy, &event, EVE_DROPS);
	assert_non_null(strstr(line, "\"event_type\":\"drop\""));
	assert_non_null(strstr(line, "\"drop\":{\"reason\":\"rules\"}"));
	free(line);
}

/* Whoever sorts by number must find each reason under its own. */
static void
signatures_are_distinct(void **state)
{
	assert_int_equal(eve_signature(REASON_POINT_DENIED), 1984207);
	for (unsigned a = 0; a < REASON_COUNT; a++) {
		assert_true(eve_signature(a) >= 1900000 && eve_signature(a) <= 1999999);
		for (unsigned b = 0; b < a; b++)
			assert_int_not_equal(eve_signature(a), eve_signature(b));
	}
}

static void
interface_and_bytes(void **state)
{
	struct event event = event_write();
	char *line;

	memset(event.interface_name, 'e', sizeof(event.interface_name)); /* without an end */
	memcpy(event.bytes, "\0\1\2\3", 4);
	event.byte_count = 4;
	line = eve_print(policy, &event);
	assert_non_null(
	    strstr(line, "\"flow_id\":77,\"in_iface\":\"eeeeeeeeeeeeeeee\",\"event_type\""));
	assert_non_null(strstr(line, "\"payload\":\"AAECAw==\"}"));
	free(line);
}

/* Numbers that no honest inspector writes must not be looked up. */
static void
numbers_out_of_range(void **state)
{
	struct event event;
	char *line;

	memset(&event, 0xff, sizeof(event));
	line = eve_print(policy, &event);
	assert_non_null(line);
	free(line);
	line = eve_print_line(policy, &event);
	assert_non_null(line);
	free(line);
	event.channel = 0;
	event.family = FAMILY_IPV4;
	line = eve_print(policy, &event);
	assert_non_null(line);
	free(line);
	line = eve_print_line(policy, &event);
	assert_non_null(line);
	free(line);
}

static void
note(void **state)
{
	static const char *const fields[] = {"alarm", "inspector-died", "file", "a\xff", NULL};
	char *line = eve_print_note(UINT64_C(1764000000000000000), "alarm", fields);

	assert_string_equal(line,
	    "{\"timestamp\":\"2025-11-24T16:00:00.000000+0000\",\"event_type\":\"alarm\","
	    "\"sluice\":{\"alarm\":\"inspector-died\",\"file\":\"?\"}}");
	free(line);
}

/* A policy of another protocol. */
static struct policy *
policy_of(const char *protocol)
{
	struct diagnostics diagnostics = {0};
	struct policy *other = NULL;
	const char *modbus = strstr(policy_text, "modbus");
	char text[sizeof(policy_text) + 16];

	snprintf(text, sizeof(text), "%.*s%s%s", (int)(modbus - policy_text), policy_text, protocol,
	    modbus + strlen("modbus"));
	assert_int_equal(policy_load_text(text, "test", &other, &diagnostics), 0);
	diagnostics_done(&diagnostics);
	return other;
}

/* Any bytes, but in half of the events nothing before the spans is out of range. */
static void
fill(struct event *event, unsigned number)
{
	uint8_t *bytes = (uint8_t *)event;

	for (size_t i = 0; i < sizeof(*event); i++)
		bytes[i] = (uint8_t)(random() >> 8);
	event->channel = 0;
	if (number % 2 == 0)
		return;
	event->type = EVENT_VERDICT;
	event->span_count = 1;
	event->spans[0].space %= 24;
}

/* An inspector that somebody has taken over says what he likes, to a process that is root. */
static void
what_an_inspector_makes_up(void **state)
{
	static const char *const protocols[] = {"modbus", "dnp3", "s7comm"};
	struct event event;

	srandom(1);
	for (unsigned i = 0; i < 3; i++) {
		struct policy *other = policy_of(protocols[i]);

		for (unsigned n = 0; n < 2000; n++) {
			char *line;
			json_t *object;

			fill(&event, n);
			line = eve_print(other, &event);
			assert_non_null(line);
			assert_null(strchr(line, '\n'));
			object = json_loads(line, 0, NULL);
			assert_non_null(object);
			json_decref(object);
			free(line);
			free(eve_print_line(other, &event));
		}
		policy_free(other);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(denied_write),
	    cmocka_unit_test(monitored_write),
	    cmocka_unit_test(allowed_by_rule),
	    cmocka_unit_test(exception_response),
	    cmocka_unit_test(unknown_function),
	    cmocka_unit_test(more_points_than_fit),
	    cmocka_unit_test(packet_without_channel),
	    cmocka_unit_test(policy_unknown),
	    cmocka_unit_test(crash_and_cut),
	    cmocka_unit_test(lost),
	    cmocka_unit_test(storm),
	    cmocka_unit_test(denials_as_alerts),
	    cmocka_unit_test(signatures_are_distinct),
	    cmocka_unit_test(storm_of_others),
	    cmocka_unit_test(interface_and_bytes),
	    cmocka_unit_test(numbers_out_of_range),
	    cmocka_unit_test(what_an_inspector_makes_up),
	    cmocka_unit_test(note),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
