/*
 * Which currency mark is of which number (P10, P11, P13, P17).
 */
#include <string.h>

#include "price/candidate.h"
#include "price/letter.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Where the text of number i begins that is of nobody before it. */
static size_t
gap_start(const struct candidates *c, size_t i)
{
	return i > 0 ? c->list[i - 1].outer_end : 0;
}

static size_t
gap_end(const struct candidates *c, size_t i)
{
	return i + 1 < c->n ? c->list[i + 1].start : c->len;
}

/* P18: does the page or the place make of the letter a currency, also where it could be something else? */
static bool
is_resolved(const struct candidates *c, const struct currency_mark *mark)
{
	const struct currency *place = currency_of_locale(c->hints->locale);

	return (c->hints->page_currency != NULL && currency_list_has(mark->codes, c->hints->page_currency)) ||
	       (c->hints->currency != NULL && currency_list_has(mark->codes, c->hints->currency)) ||
	       (place != NULL && currency_list_has(mark->codes, place->code));
}

/* P19: TOP 15.00 EUR. A code that is a word as well gives way to another mark. */
static bool
is_product_word(const struct currency_mark *mark)
{
	struct currency_mark alone;

	return mark->is_code && currency_mark_alone(mark->text, mark->len, &alone) == 0;
}

/* The mark behind number i, at its place; its length is 0 if there is none. */
static size_t
find_after(const struct candidates *c, size_t i, size_t at, struct currency_mark *mark)
{
	size_t end = gap_end(c, i), blank = candidates_skip_blank(c, at);

	*mark = (struct currency_mark){ .text = c->text };
	if (blank < end && c->text[blank] == '*')
		blank = candidates_skip_blank(c, blank + 1);
	/* The end of the mark may be known only behind the next number's start: "р.5", so all of the text is given. */
	if (blank >= end || currency_mark_at(c->text + blank, c->len - blank, mark) == 0 || blank + mark->len > end) {
		mark->len = 0;
		return blank;
	}
	if (mark->weak && !is_resolved(c, mark))
		mark->len = 0;
	mark->weak = false;
	/* 12 p.m. */
	if (mark->minor && mark->len == 1 && blank + 1 < c->len && c->text[blank + 1] == '.' &&
	    letter_at(c->text, c->len, blank + 2))
		mark->len = 0;
	return blank;
}

/* Past what may stand between a number and its mark: a dash for the cents, a magnitude, a footnote's star. */
static size_t
end_of_number(struct candidates *c, size_t i)
{
	struct candidate *a = &c->list[i];
	size_t at = a->end, n, blank;
	struct currency_mark mark;
	unsigned zeros;

	n = number_cents_dash(c->text + at, c->len - at);
	/* CHF 12.50.-: the cents are there. */
	a->dash = n > 0 && !candidate_has_cents(c, i);
	at += n;
	blank = candidates_skip_blank(c, at);
	n = n == 0 ? magnitude_at(c->text + blank, c->len - blank, &zeros) : 0;
	/* 25 B$, and 25 K where kwacha are paid with */
	if (n > 0 && (find_after(c, i, at, &mark) != blank || mark.len < n)) {
		a->magnitude = true;
		a->zeros = (uint8_t)zeros;
		at = blank + n;
	}
	return at;
}

/* P13: a minus that is glued to what begins at `at`, or begins the text; its start, or `at`. */
static size_t
minus_before(const struct candidates *c, size_t floor, size_t at)
{
	size_t glued = at, start;

	if (at > floor && c->text[at - 1] == ' ')
		at--;
	start = at > floor ? char_before(c->text, at) : at;
	if (at == floor || (c->text[start] != '-' && memcmp(c->text + start, "\xe2\x80\x93", at - start) != 0))
		return glued;
	/* 10€-20€ and WD-40: the dash joins. */
	if (start > 0 && start == floor)
		return glued;
	if (start > 0 && (letter_before(c->text, start) || is_digit(c->text[start - 1]) ||
			     strchr(").,:", c->text[start - 1]) != NULL))
		return glued;
	/* "Webcam - 5 €" is a dash; at the start of a text, or in brackets, it is a minus. */
	if (at < glued && start > 0 && strchr("(:", c->text[start - 1]) == NULL &&
	    !(start > 1 && c->text[start - 1] == ' ' && strchr("(:", c->text[start - 2]) != NULL))
		return glued;
	return start;
}

/* CAD $5: the code says more than the sign. */
static void
extend_before(const struct candidates *c, size_t floor, struct candidate *a)
{
	struct currency_mark mark;
	size_t at = a->outer_start;

	if (a->mark.is_code)
		return;
	if (at > floor && c->text[at - 1] == ' ')
		at--;
	if (at > floor && currency_mark_before(c->text + floor, at - floor, &mark) > 0 && mark.is_code) {
		a->mark = mark;
		a->outer_start = (uint16_t)(at - mark.len);
	}
}

static void
find_before(struct candidates *c, size_t i)
{
	struct candidate *a = &c->list[i];
	size_t floor = gap_start(c, i), at = a->start, start;

	/* £-5: the sign of the number stands behind the currency's. */
	start = minus_before(c, floor, at);
	if (start < at && start == at - (c->text[start] == '-' ? 1u : 3u)) {
		a->negative = true;
		a->outer_start = (uint16_t)start;
		at = start;
	}
	if (at > floor && c->text[at - 1] == ' ')
		at--;
	if (at > floor && currency_mark_before(c->text + floor, at - floor, &a->mark) > 0 &&
	    !(a->mark.minor && (a->mark.len > 3 || (a->mark.text[0] >= 'a' && a->mark.text[0] <= 'z')))) {
		a->outer_start = (uint16_t)(at - a->mark.len);
		a->mark.weak = (a->mark.weak && !is_resolved(c, &a->mark)) || is_product_word(&a->mark);
		/* 1,5 L 3,90: a unit of the number before it. */
		if (a->mark.weak && i > 0 && candidates_skip_blank(c, floor) == a->outer_start) {
			a->mark.len = 0;
			a->outer_start = a->start;
		} else {
			extend_before(c, floor, a);
		}
	} else {
		a->mark.len = 0;
	}
	start = minus_before(c, floor, a->outer_start);
	if (start < a->outer_start) {
		a->negative = true;
		a->outer_start = (uint16_t)start;
	}
}

/* May the two digits of number i be the cents of the one before it (P10)? */
static bool
is_cents(const struct candidates *c, size_t i, bool spaced, bool has_mark_after)
{
	const struct candidate *b = &c->list[i];
	size_t at = candidates_skip_blank(c, b->end), length;

	if (b->end - b->start != 2 || !is_digit(c->text[b->start]) || !is_digit(c->text[b->start + 1]) || has_mark_after)
		return false;
	if (at < c->len && (strchr("%:x", c->text[at]) != NULL ||
			       (c->text[at] == '/' && at + 1 < c->len && is_digit(c->text[at + 1]))))
		return false;
	if (b->end < c->len && letter_at(c->text, c->len, b->end))
		return false;
	return !spaced || (words_at(c->text + at, c->len - at, &length) &
			      (WORD_MEASURE | WORD_COUNT | WORD_TIME | WORD_TIMES | WORD_MONTH | WORD_TO)) == 0;
}

/* Written like a price, not as the number of a model: with cents, or groups. */
static bool
is_price_like(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i];
	size_t k;

	if (candidate_has_cents(c, i))
		return true;
	for (k = a->start; k < a->end && is_digit(c->text[k]); k++)
		;
	return k < a->end && candidate_is_whole(c, i);
}

/* Signs that nobody writes behind the amount. */
static bool
is_prefix(const struct currency_mark *mark)
{
	static const char *const signs[] = { "$", "\xc2\xa3", "\xc2\xa5", "\xe2\x82\xb9", "\xe2\x82\xa9" };
	size_t i, n;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		n = strlen(signs[i]);
		if (mark->len >= n && memcmp(mark->text + mark->len - n, signs[i], n) == 0)
			return true;
	}
	return false;
}

/* Does no letter or digit stand behind it? */
static bool
ends_text(const struct candidates *c, size_t at)
{
	for (; at < c->len; at++) {
		if (is_digit(c->text[at]) || letter_at(c->text, c->len, at))
			return false;
	}
	return true;
}

enum owner { OWNER_LEFT, OWNER_RIGHT, OWNER_SPLIT };

/*
 * Whose is a mark that touches the numbers on both of its sides? That which it is glued to; else that which has no
 * other; else it is as for cents: 8 € 40.
 */
static enum owner
decide(const struct candidates *c, size_t i, const struct currency_mark *mark, size_t at)
{
	const struct candidate *a = &c->list[i], *b = &c->list[i + 1];
	bool space_left = at > a->end && c->text[at - 1] == ' ', space_right = at + mark->len < b->start;
	struct currency_mark next;
	bool letters = letter_at(c->text, c->len, at), b_has_after;

	find_after(c, i + 1, b->end + number_cents_dash(c->text + b->end, c->len - b->end), &next);
	b_has_after = next.len > 0;
	if ((a->mark.len > 0 && !a->mark.weak) || candidate_is_named(c, i))
		return OWNER_RIGHT;
	/* 8€40, 8 € 40; and elements that meet: 8€ 40 */
	if (!mark->minor && (space_left == space_right || (space_right && !letters && ends_text(c, b->end))) &&
	    (!letters || !space_left) && candidate_is_whole(c, i) && !a->magnitude && !a->dash &&
	    is_cents(c, i + 1, space_left, b_has_after))
		return OWNER_SPLIT;
	if (b_has_after || mark->minor)
		return OWNER_LEFT;
	/* "14 999 ₽17 999": elements that meet. */
	if (space_left && !space_right)
		return !is_prefix(mark) && is_price_like(c, i) ? OWNER_LEFT : OWNER_RIGHT;
	if (space_right && !space_left)
		return OWNER_LEFT;
	if (!space_left)
		return OWNER_LEFT;
	return candidate_has_cents(c, i + 1) && !candidate_has_cents(c, i) ? OWNER_RIGHT : OWNER_LEFT;
}

static void
drop(struct candidates *c, size_t i)
{
	memmove(&c->list[i], &c->list[i + 1], (c->n - i - 1) * sizeof(c->list[0]));
	c->n--;
}

static void
take_cents(struct candidates *c, size_t i, size_t outer_end)
{
	struct candidate *a = &c->list[i];

	a->cents = c->list[i + 1].start;
	a->n_cents = (uint8_t)(c->list[i + 1].end - c->list[i + 1].start);
	a->outer_end = (uint16_t)outer_end;
	drop(c, i + 1);
}

/* 15 zł 99 gr, 5 руб. 50 коп.: the cents with a mark of their own. */
static void
join_minor(struct candidates *c, size_t i)
{
	struct candidate *a = &c->list[i], *b = a + 1;
	struct currency_mark mark;
	size_t at;

	if (i + 1 >= c->n || a->mark.len == 0 || a->mark.weak || a->mark.minor || !candidate_is_whole(c, i) ||
	    b->end - b->start > 2 || !is_digit(c->text[b->start]) || candidates_skip_blank(c, a->outer_end) != b->start)
		return;
	at = find_after(c, i + 1, b->end, &mark);
	if (mark.len == 0 && currency_list_has(a->mark.codes, "PLN") && at + 2 <= c->len &&
	    memcmp(c->text + at, "gr", 2) == 0 && !letter_at(c->text, c->len, at + 2))
		mark = (struct currency_mark){ .text = c->text + at, .len = 2, .codes = "PLN", .minor = true };
	if (mark.len > 0 && mark.minor && currency_lists_meet(mark.codes, a->mark.codes))
		take_cents(c, i, at + mark.len);
}

/* 199 kr SEK: the code says more than the sign. */
static void
extend_behind(struct candidates *c, size_t i)
{
	struct candidate *a = &c->list[i];
	struct currency_mark mark;
	size_t at;

	if (a->mark.is_code || a->mark.minor)
		return;
	at = find_after(c, i, a->outer_end, &mark);
	if (mark.len == 0 || !mark.is_code || (i + 1 < c->n && candidates_skip_blank(c, at + mark.len) == c->list[i + 1].start))
		return;
	a->mark = mark;
	a->outer_end = (uint16_t)(at + mark.len);
}

/* 39:90 kr, Kr 39:90, 39:90:-: the colon of the Swedes. */
static void
join_colon(struct candidates *c, size_t i)
{
	struct candidate *a = &c->list[i], *b = a + 1;
	struct currency_mark mark;
	size_t dash;

	if (i + 1 >= c->n || c->text[a->end] != ':' || b->start != a->end + 1 || b->end - b->start != 2 ||
	    !is_digit(c->text[b->start]) || !candidate_is_whole(c, i))
		return;
	dash = number_cents_dash(c->text + b->end, c->len - b->end);
	find_after(c, i + 1, b->end, &mark);
	if (dash == 0 && !currency_list_has(mark.codes, "SEK") && !currency_list_has(a->mark.codes, "SEK"))
		return;
	take_cents(c, i, b->end);
	a->end = a->outer_end;
}

static void
mark_after(struct candidates *c, size_t i)
{
	struct candidate *a = &c->list[i];
	size_t end, at;
	struct currency_mark mark;
	enum owner owner = OWNER_LEFT;

	join_colon(c, i);
	end = end_of_number(c, i);
	a->outer_end = (uint16_t)end;
	at = find_after(c, i, end, &mark);
	if (mark.len == 0) {
		join_minor(c, i); /* £1 50p */
		return;
	}
	if (i + 1 < c->n && candidates_skip_blank(c, at + mark.len) == c->list[i + 1].start)
		owner = decide(c, i, &mark, at);
	if (owner == OWNER_RIGHT)
		return;
	if (owner == OWNER_SPLIT) {
		a->mark = mark;
		a->mark_after = true;
		take_cents(c, i, c->list[i + 1].end);
		return;
	}
	/* $5 USD: the code says more than the sign. £5.50p has its main unit. */
	if (a->mark.len > 0 && !a->mark.weak && (!mark.is_code || a->mark.is_code)) {
		a->minor_behind = mark.minor;
		if (mark.minor)
			a->outer_end = (uint16_t)(at + mark.len);
		return;
	}
	if (a->mark.len > 0 && a->mark.weak) /* fr. 25 €: a word */
		a->outer_start = a->start;
	a->mark = mark;
	a->mark_after = true;
	a->outer_end = (uint16_t)(at + mark.len);
	extend_behind(c, i);
	join_minor(c, i);
}

void
candidates_mark(struct candidates *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		find_before(c, i);
		mark_after(c, i);
	}
}
