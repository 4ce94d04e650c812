#include "price/availability.h"

#include <ctype.h>
#include <limits.h>
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

static const struct {
	const char *text;
	enum availability availability;
	int rank;
} phrases[] = {
#define PHRASE(text, availability, rank) { text, availability, rank },
#include "price/availability.def"
#undef PHRASE
};

/* The first phrase that does not begin with a lower byte. */
static size_t
find_first(unsigned char byte)
{
	size_t low = 0, high = ARRAY_LEN(phrases);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if ((unsigned char)phrases[middle].text[0] < byte)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum availability
find_phrase(const char *text, size_t len)
{
	char folded[PHRASE_SIZE];
	enum availability found = AVAILABILITY_UNKNOWN;
	int rank = INT_MAX;
	const char *p;
	size_t i;

	if (phrase_fold(text, len, folded) == 0)
		return AVAILABILITY_ABSENT;
	for (p = folded; *p != '\0'; p++) {
		if (!phrase_may_begin(folded, p))
			continue;
		for (i = find_first((unsigned char)*p); i < ARRAY_LEN(phrases) && phrases[i].text[0] == *p; i++) {
			/* The second byte tells most of them apart. */
			if (phrases[i].text[1] == p[1] && phrases[i].rank < rank &&
			    strncmp(p, phrases[i].text, strlen(phrases[i].text)) == 0) {
				rank = phrases[i].rank;
				found = phrases[i].availability;
			}
		}
	}
	return found;
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
	enum availability a = find_phrase(text, len);

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
	return find_phrase(text, len);
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
