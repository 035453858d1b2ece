/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: PI services (program invocation), and PLC stop.
 *
 * The name of a PI service stands behind its argument, and some lengths are told by others, so the
 * services are tried one after the other: a message must be the beginning of one of them.  What
 * numerical controls have more (_N_...) is not known here and refused.
 */
#include "s7comm_block.h"
#include "s7comm_pi.h"

enum { SERVICES = 7, HEAD = 8, NAME_MAX = 9, BLOCKS = 8 };

struct service {
	const char *name;
	uint8_t name_length;
	const char *argument; /* or NULL: a list of blocks */
	uint8_t argument_length;
	const char *alternative; /* another argument that means the same, or NULL */
	uint8_t alternative_length;
	uint8_t sub; /* of the catalogue */
	bool whole;  /* it concerns the whole controller */
};

static const struct service services[SERVICES] = {
    {"P_PROGRAM", 9, "", 0, NULL, 0, 0, true},
    {"P_PROGRAM", 9, "C ", 2, NULL, 0, 1, true},
    {"_INSE", 5, NULL, 0, NULL, 0, 2, false},
    {"_INS2", 5, NULL, 0, NULL, 0, 3, false},
    {"_DELE", 5, NULL, 0, NULL, 0, 4, false},
    {"_MODU", 5, "EP", 2, "", 0, 5, true},
    {"_GARB", 5, "", 0, NULL, 0, 6, true},
};

/* Bytes of a service: function and fixed bytes, lengths of argument and name, both of these. */
static uint32_t
service_size(const struct service *service, uint32_t argument_length)
{
	return HEAD + 2 + argument_length + 1 + service->name_length;
}

bool
s7_pi_fits(uint32_t parameters)
{
	for (unsigned i = 0; i < SERVICES; i++) {
		const struct service *s = &services[i];
		uint32_t bare = service_size(s, 2);

		if (s->argument != NULL) {
			if (parameters == service_size(s, s->argument_length) ||
			    (s->alternative != NULL &&
				parameters == service_size(s, s->alternative_length)))
				return true;
		} else if (parameters > bare && (parameters - bare) % BLOCKS == 0 &&
		    (parameters - bare) / BLOCKS <= 255) {
			return true;
		}
	}
	return false;
}

static void
read_stop_name(struct cursor *c)
{
	s7_constant(c, "\0\0\0\0\0", 5, "reserved");
	s7_constant(c,
	    "\x09"
	    "P_PROGRAM",
	    10, "program");
}

/* A rule that limits points can't mean what stops, starts or rewrites everything. */
void
s7_read_stop(struct s7_reader *r)
{
	r->m->opaque = true;
	read_stop_name(r->c);
}

static void
read_block_list(struct cursor *c, struct message *m, uint32_t length)
{
	uint32_t count = (length - 2) / BLOCKS;

	cursor_expect_u8(c, (uint8_t)count, (uint8_t)count, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "blocks");
	s7_constant(c, "\0", 1, "reserved");
	for (uint32_t i = 0; i < count && cursor_ok(c); i++)
		s7_read_block(c, m, ACCESS_PROGRAM);
}

/* Read `parameters` bytes of parameters as this service with an argument of this length. */
static void
read_service(struct cursor *c, struct message *m, const struct service *service,
    uint32_t parameters, const char *argument, uint32_t length)
{
	demand(c, parameters == service_size(service, length), REASON_VALUE_INVALID);
	s7_constant(c, "\0\0\0\0\0\0\xfd", 7, "reserved");
	cursor_expect_be16(c, length, length, REASON_LENGTH_MISMATCH);
	cursor_be16(c, "argument length");
	if (argument != NULL)
		s7_constant(c, argument, length, "argument");
	else
		read_block_list(c, m, length);
	cursor_expect_u8(c, service->name_length, service->name_length, REASON_FUNCTION_UNKNOWN);
	cursor_u8(c, "service length");
	s7_constant(c, service->name, service->name_length, "service");
}

static void
try_service(struct cursor *c, struct message *m, const struct service *service, uint32_t parameters)
{
	uint32_t bare = service_size(service, 0);
	uint32_t length = parameters > bare ? parameters - bare : 0;

	if (service->alternative != NULL && length == service->alternative_length)
		read_service(c, m, service, parameters, service->alternative, length);
	else if (service->argument != NULL)
		read_service(
		    c, m, service, parameters, service->argument, service->argument_length);
	else if (length < 2 + BLOCKS || (length - 2) % BLOCKS != 0 || (length - 2) / BLOCKS > 255)
		cursor_fail(c, REASON_VALUE_INVALID);
	else
		read_service(c, m, service, parameters, NULL, length);
}

/* Which service is it?  The first that the bytes here are a beginning of; NULL and a failure: none.
 */
static const struct service *
find_service(struct s7_reader *r)
{
	enum reason reason = REASON_VALUE_INVALID;
	uint32_t farthest = 0;

	for (unsigned i = 0; i < SERVICES; i++) {
		struct cursor trial = cursor_peek(r->c);
		uint32_t spans = r->m->span_count;

		try_service(&trial, r->m, &services[i], r->head->parameters);
		r->m->span_count = spans;
		if (trial.state != CURSOR_FAILED && trial.state != CURSOR_OVERRUN)
			return &services[i];
		if (trial.offset > farthest) {
			farthest = trial.offset;
			reason = trial.reason;
		}
	}
	/* everything but the name was right */
	if (cursor_ok(r->c) && r->c->declared - farthest <= NAME_MAX)
		reason = REASON_FUNCTION_UNKNOWN;
	cursor_fail(r->c, reason);
	return NULL;
}

void
s7_read_pi(struct s7_reader *r)
{
	const struct service *service = find_service(r);
	struct cursor whole;

	if (service == NULL)
		return;
	/* while the name is not here, several services may still be meant: touch no points */
	whole = cursor_peek(r->c);
	if (cursor_here(&whole) < cursor_left(&whole)) {
		cursor_bytes(r->c, cursor_left(r->c), "pi service");
		return;
	}
	try_service(r->c, r->m, service, r->head->parameters);
	r->m->function_code = S7_PI_SERVICE;
	r->m->function = dissector_find_code(r->m->dissector, S7_PI_SERVICE, service->sub);
	r->m->has_function = true;
	r->head->function = S7_PI_SERVICE;
	r->m->opaque = service->whole;
}
