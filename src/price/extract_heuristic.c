#include "price/extract_heuristic.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/phrase.h"
#include "price/scored.h"
#include "price/seen.h"
#include "price/shown.h"

#define TEXT_MAX 160	/* of a heading */
#define TWIN_PENALTY 4
#define SHELF_MIN 5
#define SCORE_MIN 4	/* the least that is believed */
#define SCORE_MARGIN 2	/* by how much the best must beat the second */
#define NEAR_BEFORE 2048 /* of the page, around its heading */
#define NEAR_BEHIND 12288
#define NEAR_ALL (NEAR_BEFORE + NEAR_BEHIND)
#define NEAR_LIST_TAGS 24 /* how far the price of before stands from that of now */

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
	score -= (where & SCORED_APART) != 0 ? 7 : 0;
	score -= (where & SEEN_HEADER) != 0 ? 5 : 0;
	score -= (where & SEEN_LISTED) != 0 ? 4 : 0;
	score -= (where & SEEN_SIDE) != 0 ? 7 : 0;
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
	size_t i, k, others, same;
	bool twins;

	for (i = 0; i < s->n; i++) {
		struct scored *a = &s->all[i];

		if (!a->priced || is_out_of_place(a))
			continue;
		for (k = 0, others = same = 0, twins = false; k < s->n && others < 2; k++) {
			const struct scored *b = &s->all[k];

			if (!b->priced || is_out_of_place(b) || !same_kind(a->seen, b->seen) || a->seen->outer != b->seen->outer)
				continue;
			others += amount_cmp(&a->money.amount, &b->money.amount) != 0;
			same += amount_cmp(&a->money.amount, &b->money.amount) == 0;
			twins = twins || is_headed_apart(s, a->seen, b->seen);
		}
		/* One thing is not offered that often, each time with a button. */
		twins = twins || (same >= SHELF_MIN && s->seen->n_buys >= SHELF_MIN);
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

/*
 * Another price stands beside c in `around`, which has read c's: c's is struck
 * out (P15), or says less of being the price now than a lower one.
 */
static bool
has_misread(const struct scorer *s, int around, const struct scored *c)
{
	const struct scored *o = &s->all[around];
	bool struck = (c->seen->where & SEEN_STRUCK) != 0, now = (c->seen->class_bits & CLASS_NOW) != 0;
	size_t i;

	if (now || (o->seen->where & SEEN_STRUCK) != 0)
		return false;
	for (i = (size_t)around + 1; i < s->n && s->all[i].seen->at < o->seen->piece.p + o->seen->piece.len; i++) {
		const struct scored *other = &s->all[i];
		int order = other->priced && !is_out_of_place(other) ? amount_cmp(&other->money.amount, &o->money.amount) : 0;

		if (order != 0 && (struck || (order < 0 && (other->seen->class_bits & CLASS_NOW) != 0)))
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

		if (!c->priced || c->explained || (c->seen->where & SCORED_APART) != 0 ||
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
	    (c->seen->where & SCORED_APART) != 0 || (c->seen->where & SEEN_LISTED) > (best->seen->where & SEEN_LISTED) ||
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

/*
 * An amount that no word calls a price stands between the heading and the
 * button, and the best one, another, behind: then it is of something else.
 */
static bool
is_beyond_bare(const struct scorer *s, const struct scored *best)
{
	struct buf text = BUF_INIT(0);
	struct money money;
	bool beyond = false;
	size_t i;

	if (s->seen->n_buys == 0 || best->seen->order < s->seen->buys[0])
		return false;
	for (i = 0; i < s->n; i++) {
		if (s->all[i].priced && s->all[i].seen->order < s->seen->buys[0] && !is_out_of_place(&s->all[i]) &&
		    amount_cmp(&s->all[i].money.amount, &best->money.amount) == 0)
			return false;
	}
	for (i = 0; i < s->seen->n_bare && !beyond; i++) {
		buf_clear(&text);
		markup_put_value(&text, s->seen->bare[i]);
		beyond = scored_amount(s->x, &text, false, &money) && money.currency_text[0] != '\0' &&
			 amount_cmp(&money.amount, &best->money.amount) != 0;
	}
	buf_release(&text);
	return beyond;
}

/* The heading of what somebody has put into a cart: what it costs is no thing's price. */
static bool
says_cart(struct slice heading)
{
	/* Not a basket alone, which may be for bread. */
	static const char *const names[] = { " your cart ", " my cart ", " shopping cart ", " your shopping cart ", " your basket ",
		" my basket ", " shopping basket ", " your shopping basket ", " your bag ", " shopping bag ", " checkout ",
		" warenkorb ", " ihr warenkorb ", " mein warenkorb ", " mon panier ", " votre panier ", " mi carrito ", " tu carrito ",
		" carrito de compras ", " tu cesta ", " il tuo carrello ", " meu carrinho ", " winkelwagen ", " je winkelwagen ",
		" winkelmandje ", " twoj koszyk ", " nakupni kosik ", " varukorg ", " din varukorg ", " kundvagn ", " sepetim ",
		" моя корзина ", " ショッピングカート " };
	char folded[PHRASE_SIZE];
	struct buf b = BUF_INIT(0);
	size_t i = ARRAY_LEN(names);

	if (heading.len > 0 && markup_put_shown(&b, heading, TEXT_MAX) && b.len > 0 && phrase_fold(b.data, b.len, folded) > 0) {
		for (i = 0; i < ARRAY_LEN(names) && strcmp(folded, names[i]) != 0; i++)
			;
	}
	buf_release(&b);
	return i < ARRAY_LEN(names);
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
	} else if (is_beyond_bare(s, best) || says_cart(s->seen->h1)) {
		trace_lost(best->entry, "score %d, but of something else", best->score);
		out->ambiguous = true;
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
		scored_read(x, &s.all[i]);
		out->any = out->any || !is_out_of_place(&s.all[i]);
	}
	decide(&s, out);
	/* An element for the stock is one of a product, too. */
	out->any = out->any || seen->n_buys > 0 || (seen->has_h1 && seen->stock != AVAILABILITY_ABSENT);
	out->stated.availability = seen_availability(seen);
	read_title(seen, &out->stated);
	free(s.all);
	seen_free(seen);
}
