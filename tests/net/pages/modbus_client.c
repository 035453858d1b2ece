/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus client on libmodbus: commands on one connection, a line of answer for each.
 *
 *   modbus_client ADDRESS UNIT COMMAND...      a command is one argument, its words apart by blanks
 *
 *   read-coils|read-discrete|read-input|read-holding FIRST COUNT      yes VALUE...
 *   write-coil|write-register POINT VALUE                             yes
 *   write-coils|write-registers FIRST VALUE...
 *   mask POINT AND OR      read-write READ-FIRST COUNT FIRST VALUE...
 *   server-id
 *
 * Other clients know more: write-floats FIRST NUMBER... (two registers each, the high word in the
 * first), device-id, echo HIGH LOW, restart, clear-counters.  "no" and why where it is refused. The
 * protocol is all libmodbus'.
 */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_MAX = 128, ANSWER_MAX = 250 };

/* One command: the numbers behind its word, in the forms that libmodbus wants. */
struct command {
	modbus_t *modbus;
	int count;
	double numbers[NUMBERS_MAX];
	uint8_t bits[NUMBERS_MAX];
	uint16_t words[NUMBERS_MAX];
	int answers; /* numbers that are told: of bits or words */
	int bytes;   /* of the answer, where it has no numbers */
	uint8_t raw[MODBUS_TCP_MAX_ADU_LENGTH];
};

static int
at(const struct command *c, int i)
{
	return i < c->count ? (int)c->numbers[i] : 0;
}

/* The values of a command behind its first `skip` numbers. */
static int
take_values(struct command *c, int skip)
{
	for (int i = skip; i < c->count; i++) {
		c->bits[i - skip] = (uint8_t)at(c, i);
		c->words[i - skip] = (uint16_t)at(c, i);
	}
	return c->count - skip;
}

static int
read_coils(struct command *c)
{
	c->answers = -at(c, 1);
	return modbus_read_bits(c->modbus, at(c, 0), at(c, 1), c->bits);
}

static int
read_discrete(struct command *c)
{
	c->answers = -at(c, 1);
	return modbus_read_input_bits(c->modbus, at(c, 0), at(c, 1), c->bits);
}

static int
read_input(struct command *c)
{
	c->answers = at(c, 1);
	return modbus_read_input_registers(c->modbus, at(c, 0), at(c, 1), c->words);
}

static int
read_holding(struct command *c)
{
	c->answers = at(c, 1);
	return modbus_read_registers(c->modbus, at(c, 0), at(c, 1), c->words);
}

static int
write_coil(struct command *c)
{
	return modbus_write_bit(c->modbus, at(c, 0), at(c, 1));
}

static int
write_coils(struct command *c)
{
	int count = take_values(c, 1);

	return modbus_write_bits(c->modbus, at(c, 0), count, c->bits);
}

static int
write_register(struct command *c)
{
	return modbus_write_register(c->modbus, at(c, 0), (uint16_t)at(c, 1));
}

static int
write_registers(struct command *c)
{
	int count = take_values(c, 1);

	return modbus_write_registers(c->modbus, at(c, 0), count, c->words);
}

static int
mask(struct command *c)
{
	return modbus_mask_write_register(
	    c->modbus, at(c, 0), (uint16_t)at(c, 1), (uint16_t)at(c, 2));
}

static int
read_write(struct command *c)
{
	uint16_t answer[NUMBERS_MAX];
	int count = take_values(c, 3), told;

	told = modbus_write_and_read_registers(
	    c->modbus, at(c, 2), count, c->words, at(c, 0), at(c, 1), answer);
	memcpy(c->words, answer, sizeof(answer));
	c->answers = at(c, 1);
	return told;
}

static int
server_id(struct command *c)
{
	c->bytes = modbus_report_slave_id(c->modbus, ANSWER_MAX, c->raw);
	return c->bytes;
}

static const struct {
	const char *word;
	int (*run)(struct command *c);
} commands[] = {
    {"read-coils", read_coils},
    {"read-discrete", read_discrete},
    {"read-input", read_input},
    {"read-holding", read_holding},
    {"write-coil", write_coil},
    {"write-coils", write_coils},
    {"write-register", write_register},
    {"write-registers", write_registers},
    {"mask", mask},
    {"read-write", read_write},
    {"server-id", server_id},
};

static void
tell(const struct command *c)
{
	printf("yes");
	for (int i = 0; i < abs(c->answers); i++)
		printf(" %u", c->answers < 0 ? c->bits[i] : c->words[i]);
	for (int i = 0; i < c->bytes; i++)
		printf("%s%02x", i > 0 ? "" : " ", c->raw[i]);
	printf("\n");
}

static void
obey(modbus_t *modbus, char *text)
{
	struct command c = {.modbus = modbus};
	const char *word = strtok(text, " "), *number;
	size_t i = 0;

	while (c.count < NUMBERS_MAX && (number = strtok(NULL, " ")) != NULL)
		c.numbers[c.count++] = strtod(number, NULL);
	while (word && strcmp(commands[i].word, word) != 0)
		if (++i == sizeof(commands) / sizeof(commands[0])) {
			printf("no such command\n");
			return;
		}
	if (commands[i].run(&c) < 0)
		printf("no %s\n", modbus_strerror(errno));
	else
		tell(&c);
}

int
main(int argc, char **argv)
{
	modbus_t *modbus = argc > 3 ? modbus_new_tcp(argv[1], 502) : NULL;

	if (!modbus || modbus_set_slave(modbus, atoi(argv[2])) < 0 || modbus_connect(modbus) < 0) {
		printf("no connection\n");
		return 1;
	}
	modbus_set_response_timeout(modbus, 2, 0);
	for (int i = 3; i < argc; i++)
		obey(modbus, argv[i]);
	modbus_free(modbus);
	return 0;
}
