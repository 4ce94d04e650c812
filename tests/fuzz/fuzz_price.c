/*
 * A page to the extractor. The first byte says how: as which Content-Type, by
 * which kind of rule. A rule is the first line behind it. What must always hold:
 * a price has a method, and no price a reason; by a rule nothing else gives one
 * (P20); who looks on (trace) changes nothing; the printed amount read back is
 * the amount.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/extract.h"
#include "price/extract_rule.h"
#include "price/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum kind { KIND_NONE, KIND_REGEX, KIND_POINTER, KIND_CSS, KIND_XPATH };
#define KIND_COUNT 5

static const char *const types[] = { NULL, "text/html; charset=iso-8859-1", "text/html; charset=shift_jis",
	"text/html; charset=utf-16le" };

static void
check_money(const struct money *m)
{
	char text[AMOUNT_TEXT_SIZE];
	struct amount again;

	if (!m->has_amount)
		return;
	amount_text(&m->amount, m->currency != NULL ? m->currency->exponent : 0, text);
	if (amount_parse(text, strlen(text), &again) == AMOUNT_OK && amount_cmp(&again, &m->amount) != 0)
		abort();
	if (strlen(m->raw) >= READER_RAW_SIZE)
		abort();
}

static void
check_offer(const struct offer *o, bool by_rule)
{
	if (o->method != METHOD_NONE && !o->money.has_amount)
		abort();
	if ((o->method == METHOD_NONE) != (o->none != NONE_PRICE_FOUND))
		abort();
	if (by_rule && o->method != METHOD_NONE && o->method != METHOD_RULE)
		abort();
	if (strnlen(o->title, sizeof(o->title)) == sizeof(o->title))
		abort();
	check_money(&o->money);
}

/* What two looks at the same page have to agree in. */
static void
check_same(const struct offer *a, const struct offer *b)
{
	if (a->method != b->method || a->none != b->none || a->availability != b->availability ||
	    a->warnings != b->warnings || a->money.currency != b->money.currency || strcmp(a->title, b->title) != 0)
		abort();
	if (a->money.has_amount &&
	    (a->money.amount.coef != b->money.amount.coef || a->money.amount.scale != b->money.amount.scale))
		abort();
}

static struct rule *
compile(struct matcher *matcher, enum kind kind, const char *line)
{
	struct rule_spec spec = { .regex = NULL };

	switch (kind) {
	case KIND_NONE:
		return NULL;
	case KIND_REGEX:
		spec.regex = line;
		break;
	case KIND_POINTER:
		spec.pointer = line;
		break;
	case KIND_CSS:
		spec.css = line;
		break;
	case KIND_XPATH:
		spec.xpath = line;
		break;
	}
	return rule_compile_spec(matcher, &spec, NULL);
}

static void
fuzz_page(const char *body, size_t len, const char *type, struct rule *rule)
{
	struct page page = { .body = body, .len = len, .content_type = type, .url = "http://shop.example/de-ch/p",
		.today = "2026-11-22" };
	struct offer offer, watched;

	extract_page(&page, rule, &offer);
	check_offer(&offer, rule != NULL);
	page.trace = trace_new();
	extract_page(&page, rule, &watched);
	check_same(&offer, &watched);
	trace_free(page.trace);
	rule_free(rule);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct matcher *matcher; /* kept, as a scraper does; it is reachable, so no leak */
	const char *body = (const char *)data + 1, *end;
	struct rule *rule;
	size_t len;
	char *line;

	if (size == 0)
		return 0;
	len = size - 1;
	if (matcher == NULL)
		matcher = matcher_new();
	if (data[0] & 1) {
		rule = rule_compile(matcher, "price\\W*(?<price>[^<]{1,40})", NULL);
	} else if ((data[0] >> 3 & 7) != KIND_NONE && (data[0] >> 3 & 7) < KIND_COUNT) {
		end = memchr(body, '\n', len);
		line = xstrndup(body, end != NULL ? (size_t)(end - body) : len);
		rule = compile(matcher, (enum kind)(data[0] >> 3 & 7), line);
		free(line);
		len -= end != NULL ? (size_t)(end + 1 - body) : len;
		body = end != NULL ? end + 1 : body;
		if (rule == NULL)
			return 0;
	} else {
		rule = NULL;
	}
	fuzz_page(body, len, types[data[0] >> 1 & 3], rule);
	return 0;
}
