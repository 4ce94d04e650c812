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
	PART_EXCL = 1 << 19, /* net, without tax: beside the price, unless PART_INCL, too */
	PART_THROUGH = 1 << 29, /* with `line` or a word for old */
	PART_LINE = 1 << 30,
	PART_TAX = 1 << 27,
	PART_INCL = 1 << 28, /* with `tax` the price that people pay */
};

static const struct {
	const char *text;
	unsigned bits;
} words[] = {
#define WORD(text, bits) { text, bits },
#include "price/class_word.def"
#undef WORD
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
	if ((bits & (PART_TAX | PART_EXCL)) != 0 && (bits & PART_INCL) == 0)
		bits |= CLASS_SIDE;
	/* page-header is the page's, product-header is not. */
	if ((bits & PART_HEADER) != 0 && (bits & PART_PRODUCT) == 0)
		bits |= CLASS_HEADER;
	/* A wide word: only beside `price` it is one. */
	if ((bits & CLASS_PRICE) != 0)
		bits &= ~(unsigned)(CLASS_STOCK | CLASS_BUY);
	return bits & ~(unsigned)(PART_CART | PART_ADD | PART_PRODUCT | PART_MANY | PART_HEADER | PART_LIST | PART_FORM |
			PART_TAX | PART_INCL | PART_EXCL | PART_LINE | PART_THROUGH);
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
