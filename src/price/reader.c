#include "price/reader.h"

#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "price/candidate.h"
#include "price/entity.h"
#include "price/fold.h"
#include "price/letter.h"

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

/* A piece of the folded text as it was found (P5, P17). */
static void
copy_found(const struct candidates *c, char *out, size_t size, size_t start, size_t end)
{
	char tidy[READER_TEXT_MAX + 1];
	size_t from = c->origin[start], len;

	/* A blank in front of the next character is not its. */
	len = tidy_text(c->source + from, (size_t)(c->origin[end] - from), tidy);
	copy_text(out, size, tidy, len);
}

static const struct currency *
find_named(const char *code)
{
	struct currency_mark mark;
	const struct currency *c;

	if (code == NULL || *code == '\0')
		return NULL;
	c = currency_find(code, strlen(code));
	/* A page's field may hold a sign. */
	if (c == NULL && currency_mark_at(code, strlen(code), &mark) == strlen(code))
		c = currency_resolve(&mark, NULL, NULL);
	return c;
}

/* P17: told; beside the amount; the page's field; elsewhere in the text; the place; none. */
static void
settle_currency(const struct candidates *c, const struct currency_mark *mark, const struct currency_mark *elsewhere,
    struct money *out)
{
	const struct reader_hints *hints = c->hints;
	const struct currency *told = find_named(hints->currency), *page = find_named(hints->page_currency), *found;

	if (mark->len == 0 && page == NULL && elsewhere != NULL)
		mark = elsewhere;
	if (mark->len > 0) {
		copy_found(c, out->currency_text, sizeof(out->currency_text), (size_t)(mark->text - c->text),
		    (size_t)(mark->text - c->text) + mark->len);
		found = currency_resolve(mark, page != NULL ? page->code : NULL, hints->locale);
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

/* One of those that may stand around a whole text: its bytes, or 0. */
static size_t
punctuation_at(const char *text, size_t len)
{
	static const char *const marks[] = { "\xc2\xa1", "\xc2\xab", "\xc2\xbb", "\xe2\x80\x9c", "\xe2\x80\x9d",
		"\xe2\x80\x9e", "\xe3\x80\x8c", "\xe3\x80\x8d", "\xe3\x80\x90", "\xe3\x80\x91", "\xe3\x80\x82" };
	size_t i, n;

	if (len > 0 && strchr(" .!*:\"'()[]-", text[0]) != NULL)
		return 1;
	for (i = 0; i < ARRAY_LEN(marks); i++) {
		n = strlen(marks[i]);
		if (n <= len && memcmp(text, marks[i], n) == 0)
			return n;
	}
	return 0;
}

/* P31: the whole text, but for punctuation. */
static bool
is_free(const char *text, size_t len)
{
	size_t used, start = 0, n;

	while ((n = punctuation_at(text + start, len - start)) > 0)
		start += n;
	if ((words_at(text + start, len - start, &used) & WORD_FREE) == 0)
		return false;
	for (start += used; (n = punctuation_at(text + start, len - start)) > 0; start += n)
		;
	return start == len;
}

static enum amount_result
value_of(const struct candidates *c, const struct candidate *a, const struct currency *currency, struct amount *out,
    bool *ambiguous)
{
	const struct candidate *pair = a->to_next ? a + 1 : a->from_previous ? a - 1 : a;
	const struct reader_hints *hints = c->hints;
	struct number_rules rules = { .decimal = hints->decimal,
		.group = hints->group,
		.machine = hints->machine && a->start == 0 && a->end == c->len,
		.exponent = currency != NULL ? currency->exponent : 2,
		.locale_group = locale_grouping(hints->locale),
		.whole = a->dash || a->n_cents > 0 };
	const struct currency_mark *mark = a->mark.len > 0 ? &a->mark : &pair->mark;
	enum amount_result result;
	struct number number;
	unsigned cents = 0, i;

	number_scan(c->text + a->start, (size_t)(a->end - a->start), &number);
	result = number_value(&number, &rules, out, ambiguous);
	if (a->n_cents > 0 && result == AMOUNT_OK) {
		for (i = 0; i < a->n_cents; i++)
			cents = cents * 10 + (unsigned)(c->text[a->cents + i] - '0');
		result = amount_add_cents(out, cents);
	}
	if (result == AMOUNT_OK && mark->len > 0 && mark->minor)
		result = amount_shift(out, -2);
	if (result == AMOUNT_OK && (a->magnitude || (pair->magnitude && a->mark.len == 0)))
		result = amount_shift(out, a->magnitude ? a->zeros : pair->zeros);
	if (result == AMOUNT_OK && a->negative)
		out->coef = -out->coef;
	return result;
}

static bool
is_price(const struct candidate *a, const struct reader_hints *hints)
{
	return !a->rejected && !a->struck && !a->from_previous && (!a->negative || hints->allow_negative);
}

/*
 * P15.1, P15.4, P15.5: how good a candidate is; the first of the best is taken. A lone number without anything that
 * prices have gives way to one that counts a part: "2 sorts, 2.50 €/kg".
 */
static int
rank_of(const struct candidates *c, size_t i, bool has_part)
{
	const struct candidate *a = &c->list[i];
	bool marked = a->mark.len > 0 || (a->to_next && a[1].mark.len > 0);
	bool strong = marked && (a->mark.len == 0 || !a->mark.weak);

	if (a->per_unit)
		return marked ? 3 + a->now : 1;
	if (a->aside) /* 32,00 €/Stk. zzgl. Versand (4,90 €) */
		return !marked ? 1 : has_part ? 2 : 6;
	if (a->now)
		return 10 + strong;
	if (marked)
		return strong ? 9 : 8;
	return a->to_next || candidate_has_cents(c, i) ? 7 : has_part ? 2 : 5;
}
#define RANK_BEST 11

/* Is there a marked amount of a part: per kilogram, per month? */
static bool
has_part(const struct candidates *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->list[i].per_unit && c->list[i].mark.len > 0 && is_price(&c->list[i], c->hints))
			return true;
	}
	return false;
}

/* P19: EURO-Stecker, Alt-EUR: a part of a longer word. */
static bool
is_in_compound(const struct candidates *c, size_t start, size_t end)
{
	return letter_at(c->text, c->len, start) &&
	       ((end < c->len && c->text[end] == '-' && letter_at(c->text, c->len, end + 1)) ||
		   (start > 0 && c->text[start - 1] == '-' && letter_before(c->text, start - 1)));
}

/* A mark that stands by itself: "Price in EUR: 24.99". The nearest to `at` into *mark, how far into *best. */
static void
find_alone(const struct candidates *c, size_t at, struct currency_mark *mark, size_t *best)
{
	struct currency_mark found;
	size_t i = 0, used, away;

	while (i < c->len) {
		uint32_t cp = utf8_get(c->text + i, c->len - i, &used);

		if (cp == '$' || (letter_is(cp) && (letter_is_unspaced(cp) || !letter_before(c->text, i))) ||
		    (cp >= 0x80 && !letter_is(cp))) {
			if (currency_mark_alone(c->text + i, c->len - i, &found) > 0 &&
			    !is_in_compound(c, i, i + found.len)) {
				away = i > at ? i - at : at - i;
				if (away < *best) {
					*best = away;
					*mark = found;
				}
				used = found.len;
			}
		}
		i += used;
	}
}

/* P17's "elsewhere": a mark at another number, or by itself. */
static bool
find_elsewhere(const struct candidates *c, const struct candidate *a, struct currency_mark *mark)
{
	size_t i, best = SIZE_MAX, away;

	for (i = 0; i < c->n; i++) {
		const struct candidate *b = &c->list[i];

		if (b->mark.len == 0 || b->mark.weak || b->mark.minor)
			continue;
		away = b->start > a->start ? (size_t)(b->start - a->start) : (size_t)(a->start - b->start);
		if (away < best) {
			best = away;
			*mark = b->mark;
		}
	}
	if (best == SIZE_MAX)
		find_alone(c, a->start, mark, &best);
	return best != SIZE_MAX;
}

/* The low end is the price, the high end price_max (P15.2). */
static void
settle_range(const struct candidates *c, const struct candidate *low, struct money *out)
{
	struct amount max;
	bool ambiguous;

	if (value_of(c, low + 1, out->currency, &max, &ambiguous) != AMOUNT_OK)
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
settle_list_price(const struct candidates *c, struct money *out)
{
	struct amount list;
	bool ambiguous;
	size_t i;

	for (i = 0; i < c->n && !out->has_list_price; i++) {
		const struct candidate *a = &c->list[i];

		if (!a->struck || a->rejected || a->negative || a->per_unit)
			continue;
		if (!out->has_amount) /* it stands alone */
			settle_currency(c, &a->mark, NULL, out);
		if (value_of(c, a, out->currency, &list, &ambiguous) == AMOUNT_OK) {
			out->has_list_price = true;
			out->list_price = list;
		} else if (!out->has_amount) {
			*out = (struct money){ .warnings = 0 };
		}
	}
}

/* Try one candidate; on success *out is filled. */
static enum amount_result
settle(const struct candidates *c, const struct candidate *a, struct money *out)
{
	const struct candidate *marked = a->mark.len == 0 && a->to_next ? a + 1 : a;
	struct currency_mark elsewhere;
	enum amount_result result;
	bool ambiguous, has_elsewhere;

	/* What is no number in any currency needs no search for one. */
	result = value_of(c, a, NULL, &out->amount, &ambiguous);
	if (result != AMOUNT_OK && marked->mark.len == 0)
		return result;
	has_elsewhere = marked->mark.len == 0 && find_elsewhere(c, a, &elsewhere);
	settle_currency(c, &marked->mark, has_elsewhere ? &elsewhere : NULL, out);
	result = value_of(c, a, out->currency, &out->amount, &ambiguous);
	if (result != AMOUNT_OK)
		return result;
	out->has_amount = true;
	out->per_unit = a->per_unit;
	if (ambiguous)
		out->warnings |= WARN_AMBIGUOUS_3;
	if (a->from || a->from_behind)
		out->flags |= MONEY_FROM;
	if (a->to_next)
		settle_range(c, a, out);
	settle_list_price(c, out);
	if (c->len < READER_RAW_SIZE)
		copy_found(c, out->raw, sizeof(out->raw), 0, c->len);
	else
		copy_found(c, out->raw, sizeof(out->raw), a->outer_start, a->outer_end);
	return AMOUNT_OK;
}

/* From the best to the worst until one has a value. */
static enum read_result
choose(const struct candidates *c, struct money *out)
{
	bool part = has_part(c);
	enum read_result none = READ_NONE;
	int rank;
	size_t i;

	for (rank = RANK_BEST; rank > 0; rank--) {
		for (i = 0; i < c->n; i++) {
			if (!is_price(&c->list[i], c->hints) || rank_of(c, i, part) != rank)
				continue;
			*out = (struct money){ .warnings = 0 };
			switch (settle(c, &c->list[i], out)) {
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
	settle_list_price(c, out);
	copy_found(c, out->raw, sizeof(out->raw), 0, c->len);
	return none;
}

/* What is an amount by itself: "free" (P31), and a machine's number with an exponent (P25). READ_NONE: it is neither. */
static enum read_result
read_alone(const struct candidates *c, struct money *out)
{
	enum amount_result number = c->hints->machine && strpbrk(c->text, "eE") != NULL
					? amount_parse(c->text, c->len, &out->amount)
					: AMOUNT_MALFORMED;

	if (number == AMOUNT_TOO_LONG)
		return READ_TOO_LONG;
	if (number == AMOUNT_OK && out->amount.coef < 0 && !c->hints->allow_negative)
		number = AMOUNT_MALFORMED;
	if (number != AMOUNT_OK && !is_free(c->text, c->len))
		return READ_NONE;
	if (number != AMOUNT_OK)
		out->amount = (struct amount){ 0, 0 };
	settle_currency(c, &(struct currency_mark){ .text = c->text }, NULL, out);
	copy_found(c, out->raw, sizeof(out->raw), 0, c->len);
	out->has_amount = true;
	out->flags = number == AMOUNT_OK ? 0 : MONEY_FREE;
	return READ_OK;
}

/* (Not an initializer: that would clear the list of candidates.) */
static void
begin(struct candidates *c, const char *folded, size_t len, const struct reader_hints *hints)
{
	c->text = folded;
	c->len = len;
	c->hints = hints;
	c->n_words = c->n = 0;
}

enum read_result
reader_read(const char *text, size_t len, const struct reader_hints *hints, struct money *out)
{
	uint16_t origin[READER_TEXT_MAX + 1];
	char folded[READER_TEXT_MAX + 1];
	enum read_result alone;
	struct candidates c; /* large, and filled only as far as there is text */

	*out = (struct money){ .warnings = 0 };
	if (len > READER_TEXT_MAX)
		return READ_LIMIT;
	begin(&c, folded, fold_text(text, len, folded, origin), hints);
	c.source = text;
	c.origin = origin;
	alone = read_alone(&c, out);
	if (alone != READ_NONE)
		return alone;
	candidates_find(&c);
	return choose(&c, out);
}
