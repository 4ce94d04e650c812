#include "price/availability.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"

struct phrase {
	const char *text; /* letters only, lower case */
	enum availability availability;
};

/* The whole text, with its blanks, signs and URL gone. */
static const struct phrase terms[] = {
	{ "instock", AVAILABILITY_IN_STOCK },
	{ "instoreonly", AVAILABILITY_IN_STOCK },
	{ "onlineonly", AVAILABILITY_IN_STOCK },
	{ "available", AVAILABILITY_IN_STOCK },
	{ "madetoorder", AVAILABILITY_IN_STOCK },
	{ "limitedavailability", AVAILABILITY_LIMITED },
	{ "limited", AVAILABILITY_LIMITED },
	{ "preorder", AVAILABILITY_PREORDER },
	{ "presale", AVAILABILITY_PREORDER },
	{ "backorder", AVAILABILITY_BACKORDER },
	{ "outofstock", AVAILABILITY_OUT_OF_STOCK },
	{ "oos", AVAILABILITY_OUT_OF_STOCK },
	{ "reserved", AVAILABILITY_OUT_OF_STOCK },
	{ "soldout", AVAILABILITY_OUT_OF_STOCK },
	{ "discontinued", AVAILABILITY_DISCONTINUED },
};

/* Parts of free text, the negative ones first. */
static const struct phrase phrases[] = {
	{ "discontinued", AVAILABILITY_DISCONTINUED },
	{ "nolongeravailable", AVAILABILITY_DISCONTINUED },
	{ "notavailable", AVAILABILITY_OUT_OF_STOCK },
	{ "unavailable", AVAILABILITY_OUT_OF_STOCK },
	{ "notinstock", AVAILABILITY_OUT_OF_STOCK },
	{ "outofstock", AVAILABILITY_OUT_OF_STOCK },
	{ "soldout", AVAILABILITY_OUT_OF_STOCK },
	{ "ausverkauft", AVAILABILITY_OUT_OF_STOCK },
	{ "nichtverfgbar", AVAILABILITY_OUT_OF_STOCK },
	{ "nichtlieferbar", AVAILABILITY_OUT_OF_STOCK },
	{ "nichtauflager", AVAILABILITY_OUT_OF_STOCK },
	{ "rupturedestock", AVAILABILITY_OUT_OF_STOCK },
	{ "indisponible", AVAILABILITY_OUT_OF_STOCK },
	{ "agotado", AVAILABILITY_OUT_OF_STOCK },
	{ "esaurito", AVAILABILITY_OUT_OF_STOCK },
	{ "uitverkocht", AVAILABILITY_OUT_OF_STOCK },
	{ "preorder", AVAILABILITY_PREORDER },
	{ "vorbestell", AVAILABILITY_PREORDER },
	{ "backorder", AVAILABILITY_BACKORDER },
	{ "fewleft", AVAILABILITY_LIMITED },
	{ "limitedstock", AVAILABILITY_LIMITED },
	{ "instock", AVAILABILITY_IN_STOCK },
	{ "auflager", AVAILABILITY_IN_STOCK },
	{ "lieferbar", AVAILABILITY_IN_STOCK },
	{ "enstock", AVAILABILITY_IN_STOCK },
	{ "disponible", AVAILABILITY_IN_STOCK },
	{ "disponibile", AVAILABILITY_IN_STOCK },
	{ "opvoorraad", AVAILABILITY_IN_STOCK },
	{ "available", AVAILABILITY_IN_STOCK },
};

enum availability
availability_read(const char *text, size_t len)
{
	char letters[256];
	size_t i, n = 0;

	for (i = len; i-- > 0;) {
		if (text[i] == '/' && len - i > 1 && memmem(text, len, "://", 3) != NULL) {
			text += i + 1;
			len -= i + 1;
			break;
		}
	}
	for (i = 0; i < len && n < sizeof(letters) - 1; i++) {
		if (isalpha((unsigned char)text[i]))
			letters[n++] = (char)tolower((unsigned char)text[i]);
	}
	letters[n] = '\0';
	if (n == 0)
		return AVAILABILITY_ABSENT;
	for (i = 0; i < ARRAY_LEN(terms); i++) {
		if (strcmp(letters, terms[i].text) == 0 ||
		    (strncmp(letters, "schema", 6) == 0 && strcmp(letters + 6, terms[i].text) == 0))
			return terms[i].availability;
	}
	for (i = 0; i < ARRAY_LEN(phrases); i++) {
		if (strstr(letters, phrases[i].text) != NULL)
			return phrases[i].availability;
	}
	return AVAILABILITY_UNKNOWN;
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
