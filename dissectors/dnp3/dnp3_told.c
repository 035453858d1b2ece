/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, what events tell beyond the message: the headers of its layers, in the names of Suricata's
 * EVE.
 */
#include "dnp3_read.h"
#include "dnp3_told.h"

enum detail_row {
	DETAIL_TYPE = 0,
	DETAIL_SOURCE,
	DETAIL_DESTINATION,
	DETAIL_LINK,                          /* DIR, PRM, FCB, FCV, function */
	DETAIL_APPLICATION = DETAIL_LINK + 5, /* FIR, FIN, CON, UNS, sequence */
	DETAIL_FUNCTION = DETAIL_APPLICATION + 5,
	DETAIL_COMPLETE,
	DETAIL_INDICATIONS,
};

enum type { TYPE_REQUEST = 0, TYPE_RESPONSE, TYPE_UNSOLICITED };

static const char *const types[] = {"request", "response", "unsolicited_response"};

/* 4, table of internal indications: the second byte has the lower bits here */
static const char *const indications[] = {"no_func_code_support", "object_unknown",
    "parameter_error", "event_buffer_overflow", "already_executing", "config_corrupt", "reserved_2",
    "reserved_1", "all_stations", "class_1_events", "class_2_events", "class_3_events", "need_time",
    "local_control", "device_trouble", "device_restart"};

#define WORDS(list) sizeof(list) / sizeof((list)[0]), list

const struct detail dnp3_details[DNP3_DETAIL_COUNT] = {
    [DETAIL_TYPE] = {"type", DETAIL_WORD, WORDS(types)},
    [DETAIL_SOURCE] = {"src", DETAIL_NUMBER, 0, NULL},
    [DETAIL_DESTINATION] = {"dst", DETAIL_NUMBER, 0, NULL},
    [DETAIL_LINK] = {"control.dir", DETAIL_FLAG, 0, NULL},
    {"control.pri", DETAIL_FLAG, 0, NULL},
    {"control.fcb", DETAIL_FLAG, 0, NULL},
    {"control.fcv", DETAIL_FLAG, 0, NULL},
    {"control.function_code", DETAIL_NUMBER, 0, NULL},
    [DETAIL_APPLICATION] = {"application.control.fir", DETAIL_FLAG, 0, NULL},
    {"application.control.fin", DETAIL_FLAG, 0, NULL},
    {"application.control.con", DETAIL_FLAG, 0, NULL},
    {"application.control.uns", DETAIL_FLAG, 0, NULL},
    {"application.control.sequence", DETAIL_NUMBER, 0, NULL},
    [DETAIL_FUNCTION] = {"application.function_code", DETAIL_NUMBER, 0, NULL},
    [DETAIL_COMPLETE] = {"application.complete", DETAIL_FLAG, 0, NULL},
    [DETAIL_INDICATIONS] = {"iin.indicators", DETAIL_BITS, WORDS(indications)},
};

const char *const dnp3_columns[DNP3_COLUMN_COUNT] = {
    "group", "variation", "qualifier", "prefix_code", "range_code", "start", "stop", "count"};

static void
know(struct told *told, uint32_t detail, uint32_t number)
{
	told->known |= 1U << detail;
	told->numbers[detail] = number;
}

/* Four flags in the upper half of a byte, a number in the lower. */
static void
know_control(struct told *told, uint32_t detail, uint8_t control)
{
	for (uint32_t i = 0; i < 4; i++)
		know(told, detail + i, control >> (7 - i) & 1);
	know(told, detail + 4, control & 0x0f);
}

static void
tell_header(const struct dnp3_told_header *h, struct told_row *ret_row)
{
	*ret_row = (struct told_row){
	    .numbers = {h->group, h->variation, h->qualifier, h->qualifier >> 4 & 7,
		h->qualifier & 0x0f, h->start, h->stop, h->count},
	    .span_first = h->span_first,
	    .span_count = h->span_count,
	};
}

void
dnp3_tell(const struct context *context, const struct message *m, struct told *ret_told)
{
	const struct dnp3_work *w = context->scratch;

	if (!w->link_known)
		return;
	know_control(ret_told, DETAIL_LINK, w->link_control);
	if (m->has_unit) {
		bool forward = ret_told->numbers[DETAIL_LINK];

		know(ret_told, DETAIL_SOURCE, forward ? m->unit_source : m->unit);
		know(ret_told, DETAIL_DESTINATION, forward ? m->unit : m->unit_source);
	}
	if (!w->application_known)
		return;
	know(ret_told, DETAIL_TYPE,
	    m->kind == MESSAGE_REQUEST           ? TYPE_REQUEST
		: m->kind == MESSAGE_UNSOLICITED ? TYPE_UNSOLICITED
						 : TYPE_RESPONSE);
	know_control(ret_told, DETAIL_APPLICATION, w->application_control);
	if (m->function_code > 0 || m->has_function)
		know(ret_told, DETAIL_FUNCTION, m->function_code);
	know(ret_told, DETAIL_COMPLETE, w->whole && !w->cut);
	if (w->indications_known)
		know(ret_told, DETAIL_INDICATIONS, (uint32_t)w->iin[0] << 8 | w->iin[1]);
	ret_told->row_count = w->header_count;
	for (uint32_t i = 0; i < w->header_count && i < TOLD_ROWS_MAX; i++)
		tell_header(&w->headers[i], &ret_told->rows[i]);
}
