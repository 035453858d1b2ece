/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strikes: the lists. See strike.h, and policy.h for what is permitted.
 */
#include "strike.h"

/* Control relay output blocks of points 7 and 8: code, count, 500 ms on, none off. */
#define BLOCK(index, code, count) "0c01280100" index "00" code count "f40100000000000000"
#define LATCH_7 BLOCK("07", "03", "01")
#define LATCH_8 BLOCK("08", "03", "01")

#define POLL "c0013c02063c03063c04063c0106"
#define EVENTS "c0013c0206"
#define SELECT_7 "c103" LATCH_7
#define OPERATE_7 "c204" LATCH_7
#define DIRECT_7 "c105" LATCH_7
#define DIRECT_8 "c105" LATCH_8
#define DIRECT_7_NR "c106" LATCH_7
#define RESTART "c30d"

#define PASSES .effect = EFFECT_PASSES
#define HAPPENS(text) .effect = EFFECT_HAPPENS, .needle = text
#define ARRIVES .effect = EFFECT_ARRIVES
#define NOTHING .effect = EFFECT_NOTHING
#define SAYS(text) .needle = text
#define BECAUSE(word) .reason = word
#define CARELESS .careless = true
#define UNNAMED .unnamed = true
#define NUMBER(n) .argument = n

#define OUTPUT_7 "output 12 7 3"
#define OUTPUT_8 "output 12 8 3"

const struct strike strike_permitted[] = {
    {"integrity_poll", BY_ALL, permitted_play, "say 10 " POLL, PASSES, SAYS("message 10 " POLL)},
    {"integrity_poll_and_confirm", BY_BOTH, permitted_play,
	"say 10 " POLL " | say 10 c000 | say 10 " POLL, PASSES, NUMBER(2)},
    {"polls_of_two_outstations", BY_BOTH, permitted_play,
	"say 10 " POLL " | say 11 " POLL " | say 10 c1013c0206", PASSES},
    {"polls_in_one_packet", BY_BOTH, permitted_play,
	"say 10 " POLL " ; say 10 c1013c0206 ; say 11 " POLL, PASSES, SAYS("message 11 " POLL)},
    {"poll_in_two_frames", BY_BOTH, permitted_play,
	"part 10 45 c0013c02063c ; part 10 86 03063c04063c0106", PASSES, SAYS("message 10 " POLL)},
    {"poll_in_three_packets", BY_TCP, permitted_play,
	"part 10 7f c001 | part 10 00 3c02063c03063c | part 10 81 04063c0106", PASSES,
	SAYS("message 10 " POLL), NUMBER(3)},
    {"poll_byte_by_byte", BY_TCP, permitted_bytewise, "say 10 " POLL, PASSES,
	SAYS("message 10 " POLL)},
    {"select_and_operate", BY_ALL, permitted_play, "say 10 " SELECT_7 " | say 10 " OPERATE_7,
	PASSES, SAYS(OUTPUT_7)},
    {"select_and_operate_in_one_packet", BY_BOTH, permitted_play,
	"say 10 " SELECT_7 " ; say 10 " OPERATE_7, PASSES, SAYS(OUTPUT_7)},
    {"select_and_operate_in_pieces", BY_TCP, permitted_play,
	"part 10 41 c1030c012801 | part 10 82 0007000301f40100000000000000 |"
	"part 10 43 c2040c0128010007 | part 10 84 000301f40100000000000000",
	PASSES, SAYS(OUTPUT_7), NUMBER(5)},
    {"direct_operate_cut_at_every_byte", BY_TCP, permitted_everywhere, "say 10 " DIRECT_8, PASSES,
	SAYS(OUTPUT_8)},
    {"keep_alive", BY_BOTH, permitted_play, "link 10 c9 | say 10 " POLL, PASSES,
	SAYS("link 10 c9")},
    {"polls_after_refused_datagrams", BY_UDP, permitted_after_refusal,
	"say 10 " POLL " | say 11 " POLL, PASSES},
    {"select_and_operate_around_refused_datagrams", BY_UDP, permitted_after_refusal,
	"say 10 " SELECT_7 " | say 10 " OPERATE_7, PASSES, SAYS(OUTPUT_7)},
    {"poll_in_fragments_of_16", BY_UDP, permitted_fragments, "say 10 " POLL, PASSES, NUMBER(16)},
    {"datagram_larger_than_the_wire", BY_UDP | BY_UDP6, permitted_large_datagram,
	"say 10 c000 | say 10 " POLL, PASSES, NUMBER(120)},
    {"datagram_without_checksum", BY_UDP, permitted_no_checksum, "say 10 " POLL, PASSES},
    {"unsolicited_response_passes", BY_BOTH | BY_UDP6, permitted_rogue,
	"say 10 " EVENTS " | reply 10 c0810000 | reply 10 f08200000201170104 81", PASSES},
    {"response_in_several_fragments", BY_BOTH, permitted_rogue,
	"say 10 " EVENTS " | reply 10 a0810000010200000181 81 | reply 10 4181000001020004 0481",
	PASSES},
};

const size_t strike_permitted_count = sizeof(strike_permitted) / sizeof(strike_permitted[0]);

const struct strike strike_forbidden[] = {
    /* what a message may not say */
    {"forbidden_object_as_second_header", BY_ALL, strike_play, "say 10 c0013c01060a0200 0000",
	HAPPENS("message 10 c0013c01060a02000000"), BECAUSE("point-denied")},
    {"points_beyond_those_allowed", BY_BOTH, strike_play, "say 10 c0011e0200050a",
	HAPPENS("message 10 c0011e0200050a"), BECAUSE("point-denied")},
    {"range_that_ends_before_it_begins", BY_ALL, strike_play, "say 10 c0011e02000504",
	HAPPENS("message 10 c0011e02000504"), BECAUSE("range-reversed")},
    {"direct_operate_of_another_point", BY_ALL, strike_play, "say 10 " DIRECT_7, HAPPENS(OUTPUT_7),
	BECAUSE("point-denied")},
    {"direct_operate_of_another_outstation", BY_BOTH, strike_play, "say 11 " DIRECT_8,
	HAPPENS(OUTPUT_8), BECAUSE("unit-denied")},
    {"direct_operate_without_response", BY_ALL, strike_play, "say 10 " DIRECT_7_NR,
	HAPPENS(OUTPUT_7), BECAUSE("function-denied")},
    {"direct_operate_without_response_of_the_point_allowed", BY_BOTH, strike_play,
	"say 10 c106" LATCH_8, HAPPENS(OUTPUT_8), BECAUSE("function-denied")},
    {"second_of_two_controls", BY_BOTH, strike_play, "say 10 c105" LATCH_8 LATCH_7,
	HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"second_of_two_points_in_one_header", BY_BOTH, strike_play,
	"say 10 c1050c01280200 08000301f40100000000000000 07000301f40100000000000000",
	HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"control_with_one_byte_indices", BY_BOTH, strike_play,
	"say 10 c1050c011701 07 0301f40100000000000000", HAPPENS(OUTPUT_7),
	BECAUSE("point-denied")},
    {"analog_output", BY_BOTH, strike_play, "say 10 c105290228010007002a0000",
	HAPPENS("output 41 7 42"), BECAUSE("point-denied")},
    {"cold_restart", BY_ALL, strike_play, "say 10 " RESTART, HAPPENS("restart"),
	BECAUSE("function-denied")},
    {"write", BY_BOTH, strike_play, "say 10 c00250010007 0700",
	HAPPENS("message 10 c002500100070700"), BECAUSE("function-denied")},
    {"unknown_function", BY_BOTH, strike_play, "say 10 c070", HAPPENS("message 10 c070"),
	BECAUSE("function-unknown")},
    {"response_from_a_master", BY_BOTH, strike_play, "say 10 c0810000",
	HAPPENS("message 10 c0810000")},
    {"bytes_behind_the_last_object", BY_BOTH, strike_play, "say 10 c0013c02063c",
	HAPPENS("message 10 c0013c02063c")},
    {"control_to_all_outstations", BY_BOTH, strike_play, "say 65535 " DIRECT_8, HAPPENS(OUTPUT_8),
	BECAUSE("unit-denied")},
    {"restart_of_all_outstations", BY_BOTH, strike_play, "say 65533 " RESTART, HAPPENS("restart"),
	BECAUSE("function-denied")},
    {"poll_of_a_reserved_address", BY_BOTH, strike_play, "say 65520 " POLL,
	HAPPENS("message 65520 " POLL), BECAUSE("link-address")},

    /* select before operate */
    {"operate_without_select", BY_BOTH, strike_play, "say 10 " OPERATE_7, HAPPENS(OUTPUT_7),
	BECAUSE("function-denied"), CARELESS},
    {"operate_of_another_block", BY_BOTH, strike_play,
	"say 10 " SELECT_7 " | say 10 c204" BLOCK("07", "03", "02"), HAPPENS(OUTPUT_7),
	BECAUSE("function-denied"), CARELESS},
    {"operate_of_another_point", BY_BOTH, strike_play, "say 10 " SELECT_7 " | say 10 c204" LATCH_8,
	HAPPENS(OUTPUT_8), CARELESS},
    {"operate_with_another_code", BY_BOTH, strike_play,
	"say 10 " SELECT_7 " | say 10 c204" BLOCK("07", "81", "01"), HAPPENS("output 12 7 129"),
	CARELESS},
    {"operate_of_more_than_was_selected", BY_BOTH, strike_play,
	"say 10 " SELECT_7 " | say 10 " OPERATE_7 LATCH_7, HAPPENS(OUTPUT_7),
	BECAUSE("function-denied"), CARELESS},
    {"operate_with_a_later_sequence", BY_BOTH, strike_play,
	"say 10 " SELECT_7 " | say 10 c304" LATCH_7, HAPPENS(OUTPUT_7), BECAUSE("function-denied"),
	CARELESS},
    {"operate_at_another_outstation", BY_BOTH, strike_play,
	"say 10 " SELECT_7 " | say 11 " OPERATE_7, HAPPENS(OUTPUT_7), BECAUSE("function-denied"),
	CARELESS},
    {"operate_after_another_request", BY_BOTH, strike_play,
	"say 10 " SELECT_7 " | say 10 " EVENTS " | say 10 " OPERATE_7, HAPPENS(OUTPUT_7),
	BECAUSE("function-denied"), CARELESS},
    {"select_to_trip", BY_BOTH, strike_play, "say 10 c103" BLOCK("07", "81", "01"),
	HAPPENS("message 10 c103" BLOCK("07", "81", "01")), BECAUSE("value-denied")},
    {"select_three_times", BY_BOTH, strike_play, "say 10 c103" BLOCK("07", "03", "03"),
	HAPPENS("message 10 c103" BLOCK("07", "03", "03")), BECAUSE("value-denied")},

    /* cut into segments and frames */
    {"control_cut_at_every_byte", BY_TCP | BY_TCP6, strike_everywhere, "say 10 " DIRECT_7,
	HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"restart_cut_at_every_byte", BY_TCP, strike_everywhere, "say 10 " RESTART, HAPPENS("restart"),
	BECAUSE("function-denied")},
    {"operate_cut_at_every_byte", BY_TCP, strike_everywhere,
	"say 10 " SELECT_7 " | say 10 c204" BLOCK("07", "03", "02"), HAPPENS(OUTPUT_7), CARELESS},
    {"control_byte_by_byte", BY_TCP, strike_bytewise, "say 10 " DIRECT_7, HAPPENS(OUTPUT_7),
	BECAUSE("point-denied")},
    {"control_in_two_frames_cut_at_every_byte", BY_TCP | BY_UDP, strike_frames_everywhere,
	"say 10 " DIRECT_7, HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"control_in_two_frames_of_one_packet", BY_ALL, strike_play,
	"part 10 45 c1050c01280100 ; part 10 86 07000301f40100000000000000", HAPPENS(OUTPUT_7),
	BECAUSE("point-denied")},
    {"control_in_three_frames", BY_TCP, strike_play,
	"part 10 7e c1050c | part 10 3f 01280100 | part 10 80 07000301f40100000000000000",
	HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"control_in_three_frames", BY_UDP, strike_together,
	"part 10 7e c1050c | part 10 3f 01280100 | part 10 80 07000301f40100000000000000",
	HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"control_in_single_bytes_of_transport", BY_TCP, strike_play,
	"part 10 41 c1 | part 10 02 05 | part 10 03 0c | part 10 04 01 | part 10 05 28 |"
	"part 10 06 01 | part 10 07 00 | part 10 08 07 | part 10 09 00 |"
	"part 10 8a 0301f40100000000000000",
	HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"control_in_single_bytes_of_transport", BY_UDP, strike_together,
	"part 10 41 c1 | part 10 02 05 | part 10 03 0c | part 10 04 01 | part 10 05 28 |"
	"part 10 06 01 | part 10 07 00 | part 10 08 07 | part 10 09 00 |"
	"part 10 8a 0301f40100000000000000",
	HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"two_link_pairs_in_turn", BY_TCP, strike_play,
	"part 10 45 c1050c01280100 | part 11 45 c0013c | part 10 86 07000301f40100000000000000",
	HAPPENS(OUTPUT_7), BECAUSE("transport-interleaved")},
    {"two_link_pairs_in_turn", BY_UDP, strike_together,
	"part 10 45 c1050c01280100 | part 11 45 c0013c | part 10 86 07000301f40100000000000000",
	HAPPENS(OUTPUT_7), BECAUSE("transport-interleaved")},
    {"halves_of_two_link_pairs", BY_TCP, strike_play,
	"part 10 45 c1050c01280100 | part 11 86 07000301f40100000000000000", HAPPENS(OUTPUT_7),
	BECAUSE("transport-interleaved"), CARELESS},
    {"halves_of_two_link_pairs", BY_UDP, strike_together,
	"part 10 45 c1050c01280100 | part 11 86 07000301f40100000000000000", HAPPENS(OUTPUT_7),
	BECAUSE("transport-interleaved"), CARELESS},
    {"first_segment_in_the_middle", BY_TCP, strike_play,
	"part 10 45 c1050c0128 | part 10 c6 " DIRECT_8, HAPPENS(OUTPUT_8),
	BECAUSE("transport-first")},
    {"first_segment_in_the_middle", BY_UDP, strike_together,
	"part 10 45 c1050c0128 | part 10 c6 " DIRECT_8, HAPPENS(OUTPUT_8),
	BECAUSE("transport-first")},
    {"segment_skipped", BY_TCP, strike_play,
	"part 10 45 c1050c01280100 | part 10 87 08000301f40100000000000000", HAPPENS(OUTPUT_8),
	BECAUSE("transport-sequence"), CARELESS},
    {"segment_skipped", BY_UDP, strike_together,
	"part 10 45 c1050c01280100 | part 10 87 08000301f40100000000000000", HAPPENS(OUTPUT_8),
	BECAUSE("transport-sequence"), CARELESS},
    {"segment_repeated", BY_TCP, strike_play,
	"part 10 45 c1050c01280100 | part 10 45 c1050c01280100 |"
	"part 10 86 08000301f40100000000000000",
	HAPPENS(OUTPUT_8), BECAUSE("transport-first")},
    {"segment_without_a_first", BY_BOTH, strike_play,
	"part 10 85 " DIRECT_7 " | part 10 c6 " DIRECT_7, HAPPENS(OUTPUT_7),
	BECAUSE("transport-sequence")},

    /* the link layer */
    {"wrong_checksum_of_the_second_block", BY_BOTH, strike_play, "wrong 32 10 " DIRECT_8,
	HAPPENS("output 12 8 3"), BECAUSE("link-crc"), CARELESS},
    {"wrong_byte_in_the_second_block", BY_BOTH, strike_play, "wrong 29 10 " DIRECT_8,
	HAPPENS("output 12 8 3"), BECAUSE("link-crc"), CARELESS},
    {"wrong_checksum_of_the_header", BY_BOTH, strike_play, "wrong 8 10 " POLL " ; say 10 " DIRECT_7,
	HAPPENS(OUTPUT_7), BECAUSE("link-crc")},
    {"no_frame_behind_good_ones", BY_ALL, strike_play,
	"say 10 " EVENTS " ; raw ff ; say 10 " DIRECT_7, HAPPENS(OUTPUT_7), BECAUSE("link-start")},
    {"half_of_a_start_behind_good_ones", BY_BOTH, strike_play,
	"say 10 " EVENTS " ; raw 05 ; say 10 " DIRECT_7, HAPPENS(OUTPUT_7), BECAUSE("link-start")},
    {"frame_that_is_too_short", BY_BOTH, strike_play, "raw 056404c40a000100 ; say 10 " DIRECT_7,
	HAPPENS(OUTPUT_7), BECAUSE("length-invalid")},
    {"link_reset", BY_ALL, strike_play, "link 10 c0", HAPPENS("link 10 c0"),
	BECAUSE("function-denied")},
    {"link_test", BY_BOTH, strike_play, "link 10 d2", HAPPENS("link 10 d2")},
    {"confirmed_user_data", BY_BOTH, strike_play, "user 10 f3 c0" POLL, HAPPENS("message 10 " POLL),
	BECAUSE("link-function")},
    {"user_data_of_a_link_that_was_reset", BY_BOTH, strike_play,
	"link 10 c0 ; user 10 f3 c0" DIRECT_7, HAPPENS(OUTPUT_7)},
    {"frame_from_the_other_side", BY_BOTH, strike_play, "user 10 44 c0" DIRECT_8, HAPPENS(OUTPUT_8),
	BECAUSE("link-direction")},
    {"keep_alive_of_another_outstation", BY_BOTH, strike_play, "link 12 c9", HAPPENS("link 12 c9"),
	BECAUSE("unit-denied")},
    {"link_answer_to_nothing", BY_BOTH, strike_play, "link 10 80", HAPPENS("link 10 80")},

    /* hidden behind other messages */
    {"behind_permitted_frames", BY_ALL, strike_play,
	"say 10 " EVENTS " ; say 10 c000 ; say 11 " EVENTS " ; say 10 " DIRECT_7, HAPPENS(OUTPUT_7),
	BECAUSE("point-denied")},
    {"before_permitted_frames", BY_BOTH, strike_play, "say 10 " DIRECT_7 " ; say 10 " EVENTS,
	HAPPENS(OUTPUT_7), BECAUSE("point-denied")},
    {"select_that_was_refused_with_its_packet", BY_UDP, strike_play,
	"say 10 " SELECT_7 " ; say 10 " RESTART " | say 10 " OPERATE_7, HAPPENS(OUTPUT_7),
	CARELESS},

    /* IP and UDP */
    {"in_fragments_of_8", BY_UDP, strike_fragments, "say 10 " DIRECT_7, HAPPENS(OUTPUT_7),
	BECAUSE("point-denied"), NUMBER(8)},
    {"in_fragments_backwards", BY_UDP, strike_fragments_backwards, "say 10 " DIRECT_7,
	HAPPENS(OUTPUT_7), BECAUSE("point-denied"), NUMBER(16)},
    {"behind_120_frames_in_fragments", BY_UDP | BY_UDP6, strike_large_datagram,
	"say 10 c000 | say 10 " DIRECT_7, HAPPENS(OUTPUT_7), BECAUSE("point-denied"), NUMBER(120)},
    {"half_a_frame_in_a_datagram", BY_UDP, strike_play,
	"say 10 c000 ; raw 05640bc40a000100acd1c0c0013c0206", NOTHING, BECAUSE("length-mismatch")},
    {"datagrams_merged_into_one_packet", BY_UDP | BY_UDP6, strike_segmented,
	/* a read of 25 points whose numbers are a frame, which begins with the second datagram */
	"say 10 c001010017190102030405060708 09 056408c40a000100fc42c0c30d3736 0a",
	HAPPENS("restart"), BECAUSE("packet-merged"), NUMBER(28)},
    {"permitted_datagrams_merged_into_one_packet", BY_UDP, strike_segmented,
	"say 10 " EVENTS " | say 11 " EVENTS, HAPPENS("message 11 " EVENTS),
	BECAUSE("packet-merged"), NUMBER(18)},
    {"bytes_behind_the_end_of_a_datagram", BY_UDP, strike_short_udp, "say 10 c000 ; say 10 " EVENTS,
	HAPPENS("message 10 c000"), UNNAMED, NUMBER(18)},
    {"datagram_longer_than_its_packet", BY_UDP, strike_long_udp, "say 10 " DIRECT_7, NOTHING},
    {"datagram_with_a_wrong_checksum", BY_UDP, strike_bad_checksum, "say 10 " DIRECT_7, NOTHING},
    {"poll_in_several_datagrams", BY_UDP, strike_play,
	"part 10 45 c0013c02063c | part 10 86 03063c04063c0106", HAPPENS("message 10 " POLL),
	BECAUSE("transport-split")},
    {"control_in_several_datagrams", BY_UDP | BY_UDP6, strike_play,
	"part 10 45 c1050c0128 | part 10 86 010007000301f40100000000000000", HAPPENS(OUTPUT_7),
	BECAUSE("transport-split")},
    {"halves_of_two_messages_whose_others_were_lost", BY_UDP6, strike_lost_datagrams,
	"part 10 45 c1050c01280100 | part 10 86 08000301f40100000000000000 |"
	"part 10 45 c0010100170d | part 10 86 07000301f40100000000000000",
	HAPPENS(OUTPUT_7), BECAUSE("transport-split"), NUMBER(6)},
    {"datagram_of_a_stranger", BY_UDP, strike_stranger, "say 10 " POLL, HAPPENS("message 10 " POLL),
	UNNAMED},

    /* what nobody may say to a master */
    {"response_without_request", BY_BOTH, strike_rogue, "say 10 c000 | reply 10 c0810000", ARRIVES,
	BECAUSE("response-unmatched")},
    {"response_of_another_sequence", BY_BOTH, strike_rogue, "say 10 " EVENTS " | reply 10 c1810000",
	ARRIVES, BECAUSE("response-unmatched")},
    {"response_of_another_outstation", BY_BOTH, strike_rogue,
	"say 10 " EVENTS " | reply 11 c0810000", ARRIVES, BECAUSE("response-unmatched")},
    {"second_response_to_one_request", BY_BOTH, strike_rogue,
	"say 10 " EVENTS " | reply 10 c0810000 | reply 10 c0810000", ARRIVES,
	BECAUSE("response-unmatched")},
    {"unsolicited_response_of_a_forbidden_point", BY_BOTH, strike_rogue,
	"say 10 " EVENTS " | reply 10 c0810000 | reply 10 f08200000b0117010781", ARRIVES,
	BECAUSE("point-denied")},
    {"unsolicited_response_of_another_outstation", BY_BOTH, strike_rogue,
	"say 10 " EVENTS " | reply 10 c0810000 | reply 12 f0820000", ARRIVES,
	BECAUSE("unit-denied")},
    {"control_from_an_outstation", BY_BOTH, strike_rogue, "say 10 " EVENTS " | reply 10 " DIRECT_7,
	ARRIVES, BECAUSE("function-direction")},
    {"response_with_a_wrong_checksum", BY_BOTH, strike_rogue,
	"say 10 " EVENTS " | raw 05640a44010 00a000000 c0c0810000 0000", ARRIVES,
	BECAUSE("link-crc")},
    {"datagram_that_an_outstation_begins", BY_UDP, strike_rogue, "raw | reply 10 f0820000", ARRIVES,
	UNNAMED},
};

const size_t strike_forbidden_count = sizeof(strike_forbidden) / sizeof(strike_forbidden[0]);

/* What others have captured: a file, and functions. */
const struct strike strike_recorded[] = {
    {"captured_read", BY_BOTH, permitted_captured, "ITI-ICS-Security-Tools__DNP3-Read.pcap 1",
	PASSES},
    {"captured_integrity_poll", BY_ALL, permitted_captured, "zeek-zeek__dnp3_udp_read.pcap 1",
	PASSES},
    {"captured_large_read", BY_BOTH, permitted_captured, "akekulip-DNP3_obf__large_read.pcap 1",
	PASSES},
    {"captured_select_and_operate", BY_BOTH, permitted_captured,
	"zeek-zeek__dnp3_select_operate.pcap 3 4", PASSES},
    {"captured_select_and_operate_by_udp", BY_ALL, permitted_captured,
	"zeek-zeek__dnp3_udp_select_operate.pcap 3 4", PASSES},
    {"captured_operate_alone", BY_BOTH, strike_captured, "zeek-zeek__dnp3_select_operate.pcap 4",
	ARRIVES, BECAUSE("function-denied")},
    {"captured_direct_operate", BY_BOTH, strike_captured,
	"ITI-ICS-Security-Tools__directoperate_and_response.pcap 5", ARRIVES,
	BECAUSE("function-denied")},
    {"captured_analog_output", BY_BOTH, strike_captured,
	"ITI-ICS-Security-Tools__direct_operate_analog_output.pcap 5", ARRIVES},
    {"captured_direct_operate_without_response", BY_BOTH, strike_captured,
	"ITI-ICS-Security-Tools__direct_operate_no_ack_crob.pcap 6", ARRIVES},
    {"captured_malformed_control", BY_BOTH, strike_captured,
	"ITI-ICS-Security-Tools__direct_operate_crob_malform_but_good_crc.pcap 5", ARRIVES},
    {"captured_cold_restart", BY_BOTH, strike_captured,
	"ITI-ICS-Security-Tools__cold_restart_and_response.pcap 13", ARRIVES,
	BECAUSE("function-denied")},
    {"captured_write", BY_BOTH, strike_captured, "zeek-zeek__dnp3_udp_write.pcap 2", ARRIVES,
	BECAUSE("function-denied")},
    {"captured_freeze", BY_BOTH, strike_captured, "ITI-ICS-Security-Tools__immediate_freeze.pcap 7",
	ARRIVES, BECAUSE("function-denied")},
    {"captured_enable_unsolicited", BY_BOTH, strike_captured, "zeek-zeek__dnp3_udp_en_spon.pcap 20",
	ARRIVES, BECAUSE("function-denied")},
    {"captured_assign_class", BY_BOTH, strike_captured,
	"ITI-ICS-Security-Tools__assign_class.pcap 22", ARRIVES, BECAUSE("function-denied")},
    {"captured_open_file", BY_BOTH, strike_captured, "zeek-zeek__dnp3_file_read.pcap 25", ARRIVES,
	BECAUSE("function-denied")},
    {"captured_delete_file", BY_BOTH, strike_captured, "zeek-zeek__dnp3_file_del.pcap 27", ARRIVES,
	BECAUSE("function-denied")},
    {"captured_initialize_data", BY_BOTH, strike_captured,
	"dumbled00r-DNP3-ICS-Lab__init_data.pcap 15", ARRIVES, BECAUSE("function-denied")},
};

const size_t strike_recorded_count = sizeof(strike_recorded) / sizeof(strike_recorded[0]);
