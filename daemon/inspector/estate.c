/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Estate: see estate.h. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "estate.h"

bool
estate_add(struct estate *estate, const char *name, int fd)
{
	struct estate_item *item = &estate->items[estate->count];

	if (estate->count == ESTATE_MAX || strlen(name) >= sizeof(item->name)) {
		close(fd);
		return false;
	}
	strcpy(item->name, name);
	item->fd = fd;
	estate->count++;
	return true;
}

int
estate_take(struct estate *estate, const char *name, unsigned number)
{
	char full[ESTATE_NAME_MAX];
	int fd;

	snprintf(full, sizeof(full), "%s-%u", name, number);
	for (unsigned i = 0; i < estate->count; i++) {
		if (estate->items[i].fd < 0 || strcmp(estate->items[i].name, full) != 0)
			continue;
		fd = estate->items[i].fd;
		estate->items[i].fd = -1;
		return fd;
	}
	return -1;
}

void
estate_free(struct estate *estate)
{
	for (unsigned i = 0; i < CREW_MAX; i++) {
		if (estate->pids[i] <= 0)
			continue;
		kill(estate->pids[i], SIGKILL);
		waitpid(estate->pids[i], NULL, 0);
		estate->pids[i] = 0;
	}
	for (unsigned i = 0; i < estate->count; i++)
		if (estate->items[i].fd >= 0)
			close(estate->items[i].fd);
	estate->count = 0;
}
