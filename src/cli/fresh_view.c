#include "cli/fresh_view.h"

#include <inttypes.h>
#include <string.h>

#include "cli/jget.h"
#include "cli/term.h"
#include "core/fresh.h"

const char *
fresh_view_color(const char *state)
{
	if (state == NULL || strcmp(state, fresh_state_name(FRESH_FRESH)) == 0 ||
	    strcmp(state, fresh_state_name(FRESH_NEW)) == 0 || strcmp(state, fresh_state_name(FRESH_UNAVAILABLE)) == 0)
		return NULL;
	return strcmp(state, fresh_state_name(FRESH_LATE)) == 0 ? "yellow" : "red";
}

void
fresh_view_reason(struct json_object *source, int64_t now_ms, struct buf *out)
{
	const char *reason = jget_str(source, "reason");
	int64_t since = jget_int(source, "since");
	char age[TERM_AGE_SIZE];

	if (reason != NULL)
		buf_xaddstr(out, reason);
	if (reason != NULL && since != 0)
		buf_xprintf(out, " %s%s", now_ms - since < 1000 ? "just " : "since ", term_age(since, now_ms, age));
}

/* What is well first, then from the worst on. */
void
fresh_view_counts(struct json_object *child, int64_t now_ms, struct buf *out)
{
	static const enum fresh_state order[FRESH_STATES] = { FRESH_FRESH, FRESH_STALE, FRESH_BLOCKED, FRESH_SUSPECT, FRESH_LATE,
		FRESH_UNAVAILABLE, FRESH_NEW };
	struct json_object *counts = jget_object(child, "freshness"), *worst = jget_object(child, "worst");
	const char *worst_state = jget_str(worst, "state");
	size_t i;

	for (i = 0; i < FRESH_STATES; i++) {
		const char *name = fresh_state_name(order[i]);
		int64_t n = jget_int(counts, name);

		if (n == 0)
			continue;
		buf_xprintf(out, "%s%" PRId64 " %s", out->len > 0 ? ", " : "", n, name);
		if (worst_state != NULL && strcmp(worst_state, name) == 0 && order[i] != FRESH_UNAVAILABLE) {
			buf_xaddstr(out, " (");
			fresh_view_reason(worst, now_ms, out);
			buf_xaddc(out, ')');
		}
	}
}
