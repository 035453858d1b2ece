/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks on a Modbus plant: the list. See judge.h.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "judge.h"
#include "lab.h"

#define FORBIDDEN 0, 1, 0, 0, 0, 6, 1, 6, 0, 50, 0, 7
#define PERMITTED 0, 2, 0, 0, 0, 6, 1, 6, 0, 40, 0, 5
#define READ 0, 3, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10
#define TEN_READS READ, READ, READ, READ, READ, READ, READ, READ, READ, READ
#define ANSWER                                                                                  \
	0, 3, 0, 0, 0, 23, 1, 3, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, \
	    18, 19, 20

#define PASSES .effect = EFFECT_PASSES
#define WRITES(where, what) .effect = EFFECT_WRITES, .point = where, .value = what
#define REACHES(digits) .effect = EFFECT_REACHES, .needle = digits
#define ARRIVES .effect = EFFECT_ARRIVES
#define NOTHING .effect = EFFECT_NOTHING
#define BECAUSE(word) .reason = word

/* A forbidden write to holding:50 that is cut, or hidden behind something. */
#define SPLIT(n)                                                                         \
	{                                                                                \
		"forbidden_write_split_at_" #n, attack_split, PLC1, BYTES(FORBIDDEN), n, \
		    WRITES(50, 7), BECAUSE("point-denied")                               \
	}
#define PERMITTED_SPLIT(n)                                                                \
	{                                                                                 \
		"permitted_write_split_at_" #n, permitted_split, PLC1, NULL, 0, n, PASSES \
	}

static const struct attack attacks[] = {
    /* what must work */
    {"reads_pass", permitted_read, PLC1, NULL, 0, 0, PASSES},
    {"reads_pass_second_server", permitted_read, PLC2, NULL, 0, 0, PASSES},
    {"reads_pass_ipv6", permitted_read, PLC1_IPV6, NULL, 0, 0, PASSES},
    {"permitted_write_passes", permitted_write, PLC1, BYTES(PERMITTED), 0, PASSES, .point = 40,
	.value = 5},
    {"permitted_write_passes_ipv6", permitted_write, PLC1_IPV6, BYTES(PERMITTED), 0, PASSES,
	.point = 40, .value = 5},
    {"permitted_write_of_largest_value", permitted_write, PLC1,
	BYTES(0, 2, 0, 0, 0, 6, 1, 6, 0, 42, 5, 0xdc), 0, PASSES, .point = 42, .value = 1500},
    {"permitted_write_of_several_registers", permitted_write, PLC1,
	BYTES(0, 2, 0, 0, 0, 13, 1, 16, 0, 40, 0, 3, 6, 0, 1, 0, 2, 0, 3), 0, PASSES, .point = 42,
	.value = 3},
    {"permitted_kernel_client", permitted_kernel_client, PLC1, NULL, 0, 0, PASSES},
    {"permitted_kernel_client_ipv6", permitted_kernel_client, PLC1_IPV6, NULL, 0, 0, PASSES},
    PERMITTED_SPLIT(1),
    PERMITTED_SPLIT(2),
    PERMITTED_SPLIT(3),
    PERMITTED_SPLIT(4),
    PERMITTED_SPLIT(5),
    PERMITTED_SPLIT(6),
    PERMITTED_SPLIT(7),
    PERMITTED_SPLIT(8),
    PERMITTED_SPLIT(9),
    PERMITTED_SPLIT(10),
    PERMITTED_SPLIT(11),
    {"permitted_header_alone", permitted_header_alone, PLC1, NULL, 0, 0, PASSES},
    {"permitted_header_alone_by_nagle", kernel_header_alone, PLC1, BYTES(PERMITTED), 0, PASSES},
    {"permitted_header_alone_ipv6", permitted_header_alone, PLC1_IPV6, NULL, 0, 0, PASSES},
    {"permitted_write_and_read_in_one_segment", permitted_pipeline, PLC1, NULL, 0, 0, PASSES},
    {"permitted_in_fragments_of_8", permitted_fragments, PLC1, NULL, 0, 8, PASSES},
    {"permitted_in_fragments_of_24", permitted_fragments, PLC1, NULL, 0, 24, PASSES},
    {"permitted_in_fragments_of_24_ipv6", permitted_fragments, PLC1_IPV6, NULL, 0, 24, PASSES},
    {"permitted_in_one_fragment_ipv6", permitted_fragments, PLC1_IPV6, NULL, 0, 64, PASSES},
    {"permitted_retransmission", permitted_retransmission, PLC1, NULL, 0, 0, PASSES},
    {"permitted_out_of_order", permitted_out_of_order, PLC1, NULL, 0, 0, PASSES},
    {"permitted_sequence_numbers_wrap", permitted_sequence_wrap, PLC1, NULL, 0, 0, PASSES},
    {"keepalive_with_a_byte_of_garbage", permitted_keepalive, PLC1, NULL, 0, 0, PASSES},
    {"read_with_fin_is_answered", permitted_half_close, PLC1, NULL, 0, 0, PASSES},
    {"same_ports_again_after_reset", permitted_new_connection, PLC1, NULL, 0, 0, PASSES},
    {"same_ports_again_after_reboot", permitted_reboot, PLC1, NULL, 0, 0, PASSES},
    {"plain_channel_passes", connect_port, RTU1, NULL, 0, 8080, PASSES},
    {"answer_passes", rogue_valid, RTU1, BYTES(ANSWER), 1, PASSES},
    {"answer_in_pieces_passes", rogue_valid, RTU1, BYTES(ANSWER), 29, PASSES},
    {"exception_passes", rogue_valid, RTU1, BYTES(0, 3, 0, 0, 0, 3, 1, 0x83, 2), 1, PASSES},
    {"answer_to_nothing_passes", rogue_unasked, RTU1, BYTES(ANSWER), 0, PASSES},
    {"answer_to_another_transaction_passes", rogue_valid, RTU1, BYTES(0, 4, 0, 0, 0, 3, 1, 0x83, 2),
	1, PASSES},
    {"answer_of_another_function_passes", rogue_valid, RTU1,
	BYTES(0, 3, 0, 0, 0, 6, 1, 6, 0, 40, 0, 5), 1, PASSES},
    {"answer_of_another_unit_passes", rogue_valid, RTU1, BYTES(0, 3, 0, 0, 0, 3, 9, 0x83, 2), 1,
	PASSES},
    {"second_answer_passes", rogue_valid, RTU1, BYTES(ANSWER, ANSWER), 1, PASSES},

    /* what a request may not say */
    {"write_outside_the_rule", attack_single, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"write_outside_the_rule_second_server", attack_single, PLC2, BYTES(FORBIDDEN), 0,
	WRITES(50, 7), BECAUSE("point-denied")},
    {"write_outside_the_rule_ipv6", attack_single, PLC1_IPV6, BYTES(FORBIDDEN), 0, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"value_outside", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 6, 1, 6, 0, 40, 5, 0xdd), 0,
	WRITES(40, 1501), BECAUSE("value-denied")},
    {"second_value_outside", attack_single, PLC1,
	BYTES(0, 1, 0, 0, 0, 11, 1, 16, 0, 40, 0, 2, 4, 0, 1, 5, 0xdd), 0, WRITES(41, 1501),
	BECAUSE("value-denied")},
    {"several_registers_one_outside", attack_single, PLC1,
	BYTES(0, 1, 0, 0, 0, 15, 1, 16, 0, 40, 0, 4, 8, 0, 1, 0, 1, 0, 1, 0, 7), 0, WRITES(43, 7),
	BECAUSE("point-denied")},
    {"half_of_a_number_in_two_registers", attack_single, PLC1,
	BYTES(0, 1, 0, 0, 0, 6, 1, 6, 0, 60, 0, 1), 0, WRITES(60, 1), BECAUSE("value-type")},
    {"two_halves_each_within_the_limit", attack_single, PLC1,
	BYTES(0, 1, 0, 0, 0, 11, 1, 16, 0, 60, 0, 2, 4, 0, 1, 0x11, 0x71), 0, WRITES(61, 0x1171),
	BECAUSE("value-denied")},
    {"write_to_all_units", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 6, 0, 6, 0, 80, 0, 7), 0,
	WRITES(80, 7), BECAUSE("unit-denied")},
    {"unit_outside", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 9, 2, 16, 0, 40, 0, 1, 2, 0, 5), 0,
	WRITES(40, 5), BECAUSE("unit-denied")},
    {"unit_of_the_rule_for_another_point", attack_single, PLC1,
	BYTES(0, 1, 0, 0, 0, 6, 2, 6, 0, 40, 0, 5), 0, WRITES(40, 5), BECAUSE("point-denied")},
    {"mask_write", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 8, 1, 22, 0, 50, 0, 0, 0, 7), 0,
	WRITES(50, 7), BECAUSE("function-denied")},
    {"write_coil", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 6, 1, 5, 0, 3, 0xff, 0), 0,
	REACHES("00010000000601050003ff00"), BECAUSE("function-denied")},
    {"write_coils", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 8, 1, 15, 0, 0, 0, 8, 1, 0xff), 0,
	REACHES("000100000008010f0000000801ff"), BECAUSE("function-denied")},
    {"restart_communications", attack_single, PLC2,
	BYTES(0, 1, 0, 0, 0, 6, 1, 8, 0, 1, 0, 0, FORBIDDEN), 0, WRITES(50, 7),
	BECAUSE("function-denied")},
    {"report_server_id", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 2, 1, 17), 0,
	REACHES("0001000000020111"), BECAUSE("function-denied")},
    {"read_write_with_forbidden_write", attack_single, PLC1,
	BYTES(0, 1, 0, 0, 0, 13, 1, 23, 0, 40, 0, 1, 0, 50, 0, 1, 2, 0, 7), 0, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"read_write_with_forbidden_read", attack_single, PLC1,
	BYTES(0, 1, 0, 0, 0, 13, 1, 23, 1, 44, 0, 1, 0, 40, 0, 1, 2, 0, 7), 0, WRITES(40, 7),
	BECAUSE("point-denied")},
    {"read_outside", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 6, 1, 3, 0, 200, 0, 1), 0,
	REACHES("000100000006010300c80001"), BECAUSE("point-denied")},
    {"read_half_outside", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 6, 1, 3, 0, 195, 0, 10), 0,
	REACHES("000100000006010300c3000a"), BECAUSE("point-denied")},
    {"read_wraps", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 6, 1, 3, 0xff, 0xff, 0, 2), 0,
	REACHES("0001000000060103ffff0002"), BECAUSE("address-overflow")},
    {"write_wraps", attack_single, PLC1,
	BYTES(0, 1, 0, 0, 0, 11, 1, 16, 0xff, 0xff, 0, 2, 4, 0, 1, 0, 1), 0,
	REACHES("0001000000"
		"0b0110ffff00020400010001"),
	BECAUSE("address-overflow")},
    {"quantity_of_zero", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 0), 0,
	REACHES("000100000006010300000000"), BECAUSE("quantity-invalid")},
    {"quantity_of_126", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 126), 0,
	REACHES("00010000000601030000007e"), BECAUSE("quantity-invalid")},

    /* lengths that lie; libmodbus does not look at them */
    {"length_0", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 0, 1, 6, 0, 50, 0, 7), 0, WRITES(50, 7),
	BECAUSE("length-invalid")},
    {"length_1", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 1, 1, 6, 0, 50, 0, 7), 0, WRITES(50, 7),
	BECAUSE("length-invalid")},
    {"length_255", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 255, 1, 6, 0, 50, 0, 7), 0,
	WRITES(50, 7), BECAUSE("length-invalid")},
    {"length_65535", attack_single, PLC1, BYTES(0, 1, 0, 0, 255, 255, 1, 6, 0, 50, 0, 7), 0,
	WRITES(50, 7), BECAUSE("length-invalid")},
    {"length_5", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 5, 1, 6, 0, 50, 0, 7), 0, WRITES(50, 7)},
    {"length_7", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 7, 1, 6, 0, 50, 0, 7), 0, WRITES(50, 7)},
    {"length_254", attack_single, PLC1, BYTES(0, 1, 0, 0, 0, 254, 1, 6, 0, 50, 0, 7), 0,
	WRITES(50, 7)},
    {"length_of_a_read_covers_a_write", attack_single, PLC1,
	BYTES(0, 3, 0, 0, 0, 18, 1, 3, 0, 0, 0, 10, FORBIDDEN), 0, WRITES(50, 7)},
    {"protocol_id_1", attack_single, PLC1, BYTES(0, 1, 0, 1, 0, 6, 1, 6, 0, 40, 0, 5), 0,
	WRITES(40, 5), BECAUSE("protocol-id")},

    /* hidden behind other messages */
    {"pipelined_after_a_read", attack_single, PLC1, BYTES(READ, FORBIDDEN), 0, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"pipelined_after_a_read_ipv6", attack_single, PLC1_IPV6, BYTES(READ, FORBIDDEN), 0,
	WRITES(50, 7), BECAUSE("point-denied")},
    {"pipelined_before_a_read", attack_single, PLC1, BYTES(FORBIDDEN, READ), 0, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"pipelined_after_a_read_and_split", attack_first_segment, PLC1, BYTES(READ, FORBIDDEN), 18,
	WRITES(50, 7), BECAUSE("point-denied")},
    {"buried_behind_40_reads", attack_single, PLC1,
	BYTES(TEN_READS, TEN_READS, TEN_READS, TEN_READS, FORBIDDEN), 0, WRITES(50, 7)},
    {"behind_function_0_in_one_segment", attack_single, PLC2,
	BYTES(0, 9, 0, 0, 0, 2, 1, 0, FORBIDDEN), 0, WRITES(50, 7)},
    {"behind_function_0x86_in_one_segment", attack_single, PLC2,
	BYTES(0, 9, 0, 0, 0, 3, 1, 0x86, 1, FORBIDDEN), 0, WRITES(50, 7)},
    {"behind_function_90_in_one_segment", attack_single, PLC2,
	BYTES(0, 9, 0, 0, 0, 4, 1, 90, 0, 0, FORBIDDEN), 0, WRITES(50, 7)},
    {"behind_function_0_as_first_message", attack_first_segment, PLC2,
	BYTES(0, 9, 0, 0, 0, 2, 1, 0, FORBIDDEN), 8, WRITES(50, 7)},
    {"behind_function_0x86_as_first_message", attack_first_segment, PLC2,
	BYTES(0, 9, 0, 0, 0, 3, 1, 0x86, 1, FORBIDDEN), 9, WRITES(50, 7)},
    {"behind_function_90_as_first_message", attack_first_segment, PLC2,
	BYTES(0, 9, 0, 0, 0, 4, 1, 90, 0, 0, FORBIDDEN), 10, WRITES(50, 7)},
    {"denied_flow_stays_denied", attack_after_denial, PLC1, BYTES(FORBIDDEN), 0, ARRIVES,
	BECAUSE("point-denied")},

    /* cut into segments and fragments */
    SPLIT(1),
    SPLIT(2),
    SPLIT(3),
    SPLIT(4),
    SPLIT(5),
    SPLIT(6),
    SPLIT(7),
    SPLIT(8),
    SPLIT(9),
    SPLIT(10),
    SPLIT(11),
    {"forbidden_write_split_at_9_ipv6", attack_split, PLC1_IPV6, BYTES(FORBIDDEN), 9, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"byte_by_byte", attack_bytewise, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"value_outside_split_at_11", attack_split, PLC1, BYTES(0, 1, 0, 0, 0, 6, 1, 6, 0, 40, 5, 0xdd),
	11, WRITES(40, 1501), BECAUSE("value-denied")},
    {"forbidden_header_alone", attack_first_segment, PLC1, BYTES(FORBIDDEN), 7, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"forbidden_header_alone_by_nagle", kernel_header_alone, PLC1, BYTES(FORBIDDEN), 0,
	WRITES(50, 7), BECAUSE("point-denied")},
    {"in_fragments_of_8", attack_fragments, PLC1, BYTES(FORBIDDEN), 8, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"in_fragments_of_24", attack_fragments, PLC1, BYTES(FORBIDDEN), 24, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"in_fragments_backwards", attack_fragments_backwards, PLC1, BYTES(FORBIDDEN), 8, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"in_fragments_of_24_ipv6", attack_fragments, PLC1_IPV6, BYTES(FORBIDDEN), 24, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"in_one_fragment_ipv6", attack_fragments, PLC1_IPV6, BYTES(FORBIDDEN), 64, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"with_ip_options", attack_ip_options, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"behind_destination_options_ipv6", attack_destination_option, PLC1_IPV6, BYTES(FORBIDDEN), 0,
	WRITES(50, 7), BECAUSE("point-denied")},

    /* sequence numbers: what the inspector sees and the server throws away */
    {"overlapping_retransmission", attack_retransmit_longer, PLC1, BYTES(PERMITTED, FORBIDDEN), 0,
	WRITES(50, 7), BECAUSE("point-denied")},
    {"changed_retransmission_after_old_timestamp", attack_old_timestamp, PLC1, BYTES(FORBIDDEN), 0,
	WRITES(50, 7)},
    {"changed_retransmission_after_old_timestamp_ipv6", attack_old_timestamp, PLC1_IPV6,
	BYTES(FORBIDDEN), 0, WRITES(50, 7)},
    {"changed_retransmission_after_bad_checksum", attack_bad_checksum, PLC1, BYTES(FORBIDDEN), 0,
	WRITES(50, 7)},
    {"changed_retransmission_after_bad_acknowledgement", attack_bad_acknowledgement, PLC1,
	BYTES(FORBIDDEN), 0, WRITES(50, 7)},
    {"changed_retransmission_after_no_acknowledgement", attack_no_acknowledgement, PLC1,
	BYTES(FORBIDDEN), 0, WRITES(50, 7)},
    {"changed_retransmission_after_md5_option", attack_md5_option, PLC1, BYTES(FORBIDDEN), 0,
	WRITES(50, 7)},
    {"changed_tail", attack_changed_tail, PLC1, BYTES(0, 2, 0, 0, 0, 6, 1, 6, 0, 50, 7, 208), 0,
	WRITES(40, 2000)},
    {"rest_of_a_message_thrown_away_and_repeated_late", kernel_late_repetition, RTU1, NULL, 0, 0,
	ARRIVES, BECAUSE("stream-paused")},
    {"out_of_order", attack_out_of_order, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7)},
    {"overlapping_holes", attack_overlapping_holes, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7)},
    {"sequence_numbers_wrap", attack_sequence_wrap, PLC1, BYTES(FORBIDDEN), 6, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"second_syn_in_the_middle", attack_second_syn, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7)},
    {"reset_far_away_in_the_middle", attack_far_reset, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7)},
    {"reset_in_the_window_in_the_middle", attack_near_reset, PLC1, BYTES(FORBIDDEN), 0,
	WRITES(50, 7)},
    {"reset_with_bad_checksum_in_the_middle", attack_false_reset, PLC1, BYTES(FORBIDDEN), 0,
	WRITES(50, 7)},
    {"fin_far_away_in_the_middle", attack_far_fin, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7)},
    {"with_fin", attack_with_fin, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7),
	BECAUSE("point-denied")},
    {"data_after_fin", attack_after_fin, PLC1, BYTES(FORBIDDEN), 0, NOTHING},
    {"data_on_syn", attack_syn_data, PLC1, BYTES(FORBIDDEN), 0, WRITES(50, 7),
	BECAUSE("stream-syn-data")},
    {"urgent_byte_inserted", attack_urgent_inserted, PLC1,
	BYTES(0, 1, 0, 0, 0, 6, 1, 6, 0xee, 0, 50, 0, 7), 9, WRITES(50, 7),
	BECAUSE("stream-urgent")},
    {"urgent_byte_behind", attack_urgent_whole, PLC1, BYTES(PERMITTED, 0xee), 0, WRITES(40, 5),
	BECAUSE("stream-urgent")},
    {"urgent_by_the_kernel", kernel_urgent, RTU1, NULL, 0, 0, ARRIVES, BECAUSE("stream-urgent")},

    /* what nobody may say to a client */
    {"response_of_wrong_length", rogue_response, RTU1, BYTES(0, 3, 0, 0, 0, 5, 1, 3, 2, 0, 1), 0,
	ARRIVES, BECAUSE("response-mismatch")},
    {"response_with_lying_length", rogue_response, RTU1, BYTES(0, 3, 0, 0, 0, 5, 1, 3, 20, 0, 1), 0,
	ARRIVES},

    /* packets that their sender can still change */
    {"checksum_written_into_the_value", changing_checksum, PLC1,
	BYTES(0, 9, 0, 0, 0, 6, 1, 6, 0, 40, 0, 7), 0, WRITES(40, 9999), BECAUSE("value-denied")},
    {"checksum_written_into_the_value_ipv6", changing_checksum, PLC1_IPV6,
	BYTES(0, 9, 0, 0, 0, 6, 1, 6, 0, 40, 0, 7), 0, WRITES(40, 9999), BECAUSE("value-denied")},
    {"page_changed_after_sendfile", changing_page, RTU1, BYTES(FORBIDDEN), 0, ARRIVES,
	.impossible = true},
    {"page_changed_after_sendfile_ipv6", changing_page, RTU1_IPV6, BYTES(FORBIDDEN), 0, ARRIVES,
	.impossible = true},

    /* the ends of connections, and connections that nobody named */
    {"reset_reaches_both_ends_at_once", kernel_reset_both_ends, RTU1, NULL, 0, 0, ARRIVES,
	BECAUSE("point-denied")},
    {"reset_reaches_both_ends_at_once_ipv6", kernel_reset_both_ends, RTU1_IPV6, NULL, 0, 0, ARRIVES,
	BECAUSE("point-denied")},
    {"kernel_retransmission_never_arrives", kernel_retransmission, RTU1, BYTES(FORBIDDEN), 0,
	ARRIVES, BECAUSE("point-denied")},
    {"port_that_no_channel_names", connect_port, RTU1, NULL, 0, 8081, ARRIVES, .unnamed = true},
    {"port_that_no_channel_names_ipv6", connect_port, RTU1_IPV6, NULL, 0, 8081, ARRIVES,
	.unnamed = true},
    {"connection_backwards", connect_backwards, "10.10.0.5", NULL, 0, 0, ARRIVES, .unnamed = true},
    {"connection_backwards_ipv6", connect_backwards, "fd00:10::5", NULL, 0, 0, ARRIVES,
	.unnamed = true},
    {"client_that_no_channel_names", connect_stranger, PLC1, NULL, 0, 0, ARRIVES, .unnamed = true},
    {"source_of_another_zone", connect_spoofed, PLC1, NULL, 0, 0, ARRIVES, .unnamed = true},
    {"source_of_another_zone_ipv6", connect_spoofed, PLC1_IPV6, NULL, 0, 0, ARRIVES,
	.unnamed = true},
    {"datagram", send_datagram, PLC1, NULL, 0, 0, ARRIVES, .unnamed = true},
    {"datagram_ipv6", send_datagram, PLC1_IPV6, NULL, 0, 0, ARRIVES, .unnamed = true},
};

static bool second_server;

static void
start(void)
{
	device_start();
	second_server = device_start_second();
}

static void
clear(void)
{
	device_clear(PLC1);
	if (second_server)
		device_clear(PLC2);
}

static bool
present(const char *server)
{
	return second_server || strcmp(server, PLC2) != 0;
}

static bool
harmed(const struct attack *attack)
{
	return device_read(attack->server, attack->point) == attack->value;
}

/* An exception 1, of no function but one that was asked for. */
static bool
refused(const struct attempt *a)
{
	static const uint8_t head[] = {0, 0, 0, 3};

	for (size_t i = 0; i + 7 <= a->raw.data_length; i++) {
		const uint8_t *at = &a->raw.data[i];

		if (memcmp(at, head, sizeof(head)) == 0 && at[5] > 0x80 && at[6] == 1)
			return at[5] != (85 | 0x80);
	}
	return false;
}

/*
 * Where the kernel judges, too: honest traffic until it has the connection.  The attack's bytes are
 * counted from behind that.  What listens at RTU1 is of the attacks and does not answer.
 */
enum { GREET_MS = 2000 };

static void
greet(struct attempt *a)
{
	bool wanted = getenv("GATE_FAST_PATH") && strcmp(a->attack->server, RTU1) != 0;

	for (int i = 0; i < 3 && wanted; i++) {
		raw_data(&a->raw, 0, message_read, sizeof(message_read));
		if (!raw_wait_data(&a->raw, READ_RESPONSE_SIZE, GREET_MS))
			lab_fail("no answer to the greeting");
		a->raw.first += (uint32_t)sizeof(message_read);
		a->raw.acked = a->raw.sent = 0;
		a->raw.data_length = 0;
	}
}

int
main(int argc, char **argv)
{
	static const struct plant plant = {
	    .name = "attacks",
	    .port = 502,
	    .start = start,
	    .stop = device_stop,
	    .clear = clear,
	    .present = present,
	    .harmed = harmed,
	    .log = device_log,
	    .refused = refused,
	    .greet = greet,
	    .question = message_read,
	    .question_length = sizeof(message_read),
	    .answer_length = READ_RESPONSE_SIZE,
	};

	return judge_main(argc, argv, &plant, attacks, sizeof(attacks) / sizeof(attacks[0]));
}
