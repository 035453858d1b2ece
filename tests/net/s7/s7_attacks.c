/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks on an S7 plant: the list. See judge.h and s7_plant.h.
 *
 * Rows of PLC2 are tried on Snap7's server, which has a state of its own to look at, and are
 * skipped where there is none.
 */
#include "s7_plant.h"

/* Frames and their parts; lengths are given, so that they can lie. */
#define HIGH(n) (((n) >> 8) & 0xff)
#define LOW(n) ((n)&0xff)
#define TPKT(length) 3, 0, HIGH(length), LOW(length)
#define DATA 2, 0xf0, 0x80
#define JOB(number, parameters, data) \
	0x32, 1, 0, 0, 0, number, HIGH(parameters), LOW(parameters), HIGH(data), LOW(data)
#define USERDATA(parameters, data) 0x32, 7, 0, 0, 0, 8, 0, parameters, 0, data
#define FRAME(parameters, data) TPKT(17 + (parameters) + (data)), DATA, JOB(9, parameters, data)

enum {
	BIT = 1,
	BYTE = 2,
	WORD = 4,
	INT = 5,
	DWORD = 6,
	REAL = 8,
	DB = 0x84,
	FLAGS = 0x83,
	OUTPUTS = 0x82
};
#define AT(byte, bit) (8 * (byte) + (bit))
#define ITEM(size, count, block, area, at)                                              \
	0x12, 0x0a, 0x10, size, HIGH(count), LOW(count), HIGH(block), LOW(block), area, \
	    (at) >> 16, HIGH(at), LOW(at)
#define READ_ONE(item) FRAME(14, 0), 4, 1, item
/* `n` bytes of data, after their return code, size and length */
#define WRITE_ONE(item, n, ...) FRAME(14, 4 + (n)), 5, 1, item, 0, __VA_ARGS__
#define GOOD ITEM(BYTE, 1, 10, DB, 0)
#define SEVEN_GOOD GOOD, GOOD, GOOD, GOOD, GOOD, GOOD, GOOD

#define P_PROGRAM 9, 'P', '_', 'P', 'R', 'O', 'G', 'R', 'A', 'M'
#define SERVICE(arguments) 0x28, 0, 0, 0, 0, 0, 0, 0xfd, 0, arguments
#define BLOCK(type, digit, place) '0', type, '0', '0', '0', '0', digit, place
#define DOWNLOAD(word, digit) \
	FRAME(18, 0), word, 0, 1, 0, 0, 0, 0, 0, 9, '_', BLOCK('A', digit, 'P')

#define READ READ_ONE(ITEM(BYTE, 16, 10, DB, 0))
#define TRICK(n) TPKT(31), DATA, 0x32, 1, 0, 0, 0xee, n, 0, 14, 0, 0, 4, 1, GOOD
#define STOP_MESSAGE JOB(9, 16, 0), 0x29, 0, 0, 0, 0, 0, P_PROGRAM
#define STOP TPKT(33), DATA, STOP_MESSAGE
#define START FRAME(20, 0), SERVICE(0), P_PROGRAM
#define COLD_START FRAME(22, 0), SERVICE(2), 'C', ' ', P_PROGRAM
#define DELETE(type, digit) \
	FRAME(26, 0), SERVICE(10), 1, 0, BLOCK(type, digit, 'A'), 5, '_', 'D', 'E', 'L', 'E'
#define FILLING STOP /* 33 bytes of no meaning */
#define WRITE_SET_POINT(low) WRITE_ONE(ITEM(INT, 1, 10, DB, 0), 2, 5, 0, 16, 0, low)
#define CONNECT(slot, class) \
	TPKT(22), 17, 0xe0, 0, 0, 0, 9, class, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, slot
#define CREATE_SESSION                                                                           \
	TPKT(33), DATA, 0x72, 1, 0, 18, 0x31, 0, 0, 4, 0xca, 0, 0, 0, 1, 0, 0, 1, 0x20, 0x34, 0, \
	    0, 0, 0, 0x72, 1, 0, 0
#define HELLO TPKT(18), DATA, 0x16, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3

#define PASSES .effect = EFFECT_PASSES
/* All of the message is at the server, or these bytes of the attack. */
#define REACHES .effect = EFFECT_WRITES
#define REACHES_FROM(first, count) .effect = EFFECT_WRITES, .point = first, .value = count
#define ARRIVES .effect = EFFECT_ARRIVES
/* Snap7's server says so. */
#define STATE(text) .effect = EFFECT_WRITES, .needle = text
#define STOPS STATE("cpu 4")
#define BECAUSE(word) .reason = word
#define FUNCTION BECAUSE("function-denied")
#define POINT BECAUSE("point-denied")
#define LENGTH BECAUSE("length-mismatch")

#define TEN(ROW, tens)                                                                      \
	ROW(tens##0), ROW(tens##1), ROW(tens##2), ROW(tens##3), ROW(tens##4), ROW(tens##5), \
	    ROW(tens##6), ROW(tens##7), ROW(tens##8), ROW(tens##9)
#define NINE(ROW) ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7), ROW(8), ROW(9)
#define SPLIT(n)                                                                           \
	{                                                                                  \
		"stop_split_at_" #n, attack_split, PLC1, BYTES(STOP), n, REACHES, FUNCTION \
	}
#define PIECES(n)                                                                               \
	{                                                                                       \
		"stop_in_pieces_cut_at_" #n, s7_pieces, PLC1, BYTES(STOP), n, REACHES, FUNCTION \
	}
#define TOGETHER(n)                                                                                \
	{                                                                                          \
		"stop_in_pieces_in_one_segment_cut_at_" #n, s7_pieces_together, PLC1, BYTES(STOP), \
		    n, REACHES, FUNCTION                                                           \
	}
#define SNAP7_PIECES(n)                                                                    \
	{                                                                                  \
		"snap7_stop_in_pieces_cut_at_" #n, s7_pieces, PLC2, BYTES(STOP), n, STOPS, \
		    FUNCTION                                                               \
	}

static const struct attack attacks[] = {
    /* what must work */
    {"read_passes", s7_permitted, PLC1, BYTES(READ), 0, PASSES},
    {"read_passes_ipv6", s7_permitted, PLC1_IPV6, BYTES(READ), 0, PASSES},
    {"read_to_the_end_of_the_range_passes", s7_permitted, PLC1,
	BYTES(READ_ONE(ITEM(WORD, 1, 10, DB, AT(126, 0)))), 0, PASSES},
    {"read_of_the_last_bit_passes", s7_permitted, PLC1,
	BYTES(READ_ONE(ITEM(BIT, 1, 10, DB, AT(127, 7)))), 0, PASSES},
    {"read_of_15_items_passes", s7_permitted, PLC1,
	BYTES(FRAME(182, 0), 4, 15, SEVEN_GOOD, SEVEN_GOOD, GOOD), 0, PASSES},
    {"write_passes", s7_permitted, PLC1, BYTES(WRITE_SET_POINT(100)), 0, PASSES},
    {"write_of_a_bit_passes", s7_permitted, PLC1,
	BYTES(WRITE_ONE(ITEM(BIT, 1, 0, FLAGS, AT(3, 2)), 1, 3, 0, 1, 1)), 0, PASSES},
    {"write_cut_everywhere_passes", s7_permitted_split, PLC1, BYTES(WRITE_SET_POINT(100)), 0,
	PASSES},
    {"read_in_pieces_cut_everywhere_passes", s7_permitted_pieces, PLC1, BYTES(READ), 0, PASSES},
    {"two_reads_in_a_segment_pass", s7_permitted, PLC1, BYTES(READ, FRAME(14, 0), 4, 1, GOOD), 0,
	PASSES},
    {"snap7_keep_alive_more_than_in_a_row_passes", s7_keep_alives, PLC2, BYTES(READ), 0, PASSES},
    {"longest_agreed_write_passes", s7_long_write, PLC1, NULL, 0, 212, PASSES},
    {"start_passes", s7_permitted, PLC1, BYTES(START), 0, PASSES},
    {"delete_of_the_named_block_passes", s7_permitted, PLC1, BYTES(DELETE('A', '4')), 0, PASSES},
    {"download_of_the_named_block_passes", s7_permitted, PLC1, BYTES(DOWNLOAD(0x1a, '1')), 0,
	PASSES},

    /* a stop, whole and in parts of TCP */
    {"stop", attack_single, PLC1, BYTES(STOP), 0, REACHES, FUNCTION},
    {"stop_ipv6", attack_single, PLC1_IPV6, BYTES(STOP), 0, REACHES, FUNCTION},
    NINE(SPLIT),
    TEN(SPLIT, 1),
    TEN(SPLIT, 2),
    SPLIT(30),
    SPLIT(31),
    SPLIT(32),
    {"stop_byte_by_byte", attack_bytewise, PLC1, BYTES(STOP), 0, REACHES, FUNCTION},
    {"stop_in_ip_fragments_of_8", attack_fragments, PLC1, BYTES(STOP), 8, REACHES, FUNCTION},
    {"stop_in_ip_fragments_of_24", attack_fragments, PLC1, BYTES(STOP), 24, REACHES, FUNCTION},
    {"stop_in_ip_fragments_backwards", attack_fragments_backwards, PLC1, BYTES(STOP), 8, REACHES,
	FUNCTION},
    {"snap7_stop", attack_single, PLC2, BYTES(STOP), 0, STOPS, FUNCTION},
    {"snap7_stop_split_in_the_tpkt", attack_split, PLC2, BYTES(STOP), 2, STOPS, FUNCTION},
    {"snap7_stop_split_behind_cotp", attack_split, PLC2, BYTES(STOP), 7, STOPS, FUNCTION},
    {"snap7_stop_split_before_the_function", attack_split, PLC2, BYTES(STOP), 17, STOPS, FUNCTION},
    {"snap7_stop_split_before_the_last_byte", attack_split, PLC2, BYTES(STOP), 32, STOPS, FUNCTION},
    {"snap7_stop_byte_by_byte", attack_bytewise, PLC2, BYTES(STOP), 0, STOPS, FUNCTION},

    /* in data TPDUs */
    NINE(PIECES),
    TEN(PIECES, 1),
    PIECES(20),
    PIECES(21),
    PIECES(22),
    PIECES(23),
    PIECES(24),
    PIECES(25),
    TOGETHER(1),
    TOGETHER(10),
    TOGETHER(11),
    TOGETHER(25),
    {"stop_in_pieces_of_one_byte", s7_pieces_of_one, PLC1, BYTES(STOP), 0, REACHES,
	BECAUSE("pieces-too-many")},
    {"stop_whose_end_is_never_told", s7_no_end, PLC1, BYTES(STOP), 0, REACHES, LENGTH},
    {"write_outside_in_pieces", s7_pieces, PLC1,
	BYTES(WRITE_ONE(ITEM(INT, 1, 11, DB, 0), 2, 5, 0, 16, 0, 7)), 25, REACHES, POINT},
    {"value_outside_in_pieces", s7_pieces, PLC1, BYTES(WRITE_SET_POINT(101)), 29, REACHES,
	BECAUSE("value-denied")},
    SNAP7_PIECES(1),
    SNAP7_PIECES(10),
    SNAP7_PIECES(11),
    SNAP7_PIECES(25),

    /* what makes Snap7 lose its place */
    {"snap7_stop_by_a_permitted_write_in_three_pieces", s7_three_pieces, PLC2,
	BYTES(FRAME(14, 41), 5, 1, ITEM(BYTE, 37, 20, DB, 0), 0, 4, 1, 40, FILLING, 0, 0, 0, 0), 0,
	STOPS, BECAUSE("pieces-too-many")},
    {"snap7_stop_in_a_permitted_write_behind_empty_ones", s7_after_empty_ones, PLC2,
	BYTES(FRAME(14, 37), 5, 1, ITEM(BYTE, 33, 20, DB, 0), 0, 4, 1, 8, STOP), 35, STOPS,
	BECAUSE("pieces-too-many")},
    {"snap7_stop_in_a_permitted_write_behind_keep_alives", s7_after_keep_alives, PLC2,
	BYTES(FRAME(14, 37), 5, 1, ITEM(BYTE, 33, 20, DB, 0), 0, 4, 1, 8, STOP), 35, STOPS},
    {"snap7_stop_in_a_transport_error", attack_first_segment, PLC2,
	BYTES(TPKT(40), 35, 0x70, 0, STOP), 7, STOPS, BECAUSE("function-direction")},
    {"stop_in_a_disconnect", attack_single, PLC1, BYTES(TPKT(33), 28, 0x80, 0, STOP_MESSAGE), 0,
	REACHES, LENGTH},
    {"stop_in_a_second_connect", attack_single, PLC1, BYTES(TPKT(33), 28, 0xe0, 0, STOP_MESSAGE), 0,
	REACHES, BECAUSE("session-repeated")},

    /* one item among many */
    {"read_last_of_15_items_outside", attack_single, PLC1,
	BYTES(FRAME(182, 0), 4, 15, SEVEN_GOOD, SEVEN_GOOD, ITEM(BYTE, 1, 11, DB, 0)), 0, REACHES,
	POINT},
    {"write_last_of_3_items_outside", attack_single, PLC1,
	BYTES(FRAME(38, 18), 5, 3, ITEM(INT, 1, 10, DB, 0), ITEM(INT, 1, 10, DB, AT(2, 0)),
	    ITEM(INT, 1, 10, DB, AT(4, 0)), 0, 5, 0, 16, 0, 1, 0, 5, 0, 16, 0, 2, 0, 5, 0, 16, 0,
	    7),
	0, REACHES, POINT},
    {"write_last_of_3_values_outside", attack_single, PLC1,
	BYTES(FRAME(38, 18), 5, 3, ITEM(INT, 1, 10, DB, 0), ITEM(INT, 1, 10, DB, AT(2, 0)),
	    ITEM(INT, 1, 10, DB, 0), 0, 5, 0, 16, 0, 1, 0, 5, 0, 16, 0, 2, 0, 5, 0, 16, 0, 101),
	0, REACHES, BECAUSE("value-denied")},
    {"two_set_points_as_four_bytes", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(BYTE, 4, 10, DB, 0), 4, 4, 0, 32, 255, 255, 255, 255)), 0, REACHES,
	BECAUSE("value-denied")},
    {"half_of_each_of_two_set_points", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(WORD, 1, 10, DB, AT(1, 0)), 2, 4, 0, 16, 0, 5)), 0, REACHES,
	BECAUSE("value-type")},
    {"highest_bit_of_a_set_point", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(BIT, 1, 10, DB, AT(0, 7)), 1, 3, 0, 1, 1)), 0, REACHES,
	BECAUSE("value-type")},
    {"snap7_write_last_of_3_items_outside", attack_single, PLC2,
	BYTES(FRAME(38, 18), 5, 3, ITEM(INT, 1, 10, DB, 0), ITEM(INT, 1, 10, DB, AT(2, 0)),
	    ITEM(INT, 1, 10, DB, AT(4, 0)), 0, 4, 0, 16, 0, 1, 0, 4, 0, 16, 0, 2, 0, 4, 0, 16, 0,
	    7),
	0, STATE("db10 000100020007"), POINT},

    /* lengths that lie */
    {"tpkt_covers_a_read_and_a_stop", attack_single, PLC1,
	BYTES(TPKT(64), DATA, JOB(5, 14, 0), 4, 1, GOOD, STOP), 0, REACHES_FROM(38, 26), LENGTH},
    {"tpkt_one_larger", attack_single, PLC1, BYTES(TPKT(34), DATA, STOP_MESSAGE), 0, REACHES},
    {"tpkt_one_larger_with_a_byte", attack_single, PLC1, BYTES(TPKT(34), DATA, STOP_MESSAGE, 0), 0,
	REACHES_FROM(7, 26)},
    {"tpkt_one_smaller", attack_single, PLC1, BYTES(TPKT(32), DATA, STOP_MESSAGE), 0, REACHES},
    {"tpkt_ends_inside_the_job", attack_single, PLC1, BYTES(TPKT(24), DATA, STOP_MESSAGE), 0,
	REACHES},
    {"tpkt_ends_behind_cotp", attack_single, PLC1, BYTES(TPKT(7), DATA, STOP_MESSAGE), 0, REACHES},
    {"tpkt_of_a_read_and_data_that_are_a_stop", attack_single, PLC1,
	BYTES(TPKT(31), DATA, JOB(5, 14, 33), 4, 1, GOOD, STOP), 0, REACHES_FROM(38, 26)},
    {"tpkt_length_0", attack_single, PLC1, BYTES(TPKT(0), DATA, STOP_MESSAGE), 0, REACHES},
    {"tpkt_length_4", attack_single, PLC1, BYTES(TPKT(4), DATA, STOP_MESSAGE), 0, REACHES},
    {"tpkt_length_6", attack_single, PLC1, BYTES(TPKT(6), DATA, STOP_MESSAGE), 0, REACHES},
    {"tpkt_length_65535", attack_single, PLC1, BYTES(TPKT(65535), DATA, STOP_MESSAGE), 0, REACHES},
    {"tpkt_version_2", attack_single, PLC1, BYTES(2, 0, 0, 33, DATA, STOP_MESSAGE), 0, REACHES},
    {"tpkt_reserved_byte", attack_single, PLC1, BYTES(3, 1, 0, 33, DATA, STOP_MESSAGE), 0, REACHES},
    {"cotp_header_of_3_bytes", attack_single, PLC1, BYTES(TPKT(34), 3, 0xf0, 0x80, 0, STOP_MESSAGE),
	0, REACHES_FROM(8, 26)},
    {"cotp_header_of_1_byte", attack_single, PLC1, BYTES(TPKT(33), 1, 0xf0, 0x80, STOP_MESSAGE), 0,
	REACHES},
    {"parameters_one_longer", attack_single, PLC1,
	BYTES(TPKT(33), DATA, JOB(9, 17, 0), 0x29, 0, 0, 0, 0, 0, P_PROGRAM), 0, REACHES},
    {"parameters_one_shorter", attack_single, PLC1,
	BYTES(TPKT(33), DATA, JOB(9, 15, 0), 0x29, 0, 0, 0, 0, 0, P_PROGRAM), 0, REACHES},
    {"stop_as_data_of_a_read", attack_single, PLC1, BYTES(FRAME(14, 33), 4, 1, GOOD, STOP), 0,
	REACHES_FROM(38, 26)},

    /* two messages in a segment */
    {"stop_behind_a_read", attack_single, PLC1, BYTES(READ, STOP), 0, REACHES_FROM(38, 26),
	FUNCTION},
    {"stop_before_a_read", attack_single, PLC1, BYTES(STOP, READ), 0, REACHES_FROM(7, 26),
	FUNCTION},
    {"stop_behind_a_read_split_inside", attack_first_segment, PLC1, BYTES(READ, STOP), 48,
	REACHES_FROM(38, 26), FUNCTION},
    {"snap7_stop_behind_a_read", attack_single, PLC2, BYTES(READ, STOP), 0, STOPS, FUNCTION},

    /* data and addresses that disagree */
    {"write_data_longer_than_the_item", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(INT, 1, 10, DB, 0), 4, 5, 0, 32, 0, 5, 0, 7)), 0, REACHES, LENGTH},
    {"write_data_longer_than_their_length", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(INT, 1, 10, DB, 0), 4, 5, 0, 16, 0, 5, 0, 7)), 0, REACHES, LENGTH},
    {"write_data_shorter_than_the_item", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(INT, 2, 10, DB, 0), 2, 5, 0, 16, 0, 5)), 0, REACHES, LENGTH},
    {"write_two_data_for_one_item", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(INT, 1, 10, DB, 0), 8, 5, 0, 16, 0, 5, 0, 5, 0, 16, 0, 7)), 0, REACHES,
	LENGTH},
    {"write_one_datum_for_two_items", attack_single, PLC1,
	BYTES(FRAME(26, 6), 5, 2, ITEM(INT, 1, 10, DB, 0), ITEM(INT, 1, 11, DB, 0), 0, 5, 0, 16, 0,
	    5),
	0, REACHES},
    {"write_item_count_too_small", attack_single, PLC1,
	BYTES(FRAME(26, 12), 5, 1, ITEM(INT, 1, 10, DB, 0), ITEM(INT, 1, 11, DB, 0), 0, 5, 0, 16, 0,
	    5, 0, 5, 0, 16, 0, 7),
	0, REACHES},
    {"write_two_bits_at_once", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(BIT, 2, 0, FLAGS, AT(3, 2)), 2, 3, 0, 2, 1, 1)), 0, REACHES},

    /* one past the range, by every size of element */
    {"read_one_byte_past", attack_single, PLC1, BYTES(READ_ONE(ITEM(BYTE, 1, 10, DB, AT(128, 0)))),
	0, REACHES, POINT},
    {"read_byte_count_one_past", attack_single, PLC1, BYTES(READ_ONE(ITEM(BYTE, 129, 10, DB, 0))),
	0, REACHES, POINT},
    {"read_one_bit_past", attack_single, PLC1, BYTES(READ_ONE(ITEM(BIT, 1, 10, DB, AT(128, 0)))), 0,
	REACHES, POINT},
    {"read_word_half_past", attack_single, PLC1, BYTES(READ_ONE(ITEM(WORD, 1, 10, DB, AT(127, 0)))),
	0, REACHES, POINT},
    {"read_dword_half_past", attack_single, PLC1,
	BYTES(READ_ONE(ITEM(DWORD, 1, 10, DB, AT(125, 0)))), 0, REACHES, POINT},
    {"read_another_area", attack_single, PLC1, BYTES(READ_ONE(ITEM(BYTE, 1, 0, OUTPUTS, 0))), 0,
	REACHES, POINT},
    {"write_one_byte_past", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(BYTE, 1, 10, DB, AT(4, 0)), 1, 4, 0, 8, 7)), 0, REACHES, POINT},
    {"write_word_half_past", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(INT, 1, 10, DB, AT(3, 0)), 2, 5, 0, 16, 0, 7)), 0, REACHES,
	BECAUSE("value-type")},
    {"write_real_half_past", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(REAL, 1, 10, DB, AT(1, 0)), 4, 7, 0, 4, 0, 0, 0, 0)), 0, REACHES,
	BECAUSE("value-type")},
    {"write_bit_beside", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(BIT, 1, 0, FLAGS, AT(3, 3)), 1, 3, 0, 1, 1)), 0, REACHES, POINT},
    {"write_byte_around_the_bit", attack_single, PLC1,
	BYTES(WRITE_ONE(ITEM(BYTE, 1, 0, FLAGS, AT(3, 0)), 1, 4, 0, 8, 7)), 0, REACHES, POINT},
    {"snap7_write_word_half_past", attack_single, PLC2,
	BYTES(WRITE_ONE(ITEM(INT, 1, 10, DB, AT(3, 0)), 2, 4, 0, 16, 0, 7)), 0,
	STATE("db10 0000000007"), BECAUSE("value-type")},
    {"snap7_write_bit_beside", attack_single, PLC2,
	BYTES(WRITE_ONE(ITEM(BIT, 1, 0, FLAGS, AT(3, 3)), 1, 3, 0, 1, 1)), 0, STATE("m 00000008"),
	POINT},
    {"snap7_value_outside", attack_single, PLC2, BYTES(WRITE_SET_POINT(101)), 0, STATE("db10 0065"),
	BECAUSE("value-denied")},

    /* sessions */
    {"read_before_connect", s7_without_connect, PLC1, BYTES(READ), 0, REACHES,
	BECAUSE("session-missing")},
    {"read_before_set_up", s7_without_setup, PLC1, BYTES(READ), 0, REACHES,
	BECAUSE("session-missing")},
    {"read_with_set_up", s7_with_setup, PLC1, BYTES(READ), 0, REACHES, BECAUSE("session-missing")},
    {"stop_before_set_up", s7_without_setup, PLC1, BYTES(STOP), 0, REACHES,
	BECAUSE("session-missing")},
    {"snap7_start_before_set_up", s7_without_setup, PLC2, BYTES(START), 0,
	STATE("event Control 0 2"), BECAUSE("session-missing")},
    {"second_connect", attack_single, PLC1, BYTES(CONNECT(2, 0)), 0, REACHES_FROM(0, 22),
	BECAUSE("session-repeated")},
    {"second_connect_to_another_slot", attack_single, PLC1, BYTES(CONNECT(3, 0)), 0,
	REACHES_FROM(0, 22), BECAUSE("session-repeated")},
    {"second_connect_behind_a_read", attack_single, PLC1, BYTES(READ, CONNECT(3, 0)), 0,
	REACHES_FROM(31, 22), BECAUSE("session-repeated")},
    {"connect_to_another_slot", s7_without_connect, PLC1, BYTES(CONNECT(3, 0)), 0,
	REACHES_FROM(0, 22), BECAUSE("unit-denied")},
    {"connect_to_another_rack", s7_without_connect, PLC1, BYTES(CONNECT(0x22, 0)), 0,
	REACHES_FROM(0, 22), BECAUSE("unit-denied")},
    {"connect_of_class_4", s7_without_connect, PLC1, BYTES(CONNECT(2, 0x40)), 0,
	REACHES_FROM(0, 22), BECAUSE("transport-class")},
    {"expedited_stop", attack_single, PLC1, BYTES(TPKT(33), 2, 0x10, 0x80, STOP_MESSAGE), 0,
	REACHES, BECAUSE("transport-class")},
    {"write_above_the_agreed_size", s7_long_write, PLC1, NULL, 0, 213, ARRIVES,
	BECAUSE("pdu-too-long")},
    {"write_far_above_the_agreed_size", s7_long_write, PLC1, NULL, 0, 400, ARRIVES,
	BECAUSE("pdu-too-long")},

    /* services and functions that no rule names */
    {"cold_start", attack_single, PLC1, BYTES(COLD_START), 0, REACHES, FUNCTION},
    {"compress_memory", attack_single, PLC1,
	BYTES(FRAME(16, 0), SERVICE(0), 5, '_', 'G', 'A', 'R', 'B'), 0, REACHES, FUNCTION},
    {"insert_block", attack_single, PLC1,
	BYTES(FRAME(26, 0), SERVICE(10), 1, 0, BLOCK('A', '4', 'P'), 5, '_', 'I', 'N', 'S', 'E'), 0,
	REACHES, FUNCTION},
    {"delete_of_another_block", attack_single, PLC1, BYTES(DELETE('A', '5')), 0, REACHES, POINT},
    {"delete_of_another_type", attack_single, PLC1, BYTES(DELETE('8', '4')), 0, REACHES, POINT},
    {"delete_of_two_blocks", attack_single, PLC1,
	BYTES(FRAME(34, 0), SERVICE(18), 2, 0, BLOCK('A', '4', 'A'), BLOCK('A', '5', 'A'), 5, '_',
	    'D', 'E', 'L', 'E'),
	0, REACHES, POINT},
    {"service_that_nobody_knows", attack_single, PLC1,
	BYTES(FRAME(20, 0), SERVICE(0), 9, '_', 'N', '_', 'L', 'O', 'G', 'I', 'N', '_'), 0, REACHES,
	BECAUSE("function-unknown")},
    {"download_of_another_block", attack_single, PLC1, BYTES(DOWNLOAD(0x1a, '2')), 0, REACHES,
	POINT},
    {"upload", attack_single, PLC1, BYTES(DOWNLOAD(0x1d, '1')), 0, REACHES},
    {"set_clock", attack_single, PLC1,
	BYTES(TPKT(39), DATA, USERDATA(8, 14), 0, 1, 0x12, 4, 0x11, 0x47, 2, 0, 0xff, 9, 0, 10, 0,
	    0x19, 0x20, 1, 2, 3, 4, 5, 6, 7),
	0, REACHES, FUNCTION},
    {"memory_reset", attack_single, PLC1,
	BYTES(TPKT(29), DATA, USERDATA(8, 4), 0, 1, 0x12, 4, 0x11, 0x41, 12, 0, 10, 0, 0, 0), 0,
	REACHES},
    {"function_that_nobody_knows", attack_single, PLC1, BYTES(FRAME(1, 0), 0x55), 0, REACHES},
    {"answer_that_nobody_asked_for", attack_single, PLC1,
	BYTES(TPKT(27), DATA, 0x32, 3, 0, 0, 2, 0, 0, 2, 0, 6, 0, 0, 0x1b, 0, 0, 2, 0, 0xfb, 'p',
	    'p'),
	0, REACHES, BECAUSE("response-unmatched")},
    {"snap7_cold_start", attack_single, PLC2, BYTES(COLD_START), 0, STATE("event Control 0 1"),
	FUNCTION},
    {"snap7_delete_of_another_block", attack_single, PLC2, BYTES(DELETE('A', '5')), 0,
	STATE("event Control 0 6"), POINT},
    {"snap7_compress_memory", attack_single, PLC2,
	BYTES(FRAME(16, 0), SERVICE(0), 5, '_', 'G', 'A', 'R', 'B'), 0, STATE("event Control 0 4"),
	FUNCTION},
    {"snap7_download", attack_single, PLC2, BYTES(DOWNLOAD(0x1a, '2')), 0, STATE("event Upload 15"),
	POINT},

    /* servers that lie to a client */
    {"true_answer_passes", s7_lied_to, PLC1, BYTES(TRICK(0)), 25, PASSES},
    {"answer_to_another_job_passes", s7_lied_to, PLC1, BYTES(TRICK(1)), 25, PASSES},
    {"answer_of_another_function", s7_lied_to, PLC1, BYTES(TRICK(2)), 22, ARRIVES,
	BECAUSE("response-mismatch")},
    {"answer_with_two_items_for_one", s7_lied_to, PLC1, BYTES(TRICK(3)), 29, ARRIVES,
	BECAUSE("response-mismatch")},
    {"second_answer_to_one_job_passes", s7_lied_to, PLC1, BYTES(TRICK(4)), 50, PASSES},
    {"answer_with_a_byte_too_many", s7_lied_to, PLC1, BYTES(TRICK(5)), 26, ARRIVES, LENGTH},
    {"answer_whose_tpkt_is_shorter", s7_lied_to, PLC1, BYTES(TRICK(6)), 25, ARRIVES, LENGTH},
    {"stop_for_the_client", s7_lied_to, PLC1, BYTES(TRICK(7)), 33, ARRIVES},
    {"download_job_for_another_block", s7_lied_to, PLC1, BYTES(TRICK(8)), 35, ARRIVES, POINT},
    {"answer_in_s7comm_plus", s7_lied_to, PLC1, BYTES(TRICK(9)), 29, ARRIVES,
	BECAUSE("protocol-id")},
    {"second_connect_confirm", s7_lied_to, PLC1, BYTES(TRICK(10)), 22, ARRIVES},

    /* the other protocol */
    {"s7comm_plus", attack_single, PLC1, BYTES(CREATE_SESSION), 0, REACHES, BECAUSE("protocol-id")},
    {"s7comm_plus_before_set_up", s7_without_setup, PLC1, BYTES(CREATE_SESSION), 0, REACHES,
	BECAUSE("session-missing")},
    {"s7comm_plus_behind_a_read", attack_single, PLC1, BYTES(READ, CREATE_SESSION), 0,
	REACHES_FROM(38, 26), BECAUSE("protocol-id")},
    {"s7comm_plus_in_pieces", s7_pieces, PLC1, BYTES(CREATE_SESSION), 1, REACHES,
	BECAUSE("protocol-id")},
    {"tls", attack_single, PLC1, BYTES(HELLO), 0, REACHES, BECAUSE("protocol-id")},
    {"stop_to_s7comm_plus", s7_to_plus, PLC1, BYTES(STOP), 0, REACHES, BECAUSE("protocol-id")},
    {"read_to_s7comm_plus", s7_to_plus, PLC1, BYTES(READ), 0, REACHES, BECAUSE("protocol-id")},
    {"stop_behind_s7comm_plus", s7_to_plus, PLC1, BYTES(CREATE_SESSION, STOP), 0,
	REACHES_FROM(40, 26), BECAUSE("protocol-id")},
};

int
main(int argc, char **argv)
{
	return judge_main(argc, argv, &s7_plant, attacks, sizeof(attacks) / sizeof(attacks[0]));
}
