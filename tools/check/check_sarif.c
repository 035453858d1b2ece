/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check, SARIF: see check_sarif.h.  Sections are those of SARIF 2.1.0.
 */
#include "check_sarif.h"
#include "review.h"

/* Of a kind of finding (3.27.10), and as numbers that some readers sort by. */
static const char *const level_words[] = {
    [FINDING_LOW] = "note",
    [FINDING_MEDIUM] = "warning",
    [FINDING_HIGH] = "error",
};

static const char *const level_scores[] = {
    [FINDING_LOW] = "3.0",
    [FINDING_MEDIUM] = "5.5",
    [FINDING_HIGH] = "8.0",
};

static const char error_rule[] = "policy-error";

/* 3.49: what a kind is, and what is to be done. */
static json_t *
rule(const struct finding_kind *kind)
{
	json_t *tags =
	    kind->clause ? json_pack("[s+]", "IEC 62443-3-2 ", kind->clause) : json_array();

	return json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:o, s:s}}", "id", kind->word,
	    "shortDescription", "text", kind->word, "help", "text", kind->advice,
	    "defaultConfiguration", "level", level_words[kind->level], "properties", "tags", tags,
	    "security-severity", level_scores[kind->level]);
}

static json_t *
rules(void)
{
	json_t *array = json_array();

	json_array_append_new(array,
	    json_pack("{s:s, s:{s:s}, s:{s:s}}", "id", error_rule, "shortDescription", "text",
		"the policy cannot be used", "defaultConfiguration", "level", "error"));
	for (int i = 0; i < FINDING_COUNT; i++)
		json_array_append_new(array, rule(&finding_kinds[i]));
	return array;
}

json_t *
check_sarif_new(void)
{
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[]}]}", "$schema",
	    "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs", "tool",
	    "driver", "name", "sluice check", "version", SLUICE_VERSION, "rules", rules(),
	    "results");
}

/* 3.28; a line of 0 is the file as a whole. */
static json_t *
place(const struct location *where)
{
	json_t *physical =
	    json_pack("{s:{s:s}}", "artifactLocation", "uri", where->file ? where->file : "");

	if (where->line > 0)
		json_object_set_new(
		    physical, "region", json_pack("{s:i}", "startLine", (int)where->line));
	return json_pack("[{s:o}]", "physicalLocation", physical);
}

static json_t *
result(const struct diagnostic *d, const char *today)
{
	bool error = d->severity == SEVERITY_ERROR;
	json_t *object = json_pack("{s:s, s:s, s:{s:s}, s:o}", "ruleId",
	    error ? error_rule : finding_kinds[d->finding].word, "level",
	    error ? "error" : level_words[finding_kinds[d->finding].level], "message", "text",
	    d->message, "locations", place(&d->where));

	if (d->id)
		json_object_set_new(
		    object, "partialFingerprints", json_pack("{s:s}", "finding/v1", d->id));
	if (!error && review_is_accepted(d, today))
		json_object_set_new(object, "suppressions",
		    json_pack("[{s:s, s:s, s:s}]", "kind", "inSource", "status", "accepted",
			"justification", d->accepted->reason));
	return object;
}

void
check_sarif_add(json_t *log, const struct diagnostics *diagnostics, const char *today)
{
	json_t *run = json_array_get(json_object_get(log, "runs"), 0);
	json_t *results = json_object_get(run, "results");

	for (size_t i = 0; i < diagnostics->count; i++)
		json_array_append_new(results, result(&diagnostics->items[i], today));
}
