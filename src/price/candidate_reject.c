/*
 * Evidence that a number is no price (P12, P14): what stands behind it, what
 * stands before it, and what it is a part of.
 */
#include <string.h>

#include "price/candidate.h"
#include "price/entity.h"
#include "price/letter.h"

#define UNITS (WORD_MEASURE | WORD_COUNT | WORD_TIME | WORD_TIMES | WORD_MONTH | WORD_INSTALMENT)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The char at a place that may be outside of the text. */
static char
char_at(const struct candidates *c, size_t at)
{
	return at < c->len ? c->text[at] : '\0';
}

static size_t
count_digits(const struct candidates *c, size_t i)
{
	size_t k, n = 0;

	for (k = c->list[i].start; k < c->list[i].end; k++)
		n += is_digit(c->text[k]);
	return n;
}

/* A word of the kinds ends right before `at`, but for punctuation; its start, or `at`. */
static size_t
word_before(const struct candidates *c, size_t at, uint32_t kinds)
{
	size_t end = at, k;

	while (end > 0 && strchr(" .:#-(='\"", c->text[end - 1]) != NULL)
		end--;
	k = candidates_word_from(c, at);
	for (; k > 0; k--) {
		const struct word *w = &c->words[k - 1];

		/* A word may have some of the punctuation itself. */
		if (w->end < end)
			break;
		if (w->end <= at && (w->kinds & kinds) != 0)
			return w->start;
	}
	return at;
}

/* Letters are glued to its left: "B525", "RTX3080"; but not "ab5", "Preis12,99". */
static bool
is_glued_left(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i];
	size_t at = a->start, k;

	if (at == 0)
		return false;
	if (strchr("_#@", c->text[at - 1]) != NULL)
		return true;
	k = candidates_word_from(c, at);
	if (c->text[at - 1] == '-' && letter_before(c->text, at - 1) && !candidate_has_cents(c, i))
		return k == 0 || c->words[k - 1].end != at || (c->words[k - 1].kinds & WORD_FROM) == 0; /* WD-40 */
	if (!letter_before(c->text, at))
		return false;
	if (k > 0 && c->words[k - 1].end == at && at - c->words[k - 1].start > 1 && (c->words[k - 1].kinds & ~(uint32_t)(WORD_LABEL | UNITS)) != 0)
		return false;
	/* Words run together where elements meet: "Preis12,99". */
	return !(candidate_has_cents(c, i) && at > 2 && letter_before(c->text, char_before(c->text, at)) &&
		   !letter_at(c->text, c->len, a->end));
}

bool
candidate_is_named(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i];
	size_t label;

	if (a->mark.len > 0 && !a->mark_after)
		return false;
	if (is_glued_left(c, i))
		return true;
	label = word_before(c, a->start, WORD_LABEL);
	/* "Code: 24.99" is none, "rated 4.5" is. */
	return label < a->start && (candidate_is_whole(c, i) || !candidate_has_cents(c, i));
}

/* Digits on both sides of a slash or colon: a date, a time, a rating, a ratio. */
static bool
is_joined(const struct candidates *c, const struct candidate *a)
{
	char before = a->start > 0 ? c->text[a->start - 1] : '\0', behind = char_at(c, a->end);

	if ((before == '/' || before == ':') && a->start >= 2 && is_digit(c->text[a->start - 2]))
		return true;
	if ((behind == '/' || behind == ':') && is_digit(char_at(c, a->end + 1u)))
		return true;
	/* 4.5 / 5 */
	if (before == ' ' && a->start >= 4 && memcmp(c->text + a->start - 3, " / ", 3) == 0 &&
	    is_digit(c->text[a->start - 4]) && a->end - a->start <= 2)
		return true;
	return behind == ' ' && a->end + 3u < c->len && memcmp(c->text + a->end, " / ", 3) == 0 &&
	       is_digit(c->text[a->end + 3]) && !is_digit(char_at(c, a->end + 4u)) && char_at(c, a->end + 4u) != '.' &&
	       char_at(c, a->end + 4u) != ',';
}

/* 12:50 €: nobody knows. */
static bool
is_time(const struct candidates *c, const struct candidate *a)
{
	return a->end - a->start == 2 && is_digit(c->text[a->start]) && a->start >= 2 && c->text[a->start - 1] == ':' &&
	       is_digit(c->text[a->start - 2]) &&
	       (a->start < 4 || !is_digit(c->text[a->start - 3]) || !is_digit(c->text[a->start - 4]));
}

/* 20 %, %20, 20‰ */
static bool
is_percentage(const struct candidates *c, const struct candidate *a)
{
	size_t at = candidates_skip_blank(c, a->end);

	/* "20 %", but "5 TL %20" is another's. */
	if ((char_at(c, at) == '%' && !(at > a->end && is_digit(char_at(c, at + 1)))) ||
	    (at + 3 <= c->len && memcmp(c->text + at, "\xe2\x80\xb0", 3) == 0))
		return true;
	at = a->outer_start;
	if (at > 1 && c->text[at - 1] == ' ' && c->text[at - 2] == '%' && (at == 2 || c->text[at - 3] == ' ') &&
	    !is_digit(at > 3 ? c->text[at - 4] : '\0'))
		at--;
	return at > 0 && c->text[at - 1] == '%' && a->mark.len == 0 && (at < 2 || !is_digit(c->text[at - 2]));
}

/* What stands behind the number at `at`: kinds of units, or quotes for inches and feet. */
static uint32_t
unit_behind(const struct candidates *c, const struct candidate *a)
{
	size_t at = a->end, length;
	struct currency_mark mark;
	uint32_t kinds;

	at = candidates_skip_blank(c, at + (size_t)(char_at(c, at) == '+')); /* 500+ sold */
	/* 27-inch, 5-star; but 24.99-EUR */
	if (at == a->end && char_at(c, at) == '-' && letter_at(c->text, c->len, at + 1) && !a->dash &&
	    (currency_mark_alone(c->text + at + 1, c->len - at - 1, &mark) == 0 ||
		char_at(c, at + 1 + mark.len) == '-')) {
		kinds = words_at(c->text + at, c->len - at, &length) | words_at(c->text + at + 1, c->len - at - 1, &length);
		return (kinds & (WORD_FROM_BEHIND | WORD_TO | WORD_NOW | WORD_WAS)) != 0 ? 0
			: (kinds & UNITS) != 0 ? kinds & UNITS : (uint32_t)WORD_MEASURE;
	}
	kinds = words_at(c->text + at, c->len - at, &length) & UNITS;
	if (kinds != 0)
		return kinds;
	/* 27", but not "24.99" */
	if ((char_at(c, at) == '"' && !(at == a->end && a->start > 0 && c->text[a->start - 1] == '"')) || (at + 3 <= c->len && at == a->end &&
		(memcmp(c->text + at, "\xe2\x80\xb3", 3) == 0 || memcmp(c->text + at, "\xe2\x80\xb2", 3) == 0 ||
		    memcmp(c->text + at, "\xe2\x80\x9d", 3) == 0)))
		return at == a->end || a->end + 2u > c->len ? WORD_MEASURE : 0;
	/* 2 in; but 5 in stock, 5 in EUR */
	if (at + 2 <= c->len && memcmp(c->text + at, "in", 2) == 0 && !letter_at(c->text, c->len, at + 2) &&
	    !letter_at(c->text, c->len, candidates_skip_blank(c, at + 2)))
		return WORD_MEASURE;
	/* 4.5 ★ */
	if (at + 3 <= c->len && (memcmp(c->text + at, "\xe2\x98\x85", 3) == 0 || memcmp(c->text + at, "\xe2\xad\x90", 3) == 0 ||
		memcmp(c->text + at, "\xe2\x98\x86", 3) == 0))
		return WORD_COUNT;
	return 0;
}

/* Letters are glued to its right, and they are no mark and say nothing: 3080Ti, 5th, 10er. */
static bool
is_glued_right(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i];
	size_t length;

	return letter_at(c->text, c->len, a->end) && !candidate_has_cents(c, i) && !a->magnitude &&
	       words_at(c->text + a->end, c->len - a->end, &length) == 0;
}

/* P12: resolutions look like pence. */
static bool
is_resolution(const struct candidates *c, const struct candidate *a)
{
	static const char heights[] = " 480 576 720 1080 1440 2160 4320 ";
	char text[8] = " ";
	size_t n = a->end - a->start;

	if (n < 3 || n > 4 || !a->mark.minor || a->mark.len != 1)
		return false;
	memcpy(text + 1, c->text + a->start, n);
	memcpy(text + 1 + n, " ", 2);
	return strstr(heights, text) != NULL;
}

/* P12: a day beside its month, a year behind one; dates of digits alone are no numbers (P9.4) or joined. */
static bool
is_dated(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i];
	size_t at = candidates_skip_blank(c, a->end + (size_t)(char_at(c, a->end) == '.')), length, n = a->end - a->start;

	if (!candidate_is_whole(c, i) || (n != 4 && n > 2))
		return false;
	if (n <= 2 && word_before(c, a->start, WORD_MONTH) < a->start)
		return true;
	if (n <= 2 && (words_at(c->text + at, c->len - at, &length) & WORD_MONTH) != 0)
		return true;
	if (n <= 2 && at + 3 < c->len && memcmp(c->text + at, "de ", 3) == 0 &&
	    (words_at(c->text + at + 3, c->len - at - 3, &length) & WORD_MONTH) != 0)
		return true;
	if (n != 4 || (memcmp(c->text + a->start, "19", 2) != 0 && memcmp(c->text + a->start, "20", 2) != 0))
		return false;
	at = a->start;
	if (at > 3 && (memcmp(c->text + at - 4, " de ", 4) == 0 || memcmp(c->text + at - 4, " of ", 4) == 0))
		at -= 4;
	if (word_before(c, at, WORD_MONTH) < at)
		return true;
	/* March 12, 2024 */
	return i > 0 && c->list[i - 1].rejected && (c->list[i - 1].unit_kinds & WORD_MONTH) != 0 &&
	       a->start - c->list[i - 1].end <= 2;
}

static bool
is_off(const struct candidates *c, const struct candidate *a)
{
	size_t at = candidates_skip_blank(c, a->outer_end), length;

	return (words_at(c->text + at, c->len - at, &length) & WORD_OFF_BEHIND) != 0 && a->mark.len == 0 &&
	       at + length == c->len;
}

/* 2 for £5: how many, not how much. */
static bool
is_multibuy(const struct candidates *c, size_t i)
{
	static const char *const words[] = { "for", "f\xc3\xbcr", "voor", "pour", "por", "per", "za", "\xd0\xb7\xd0\xb0",
		"f\xc3\xb6r" };
	const struct candidate *a = &c->list[i], *b = a + 1;
	size_t start = a->end + 1u, k;

	if (i + 1 >= c->n || a->mark.len > 0 || b->mark.len == 0 || a->end - a->start > 2 || !candidate_is_whole(c, i) ||
	    b->outer_start <= start)
		return false;
	for (k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		if (strlen(words[k]) + 1 == (size_t)(b->outer_start - start) &&
		    word_match(c->text + start, c->len - start, words[k], strlen(words[k])) > 0)
			return true;
	}
	return false;
}

/* 1万9,800, 1만 2,900: a number of two parts; but 1M 2 is none. */
static bool
continues_magnitude(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i], *big = a - 1;

	if (!big->magnitude || a->start <= big->end)
		return false;
	if (big->outer_end == a->start)
		return true;
	return big->mark.len == 0 && big->outer_end + 1u == a->start && c->text[big->outer_end] == ' ' &&
	       (unsigned char)c->text[big->outer_end - 1] >= 0x80;
}

static void
reject_one(struct candidates *c, size_t i)
{
	struct candidate *a = &c->list[i];
	bool marked = a->mark.len > 0 && !a->mark.weak;
	char before = a->start > 0 ? c->text[a->start - 1] : '\0';

	a->rejected = is_percentage(c, a) || is_resolution(c, a);
	if (a->rejected) {
		a->unit_kinds = WORD_COUNT;
		a->unit = true;
		if (is_resolution(c, a))
			a->mark.len = 0;
		return;
	}
	if (i > 0 && continues_magnitude(c, i)) {
		a->rejected = c->list[i - 1].rejected = true;
		return;
	}
	if (a->magnitude && !c->hints->magnitudes) {
		a->rejected = true;
		return;
	}
	if (marked) {
		a->rejected = a->mark_after && is_time(c, a);
		return;
	}
	/* "ALL 500 items": a mark that may be a word gives way to a unit; 15M does not, 15 m does. */
	if (!a->dash && !(a->magnitude && c->text[candidates_skip_blank(c, a->end)] != 'm'))
		a->unit_kinds = unit_behind(c, a);
	if (is_dated(c, i))
		a->unit_kinds |= WORD_MONTH;
	a->unit = a->unit_kinds != 0;
	a->rejected = a->unit || is_joined(c, a) || is_glued_right(c, i) || candidate_is_named(c, i) || is_off(c, a) ||
		      is_multibuy(c, i) || (before == '+' && candidate_is_whole(c, i) && count_digits(c, i) > 1);
}

/* Is the text between two numbers one of these, blanks around it apart? */
static bool
gap_is(const struct candidates *c, size_t i, const char *const *texts, size_t n)
{
	size_t start = c->list[i].end, end = c->list[i + 1].start, k;

	if (end > start && c->text[start] == ' ')
		start++;
	if (end > start && c->text[end - 1] == ' ')
		end--;
	for (k = 0; k < n; k++) {
		if (strlen(texts[k]) == end - start && memcmp(c->text + start, texts[k], end - start) == 0)
			return true;
	}
	return false;
}

/* 4.5 out of 5, 4,5 von 5 */
static bool
is_rated(const struct candidates *c, const struct candidate *a, const struct candidate *b, uint32_t kinds)
{
	return (kinds & WORD_OF) != 0 && a->mark.len == 0 && b->mark.len == 0 &&
	       ((b->end - b->start == 1 && c->text[b->start] == '5') ||
		   (b->end - b->start == 2 && memcmp(c->text + b->start, "10", 2) == 0));
}

/* Is it known that it is about money? */
static bool
is_paid(const struct candidates *c)
{
	return c->hints->currency != NULL || c->hints->page_currency != NULL;
}

/* 1920 x 1080: whole, and nothing says that it is money. */
static bool
is_size(const struct candidates *c, size_t i)
{
	return c->list[i].mark.len == 0 && c->list[i + 1].mark.len == 0 && !is_paid(c) && candidate_is_whole(c, i) &&
	       candidate_is_whole(c, i + 1) && count_digits(c, i) > 1 && count_digits(c, i + 1) > 1;
}

/* 10 x 20 cm, 2-3 days, 4 out of 5 stars: what is true of the last is true of those before it. */
static void
spread_units(struct candidates *c)
{
	static const char *const dashes[] = { "-", "\xe2\x80\x93", "\xe2\x80\x94", "~", "+", "&" };
	static const char *const times[] = { "x", "X", "\xc3\x97", "*", ",", "x ", "/", "\xd1\x85" };
	static const char *const bracket = "(";
	size_t i, start, length;
	uint32_t kinds;

	for (i = c->n; i-- > 1;) {
		struct candidate *a = &c->list[i - 1], *b = &c->list[i];

		start = candidates_skip_blank(c, a->end);
		kinds = words_at(c->text + start, c->len - start, &length);
		if (candidates_skip_blank(c, start + length) != b->start)
			kinds = 0;
		if (is_rated(c, a, b, kinds) || (is_size(c, i - 1) && gap_is(c, i - 1, times, 3)))
			a->rejected = b->rejected = true;
		/* 4.5 (12 reviews) */
		if (b->rejected && (b->unit_kinds & WORD_COUNT) != 0 && gap_is(c, i - 1, &bracket, 1) && a->mark.len == 0 &&
		    !candidate_has_cents(c, i - 1))
			a->rejected = true;
		if (!b->rejected || !b->unit || a->rejected || a->mark.len > 0)
			continue;
		if (gap_is(c, i - 1, dashes, sizeof(dashes) / sizeof(dashes[0])) || (kinds & (WORD_TO | WORD_OF)) != 0 ||
		    ((b->unit_kinds & WORD_MEASURE) != 0 && gap_is(c, i - 1, times, sizeof(times) / sizeof(times[0])) &&
			!candidate_has_cents(c, i - 1))) {
			a->rejected = a->unit = true;
			a->unit_kinds = b->unit_kinds;
		}
	}
}

/* Are two numbers parted by what parts the groups of a phone number? */
static bool
is_phone_gap(const struct candidates *c, size_t i)
{
	static const char *const gaps[] = { "", "-", "/", ".", ")", "(", ") ", "(0)", "-(", "\xe2\x80\x93" };

	return c->list[i + 1].start - c->list[i].end <= 4 && gap_is(c, i, gaps, sizeof(gaps) / sizeof(gaps[0]));
}

/* Numbers in a row, unmarked and whole, with that between them: a phone number, or a date or an article number (P12). */
static void
reject_rows(struct candidates *c)
{
	size_t first, last, k, digits, dashes;

	for (first = 0; first < c->n; first = last + 1) {
		const struct candidate *a = &c->list[first];
		bool trunk;

		digits = count_digits(c, first);
		dashes = 0;
		for (last = first; last + 1 < c->n && c->list[last].mark.len == 0 && c->list[last + 1].mark.len == 0 &&
		     candidate_is_whole(c, last) && candidate_is_whole(c, last + 1) && is_phone_gap(c, last);
		     last++) {
			digits += count_digits(c, last + 1);
			dashes += c->text[c->list[last].end] != ' ';
		}
		/* 030 123456, +49 30 123456, 0800 123 456 */
		trunk = a->mark.len == 0 && candidate_is_whole(c, first) &&
			((c->text[a->start] == '0' && a->end - a->start > 1 && is_digit(c->text[a->start + 1]) &&
			     memchr(c->text + a->start, '.', (size_t)(a->end - a->start)) == NULL) ||
			    (a->start > 0 && c->text[a->start - 1] == '+') ||
			    (c->text[a->start] == '0' && a->end - a->start > 2 && c->text[a->start + 1] == ' '));
		if ((trunk && digits > 4) || (last > first + 1 && dashes > 0) || (last > first + 1 && digits >= 10) ||
		    (last == first + 1 && dashes > 0 && digits >= 7 && c->list[last].start == a->end + 1u &&
			!(is_paid(c) && a->end - a->start == c->list[last].end - c->list[last].start))) {
			for (k = first; k <= last; k++)
				c->list[k].rejected = true;
		}
		/* A number that is named takes along what is joined to it: tel. 12 34 56. */
		for (k = first; k < last && a->mark.len == 0 && candidate_is_named(c, first); k++)
			c->list[k + 1].rejected = true;
	}
}

void
candidates_reject(struct candidates *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		reject_one(c, i);
	spread_units(c);
	reject_rows(c);
}
