#include "price/availability.h"

#include <ctype.h>
#include <string.h>

#include "base/attr.h"
#include "price/phrase.h"

struct phrase {
	const char *text;
	enum availability availability;
};

/* The whole text, of letters only, with its URL gone: schema.org's terms, and what feeds and carts write. */
static const struct phrase terms[] = {
	{ "instock", AVAILABILITY_IN_STOCK },
	{ "instoreonly", AVAILABILITY_IN_STOCK },
	{ "onlineonly", AVAILABILITY_IN_STOCK },
	{ "available", AVAILABILITY_IN_STOCK },
	{ "availablefororder", AVAILABILITY_IN_STOCK },
	{ "madetoorder", AVAILABILITY_IN_STOCK },
	{ "true", AVAILABILITY_IN_STOCK },
	{ "yes", AVAILABILITY_IN_STOCK },
	{ "limitedavailability", AVAILABILITY_LIMITED },
	{ "limited", AVAILABILITY_LIMITED },
	{ "preorder", AVAILABILITY_PREORDER },
	{ "presale", AVAILABILITY_PREORDER },
	{ "backorder", AVAILABILITY_BACKORDER },
	{ "onbackorder", AVAILABILITY_BACKORDER },
	{ "outofstock", AVAILABILITY_OUT_OF_STOCK },
	{ "oos", AVAILABILITY_OUT_OF_STOCK },
	{ "reserved", AVAILABILITY_OUT_OF_STOCK },
	{ "soldout", AVAILABILITY_OUT_OF_STOCK },
	{ "false", AVAILABILITY_OUT_OF_STOCK },
	{ "no", AVAILABILITY_OUT_OF_STOCK },
	{ "discontinued", AVAILABILITY_DISCONTINUED },
};

static const struct phrase phrases[] = {
#define PHRASE(text, availability) { text, availability },
#include "price/availability.def"
#undef PHRASE
};

static enum availability
phrase_find(const char *text, size_t len)
{
	char folded[PHRASE_SIZE];
	size_t i;

	if (phrase_fold(text, len, folded) == 0)
		return AVAILABILITY_ABSENT;
	for (i = 0; i < ARRAY_LEN(phrases); i++) {
		if (phrase_have(folded, phrases[i].text))
			return phrases[i].availability;
	}
	return AVAILABILITY_UNKNOWN;
}

/* Cut "https://schema.org/InStock/" and "schema:InStock" to their term. */
static const char *
local_name(const char *text, size_t *len)
{
	const char *end = text + *len, *p;

	while (end > text && strchr("/# \t\r\n", end[-1]) != NULL)
		end--;
	for (p = end; p > text && strchr("/#:", p[-1]) == NULL; p--)
		;
	*len = (size_t)(end - p);
	return p;
}

static enum availability
term_find(const char *text, size_t len)
{
	char letters[32];
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (!isalpha((unsigned char)text[i]) && strchr(" _-\t\r\n", text[i]) == NULL)
			return AVAILABILITY_UNKNOWN;
		if (isalpha((unsigned char)text[i]) && n == sizeof(letters) - 1)
			return AVAILABILITY_UNKNOWN;
		if (isalpha((unsigned char)text[i]))
			letters[n++] = (char)tolower((unsigned char)text[i]);
	}
	letters[n] = '\0';
	for (i = 0; i < ARRAY_LEN(terms); i++) {
		if (strcmp(letters, terms[i].text) == 0)
			return terms[i].availability;
	}
	return AVAILABILITY_UNKNOWN;
}

enum availability
availability_phrase(const char *text, size_t len)
{
	enum availability a = phrase_find(text, len);

	return a == AVAILABILITY_UNKNOWN ? AVAILABILITY_ABSENT : a;
}

enum availability
availability_read(const char *text, size_t len)
{
	size_t n = len;
	const char *name = local_name(text, &n);
	enum availability a = term_find(name, n);

	if (a != AVAILABILITY_UNKNOWN)
		return a;
	if (memmem(text, len, "://", 3) != NULL)
		return n > 0 ? AVAILABILITY_UNKNOWN : AVAILABILITY_ABSENT;
	return phrase_find(text, len);
}

const char *
availability_text(enum availability a)
{
	switch (a) {
	case AVAILABILITY_ABSENT:
		return NULL;
	case AVAILABILITY_UNKNOWN:
		return "unknown";
	case AVAILABILITY_IN_STOCK:
		return "in_stock";
	case AVAILABILITY_LIMITED:
		return "limited";
	case AVAILABILITY_PREORDER:
		return "preorder";
	case AVAILABILITY_BACKORDER:
		return "backorder";
	case AVAILABILITY_OUT_OF_STOCK:
		return "out_of_stock";
	case AVAILABILITY_DISCONTINUED:
		return "discontinued";
	}
	return NULL;
}
