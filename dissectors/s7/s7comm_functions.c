/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the catalogue of functions, and the words of error classes.
 */
#include "s7comm_functions.h"
#include "s7comm_reader.h"
#include "s7comm_space.h"

#define ROW(code, sub, name, access, note, side)                    \
	{                                                           \
		code, sub, name, ACCESS_##access, note, SIDE_##side \
	}
#define JOB(code, name, access) ROW(code, FUNCTION_NO_SUB, name, access, "job", BOTH)
#define PI(sub, name, access, service) ROW(S7_PI_SERVICE, sub, name, access, service, CLIENT)
#define USER(group, sub, name, access, side) \
	ROW(S7_USERDATA | (group), sub, name, access, "user data", side)

/* The two that matter for speed come first. */
const struct function s7_functions[S7_FUNCTION_COUNT] = {
    JOB(S7_READ_VAR, "read-var", READ),
    JOB(S7_WRITE_VAR, "write-var", WRITE),
    JOB(S7_SETUP, "setup-communication", SESSION),
    COTP_FUNCTIONS,
    JOB(S7_REQUEST_DOWNLOAD, "request-download", PROGRAM),
    JOB(S7_DOWNLOAD_BLOCK, "download-block", PROGRAM),
    JOB(S7_DOWNLOAD_ENDED, "download-ended", PROGRAM),
    JOB(S7_START_UPLOAD, "start-upload", PROGRAM),
    JOB(S7_UPLOAD, "upload", PROGRAM),
    JOB(S7_END_UPLOAD, "end-upload", PROGRAM),
    JOB(S7_PLC_STOP, "plc-stop", CONTROL),
    ROW(S7_PI_SERVICE, FUNCTION_NO_SUB, "pi-service", CONTROL, "answers to all PI", SERVER),
    PI(0, "plc-start", CONTROL, "P_PROGRAM"),
    PI(1, "plc-cold-start", CONTROL, "P_PROGRAM C"),
    PI(2, "insert-block", PROGRAM, "_INSE"),
    PI(3, "insert-block-2", PROGRAM, "_INS2"),
    PI(4, "delete-block", PROGRAM, "_DELE"),
    PI(5, "copy-ram-to-rom", PROGRAM, "_MODU"),
    PI(6, "compress-memory", PROGRAM, "_GARB"),
    USER(0, 0, "mode-stop", DIAGNOSE, SERVER),
    USER(0, 1, "mode-warm-restart", DIAGNOSE, SERVER),
    USER(0, 2, "mode-run", DIAGNOSE, SERVER),
    USER(0, 3, "mode-hot-restart", DIAGNOSE, SERVER),
    USER(0, 4, "mode-hold", DIAGNOSE, SERVER),
    USER(0, 6, "mode-cold-restart", DIAGNOSE, SERVER),
    USER(0, 9, "mode-run-redundant", DIAGNOSE, SERVER),
    USER(0, 11, "mode-link-up", DIAGNOSE, SERVER),
    USER(0, 12, "mode-update", DIAGNOSE, SERVER),
    USER(1, 1, "block-status", DIAGNOSE, BOTH),
    USER(1, 2, "variable-status", READ, BOTH),
    USER(1, 3, "output-istack", DIAGNOSE, BOTH),
    USER(1, 4, "output-bstack", DIAGNOSE, BOTH),
    USER(1, 5, "output-lstack", DIAGNOSE, BOTH),
    USER(1, 6, "time-measurement", DIAGNOSE, BOTH),
    USER(1, 7, "force-selection", CONTROL, BOTH),
    USER(1, 8, "modify-variable", WRITE, BOTH),
    USER(1, 9, "force", CONTROL, BOTH),
    USER(1, 10, "breakpoint", CONTROL, BOTH),
    USER(1, 11, "exit-hold", CONTROL, BOTH),
    USER(1, 12, "memory-reset", PROGRAM, BOTH),
    USER(1, 13, "disable-job", CONTROL, BOTH),
    USER(1, 14, "enable-job", CONTROL, BOTH),
    USER(1, 15, "delete-job", CONTROL, BOTH),
    USER(1, 16, "read-job-list", DIAGNOSE, BOTH),
    USER(1, 17, "read-job", DIAGNOSE, BOTH),
    USER(1, 18, "replace-job", CONTROL, BOTH),
    USER(1, 19, "block-status-2", DIAGNOSE, BOTH),
    USER(1, 22, "flash-led", CONTROL, BOTH),
    USER(2, 1, "cyclic-transfer", READ, BOTH),
    USER(2, 4, "unsubscribe", READ, BOTH),
    USER(2, 5, "change-driven-transfer", READ, BOTH),
    USER(2, 7, "change-driven-modify", READ, BOTH),
    USER(2, 8, "read-record", DIAGNOSE, BOTH),
    USER(3, 1, "list-blocks", DIAGNOSE, BOTH),
    USER(3, 2, "list-blocks-of-type", DIAGNOSE, BOTH),
    USER(3, 3, "get-block-info", DIAGNOSE, BOTH),
    USER(4, 1, "read-szl", DIAGNOSE, BOTH),
    USER(4, 2, "message-service", DIAGNOSE, BOTH),
    USER(4, 3, "diagnostic-message", DIAGNOSE, SERVER),
    USER(4, 5, "alarm-8-indication", DIAGNOSE, SERVER),
    USER(4, 6, "notify-indication", DIAGNOSE, SERVER),
    USER(4, 7, "alarm-8-lock", CONTROL, BOTH),
    USER(4, 8, "alarm-8-unlock", CONTROL, BOTH),
    USER(4, 9, "scan-indication", DIAGNOSE, SERVER),
    USER(4, 11, "alarm-acknowledge", CONTROL, BOTH),
    USER(4, 12, "alarm-acknowledge-indication", DIAGNOSE, SERVER),
    USER(4, 13, "alarm-lock-indication", DIAGNOSE, SERVER),
    USER(4, 14, "alarm-unlock-indication", DIAGNOSE, SERVER),
    USER(4, 17, "alarm-sq-indication", DIAGNOSE, SERVER),
    USER(4, 18, "alarm-s-indication", DIAGNOSE, SERVER),
    USER(4, 19, "alarm-query", DIAGNOSE, BOTH),
    USER(4, 22, "notify-8-indication", DIAGNOSE, SERVER),
    USER(5, 1, "enter-password", PROGRAM, BOTH),
    USER(5, 2, "cancel-password", PROGRAM, BOTH),
    USER(6, FUNCTION_NO_SUB, "block-send", WRITE, BOTH),
    USER(7, 1, "read-clock", DIAGNOSE, BOTH),
    USER(7, 2, "set-clock", CONTROL, BOTH),
    USER(7, 3, "read-clock-following", DIAGNOSE, BOTH),
    USER(7, 4, "set-clock-following", CONTROL, BOTH),
    USER(15, 1, "nc-request-download", PROGRAM, BOTH),
    USER(15, 2, "nc-download-block", PROGRAM, BOTH),
    USER(15, 3, "nc-continue-download", PROGRAM, BOTH),
    USER(15, 4, "nc-download-ended", PROGRAM, BOTH),
    USER(15, 6, "nc-start-upload", PROGRAM, BOTH),
    USER(15, 7, "nc-upload", PROGRAM, BOTH),
    USER(15, 8, "nc-continue-upload", PROGRAM, BOTH),
};

#define TOUCH(code, sub, space, access, block_last)                                        \
	{                                                                                  \
		code, sub, space, ACCESS_##access, VALUE_NONE, 0, block_last, TOUCH_RANGES \
	}

#define NOTHING(code, sub)                                                        \
	{                                                                         \
		code, sub, S7_BLOCK, ACCESS_NONE, VALUE_NONE, 0, 0, TOUCH_NOTHING \
	}

const struct touchable s7_touches[S7_TOUCH_COUNT] = {
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_DB, READ, 65535),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_DB, WRITE, 65535),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_DI, READ, 65535),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_DI, WRITE, 65535),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_M, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_M, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_I, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_I, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_Q, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_Q, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_P, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_P, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_L, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_L, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_V, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_V, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_SYS, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_SYS, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_FLAGS, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_FLAGS, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_AI, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_AI, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_AQ, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_AQ, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_T, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_T, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_C, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_C, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_IT, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_IT, WRITE, 0),
    TOUCH(S7_READ_VAR, FUNCTION_NO_SUB, S7_IC, READ, 0),
    TOUCH(S7_WRITE_VAR, FUNCTION_NO_SUB, S7_IC, WRITE, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_DB, READ, 65535),
    TOUCH(S7_USERDATA | 2, 1, S7_DI, READ, 65535),
    TOUCH(S7_USERDATA | 2, 1, S7_M, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_I, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_Q, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_P, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_L, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_V, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_SYS, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_FLAGS, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_AI, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_AQ, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_T, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_C, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_IT, READ, 0),
    TOUCH(S7_USERDATA | 2, 1, S7_IC, READ, 0),
    TOUCH(S7_REQUEST_DOWNLOAD, FUNCTION_NO_SUB, S7_BLOCK, PROGRAM, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_DOWNLOAD_BLOCK, FUNCTION_NO_SUB, S7_BLOCK, PROGRAM, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_DOWNLOAD_ENDED, FUNCTION_NO_SUB, S7_BLOCK, PROGRAM, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_START_UPLOAD, FUNCTION_NO_SUB, S7_BLOCK, PROGRAM, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_PI_SERVICE, 2, S7_BLOCK, PROGRAM, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_PI_SERVICE, 3, S7_BLOCK, PROGRAM, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_PI_SERVICE, 4, S7_BLOCK, PROGRAM, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_USERDATA | 3, 2, S7_BLOCK, DIAGNOSE, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_USERDATA | 3, 3, S7_BLOCK, DIAGNOSE, S7_BLOCK_TYPE_MAX),
    TOUCH(S7_USERDATA | 4, 1, S7_SZL, DIAGNOSE, 65535),
    NOTHING(S7_DOWNLOAD_BLOCK, FUNCTION_NO_SUB),
    NOTHING(S7_DOWNLOAD_ENDED, FUNCTION_NO_SUB),
    NOTHING(S7_USERDATA | 2, 1),
    NOTHING(S7_USERDATA | 3, 2),
    NOTHING(S7_USERDATA | 4, 1),
};

/* Error classes of acknowledgements; user data have them in the upper byte of their error code. */
const char *
s7_exception_word(uint8_t code)
{
	static const char *const words[] = {
	    [0x81] = "application-relationship",
	    [0x82] = "object-definition",
	    [0x83] = "no-resources",
	    [0x84] = "service-processing",
	    [0x85] = "supplies",
	    [0x87] = "access-error",
	    [0xd0] = "test-function",
	    [0xd2] = "block-function",
	    [0xd4] = "information-function",
	    [0xd6] = "protection",
	};

	return code < sizeof(words) / sizeof(words[0]) ? words[code] : NULL;
}
