/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deadly: see deadly.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "deadly.h"
#include "engine.h"
#include "log.h"

void
deadly_keep(const struct crew *crew, const struct member *member, struct deadly *deadly)
{
	const char *directory = crew->settings.captures;
	const uint8_t *data = NULL;
	size_t whole = 0, length = engine_inflight(member->arena.block, &data, &whole);
	int r;

	deadly->digits[0] = deadly->file[0] = '\0';
	for (size_t i = 0; i < length && 2 * i + 3 <= sizeof(deadly->digits); i++)
		snprintf(&deadly->digits[2 * i], 3, "%02x", data[i]);
	if (length == 0 || !directory)
		return;
	r = capture_keep(directory, clock_ns(CLOCK_REALTIME), data, length, whole, deadly->file);
	if (r < 0) {
		deadly->file[0] = '\0';
		log_error("%s: the packet can't be kept: %s", directory, strerror(-r));
	}
}

/* Nothing is read in memory that is not as it was made. */
void
deadly_blame(struct crew *crew, const struct member *member, uint64_t now_ns)
{
	struct address sender;
	enum family family;

	if (!former_is_ours(member->arena.block, member->arena.size))
		return;
	family = engine_inflight_sender(member->arena.block, &sender);
	if (family != FAMILY_NONE)
		barred_note(&crew->barred, family, &sender, now_ns);
}
