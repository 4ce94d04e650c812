#include "recorder/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/mono.h"
#include "core/fresh.h"
#include "recorder/members.h"

/* Members of the journal's record. */
enum {
	F_TYPE,
	F_T,
	F_CHILD,
	F_TOKEN,
	F_N,
	F_SLOT,
	F_SOURCE,
	F_DATA,
	F_INSTALLATION,
	F_COUNT
};

/* Members of its data that have a place of their own in the store; all others go together. */
enum known {
	K_TYPE,
	K_SOURCE,
	K_SLOT,
	K_TIME,
	K_STATUS,
	K_AMOUNT,
	K_CURRENCY,
	K_AVAILABILITY,
	K_PRODUCT,
	K_URL,
	K_REASON,
	K_COUNT
};

static const struct {
	const char *name;
	size_t len;
} known_names[K_COUNT] = {
	[K_TYPE] = { "type", 4 },
	[K_SOURCE] = { "source", 6 },
	[K_SLOT] = { "slot", 4 },
	[K_TIME] = { "time", 4 },
	[K_STATUS] = { "status", 6 },
	[K_AMOUNT] = { "amount", 6 },
	[K_CURRENCY] = { "currency", 8 },
	[K_AVAILABILITY] = { "availability", 12 },
	[K_PRODUCT] = { "product", 7 },
	[K_URL] = { "url", 3 },
	[K_REASON] = { "reason", 6 },
};

void
record_init(struct record *r)
{
	memset(r, 0, sizeof(*r));
	r->rest = (struct buf)BUF_INIT(0);
	r->body = (struct buf)BUF_INIT(0);
}

static void
forget(struct record *r)
{
	while (r->n_unescaped > 0)
		free(r->unescaped[--r->n_unescaped]);
	r->installation[0] = '\0';
	memset(&r->observation, 0, sizeof(r->observation));
	memset(&r->reject, 0, sizeof(r->reject));
	memset(&r->evidence, 0, sizeof(r->evidence));
	buf_clear(&r->rest);
	/* Rare, and large. */
	buf_release(&r->body);
}

void
record_release(struct record *r)
{
	forget(r);
	buf_release(&r->rest);
}

/* A string as text; absent if it is none, or empty. Almost none has an escape, so almost none is copied. */
static struct store_text
text_of(struct record *r, const struct json_field *f)
{
	char *copy;

	if (f->kind != JSON_STRING || f->len == 0)
		return (struct store_text){ NULL, 0 };
	if (memchr(f->p, '\\', f->len) == NULL)
		return (struct store_text){ f->p, f->len };
	copy = r->n_unescaped < RECORD_TEXTS ? json_field_strdup(f) : NULL;
	if (copy == NULL)
		return (struct store_text){ NULL, 0 };
	r->unescaped[r->n_unescaped++] = copy;
	return (struct store_text){ copy, strlen(copy) };
}

static bool
is_absent(const struct json_field *f)
{
	return f->kind == JSON_ABSENT || f->kind == JSON_NULL;
}

static enum record_kind
reject(struct record *r, const char *reason)
{
	const struct store_observation *o = &r->observation;

	r->reject.reason = reason;
	r->reject.token = o->token;
	r->reject.n = o->n;
	r->reject.time_ms = o->time_ms;
	r->reject.child = o->child;
	r->reject.source = o->source;
	r->reject.line = o->line;
	return RECORD_REJECT;
}

/* A status is a word: it is compared and shown, and scripts read it. */
static bool
is_word(struct store_text t)
{
	if (t.p == NULL || t.n > 32)
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (!((t.p[i] >= 'a' && t.p[i] <= 'z') || (t.p[i] >= '0' && t.p[i] <= '9') || t.p[i] == '_' ||
		    t.p[i] == '-'))
			return false;
	return true;
}

static void
keep(struct record *r, const struct members *m)
{
	buf_xaddc(&r->rest, r->rest.len == 0 ? '{' : ',');
	buf_xadd(&r->rest, m->whole, m->whole_len);
}

static enum known
known_find(const struct members *m)
{
	size_t k;

	for (k = 0; k < K_COUNT; k++)
		if (known_names[k].len == m->name_len && memcmp(known_names[k].name, m->name, m->name_len) == 0)
			break;
	return (enum known)k;
}

/* Does it have a form that its own column can hold? What has not is kept with the rest. */
static bool
fits_column(enum known k, const struct members *m, struct store_observation *o)
{
	char buf[WALL_TEXT_SIZE + 8];

	switch (k) {
	case K_TYPE:
	case K_SOURCE:
	case K_SLOT:
	case K_STATUS:
	case K_AMOUNT:
	case K_CURRENCY:
		return true; /* judged, not kept */
	case K_TIME:
		if (m->kind != JSON_STRING || m->value_len >= sizeof(buf))
			return m->kind == JSON_NULL;
		memcpy(buf, m->value, m->value_len);
		buf[m->value_len] = '\0';
		return wall_parse(buf, &o->time_ms) == 0;
	case K_AVAILABILITY:
	case K_PRODUCT:
	case K_URL:
	case K_REASON:
		return m->kind == JSON_STRING || m->kind == JSON_NULL;
	case K_COUNT:
		break;
	}
	return false;
}

static void
read_members(struct record *r, const struct json_field *data, struct json_field known[K_COUNT])
{
	struct members m;

	memset(known, 0, K_COUNT * sizeof(known[0]));
	for (members_init(&m, data->p, data->len); members_next(&m);) {
		enum known k = known_find(&m);

		if (k == K_COUNT || !fits_column(k, &m, &r->observation))
			keep(r, &m);
		else
			known[k] = (struct json_field){ NULL, m.kind, m.value, m.value_len };
	}
	if (r->rest.len > 0) {
		buf_xaddc(&r->rest, '}');
		r->observation.rest = (struct store_text){ r->rest.data, r->rest.len };
	}
}

/* Decimal text (or a JSON number by its own digits): exact or not at all (P2). NULL, or why not. */
static const char *
read_amount(struct store_observation *o, const struct json_field *f)
{
	if (is_absent(f))
		return NULL;
	if (f->kind != JSON_STRING && f->kind != JSON_NUMBER)
		return "malformed-amount";
	switch (store_amount_parse(f->p, f->len, &o->amount)) {
	case 0:
		o->has_amount = true;
		return NULL;
	case -2:
		return "amount-range";
	default:
		return "malformed-amount";
	}
}

static const char *
read_slot(struct store_observation *o, const struct json_field *f)
{
	if (is_absent(f))
		return NULL;
	if (f->kind != JSON_NUMBER || json_field_int(f, &o->slot_ms) == -1)
		return "malformed-slot";
	o->has_slot = true;
	return NULL;
}

_Static_assert((int)STORE_KIND_GOOD == (int)FRESH_KIND_GOOD && (int)STORE_KIND_SOLD_OUT == (int)FRESH_KIND_SOLD_OUT &&
	(int)STORE_KIND_BAD == (int)FRESH_KIND_BAD && (int)STORE_KIND_SUSPECT == (int)FRESH_KIND_SUSPECT &&
	(int)STORE_KIND_BLOCKED == (int)FRESH_KIND_BLOCKED && (int)STORE_KIND_SAME == (int)FRESH_KIND_SAME,
    "the store keeps kinds by their numbers");

static enum store_kind
kind_of(const struct store_observation *o)
{
	return (enum store_kind)fresh_kind(o->status.p, o->status.n, o->reason.p, o->reason.n);
}

static enum record_kind
read_data(struct record *r, struct json_field *f)
{
	struct store_observation *o = &r->observation;
	struct json_field known[K_COUNT];
	const char *why;

	if (f[F_DATA].kind != JSON_OBJECT)
		return reject(r, "malformed-data");
	read_members(r, &f[F_DATA], known);
	o->source = text_of(r, is_absent(&f[F_SOURCE]) ? &known[K_SOURCE] : &f[F_SOURCE]);
	if (o->source.p == NULL)
		return reject(r, "malformed-source");
	if ((why = read_slot(o, f[F_SLOT].kind == JSON_ABSENT ? &known[K_SLOT] : &f[F_SLOT])) != NULL)
		return reject(r, why);
	o->status = text_of(r, &known[K_STATUS]);
	if (!is_word(o->status))
		return reject(r, "malformed-status");
	if ((why = read_amount(o, &known[K_AMOUNT])) != NULL)
		return reject(r, why);
	o->currency = text_of(r, &known[K_CURRENCY]);
	if (!is_absent(&known[K_CURRENCY]) && (known[K_CURRENCY].kind != JSON_STRING || o->currency.n > 16))
		return reject(r, "malformed-currency");
	o->availability = text_of(r, &known[K_AVAILABILITY]);
	o->product = text_of(r, &known[K_PRODUCT]);
	o->url = text_of(r, &known[K_URL]);
	o->reason = text_of(r, &known[K_REASON]);
	o->kind = kind_of(o);
	return RECORD_OBSERVATION;
}

/* What the journal says around its data; false: it is malformed. */
static bool
read_name(struct record *r, const struct json_field *f)
{
	struct store_observation *o = &r->observation;

	if (f[F_T].kind == JSON_NUMBER && json_field_int(&f[F_T], &o->time_ms) == -1)
		o->time_ms = 0;
	o->child = text_of(r, &f[F_CHILD]);
	r->reject.has_name = f[F_TOKEN].kind == JSON_NUMBER && json_field_uint(&f[F_TOKEN], &o->token) == 0 &&
	    f[F_N].kind == JSON_NUMBER && json_field_uint(&f[F_N], &o->n) == 0;
	return r->reject.has_name && o->child.p != NULL && memchr(o->child.p, '\n', o->child.n) == NULL;
}

static enum record_kind
read_observation(struct record *r, struct json_field *f)
{
	return read_name(r, f) ? read_data(r, f) : reject(r, "malformed-record");
}

/* Members of the data of evidence. */
enum {
	E_SOURCE,
	E_SLOT,
	E_TIME,
	E_STATUS,
	E_REASON,
	E_URL,
	E_CONTENT_TYPE,
	E_HASH,
	E_HTTP_STATUS,
	E_BYTES,
	E_OFFSET,
	E_BODY,
	E_COUNT
};

static void
read_evidence_texts(struct record *r, const struct json_field f[E_COUNT])
{
	struct store_evidence *e = &r->evidence;
	char *time = json_field_strdup(&f[E_TIME]);

	e->status = text_of(r, &f[E_STATUS]);
	e->reason = text_of(r, &f[E_REASON]);
	e->url = text_of(r, &f[E_URL]);
	e->content_type = text_of(r, &f[E_CONTENT_TYPE]);
	e->hash = text_of(r, &f[E_HASH]);
	if (time == NULL || wall_parse(time, &e->time_ms) == -1)
		e->time_ms = r->observation.time_ms;
	free(time);
}

/* What it must have is a name, a source and a body; all else is for people. */
static enum record_kind
read_evidence(struct record *r, const struct json_field *outer)
{
	struct json_field f[E_COUNT] = {
		[E_SOURCE] = { .name = "source" },
		[E_SLOT] = { .name = "slot" },
		[E_TIME] = { .name = "time" },
		[E_STATUS] = { .name = "status" },
		[E_REASON] = { .name = "reason" },
		[E_URL] = { .name = "url" },
		[E_CONTENT_TYPE] = { .name = "content_type" },
		[E_HASH] = { .name = "hash" },
		[E_HTTP_STATUS] = { .name = "http_status" },
		[E_BYTES] = { .name = "bytes" },
		[E_OFFSET] = { .name = "offset" },
		[E_BODY] = { .name = "body" },
	};
	struct store_evidence *e = &r->evidence;

	if (!read_name(r, outer))
		return reject(r, "malformed-record");
	if (outer[F_DATA].kind != JSON_OBJECT || json_scan(outer[F_DATA].p, outer[F_DATA].len, f, E_COUNT) == -1)
		return reject(r, "malformed-data");
	r->observation.source = text_of(r, &f[E_SOURCE]);
	if (r->observation.source.p == NULL)
		return reject(r, "malformed-source");
	if (f[E_BODY].kind != JSON_STRING || base64_decode(f[E_BODY].p, f[E_BODY].len, &r->body) == -1)
		return reject(r, "malformed-body");
	e->child = r->observation.child;
	e->source = r->observation.source;
	e->token = r->observation.token;
	e->n = r->observation.n;
	e->body = (struct store_text){ r->body.data, r->body.len };
	e->has_slot = f[E_SLOT].kind == JSON_NUMBER && json_field_int(&f[E_SLOT], &e->slot_ms) == 0;
	read_evidence_texts(r, f);
	if (json_field_int(&f[E_HTTP_STATUS], &e->http_status) == -1)
		e->http_status = 0;
	if (json_field_uint(&f[E_BYTES], &e->bytes) == -1 || e->bytes < r->body.len || e->bytes > INT64_MAX)
		e->bytes = r->body.len;
	if (json_field_uint(&f[E_OFFSET], &e->offset) == -1 || e->offset > e->bytes - r->body.len)
		e->offset = 0;
	return RECORD_EVIDENCE;
}

static enum record_kind
read_header(struct record *r, const struct json_field *f)
{
	if (f->kind != JSON_STRING || f->len >= sizeof(r->installation))
		return RECORD_OTHER;
	memcpy(r->installation, f->p, f->len);
	r->installation[f->len] = '\0';
	return RECORD_HEADER;
}

/*
 * The journal's writer puts the type first. So most lines that are not for us
 * are passed over without being read.
 */
bool
record_is_other(const char *line, size_t len)
{
	static const char head[] = "{\"type\":\"";
	size_t n = sizeof(head) - 1;

	return len > n + 12 && memcmp(line, head, n) == 0 && memcmp(line + n, "observation\"", 12) != 0 &&
	    memcmp(line + n, "evidence\"", 9) != 0 && memcmp(line + n, "journal\"", 8) != 0 && memchr(line + n, '\\', 12) == NULL;
}

enum record_kind
record_read(struct record *r, const char *line, size_t len)
{
	struct json_field f[F_COUNT] = {
		[F_TYPE] = { .name = "type" },
		[F_T] = { .name = "t" },
		[F_CHILD] = { .name = "child" },
		[F_TOKEN] = { .name = "token" },
		[F_N] = { .name = "n" },
		[F_SLOT] = { .name = "slot" },
		[F_SOURCE] = { .name = "source" },
		[F_DATA] = { .name = "data" },
		[F_INSTALLATION] = { .name = "installation" },
	};

	forget(r);
	if (record_is_other(line, len))
		return RECORD_OTHER;
	r->observation.line = (struct store_text){ line, len };
	if (json_scan(line, len, f, F_COUNT) == -1) {
		r->reject.binary = true;
		return reject(r, "unreadable");
	}
	if (json_field_is(&f[F_TYPE], "observation"))
		return read_observation(r, f);
	if (json_field_is(&f[F_TYPE], "evidence"))
		return read_evidence(r, f);
	return json_field_is(&f[F_TYPE], "journal") ? read_header(r, &f[F_INSTALLATION]) : RECORD_OTHER;
}
