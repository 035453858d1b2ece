/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change answers: see change_answers.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change.h"
#include "change_answers.h"
#include "enforce.h"
#include "history.h"
#include "request.h"
#include "status.h"
#include "who.h"

enum {
	POLICY_MAX = 32 << 20, /* bytes of a policy that is applied */
	TEXT_MAX = 4 << 20,    /* of one that is told: it waits for a client that reads slowly */
	CONFIRM_MAX_S = 86400,
};

/* All of a sealed memory file, newly allocated and ended by a zero. */
json_t *
change_read_policy(const struct supervisor *supervisor, char **ret_text)
{
	int fd = supervisor->control.asking->passed;
	const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat status;
	char *text;

	if (fd < 0)
		return request_refused("no policy came with the request");
	if (seals < 0 || (seals & needed) != needed || fstat(fd, &status) < 0)
		return request_refused("the policy did not come as a memory file with all seals");
	if (status.st_size > POLICY_MAX)
		return request_refused("the policy is larger than %d MiB", POLICY_MAX >> 20);
	text = malloc((size_t)status.st_size + 1);
	if (!text)
		return request_refused("memory is out");
	if (pread(fd, text, (size_t)status.st_size, 0) != status.st_size ||
	    memchr(text, '\0', (size_t)status.st_size)) {
		free(text);
		return request_refused("a zero byte in the policy; expected text in UTF-8");
	}
	text[status.st_size] = '\0';
	*ret_text = text;
	return NULL;
}

/* What all orders have in common; NULL, or a refusal. */
static json_t *
read_order(struct supervisor *supervisor, const json_t *request, struct who *who,
    struct change_order *ret_order)
{
	json_int_t confirm = json_integer_value(json_object_get(request, "confirm_s"));

	who_init(who, &supervisor->control.asking->peer, NULL);
	*ret_order = (struct change_order){.who = who->text,
	    .why = request_text(request, "reason"),
	    .ssh = request_text(request, "ssh"),
	    .confirm_s = (unsigned)confirm,
	    .guard = json_is_true(json_object_get(request, "guard")),
	    .force = json_is_true(json_object_get(request, "force"))};
	if (confirm < 0 || confirm > CONFIRM_MAX_S)
		return request_refused(
		    "a confirmation is waited for from 1 to %d seconds", CONFIRM_MAX_S);
	if (ret_order->guard && confirm == 0)
		return request_refused("a guard needs a time to watch: --confirm 5m");
	return request_check(request);
}

json_t *
change_answer_apply(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	const char *file = request_text(request, "file");
	struct change_order order;
	struct who who;
	char *text = NULL;
	json_t *answer = read_order(supervisor, request, &who, &order);

	if (!answer)
		answer = change_read_policy(supervisor, &text);
	if (!answer) {
		order.how = "apply";
		order.text = text;
		order.file = file[0] ? file : "(no name)";
		answer = change_put(supervisor, &order);
	}
	free(text);
	return answer;
}

json_t *
change_answer_confirm(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	struct change_order order;
	struct who who;
	json_t *answer = read_order(supervisor, request, &who, &order);

	return answer ? answer : change_confirm(supervisor, who.text, order.why);
}

/* What waits is taken back. */
static json_t *
cancel(struct supervisor *supervisor, const struct change_order *order)
{
	char before[65];

	memcpy(before, supervisor->loaded->policy->hash, sizeof(before));
	if (change_back(supervisor, order->who, order->why) < 0)
		return request_refused("nothing has changed: the change can't be taken back");
	return json_pack(
	    "{s:s, s:s}", "policy", supervisor->loaded->policy->hash, "before", before);
}

/* The entry that many steps back, with its text; NULL, or a refusal. */
static json_t *
read_step(const struct supervisor *supervisor, json_int_t index, struct history_entry *ret_entry,
    char **ret_text)
{
	const char *state = supervisor->settings.state;
	struct history_entry *entries = NULL;
	size_t count = 0;
	json_t *refusal = NULL;
	int r = history_list(state, &entries, &count);

	if (r < 0)
		return request_refused("%s: the history can't be read: %s", state, strerror(-r));
	if (index < 0 || (size_t)index >= count)
		refusal = request_refused("the history has %zu policies; expected a number from 0 "
					  "to %zu",
		    count, count ? count - 1 : 0);
	else if ((r = history_read(state, entries[index].number, ret_entry, ret_text)) < 0)
		refusal = request_refused("policy %u of the history can't be read: %s",
		    entries[index].number,
		    r == -EBADMSG ? "it is not what was written" : strerror(-r));
	free(entries);
	return refusal;
}

json_t *
change_answer_rollback(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	const json_t *steps = json_object_get(request, "steps");
	struct history_entry entry;
	struct change_order order;
	struct who who;
	char *text = NULL;
	json_t *answer = read_order(supervisor, request, &who, &order);

	if (answer)
		return answer;
	if (!steps && supervisor->change.pending.number != 0)
		return cancel(supervisor, &order);
	answer = read_step(supervisor, steps ? json_integer_value(steps) : 1, &entry, &text);
	if (!answer) {
		order.how = "rollback";
		order.text = text;
		order.file = entry.file;
		answer = change_put(supervisor, &order);
	}
	free(text);
	return answer;
}

json_t *
change_answer_reload(void *context, const json_t *request, const char **ret_error)
{
	struct supervisor *supervisor = context;
	char before[sizeof(supervisor->loaded->policy->hash)];
	struct who who;
	json_t *refusal;

	who_init(&who, &supervisor->control.asking->peer, NULL);
	memcpy(before, supervisor->loaded->policy->hash, sizeof(before));
	if (change_reload(supervisor, who.text) == 0)
		return json_pack(
		    "{s:s, s:s}", "policy", supervisor->loaded->policy->hash, "before", before);
	refusal = status_failure(&supervisor->failure);
	json_object_set_new(
	    refusal, "error", json_sprintf("nothing has changed: %s", supervisor->failure.why));
	json_object_set_new(refusal, "unchanged", json_true());
	return refusal;
}

/* Texts are ours or were UTF-8 when they came; a disk may think otherwise. */
static json_t *
text_or_mark(const char *text)
{
	json_t *string = json_string(text);

	return string ? string : json_string("?");
}

static json_t *
print_entry(const struct supervisor *supervisor, const struct history_entry *entry, size_t index)
{
	json_t *object = json_pack("{s:I, s:i, s:b}", "index", (json_int_t)index, "number",
	    (int)entry->number, "damaged", (int)entry->damaged);

	if (entry->damaged)
		return object;
	json_object_set_new(object, "at", status_moment(entry->at_ns));
	json_object_set_new(object, "how", text_or_mark(entry->how));
	json_object_set_new(object, "who", text_or_mark(entry->who));
	json_object_set_new(object, "why", text_or_mark(entry->why));
	json_object_set_new(object, "file", text_or_mark(entry->file));
	json_object_set_new(object, "policy", text_or_mark(entry->hash));
	json_object_set_new(object, "in_force",
	    json_boolean(strcmp(entry->hash, supervisor->loaded->policy->hash) == 0));
	json_object_set_new(
	    object, "waits", json_boolean(supervisor->change.pending.number == entry->number));
	return object;
}

json_t *
change_answer_history(void *context, const json_t *request, const char **ret_error)
{
	const struct supervisor *supervisor = context;
	struct history_entry *entries = NULL;
	json_t *array, *answer;
	size_t count = 0;
	int r = history_list(supervisor->settings.state, &entries, &count);

	if (r < 0)
		return request_refused(
		    "%s: the history can't be read: %s", supervisor->settings.state, strerror(-r));
	array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, print_entry(supervisor, &entries[i], i));
	free(entries);
	answer =
	    json_pack("{s:s, s:o}", "policy", supervisor->loaded->policy->hash, "entries", array);
	array = change_waiting(supervisor);
	if (array)
		json_object_set_new(answer, "waiting", array);
	return answer;
}

json_t *
change_answer_text(void *context, const json_t *request, const char **ret_error)
{
	const struct supervisor *supervisor = context;
	const json_t *index = json_object_get(request, "index");
	const struct policy *policy = supervisor->loaded->policy;
	struct history_entry entry;
	char *kept = NULL;
	const char *text = policy->source, *file = policy->file, *hash = policy->hash;
	json_t *answer = NULL;

	if (index)
		answer = read_step(supervisor, json_integer_value(index), &entry, &kept);
	if (answer)
		return answer;
	if (index) {
		text = kept;
		file = entry.file;
		hash = entry.hash;
	}
	if (strlen(text) > TEXT_MAX)
		answer = request_refused("the policy is larger than %d MiB; it is in %s/history",
		    TEXT_MAX >> 20, supervisor->settings.state);
	else
		answer = json_pack(
		    "{s:s, s:s, s:o}", "policy", hash, "text", text, "file", text_or_mark(file));
	free(kept);
	return answer ? answer : request_refused("the policy is no text in UTF-8");
}

json_t *
change_waiting(const struct supervisor *supervisor)
{
	const struct change *change = &supervisor->change;

	if (change->pending.number == 0)
		return NULL;
	return json_pack("{s:i, s:s, s:o, s:b}", "number", (int)change->pending.number, "policy",
	    supervisor->loaded->policy->hash, "until", status_moment(change->pending.until_ns),
	    "guard", (int)change->pending.guard);
}
