#include "price/seen.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/phrase.h"
#include "price/reader.h"

#define CLOSE_LOOKBACK 256 /* how far up a closing tag looks for its element */
#define LABEL_LOOKBACK 3
#define BLOCK_TAGS 400	   /* how far behind the heading its block may reach */
#define IN_STOCK_TEXT 32 /* "available in three colours, for young and old" is no stock */
#define RUN_TAGS 120	   /* and how far any words in it count */
#define WORDS_INSIDE_MAX 4096 /* from a button to its words: an icon may stand before them */
#define WORDS_INSIDE_TAGS 16

struct seen *
seen_new(void)
{
	struct seen *s = xmalloc(sizeof(*s));

	s->depth = s->n_prices = s->n_buys = s->n_bare = s->order = s->h1_order = s->headings = 0;
	s->has_h1 = false;
	s->h1 = (struct slice){ NULL, 0 };
	s->stock = s->run = AVAILABILITY_ABSENT;
	return s;
}

void
seen_free(struct seen *s)
{
	free(s);
}

enum availability
seen_availability(const struct seen *s)
{
	return s->stock != AVAILABILITY_ABSENT ? s->stock : s->run;
}

/* What denies stands above what affirms; equal ones stay. */
static int
badness(enum availability a)
{
	switch (a) {
	case AVAILABILITY_ABSENT:
	case AVAILABILITY_UNKNOWN:
		return 0;
	case AVAILABILITY_IN_STOCK:
		return 1;
	case AVAILABILITY_LIMITED:
		return 2;
	case AVAILABILITY_BACKORDER:
		return 3;
	case AVAILABILITY_PREORDER:
		return 4;
	case AVAILABILITY_OUT_OF_STOCK:
		return 5;
	case AVAILABILITY_DISCONTINUED:
		return 6;
	}
	return 0;
}

static void
take_worse(enum availability *a, enum availability b)
{
	if (badness(b) > badness(*a))
		*a = b;
}

static unsigned
where_of_name(struct slice name)
{
	static const char *const aside[] = { "nav", "footer", "aside" };

	switch (name.p[0] | 0x20) {
	case 's':
		if (slice_is(name, "select"))
			return SEEN_CHOICE;
		return markup_is_struck(name) ? SEEN_STRUCK : 0;
	case 'd':
		return markup_is_struck(name) ? SEEN_STRUCK : 0;
	case 'n':
		return slice_is(name, "noscript") ? SEEN_TEMPLATE : slice_is_one_of(name, aside, ARRAY_LEN(aside)) ? SEEN_ASIDE : 0;
	case 'f':
	case 'a':
		return slice_is_one_of(name, aside, ARRAY_LEN(aside)) ? SEEN_ASIDE : 0;
	case 't':
		return slice_is(name, "template") ? SEEN_TEMPLATE : 0;
	case 'h':
		if (slice_is(name, "header"))
			return SEEN_HEADER;
		return name.len == 2 && name.p[1] >= '1' && name.p[1] <= '3' ? SEEN_HEADING : 0;
	case 'o':
		return slice_is(name, "option") ? SEEN_CHOICE : 0;
	default:
		return 0;
	}
}

static unsigned
where_of_class(const struct tag *tag, unsigned bits)
{
	static const char *const entries[] = { "li", "label", "button", "a", "span", "td", "input" };
	unsigned where = 0;

	/* A page's own body has classes of all kinds. */
	if (slice_is(tag->name, "body") || slice_is(tag->name, "html"))
		return 0;
	if ((bits & CLASS_ASIDE) != 0)
		where |= SEEN_ASIDE;
	if ((bits & CLASS_HEADER) != 0)
		where |= SEEN_HEADER;
	if ((bits & CLASS_LISTED) != 0)
		where |= SEEN_LISTED;
	if ((bits & CLASS_OLD) != 0)
		where |= SEEN_STRUCK;
	if ((bits & CLASS_SIDE) != 0)
		where |= SEEN_SIDE;
	if ((bits & CLASS_VARIANT) != 0 && slice_is_one_of(tag->name, entries, ARRAY_LEN(entries)))
		where |= SEEN_VARIANT;
	return where;
}

/* Words of a button that buys. */
static bool
says_buy(struct slice text)
{
	static const char *const words[] = { "add to cart", "add to basket", "add to bag", "add to trolley", "buy now",
		"buy it now", "pre order", "preorder", "in den warenkorb", "in den einkaufswagen", "jetzt kaufen", "kaufen ",
		"ajouter au panier", "acheter", "anadir al carrito", "agregar al carrito", "anadir a la cesta", "comprar",
		"aggiungi al carrello", "acquista", "adicionar ao carrinho", "in winkelwagen", "in winkelmand",
		"toevoegen aan winkel", "bestel", "lagg i varukorg", "lagg i kundvagn", "kop ", "laeg i kurv", "leg i kurv",
		"laeg i indkobskurv", "legg i handlekurv", "lisaa ostoskoriin", "osta ", "do koszyka", "dodaj do koszyka",
		"kup teraz", "do kosiku", "pridat do kosiku", "koupit", "do kosika", "kosarba", "adauga in cos", "sepete ekle",
		"satin al", "προσθηκη στο καλαθι", "στο καλαθι", "в корзину", "купить", "у кошик", "купити", "カートに入れる",
		"カートに追加", "购物车", "購物車", "立即购买", "立即購買", "장바구니", "구매하기", "הוסף לסל", "أضف إلى السلة" };
	char folded[PHRASE_SIZE];

	return phrase_fold(text.p, text.len, folded) > 0 && phrase_have_any(folded, words, ARRAY_LEN(words));
}

/* The first words inside of a button: behind an icon, maybe. So many tags are looked at (P38). */
static struct slice
words_inside(const struct tag *tag, const char *end)
{
	const char *p = tag->end, *e;
	size_t n;

	if (end - p > WORDS_INSIDE_MAX)
		end = p + WORDS_INSIDE_MAX;
	for (n = 0; n < WORDS_INSIDE_TAGS; n++) {
		while (p < end && isspace((unsigned char)*p))
			p++;
		if (p == end || *p != '<')
			break;
		if (end - p > 8 && p[1] == '/' && (strncasecmp(p + 2, "button", 6) == 0 || strncasecmp(p + 2, "a>", 2) == 0))
			return (struct slice){ p, 0 };
		e = memchr(p, '>', (size_t)(end - p));
		if (e == NULL)
			return (struct slice){ p, 0 };
		p = e + 1;
	}
	e = memchr(p, '<', (size_t)(end - p));
	if (e == NULL)
		e = end;
	return (struct slice){ p, (size_t)(e - p) < 100 ? (size_t)(e - p) : 100 };
}

static bool
is_buy(const struct tag *tag, unsigned bits, const char *end)
{
	struct slice type;

	if (slice_is(tag->name, "button"))
		return (bits & CLASS_BUY) != 0 || says_buy(words_inside(tag, end));
	if (slice_is(tag->name, "input")) {
		type = markup_attr(tag, "type");
		return (slice_is(type, "submit") || slice_is(type, "button") || slice_is(type, "image")) &&
		       ((bits & CLASS_BUY) != 0 || says_buy(markup_attr(tag, "value")));
	}
	return slice_is(tag->name, "a") &&
	       ((bits & CLASS_BUY) != 0 || ((bits & CLASS_BUTTON) != 0 && says_buy(words_inside(tag, end))));
}

/* The main heading: not the name of the shop. Its header is no page's header. */
static void
open_h1(struct seen *s, const struct tag *tag, unsigned bits)
{
	size_t i;

	if (s->has_h1 || (bits & CLASS_LOGO) != 0 || (s->depth > 0 && (s->stack[s->depth - 1].where & SEEN_ASIDE) != 0))
		return;
	s->has_h1 = true;
	s->h1_order = s->order;
	s->h1 = (struct slice){ tag->end, 0 };
	s->headings = 0;
	for (i = 0; i < s->depth; i++)
		s->stack[i].where &= ~(unsigned)(SEEN_HEADER | SEEN_LISTED | SEEN_SIDE);
	/* What was said before was said elsewhere. */
	s->stock = s->run = AVAILABILITY_ABSENT;
}

static void
add_price(struct seen *s, const struct tag *tag, unsigned bits, struct slice data, struct seen_element *e)
{
	if (s->n_prices == SEEN_PRICES_MAX || tag->raw.p != NULL)
		return;
	if (tag->empty && data.p == NULL)
		return;
	/* What cannot be the price leaves room for what may be (P38). */
	if (s->n_prices >= SEEN_PRICES_MAX / 2 && (e->where & (SEEN_ASIDE | SEEN_TEMPLATE)) != 0)
		return;
	s->prices[s->n_prices] = (struct seen_price){ .tag_name = tag->name, .class_name = markup_attr(tag, "class"),
		.piece = { tag->end, 0 }, .data = data, .at = tag->start, .class_bits = bits, .where = e->where,
		.outer = e->price, .order = s->order, .headings = s->has_h1 ? s->headings : 1 };
	if (!tag->empty) {
		e->is_price = true;
		e->price = (int)s->n_prices;
	}
	s->n_prices++;
}

/* Headings of what is beside the product. */
static bool
says_related(struct slice text)
{
	static const char *const words[] = { "related", "you may also", "you might also", "also bought", "also viewed",
		"also like", "customers who", "similar", "recently viewed", "recommend", "frequently bought", "more from",
		"complete the look", "goes well with", "best sellers", "bestsellers", "new arrivals", "accessories", "popular",
		"ahnliche", "das konnte", "kunden kauften", "kunden haben", "passend dazu", "zubehor", "zuletzt angesehen",
		"empfehlungen", "weitere produkte", "andere kunden", "wird oft", "produits similaires", "produits associes",
		"vous aimerez", "vous pourriez", "articles similaires", "les clients", "dans la meme categorie", "accessoires",
		"productos relacionados", "tambien te", "te puede", "productos similares", "otros clientes",
		"quiza te", "prodotti correlati", "potrebbe", "prodotti simili", "chi ha acquistato", "altri prodotti",
		"produtos relacionados", "voce tambem", "tambem gostar", "quem viu", "gerelateerde", "ook interessant",
		"anderen bekeken", "vergelijkbare", "andere klanten", "misschien", "liknande", "relaterade", "andra kunder",
		"lignende", "relaterede", "relaterte", "andre kunder", "samankaltaisia", "muut asiakkaat", "podobne",
		"polecane", "klienci", "souvisejici", "podobne produkty", "mohlo by", "zakaznici", "suvisiace", "kapcsolodo",
		"hasonlo", "produse similare", "benzer", "ilgili urunler", "σχετικα", "παρομοια", "похожие", "с этим товаром",
		"рекоменд", "вам может", "схожі", "подобни", "関連", "おすすめ", "この商品を", "相关", "相關", "推荐", "推薦",
		"관련", "추천", "منتجات", "מוצרים" };
	char folded[PHRASE_SIZE];

	return phrase_fold(text.p, text.len, folded) > 0 && phrase_have_any(folded, words, ARRAY_LEN(words));
}

static bool
is_in_block(const struct seen *s, unsigned where)
{
	if ((where & (SEEN_ASIDE | SEEN_HEADER | SEEN_LISTED | SEEN_HIDDEN | SEEN_CHOICE | SEEN_VARIANT |
			 SEEN_TEMPLATE)) != 0)
		return false;
	return !s->has_h1 || s->order - s->h1_order < BLOCK_TAGS;
}

/* Of a shop made of stones. */
static bool
says_store(const char *p, size_t len)
{
	static const char *const words[] = { "store", "stores", "showroom", "branch", "filiale", "markt", "ladengeschaft", "magasin",
		"boutique", "tienda", "negozio", "punto vendita", "loja", "winkel", "butik", "sklep", "prodejn", "predajn",
		"uzlet", "magazin", "магазин", "店舗", "门店" };
	char folded[PHRASE_SIZE];

	return phrase_fold(p, len, folded) > 0 && phrase_have_any(folded, words, ARRAY_LEN(words));
}

/* What may be a price though no word says so: a few letters with a digit between the heading and the button. */
static void
keep_bare(struct seen *s, const char *p, size_t len)
{
	const struct seen_element *e = s->depth > 0 ? &s->stack[s->depth - 1] : NULL;
	size_t i;

	if (!s->has_h1 || s->h1.len == 0 || s->n_buys > 0 || s->headings > 0 || s->n_bare == SEEN_BARE_MAX || len > SEEN_BARE_TEXT ||
	    (e != NULL && (e->price >= 0 || (e->where & ~(unsigned)SEEN_HEADING) != 0)))
		return;
	for (i = 0; i < len && !isdigit((unsigned char)p[i]); i++)
		;
	if (i < len)
		s->bare[s->n_bare++] = (struct slice){ p, len };
}

/* A few words between two tags: they may say that the thing is sold out. */
static void
look_at_run(struct seen *s, const char *to)
{
	unsigned where = s->depth > 0 ? s->stack[s->depth - 1].where : 0;
	const char *p = s->text_from;
	enum availability a;

	while (p < to && isspace((unsigned char)*p))
		p++;
	if (to - p < 2 || to - p > 4 * SEEN_RUN_TEXT || !is_in_block(s, where))
		return;
	while (to > p && isspace((unsigned char)to[-1]))
		to--;
	keep_bare(s, p, (size_t)(to - p));
	/* Behind the next heading it is of something else: reviews, questions. */
	if (to - p > SEEN_RUN_TEXT || (s->has_h1 && (s->headings > 0 || s->order - s->h1_order > RUN_TAGS)))
		return;
	a = availability_phrase(p, (size_t)(to - p));
	if (badness(a) > badness(s->run) && (a != AVAILABILITY_IN_STOCK || to - p <= IN_STOCK_TEXT) &&
	    !says_store(p, (size_t)(to - p)))
		take_worse(&s->run, a);
}

static void
look_at_stock(struct seen *s, const struct seen_element *e, const char *end)
{
	struct slice piece = { e->content, (size_t)(end - e->content) };
	struct buf b = BUF_INIT(0);

	if (is_in_block(s, e->where) && piece.len < 4096 && markup_put_shown(&b, piece, SEEN_STOCK_TEXT) && b.len > 0)
		take_worse(&s->stock, availability_phrase(b.data, b.len));
	buf_release(&b);
}

/* The elements from the top down to `depth` end here. */
static void
close_to(struct seen *s, size_t depth, const char *end)
{
	size_t i;

	while (s->depth > depth) {
		struct seen_element *e = &s->stack[--s->depth];
		struct slice content = { e->content, (size_t)(end - e->content) };
		struct seen_element *parent = s->depth > 0 ? &s->stack[s->depth - 1] : NULL;

		for (i = e->first_price; i < s->n_prices && i < e->first_price + e->n_prices; i++) {
			if (s->prices[i].parent.p == NULL)
				s->prices[i].parent = content;
		}
		if (e->is_price)
			s->prices[e->price].piece.len = content.len;
		if (e->is_price && parent != NULL) {
			if (parent->n_prices == 0)
				parent->first_price = (size_t)e->price;
			parent->n_prices = s->n_prices - parent->first_price;
		}
		if (e->is_stock)
			look_at_stock(s, e, end);
		if (e->is_heading && parent != NULL && content.len < 400 && says_related(content))
			parent->where |= SEEN_ASIDE;
		if (s->h1.p == e->content)
			s->h1.len = content.len;
	}
}

static void
close_tag(struct seen *s, const struct tag *tag)
{
	size_t i, looked;

	for (i = s->depth, looked = 0; i > 0 && looked < CLOSE_LOOKBACK; i--, looked++) {
		struct slice name = s->stack[i - 1].name;

		if (name.len == tag->name.len && strncasecmp(name.p, tag->name.p, name.len) == 0) {
			close_to(s, i - 1, tag->start);
			return;
		}
	}
}

/* <li>, <p> and the like end where the next one begins. */
static void
close_implied(struct seen *s, const struct tag *tag)
{
	static const char *const names[] = { "li", "p", "td", "th", "tr", "dt", "dd", "option" };
	struct slice top;

	if (s->depth == 0)
		return;
	top = s->stack[s->depth - 1].name;
	if (top.len == tag->name.len && strncasecmp(top.p, tag->name.p, top.len) == 0 &&
	    slice_is_one_of(top, names, ARRAY_LEN(names)))
		close_to(s, s->depth - 1, tag->start);
}

/* Attributes that may say something at all. */
static bool
has_words(const struct tag *tag)
{
	return tag->end - tag->name.p > (ptrdiff_t)tag->name.len + 4;
}

static bool
is_small_heading(struct slice name)
{
	return name.len == 2 && (name.p[0] | 0x20) == 'h' && name.p[1] >= '2' && name.p[1] <= '6';
}

/* <label><input type=checkbox> Installation <b class=price>…: what it costs comes on top of the price. */
static void
mark_option(struct seen *s)
{
	size_t i, up;

	for (up = 1; up <= LABEL_LOOKBACK && up <= s->depth; up++) {
		if (!slice_is(s->stack[s->depth - up].name, "label"))
			continue;
		for (i = s->depth - up; i < s->depth; i++)
			s->stack[i].where |= SEEN_CHOICE;
		return;
	}
}

static void
open_tag(struct seen *s, const struct tag *tag)
{
	struct seen_element e = { .name = tag->name, .content = tag->end, .price = -1, .first_price = s->n_prices };
	struct slice data = { NULL, 0 };
	unsigned bits = 0;

	if (s->depth > 0) {
		e.where = s->stack[s->depth - 1].where;
		e.price = s->stack[s->depth - 1].price;
	}
	if (has_words(tag)) {
		bits = class_of(tag, &data);
		if (markup_is_hidden(tag))
			e.where |= SEEN_HIDDEN;
	}
	e.where |= where_of_name(tag->name) | where_of_class(tag, bits);
	/* <form class="cart"> is where the price and the button are. */
	if (slice_is(tag->name, "form") && (bits & CLASS_ASIDE) != 0 && s->depth > 0)
		e.where = s->stack[s->depth - 1].where;
	if (slice_is(tag->name, "h1")) {
		open_h1(s, tag, bits);
		if (s->h1.p == tag->end)
			e.where &= ~(unsigned)(SEEN_HEADER | SEEN_LISTED | SEEN_SIDE);
	}
	if (slice_is(tag->name, "input") && slice_is(markup_attr(tag, "type"), "checkbox"))
		mark_option(s);
	e.is_heading = is_small_heading(tag->name);
	s->headings += e.is_heading;
	if ((bits & (CLASS_PRICE | CLASS_DATA_PRICE)) != 0)
		add_price(s, tag, bits, data, &e);
	e.is_stock = (bits & CLASS_STOCK) != 0 && (bits & CLASS_PRICE) == 0;
	if (s->n_buys < SEEN_BUYS_MAX && (e.where & (SEEN_ASIDE | SEEN_LISTED | SEEN_TEMPLATE)) == 0 &&
	    is_buy(tag, bits, s->end))
		s->buys[s->n_buys++] = s->order;
	if (tag->empty || tag->raw.p != NULL || s->depth == SEEN_DEPTH_MAX)
		return;
	s->stack[s->depth++] = e;
}

void
seen_scan(struct seen *s, const char *text, size_t len)
{
	struct markup m;
	struct tag tag;

	s->text_from = text;
	s->end = text + len;
	markup_init(&m, text, len);
	while (markup_next(&m, &tag)) {
		s->order++;
		look_at_run(s, tag.start);
		if (tag.closing) {
			close_tag(s, &tag);
		} else {
			close_implied(s, &tag);
			open_tag(s, &tag);
		}
		s->text_from = tag.raw.p != NULL ? tag.raw.p + tag.raw.len : tag.end;
	}
	close_to(s, 0, s->end);
}
