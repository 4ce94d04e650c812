#include "price/extract_heuristic.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/phrase.h"
#include "price/seen.h"
#include "price/shown.h"

#define PIECE_MAX 8192	/* markup of one candidate */
#define TEXT_MAX 160	/* a longer text is no price but what stands around one */
#define SHORT_TEXT 32
#define CENTS_TEXT_MAX 12
#define SEEN_APART (SEEN_ASIDE | SEEN_TEMPLATE) /* of other things, or of none */
#define LOWEST_PENALTY 5
#define DENIED_PENALTY 5
#define TWIN_PENALTY 4
#define SCORE_MIN 4	/* the least that is believed */
#define SCORE_MARGIN 2	/* by how much the best must beat the second */
#define NEAR_BEFORE 2048 /* of the page, around its heading */
#define NEAR_BEHIND 12288
#define NEAR_ALL (NEAR_BEFORE + NEAR_BEHIND)
#define NEAR_LIST_TAGS 24 /* how far the price of before stands from that of now */

struct scored {
	const struct seen_price *seen;
	struct money money;
	bool priced;
	bool digits;	/* its text has no word and no separator: it may be the cents of another */
	bool explained; /* a part or the old price of the one around it; or around an old one, which it took for its own */
	bool repeated;	/* one of several of its kind that differ */
	int score;
	struct trace_entry *entry;
};

struct scorer {
	const struct extract *x;
	const struct seen *seen;
	struct scored *all;
	size_t n;
};

static bool
read_text(const struct extract *x, const struct buf *text, bool machine, struct money *out)
{
	struct reader_hints hints = x->hints;

	hints.machine = machine;
	return text->len > 0 && text->len <= 2 * TEXT_MAX &&
	       reader_read(text->data, text->len, &hints, out) == READ_OK && out->amount.coef > 0;
}

/* A sign beside the amount, in the element around it: <b class=price>5</b><i>EUR</i>. */
static void
read_currency_around(const struct extract *x, struct scored *c)
{
	struct buf text = BUF_INIT(0);
	struct money money;

	if (c->money.currency_text[0] == '\0' && c->seen->parent.p != NULL && c->seen->parent.len < PIECE_MAX &&
	    markup_put_shown(&text, c->seen->parent, TEXT_MAX) && read_text(x, &text, false, &money) &&
	    amount_cmp(&money.amount, &c->money.amount) == 0 && money.currency_text[0] != '\0') {
		c->money.currency = money.currency;
		memcpy(c->money.currency_text, money.currency_text, sizeof(money.currency_text));
		c->money.warnings |= money.warnings;
	}
	buf_release(&text);
}

/* The words beside it deny it: "Was: <b class=price>5 EUR</b>" has an amount that is no price, and no other. */
static bool
is_denied_around(const struct extract *x, const struct scored *c, const struct buf *text)
{
	struct buf around = BUF_INIT(0);
	struct money money;
	bool is;

	is = c->seen->parent.p != NULL && c->seen->parent.len < PIECE_MAX && text->len > 0 &&
	     markup_put_shown(&around, c->seen->parent, TEXT_MAX) && around.len > text->len && around.len <= TEXT_MAX &&
	     memmem(around.data, around.len, text->data, text->len) != NULL && !read_text(x, &around, false, &money);
	buf_release(&around);
	return is;
}

/* "95" and "€95": two digits, and at most a sign. */
static bool
may_be_cents(const struct buf *text)
{
	size_t i, n = 0;

	for (i = 0; i < text->len; i++) {
		if (isalpha((unsigned char)text->data[i]) || text->len > CENTS_TEXT_MAX)
			return false;
		n += isdigit((unsigned char)text->data[i]) != 0;
	}
	return n > 0 && n <= 2;
}

/* data-price="24.99": a number with a point, for one without may count cents. */
static bool
read_data(const struct extract *x, struct slice data, struct money *out)
{
	struct buf text = BUF_INIT(0);
	size_t i;
	bool plain = true, found;

	markup_put_value(&text, data);
	for (i = 0; i < text.len; i++)
		plain = plain && isdigit((unsigned char)text.data[i]);
	found = !(plain && text.len > 3) && read_text(x, &text, true, out);
	buf_release(&text);
	return found;
}

/* The lowest price of the last thirty days, which shops in the EU must tell beside the price: in it, or right before. */
static bool
is_lowest_of_days(const struct seen_price *p, const struct buf *text)
{
	static const char *const words[] = { "lowest price", "last # days", "niedrigster preis", "letzten # tage", "bester preis",
		"prix le plus bas", "derniers # jours", "precio mas bajo", "ultimos # dias", "prezzo piu basso", "ultimi # giorni",
		"preco mais baixo", "laagste prijs", "lagsta pris", "laveste pris", "alin hinta", "najnizsza cena", "ostatnich # dni",
		"nejnizsi cena", "poslednich # dni", "najnizsia cena", "legalacsonyabb ar", "cel mai mic pret", "χαμηλοτερη τιμη" };
	char folded[PHRASE_SIZE];
	struct slice before = { p->parent.p, p->parent.p != NULL ? (size_t)(p->at - p->parent.p) : 0 };
	struct buf b = BUF_INIT(0);
	bool is;

	is = phrase_fold(text->data != NULL ? text->data : "", text->len, folded) > 0 &&
	     phrase_have_any(folded, words, ARRAY_LEN(words));
	if (!is && before.p != NULL && before.len < 400 && markup_put_shown(&b, before, TEXT_MAX) && b.len > 0)
		is = phrase_fold(b.data, b.len, folded) > 0 && phrase_have_any(folded, words, ARRAY_LEN(words));
	buf_release(&b);
	return is;
}

static void
read_candidate(const struct scorer *s, struct scored *c)
{
	const struct seen_price *p = c->seen;
	struct buf text = BUF_INIT(0);
	bool fits;

	/* What cannot be the price is read only to be shown. */
	if (s->x->page->trace == NULL && (p->where & SEEN_APART) != 0)
		return;
	fits = p->piece.len > 0 && p->piece.len <= PIECE_MAX &&
	       extract_price_read(s->x, p->piece, &text, &c->money) && text.len <= 2 * TEXT_MAX;
	c->priced = fits && c->money.has_amount && c->money.amount.coef > 0;
	c->entry = trace_add(s->x->page->trace, METHOD_HEURISTIC, text.data, text.len);
	if (c->entry != NULL)
		trace_place(c->entry, "line %zu <%.*s class=\"%.*s\">", extract_line(s->x, p->at), (int)p->tag_name.len,
		    p->tag_name.p, p->class_name.len < 60 ? (int)p->class_name.len : 60,
		    p->class_name.p != NULL ? p->class_name.p : "");
	if (c->priced) {
		/* One amount and little else. */
		c->score += text.len <= SHORT_TEXT;
		c->score -= is_lowest_of_days(p, &text) ? LOWEST_PENALTY : 0;
		c->score -= is_denied_around(s->x, c, &text) ? DENIED_PENALTY : 0;
		c->digits = may_be_cents(&text);
		read_currency_around(s->x, c);
	} else if (p->data.p != NULL) {
		c->priced = read_data(s->x, p->data, &c->money);
	}
	trace_money(c->entry, &c->money);
	trace_lost(c->entry, "%s", fits ? "no amount" : "too much text for a price");
	buf_release(&text);
}

static size_t
distance(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

/* Near the heading, near a button that buys; best of all between the two. */
static int
score_place(const struct scorer *s, const struct scored *c)
{
	const struct seen *seen = s->seen;
	size_t i, far, at = c->seen->order;
	int score = 0;

	if (seen->has_h1) {
		far = distance(at, seen->h1_order);
		if (at < seen->h1_order)
			score += far <= 30;
		else
			score += far <= 40 ? 3 : far <= 150 ? 2 : far <= 400 ? 1 : 0;
	}
	for (i = 0; i < seen->n_buys; i++) {
		if (distance(at, seen->buys[i]) > 40)
			continue;
		score += c->repeated ? 0 : 2;
		/* Nothing else has begun in between. */
		if (i == 0 && seen->has_h1 && at > seen->h1_order && at < seen->buys[0] && c->seen->headings == 0)
			score += 1;
		break;
	}
	return score;
}

static int
score_looks(const struct scored *c)
{
	unsigned bits = c->seen->class_bits, where = c->seen->where;
	int score = 0;

	score += c->money.currency != NULL || c->money.currency_text[0] != '\0' ? 3 : 0;
	score += (where & SEEN_HEADING) != 0 || (bits & CLASS_LARGE) != 0;
	score += (bits & CLASS_NOW) != 0 ? 2 : 0;
	score -= (bits & (CLASS_PRICE_TOKEN | CLASS_DATA_PRICE)) == 0 ? 2 : 0;
	score -= (where & SEEN_STRUCK) != 0 ? 5 : 0;
	score -= (where & SEEN_APART) != 0 ? 7 : 0;
	score -= (where & SEEN_HEADER) != 0 ? 5 : 0;
	score -= (where & SEEN_LISTED) != 0 ? 4 : 0;
	score -= (where & SEEN_SIDE) != 0 ? 4 : 0;
	score -= (where & SEEN_HIDDEN) != 0 ? 4 : (bits & CLASS_HIDDEN) != 0 ? 1 : 0;
	score -= (where & SEEN_CHOICE) != 0 ? 6 : 0;
	return score;
}

static bool
same_kind(const struct seen_price *a, const struct seen_price *b)
{
	return a->tag_name.len == b->tag_name.len && a->class_name.len == b->class_name.len &&
	       memcmp(a->tag_name.p, b->tag_name.p, a->tag_name.len) == 0 &&
	       (a->class_name.len == 0 || memcmp(a->class_name.p, b->class_name.p, a->class_name.len) == 0);
}

/* Elements beside the product, or not shown: neither of a list of products, nor rivals. */
static bool
is_out_of_place(const struct scored *c)
{
	return (c->seen->where & (SEEN_ASIDE | SEEN_STRUCK | SEEN_HEADER | SEEN_LISTED | SEEN_CHOICE | SEEN_TEMPLATE |
				     SEEN_HIDDEN | SEEN_SIDE)) != 0;
}

/* Each behind a smaller heading of its own, and nothing to buy: two things of a list that cost the same. */
static bool
is_headed_apart(const struct scorer *s, const struct seen_price *a, const struct seen_price *b)
{
	return s->seen->has_h1 && s->seen->n_buys == 0 && a->headings > 0 && b->headings > 0 && a->headings != b->headings;
}

/* Several of one kind with amounts of their own: the prices of a list. */
static void
find_repeats(struct scorer *s)
{
	size_t i, k, others;
	bool twins;

	for (i = 0; i < s->n; i++) {
		struct scored *a = &s->all[i];

		if (!a->priced || is_out_of_place(a))
			continue;
		for (k = 0, others = 0, twins = false; k < s->n && others < 2; k++) {
			const struct scored *b = &s->all[k];

			if (!b->priced || is_out_of_place(b) || !same_kind(a->seen, b->seen) || a->seen->outer != b->seen->outer)
				continue;
			others += amount_cmp(&a->money.amount, &b->money.amount) != 0;
			twins = twins || is_headed_apart(s, a->seen, b->seen);
		}
		a->repeated = others >= 2 || twins;
		a->score -= twins ? TWIN_PENALTY : 0;
	}
}

/* Is it the whole or the cents of the amount that is read around it: 39 and 50 of 39.50? */
static bool
is_part(const struct scored *c, const struct money *around)
{
	struct amount whole = around->amount;
	int64_t cents;

	if (c->money.amount.scale != 0 || whole.scale != 2)
		return false;
	cents = whole.coef % 100;
	whole = (struct amount){ whole.coef / 100, 0 };
	return amount_cmp(&c->money.amount, &whole) == 0 || (c->digits && c->money.amount.coef == cents);
}

/* Another price stands beside c in `around`, which has read c's: c's is struck out, and so no price (P15). */
static bool
has_misread(const struct scorer *s, int around, const struct scored *c)
{
	const struct scored *o = &s->all[around];
	size_t i;

	if ((c->seen->where & SEEN_STRUCK) == 0 || (o->seen->where & SEEN_STRUCK) != 0)
		return false;
	for (i = (size_t)around + 1; i < s->n && s->all[i].seen->at < o->seen->piece.p + o->seen->piece.len; i++) {
		if (s->all[i].priced && !is_out_of_place(&s->all[i]) &&
		    amount_cmp(&s->all[i].money.amount, &o->money.amount) != 0)
			return true;
	}
	return false;
}

/* What the candidate around it has made of it: a part, the end of a range, or the price of before. */
static void
find_explained(struct scorer *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct scored *c = &s->all[i];
		int outer = c->seen->outer;

		for (; c->priced && !c->explained && outer >= 0; outer = s->all[outer].seen->outer) {
			const struct money *around = &s->all[outer].money;

			if (!s->all[outer].priced)
				continue;
			if (amount_cmp(&around->amount, &c->money.amount) == 0) {
				s->all[outer].explained = s->all[outer].explained || has_misread(s, outer, c);
				continue;
			}
			c->explained = is_part(c, around) || (around->has_max && amount_cmp(&around->max, &c->money.amount) == 0) ||
				       (around->has_list_price && amount_cmp(&around->list_price, &c->money.amount) == 0);
		}
	}
}

static const struct scored *
find_best(const struct scorer *s, const struct scored *than)
{
	const struct scored *best = NULL;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct scored *c = &s->all[i];

		if (!c->priced || c->explained || (c->seen->where & SEEN_APART) != 0 ||
		    (than != NULL && amount_cmp(&c->money.amount, &than->money.amount) == 0))
			continue;
		if (best == NULL || c->score > best->score)
			best = c;
	}
	return best;
}

/* The price of before beside it (P15): an element that is struck out, or one whose words say so. */
static void
take_list_price(const struct scored *c, const struct scored *best, struct money *m)
{
	bool struck = c->priced && (c->seen->where & SEEN_STRUCK) != 0;
	const struct amount *a = struck ? &c->money.amount : &c->money.list_price;

	if ((!struck && (c->money.has_amount || !c->money.has_list_price)) ||
	    (c->seen->where & SEEN_APART) != 0 || (c->seen->where & SEEN_LISTED) > (best->seen->where & SEEN_LISTED) ||
	    distance(c->seen->order, best->seen->order) > NEAR_LIST_TAGS || amount_cmp(a, &m->amount) <= 0)
		return;
	m->has_list_price = true;
	m->list_price = *a;
}

/* Of the elements with the best one's amount the one that says most of it. */
static void
take(const struct scorer *s, const struct scored *best, struct heuristic *out)
{
	size_t i;

	out->stated.money = best->money;
	out->stated.entry = best->entry;
	if (best->money.has_list_price && amount_cmp(&best->money.list_price, &best->money.amount) == 0)
		out->stated.money.has_list_price = false;
	for (i = 0; i < s->n; i++) {
		const struct scored *c = &s->all[i];
		struct money *m = &out->stated.money;

		if (!c->priced || is_out_of_place(c) || amount_cmp(&c->money.amount, &m->amount) != 0)
			continue;
		/* "Regular price 5 EUR" beside the same amount says nothing of before. */
		if (!m->has_list_price && c->money.has_list_price &&
		    amount_cmp(&c->money.list_price, &m->amount) > 0) {
			m->has_list_price = true;
			m->list_price = c->money.list_price;
		}
		if (!m->has_max && c->money.has_max) {
			m->has_max = true;
			m->max = c->money.max;
			m->flags |= c->money.flags & (MONEY_RANGE | MONEY_FROM);
		}
	}
	for (i = 0; i < s->n && !out->stated.money.has_list_price; i++)
		take_list_price(&s->all[i], best, &out->stated.money);
}

static void
explain(const struct scorer *s, const struct scored *best)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct scored *c = &s->all[i];

		if (!c->priced || c == best)
			continue;
		if (c->explained)
			trace_lost(c->entry, "part of the one around it, or an old price in it");
		else
			trace_lost(c->entry, "score %d of %d%s", c->score, best->score,
			    (c->seen->where & SEEN_ASIDE) != 0	 ? ", beside the product"
			    : (c->seen->where & SEEN_STRUCK) != 0 ? ", an old price"
			    : (c->seen->where & SEEN_HIDDEN) != 0 ? ", hidden"
			    : c->repeated			  ? ", one of many"
								  : "");
	}
}

static void
decide(struct scorer *s, struct heuristic *out)
{
	const struct scored *best, *second;
	size_t i;

	find_repeats(s);
	find_explained(s);
	for (i = 0; i < s->n; i++) {
		if (s->all[i].priced)
			s->all[i].score += score_looks(&s->all[i]) + score_place(s, &s->all[i]) - 2 * s->all[i].repeated;
	}
	best = find_best(s, NULL);
	if (best == NULL)
		return;
	explain(s, best);
	second = find_best(s, best);
	if (best->score < SCORE_MIN) {
		trace_lost(best->entry, "score %d: too low", best->score);
		out->ambiguous = best->repeated || (best->seen->where & SEEN_LISTED) != 0;
	} else if (second != NULL && best->score < second->score + SCORE_MARGIN) {
		trace_lost(best->entry, "score %d, not clearly above %d", best->score, second->score);
		out->ambiguous = true;
	} else {
		trace_won(best->entry, "score %d", best->score);
		take(s, best, out);
	}
}

static void
read_title(const struct seen *seen, struct stated *stated)
{
	struct buf b = BUF_INIT(0);

	if (seen->h1.len > 0 && markup_put_shown(&b, seen->h1, READER_TEXT_MAX) && b.len > 0)
		offer_title(b.data, b.len, stated->title);
	buf_release(&b);
}

/* The part of the page around its heading; the whole if it is small. False: there is no such part. */
static bool
find_near(const struct extract *x, struct slice *part)
{
	const char *p = x->heading, *end = x->text + x->len;

	*part = (struct slice){ x->text, x->len };
	if (x->len <= NEAR_ALL)
		return true;
	if (p == NULL)
		return false;
	part->p = p - x->text > NEAR_BEFORE ? p - NEAR_BEFORE : x->text;
	part->len = (size_t)(p - part->p) + NEAR_BEHIND;
	if (part->len > (size_t)(end - part->p))
		part->len = (size_t)(end - part->p);
	return true;
}

bool
heuristic_agrees(const struct extract *x, const struct offer *o)
{
	struct slice part;

	/* What is still open needs the closer look. */
	if (o->money.currency == NULL || o->title[0] == '\0' || o->availability == AVAILABILITY_ABSENT ||
	    o->availability == AVAILABILITY_UNKNOWN)
		return false;
	if (!find_near(x, &part))
		return true;
	return shown_amount(part, &o->money.amount) && !shown_against(part, x->heading, o->availability);
}

void
extract_heuristic(const struct extract *x, bool near, struct heuristic *out)
{
	struct slice part = { x->text, x->len };
	struct scorer s = { .x = x };
	struct seen *seen;
	size_t i;

	*out = (struct heuristic){ .stated = { .method = METHOD_HEURISTIC } };
	if (near && !find_near(x, &part))
		return;
	seen = seen_new();
	seen_scan(seen, part.p, part.len);
	s.seen = seen;
	s.n = seen->n_prices;
	s.all = xcalloc(s.n + 1, sizeof(*s.all));
	for (i = 0; i < s.n && !extract_is_stopped(x); i++) {
		s.all[i].seen = &seen->prices[i];
		read_candidate(&s, &s.all[i]);
		out->any = out->any || !is_out_of_place(&s.all[i]);
	}
	decide(&s, out);
	out->any = out->any || seen->n_buys > 0;
	out->stated.availability = seen_availability(seen);
	read_title(seen, &out->stated);
	free(s.all);
	seen_free(seen);
}
