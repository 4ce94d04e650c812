#include "scrape/evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mono.h"
#include "scrape/observe.h"

/* The statuses that ask for a person. They differ in their first letter. (P41: limit, of a page in quarantine.) */
static const char *const kept[] = { "no_match", "ambiguous", "suspect", "blocked", "limit" };

static bool
is_kept(const char *status)
{
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (strcmp(status, kept[i]) == 0)
			return true;
	return false;
}

bool
evidence_is_wanted(const struct evidence_mark *mark, const char *status, int64_t now_ms)
{
	return is_kept(status) && (mark->at_ms == 0 || now_ms - mark->at_ms >= EVIDENCE_EVERY_MS);
}

/* A bucket of EVIDENCE_BURST, kept as the time at which it is full again. */
static bool
take_one(struct evidence_limit *limit, int64_t now_ms)
{
	int64_t full_at = limit->full_at_ms > now_ms ? limit->full_at_ms : now_ms;

	if (full_at + EVIDENCE_REFILL_MS - now_ms > EVIDENCE_BURST * EVIDENCE_REFILL_MS)
		return false;
	limit->full_at_ms = full_at + EVIDENCE_REFILL_MS;
	return true;
}

/* Where the part begins that is kept. */
static size_t
begin_of_part(const struct evidence *e)
{
	const char *at;
	size_t begin;

	if (e->len <= EVIDENCE_BODY_MAX || e->price == NULL || e->price[0] == '\0')
		return 0;
	at = memmem(e->body, e->len, e->price, strlen(e->price));
	begin = at == NULL ? 0 : (size_t)(at - e->body);
	begin = begin > EVIDENCE_BODY_MAX / 2 ? begin - EVIDENCE_BODY_MAX / 2 : 0;
	return begin < e->len - EVIDENCE_BODY_MAX ? begin : e->len - EVIDENCE_BODY_MAX;
}

static void
put_line(const struct evidence *e, uint64_t hash, struct buf *out)
{
	size_t n = e->len < EVIDENCE_BODY_MAX ? e->len : EVIDENCE_BODY_MAX;
	size_t begin = begin_of_part(e);
	char text[WALL_TEXT_SIZE];

	buf_xaddc(out, '{');
	json_put_str(out, "type", "evidence");
	json_put_str(out, "source", e->source);
	if (e->slot != INT64_MIN)
		json_put_int(out, "slot", e->slot);
	json_put_str(out, "time", wall_text(e->time_ms, text));
	json_put_str(out, "status", e->status);
	json_put_str(out, "reason", e->reason != NULL && e->reason[0] != '\0' ? e->reason : e->status);
	json_put_str(out, "url", e->url);
	if (e->http_status != 0)
		json_put_int(out, "http_status", e->http_status);
	if (e->content_type != NULL)
		json_put_str(out, "content_type", e->content_type);
	json_put_uint(out, "bytes", e->len);
	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	json_put_str(out, "hash", text);
	json_put_bool(out, "truncated", n < e->len);
	if (n < e->len)
		json_put_uint(out, "offset", begin);
	json_put_name(out, "body");
	buf_xaddc(out, '"');
	base64_put(out, e->body + begin, n);
	buf_xaddstr(out, "\"}\n");
}

bool
evidence_put(const struct evidence *e, struct evidence_limit *limit, struct evidence_mark *mark, int64_t now_ms,
    struct buf *out)
{
	uint64_t hash = hash_bytes(e->body, e->len);
	char value[96];

	if (mark->at_ms != 0 && mark->hash == hash && mark->status == e->status[0])
		return false;
	if (!take_one(limit, now_ms))
		return false;
	*mark = (struct evidence_mark){ now_ms, hash, e->status[0] };
	put_line(e, hash, out);
	snprintf(value, sizeof(value), "{\"at\":%" PRId64 ",\"status\":\"%c\",\"hash\":\"%016" PRIx64 "\"}", now_ms,
	    mark->status, hash);
	observe_put_state(out, "evidence/", e->source, value);
	return true;
}

void
evidence_mark_read(struct evidence_mark *mark, const char *value, size_t len)
{
	struct json_field f[] = { { .name = "at" }, { .name = "status" }, { .name = "hash" } };
	char hex[17];
	int64_t at;

	*mark = (struct evidence_mark)EVIDENCE_MARK_INIT;
	if (json_scan(value, len, f, sizeof(f) / sizeof(f[0])) == -1 || json_field_int(&f[0], &at) == -1 || at <= 0 ||
	    f[1].kind != JSON_STRING || f[1].len != 1 || f[2].kind != JSON_STRING || f[2].len != 16)
		return;
	memcpy(hex, f[2].p, 16);
	hex[16] = '\0';
	if (strspn(hex, "0123456789abcdef") != 16)
		return;
	*mark = (struct evidence_mark){ at, strtoull(hex, NULL, 16), f[1].p[0] };
}
