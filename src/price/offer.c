#include "price/offer.h"

#include <string.h>

#include "price/fold.h"

const char *
method_text(enum method m)
{
	static const char *const names[METHOD_COUNT] = { NULL, "rule", "json-ld", "microdata", "rdfa", "opengraph",
		"v-rdfa", "heuristic" };

	return names[m];
}

const char *
reason_none_text(enum reason_none r)
{
	switch (r) {
	case NONE_PRICE_FOUND:
		return NULL;
	case NONE_NO_MATCH:
		return "no-match";
	case NONE_AMBIGUOUS:
		return "ambiguous";
	case NONE_NOT_A_PRODUCT:
		return "not-a-product";
	case NONE_BLOCKED:
		return "blocked";
	case NONE_TOO_LARGE:
		return "too-large";
	case NONE_LIMIT:
		return "limit";
	case NONE_BAD_CHARSET:
		return "bad-charset";
	case NONE_BAD_RULE:
		return "bad-rule";
	case NONE_TOO_MANY_DIGITS:
		return "too-many-digits";
	}
	return NULL;
}

const char *
offer_confidence(const struct offer *o)
{
	if (o->method == METHOD_NONE)
		return NULL;
	return o->method == METHOD_HEURISTIC ? "inferred" : "stated";
}

/* Marks of struck text are no part of a name. */
static size_t
drop_marks(char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (text[i] != READER_STRUCK && text[i] != READER_UNSTRUCK)
			text[n++] = text[i];
	}
	return n;
}

void
offer_title(const char *text, size_t len, char out[OFFER_TITLE_SIZE])
{
	char cut[4 * OFFER_TITLE_SIZE], folded[sizeof(cut) + 1];
	size_t n;

	if (len > sizeof(cut))
		len = sizeof(cut);
	memcpy(cut, text, len);
	n = tidy_text(cut, drop_marks(cut, len), folded);
	if (n >= OFFER_TITLE_SIZE) {
		n = OFFER_TITLE_SIZE - 1;
		while (n > 0 && ((unsigned char)folded[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(out, folded, n);
	out[n] = '\0';
}

void
offer_set_title(struct offer *o, const char *text, size_t len)
{
	if (o->title[0] == '\0' && len > 0)
		offer_title(text, len, o->title);
}

bool
offer_is_unavailable(const struct offer *o)
{
	return o->availability == AVAILABILITY_OUT_OF_STOCK || o->availability == AVAILABILITY_DISCONTINUED;
}
