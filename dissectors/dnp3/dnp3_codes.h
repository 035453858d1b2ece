/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: numbers of the standard (IEEE Std 1815-2012) that more than one file speaks of by name, and
 * the limits and settings of this dissector.
 */
#ifndef SLUICE_DNP3_CODES_H
#define SLUICE_DNP3_CODES_H

#include "dissector.h"

enum { DNP3_GROUPS = 0, DNP3_CLASSES, DNP3_SPACE_COUNT };

enum {
	DNP3_HEADER_SIZE = 10,
	DNP3_BLOCK_SIZE = 16,
	DNP3_USER_MAX = 250,
	DNP3_FRAGMENT_NORMAL = 2048, /* 4: what a device may send unless it was told otherwise */
	DNP3_FRAGMENT_MAX = 4096,
	DNP3_FRAGMENT_MIN = 249,
	DNP3_SELECT_MAX = DNP3_FRAGMENT_NORMAL - 2, /* bytes of objects of a SELECT */
	DNP3_SELECTS_MAX = 4,      /* SELECTs of a connection that wait for their OPERATEs */
	DNP3_PAIRS_MAX = 128,      /* link pairs of a connection that have something to remember */
	DNP3_ASSEMBLIES_MAX = 128, /* fragments under way */
	DNP3_PIECE_SIZE = 256,     /* their bytes are kept in pieces of this size */
	DNP3_PIECES_MAX = 40,
	DNP3_PIECES_OF_REQUESTS = 24,                      /* that responses leave alone */
	DNP3_PIECES = DNP3_FRAGMENT_MAX / DNP3_PIECE_SIZE, /* of the longest fragment */
	DNP3_REST_MAX = 50,       /* bytes of a response whose others are not kept */
	DNP3_PAIR_AGE_MS = 10000, /* an answer that did not come in this time is not waited for */
	DNP3_ASSEMBLY_AGE_MS =
	    2000, /* a fragment that does not go on in this time may be given up */
	DNP3_NONE = 0xff,
};

/* Rows of the tables. */
enum {
	DNP3_FUNCTION_COUNT = 52,
	DNP3_TYPE_COUNT = 6,
	DNP3_PART_COUNT = 3,
	DNP3_VALUE_WORD_COUNT = 10
};
enum { DNP3_DETAIL_COUNT = 16, DNP3_COLUMN_COUNT = 8 };

enum {
	DNP3_SELECT_TIMEOUT = 0,
	DNP3_FRAGMENT_SIZE,
	DNP3_LINK_CONFIRM,
	DNP3_SPLIT_REQUESTS,
	DNP3_MASTER_LISTENS,
	DNP3_SETTING_COUNT
};

/* 9: addresses */
enum {
	DNP3_ADDRESS_RESERVED = 0xfff0,
	DNP3_ADDRESS_SELF = 0xfffc,
	DNP3_ADDRESS_BROADCAST = 0xfffd
};

/* 9: function codes of frames; what is no user data becomes a message of its own */
enum {
	LINK_RESET = 0,
	LINK_TEST = 2,
	LINK_CONFIRMED = 3,
	LINK_UNCONFIRMED = 4,
	LINK_REQUEST_STATUS = 9,
	LINK_ACK = 0,
	LINK_NACK = 1,
	LINK_STATUS = 11,
	LINK_NOT_SUPPORTED = 15,
};

/* 4: function codes that are spoken of by name */
enum {
	FC_CONFIRM = 0,
	FC_READ = 1,
	FC_WRITE = 2,
	FC_SELECT = 3,
	FC_OPERATE = 4,
	FC_DIRECT_OPERATE_NR = 6,
	FC_FREEZE_NR = 8,
	FC_FREEZE_CLEAR_NR = 10,
	FC_FREEZE_AT_TIME = 11,
	FC_FREEZE_AT_TIME_NR = 12,
	FC_COLD_RESTART = 13,
	FC_WARM_RESTART = 14,
	FC_INITIALIZE_DATA = 15,
	FC_SAVE_CONFIGURATION = 19,
	FC_DELAY_MEASUREMENT = 23,
	FC_RECORD_TIME = 24,
	FC_OPEN_FILE = 25,
	FC_CLOSE_FILE = 26,
	FC_FILE_INFORMATION = 28,
	FC_AUTHENTICATE_FILE = 29,
	FC_ABORT_FILE = 30,
	FC_AUTHENTICATE = 32,
	FC_AUTHENTICATE_NR = 33,
	FC_RESPONSE = 129,
	FC_UNSOLICITED = 130,
	FC_AUTHENTICATE_RESPONSE = 131,
	FC_COUNT,
};

#endif
