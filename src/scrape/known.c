#include "scrape/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"

#define CODE_SIZE 3 /* of ISO 4217 */

/* Without padding between the members, and no longer than its texts. */
struct known_packed {
	int64_t coef[2]; /* accepted, pending */
	uint32_t rule;
	uint32_t agreed;
	char code[2][CODE_SIZE];
	uint8_t scale[2];
	bool known[2];
	uint8_t availability;
	uint8_t gone;
	uint16_t etag_len, date_len, url_len;
	uint16_t unused; /* always zero: packed ones are compared byte by byte */
	char texts[];	 /* each with a NUL */
};

/* An HTTP header's value as we want to say it again (P50). */
static void
take_validator(char *out, size_t size, const char *text, size_t len)
{
	size_t i;

	out[0] = '\0';
	if (len >= size)
		return;
	for (i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return;
	}
	memcpy(out, text, len);
	out[len] = '\0';
}

static void
take_text(char *out, size_t size, const char *text)
{
	take_validator(out, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static void
read_validator(char *out, size_t size, const struct json_field *f)
{
	char *text = json_field_strdup(f);

	take_text(out, size, text);
	free(text);
}

static void
read_price(struct plausible_price *p, const struct json_field *amount, const struct json_field *currency)
{
	if (amount->kind != JSON_STRING || amount_parse(amount->p, amount->len, &p->amount) != AMOUNT_OK)
		return;
	p->known = true;
	if (currency->kind == JSON_STRING && currency->len == CODE_SIZE)
		memcpy(p->currency, currency->p, CODE_SIZE);
}

static unsigned
read_count(const struct json_field *f)
{
	int64_t n;

	return json_field_int(f, &n) == 0 && n > 0 ? (unsigned)(n < UINT8_MAX ? n : UINT8_MAX) : 0;
}

static enum availability
read_availability(const struct json_field *f)
{
	enum availability a;

	for (a = AVAILABILITY_UNKNOWN; a <= AVAILABILITY_DISCONTINUED; a++) {
		if (json_field_is(f, availability_text(a)))
			return a;
	}
	return AVAILABILITY_ABSENT;
}

void
known_read(struct known *k, const char *value, size_t len)
{
	enum { RULE, ETAG, DATE, URL, AVAILABILITY, AMOUNT, CURRENCY, SUSPECT, SUSPECT_CURRENCY, AGREED, GONE, N };
	struct json_field f[N] = { [RULE] = { .name = "rule" }, [ETAG] = { .name = "etag" },
		[DATE] = { .name = "last_modified" }, [URL] = { .name = "validated_url" }, [AVAILABILITY] = { .name = "availability" },
		[AMOUNT] = { .name = "amount" }, [CURRENCY] = { .name = "currency" }, [SUSPECT] = { .name = "suspect" },
		[SUSPECT_CURRENCY] = { .name = "suspect_currency" }, [AGREED] = { .name = "agreed" },
		[GONE] = { .name = "gone" } };
	uint64_t rule = 0;

	*k = (struct known){ .gone = 0 };
	if (json_scan(value, len, f, N) == -1)
		return;
	if (json_field_uint(&f[RULE], &rule) == 0)
		k->rule = (uint32_t)rule;
	read_validator(k->etag, sizeof(k->etag), &f[ETAG]);
	read_validator(k->last_modified, sizeof(k->last_modified), &f[DATE]);
	read_validator(k->validated_url, sizeof(k->validated_url), &f[URL]);
	k->availability = read_availability(&f[AVAILABILITY]);
	read_price(&k->prices.accepted, &f[AMOUNT], &f[CURRENCY]);
	read_price(&k->prices.pending, &f[SUSPECT], &f[SUSPECT_CURRENCY]);
	k->prices.agreed = read_count(&f[AGREED]);
	k->gone = read_count(&f[GONE]);
}

static void
put_price(struct buf *out, const char *name, const char *name_of_currency, const struct plausible_price *p)
{
	char text[AMOUNT_TEXT_SIZE];

	if (!p->known)
		return;
	json_put_str(out, name, amount_text(&p->amount, 0, text));
	if (p->currency[0] != '\0')
		json_put_str(out, name_of_currency, p->currency);
}

void
known_put(const struct known *k, struct buf *out)
{
	buf_xaddc(out, '{');
	json_put_uint(out, "rule", k->rule);
	if (k->etag[0] != '\0')
		json_put_str(out, "etag", k->etag);
	if (k->last_modified[0] != '\0')
		json_put_str(out, "last_modified", k->last_modified);
	if (k->validated_url[0] != '\0')
		json_put_str(out, "validated_url", k->validated_url);
	if (k->availability != AVAILABILITY_ABSENT)
		json_put_str(out, "availability", availability_text(k->availability));
	put_price(out, "amount", "currency", &k->prices.accepted);
	put_price(out, "suspect", "suspect_currency", &k->prices.pending);
	if (k->prices.agreed > 0)
		json_put_uint(out, "agreed", k->prices.agreed);
	if (k->gone > 0)
		json_put_uint(out, "gone", k->gone);
	buf_xaddc(out, '}');
}

void
known_forget_validators(struct known *k)
{
	k->etag[0] = k->last_modified[0] = k->validated_url[0] = '\0';
	k->availability = AVAILABILITY_ABSENT;
}

void
known_set_validators(struct known *k, const char *etag, const char *last_modified, const char *url)
{
	take_text(k->etag, sizeof(k->etag), etag);
	take_text(k->last_modified, sizeof(k->last_modified), last_modified);
	take_text(k->validated_url, sizeof(k->validated_url), url);
	/* Without their URL they would go to another page. */
	if (url != NULL && k->validated_url[0] == '\0')
		k->etag[0] = k->last_modified[0] = '\0';
	if (k->etag[0] == '\0' && k->last_modified[0] == '\0')
		known_forget_validators(k);
}

static void
unpack_price(const struct known_packed *packed, int i, struct plausible_price *p)
{
	p->known = packed->known[i];
	p->amount = (struct amount){ packed->coef[i], packed->scale[i] };
	memcpy(p->currency, packed->code[i], CODE_SIZE);
}

void
known_unpack(const struct known_packed *packed, struct known *k)
{
	*k = (struct known){ .gone = 0 };
	if (packed == NULL)
		return;
	unpack_price(packed, 0, &k->prices.accepted);
	unpack_price(packed, 1, &k->prices.pending);
	k->prices.agreed = packed->agreed;
	k->rule = packed->rule;
	k->availability = (enum availability)packed->availability;
	k->gone = packed->gone;
	memcpy(k->etag, packed->texts, packed->etag_len + 1u);
	memcpy(k->last_modified, packed->texts + packed->etag_len + 1, packed->date_len + 1u);
	memcpy(k->validated_url, packed->texts + packed->etag_len + 1 + packed->date_len + 1, packed->url_len + 1u);
}

static void
pack_price(struct known_packed *packed, int i, const struct plausible_price *p)
{
	packed->known[i] = p->known;
	packed->coef[i] = p->amount.coef;
	packed->scale[i] = (uint8_t)p->amount.scale;
	memcpy(packed->code[i], p->currency, CODE_SIZE);
}

static bool
is_empty(const struct known *k)
{
	return !k->prices.accepted.known && !k->prices.pending.known && k->etag[0] == '\0' && k->last_modified[0] == '\0' &&
	    k->gone == 0;
}

static size_t
packed_size(size_t etag_len, size_t date_len, size_t url_len)
{
	return sizeof(struct known_packed) + etag_len + date_len + url_len + 3;
}

static struct known_packed *
pack(const struct known *k)
{
	size_t etag_len = strlen(k->etag), date_len = strlen(k->last_modified), url_len = strlen(k->validated_url);
	struct known_packed *packed = xcalloc(1, packed_size(etag_len, date_len, url_len));

	pack_price(packed, 0, &k->prices.accepted);
	pack_price(packed, 1, &k->prices.pending);
	packed->agreed = k->prices.agreed;
	packed->rule = k->rule;
	packed->availability = (uint8_t)k->availability;
	packed->gone = (uint8_t)(k->gone < UINT8_MAX ? k->gone : UINT8_MAX);
	packed->etag_len = (uint16_t)etag_len;
	packed->date_len = (uint16_t)date_len;
	packed->url_len = (uint16_t)url_len;
	memcpy(packed->texts, k->etag, etag_len + 1);
	memcpy(packed->texts + etag_len + 1, k->last_modified, date_len + 1);
	memcpy(packed->texts + etag_len + 1 + date_len + 1, k->validated_url, url_len + 1);
	return packed;
}

bool
known_replace(struct known_packed **packed, const struct known *k)
{
	struct known_packed *old = *packed, *new = is_empty(k) ? NULL : pack(k);

	if (old == new) /* both NULL */
		return false;
	if (old != NULL && new != NULL && old->etag_len == new->etag_len && old->date_len == new->date_len &&
	    old->url_len == new->url_len &&
	    memcmp(old, new, packed_size(new->etag_len, new->date_len, new->url_len)) == 0) {
		free(new);
		return false;
	}
	free(old);
	*packed = new;
	return true;
}
