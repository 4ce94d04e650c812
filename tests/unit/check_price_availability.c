/* P30: whether a thing can be had, as machines and people say it. */
#include <string.h>

#include "base/attr.h"
#include "price/availability.h"
#include "price/phrase.h"
#include "unit.h"

/* P30: terms in any dress, and free text with what denies before what affirms. */
static const struct {
	const char *text;
	enum availability a;
} availabilities[] = {
	{ "http://schema.org/InStock", AVAILABILITY_IN_STOCK },
	{ "https://schema.org/OutOfStock", AVAILABILITY_OUT_OF_STOCK },
	{ "https://schema.org/InStock/", AVAILABILITY_IN_STOCK },
	{ "http://schema.org/Instock ", AVAILABILITY_IN_STOCK },
	{ "schema.org/instock", AVAILABILITY_IN_STOCK },
	{ "https://schema.org/OUT_OF_STOCK", AVAILABILITY_OUT_OF_STOCK },
	{ "https://schema.org/Whatever", AVAILABILITY_UNKNOWN },
	{ "InStock", AVAILABILITY_IN_STOCK },
	{ "in stock", AVAILABILITY_IN_STOCK },
	{ "in_stock", AVAILABILITY_IN_STOCK },
	{ "IN-STOCK", AVAILABILITY_IN_STOCK },
	{ "instock", AVAILABILITY_IN_STOCK },
	{ "oos", AVAILABILITY_OUT_OF_STOCK },
	{ "schema:SoldOut", AVAILABILITY_OUT_OF_STOCK },
	{ "PreOrder", AVAILABILITY_PREORDER },
	{ "PreSale", AVAILABILITY_PREORDER },
	{ "BackOrder", AVAILABILITY_BACKORDER },
	{ "Discontinued", AVAILABILITY_DISCONTINUED },
	{ "LimitedAvailability", AVAILABILITY_LIMITED },
	{ "available for order", AVAILABILITY_IN_STOCK },
	{ "Available on backorder", AVAILABILITY_BACKORDER },
	{ "Sorry, this is not available", AVAILABILITY_OUT_OF_STOCK },
	{ "currently unavailable", AVAILABILITY_OUT_OF_STOCK },
	{ "12 in stock", AVAILABILITY_IN_STOCK },
	{ "0 in stock", AVAILABILITY_OUT_OF_STOCK },
	{ "10 in stock", AVAILABILITY_IN_STOCK },
	{ "Only 3 left in stock", AVAILABILITY_LIMITED },
	{ "Almost sold out", AVAILABILITY_LIMITED },
	{ "SOLD OUT!", AVAILABILITY_OUT_OF_STOCK },
	{ "Notify me when available", AVAILABILITY_OUT_OF_STOCK },
	{ "not in stock", AVAILABILITY_OUT_OF_STOCK },
	{ "This item is no longer available", AVAILABILITY_DISCONTINUED },
	{ "Nicht auf Lager", AVAILABILITY_OUT_OF_STOCK },
	{ "Sofort lieferbar", AVAILABILITY_IN_STOCK },
	{ "Derzeit nicht verf\xc3\xbcgbar", AVAILABILITY_OUT_OF_STOCK },
	{ "Nur noch 2 auf Lager", AVAILABILITY_LIMITED },
	{ "Jetzt vorbestellen", AVAILABILITY_PREORDER },
	{ "En rupture de stock", AVAILABILITY_OUT_OF_STOCK },
	{ "\xc3\x89puis\xc3\xa9", AVAILABILITY_OUT_OF_STOCK },
	{ "En stock", AVAILABILITY_IN_STOCK },
	{ "Agotado", AVAILABILITY_OUT_OF_STOCK },
	{ "No disponible", AVAILABILITY_OUT_OF_STOCK },
	{ "Disponible", AVAILABILITY_IN_STOCK },
	{ "Non disponibile", AVAILABILITY_OUT_OF_STOCK },
	{ "Disponibilit\xc3\xa0 immediata", AVAILABILITY_IN_STOCK },
	{ "Esgotado", AVAILABILITY_OUT_OF_STOCK },
	{ "Niet op voorraad", AVAILABILITY_OUT_OF_STOCK },
	{ "Op voorraad", AVAILABILITY_IN_STOCK },
	{ "Sluts\xc3\xa5ld", AVAILABILITY_OUT_OF_STOCK },
	{ "I lager", AVAILABILITY_IN_STOCK },
	{ "Ikke p\xc3\xa5 lager", AVAILABILITY_OUT_OF_STOCK },
	{ "Loppuunmyyty", AVAILABILITY_OUT_OF_STOCK },
	{ "Produkt niedost\xc4\x99pny", AVAILABILITY_OUT_OF_STOCK },
	{ "Dost\xc4\x99pny", AVAILABILITY_IN_STOCK },
	{ "Skladem > 5 ks", AVAILABILITY_IN_STOCK },
	{ "Vyprod\xc3\xa1no", AVAILABILITY_OUT_OF_STOCK },
	{ "Nincs rakt\xc3\xa1ron", AVAILABILITY_OUT_OF_STOCK },
	{ "T\xc3\xbckendi", AVAILABILITY_OUT_OF_STOCK },
	{ "\xd0\x9d\xd0\xb5\xd1\x82 \xd0\xb2 \xd0\xbd\xd0\xb0\xd0\xbb\xd0\xb8\xd1\x87\xd0\xb8\xd0\xb8", AVAILABILITY_OUT_OF_STOCK },
	{ "\xd0\x92 \xd0\xbd\xd0\xb0\xd0\xbb\xd0\xb8\xd1\x87\xd0\xb8\xd0\xb8", AVAILABILITY_IN_STOCK },
	{ "\xce\x94\xce\x99\xce\x91\xce\x98\xce\x95\xce\xa3\xce\x99\xce\x9c\xce\x9f", AVAILABILITY_IN_STOCK },
	{ "\xe5\x9c\xa8\xe5\xba\xab\xe5\x88\x87\xe3\x82\x8c", AVAILABILITY_OUT_OF_STOCK },
	{ "\xe5\x9c\xa8\xe5\xba\xab\xe3\x81\x82\xe3\x82\x8a", AVAILABILITY_IN_STOCK },
	{ "\xe7\xbc\xba\xe8\xb4\xa7", AVAILABILITY_OUT_OF_STOCK },
	{ "\xed\x92\x88\xec\xa0\x88", AVAILABILITY_OUT_OF_STOCK },
	{ "\xd8\xba\xd9\x8a\xd8\xb1 \xd9\x85\xd8\xaa\xd9\x88\xd9\x81\xd8\xb1", AVAILABILITY_OUT_OF_STOCK },
	{ "2 items left", AVAILABILITY_LIMITED },
	{ "Almost gone", AVAILABILITY_LIMITED },
	{ "no longer manufactured", AVAILABILITY_DISCONTINUED },
	{ "wird nicht mehr hergestellt", AVAILABILITY_DISCONTINUED },
	{ "nicht lagernd", AVAILABILITY_OUT_OF_STOCK },
	{ "lagernd", AVAILABILITY_IN_STOCK },
	{ "Stocks limit\xc3\xa9s", AVAILABILITY_LIMITED },
	{ "Victime de son succ\xc3\xa8s", AVAILABILITY_OUT_OF_STOCK },
	{ "\xc2\xa1Quedan 3!", AVAILABILITY_LIMITED },
	{ "Env\xc3\xado inmediato", AVAILABILITY_IN_STOCK },
	{ "in esaurimento", AVAILABILITY_LIMITED },
	{ "momentaneamente non disponibile", AVAILABILITY_OUT_OF_STOCK },
	{ "bijna op", AVAILABILITY_LIMITED },
	{ "uit het assortiment", AVAILABILITY_DISCONTINUED },
	{ "chwilowy brak", AVAILABILITY_OUT_OF_STOCK },
	{ "Wysy\xc5\x82ka w 24h", AVAILABILITY_IN_STOCK },
	{ "Ji\xc5\xbe se neprod\xc3\xa1v\xc3\xa1", AVAILABILITY_DISCONTINUED },
	{ "do\xc4\x8d" "asn\xc4\x9b nedostupn\xc3\xa9", AVAILABILITY_OUT_OF_STOCK },
	{ "Inte tillg\xc3\xa4nglig", AVAILABILITY_OUT_OF_STOCK },
	{ "I webblager", AVAILABILITY_IN_STOCK },
	{ "Stoklarda yok", AVAILABILITY_OUT_OF_STOCK },
	{ "Temin edilemiyor", AVAILABILITY_OUT_OF_STOCK },
	{ "\xe5\x86\x8d\xe5\x85\xa5\xe8\x8d\xb7\xe9\x80\x9a\xe7\x9f\xa5", AVAILABILITY_OUT_OF_STOCK },
	{ "ask", AVAILABILITY_UNKNOWN },
	{ "", AVAILABILITY_ABSENT },
	{ " - ", AVAILABILITY_ABSENT },
};

START_TEST(p30_terms_and_words)
{
	const char *text = availabilities[_i].text;
	enum availability a = availability_read(text, strlen(text));

	ck_assert_msg(a == availabilities[_i].a, "%s: %s", text, availability_text(a));
}
END_TEST

/* P30: each phrase of the table is folded, or it would never be found, and none hides behind an earlier one. */
START_TEST(p30_phrases_are_reachable)
{
	static const struct {
		const char *text;
		enum availability a;
	} rows[] = {
#define PHRASE(text, availability, rank) { text, availability },
#include "price/availability.def"
#undef PHRASE
	};
	char folded[PHRASE_SIZE], text[PHRASE_SIZE], *sign;
	size_t i, len;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		len = strlen(rows[i].text);
		ck_assert_msg(i == 0 || strcmp(rows[i - 1].text, rows[i].text) < 0, "%s: not in its place", rows[i].text);
		memcpy(text, rows[i].text, len + 1);
		if ((sign = strchr(text, '#')) != NULL)
			*sign = '7';
		ck_assert_msg(phrase_fold(text, len, folded) > 0, "%s", text);
		ck_assert_msg(phrase_have(folded, rows[i].text), "%s: folded it is%s", rows[i].text, folded);
		ck_assert_msg(availability_phrase(text, len) == rows[i].a, "%s: %s", text,
		    availability_text(availability_phrase(text, len)));
	}
}
END_TEST

START_TEST(words)
{
	char folded[PHRASE_SIZE], text[2 * PHRASE_SIZE];

	phrase_fold("  D\xc3\xa9j\xc3\xa0-Vu,  12 St\xc3\xbc" "ck 0!", 26, folded);
	ck_assert_str_eq(folded, " deja vu # stuck 0 ");
	ck_assert(phrase_have(folded, "deja"));
	ck_assert(phrase_have(folded, "stuck 0 "));
	ck_assert(!phrase_have(folded, "tuck"));
	ck_assert_uint_eq(phrase_fold("...", 3, folded), 0);
	memset(text, 'a', sizeof(text));
	ck_assert_uint_lt(phrase_fold(text, sizeof(text), folded), PHRASE_SIZE);
	ck_assert_int_eq(availability_phrase("ask", 3), AVAILABILITY_ABSENT);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price availability");
	TCase *t = tcase_create("availability");

	tcase_add_loop_test(t, p30_terms_and_words, 0, ARRAY_LEN(availabilities));
	tcase_add_test(t, p30_phrases_are_reachable);
	tcase_add_test(t, words);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
