#include "price/class_word.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

#define PART_MAX 24 /* longer ones are no words */

/* Words that say something together with others only. */
enum {
	PART_CART = 1 << 20,
	PART_ADD = 1 << 21,
	PART_PRODUCT = 1 << 22,
	PART_MANY = 1 << 23, /* list, grid, card: with `product` one of many */
	PART_HEADER = 1 << 24,
	PART_LIST = 1 << 25,
	PART_FORM = 1 << 26,
	PART_THROUGH = 1 << 29, /* with `line` or a word for old */
	PART_LINE = 1 << 30,
	PART_TAX = 1 << 27,
	PART_INCL = 1 << 28, /* with `tax` the price that people pay */
};

static const struct {
	const char *text;
	unsigned bits;
} words[] = {
	{ "accessories", CLASS_ASIDE },
	{ "actie", CLASS_NOW },
	{ "actual", CLASS_NOW },
	{ "actueel", CLASS_NOW },
	{ "actuel", CLASS_NOW },
	{ "actuelle", CLASS_NOW },
	{ "add", PART_ADD },
	{ "addtobag", CLASS_BUY },
	{ "addtobasket", CLASS_BUY },
	{ "addtocart", CLASS_BUY },
	{ "adviesprijs", CLASS_PRICE | CLASS_OLD },
	{ "agotado", CLASS_STOCK },
	{ "akcni", CLASS_NOW },
	{ "aktionspreis", CLASS_PRICE | CLASS_NOW },
	{ "aktualna", CLASS_NOW },
	{ "aktualni", CLASS_NOW },
	{ "aktuell", CLASS_NOW },
	{ "also", CLASS_ASIDE },
	{ "alsobought", CLASS_ASIDE },
	{ "ancien", CLASS_OLD },
	{ "ancienne", CLASS_OLD },
	{ "anterior", CLASS_OLD },
	{ "antes", CLASS_OLD },
	{ "arrivals", CLASS_ASIDE },
	{ "atc", CLASS_BUY },
	{ "attuale", CLASS_NOW },
	{ "availability", CLASS_STOCK },
	{ "available", CLASS_STOCK },
	{ "avant", CLASS_OLD },
	{ "bag", PART_CART },
	{ "barrato", CLASS_OLD },
	{ "barre", CLASS_OLD },
	{ "barree", CLASS_OLD },
	{ "base", CLASS_SIDE },
	{ "baseprice", CLASS_SIDE },
	{ "basket", PART_CART },
	{ "before", CLASS_OLD },
	{ "bestseller", CLASS_ASIDE },
	{ "bestsellers", CLASS_ASIDE },
	{ "bezna", CLASS_OLD },
	{ "big", CLASS_LARGE },
	{ "brand", CLASS_LOGO },
	{ "breadcrumb", CLASS_ASIDE },
	{ "breadcrumbs", CLASS_ASIDE },
	{ "brutto", PART_INCL },
	{ "btn", CLASS_BUTTON },
	{ "bulk", CLASS_SIDE },
	{ "button", CLASS_BUTTON },
	{ "buy", CLASS_BUY },
	{ "buybox", CLASS_NOW },
	{ "buynow", CLASS_BUY },
	{ "card", PART_MANY },
	{ "carousel", PART_MANY },
	{ "carrello", PART_CART },
	{ "carrito", PART_CART },
	{ "cart", PART_CART },
	{ "cena", CLASS_PRICE },
	{ "ceny", CLASS_PRICE },
	{ "club", CLASS_SIDE },
	{ "color", CLASS_VARIANT },
	{ "colors", CLASS_VARIANT },
	{ "colour", CLASS_VARIANT },
	{ "colours", CLASS_VARIANT },
	{ "compare", CLASS_OLD },
	{ "complementary", CLASS_ASIDE },
	{ "conseille", CLASS_OLD },
	{ "coupon", CLASS_SIDE },
	{ "cross", CLASS_ASIDE },
	{ "crossed", CLASS_OLD },
	{ "crossedout", CLASS_OLD },
	{ "crosssell", CLASS_ASIDE },
	{ "cta", CLASS_BUTTON },
	{ "current", CLASS_NOW },
	{ "del", CLASS_OLD },
	{ "delivery", CLASS_SIDE },
	{ "deposit", CLASS_SIDE },
	{ "discounted", CLASS_NOW },
	{ "dispo", CLASS_STOCK },
	{ "disponibilidad", CLASS_STOCK },
	{ "disponibilita", CLASS_STOCK },
	{ "disponibilite", CLASS_STOCK },
	{ "dostepnosc", CLASS_STOCK },
	{ "dostupnost", CLASS_STOCK },
	{ "envio", CLASS_SIDE },
	{ "eski", CLASS_OLD },
	{ "excl", CLASS_SIDE },
	{ "excluding", CLASS_SIDE },
	{ "exclusive", CLASS_SIDE },
	{ "exclvat", CLASS_SIDE },
	{ "exkl", CLASS_SIDE },
	{ "extax", CLASS_SIDE },
	{ "exvat", CLASS_SIDE },
	{ "facet", CLASS_HEADER },
	{ "facets", CLASS_HEADER },
	{ "farbe", CLASS_VARIANT },
	{ "filter", CLASS_HEADER },
	{ "filters", CLASS_HEADER },
	{ "final", CLASS_NOW },
	{ "finance", CLASS_SIDE },
	{ "financing", CLASS_SIDE },
	{ "fiyat", CLASS_PRICE },
	{ "footer", CLASS_ASIDE },
	{ "form", PART_FORM },
	{ "former", CLASS_OLD },
	{ "frequently", CLASS_ASIDE },
	{ "grid", PART_MANY },
	{ "groesse", CLASS_VARIANT },
	{ "gross", PART_INCL },
	{ "grundpreis", CLASS_PRICE | CLASS_SIDE },
	{ "habituel", CLASS_OLD },
	{ "header", PART_HEADER },
	{ "hidden", CLASS_HIDDEN },
	{ "hide", CLASS_HIDDEN },
	{ "hinta", CLASS_PRICE },
	{ "ht", CLASS_SIDE },
	{ "inc", PART_INCL },
	{ "incl", PART_INCL },
	{ "including", PART_INCL },
	{ "inclusive", PART_INCL },
	{ "indirimli", CLASS_NOW },
	{ "inkl", PART_INCL },
	{ "installment", CLASS_SIDE },
	{ "installments", CLASS_SIDE },
	{ "instalment", CLASS_SIDE },
	{ "instalments", CLASS_SIDE },
	{ "instock", CLASS_STOCK },
	{ "intero", CLASS_OLD },
	{ "inventory", CLASS_STOCK },
	{ "invisible", CLASS_HIDDEN },
	{ "item", PART_MANY },
	{ "items", PART_MANY },
	{ "klarna", CLASS_SIDE },
	{ "kosik", PART_CART },
	{ "koszyk", PART_CART },
	{ "lager", CLASS_STOCK },
	{ "lagerbestand", CLASS_STOCK },
	{ "large", CLASS_LARGE },
	{ "lieferbar", CLASS_STOCK },
	{ "lieferstatus", CLASS_STOCK },
	{ "line", PART_LINE },
	{ "list", PART_LIST },
	{ "listing", PART_MANY },
	{ "listino", CLASS_OLD },
	{ "listprice", CLASS_PRICE | CLASS_OLD },
	{ "livraison", CLASS_SIDE },
	{ "loan", CLASS_SIDE },
	{ "logo", CLASS_LOGO },
	{ "loop", PART_MANY },
	{ "lowest", CLASS_SIDE },
	{ "loyalty", CLASS_SIDE },
	{ "maat", CLASS_VARIANT },
	{ "member", CLASS_SIDE },
	{ "members", CLASS_SIDE },
	{ "mensile", CLASS_SIDE },
	{ "mensualite", CLASS_SIDE },
	{ "menu", CLASS_HEADER },
	{ "miesiac", CLASS_SIDE },
	{ "miniature", PART_MANY },
	{ "minibasket", CLASS_ASIDE },
	{ "minicart", CLASS_ASIDE },
	{ "month", CLASS_SIDE },
	{ "monthly", CLASS_SIDE },
	{ "msrp", CLASS_OLD },
	{ "mwst", PART_TAX },
	{ "nav", CLASS_HEADER },
	{ "navbar", CLASS_HEADER },
	{ "navigation", CLASS_HEADER },
	{ "netprice", CLASS_PRICE | CLASS_SIDE },
	{ "netto", CLASS_SIDE },
	{ "newsletter", CLASS_ASIDE },
	{ "none", CLASS_HIDDEN },
	{ "normalpreis", CLASS_PRICE | CLASS_OLD },
	{ "now", CLASS_NOW },
	{ "offer", CLASS_NOW },
	{ "offerta", CLASS_NOW },
	{ "old", CLASS_OLD },
	{ "oldprice", CLASS_PRICE | CLASS_OLD },
	{ "omnibus", CLASS_SIDE },
	{ "option", CLASS_VARIANT },
	{ "options", CLASS_VARIANT },
	{ "ordinarie", CLASS_OLD },
	{ "original", CLASS_OLD },
	{ "others", CLASS_ASIDE },
	{ "our", CLASS_NOW },
	{ "outofstock", CLASS_STOCK },
	{ "panier", PART_CART },
	{ "pfand", CLASS_SIDE },
	{ "points", CLASS_SIDE },
	{ "poprzednia", CLASS_OLD },
	{ "popular", CLASS_ASIDE },
	{ "precio", CLASS_PRICE },
	{ "precios", CLASS_PRICE },
	{ "preco", CLASS_PRICE },
	{ "preis", CLASS_PRICE },
	{ "preise", CLASS_PRICE },
	{ "pret", CLASS_PRICE },
	{ "previous", CLASS_OLD },
	{ "prezzi", CLASS_PRICE },
	{ "prezzo", CLASS_PRICE },
	{ "price", CLASS_PRICE },
	{ "prices", CLASS_PRICE },
	{ "prijs", CLASS_PRICE },
	{ "pris", CLASS_PRICE },
	{ "prix", CLASS_PRICE },
	{ "product", PART_PRODUCT },
	{ "products", CLASS_LISTED },
	{ "promo", CLASS_NOW },
	{ "promocyjna", CLASS_NOW },
	{ "promotion", CLASS_NOW },
	{ "przekreslona", CLASS_OLD },
	{ "puvodni", CLASS_OLD },
	{ "qty", CLASS_SIDE },
	{ "rata", CLASS_SIDE },
	{ "rate", CLASS_SIDE },
	{ "raten", CLASS_SIDE },
	{ "rates", CLASS_SIDE },
	{ "reapris", CLASS_PRICE | CLASS_NOW },
	{ "rebajado", CLASS_NOW },
	{ "recent", CLASS_ASIDE },
	{ "recently", CLASS_ASIDE },
	{ "recommend", CLASS_ASIDE },
	{ "recommendation", CLASS_ASIDE },
	{ "recommendations", CLASS_ASIDE },
	{ "recommended", CLASS_ASIDE },
	{ "reduced", CLASS_NOW },
	{ "regularna", CLASS_OLD },
	{ "related", CLASS_ASIDE },
	{ "retail", CLASS_OLD },
	{ "reward", CLASS_SIDE },
	{ "rewards", CLASS_SIDE },
	{ "ribassato", CLASS_NOW },
	{ "rrp", CLASS_OLD },
	{ "s", CLASS_OLD },
	{ "sale", CLASS_NOW },
	{ "save", CLASS_SIDE },
	{ "saved", CLASS_SIDE },
	{ "saving", CLASS_SIDE },
	{ "savings", CLASS_SIDE },
	{ "scontato", CLASS_NOW },
	{ "selling", CLASS_NOW },
	{ "shipping", CLASS_SIDE },
	{ "sidebar", CLASS_HEADER },
	{ "similar", CLASS_ASIDE },
	{ "size", CLASS_VARIANT },
	{ "sizes", CLASS_VARIANT },
	{ "sklad", CLASS_STOCK },
	{ "solde", CLASS_NOW },
	{ "soldout", CLASS_STOCK },
	{ "sonderpreis", CLASS_PRICE | CLASS_NOW },
	{ "special", CLASS_NOW },
	{ "splatky", CLASS_SIDE },
	{ "stara", CLASS_OLD },
	{ "statt", CLASS_OLD },
	{ "stock", CLASS_STOCK },
	{ "streichpreis", CLASS_PRICE | CLASS_OLD },
	{ "strike", CLASS_OLD },
	{ "striked", CLASS_OLD },
	{ "strikethrough", CLASS_OLD },
	{ "struck", CLASS_OLD },
	{ "submit", CLASS_BUTTON },
	{ "subscribe", CLASS_SIDE },
	{ "subscription", CLASS_SIDE },
	{ "subtotal", CLASS_SIDE },
	{ "suggestions", CLASS_ASIDE },
	{ "swatch", CLASS_VARIANT },
	{ "swatches", CLASS_VARIANT },
	{ "tachado", CLASS_OLD },
	{ "taglia", CLASS_VARIANT },
	{ "taille", CLASS_VARIANT },
	{ "talla", CLASS_VARIANT },
	{ "tax", PART_TAX },
	{ "teaser", PART_MANY },
	{ "through", PART_THROUGH },
	{ "thumb", PART_MANY },
	{ "tidigare", CLASS_OLD },
	{ "tier", CLASS_SIDE },
	{ "tile", PART_MANY },
	{ "tiles", PART_MANY },
	{ "today", CLASS_NOW },
	{ "together", CLASS_ASIDE },
	{ "total", CLASS_SIDE },
	{ "trending", CLASS_ASIDE },
	{ "ttc", PART_INCL },
	{ "tva", PART_TAX },
	{ "unavailable", CLASS_STOCK },
	{ "unit", CLASS_SIDE },
	{ "unitprice", CLASS_PRICE | CLASS_SIDE },
	{ "upsell", CLASS_ASIDE },
	{ "upsells", CLASS_ASIDE },
	{ "uvp", CLASS_OLD },
	{ "variant", CLASS_VARIANT },
	{ "variants", CLASS_VARIANT },
	{ "variation", CLASS_VARIANT },
	{ "variations", CLASS_VARIANT },
	{ "vat", PART_TAX },
	{ "verfuegbarkeit", CLASS_STOCK },
	{ "verfugbarkeit", CLASS_STOCK },
	{ "versand", CLASS_SIDE },
	{ "viewed", CLASS_ASIDE },
	{ "volume", CLASS_SIDE },
	{ "voorraad", CLASS_STOCK },
	{ "vorher", CLASS_OLD },
	{ "warenkorb", PART_CART },
	{ "warranty", CLASS_SIDE },
	{ "was", CLASS_OLD },
	{ "wasprice", CLASS_PRICE | CLASS_OLD },
	{ "winkelwagen", PART_CART },
	{ "wishlist", CLASS_ASIDE },
};

/* Price words that hide in longer ones: finalprice, verkaufspreis. */
static unsigned
find_inside(const char *part, size_t len)
{
	static const char *const inside[] = { "price", "preis", "precio", "prezzo" };
	size_t i;

	if (len < 7)
		return 0;
	for (i = 0; i < ARRAY_LEN(inside); i++) {
		if (memmem(part, len, inside[i], strlen(inside[i])) == NULL)
			continue;
		if (memmem(part, len, "old", 3) != NULL || memmem(part, len, "was", 3) != NULL ||
		    memmem(part, len, "list", 4) != NULL || memmem(part, len, "strike", 6) != NULL)
			return CLASS_PRICE | CLASS_OLD;
		return CLASS_PRICE;
	}
	return 0;
}

/* `part` is in lower case. */
static unsigned
find_part(const char *part, size_t len)
{
	size_t low = 0, high = ARRAY_LEN(words);
	int order;

	while (low < high) {
		size_t middle = (low + high) / 2;

		order = strncmp(words[middle].text, part, len);
		if (order == 0 && words[middle].text[len] == '\0')
			return words[middle].bits | ((words[middle].bits & CLASS_PRICE) != 0 ? CLASS_PRICE_TOKEN : 0);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return find_inside(part, len);
}

/* What the parts of one word mean together. */
static unsigned
combine(unsigned bits)
{
	if ((bits & PART_CART) != 0)
		bits |= (bits & (PART_ADD | CLASS_BUY)) != 0	  ? CLASS_BUY
			: (bits & (PART_FORM | PART_PRODUCT)) != 0 ? 0
								   : CLASS_ASIDE;
	if ((bits & PART_LIST) != 0)
		bits |= (bits & CLASS_PRICE) != 0 ? CLASS_OLD : PART_MANY;
	if ((bits & PART_PRODUCT) != 0 && (bits & PART_MANY) != 0)
		bits |= CLASS_LISTED;
	if ((bits & PART_LINE) != 0 && (bits & PART_THROUGH) != 0)
		bits |= CLASS_OLD;
	/* price-excluding-tax, price-tax: beside the price; price-including-tax is one. */
	if ((bits & PART_TAX) != 0 && (bits & PART_INCL) == 0)
		bits |= CLASS_SIDE;
	/* page-header is the page's, product-header is not. */
	if ((bits & PART_HEADER) != 0 && (bits & PART_PRODUCT) == 0)
		bits |= CLASS_HEADER;
	/* A wide word: only beside `price` it is one. */
	if ((bits & CLASS_PRICE) != 0)
		bits &= ~(unsigned)(CLASS_STOCK | CLASS_BUY);
	return bits & ~(unsigned)(PART_CART | PART_ADD | PART_PRODUCT | PART_MANY | PART_HEADER | PART_LIST | PART_FORM |
			PART_TAX | PART_INCL | PART_LINE | PART_THROUGH);
}

/* Words by which a shop's system names the shelves that a thing is on: they say nothing of the element. */
static bool
is_shelf(struct slice word)
{
	static const char *const prefixes[] = { "product_cat", "product_tag", "category-", "category_", "cat-", "tag-",
		"term-", "post-", "collection-", "page-template" };
	size_t i, n;

	for (i = 0; i < ARRAY_LEN(prefixes); i++) {
		n = strlen(prefixes[i]);
		if (word.len > n && strncasecmp(word.p, prefixes[i], n) == 0)
			return true;
	}
	return false;
}

/* The parts of one word: apart by signs, and before upper case letters. */
static unsigned
word_bits(struct slice word)
{
	char part[PART_MAX];
	size_t i = 0, n;
	unsigned bits = 0;

	if (is_shelf(word))
		return 0;
	while (i < word.len) {
		for (n = 0; i < word.len && isalpha((unsigned char)word.p[i]); i++) {
			if (n > 0 && isupper((unsigned char)word.p[i]) && islower((unsigned char)word.p[i - 1]))
				break;
			if (n < sizeof(part))
				part[n] = (char)tolower((unsigned char)word.p[i]);
			n++;
		}
		if (n > 0 && n <= sizeof(part))
			bits |= find_part(part, n);
		else if (n == 0)
			i++;
	}
	return combine(bits);
}

static unsigned
words_bits(struct slice list)
{
	struct slice word;
	unsigned bits = 0;

	while (list.p != NULL && slice_next_word(&list, &word))
		bits |= word_bits(word);
	return bits;
}

static bool
has_digit(struct slice s)
{
	size_t i;

	for (i = 0; i < s.len && !isdigit((unsigned char)s.p[i]); i++)
		;
	return i < s.len;
}

unsigned
class_of(const struct tag *tag, struct slice *data)
{
	const struct attr *attrs;
	unsigned bits = 0, named;
	size_t i, n;

	data->p = NULL;
	data->len = 0;
	attrs = markup_attrs(tag, &n);
	for (i = 0; i < n; i++) {
		struct slice name = attrs[i].name, value = attrs[i].value;

		if (slice_is(name, "class") || slice_is(name, "id") || slice_is(name, "itemprop")) {
			bits |= words_bits(value);
		} else if (name.len > 5 && strncasecmp(name.p, "data-", 5) == 0) {
			named = word_bits((struct slice){ name.p + 5, name.len - 5 });
			/* The name says what the value is, the value what the element is. */
			if ((named & CLASS_PRICE) != 0 && (named & (CLASS_OLD | CLASS_SIDE)) == 0 && has_digit(value) &&
			    data->p == NULL)
				*data = value;
			bits |= named & (CLASS_PRICE | CLASS_PRICE_TOKEN);
			if (value.len <= 64)
				bits |= words_bits(value) & (CLASS_PRICE | CLASS_PRICE_TOKEN | CLASS_OLD | CLASS_STOCK | CLASS_SIDE | CLASS_BUY);
		}
	}
	return data->p != NULL ? bits | CLASS_DATA_PRICE : bits;
}
