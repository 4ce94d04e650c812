#include "price/extract_rule.h"
#include "price/stated.h"

#include <stdio.h>
#include <string.h>

#include "price/phrase.h"

size_t
extract_line(const struct extract *x, const char *place)
{
	const char *p = x->text;
	size_t line = 1;

	while (p < place && (p = memchr(p, '\n', (size_t)(place - p))) != NULL) {
		line++;
		p++;
	}
	return line;
}

static bool
reads(const struct extract *x, const struct buf *text, struct money *money)
{
	return text->len > 0 && text->len <= READER_TEXT_MAX &&
	       reader_read(text->data, text->len, &x->hints, money) == READ_OK;
}

bool
extract_price_text(const struct extract *x, struct slice piece, struct buf *out)
{
	struct money unused;

	return extract_price_read(x, piece, out, &unused);
}

/* Of "<b>999</b><i>23% off</i> 12 x 83,25", joined, the instalment is all that is left: is there a plain amount apart? */
static void
prefer_plain(const struct extract *x, struct slice piece, struct buf *out, struct money *money)
{
	struct buf apart = BUF_INIT(0);
	struct money plain;

	if (money->per_unit && markup_put_spaced(&apart, piece, READER_TEXT_MAX) && reads(x, &apart, &plain) && !plain.per_unit) {
		buf_clear(out);
		buf_xadd(out, apart.data, apart.len);
		*money = plain;
	}
	buf_release(&apart);
}

bool
extract_price_read(const struct extract *x, struct slice piece, struct buf *out, struct money *money)
{
	buf_clear(out);
	if (markup_put_shown(out, piece, READER_TEXT_MAX) && reads(x, out, money)) {
		prefer_plain(x, piece, out, money);
		return true;
	}
	/* The hidden one is the only one, or what is joined should not have been. */
	buf_clear(out);
	if (markup_put_text(out, piece, READER_TEXT_MAX) && reads(x, out, money))
		return true;
	buf_clear(out);
	if (!markup_put_spaced(out, piece, READER_TEXT_MAX)) {
		*money = (struct money){ .warnings = 0 };
		return false;
	}
	/* No price, but maybe the one of before (P15). */
	*money = (struct money){ .warnings = 0 };
	if (!reads(x, out, money) && !money->has_list_price)
		*money = (struct money){ .warnings = 0 };
	return true;
}

static bool
is_had(enum availability a)
{
	return a == AVAILABILITY_IN_STOCK || a == AVAILABILITY_LIMITED;
}

static bool
is_gone(enum availability a)
{
	return a == AVAILABILITY_OUT_OF_STOCK || a == AVAILABILITY_DISCONTINUED;
}

/*
 * P31: a zero that a machine wrote says that it does not know, unless the target knows better; of what is sold out
 * it says so whoever wrote it (P30).
 */
static bool
counts(const struct extract *x, const struct stated *s, const struct offer *o)
{
	enum availability a = s->availability != AVAILABILITY_ABSENT ? s->availability : o->availability;

	if (!s->money.has_amount)
		return false;
	if (s->money.amount.coef != 0)
		return true;
	if ((s->money.flags & MONEY_FREE) != 0)
		return !is_gone(a);
	return x->page->allow_zero && is_had(a);
}

/* Do two titles speak of different things? Only if both are there, and neither is part of the other. */
static bool
other_thing(const char *a, const char *b)
{
	char folded_a[PHRASE_SIZE], folded_b[PHRASE_SIZE];

	if (phrase_fold(a, strlen(a), folded_a) == 0 || phrase_fold(b, strlen(b), folded_b) == 0)
		return false;
	return strstr(folded_a, folded_b) == NULL && strstr(folded_b, folded_a) == NULL;
}

static bool
is_within(const struct amount *a, const struct money *range)
{
	return range->has_max && amount_cmp(a, &range->amount) >= 0 && amount_cmp(a, &range->max) <= 0;
}

/* P45: the same amount, one of its variants, or another one. */
static bool
agrees(const struct money *a, const struct money *b)
{
	return amount_cmp(&a->amount, &b->amount) == 0 || is_within(&a->amount, b) || is_within(&b->amount, a);
}

/* May the sign, which leaves it open, stand for this currency? */
static bool
may_mean(const char *sign, const struct currency *c)
{
	struct currency_mark mark;

	return currency_mark_at(sign, strlen(sign), &mark) == 0 || currency_list_has(mark.codes, c->code);
}

/* The currency that was left open. */
static void
fill_currency(const struct money *from, struct money *to)
{
	if (to->currency != NULL || from->currency == NULL || !may_mean(to->currency_text, from->currency))
		return;
	to->currency = from->currency;
	to->warnings &= ~(unsigned)WARN_AMBIGUOUS_CURRENCY;
	if (to->currency_text[0] == '\0')
		memcpy(to->currency_text, from->currency_text, sizeof(to->currency_text));
}

/* What the first source did not say of its amount; the page is paid in one currency, whatever the amounts. */
static void
fill(const struct stated *s, struct offer *o)
{
	struct money *to = &o->money;

	if (amount_cmp(&to->amount, &s->money.amount) == 0 ||
	    (s->method != METHOD_HEURISTIC && !other_thing(o->title, s->title)))
		fill_currency(&s->money, to);
	if (amount_cmp(&to->amount, &s->money.amount) != 0)
		return;
	if (!to->has_list_price && s->money.has_list_price &&
	    amount_cmp(&s->money.list_price, &to->amount) > 0) {
		to->has_list_price = true;
		to->list_price = s->money.list_price;
	}
}

static void
compare(struct stated *s, struct offer *o)
{
	fill(s, o);
	if (agrees(&o->money, &s->money)) {
		trace_lost(s->entry, "later source: agrees with %s", method_text(o->method));
		return;
	}
	if (other_thing(o->title, s->title)) {
		trace_lost(s->entry, "later source, and of another thing: %s", s->title);
		return;
	}
	trace_lost(s->entry, "later source: differs from %s", method_text(o->method));
	o->warnings |= WARN_SOURCE_CONFLICT;
	if (!o->has_other) {
		o->has_other = true;
		o->other = s->money.amount;
		o->other_method = s->method;
	}
}

static void
explain_none(const struct extract *x, const struct stated *s, struct offer *o)
{
	if (o->method != METHOD_NONE || o->none == NONE_TOO_MANY_DIGITS || x->ruled)
		return;
	if (s->too_long)
		o->none = NONE_TOO_MANY_DIGITS;
	else if (s->limit)
		o->none = NONE_LIMIT;
	else if (s->listed && !s->product && o->none == NONE_NO_MATCH)
		o->none = NONE_AMBIGUOUS;
}

void
stated_take_sign(const struct extract *x, const char *sign, struct money *out)
{
	struct currency_mark mark;
	size_t len = sign != NULL ? strlen(sign) : 0;

	/* Without it the reader has asked the locale. */
	if (x->hints.currency != NULL || out->currency_text[0] != '\0' || currency_find(sign, len) != NULL ||
	    currency_mark_at(sign, len, &mark) == 0)
		return;
	snprintf(out->currency_text, sizeof(out->currency_text), "%.*s", (int)mark.len, mark.text);
	out->currency = currency_resolve(&mark, x->hints.page_currency, x->hints.locale);
	if (out->currency == NULL)
		out->warnings |= WARN_AMBIGUOUS_CURRENCY;
}

void
stated_settle_currency(const struct currency *page, struct money *money)
{
	if (page == NULL || !money->has_amount || !may_mean(money->currency_text, page))
		return;
	money->currency = page;
	money->warnings &= ~(unsigned)WARN_AMBIGUOUS_CURRENCY;
}

void
stated_merge(const struct extract *x, struct stated *s, struct offer *o)
{
	o->warnings |= s->warnings;
	if ((o->availability == AVAILABILITY_ABSENT || o->availability == AVAILABILITY_UNKNOWN) &&
	    s->availability != AVAILABILITY_ABSENT)
		o->availability = s->availability;
	if (!counts(x, s, o)) {
		if (s->money.has_amount)
			trace_lost(s->entry, "zero says that nothing is known");
		explain_none(x, s, o);
	} else if (x->ruled) {
		extract_rule_currency(x, &s->money, o);
		trace_lost(s->entry, "a rule decides");
	} else if (o->method == METHOD_NONE) {
		o->method = s->method;
		o->money = s->money;
		o->none = NONE_PRICE_FOUND;
		if (s->entry != NULL && s->entry->verdict != TRACE_WON)
			trace_won(s->entry, "%s", "");
	} else {
		compare(s, o);
	}
	offer_set_title(o, s->title, strlen(s->title));
}

void
stated_merge_seen(enum availability seen, struct offer *o)
{
	if (o->availability == AVAILABILITY_ABSENT || o->availability == AVAILABILITY_UNKNOWN) {
		if (seen != AVAILABILITY_ABSENT)
			o->availability = seen;
	} else if ((is_had(o->availability) && is_gone(seen)) || (is_gone(o->availability) && is_had(seen))) {
		o->warnings |= WARN_AVAILABILITY_CONFLICT;
	}
}
