/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What events tell of messages, from the bytes on the wire to the object named after the protocol.
 *
 * The names of DNP3 are those of Suricata's EVE, because pipelines read them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "dnp3_wire.h"
#include "eve.h"
#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

static struct sim *
opened(const char *protocol)
{
	char channel[64];
	struct sim *sim;

	snprintf(channel, sizeof(channel), "protocol = \"%s\"; log = \"all\";", protocol);
	sim = sim_new("on_deny = \"drop\";", channel, "{ access = [\"any\"]; }");
	sim_open(sim);
	return sim;
}

/* The last event says this of its message. */
static void
assert_told(const struct sim *sim, const char *expected)
{
	char *line, *told;
	json_t *event;
	const char *protocol;

	assert_true(sim->event_count > 0);
	line = eve_print(sim->policy, &sim->events[sim->event_count - 1]);
	event = json_loads(line, 0, NULL);
	assert_non_null(event);
	protocol = json_string_value(json_object_get(event, "app_proto"));
	assert_non_null(protocol);
	told = json_dumps(json_object_get(event, protocol), JSON_COMPACT);
	assert_string_equal(told, expected);
	free(told);
	free(line);
	json_decref(event);
}

/* A frame with one segment of a fragment in it. */
static void
say(struct sim *sim, enum direction direction, uint8_t transport, const char *hex)
{
	uint8_t user[DNP3_WIRE_USER_MAX], frame[DNP3_WIRE_FRAME_MAX];
	bool request = direction == REQUEST;
	size_t length;

	user[0] = transport;
	length = 1 + sim_hex(hex, &user[1], sizeof(user) - 1);
	length = dnp3_wire_frame(
	    request ? 0xc4 : 0x44, request ? 10 : 1, request ? 1 : 10, user, length, frame);
	sim_send_bytes(sim, direction, frame, length);
}

#define LINK(dir, src, dst)                                         \
	"\"src\":" src ",\"dst\":" dst ",\"control\":{\"dir\":" dir \
	",\"pri\":true,\"fcb\":false,\"fcv\":false,\"function_code\":4}"
#define APPLICATION(uns, sequence)                                                           \
	"\"application\":{\"control\":{\"fir\":true,\"fin\":true,\"con\":false,\"uns\":" uns \
	",\"sequence\":" sequence "},"
#define OBJECT(group, variation, qualifier, prefix, range, start, stop, count)                    \
	"{\"group\":" group ",\"variation\":" variation ",\"qualifier\":" qualifier               \
	",\"prefix_code\":" prefix ",\"range_code\":" range ",\"start\":" start ",\"stop\":" stop \
	",\"count\":" count

static void
dnp3_poll(void **state)
{
	struct sim *sim = opened("dnp3");

	say(sim, REQUEST, 0xc0, "c3 01 1e 02 00 04 09 3c 02 06");
	assert_told(sim,
	    "{\"kind\":\"request\",\"transaction_id\":3,\"unit_id\":\"1>10\","
	    "\"function\":1,\"function_name\":\"read\",\"access\":\"read\","
	    "\"points\":[\"g30v2:4-9\",\"class:1\"],\"length\":23,"
	    "\"type\":\"request\"," LINK("true", "1", "10") "," APPLICATION(
		"false", "3") "\"function_code\":1,\"complete\":true,\"objects\":[" OBJECT("30",
		"2", "0", "0", "0", "4", "9",
		"6") "}," OBJECT("60", "2", "6", "0", "6", "0", "0", "0") "}]}}");
	say(sim, RESPONSE, 0xc0, "c3 81 9004 0a 02 00 00 01 8101");
	assert_told(sim,
	    "{\"kind\":\"exception\",\"transaction_id\":3,\"unit_id\":\"1>10\",\"function\":129,"
	    "\"function_name\":\"response\",\"access\":\"session\","
	    "\"exception\":4,\"exception_name\":\"parameter-error\",\"length\":24,"
	    "\"type\":\"response\"," LINK("false", "10", "1") "," APPLICATION(
		"false", "3") "\"function_code\":129,\"complete\":true,\"objects\":[" OBJECT("10",
		"2", "0", "0", "0", "0", "1", "2") "}]},"
						   "\"iin\":{\"indicators\":[\"parameter_error\","
						   "\"need_time\",\"device_restart\"]}}");
	sim_free(sim);
}

static void
dnp3_control(void **state)
{
	struct sim *sim = opened("dnp3");

	say(sim, REQUEST, 0xc0,
	    "c1 05 0c 01 17 02 07 41 01 f4010000 00000000 00 08 81 01 f4010000 00000000 00"
	    "29 02 17 01 03 10 00 00");
	assert_told(sim,
	    "{\"kind\":\"request\",\"transaction_id\":1,\"unit_id\":\"1>10\","
	    "\"function\":5,\"function_name\":\"direct-operate\",\"access\":\"control\","
	    "\"points\":[\"g12v1:7\",\"g12v1:8\",\"g41v2:3\"],\"values\":[65,129,16],"
	    "\"length\":55,"
	    "\"type\":\"request\"," LINK("true", "1", "10") "," APPLICATION(
		"false", "1") "\"function_code\":5,\"complete\":true,\"objects\":[" OBJECT("12",
		"1", "23", "1", "7", "0", "0",
		"2") ",\"points\":[{\"index\":7,\"value\":65},{\"index\":8,\"value\":129}]}"
		     "," OBJECT("41", "2", "23", "1", "7", "0", "0",
			 "1") ",\"points\":[{\"index\":3,\"value\":16}]}]}}");
	sim_free(sim);
}

static void
dnp3_unsolicited(void **state)
{
	struct sim *sim = opened("dnp3");

	say(sim, RESPONSE, 0xc0, "d0 82 0000 02 01 17 01 05 81");
	assert_told(sim,
	    "{\"kind\":\"unsolicited\",\"transaction_id\":0,\"unit_id\":\"1>10\",\"function\":130,"
	    "\"function_name\":\"unsolicited-response\","
	    "\"access\":\"read\",\"points\":[\"g2v1:5\"],\"length\":23,"
	    "\"type\":\"unsolicited_response\"," LINK("false", "10", "1") "," APPLICATION(
		"true", "0") "\"function_code\":130,\"complete\":true,\"objects\":[" OBJECT("2",
		"1", "23", "1", "7", "0", "0", "1") "}]},\"iin\":{\"indicators\":[]}}");
	sim_free(sim);
}

/* Only what could be read: a segment that is none of this fragment, a frame of the link layer. */
static void
dnp3_parts(void **state)
{
	struct sim *sim = opened("dnp3");

	say(sim, REQUEST, 0x40, "c3 01 3c 02 06 3c 03");
	assert_int_equal(sim->event_count, 0);
	say(sim, REQUEST, 0x85, "06");
	assert_told(sim,
	    "{\"kind\":\"request\",\"transaction_id\":0,\"unit_id\":\"1>10\",\"length\":14," LINK(
		"true", "1", "10") "}");
	sim_free(sim);
	sim = opened("dnp3");
	sim_send(sim, REQUEST, "056405c90a000100feda");
	assert_told(sim,
	    "{\"kind\":\"link\",\"transaction_id\":0,\"unit_id\":\"1>10\","
	    "\"function\":329,\"function_name\":\"request-link-status\",\"access\":\"session\","
	    "\"length\":10,\"src\":1,\"dst\":10,\"control\":{\"dir\":true,\"pri\":true,"
	    "\"fcb\":false,\"fcv\":false,\"function_code\":9}}");
	sim_free(sim);
}

/* More objects than an event has room for are counted. */
static void
dnp3_many_objects(void **state)
{
	struct sim *sim = opened("dnp3");
	json_t *event, *told, *objects;
	char *line;

	say(sim, REQUEST, 0xc0, "c3 01 3c 02 06 3c 03 06 3c 04 06 3c 01 06 01 00 06 1e 00 06");
	line = eve_print(sim->policy, &sim->events[sim->event_count - 1]);
	event = json_loads(line, 0, NULL);
	told = json_object_get(event, "dnp3");
	objects = json_object_get(json_object_get(told, "application"), "objects");
	assert_int_equal(json_array_size(objects), 4);
	assert_int_equal(json_integer_value(json_object_get(told, "objects_left_out")), 2);
	json_decref(event);
	free(line);
	sim_free(sim);
}

/* An inspector that was taken over may write any numbers. */
static void
numbers_out_of_range(void **state)
{
	struct sim *sim = opened("dnp3");
	struct event *event;

	say(sim, REQUEST, 0xc0, "c3 01 3c 02 06");
	event = &sim->events[sim->event_count - 1];
	for (int byte = 0; byte <= 0xff; byte += 0x11) {
		json_t *parsed;
		char *line;

		memset(&event->told, byte, sizeof(event->told));
		event->span_count = (uint16_t)(byte << 8 | byte);
		line = eve_print(sim->policy, event);
		parsed = json_loads(line, 0, NULL);
		assert_non_null(parsed);
		json_decref(parsed);
		free(line);
	}
	sim_free(sim);
}

static void
s7comm_read(void **state)
{
	struct sim *sim = opened("s7comm");

	sim_send(sim, REQUEST, "03000016 11e0 0000 0001 00 c0010a c1020100 c2020102");
	sim_send(sim, RESPONSE, "03000016 11d0 0001 0002 00 c0010a c1020100 c2020102");
	sim_send(sim, REQUEST, "03000019 02f080 3201 0000 0001 0008 0000 f0 00 0001 0001 01e0");
	sim_send(
	    sim, RESPONSE, "0300001b 02f080 3203 0000 0001 0008 0000 0000 f0 00 0001 0001 00f0");
	sim_send(sim, REQUEST,
	    "0300001f 02f080 3201 0000 0005 000e 0000 04 01 120a10 02 0010 000a 84 000000");
	assert_told(sim,
	    "{\"kind\":\"request\",\"transaction_id\":5,\"unit_id\":\"PG 0/2\",\"function\":4,"
	    "\"function_name\":\"read-var\",\"access\":\"read\",\"points\":[\"DB10:0-15\"],"
	    "\"length\":31}");
	sim_send(sim, RESPONSE, "03000015 02f080 3203 0000 0005 0002 0000 8104 04 00");
	sim_free(sim);
}

static void
modbus_write(void **state)
{
	struct sim *sim = opened("modbus");

	sim_send(sim, REQUEST, "0009 0000 0006 01 06 0028 0005");
	assert_told(sim,
	    "{\"kind\":\"request\",\"transaction_id\":9,\"unit_id\":1,\"function\":6,"
	    "\"function_name\":\"write-single-register\",\"access\":\"write\","
	    "\"points\":[\"holding:40\"],\"values\":[5],\"length\":12}");
	sim_free(sim);
}

/* The last event says this in a member of its own. */
static void
assert_member(const struct sim *sim, const char *member, const char *expected)
{
	char *line = eve_print(sim->policy, &sim->events[sim->event_count - 1]);
	json_t *event = json_loads(line, 0, NULL);
	json_t *part = json_object_get(event, member);
	char *told = part ? json_dumps(part, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	if (expected)
		assert_string_equal(told, expected);
	else
		assert_null(told);
	free(told);
	free(line);
	json_decref(event);
}

static struct sim *
reads_only(void)
{
	struct sim *sim =
	    sim_new("mode = \"monitor\";", "log = \"all\";", "{ access = [\"read\"]; }");

	sim_open(sim);
	return sim;
}

/* From a denial to its reason without a capture. */
static void
refused_message_with_its_bytes(void **state)
{
	struct sim *sim = reads_only();

	sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0001");
	assert_member(sim, "payload", NULL);
	sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028 07d0  0003 0000 0006 01 03 0000 0001");
	assert_member(sim, "payload", NULL); /* of the second message, which is permitted */
	sim_send(sim, REQUEST, "0002 0000 00");
	sim_send(sim, REQUEST, "06 01 06 0028 07d0");
	assert_member(sim, "payload", "\"AAIAAAAGAQYAKAfQ\"");
	sim_free(sim);
}

static void
bytes_of_a_message_stop_at_the_limit(void **state)
{
	struct sim *sim = reads_only();
	uint8_t bytes[EVENT_BYTES_MAX + 1] = {0, 1, 0xff};
	const struct event *event;

	bytes[EVENT_BYTES_MAX - 1] = 7;
	sim_send_bytes(sim, REQUEST, bytes, sizeof(bytes));
	event = &sim->events[sim->event_count - 1];
	assert_int_equal(event->reason, REASON_PROTOCOL_ID);
	assert_int_equal(event->byte_count, EVENT_BYTES_MAX);
	assert_memory_equal(event->bytes, bytes, EVENT_BYTES_MAX);
	sim_free(sim);
}

#define WAITS(transaction) \
	"{\"transaction\":" transaction ",\"unit\":1,\"function\":3,\"expect\":2}"

static void
refused_response_with_the_requests_that_wait(void **state)
{
	struct sim *sim = reads_only();
	const struct event *event;
	char *line;

	for (unsigned i = 1; i <= 5; i++) {
		char hex[64];

		snprintf(hex, sizeof(hex), "%04x 0000 0006 01 03 0000 0001", i);
		sim_send(sim, REQUEST, hex);
	}
	sim_send(sim, RESPONSE, "0009 0000 0005 01 03 02 0000");
	event = &sim->events[sim->event_count - 1];
	assert_int_equal(event->reason, REASON_RESPONSE_UNMATCHED);
	line = eve_print(sim->policy, event);
	assert_non_null(strstr(line,
	    ",\"waiting\":[" WAITS("1") "," WAITS("2") "," WAITS("3") "," WAITS(
		"4") "],\"waiting_count\":5}"));
	free(line);
	sim_send(sim, RESPONSE, "0005 0000 0007 01 03 04 0000 0000");
	event = &sim->events[sim->event_count - 1];
	assert_int_equal(event->reason, REASON_RESPONSE_MISMATCH);
	assert_int_equal(event->waiting[0].token >> 24, 5);
	assert_int_equal(event->waiting[1].token >> 24, 1);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dnp3_poll),
	    cmocka_unit_test(dnp3_control),
	    cmocka_unit_test(dnp3_unsolicited),
	    cmocka_unit_test(dnp3_parts),
	    cmocka_unit_test(dnp3_many_objects),
	    cmocka_unit_test(numbers_out_of_range),
	    cmocka_unit_test(s7comm_read),
	    cmocka_unit_test(modbus_write),
	    cmocka_unit_test(refused_message_with_its_bytes),
	    cmocka_unit_test(bytes_of_a_message_stop_at_the_limit),
	    cmocka_unit_test(refused_response_with_the_requests_that_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
