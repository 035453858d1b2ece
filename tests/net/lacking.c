/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lacking: a kernel that lacks an expression of nftables, for a program that is started with this
 * library in LD_PRELOAD and the expression's name in LACKING ("queue" stands for NFQUEUE too).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As a whole attribute: names of chains and sets may begin or end with the word. */
static bool
names(const void *message, size_t length, const char *word)
{
	char whole[32] = "";
	size_t size = strlen(word) + 2;

	if (size > sizeof(whole))
		return false;
	memcpy(&whole[1], word, size - 2);
	return memmem(message, length, whole, size) != NULL;
}

ssize_t
sendto(int fd, const void *message, size_t length, int flags, const struct sockaddr *address,
    socklen_t address_length)
{
	const char *word = getenv("LACKING");

	if (word &&
	    (names(message, length, word) ||
		(strcmp(word, "queue") == 0 && names(message, length, "NFQUEUE")))) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return syscall(SYS_sendto, fd, message, length, flags, address, address_length);
}
