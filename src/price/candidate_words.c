/*
 * What words say of the numbers beside them (P13, P15), and which two numbers
 * are the ends of a range (P15.2).
 */
#include <string.h>

#include "price/candidate.h"
#include "price/entity.h"
#include "price/letter.h"

/* How many words that say nothing may stand between a word and its number. */
#define NEAR_NOW 1
#define NEAR_WAS 4
#define NEAR_ASIDE 1
#define NEVER ((size_t)1000 << 16)

#define UNITS (WORD_MEASURE | WORD_COUNT | WORD_TIME | WORD_TIMES | WORD_INSTALMENT)
#define TRANSPARENT                                                                                                    \
	(WORD_FILLER | WORD_NOW | WORD_NOW_BEHIND | WORD_FROM | WORD_TO | WORD_OF | WORD_LABEL | WORD_WAS | WORD_OFF | \
	    WORD_USUAL | WORD_OVER)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Words in text[from, to), those of the table that say nothing themselves not counted. */
static size_t
count_words(const struct candidates *c, size_t from, size_t to)
{
	size_t n = 0, i = from, k = candidates_word_from(c, from), used;
	bool in_word = false;

	while (i < to) {
		while (k < c->n_words && c->words[k].start < i)
			k++;
		if (k < c->n_words && c->words[k].start == i && (c->words[k].kinds & TRANSPARENT) != 0 &&
		    c->words[k].end <= to) {
			i = c->words[k].end;
			in_word = false;
			continue;
		}
		if (letter_is(utf8_get(c->text + i, c->len - i, &used))) {
			n += !in_word;
			in_word = true;
		} else if (c->text[i] != '-' && c->text[i] != '\'') {
			in_word = false;
		}
		i += used;
	}
	return n;
}

/* Does something in text[from, to) part what stands before it from what stands behind? */
static bool
is_parted(const struct candidates *c, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++) {
		if (strchr(",;|()[]!", c->text[i]) != NULL)
			return true;
		if (c->text[i] == '.' && i + 1 < to && c->text[i + 1] == ' ')
			return true;
		if ((c->text[i] == '-' || (unsigned char)c->text[i] == 0xe2) && i > from && c->text[i - 1] == ' ')
			return true;
	}
	return false;
}

/* The words around one number, with how far each kind is from it. */
struct voices {
	size_t now, was, usual, from, from_behind, off, aside, per, over, shipping;
	bool behind; /* off: it stands behind */
};

static void
hear(size_t *distance, uint32_t kinds, uint32_t kind, size_t n)
{
	if ((kinds & kind) != 0 && n < *distance)
		*distance = n;
}

/* Distances are of words, and of bytes for a tie: 16 bits each. */
static size_t
distance(const struct candidates *c, size_t from, size_t to)
{
	return count_words(c, from, to) << 16 | (to - from);
}

/* The number before which, or behind which, is no rejected one. */
static bool
next_kept(const struct candidates *c, size_t i, size_t *out)
{
	for (i++; i < c->n; i++) {
		if (!c->list[i].rejected) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* Does a word between number i and the next speak of number i, though it could of both? */
static bool
speaks_backwards(const struct candidates *c, const struct candidate *a, const struct word *w, const struct candidate *next)
{
	if (next == NULL)
		return true;
	return !is_parted(c, a->outer_end, w->start) && is_parted(c, w->end, next->outer_start);
}

static void
hear_before(const struct candidates *c, size_t i, size_t floor, struct voices *v)
{
	const struct candidate *a = &c->list[i], *previous = i > 0 ? &c->list[i - 1] : NULL;
	size_t k, off_floor = previous != NULL ? previous->outer_end : 0;

	for (k = candidates_word_from(c, floor); k < c->n_words && c->words[k].end <= a->outer_start; k++) {
		const struct word *w = &c->words[k];
		size_t n;
		uint32_t kinds = w->kinds;

		/* A unit of the number before it says no more. */
		if (previous != NULL && previous->unit && w->start <= previous->outer_end + 1u && (kinds & UNITS) != 0 &&
		    w->start >= previous->end)
			continue;
		if (floor > 0 && (kinds & (WORD_NOW_BEHIND | WORD_WAS_BEHIND | WORD_USUAL_BEHIND)) != 0 && previous != NULL &&
		    !previous->rejected && speaks_backwards(c, previous, w, a))
			kinds &= ~(uint32_t)(WORD_NOW | WORD_WAS | WORD_USUAL | WORD_ASIDE);
		/* 9.99 monthly 99: it is of the one before. */
		if (previous != NULL && previous->per_unit && w->start <= previous->outer_end + 1u)
			kinds &= ~(uint32_t)WORD_PER;
		n = distance(c, w->end, a->outer_start);
		hear(&v->now, kinds, WORD_NOW, n);
		hear(&v->was, kinds, WORD_WAS, n);
		hear(&v->usual, kinds, WORD_USUAL, n);
		hear(&v->from, kinds, WORD_FROM, n);
		hear(&v->over, kinds, WORD_OVER, n);
		hear(&v->shipping, kinds, WORD_FREE_SHIPPING, n);
		/* 50% rabatt 199 kr: what is taken off is the percentage. */
		if (w->start >= off_floor &&
		    !(previous != NULL && previous->unit && count_words(c, previous->outer_end, w->start) == 0))
			hear(&v->off, kinds, WORD_OFF, n);
		hear(&v->aside, kinds, WORD_ASIDE, n);
		hear(&v->per, kinds, WORD_PER, n);
	}
}

static void
hear_behind(const struct candidates *c, size_t i, struct voices *v)
{
	const struct candidate *a = &c->list[i], *next;
	size_t k, kept, end;

	next = next_kept(c, i, &kept) ? &c->list[kept] : NULL;
	end = i + 1 < c->n ? c->list[i + 1].outer_start : c->len;
	for (k = candidates_word_from(c, a->outer_end); k < c->n_words && c->words[k].end <= end; k++) {
		const struct word *w = &c->words[k];
		size_t n = distance(c, a->outer_end, w->start);
		bool backwards = speaks_backwards(c, a, w, next);

		if ((w->kinds & WORD_NOW) == 0 || backwards)
			hear(&v->now, w->kinds, WORD_NOW_BEHIND, n);
		if ((w->kinds & WORD_WAS) == 0 || backwards)
			hear(&v->was, w->kinds, WORD_WAS_BEHIND, n);
		if ((w->kinds & WORD_USUAL) == 0 || backwards)
			hear(&v->usual, w->kinds, WORD_USUAL_BEHIND, n);
		hear(&v->over, w->kinds, WORD_OVER_BEHIND, n);
		hear(&v->shipping, w->kinds, WORD_FREE_SHIPPING, n);
		if ((w->kinds & WORD_ASIDE) == 0 || backwards)
			hear(&v->aside, w->kinds, WORD_ASIDE_BEHIND, n);
		/* 5 € Rabatt auf 20 € */
		backwards = backwards || (n >> 16 == 0 && count_words(c, w->end, next->outer_start) > 0);
		if ((w->kinds & WORD_OFF) == 0 || backwards) {
			if ((w->kinds & WORD_OFF_BEHIND) != 0 && n < v->off) {
				v->off = n;
				v->behind = true;
			}
		}
		/* ~~20~~ is no "from". */
		if (c->text[w->start] != '~' || (c->text[w->end] != '~' && c->text[w->start - 1] != '~'))
			hear(&v->from_behind, w->kinds, WORD_FROM_BEHIND, n);
	}
}

/* P15.5: /kg, per 100 g, a month; but not "24,99 € / 29,99 $", nor 500/-. */
static bool
is_per_unit_behind(const struct candidates *c, size_t i)
{
	size_t at = candidates_skip_blank(c, c->list[i].outer_end), length, k;
	struct currency_mark mark;

	if (at < c->len && c->text[at] == '*')
		at = candidates_skip_blank(c, at + 1);
	if (at < c->len && c->text[at] == '/') {
		at = candidates_skip_blank(c, at + 1);
		if (at >= c->len)
			return false;
		if (is_digit(c->text[at])) {
			for (k = i + 1; k < c->n && c->list[k].start < at; k++)
				;
			return k < c->n && c->list[k].rejected;
		}
		if (!letter_is(utf8_get(c->text + at, c->len - at, &length)))
			return false;
		/* €5 / US$6 */
		return !(currency_mark_at(c->text + at, c->len - at, &mark) > 0 && !mark.minor && !mark.weak &&
			   is_digit(c->text[candidates_skip_blank(c, at + mark.len)]));
	}
	if (at < c->len && c->text[at] == '(')
		at++;
	if ((words_at(c->text + at, c->len - at, &length) & WORD_PER_BEHIND) != 0)
		return true;
	/* 9,99 € x 12 */
	return (words_at(c->text + at, c->len - at, &length) & WORD_TIMES) != 0 && i + 1 < c->n &&
	       candidates_skip_blank(c, at + length) == c->list[i + 1].start;
}

/*
 * P15.5: what stands before it makes it a part of a price. 3 x 9.99; 4 payments of 5; 100 g = 1.99; per 100 g 1.99;
 * 100gあたり298円.
 */
static bool
is_per_unit_before(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i], *b;
	size_t k;
	bool per = false;

	if (i == 0 || !c->list[i - 1].rejected)
		return false;
	b = &c->list[i - 1];
	for (k = candidates_word_from(c, b->end); k < c->n_words && c->words[k].end <= a->outer_start; k++) {
		const struct word *w = &c->words[k];

		if ((w->kinds & WORD_TIMES) != 0 && w->start <= b->end + 1u && count_words(c, w->end, a->outer_start) == 0)
			return true;
		if ((w->kinds & WORD_INSTALMENT) != 0 && b->end - b->start <= 3)
			return true;
		per = per || (w->kinds & WORD_PER) != 0;
	}
	if (!b->unit)
		return false;
	if (memchr(c->text + b->end, '=', a->outer_start - b->end) != NULL || per)
		return true;
	/* per 100 g: 1.99; but 5.99 per 100 g, 1.99 */
	k = candidates_word_from(c, b->start);
	return k > 0 && (c->words[k - 1].kinds & (WORD_PER | WORD_PER_BEHIND)) != 0 && c->words[k - 1].end + 1u >= b->start &&
	       !is_parted(c, b->end, a->outer_start) &&
	       (i < 2 || c->list[i - 2].rejected || c->list[i - 2].outer_end + 2u < c->words[k - 1].start);
}

/* P15: weigh what was heard; the nearest decides. */
static void
weigh(struct candidate *a, const struct voices *v)
{
	a->from = v->from >> 16 == 0;
	a->from_behind = v->from_behind >> 16 == 0;
	/* Free shipping over 50: what is to be spent for it. */
	if (v->shipping >> 16 <= NEAR_NOW && (v->over >> 16 == 0 || a->from || a->from_behind))
		a->rejected = true;
	else if (v->off >> 16 == 0 && (v->behind || v->off < v->now || v->now >> 16 > 0) && v->off < v->was)
		a->rejected = true;
	else if (v->was >> 16 <= NEAR_WAS && v->was < v->now && v->was < v->usual)
		a->struck = true;
	else if (v->usual >> 16 <= NEAR_WAS && v->usual < v->now)
		a->usual = true;
	else
		a->now = v->now >> 16 <= NEAR_NOW;
	a->aside = v->aside >> 16 <= NEAR_ASIDE && !a->now;
	a->per_unit = a->per_unit || v->per >> 16 <= NEAR_NOW;
}

/* Does a word of the kinds end where the candidate begins? */
static bool
follows_word(const struct candidates *c, const struct candidate *a, uint32_t kinds)
{
	size_t k = candidates_word_from(c, a->outer_start);

	return k > 0 && (c->words[k - 1].kinds & kinds) != 0 && c->words[k - 1].end + 1u >= a->outer_start;
}

/* von 30 € auf 25 €, De: R$ 100 Por: R$ 80, van 29,99 voor 19,99, van € 30 nu € 25: the first is what it was. */
static bool
drops_to_next(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i], *b = a + 1;
	size_t at = candidates_skip_blank(c, a->outer_end), length;
	bool from = follows_word(c, a, WORD_BETWEEN | WORD_OF | WORD_FROM);
	uint32_t kinds = words_at(c->text + at, c->len - at, &length);

	if (i + 1 >= c->n || b->rejected || (kinds & (WORD_DROP | (from ? WORD_NOW : 0))) == 0)
		return false;
	at += length;
	if (at < c->len && c->text[at] == ':')
		at++;
	at = candidates_skip_blank(c, at);
	if ((words_at(c->text + at, c->len - at, &length) & WORD_NOW) != 0) /* por apenas */
		at = candidates_skip_blank(c, at + length);
	if (at != b->outer_start)
		return false;
	return (a->mark.len > 0 && b->mark.len > 0) ||
	       (candidate_has_cents(c, i) && candidate_has_cents(c, i + 1) && from);
}

/* A usual price is a list price where there is another one; where it is the only one, it is the price. */
static void
settle_usual(struct candidates *c)
{
	size_t i, others = 0;

	for (i = 0; i < c->n; i++) {
		const struct candidate *a = &c->list[i];

		others += !a->rejected && !a->struck && !a->usual && !a->negative && !a->per_unit && !a->aside &&
			  (a->mark.len > 0 || candidate_has_cents(c, i));
	}
	for (i = 0; i < c->n; i++)
		c->list[i].struck = c->list[i].struck || (c->list[i].usual && others > 0);
}

void
candidates_read_words(struct candidates *c)
{
	size_t i, floor = 0, scanned = 0;
	bool struck = false;

	for (i = 0; i < c->n; i++) {
		struct candidate *a = &c->list[i];
		struct voices v = { NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, false };

		for (; scanned < a->start; scanned++) {
			struck = c->text[scanned] == READER_STRUCK ||
				 (struck && c->text[scanned] != READER_UNSTRUCK);
		}
		a->struck = struck;
		if (a->rejected)
			continue;
		a->per_unit = is_per_unit_before(c, i) || is_per_unit_behind(c, i);
		if (!a->struck) {
			hear_before(c, i, floor, &v);
			hear_behind(c, i, &v);
			weigh(a, &v);
			if (drops_to_next(c, i)) {
				a->struck = true;
				a->per_unit = a->now = false;
			}
		}
		if (i > 0 && a->outer_start > 0 && !a->aside) {
			size_t at = a->outer_start - (size_t)(c->text[a->outer_start - 1] == ' ');

			a->aside = at > 0 && c->text[at - 1] == '+'; /* + 4,95 € */
		}
		floor = a->outer_end;
	}
	settle_usual(c);
}

/* What stands between two numbers: a dash or a word that makes them a range? */
static bool
is_range_gap(const struct candidates *c, size_t from, size_t to, bool between)
{
	static const char *const dashes[] = { "-", "\xe2\x80\x93", "\xe2\x80\x94", "~", "--", "...", "\xe2\x80\xa6", ".." };
	size_t i = candidates_skip_blank(c, from), length;
	uint32_t kinds;

	/* 5 €/kg - 10 €/kg */
	if (i + 1 < to && c->text[i] == '/' && letter_at(c->text, c->len, i + 1)) {
		for (i++; i < to && letter_is(utf8_get(c->text + i, c->len - i, &length)); i += length)
			;
		i = candidates_skip_blank(c, i);
	}
	if (to > i && c->text[to - 1] == ' ')
		to--;
	for (length = 0; length < sizeof(dashes) / sizeof(dashes[0]); length++) {
		if (to - i == strlen(dashes[length]) && memcmp(c->text + i, dashes[length], to - i) == 0)
			return true;
	}
	kinds = to > i ? words_at(c->text + i, c->len - i, &length) : 0;
	return kinds != 0 && i + length == to &&
	       ((kinds & WORD_TO) != 0 || (between && (kinds & WORD_AND) != 0));
}

/* Two amounts that share a currency: both have it, or it stands at the outer side of one, or it is known otherwise. */
static bool
share_currency(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i], *b = a + 1;

	if (a->mark.len > 0 && b->mark.len > 0)
		return currency_lists_meet(a->mark.codes, b->mark.codes);
	if (a->mark.len > 0)
		return !a->mark_after || a->from;
	if (b->mark.len > 0)
		return b->mark_after;
	if (candidate_has_cents(c, i) || candidate_has_cents(c, i + 1) || c->hints->currency != NULL ||
	    c->hints->page_currency != NULL || c->text[a->end] == ' ' || a->from)
		return true;
	/* 10-20, but no date and no phone number: 03-12, 555-1234 */
	return c->text[a->start] != '0' && c->text[b->start] != '0' && a->end - a->start <= 3 && b->end - b->start <= 3;
}

void
candidates_find_ranges(struct candidates *c)
{
	size_t i;

	for (i = 0; i + 1 < c->n; i++) {
		struct candidate *a = &c->list[i], *b = a + 1;

		if (a->rejected || b->rejected || a->negative || a->struck != b->struck || a->from_previous ||
		    b->outer_start < a->outer_end)
			continue;
		/* 10 -20 €: no discount, as there is nothing to take it off from. */
		if (b->negative && (a->mark.len > 0 || b->mark.len == 0 || !b->mark_after))
			continue;
		if (!share_currency(c, i) ||
		    !is_range_gap(c, a->outer_end, b->negative ? b->start : b->outer_start, follows_word(c, a, WORD_BETWEEN)))
			continue;
		b->negative = false;
		a->to_next = b->from_previous = true;
		b->now = b->from = a->from_behind = false; /* 1,000~2,000 */
		a->per_unit = a->per_unit || b->per_unit;
		b->per_unit = a->per_unit;
	}
}
