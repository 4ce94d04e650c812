#include "price/extract_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/css.h"
#include "price/select.h"
#include "price/stated.h"
#include "price/trace.h"
#include "price/unescape.h"

struct rule {
	struct rule *next; /* tried if this one gives no amount */
	enum rule_kind kind;
	struct matcher *matcher; /* borrowed */
	struct regex *regex;
	struct xpath *xpath;
	struct css *css;
	char *text; /* as it was written */
};

/* What becomes of the pieces that one rule selects. */
struct reading {
	const struct extract *x;
	struct reader_hints hints;
	struct buf text;
	struct money money;
	enum reason_none none; /* NONE_PRICE_FOUND: there is an amount in `money` */
	struct trace_entry *entry;
};

static const char *
spec_text(const struct rule_spec *spec, enum rule_kind kind)
{
	switch (kind) {
	case RULE_REGEX:
		return spec->regex;
	case RULE_XPATH:
		return spec->xpath;
	case RULE_CSS:
		return spec->css;
	case RULE_POINTER:
		return spec->pointer;
	}
	return NULL;
}

static struct rule *
compile_one(struct matcher *m, enum rule_kind kind, const char *text, struct err *err)
{
	struct err why = ERR_INIT;
	unsigned line, column;
	struct rule *rule;
	size_t offset;

	if (rule_check(kind, text, strlen(text), &offset, &why) == -1) {
		rule_place(text, offset, &line, &column);
		err_set(err, why.code, "%s: line %u, column %u: %s", rule_kind_text(kind), line, column, why.msg);
		return NULL;
	}
	rule = xcalloc(1, sizeof(*rule));
	rule->kind = kind;
	rule->matcher = m;
	rule->text = xstrdup(text);
	switch (kind) {
	case RULE_REGEX:
		rule->regex = regex_compile(text);
		break;
	case RULE_XPATH:
		rule->xpath = xpath_compile(text);
		break;
	case RULE_CSS:
		rule->css = css_parse(text, strlen(text), &offset, err);
		break;
	case RULE_POINTER:
		break;
	}
	if (kind == RULE_XPATH && rule->xpath == NULL) {
		err_set(err, 0, "xpath: line 1, column 1: libxml2 does not take this");
		rule_free(rule);
		return NULL;
	}
	return rule;
}

struct rule *
rule_compile_spec(struct matcher *m, const struct rule_spec *spec, struct err *err)
{
	struct rule *first = NULL, *rule;
	const char *text;
	int kind;

	for (kind = 0; kind < RULE_KINDS; kind++) {
		text = spec_text(spec, (enum rule_kind)kind);
		if (text == NULL)
			continue;
		rule = compile_one(m, (enum rule_kind)kind, text, err);
		if (rule == NULL) {
			rule_free(first);
			return NULL;
		}
		first = rule_append(first, rule);
	}
	if (first == NULL)
		err_set(err, 0, "a rule that says nothing");
	return first;
}

struct rule *
rule_compile(struct matcher *m, const char *pattern, struct err *err)
{
	return rule_compile_spec(m, &(struct rule_spec){ .regex = pattern }, err);
}

struct rule *
rule_append(struct rule *first, struct rule *rule)
{
	struct rule *last = first;

	if (first == NULL)
		return rule;
	while (last->next != NULL)
		last = last->next;
	last->next = rule;
	return first;
}

void
rule_free(struct rule *rule)
{
	struct rule *next;

	for (; rule != NULL; rule = next) {
		next = rule->next;
		regex_free(rule->regex);
		xpath_free(rule->xpath);
		css_free(rule->css);
		free(rule->text);
		free(rule);
	}
}

enum rule_result
rule_match(struct rule *rule, const char *text, size_t len, struct rule_captures *out)
{
	return regex_match(rule->regex, rule->matcher, text, len, out);
}

/* What a pattern has selected, as the page means it: in a script there are escapes. `plain` holds it then. */
static void
decode_captures(struct rule_captures *captures, struct buf plain[GROUP_COUNT])
{
	int i;

	for (i = 0; i < GROUP_COUNT; i++) {
		plain[i] = (struct buf)BUF_INIT(0);
		/* What is longer than the reader's limit stays so. */
		if (captures->group[i].p != NULL && captures->group[i].len <= 4 * READER_TEXT_MAX &&
		    unescape_put(&plain[i], captures->group[i]))
			captures->group[i] = (struct slice){ plain[i].data, plain[i].len };
	}
}

static void
take_texts(const struct rule_captures *captures, struct buf *b, struct offer *o)
{
	buf_clear(b);
	if (markup_put_text(b, captures->group[GROUP_TITLE], READER_TEXT_MAX) && b->len > 0)
		offer_set_title(o, b->data, b->len);
	buf_clear(b);
	if (markup_put_text(b, captures->group[GROUP_AVAILABILITY], READER_TEXT_MAX) && b->len > 0)
		o->availability = availability_read(b->data, b->len);
}

static void
take_list_price(const struct extract *x, const struct rule_captures *captures, struct buf *b, struct money *money)
{
	struct money list;

	buf_clear(b);
	if (captures->group[GROUP_LIST_PRICE].p == NULL ||
	    !markup_put_text(b, captures->group[GROUP_LIST_PRICE], READER_TEXT_MAX) || b->len == 0)
		return;
	if (reader_read(b->data, b->len, &x->hints, &list) == READ_OK) {
		money->has_list_price = true;
		money->list_price = list.amount;
	}
}

/* The currency of its own group stands for the page's field. */
static void
read_currency(const struct rule_captures *captures, struct buf *b, struct reader_hints *hints, char code[4])
{
	struct currency_mark mark;
	const struct currency *c;

	buf_clear(b);
	if (captures->group[GROUP_CURRENCY].p == NULL || !markup_put_text(b, captures->group[GROUP_CURRENCY], 64) ||
	    b->len == 0)
		return;
	c = currency_find(b->data, b->len);
	if (c == NULL && currency_mark_at(b->data, b->len, &mark) == b->len)
		c = currency_resolve(&mark, hints->page_currency, hints->locale);
	if (c != NULL) {
		memcpy(code, c->code, 4);
		hints->page_currency = code;
	}
}

static enum reason_none
none_of_read(enum read_result result)
{
	switch (result) {
	case READ_OK:
		return NONE_PRICE_FOUND;
	case READ_NONE:
		return NONE_NO_MATCH;
	case READ_TOO_LONG:
		return NONE_TOO_MANY_DIGITS;
	case READ_LIMIT:
		return NONE_LIMIT;
	}
	return NONE_NO_MATCH;
}

/* P25: what the reader does not take for a number, JSON does: 4.2e1. */
static enum read_result
read_exponent(struct reading *r, const struct slice *text)
{
	char plain[AMOUNT_TEXT_SIZE];
	struct amount amount;
	enum read_result result;
	size_t n;

	switch (amount_parse(text->p, text->len, &amount)) {
	case AMOUNT_OK:
		break;
	case AMOUNT_TOO_LONG:
		return READ_TOO_LONG;
	case AMOUNT_MALFORMED:
		return READ_NONE;
	}
	amount_text(&amount, 0, plain);
	result = reader_read(plain, strlen(plain), &r->hints, &r->money);
	if (result == READ_OK) {
		n = text->len < READER_RAW_SIZE ? text->len : READER_RAW_SIZE - 1;
		memcpy(r->money.raw, text->p, n);
		r->money.raw[n] = '\0';
	}
	return result;
}

static enum read_result
read_selected(struct reading *r, const struct selected *s)
{
	buf_clear(&r->text);
	r->hints.machine = s->machine;
	if (s->rounded)
		return READ_TOO_LONG;
	if (s->number && (memchr(s->text.p, 'e', s->text.len) != NULL || memchr(s->text.p, 'E', s->text.len) != NULL))
		return read_exponent(r, &s->text);
	if (!s->markup)
		return reader_read(s->text.p, s->text.len, &r->hints, &r->money);
	/* P27: with tags in it, what is shown. */
	if (memchr(s->text.p, '<', s->text.len) != NULL ? !extract_price_text(r->x, s->text, &r->text)
							: !markup_put_text(&r->text, s->text, READER_TEXT_MAX))
		return READ_LIMIT;
	return reader_read(r->text.data != NULL ? r->text.data : "", r->text.len, &r->hints, &r->money);
}

/*
 * P31: a zero is a way to say that the price is not known, unless the target
 * has told otherwise; "free" is none.
 */
static bool
is_unknown_zero(const struct reading *r)
{
	return r->money.amount.coef == 0 && (r->money.flags & MONEY_FREE) == 0 && !r->x->page->allow_zero;
}

/* A selected_fn: the first piece with an amount is the price. */
static bool
read_piece(const struct selected *s, void *arg)
{
	struct reading *r = arg;
	const char *page_currency = r->hints.page_currency;
	enum reason_none none;

	if (s->currency != NULL)
		r->hints.page_currency = s->currency;
	none = none_of_read(read_selected(r, s));
	r->hints.page_currency = page_currency;
	if (none == NONE_PRICE_FOUND && is_unknown_zero(r))
		none = NONE_NO_MATCH;
	/* Of several reasons the first that says more than that nothing was there. */
	if (none == NONE_PRICE_FOUND || r->none == NONE_NO_MATCH)
		r->none = none;
	return none == NONE_PRICE_FOUND;
}

static enum rule_result
read_regex(struct reading *r, struct rule *rule, struct offer *o)
{
	struct rule_captures captures;
	struct buf plain[GROUP_COUNT];
	enum rule_result matched = rule_match(rule, r->x->text, r->x->len, &captures);
	char code[4];
	int i;

	if (matched != RULE_MATCH)
		return matched;
	decode_captures(&captures, plain);
	buf_clear(&r->text);
	take_texts(&captures, &r->text, o);
	read_currency(&captures, &r->text, &r->hints, code);
	/* A group that took no part in the match selects nothing. */
	if (captures.group[GROUP_PRICE].p != NULL &&
	    read_piece(&(struct selected){ .text = captures.group[GROUP_PRICE], .markup = true }, r))
		take_list_price(r->x, &captures, &r->text, &r->money);
	r->hints.page_currency = r->x->hints.page_currency;
	for (i = 0; i < GROUP_COUNT; i++)
		buf_release(&plain[i]);
	return RULE_MATCH;
}

static void
trace_rule(const struct reading *r, const struct rule *rule, struct trace_entry *e, enum rule_result matched)
{
	if (e == NULL)
		return;
	trace_place(e, "%s %s", rule_kind_text(rule->kind), rule->text);
	if (matched == RULE_NO_MATCH)
		trace_lost(e, "selects nothing");
	else if (matched == RULE_LIMIT)
		trace_lost(e, "limit");
	else if (r->none == NONE_PRICE_FOUND)
		trace_won(e, "%s", "");
	else
		trace_lost(e, "%s", reason_none_text(r->none));
	if (r->none == NONE_PRICE_FOUND)
		trace_money(e, &r->money);
}

static void
read_rule(struct reading *r, struct rule *rule, struct offer *o)
{
	enum rule_result matched = RULE_NO_MATCH;
	struct trace_entry *e = NULL;
	const char *raw;

	r->none = NONE_NO_MATCH;
	memset(&r->money, 0, sizeof(r->money));
	switch (rule->kind) {
	case RULE_REGEX:
		matched = read_regex(r, rule, o);
		break;
	case RULE_XPATH:
		matched = xpath_select(rule->xpath, r->x, read_piece, r);
		break;
	case RULE_CSS:
		matched = css_select(rule->css, r->x, read_piece, r);
		break;
	case RULE_POINTER:
		matched = pointer_select(rule->text, r->x, read_piece, r, &o->warnings);
		break;
	}
	if (matched == RULE_LIMIT)
		r->none = NONE_LIMIT;
	if (r->x->page->trace != NULL) {
		raw = r->none == NONE_PRICE_FOUND ? r->money.raw : "";
		e = trace_add(r->x->page->trace, METHOD_RULE, raw, strlen(raw));
	}
	trace_rule(r, rule, e, matched);
}

bool
rule_is_quick(const struct rule *rule)
{
	return rule->kind == RULE_REGEX;
}

bool
extract_rule(const struct extract *x, struct rule *rule, struct offer *o)
{
	struct reading r = { .x = x, .hints = x->hints, .text = BUF_INIT(0) };

	o->none = NONE_NO_MATCH;
	for (; rule != NULL; rule = rule->next) {
		read_rule(&r, rule, o);
		if (r.none == NONE_PRICE_FOUND || o->none == NONE_NO_MATCH) {
			o->none = r.none;
			o->rule = r.none == NONE_NO_MATCH ? NULL : rule_kind_text(rule->kind);
		}
		if (r.none == NONE_PRICE_FOUND)
			break;
	}
	if (rule != NULL) {
		o->money = r.money;
		o->method = METHOD_RULE;
	}
	buf_release(&r.text);
	return rule != NULL;
}

static bool
count_piece(const struct selected *s, void *arg)
{
	size_t *n = arg;

	(void)s;
	++*n;
	return false;
}

size_t
rule_count(struct rule *rule, const struct extract *x)
{
	struct rule_captures captures;
	unsigned warnings = 0;
	size_t n = 0;

	switch (rule->kind) {
	case RULE_REGEX:
		return rule_match(rule, x->text, x->len, &captures) == RULE_MATCH;
	case RULE_XPATH:
		xpath_select(rule->xpath, x, count_piece, &n);
		break;
	case RULE_CSS:
		css_select(rule->css, x, count_piece, &n);
		break;
	case RULE_POINTER:
		pointer_select(rule->text, x, count_piece, &n, &warnings);
		break;
	}
	return n;
}

void
extract_rule_currency(const struct extract *x, const struct money *stated, struct offer *o)
{
	struct money *m = &o->money;
	size_t len = strlen(m->currency_text);
	struct currency_mark mark;

	if (o->method != METHOD_RULE || stated->currency == NULL || x->page->currency != NULL)
		return;
	if (m->currency != NULL) {
		if (len > 0 && m->currency != stated->currency)
			o->warnings |= WARN_CURRENCY_CONFLICT;
		return;
	}
	if (len == 0)
		m->currency = stated->currency;
	else if (currency_mark_at(m->currency_text, len, &mark) == len)
		m->currency = currency_resolve(&mark, stated->currency->code, NULL);
	if (m->currency != NULL)
		m->warnings &= ~(unsigned)WARN_AMBIGUOUS_CURRENCY;
}
