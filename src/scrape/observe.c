#include "scrape/observe.h"

#include <string.h>

#include "base/json.h"
#include "base/mono.h"

/* As offer_is_unavailable(). */
static bool
is_sold_out(enum availability a)
{
	return a == AVAILABILITY_OUT_OF_STOCK || a == AVAILABILITY_DISCONTINUED;
}

/* There is no page. */
static const char *
status_without_page(const struct observed *o)
{
	if (o->gone)
		return "gone";
	if (o->reason != NULL && strcmp(o->reason, "robots") == 0)
		return "robots";
	if (o->fetch != NULL && (o->fetch->site_rest || (o->reason != NULL && strcmp(o->reason, "refused") == 0)))
		return "blocked";
	if (o->reason == NULL)
		return "error";
	if (strcmp(o->reason, "too-large") == 0)
		return "too_large";
	return strcmp(o->reason, "limit") == 0 || strcmp(o->reason, "quarantined") == 0 ? "limit" : "error";
}

/* There is a page, and no price in it. */
static const char *
status_without_price(enum reason_none none)
{
	switch (none) {
	case NONE_AMBIGUOUS:
		return "ambiguous";
	case NONE_BLOCKED:
		return "blocked";
	case NONE_TOO_LARGE:
		return "too_large";
	case NONE_LIMIT:
		return "limit";
	case NONE_PRICE_FOUND:
	case NONE_NO_MATCH:
	case NONE_NOT_A_PRODUCT:
	case NONE_BAD_CHARSET:
	case NONE_BAD_RULE:
	case NONE_TOO_MANY_DIGITS:
		break;
	}
	return "no_match";
}

const char *
observe_status(const struct observed *o)
{
	if (o->not_modified)
		return is_sold_out(o->availability) ? "unavailable" : "not_modified";
	if (o->offer == NULL)
		return status_without_page(o);
	if (o->offer->method == METHOD_NONE && o->offer->none == NONE_BLOCKED)
		return "blocked";
	if (offer_is_unavailable(o->offer))
		return "unavailable";
	if (o->offer->method == METHOD_NONE)
		return status_without_price(o->offer->none);
	return o->doubt != DOUBT_NONE ? "suspect" : "ok";
}

const char *
observe_reason(const struct observed *o)
{
	if (o->offer == NULL)
		return o->reason;
	if (o->offer->method == METHOD_NONE)
		return reason_none_text(o->offer->none);
	return doubt_text(o->doubt);
}

static void
put_text(struct buf *out, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_put_str(out, name, text);
}

static void
put_amount(struct buf *out, const char *name, const struct amount *amount, const struct currency *currency)
{
	char text[AMOUNT_TEXT_SIZE];

	json_put_str(out, name, amount_text(amount, currency != NULL ? currency->exponent : 0, text));
}

static void
put_names(struct buf *out, const char *name, unsigned bits, const char *(*text_of)(unsigned bit))
{
	bool first = true;
	unsigned bit;

	json_put_name(out, name);
	buf_xaddc(out, '[');
	for (bit = 1; bit != 0 && bit <= bits; bit <<= 1) {
		if ((bits & bit) == 0)
			continue;
		if (!first)
			buf_xaddc(out, ',');
		json_put_string(out, text_of(bit));
		first = false;
	}
	buf_xaddc(out, ']');
}

static const char *
flag_text(unsigned bit)
{
	switch (bit) {
	case MONEY_FROM:
		return "from";
	case MONEY_RANGE:
		return "range";
	case MONEY_FREE:
		return "free";
	case MONEY_VARIANTS:
		return "variants";
	default:
		return "unknown";
	}
}

/* Absent is absent (P1): no member, rather than an empty or a zero one. */
static void
put_money(struct buf *out, const struct money *m)
{
	if (m->has_amount) {
		put_amount(out, "amount", &m->amount, m->currency);
		put_text(out, "currency", m->currency != NULL ? m->currency->code : NULL);
		put_text(out, "currency_text", m->currency_text);
	}
	if (m->has_list_price)
		put_amount(out, "list_price", &m->list_price, m->currency);
	if (m->has_max)
		put_amount(out, "price_max", &m->max, m->currency);
}

static void
put_offer(struct buf *out, const struct offer *offer)
{
	put_money(out, &offer->money);
	put_text(out, "availability", availability_text(offer->availability));
	put_text(out, "method", method_text(offer->method));
	put_text(out, "rule", offer->rule);
	put_text(out, "confidence", offer_confidence(offer));
	put_text(out, "raw", offer->money.raw);
	if (offer->money.flags != 0)
		put_names(out, "flags", offer->money.flags, flag_text);
	put_names(out, "warnings", offer->warnings, warning_text);
	if (offer->has_other) {
		put_amount(out, "other_amount", &offer->other, offer->money.currency);
		put_text(out, "other_method", method_text(offer->other_method));
	}
}

void
observe_put_reading(struct buf *out, const struct money *m, const char *reason)
{
	if (!m->has_amount)
		json_put_str(out, "amount", NULL);
	/* A list price alone has its currency as well (P15.1). */
	if (m->currency == NULL || !m->has_amount)
		json_put_str(out, "currency", m->currency != NULL ? m->currency->code : NULL);
	if (m->currency_text[0] == '\0' || !m->has_amount)
		json_put_str(out, "currency_text", m->currency_text[0] != '\0' ? m->currency_text : NULL);
	put_money(out, m);
	put_names(out, "flags", m->flags, flag_text);
	put_names(out, "warnings", m->warnings, warning_text);
	put_text(out, "reason", reason);
}

void
observe_put(struct buf *out, const struct observed *o)
{
	const char *product = o->product;
	char time[WALL_TEXT_SIZE];

	if (product == NULL && o->offer != NULL)
		product = o->offer->title;
	buf_xaddc(out, '{');
	json_put_str(out, "type", "observation");
	json_put_str(out, "source", o->source);
	if (o->slot != INT64_MIN)
		json_put_int(out, "slot", o->slot);
	json_put_str(out, "time", wall_text(o->time_ms, time));
	json_put_str(out, "status", observe_status(o));
	put_text(out, "product", product);
	put_text(out, "url", o->url);
	if (o->offer != NULL)
		put_offer(out, o->offer);
	else
		put_text(out, "availability", availability_text(o->availability));
	put_text(out, "reason", observe_reason(o));
	put_text(out, "error", o->error);
	if (o->fetch != NULL) {
		if (o->fetch->http_status != 0)
			json_put_int(out, "http_status", o->fetch->http_status);
		put_text(out, "final_url", o->fetch->final_url);
		put_text(out, "moved_to", o->fetch->moved_to);
		put_text(out, "robots_line", o->fetch->robots_line);
		json_put_uint(out, "bytes", o->fetch->len);
		json_put_int(out, "duration_ms", o->fetch->duration_ms);
	}
	if (o->trace != NULL)
		observe_put_trace(out, o->trace);
	buf_xaddstr(out, "}\n");
}

void
observe_put_state(struct buf *out, const char *prefix, const char *name, const char *value)
{
	struct buf key = BUF_INIT(0);

	buf_xaddstr(&key, prefix);
	buf_xaddstr(&key, name);
	buf_xaddc(out, '{');
	json_put_str(out, "type", "state");
	json_put_str(out, "key", key.data);
	json_put_raw(out, "value", value, strlen(value));
	buf_xaddstr(out, "}\n");
	buf_release(&key);
}
