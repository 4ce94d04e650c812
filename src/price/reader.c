#include "price/reader.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "price/candidate.h"
#include "price/fold.h"

const char *
warning_text(unsigned bit)
{
	static const char *const names[WARN_COUNT] = { "ambiguous-3", "ambiguous-currency", "currency-conflict",
		"historic-currency", "source-conflict", "unknown-charset", "bad-json", "availability-conflict" };
	unsigned i;

	for (i = 0; i < WARN_COUNT; i++) {
		if (bit == 1u << i)
			return names[i];
	}
	return "unknown";
}

/* Copy at most size - 1 bytes, whole characters only, without the marks of struck text. */
static void
copy_text(char *out, size_t size, const char *text, size_t len)
{
	size_t i, n = 0;

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	for (i = 0; i < len; i++) {
		if (text[i] != READER_STRUCK && text[i] != READER_UNSTRUCK)
			out[n++] = text[i];
	}
	out[n] = '\0';
}

/* P17: told; beside the amount; the page's field; elsewhere in the text; the place; none. */
static void
settle_currency(const struct currency_mark *mark, const struct currency_mark *elsewhere,
    const struct reader_hints *hints, struct money *out)
{
	const struct currency *told = NULL, *page = NULL, *found = NULL;

	if (hints->currency != NULL)
		told = currency_find(hints->currency, strlen(hints->currency));
	if (hints->page_currency != NULL)
		page = currency_find(hints->page_currency, strlen(hints->page_currency));
	if (mark->len == 0 && page == NULL && elsewhere != NULL)
		mark = elsewhere;
	if (mark->len > 0) {
		copy_text(out->currency_text, sizeof(out->currency_text), mark->text, mark->len);
		found = currency_resolve(mark, hints->page_currency, hints->locale);
		if (told != NULL ? !currency_list_has(mark->codes, told->code)
				 : found != NULL && page != NULL && found != page)
			out->warnings |= WARN_CURRENCY_CONFLICT;
		if (told == NULL && found == NULL)
			out->warnings |= WARN_AMBIGUOUS_CURRENCY;
	} else {
		found = page != NULL ? page : currency_of_locale(hints->locale);
	}
	out->currency = told != NULL ? told : found;
	if (out->currency != NULL && out->currency->historic)
		out->warnings |= WARN_HISTORIC_CURRENCY;
}

static bool
is_free_word(const char *text)
{
	static const char *const words[] = { "free", "gratis", "kostenlos", "gratuit" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

static enum amount_result
candidate_value(const struct candidate *c, const struct reader_hints *hints, const struct currency *currency,
    bool whole_text, struct amount *out, bool *ambiguous)
{
	struct number_rules rules = { hints->decimal, hints->group, hints->machine && whole_text,
		currency != NULL ? currency->exponent : 2, locale_grouping(hints->locale) };
	enum amount_result result;

	if (c->cents != NULL) {
		*ambiguous = false;
		result = amount_from_digits(
		    false, c->number.groups[0].digits, c->number.groups[0].len, c->cents, 2, out);
	} else {
		result = number_value(&c->number, &rules, out, ambiguous);
	}
	if (result == AMOUNT_OK && c->mark.minor)
		result = amount_hundredth(out);
	if (result == AMOUNT_OK && c->negative)
		out->coef = -out->coef;
	return result;
}

/* P15.4, P15.5: how good a candidate is; the first of the best is taken. */
static int
candidate_rank(const struct candidate *c)
{
	return (c->per_unit ? 0 : 4) + (c->now ? 2 : 0) + (c->mark.len > 0 || c->to_next ? 1 : 0);
}

static bool
candidate_is_price(const struct candidate *c, const struct reader_hints *hints)
{
	return !c->rejected && !c->struck && (!c->negative || hints->allow_negative);
}

/* The work of reader_read() on one candidate: its value under its currency. */
struct reading {
	const char *text;
	size_t len;
	const struct reader_hints *hints;
	struct candidate candidates[CANDIDATES_MAX];
	size_t n;
};

static enum amount_result
reading_value(const struct reading *r, const struct candidate *c, const struct currency *currency, struct amount *out,
    bool *ambiguous)
{
	bool whole = c->start == 0 && c->end == r->len;

	return candidate_value(c, r->hints, currency, whole, out, ambiguous);
}

/* A mark that touches any number of the text, for P17's "elsewhere". */
static const struct currency_mark *
reading_any_mark(const struct reading *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->candidates[i].mark.len > 0)
			return &r->candidates[i].mark;
	}
	return NULL;
}

/* The low end is the price, the high end price_max (P15.2). */
static void
settle_range(const struct reading *r, const struct candidate *low, struct money *out)
{
	struct amount max;
	bool ambiguous;

	if (reading_value(r, low + 1, out->currency, &max, &ambiguous) != AMOUNT_OK)
		return;
	out->flags |= MONEY_RANGE;
	out->has_max = true;
	out->max = max;
	if (amount_cmp(&out->amount, &max) > 0) {
		out->max = out->amount;
		out->amount = max;
	}
}

static void
settle_list_price(const struct reading *r, struct money *out)
{
	struct amount list;
	bool ambiguous;
	size_t i;

	for (i = 0; i < r->n && !out->has_list_price; i++) {
		const struct candidate *c = &r->candidates[i];

		if (c->struck && !c->rejected && !c->negative &&
		    reading_value(r, c, out->currency, &list, &ambiguous) == AMOUNT_OK) {
			out->has_list_price = true;
			out->list_price = list;
		}
	}
}

/* Try one candidate; on success *out is filled. */
static enum amount_result
settle(const struct reading *r, const struct candidate *c, struct money *out)
{
	const struct candidate *marked = c->mark.len == 0 && c->to_next ? c + 1 : c;
	enum amount_result result;
	bool ambiguous;

	settle_currency(&marked->mark, reading_any_mark(r), r->hints, out);
	result = reading_value(r, c, out->currency, &out->amount, &ambiguous);
	if (result != AMOUNT_OK)
		return result;
	out->has_amount = true;
	if (ambiguous)
		out->warnings |= WARN_AMBIGUOUS_3;
	if (c->from)
		out->flags |= MONEY_FROM;
	if (c->to_next)
		settle_range(r, c, out);
	settle_list_price(r, out);
	if (r->len < READER_RAW_SIZE)
		copy_text(out->raw, sizeof(out->raw), r->text, r->len);
	else
		copy_text(out->raw, sizeof(out->raw), r->text + c->outer_start, c->outer_end - c->outer_start);
	return AMOUNT_OK;
}

/* From the best to the worst until one has a value. */
static enum read_result
reading_choose(struct reading *r, struct money *out)
{
	enum read_result none = READ_NONE;
	int rank;
	size_t i;

	for (rank = 7; rank >= 0; rank--) {
		for (i = 0; i < r->n; i++) {
			const struct candidate *c = &r->candidates[i];

			if (!candidate_is_price(c, r->hints) || candidate_rank(c) != rank)
				continue;
			*out = (struct money){ .warnings = 0 };
			switch (settle(r, c, out)) {
			case AMOUNT_OK:
				return READ_OK;
			case AMOUNT_TOO_LONG:
				none = READ_TOO_LONG;
				break;
			case AMOUNT_MALFORMED:
				break;
			}
		}
	}
	*out = (struct money){ .warnings = 0 };
	settle_list_price(r, out);
	copy_text(out->raw, sizeof(out->raw), r->text, r->len);
	return none;
}

enum read_result
reader_read(const char *text, size_t len, const struct reader_hints *hints, struct money *out)
{
	char folded[READER_TEXT_MAX + 1];
	struct reading r;

	*out = (struct money){ .warnings = 0 };
	if (len > READER_TEXT_MAX)
		return READ_LIMIT;
	r.len = fold_text(text, len, folded);
	r.text = folded;
	r.hints = hints;
	if (is_free_word(folded)) {
		settle_currency(&(struct currency_mark){ "", 0, NULL, false, false }, NULL, hints, out);
		copy_text(out->raw, sizeof(out->raw), folded, r.len);
		out->has_amount = true;
		out->amount = (struct amount){ 0, 0 };
		out->flags = MONEY_FREE;
		return READ_OK;
	}
	r.n = candidates_find(folded, r.len, r.candidates);
	return reading_choose(&r, out);
}
