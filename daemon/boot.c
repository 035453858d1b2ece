/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot: see boot.h.
 *
 * Looks at no clock and at no interface: rules know interfaces by name, before there are any.
 */
#include <errno.h>
#include <string.h>

#include "boot.h"
#include "enforce.h"
#include "failure.h"
#include "isolate.h"
#include "log.h"
#include "seat.h"
#include "supervisor.h"
#include "table.h"

static int
load(struct supervisor *supervisor)
{
	int r = enforce_load_kept(supervisor);

	if (r < 0)
		log_error("there is no policy to begin with%s%s: nothing is forwarded",
		    supervisor->failure.why ? ": " : "",
		    supervisor->failure.why ? supervisor->failure.why : "");
	return r;
}

int
boot_run(const struct supervisor_settings *settings)
{
	static int (*const steps[])(struct supervisor * supervisor) = {
	    table_shut, table_probe, isolate_begin, load, table_claim};
	static struct supervisor supervisor;
	pid_t holder = 0;
	int r = 0;

	supervisor = (struct supervisor){.settings = *settings, .seat = -1};
	if (seat_find(&holder) == 0) {
		log_error("sluiced (process %d) is at work in this network namespace; its policy "
			  "is in force",
		    (int)holder);
		return STATUS_TROUBLE;
	}
	for (unsigned i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](&supervisor);
	if (r == 0)
		r = table_apply(&supervisor, supervisor.loaded);
	if (r == 0)
		log_info("policy %.12s is in force, of %s; what has to be judged does what "
			 "when_down says until sluiced starts",
		    supervisor.loaded->policy->hash, supervisor.loaded->policy->file);
	nft_close(supervisor.nft);
	failure_done(&supervisor.failure);
	isolated_done(&supervisor.isolated);
	loaded_free(supervisor.loaded);
	return r == 0 ? STATUS_OK : r == -EINVAL ? STATUS_NO : STATUS_TROUBLE;
}
