#include "price/shown.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define TEXT_BEFORE 40	/* bytes of text before the amount: what is longer may be a script */
#define MARKUP_BEFORE 400 /* in which a <del> would open */
#define RUN_MIN 4
#define RUN_MAX 60
#define RUN_TAGS 120

/* An amount as its digits: "1", "299" and "99" of 1299.99. */
struct digits {
	char whole[24], frac[12];
	size_t n_whole, n_frac; /* without zeros at the end of the cents if all are zeros */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
split(const struct amount *a, struct digits *d)
{
	char text[AMOUNT_TEXT_SIZE], *point;

	amount_text(a, 0, text);
	point = strchr(text, '.');
	d->n_frac = point != NULL ? strlen(point + 1) : 0;
	if (d->n_frac >= sizeof(d->frac))
		d->n_frac = 0;
	if (point != NULL) {
		memcpy(d->frac, point + 1, d->n_frac);
		*point = '\0';
	}
	while (d->n_frac > 0 && d->frac[d->n_frac - 1] == '0')
		d->n_frac--;
	d->n_whole = strlen(text) < sizeof(d->whole) ? strlen(text) : 0;
	memcpy(d->whole, text, d->n_whole);
}

/* What may group thousands, at the end of text[0..p): its length. */
static size_t
separator_before(const char *start, const char *p)
{
	if (p - start >= 1 && strchr(".,' ", p[-1]) != NULL)
		return 1;
	if (p - start >= 2 && memcmp(p - 2, "\xc2\xa0", 2) == 0)
		return 2;
	if (p - start >= 3 && (memcmp(p - 3, "\xe2\x80\xaf", 3) == 0 || memcmp(p - 3, "\xe2\x80\x99", 3) == 0))
		return 3;
	return 0;
}

/* The rest of the whole part before p, in groups of three or in one piece; NULL if it is another number. */
static const char *
match_before(const char *start, const char *p, const struct digits *d, size_t left)
{
	while (left > 0) {
		size_t group = left < 3 ? left : 3;

		p -= separator_before(start, p);
		if ((size_t)(p - start) < group || memcmp(p - group, d->whole + left - group, group) != 0)
			return NULL;
		p -= group;
		left -= group;
	}
	if (p > start && (is_digit(p[-1]) || (strchr(".,", p[-1]) != NULL && p - start > 1 && is_digit(p[-2]))))
		return NULL;
	return p;
}

/* The cents at p, behind the whole part: none, zeros, or theirs. */
static bool
match_behind(const char *p, const char *end, const struct digits *d)
{
	size_t n = 0;

	if (end - p > 1 && (*p == '.' || *p == ',') && is_digit(p[1])) {
		p++;
		while (p + n < end && is_digit(p[n]))
			n++;
		/* Three digits may be thousands: another number. */
		if (n < d->n_frac || n > 8 || (n == 3 && d->n_frac != 3) || memcmp(p, d->frac, d->n_frac) != 0)
			return false;
		for (p += d->n_frac, n -= d->n_frac; n > 0; n--) {
			if (*p++ != '0')
				return false;
		}
		return p == end || (*p != '.' && *p != ',') || end - p < 2 || !is_digit(p[1]);
	}
	return d->n_frac == 0 && (p == end || !is_digit(*p));
}

static const char *
find_back(const char *start, const char *p, char c)
{
	return memrchr(start, c, (size_t)(p - start));
}

/* Is the place inside of an element that says old: <del>, <s>, or a class of the tags right before? */
static bool
is_old(const char *start, const char *p)
{
	static const char *const words[] = { "old", "was", "strike", "list-price", "listprice", "regular", "rrp", "msrp", "uvp",
		"compare", "before", "original", "statt", "previous", "<s>", "<s ", "<del", "unit", "month", "shipping",
		"related", "upsell", "cart" };
	const char *from = p - start > MARKUP_BEFORE ? p - MARKUP_BEFORE : start, *closed;
	char text[MARKUP_BEFORE + 1];
	size_t i, n;

	/* What was struck out and is over says nothing. */
	for (closed = p; closed > from; closed--) {
		if (p - closed >= 4 && (memcmp(closed, "</s>", 4) == 0 || memcmp(closed, "</de", 4) == 0 ||
					   memcmp(closed, "</st", 4) == 0)) {
			from = closed + 4;
			break;
		}
	}
	n = (size_t)(p - from);
	for (i = 0; i < n; i++)
		text[i] = (char)tolower((unsigned char)from[i]);
	text[n] = '\0';
	for (i = 0; i < ARRAY_LEN(words); i++) {
		if (strstr(text, words[i]) != NULL)
			return true;
	}
	return false;
}

/* In text, close behind a tag: not in an attribute, not in a script. */
static bool
is_text(const char *start, const char *p)
{
	const char *close = find_back(start, p, '>'), *q;

	if (close == NULL || p - close > TEXT_BEFORE)
		return false;
	for (q = close + 1; q < p; q++) {
		if (strchr("<{}\"=[]", *q) != NULL)
			return false;
	}
	return true;
}

bool
shown_amount(struct slice part, const struct amount *amount)
{
	const char *p = part.p, *end = part.p + part.len, *first;
	struct digits d;
	size_t tail;

	split(amount, &d);
	if (d.n_whole == 0 || amount->coef <= 0)
		return false;
	tail = d.n_whole < 3 ? d.n_whole : 3;
	while ((p = memmem(p, (size_t)(end - p), d.whole + d.n_whole - tail, tail)) != NULL) {
		first = match_before(part.p, p, &d, d.n_whole - tail);
		if (first != NULL && match_behind(p + tail, end, &d) && is_text(part.p, first) && !is_old(part.p, first))
			return true;
		p++;
	}
	return false;
}

static bool
is_against(enum availability said, enum availability stated)
{
	bool had = stated == AVAILABILITY_IN_STOCK || stated == AVAILABILITY_LIMITED;
	bool gone = stated == AVAILABILITY_OUT_OF_STOCK || stated == AVAILABILITY_DISCONTINUED;

	return (had && (said == AVAILABILITY_OUT_OF_STOCK || said == AVAILABILITY_DISCONTINUED)) ||
	       (gone && (said == AVAILABILITY_IN_STOCK || said == AVAILABILITY_LIMITED));
}

/* The words behind the next tag, without the blanks around them; false at the end. */
static bool
next_run(const char *text, size_t len, size_t *at, struct slice *run)
{
	const char *close = memchr(text + *at, '>', len - *at), *open;
	size_t from, to;

	if (close == NULL)
		return false;
	for (from = (size_t)(close - text) + 1; from < len && isspace((unsigned char)text[from]); from++)
		;
	open = from < len ? memchr(text + from, '<', len - from) : NULL;
	*at = to = open != NULL ? (size_t)(open - text) : len;
	while (to > from && isspace((unsigned char)text[to - 1]))
		to--;
	*run = (struct slice){ text + from, to - from };
	return true;
}

bool
shown_against(struct slice part, const char *heading, enum availability stated)
{
	size_t at = heading != NULL ? (size_t)(heading - part.p) : 0, n;
	struct slice run;

	for (n = 0; n < RUN_TAGS && at < part.len && next_run(part.p, part.len, &at, &run); n++) {
		if (run.len >= RUN_MIN && run.len <= RUN_MAX && is_against(availability_phrase(run.p, run.len), stated))
			return true;
	}
	return false;
}
