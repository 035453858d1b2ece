/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, objects of variable length: files (IEEE 1815 Annex A, group 70) and secure authentication
 * (clause 7, group 120), read far enough to name files, handles and users.
 *
 * Other objects that tell their size are passed over.
 */
#include "dnp3_bodies.h"

enum { FILES = 70, SECURITY = 120 };

/* What an object of a group's variation begins with, in order. */
enum part_kind {
	PART_END = 0,
	PART_BYTES, /* `length` bytes */
	PART_INDEX, /* the same (2 or 4), and the point of the span */
	PART_VALUE, /* the same (1 or 2), and its value */
	PART_REST,  /* all that is left */
	PART_LABEL, /* the same, and what the message names */
};

struct body_part {
	uint8_t kind;
	uint8_t length;
	const char *name;
};

enum { BODY_PARTS_MAX = 9 };

struct body {
	uint8_t group;
	uint8_t variation;
	uint8_t least;
	struct body_part parts[BODY_PARTS_MAX];
};

static const struct body bodies[] = {
    {FILES, 3, 26,
	{{PART_BYTES, 0, "name place"}, {PART_BYTES, 6, "time of creation"},
	    {PART_BYTES, 2, "permissions"}, {PART_BYTES, 4, "authentication key"},
	    {PART_BYTES, 4, "file size"}, {PART_VALUE, 2, "operational mode"},
	    {PART_BYTES, 2, "largest block"}, {PART_BYTES, 2, "request"},
	    {PART_LABEL, 0, "file name"}}},
    {FILES, 4, 13,
	{{PART_INDEX, 4, "file handle"}, {PART_BYTES, 4, "file size"},
	    {PART_BYTES, 2, "largest block"}, {PART_BYTES, 2, "request"}, {PART_BYTES, 1, "status"},
	    {PART_REST, 0, "text"}}},
    {FILES, 5, 8,
	{{PART_INDEX, 4, "file handle"}, {PART_BYTES, 4, "block"}, {PART_REST, 0, "file data"}}},
    {FILES, 6, 9,
	{{PART_INDEX, 4, "file handle"}, {PART_BYTES, 4, "block"}, {PART_BYTES, 1, "status"},
	    {PART_REST, 0, "text"}}},
    {FILES, 7, 20,
	{{PART_BYTES, 0, "name place"}, {PART_BYTES, 2, "file type"}, {PART_BYTES, 4, "file size"},
	    {PART_BYTES, 6, "time of creation"}, {PART_BYTES, 2, "permissions"},
	    {PART_BYTES, 2, "request"}, {PART_LABEL, 0, "file name"}}},
    {FILES, 8, 1, {{PART_LABEL, 0, "file specification"}}},
    {SECURITY, 1, 8,
	{{PART_BYTES, 4, "challenge sequence"}, {PART_INDEX, 2, "user"},
	    {PART_BYTES, 1, "MAC algorithm"}, {PART_BYTES, 1, "reason for challenge"},
	    {PART_REST, 0, "challenge"}}},
    {SECURITY, 2, 6,
	{{PART_BYTES, 4, "challenge sequence"}, {PART_INDEX, 2, "user"}, {PART_REST, 0, "MAC"}}},
    {SECURITY, 5, 11,
	{{PART_BYTES, 4, "key change sequence"}, {PART_INDEX, 2, "user"},
	    {PART_BYTES, 1, "key wrap algorithm"}, {PART_BYTES, 1, "key status"},
	    {PART_BYTES, 1, "MAC algorithm"}, {PART_REST, 0, "challenge and MAC"}}},
    {SECURITY, 6, 6,
	{{PART_BYTES, 4, "key change sequence"}, {PART_INDEX, 2, "user"},
	    {PART_REST, 0, "wrapped keys"}}},
    {SECURITY, 7, 15,
	{{PART_BYTES, 4, "sequence"}, {PART_INDEX, 2, "user"}, {PART_BYTES, 2, "association"},
	    {PART_BYTES, 1, "error"}, {PART_BYTES, 6, "time"}, {PART_REST, 0, "text"}}},
    {SECURITY, 8, 2,
	{{PART_BYTES, 1, "key change method"}, {PART_BYTES, 1, "certificate type"},
	    {PART_REST, 0, "certificate"}}},
    {SECURITY, 9, 8, {{PART_REST, 0, "MAC"}}},
    {SECURITY, 12, 8,
	{{PART_BYTES, 4, "key change sequence"}, {PART_INDEX, 2, "user"},
	    {PART_REST, 0, "challenge"}}},
    {SECURITY, 13, 8,
	{{PART_BYTES, 4, "key change sequence"}, {PART_INDEX, 2, "user"},
	    {PART_REST, 0, "update key"}}},
    {SECURITY, 14, 1, {{PART_REST, 0, "signature"}}},
    {SECURITY, 15, 1, {{PART_REST, 0, "MAC"}}},
};

enum { BODY_COUNT = sizeof(bodies) / sizeof(bodies[0]) };

/* Objects whose parts tell the lengths of later ones are read by functions of their own. */
enum { LOGIN_LEAST = 12, USER_LEAST = 16, KEY_REQUEST_LEAST = 5 };

static const struct body *
find_body(uint8_t group, uint8_t variation)
{
	for (size_t i = 0; i < BODY_COUNT; i++)
		if (bodies[i].group == group && bodies[i].variation == variation)
			return &bodies[i];
	return NULL;
}

uint32_t
dnp3_body_min(uint8_t group, uint8_t variation)
{
	const struct body *body = find_body(group, variation);

	if (body != NULL)
		return body->least;
	if (group == FILES && variation == 2)
		return LOGIN_LEAST;
	if (group == SECURITY && variation == 10)
		return USER_LEAST;
	if (group == SECURITY && variation == 11)
		return KEY_REQUEST_LEAST;
	return 0;
}

/* A length that must leave room; its first byte alone may be too much already. */
static uint16_t
read_length(struct cursor *c, uint32_t max, const char *field)
{
	struct cursor ahead = cursor_peek(c);
	uint32_t low = cursor_u8(&ahead, ""), high = cursor_u8(&ahead, "");

	if (cursor_here(c) == 1)
		high = 0;
	if (cursor_here(c) > 0)
		demand(c, low + (high << 8) <= max, REASON_LENGTH_MISMATCH);
	return cursor_le16(c, field);
}

static void
label(struct dnp3_read *r, struct cursor *body, uint32_t length, const char *field)
{
	const uint8_t *bytes = cursor_bytes(body, length, field);

	if (bytes == NULL || r->m->label_length > 0)
		return;
	r->m->label = bytes;
	r->m->label_length = length;
}

/* Group 70 variation 2: user name and password for files. */
static void
read_login(struct dnp3_read *r, struct cursor *body)
{
	uint32_t left = cursor_left(body) - LOGIN_LEAST, name;

	expect_le16(body, LOGIN_LEAST, REASON_LENGTH_MISMATCH);
	cursor_le16(body, "user name offset");
	name = read_length(body, left, "user name size");
	if (!cursor_ok(body))
		return;
	expect_le16(body, (uint16_t)(LOGIN_LEAST + name), REASON_LENGTH_MISMATCH);
	cursor_le16(body, "password offset");
	expect_le16(body, (uint16_t)(left - name), REASON_LENGTH_MISMATCH);
	cursor_le16(body, "password size");
	cursor_le32(body, "authentication key");
	label(r, body, name, "user name");
	cursor_bytes(body, cursor_left(body), "password");
}

/* Group 120 variation 10: a user is added, removed or changed. */
static void
read_user_change(struct dnp3_read *r, struct cursor *body)
{
	uint32_t left = cursor_left(body) - USER_LEAST, name, key;

	cursor_u8(body, "key change method");
	cursor_u8(body, "operation");
	cursor_le32(body, "status change sequence");
	cursor_le16(body, "user role");
	cursor_le16(body, "user role expiry");
	name = read_length(body, left, "user name length");
	if (!cursor_ok(body))
		return;
	key = read_length(body, left - name, "user public key length");
	if (!cursor_ok(body))
		return;
	expect_le16(body, (uint16_t)(left - name - key), REASON_LENGTH_MISMATCH);
	cursor_le16(body, "certification data length");
	label(r, body, name, "user name");
	cursor_bytes(body, key, "user public key");
	cursor_bytes(body, cursor_left(body), "certification data");
}

/* Group 120 variation 11: a user's new key is begun. */
static void
read_key_request(struct dnp3_read *r, struct cursor *body)
{
	uint32_t left = cursor_left(body) - KEY_REQUEST_LEAST, name;

	cursor_u8(body, "key change method");
	name = read_length(body, left, "user name length");
	if (!cursor_ok(body))
		return;
	expect_le16(body, (uint16_t)(left - name), REASON_LENGTH_MISMATCH);
	cursor_le16(body, "challenge length");
	label(r, body, name, "user name");
	cursor_bytes(body, cursor_left(body), "challenge");
}

/* Group 70 variations 3 and 7 begin with where the name is: behind all else, to the end. */
static void
read_name_place(struct cursor *body, const struct body *shape)
{
	uint32_t name = cursor_left(body) - shape->least;

	expect_le16(body, shape->least, REASON_LENGTH_MISMATCH);
	cursor_le16(body, "file name offset");
	expect_le16(body, (uint16_t)name, REASON_LENGTH_MISMATCH);
	cursor_le16(body, "file name size");
}

static uint32_t
read_plain(struct cursor *body, uint32_t length, const char *field)
{
	switch (length) {
	case 1:
		return cursor_u8(body, field);
	case 2:
		return cursor_le16(body, field);
	case 4:
		return cursor_le32(body, field);
	default:
		cursor_bytes(body, length, field);
		return 0;
	}
}

/* The mode of a file means something where the file is opened. */
static void
read_value(
    struct dnp3_read *r, struct cursor *body, const struct body_part *part, struct span *span)
{
	struct cursor value = cursor_peek(body);

	if (r->work->function == FC_OPEN_FILE)
		span->values = cursor_values(&value, VALUE_U16_LE, 1, 2, "");
	read_plain(body, part->length, part->name);
}

static void
read_parts(struct dnp3_read *r, struct cursor *body, const struct body *shape, struct span *span)
{
	for (size_t i = 0; i < BODY_PARTS_MAX && shape->parts[i].kind != PART_END; i++) {
		const struct body_part *part = &shape->parts[i];

		if (part->kind == PART_LABEL)
			label(r, body, cursor_left(body), part->name);
		else if (part->kind == PART_REST)
			cursor_bytes(body, cursor_left(body), part->name);
		else if (part->kind == PART_VALUE)
			read_value(r, body, part, span);
		else if (part->kind == PART_BYTES && part->length == 0)
			read_name_place(body, shape);
		else
			read_plain(body, part->length, part->name);
		if (!cursor_ok(body))
			return;
	}
}

/*
 * The point that stands for the object: a handle or a user; that of files without a handle is the
 * object's place in the message.  False while it is not here.
 */
static bool
find_index(
    const struct cursor *body, const struct body *shape, uint32_t *ret_index, bool *ret_found)
{
	struct cursor ahead = cursor_peek(body);

	for (size_t i = 0; i < BODY_PARTS_MAX && shape->parts[i].kind != PART_END; i++) {
		const struct body_part *part = &shape->parts[i];

		if (part->kind == PART_INDEX) {
			*ret_index = read_plain(&ahead, part->length, "");
			*ret_found = true;
			return cursor_ok(&ahead);
		}
		if (part->length > 0)
			cursor_bytes(&ahead, part->length, "");
	}
	*ret_found = shape->group == FILES;
	return true;
}

/* What goes on with a file that was opened as the rules permit, or changes none. */
static bool
is_valueless(const struct dnp3_read *r)
{
	switch (r->work->function) {
	case FC_READ:
	case FC_CLOSE_FILE:
	case FC_FILE_INFORMATION:
	case FC_AUTHENTICATE_FILE:
	case FC_ABORT_FILE:
		return true;
	default:
		return false;
	}
}

void
dnp3_read_body(struct dnp3_read *r, struct cursor *body, const struct dnp3_header *h,
    uint32_t index, bool spans)
{
	const struct body *shape = find_body(h->group, h->variation);
	uint32_t block = (uint32_t)h->group << 8 | h->variation;
	enum access access = r->m->function != NULL ? r->m->function->access : ACCESS_CONTROL;
	struct span scratch, *span = &scratch;
	bool found = h->group == FILES;

	if (!cursor_ok(body))
		return;
	if (spans && (shape == NULL || find_index(body, shape, &index, &found)))
		span = message_add_span(r->m, body, DNP3_GROUPS, access, block, found ? index : 0,
		    found ? index : UINT32_MAX);
	span->valueless = is_valueless(r);
	if (r->work->function == FC_OPEN_FILE && h->group == FILES && h->variation == 3)
		span->values = (struct values){.format = VALUE_U16_LE, .stride = 2};
	if (shape != NULL)
		read_parts(r, body, shape, span);
	else if (h->group == FILES && h->variation == 2)
		read_login(r, body);
	else if (h->group == SECURITY && h->variation == 10)
		read_user_change(r, body);
	else if (h->group == SECURITY && h->variation == 11)
		read_key_request(r, body);
	else
		cursor_bytes(body, cursor_left(body), "object");
}
