#include "price/scored.h"

#include <ctype.h>
#include <string.h>

#include "base/attr.h"
#include "price/phrase.h"

#define PIECE_MAX 8192	/* markup of one candidate */
#define TEXT_MAX 160	/* a longer text is no price but what stands around one */
#define SHORT_TEXT 32
#define CENTS_TEXT_MAX 12
#define LOWEST_PENALTY 5
#define DENIED_PENALTY 5
#define UNIT_PENALTY 3

bool
scored_amount(const struct extract *x, const struct buf *text, bool machine, struct money *out)
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
	    markup_put_shown(&text, c->seen->parent, TEXT_MAX) && scored_amount(x, &text, false, &money) &&
	    amount_cmp(&money.amount, &c->money.amount) == 0 && money.currency_text[0] != '\0') {
		c->money.currency = money.currency;
		memcpy(c->money.currency_text, money.currency_text, sizeof(money.currency_text));
		c->money.warnings |= money.warnings;
	}
	buf_release(&text);
}

/* The words beside it deny it: "Was: <b class=price>5 EUR</b>" has an amount that is no price, or "<b>5 EUR</b> a month", and no other. */
static bool
is_denied_around(const struct extract *x, const struct scored *c, const struct buf *text)
{
	struct buf around = BUF_INIT(0);
	struct money money;
	bool is;

	is = c->seen->parent.p != NULL && c->seen->parent.len < PIECE_MAX && text->len > 0 &&
	     markup_put_shown(&around, c->seen->parent, TEXT_MAX) && around.len > text->len && around.len <= TEXT_MAX &&
	     memmem(around.data, around.len, text->data, text->len) != NULL &&
	     (!scored_amount(x, &around, false, &money) ||
		 (money.per_unit && !c->money.per_unit && amount_cmp(&money.amount, &c->money.amount) == 0));
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
	found = !(plain && text.len > 3) && scored_amount(x, &text, true, out);
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

void
scored_read(const struct extract *x, struct scored *c)
{
	const struct seen_price *p = c->seen;
	struct buf text = BUF_INIT(0);
	bool fits;

	if (x->page->trace == NULL && (p->where & SCORED_APART) != 0)
		return;
	fits = p->piece.len > 0 && p->piece.len <= PIECE_MAX &&
	       extract_price_read(x, p->piece, &text, &c->money) && text.len <= 2 * TEXT_MAX;
	c->priced = fits && c->money.has_amount && c->money.amount.coef > 0;
	c->entry = trace_add(x->page->trace, METHOD_HEURISTIC, text.data, text.len);
	if (c->entry != NULL)
		trace_place(c->entry, "line %zu <%.*s class=\"%.*s\">", extract_line(x, p->at), (int)p->tag_name.len,
		    p->tag_name.p, p->class_name.len < 60 ? (int)p->class_name.len : 60,
		    p->class_name.p != NULL ? p->class_name.p : "");
	if (c->priced) {
		/* One amount and little else. */
		c->score += text.len <= SHORT_TEXT;
		c->score -= is_lowest_of_days(p, &text) ? LOWEST_PENALTY : 0;
		c->score -= is_denied_around(x, c, &text) ? DENIED_PENALTY : 0;
		c->score -= c->money.per_unit ? UNIT_PENALTY : 0;
		/* "+5 EUR" comes on top of the price. */
		c->score -= text.data[0] == '+' ? DENIED_PENALTY : 0;
		c->digits = may_be_cents(&text);
		read_currency_around(x, c);
	} else if (p->data.p != NULL) {
		c->priced = read_data(x, p->data, &c->money);
	}
	trace_money(c->entry, &c->money);
	trace_lost(c->entry, "%s", fits ? "no amount" : "too much text for a price");
	buf_release(&text);
}
