#include "price/candidate.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "price/reader.h"

/* A piece of text that is looked at from its start. */
struct rest {
	const char *p;
	size_t len;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(char c)
{
	return isalpha((unsigned char)c);
}

static bool
is_word(char c)
{
	return is_alpha(c) || (unsigned char)c >= 0x80;
}

/* Units (P12); their case counts: Ft is a currency, ft is not. */
static const char *const units[] = { "kg", "Kg", "KG", "g", "gr", "mg", "l", "L", "ltr", "ml", "cl", "mL", "cm", "mm",
	"m", "km", "KM", "m2", "inch", "inches", "in", "Zoll", "ft", "GB", "TB", "MB", "KB", "Gb", "Hz", "kHz", "MHz",
	"GHz", "W", "kW", "kWh", "Wh", "V", "A", "mAh", "dB", "MP", "px", "dpi", "pcs", "pc", "Stk", "Stück", "x", "X",
	"×", "oz", "lb", "lbs", "h", "hrs", "hours", "min", "days", "day", "Tage", "years", "year", "Jahre", "months",
	"month", "weeks", "°C", "°", "K" };
static const char *const counts[] = { "reviews", "review", "ratings", "rating", "stars", "star", "votes", "sold",
	"items", "item", "pieces", "piece", "left", "people", "customers", "bewertungen", "rezensionen", "sterne",
	"avis", "opiniones", "valoraciones", "recensioni", "results", "in stock", "out of", "percent", "prozent" };
/* P14: a magnitude that nobody turned on makes the number something else. */
static const char *const magnitudes[] = { "k", "K", "M", "m", "Mio", "Mio.", "Mrd", "bn", "lakh", "lakhs", "crore",
	"crores", "万", "億", "亿", "million", "millions" };
static const char *const resolutions[] = { "480p", "576p", "720p", "1080p", "1440p", "2160p", "4320p" };

static const char *const words_now[] = { "now", "sale", "only", "jetzt", "nur", "maintenant", "oferta", "ahora",
	"sconto", "offer", "today", "heute", "special price", "our price" };
static const char *const words_was[] = { "was", "before", "statt", "uvp", "rrp", "msrp", "instead", "au lieu de",
	"antes", "list price", "regular price", "previously", "originally", "früher", "vorher", "old price",
	"compare at", "instead of" };
static const char *const words_from[] = { "from", "ab", "vanaf", "à partir de", "desde", "da", "starting at",
	"as low as" };
/* What is taken off is no price (P13). */
static const char *const words_off[] = { "save", "saving", "savings", "you save", "spare", "sparen", "rabatt",
	"discount", "économisez", "ahorra", "risparmi" };
static const char *const words_per[] = { "per", "pro", "je", "a month", "monthly", "mtl.", "pcm", "each month",
	"instalments", "installments", "raten", "mo", "mo." };

/* Does the text begin with this word, of any case, and end it there? */
static bool
begins_with_word(struct rest r, const char *word, bool any_case)
{
	size_t n = strlen(word);

	if (n > r.len || (any_case ? strncasecmp(r.p, word, n) : strncmp(r.p, word, n)) != 0)
		return false;
	return n == r.len || !is_word(word[n - 1]) || !(is_word(r.p[n]) || is_digit(r.p[n]));
}

static bool
begins_with_any(struct rest r, const char *const *words, size_t n, bool any_case)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (begins_with_word(r, words[i], any_case))
			return true;
	}
	return false;
}

static struct rest
rest_at(const char *text, size_t len, size_t at)
{
	return (struct rest){ text + at, len - at };
}

static struct rest
skip_blank(struct rest r)
{
	return r.len > 0 && r.p[0] == ' ' ? (struct rest){ r.p + 1, r.len - 1 } : r;
}

/* Where in text[from..to) the last of these words begins; -1 if nowhere. */
static long
last_word(const char *text, size_t from, size_t to, const char *const *words, size_t n)
{
	size_t i;

	for (i = to; i-- > from;) {
		if (i > from && is_word(text[i - 1]))
			continue;
		if (begins_with_any(rest_at(text, to, i), words, n, true))
			return (long)i;
	}
	return -1;
}

/* The end of a minus that is glued to what begins at `at`; `at` itself if there is none (P13). */
static bool
minus_before(const char *text, size_t at, size_t *start)
{
	size_t width = at > 0 && text[at - 1] == '-' ? 1 : 0;

	if (at >= 3 && memcmp(text + at - 3, "\xe2\x80\x93", 3) == 0)
		width = 3;
	if (width == 0 || (at > width && (isalnum((unsigned char)text[at - width - 1]) || text[at - width - 1] == ')')))
		return false;
	*start = at - width;
	return true;
}

static void
find_mark_before(const char *text, size_t floor, struct candidate *c)
{
	size_t at = c->start;

	/* £-5: the sign of the number stands behind the currency's. */
	if (minus_before(text, at, &at))
		c->negative = true;
	if (at > floor && text[at - 1] == ' ')
		at--;
	if (at > floor && currency_mark_before(text + floor, at - floor, &c->mark) > 0)
		c->outer_start = at - c->mark.len;
	if (c->mark.len > 0 && minus_before(text, c->outer_start, &at))
		c->negative = true;
}

/* P10: 8€40, 8 € 40. The end of the cents, or 0. */
static size_t
find_split_cents(const char *text, size_t len, size_t sign_at, const struct currency_mark *mark)
{
	size_t at = sign_at + mark->len;
	bool spaced = sign_at > 0 && text[sign_at - 1] == ' ';

	if (mark->is_code || mark->minor || is_alpha(mark->text[0]))
		return 0;
	if (spaced != (at < len && text[at] == ' '))
		return 0;
	at += spaced;
	if (at + 2 > len || !is_digit(text[at]) || !is_digit(text[at + 1]))
		return 0;
	at += 2;
	if (at == len)
		return at;
	if (isalnum((unsigned char)text[at]) || strchr(".,'%:/", text[at]) != NULL)
		return at + 1 < len && strchr(".,", text[at]) != NULL && !is_digit(text[at + 1]) ? at : 0;
	return skip_blank(rest_at(text, len, at)).p[0] == '%' ? 0 : at;
}

/* May this mark stand behind a number? A lone letter may not: litres, ohms, model numbers. */
static bool
mark_fits_behind(const struct currency_mark *mark, bool spaced)
{
	bool letter = mark->len == 1 && is_alpha(mark->text[0]);

	return !letter || (mark->minor && !spaced);
}

static void
find_mark_after(const char *text, size_t len, struct candidate *c)
{
	size_t at = c->end + number_cents_dash(text + c->end, len - c->end), end;
	struct currency_mark mark;
	struct rest behind;
	bool spaced;

	c->outer_end = at;
	spaced = at < len && text[at] == ' ';
	at += spaced;
	if (at >= len || currency_mark_at(text + at, len - at, &mark) == 0)
		return;
	behind = skip_blank(rest_at(text, len, at + mark.len));
	if (!mark_fits_behind(&mark, spaced))
		return;
	/* $5 USD: the code says more than the sign; $5 $6, $5 USD 6: the second mark is the next one's. */
	if (c->mark.len > 0 && (!mark.is_code || c->mark.is_code || (behind.len > 0 && is_digit(behind.p[0]))))
		return;
	end = c->number.n_groups == 1 && c->mark.len == 0 ? find_split_cents(text, len, at, &mark) : 0;
	c->mark = mark;
	c->mark_after = true;
	c->outer_end = at + mark.len;
	if (end > 0) {
		c->cents = text + end - 2;
		c->outer_end = end;
	}
}

/* Digits on both sides of a slash or colon: a date, a time, a rating (P12). */
static bool
is_joined(const char *text, size_t len, const struct candidate *c)
{
	if (c->start >= 2 && strchr("/:", text[c->start - 1]) != NULL && is_digit(text[c->start - 2]))
		return true;
	return c->end + 1 < len && strchr("/:", text[c->end]) != NULL && is_digit(text[c->end + 1]);
}

static bool
is_glued_left(const char *text, const struct candidate *c)
{
	bool marked = c->mark.len > 0 && !c->mark_after;

	if (c->start == 0 || marked)
		return false;
	if (is_alpha(text[c->start - 1]) || text[c->start - 1] == '_' || text[c->start - 1] == '#' ||
	    text[c->start - 1] == '+')
		return true;
	/* WD-40; a digit before the dash is looked at by join_dashes(). */
	return c->start >= 2 && text[c->start - 1] == '-' && is_alpha(text[c->start - 2]);
}

static bool
is_rejected(const char *text, size_t len, const struct candidate *c)
{
	struct rest behind = rest_at(text, len, c->end), word = skip_blank(behind);
	struct rest whole = rest_at(text, len, c->start);

	if (is_joined(text, len, c) || is_glued_left(text, c))
		return true;
	if (word.len > 0 && word.p[0] == '%')
		return true;
	if (begins_with_any(whole, resolutions, ARRAY_LEN(resolutions), false))
		return true;
	if (c->mark.len > 0 && c->mark_after)
		return begins_with_word(skip_blank(rest_at(text, len, c->outer_end)), "off", true);
	if (begins_with_any(word, magnitudes, ARRAY_LEN(magnitudes), false) &&
	    (c->mark.len > 0 || !begins_with_word(word, "m", false)))
		return true;
	if (begins_with_word(word, "off", true))
		return true;
	if (c->mark.len > 0)
		return false;
	return (word.len > 0 && word.p[0] == '"') || begins_with_any(word, units, ARRAY_LEN(units), false) ||
	       begins_with_any(word, counts, ARRAY_LEN(counts), true);
}

/* P15: what the words between the number before and this one say of it. */
static void
read_words(const char *text, size_t len, size_t floor, struct candidate *c)
{
	long now = last_word(text, floor, c->outer_start, words_now, ARRAY_LEN(words_now));
	long was = last_word(text, floor, c->outer_start, words_was, ARRAY_LEN(words_was));
	long off = last_word(text, floor, c->outer_start, words_off, ARRAY_LEN(words_off));
	struct rest behind = skip_blank(rest_at(text, len, c->outer_end));

	c->from = last_word(text, floor, c->outer_start, words_from, ARRAY_LEN(words_from)) >= 0;
	if (off >= 0 && off > now)
		c->rejected = true;
	else if (was > now)
		c->struck = true;
	else
		c->now = now >= 0;
	c->per_unit = c->per_unit || begins_with_any(behind, words_per, ARRAY_LEN(words_per), true) ||
		      (behind.len > 1 && behind.p[0] == '/' &&
			  (is_word(behind.p[1]) || is_digit(behind.p[1]) || behind.p[1] == ' '));
}

/* Is the place inside what was struck out? */
static bool
is_struck(const char *text, size_t at)
{
	while (at-- > 0) {
		if (text[at] == READER_STRUCK)
			return true;
		if (text[at] == READER_UNSTRUCK)
			return false;
	}
	return false;
}

static void
read_candidate(const char *text, size_t len, size_t floor, struct candidate *c)
{
	c->outer_start = c->start;
	c->outer_end = c->end;
	c->mark = (struct currency_mark){ text, 0, NULL, false, false };
	find_mark_before(text, floor, c);
	find_mark_after(text, len, c);
	c->rejected = is_rejected(text, len, c);
	c->struck = is_struck(text, c->start);
	if (!c->struck)
		read_words(text, len, floor, c);
	/* 3 x 19.99: an instalment */
	if (floor > 0 && c->outer_start > floor &&
	    begins_with_word(skip_blank((struct rest){ text + floor, c->outer_start - floor }), "x", true))
		c->per_unit = true;
}

/* What stands between two candidates: a dash or a word that makes them a range? */
static bool
is_range_word(const char *p, size_t len)
{
	static const char *const dashes[] = { "-", "\xe2\x80\x93", "\xe2\x80\x94", "~", "to", "bis", "à" };
	size_t i;

	while (len > 0 && p[0] == ' ') {
		p++;
		len--;
	}
	while (len > 0 && p[len - 1] == ' ')
		len--;
	for (i = 0; i < ARRAY_LEN(dashes); i++) {
		if (strlen(dashes[i]) == len && strncasecmp(p, dashes[i], len) == 0)
			return true;
	}
	return false;
}

/* Two amounts that share a currency: both have it, or it stands at the outer side of one (P15.2). */
static bool
share_currency(const struct candidate *a, const struct candidate *b)
{
	if (a->mark.len > 0 && b->mark.len > 0)
		return a->mark.codes != NULL && b->mark.codes != NULL && strcmp(a->mark.codes, b->mark.codes) == 0;
	return (a->mark.len > 0 && !a->mark_after && b->mark.len == 0) ||
	       (b->mark.len > 0 && b->mark_after && a->mark.len == 0);
}

/* Digits joined by dashes with no currency among them: a date, a phone number (P12). */
static void
join_dashes(const char *text, struct candidate *c, size_t n)
{
	size_t i, first = 0;

	for (i = 1; i <= n; i++) {
		bool joined = i < n && c[i].start == c[i - 1].end + 1 && text[c[i - 1].end] == '-';

		if (joined)
			continue;
		if (i - first > 2 || (i - first == 2 && !c[first].to_next)) {
			for (; first < i; first++)
				c[first].rejected = true;
		}
		first = i;
	}
}

size_t
candidates_find(const char *text, size_t len, struct candidate *out)
{
	size_t i = 0, n = 0, k, used, floor = 0;

	while (i < len && n < CANDIDATES_MAX) {
		bool starts = is_digit(text[i]) ||
			      ((text[i] == '.' || text[i] == ',') && (i == 0 || !isalnum((unsigned char)text[i - 1])));

		used = starts ? number_scan(text + i, len - i, &out[n].number) : 0;
		if (used == 0) {
			i++;
			continue;
		}
		k = n++;
		out[k] = (struct candidate){ .number = out[k].number, .start = i, .end = i + used };
		read_candidate(text, len, floor, &out[k]);
		i = floor = out[k].outer_end;
	}
	for (i = 1; i < n; i++) {
		struct candidate *a = &out[i - 1], *b = &out[i];

		a->to_next = !a->rejected && !b->rejected && !a->negative && !b->negative && share_currency(a, b) &&
			     b->outer_start > a->outer_end &&
			     is_range_word(text + a->outer_end, b->outer_start - a->outer_end);
	}
	join_dashes(text, out, n);
	return n;
}
