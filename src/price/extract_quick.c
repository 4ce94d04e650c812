#include "price/extract_quick.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "price/decode.h"
#include "price/extract_rule.h"
#include "price/skim.h"

#define VALUE_BEHIND 64 /* where a page that says availability says which */

/* What a reader would ask the rest of the page about. */
#define OPEN_WARNINGS (WARN_AMBIGUOUS_3 | WARN_AMBIGUOUS_CURRENCY)

static bool
is_valid(const char *text)
{
	size_t len = strlen(text), i, n;

	for (i = 0; i < len; i += n) {
		n = json_utf8_length(text + i, len - i);
		if (n == 0)
			return false;
	}
	return true;
}

/* Does it say in stock (InStock, in_stock, "in stock") right behind? */
static bool
says_in_stock(const char *p, size_t len)
{
	size_t i, n = len < VALUE_BEHIND ? len : VALUE_BEHIND;

	for (i = 0; i + 7 <= n; i++) {
		if ((p[i] | 0x20) == 'i' && (p[i + 1] | 0x20) == 'n') {
			size_t gap = p[i + 2] == '_' || p[i + 2] == ' ' || p[i + 2] == '-';

			if (i + 7 + gap <= n && strncasecmp(p + i + 2 + gap, "stock", 5) == 0)
				return true;
		}
	}
	return false;
}

/*
 * True if all that the page says of its availability is that it is there, or nothing, and no byte of it is NUL (P33:
 * those go before anything is matched).
 */
static bool
read_stock(const char *text, size_t len, enum availability *out)
{
	bool nul = false;
	size_t at = 0;

	while ((at = skim_stock(text, len, at, &nul)) > 0) {
		if (!says_in_stock(text + at, len - at))
			return false;
		*out = AVAILABILITY_IN_STOCK;
	}
	return !nul;
}

/* Told what the page would be read for, and asked for no more than the price. */
static bool
is_simple(const struct page *page)
{
	return page->named && page->currency != NULL && page->sources == 0 && page->trace == NULL &&
	       page->len <= RULE_SUBJECT_MAX;
}

static bool
is_plain(const struct offer *o)
{
	return (o->money.warnings & OPEN_WARNINGS) == 0 && is_valid(o->money.raw) && is_valid(o->money.currency_text) &&
	       is_valid(o->title);
}

bool
extract_quick(const struct page *page, struct rule *rule, struct offer *out)
{
	struct decode_hints told = { page->charset, page->content_type, false };
	struct extract x = { .page = page, .ruled = true };
	size_t skip = 0;

	if (!is_simple(page) || !rule_is_quick(rule) || !decode_is_told(page->body, page->len, &told, &skip))
		return false;
	x.text = page->body + skip;
	x.len = page->len - skip;
	x.hints = extract_hints(page);
	if (extract_rule(&x, rule, out) && is_plain(out) &&
	    (out->availability != AVAILABILITY_ABSENT ? memchr(x.text, '\0', x.len) == NULL :
							read_stock(x.text, x.len, &out->availability))) {
		out->warnings |= out->money.warnings;
		return true;
	}
	memset(out, 0, sizeof(*out));
	out->none = NONE_NO_MATCH;
	return false;
}
