/* The reader of amounts and currencies, table by table, by the numbers of the P-rules. */
#include <stdio.h>
#include <string.h>

#include "price/amount.h"
#include "price/candidate.h"
#include "price/currency.h"
#include "price/fold.h"
#include "price/number.h"
#include "price/reader.h"
#include "unit.h"

/* P2, P25: a JSON number from its own digits. */
static const struct {
	const char *rule, *text;
	enum amount_result result;
	const char *printed; /* with two decimals at least */
} json_numbers[] = {
	{ "P2", "24.99", AMOUNT_OK, "24.99" },
	{ "P2", "0", AMOUNT_OK, "0.00" },
	{ "P2", "-1.5", AMOUNT_OK, "-1.50" },
	{ "P2", "-0.05", AMOUNT_OK, "-0.05" },
	{ "P2", "0.1", AMOUNT_OK, "0.10" },
	{ "P2", "999999999999999999", AMOUNT_OK, "999999999999999999.00" },
	{ "P2 too long: rejected, not wrapped", "9999999999999999999", AMOUNT_TOO_LONG, NULL },
	{ "P2 18 digits of which 8 decimals", "1234567890.12345678", AMOUNT_OK, "1234567890.12345678" },
	{ "P2 scale 9", "0.123456789", AMOUNT_TOO_LONG, NULL },
	{ "P2 leading zeros do not count", "00000000000000000000024.99", AMOUNT_OK, "24.99" },
	{ "P2 trailing zeros are exact", "1.500000000000", AMOUNT_OK, "1.50000000" },
	{ "P3 below a minor unit", "0.0125", AMOUNT_OK, "0.0125" },
	{ "P25 exponent", "4.2e1", AMOUNT_OK, "42.00" },
	{ "P25 exponent", "1E3", AMOUNT_OK, "1000.00" },
	{ "P25 exponent", "1299e-2", AMOUNT_OK, "12.99" },
	{ "P25 exponent", "129900e-4", AMOUNT_OK, "12.9900" },
	{ "P25 exponent that does not fit", "1e18", AMOUNT_TOO_LONG, NULL },
	{ "P25 exponent that does not fit", "1e-9", AMOUNT_TOO_LONG, NULL },
	{ "P25 exponent that does not fit", "1e99999999999", AMOUNT_TOO_LONG, NULL },
	{ "P25 zero with any exponent", "0e12", AMOUNT_OK, "0.00" },
	{ "P25", "1e", AMOUNT_MALFORMED, NULL },
	{ "P25", ".5", AMOUNT_MALFORMED, NULL },
	{ "P25", "5.", AMOUNT_MALFORMED, NULL },
	{ "P25", "", AMOUNT_MALFORMED, NULL },
	{ "P25", "-", AMOUNT_MALFORMED, NULL },
	{ "P25", "1.2.3", AMOUNT_MALFORMED, NULL },
};

START_TEST(json_number)
{
	char text[AMOUNT_TEXT_SIZE];
	struct amount a;

	ck_assert_msg(amount_parse(json_numbers[_i].text, strlen(json_numbers[_i].text), &a) == json_numbers[_i].result,
	    "%s: %s", json_numbers[_i].rule, json_numbers[_i].text);
	if (json_numbers[_i].result == AMOUNT_OK)
		ck_assert_str_eq(amount_text(&a, 2, text), json_numbers[_i].printed);
}
END_TEST

/* P4: equality ignores trailing zeros; printing pads to the currency. */
START_TEST(amount_equality)
{
	struct amount seven = { 75, 1 }, fifty = { 750, 2 }, more = { 7501, 3 }, less = { -75, 1 };
	char text[AMOUNT_TEXT_SIZE];
	int64_t minor;

	ck_assert_int_eq(amount_cmp(&seven, &fifty), 0);
	ck_assert_int_lt(amount_cmp(&seven, &more), 0);
	ck_assert_int_gt(amount_cmp(&seven, &less), 0);
	ck_assert_int_lt(amount_cmp(&less, &seven), 0);
	ck_assert_str_eq(amount_text(&seven, 3, text), "7.500");
	ck_assert_str_eq(amount_text(&seven, 0, text), "7.5");
	ck_assert_int_eq(amount_minor(&seven, 2, &minor), 0);
	ck_assert_int_eq(minor, 750);
	ck_assert_int_eq(amount_minor(&more, 2, &minor), -1); /* P3: only when exact */
	ck_assert_int_eq(amount_minor(&(struct amount){ 7500, 3 }, 0, &minor), -1);
	ck_assert_int_eq(amount_minor(&(struct amount){ 7000, 3 }, 0, &minor), 0);
	ck_assert_int_eq(minor, 7);
	ck_assert_int_eq(amount_minor(&(struct amount){ 999999999999999999, 0 }, 2, &minor), -1);
}
END_TEST

/* P3: exponents. */
static const struct {
	const char *code;
	unsigned exponent;
} exponents[] = { { "GBP", 2 }, { "JPY", 0 }, { "KRW", 0 }, { "VND", 0 }, { "CLP", 0 }, { "ISK", 0 }, { "PYG", 0 },
	{ "UGX", 0 }, { "XAF", 0 }, { "XOF", 0 }, { "BHD", 3 }, { "IQD", 3 }, { "JOD", 3 }, { "KWD", 3 }, { "LYD", 3 },
	{ "OMR", 3 }, { "TND", 3 }, { "CLF", 4 }, { "UYW", 4 }, { "eur", 2 }, { "RUR", 2 } };

START_TEST(exponent)
{
	const struct currency *c = currency_find(exponents[_i].code, 3);

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->exponent, exponents[_i].exponent);
}
END_TEST

/* P7 */
static const struct {
	const char *text, *folded;
} folds[] = {
	{ "1\xc2\xa0" "234", "1 234" },			     /* NBSP */
	{ "1\xe2\x80\xaf" "234", "1 234" },		     /* narrow NBSP */
	{ "1\xe2\x80\x89" "234", "1 234" },		     /* thin space */
	{ "  1 \t\n 2  ", "1 2" },
	{ "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x8e\xef\xbc\x95", "12.5" }, /* full-width */
	{ "\xd9\xa1\xd9\xa2\xd9\xab\xd9\xa5", "12.5" },	     /* Arabic-Indic, U+066B */
	{ "\xdb\xb1\xd9\xac\xdb\xb2\xdb\xb3\xdb\xb4", "1,234" }, /* Persian, U+066C */
	{ "\xe0\xa5\xa7\xe0\xa5\xa8", "12" },		     /* Devanagari */
	{ "1\xe2\x80\x99" "234", "1'234" },
	{ "1\xca\xbc" "234", "1'234" },
	{ "\xe2\x80\x8e" "12\xc2\xad" "3\xe2\x80\x8b", "123" }, /* bidi mark, soft hyphen, zero width */
	{ "\xe2\x88\x92" "5", "-5" },
	{ "a\xff" "b", "ab" },
	{ "", "" },
};

START_TEST(fold)
{
	char out[256];

	ck_assert_uint_eq(fold_text(folds[_i].text, strlen(folds[_i].text), out, NULL), strlen(folds[_i].folded));
	ck_assert_str_eq(out, folds[_i].folded);
}
END_TEST

/* What a text says: amount with its own scale, currency, sign as found. NULL: none. */
static const struct {
	const char *rule, *text;
	struct reader_hints hints;
	const char *amount, *currency, *sign;
	unsigned warnings;
} readings[] = {
	/* P8: what a number is */
	{ "P8", "24", { 0 }, "24", NULL, "", 0 },
	{ "P8 leading separator", "\xc2\xa3.99", { .locale = "en-GB" }, "0.99", "GBP", "\xc2\xa3", 0 },
	{ "P8 trailing separators are dropped", "24.99.", { 0 }, "24.99", NULL, "", 0 },
	{ "P8 trailing separators are dropped", "24.99,", { 0 }, "24.99", NULL, "", 0 },
	{ "P8 blanks group", "1 234", { 0 }, "1234", NULL, "", 0 },
	{ "P8 blanks group", "1 234 567,89 EUR", { 0 }, "1234567.89", "EUR", "EUR", 0 },
	{ "P8 blanks that do not group", "12 34 EUR", { 0 }, "34", "EUR", "EUR", 0 },
	{ "P8 blanks that do not group", "1 234 56", { 0 }, "1", NULL, "", 0 },
	{ "P8 middle dot", "5\xc2\xb7" "50 EUR", { 0 }, "5.50", "EUR", "EUR", 0 },
	/* P9.1: told */
	{ "P9.1", "1.234", { .decimal = '.' }, "1.234", NULL, "", 0 },
	{ "P9.1", "1.234", { .decimal = ',' }, "1234", NULL, "", 0 },
	{ "P9.1", "1,234", { .group = '.' }, "1.234", NULL, "", 0 },
	{ "P9.1", "1.234", { .group = '.' }, "1234", NULL, "", 0 },
	{ "P9.1", "1,234,5", { .decimal = ',' }, NULL, NULL, "", 0 },
	/* P9.2: machine */
	{ "P9.2", "1.500", { .machine = true }, "1.500", NULL, "", 0 },
	{ "P9.2", "1500.0000", { .machine = true }, "1500.0000", NULL, "", 0 },
	{ "P9.2 other forms go on", "1,500", { .machine = true }, "1500", NULL, "", WARN_AMBIGUOUS_3 },
	{ "P9.2 other forms go on", "$1.500", { .machine = true, .page_currency = "CLP" }, "1500", "CLP", "$",
	    WARN_AMBIGUOUS_3 },
	/* P9.3: two separators */
	{ "P9.3", "1.234,56", { 0 }, "1234.56", NULL, "", 0 },
	{ "P9.3", "1,234.56", { 0 }, "1234.56", NULL, "", 0 },
	{ "P9.3", "1'234.56", { 0 }, "1234.56", NULL, "", 0 },
	{ "P9.3", "1.234.567,89", { 0 }, "1234567.89", NULL, "", 0 },
	{ "P9.3", "12,34,567.89", { 0 }, "1234567.89", NULL, "", 0 },
	{ "P9.3 last occurs twice: all group", "1 234.567.890", { 0 }, "1234567890", NULL, "", 0 },
	{ "P9.3 three decimals", "1.234,567", { 0 }, "1234.567", NULL, "", 0 },
	/* P9.4: one separator, twice or more */
	{ "P9.4", "1.234.567", { 0 }, "1234567", NULL, "", 0 },
	{ "P9.4 Indian", "12,34,567", { 0 }, "1234567", NULL, "", 0 },
	{ "P9.4 a date", "12.03.2024", { 0 }, NULL, NULL, "", 0 },
	{ "P9.4 a version", "1.2.3", { 0 }, NULL, NULL, "", 0 },
	/* P9.5: one separator, once */
	{ "P9.5", "0,995", { 0 }, "0.995", NULL, "", 0 },
	{ "P9.5", "0.995", { 0 }, "0.995", NULL, "", 0 },
	{ "P9.5", ".995", { 0 }, "0.995", NULL, "", 0 },
	{ "P9.5", "7,5", { 0 }, "7.5", NULL, "", 0 },
	{ "P9.5", "7,50", { 0 }, "7.50", NULL, "", 0 },
	{ "P9.5", "1,2345", { 0 }, "1.2345", NULL, "", 0 },
	/* P9.6: exactly three digits behind it */
	{ "P9.6", "1.234", { 0 }, "1234", NULL, "", WARN_AMBIGUOUS_3 },
	{ "P9.6", "1,234", { .locale = "de-DE" }, "1234", "EUR", "", WARN_AMBIGUOUS_3 },
	{ "P9.6 exponent 3", "1.500 KWD", { 0 }, "1.500", "KWD", "KWD", WARN_AMBIGUOUS_3 },
	{ "P9.6 exponent 3, grouping by the locale", "1.500 TND", { .locale = "it-IT" }, "1500", "TND", "TND",
	    WARN_AMBIGUOUS_3 },
	{ "P9.6 told currency", "1.500", { .currency = "KWD" }, "1.500", "KWD", "", WARN_AMBIGUOUS_3 },
	{ "P9.6 no group is that long", "12345.678", { 0 }, NULL, NULL, "", 0 },
	/* P10: the sign as separator */
	{ "P10", "8\xe2\x82\xac" "40", { 0 }, "8.40", "EUR", "\xe2\x82\xac", 0 },
	{ "P10", "8 \xe2\x82\xac 40", { 0 }, "8.40", "EUR", "\xe2\x82\xac", 0 },
	{ "P10", "8$40", { .page_currency = "USD" }, "8.40", "USD", "$", 0 },
	{ "P10 three digits are none", "8\xe2\x82\xac" "400", { 0 }, "8", "EUR", "\xe2\x82\xac", 0 },
	{ "P10 one blank is none", "8 \xe2\x82\xac" "40", { 0 }, "40", "EUR", "\xe2\x82\xac", 0 },
	{ "P10 a percentage is none", "8 \xe2\x82\xac 40 %", { 0 }, "8", "EUR", "\xe2\x82\xac", 0 },
	/* P11: a dash for the cents */
	{ "P11", "15,- \xe2\x82\xac", { 0 }, "15", "EUR", "\xe2\x82\xac", 0 },
	{ "P11", "15,--", { 0 }, "15", NULL, "", 0 },
	{ "P11", "CHF 15.\xe2\x80\x93", { 0 }, "15", "CHF", "CHF", 0 },
	{ "P11", "15 :- SEK", { 0 }, "15", "SEK", "SEK", 0 },
	{ "P11", "1.234,-", { 0 }, "1234", NULL, "", 0 },
	/* P12: no prices */
	{ "P12", "20%", { 0 }, NULL, NULL, "", 0 },
	{ "P12", "20 % off", { 0 }, NULL, NULL, "", 0 },
	{ "P12 unit", "500 g", { 0 }, NULL, NULL, "", 0 },
	{ "P12 unit", "24.5 cm", { 0 }, NULL, NULL, "", 0 },
	{ "P12 unit, then the price", "1.5 kg \xe2\x82\xac" "7.99", { 0 }, "7.99", "EUR", "\xe2\x82\xac", 0 },
	{ "P12 inches", "24\" monitor 199,99 EUR", { 0 }, "199.99", "EUR", "EUR", 0 },
	{ "P12 time", "12:30", { 0 }, NULL, NULL, "", 0 },
	{ "P12 date", "2024-03-12", { 0 }, NULL, NULL, "", 0 },
	{ "P12 date", "12/03/2024", { 0 }, NULL, NULL, "", 0 },
	{ "P12 phone", "555-123-4567", { 0 }, NULL, NULL, "", 0 },
	{ "P12 phone", "+44", { 0 }, NULL, NULL, "", 0 },
	{ "P12 article", "B525HD", { 0 }, NULL, NULL, "", 0 },
	{ "P12 article, then the price", "WD-40 now 4.99 GBP", { 0 }, "4.99", "GBP", "GBP", 0 },
	{ "P12 rating", "4.5/5", { 0 }, NULL, NULL, "", 0 },
	{ "P12 count", "12 reviews", { 0 }, NULL, NULL, "", 0 },
	{ "P12 resolution, not pence", "1080p", { 0 }, NULL, NULL, "", 0 },
	/* P13: a minus */
	{ "P13", "-5.00", { 0 }, NULL, NULL, "", 0 },
	{ "P13", "-\xc2\xa3" "5.00", { 0 }, NULL, NULL, "", 0 },
	{ "P13", "\xc2\xa3-5.00", { 0 }, NULL, NULL, "", 0 },
	{ "P13 allowed", "-5.00", { .allow_negative = true }, "-5.00", NULL, "", 0 },
	{ "P13", "save \xe2\x82\xac" "5 now \xe2\x82\xac" "20", { 0 }, "20", "EUR", "\xe2\x82\xac", 0 },
	/* P14: magnitudes are off */
	{ "P14", "15k", { 0 }, NULL, NULL, "", 0 },
	{ "P14", "$1.5M", { .page_currency = "USD" }, NULL, NULL, "", 0 },
	{ "P14", "1.5 Mio \xe2\x82\xac", { 0 }, NULL, NULL, "", 0 },
	/* P15: several candidates */
	{ "P15.1", "was \xe2\x82\xac" "30 now \xe2\x82\xac" "25", { 0 }, "25", "EUR", "\xe2\x82\xac", 0 },
	{ "P15.1", "statt 30 EUR nur 25 EUR", { 0 }, "25", "EUR", "EUR", 0 },
	{ "P15.1 nothing but a list price", "RRP 30 EUR", { 0 }, NULL, NULL, "", 0 },
	{ "P15.1 struck", "\x02\xe2\x82\xac" "30\x03 \xe2\x82\xac" "25", { 0 }, "25", "EUR", "\xe2\x82\xac", 0 },
	{ "P15.2", "\xe2\x82\xac" "10 - \xe2\x82\xac" "20", { 0 }, "10", "EUR", "\xe2\x82\xac", 0 },
	{ "P15.2", "10\xe2\x80\x93" "20 \xe2\x82\xac", { 0 }, "10", "EUR", "\xe2\x82\xac", 0 },
	{ "P15.2 the low end", "\xe2\x82\xac" "20 to \xe2\x82\xac" "10", { 0 }, "10", "EUR", "\xe2\x82\xac", 0 },
	{ "P15.3", "ab 99 EUR", { 0 }, "99", "EUR", "EUR", 0 },
	{ "P15.4", "Webcam 525 for 24.99 EUR", { 0 }, "24.99", "EUR", "EUR", 0 },
	{ "P15.4 the first among equals", "10 EUR 20 EUR", { 0 }, "10", "EUR", "EUR", 0 },
	{ "P15.5", "2.50 EUR/100 g 5.00 EUR", { 0 }, "5.00", "EUR", "EUR", 0 },
	{ "P15.5", "3 x 9.99 EUR, 27.50 EUR", { 0 }, "27.50", "EUR", "EUR", 0 },
	{ "P15.5 alone it is one", "2.50 EUR/kg", { 0 }, "2.50", "EUR", "EUR", 0 },
	/* P17: the order */
	{ "P17 told", "$5", { .currency = "AUD" }, "5", "AUD", "$", 0 },
	{ "P17 told against the text", "\xe2\x82\xac" "5", { .currency = "GBP" }, "5", "GBP", "\xe2\x82\xac",
	    WARN_CURRENCY_CONFLICT },
	{ "P17 code above sign", "$5 CAD", { .page_currency = "USD" }, "5", "CAD", "CAD", WARN_CURRENCY_CONFLICT },
	{ "P17 compound sign", "US$5", { .page_currency = "CAD" }, "5", "USD", "US$", WARN_CURRENCY_CONFLICT },
	{ "P17 compound sign", "HK$ 5", { 0 }, "5", "HKD", "HK$", 0 },
	{ "P17 R$", "R$ 1.234,50", { 0 }, "1234.50", "BRL", "R$", 0 },
	{ "P17 word", "24,99 Euro", { 0 }, "24.99", "EUR", "Euro", 0 },
	{ "P17 the source's field", "24.99", { .page_currency = "gbp" }, "24.99", "GBP", "", 0 },
	{ "P17 the place", "24.99", { .locale = "en-GB" }, "24.99", "GBP", "", 0 },
	{ "P17 none", "24.99", { .locale = "en" }, "24.99", NULL, "", 0 },
	{ "P17 nearest wins", "\xe2\x82\xac" "24.99", { .page_currency = "GBP" }, "24.99", "EUR", "\xe2\x82\xac",
	    WARN_CURRENCY_CONFLICT },
	/* P18: ambiguous signs */
	{ "P18 never a guess", "$24.99", { 0 }, "24.99", NULL, "$", WARN_AMBIGUOUS_CURRENCY },
	{ "P18", "\xc2\xa3" "24.99", { 0 }, "24.99", NULL, "\xc2\xa3", WARN_AMBIGUOUS_CURRENCY },
	{ "P18 the page's field", "$24.99", { .page_currency = "CAD" }, "24.99", "CAD", "$", 0 },
	{ "P18 the page's field does not fit", "$24.99", { .page_currency = "EUR" }, "24.99", NULL, "$",
	    WARN_AMBIGUOUS_CURRENCY },
	{ "P18 the place", "\xc2\xa3" "24.99", { .locale = "en-GB" }, "24.99", "GBP", "\xc2\xa3", 0 },
	{ "P18 kr", "1 299 kr", { .locale = "sv-SE" }, "1299", "SEK", "kr", 0 },
	{ "P18 kr.", "kr. 1.299,50", { .locale = "da_DK" }, "1299.50", "DKK", "kr.", 0 },
	{ "P18 Rs", "Rs. 1,23,456.00", { .locale = "en-IN" }, "123456.00", "INR", "Rs.", 0 },
	{ "P18 yen", "\xc2\xa5" "1,980", { .locale = "ja-JP" }, "1980", "JPY", "\xc2\xa5", WARN_AMBIGUOUS_3 },
	/* P19: codes are tokens */
	{ "P19 a word is no code", "try 24.99", { 0 }, "24.99", NULL, "", 0 },
	{ "P19 beside the amount it is", "24,99 TRY", { 0 }, "24.99", "TRY", "TRY", 0 },
	{ "P19 inside a word it is not", "EUROPA 24,99", { 0 }, "24.99", NULL, "", 0 },
	{ "P19 pence", "99p", { 0 }, "0.99", "GBP", "p", 0 },
	{ "P19 GBp", "2499 GBp", { 0 }, "24.99", "GBP", "GBp", 0 },
	{ "P19 cents", "50\xc2\xa2", { .page_currency = "USD" }, "0.50", "USD", "\xc2\xa2", 0 },
	{ "P19 historic", "10 DEM", { 0 }, "10", "DEM", "DEM", WARN_HISTORIC_CURRENCY },
	{ "P19 old spelling", "100 TL", { 0 }, "100", "TRY", "TL", 0 },
	{ "P19 old spelling", "100 RUR", { 0 }, "100", "RUB", "RUR", 0 },
	{ "P2 its own reason", "1234567890123456789 EUR", { 0 }, NULL, NULL, "", 0 },
	/* P31 */
	{ "P31", "Free", { 0 }, "0", NULL, "", 0 },
	{ "P31", "kostenlos", { .page_currency = "EUR" }, "0", "EUR", "", 0 },
	{ "P31 is not", "Free shipping", { 0 }, NULL, NULL, "", 0 },
	{ "P6", "", { 0 }, NULL, NULL, "", 0 },
	{ "P6", "call us", { 0 }, NULL, NULL, "", 0 },
};

START_TEST(reading)
{
	char text[AMOUNT_TEXT_SIZE];
	struct money m;
	enum read_result r;

	r = reader_read(readings[_i].text, strlen(readings[_i].text), &readings[_i].hints, &m);
	if (readings[_i].amount == NULL) {
		ck_assert_msg(r != READ_OK, "%s: `%s' was read as %s", readings[_i].rule, readings[_i].text,
		    amount_text(&m.amount, 0, text));
		ck_assert(!m.has_amount);
		return;
	}
	ck_assert_msg(r == READ_OK, "%s: nothing in `%s'", readings[_i].rule, readings[_i].text);
	ck_assert_msg(strcmp(amount_text(&m.amount, 0, text), readings[_i].amount) == 0, "%s: `%s' was read as %s",
	    readings[_i].rule, readings[_i].text, text);
	ck_assert_msg(m.currency != NULL ? readings[_i].currency != NULL &&
			strcmp(m.currency->code, readings[_i].currency) == 0 : readings[_i].currency == NULL,
	    "%s: `%s' is in %s", readings[_i].rule, readings[_i].text, m.currency != NULL ? m.currency->code : "nothing");
	ck_assert_msg(strcmp(m.currency_text, readings[_i].sign) == 0, "%s: `%s': sign `%s'", readings[_i].rule,
	    readings[_i].text, m.currency_text);
	ck_assert_msg(m.warnings == readings[_i].warnings, "%s: `%s': warnings %x", readings[_i].rule, readings[_i].text,
	    m.warnings);
}
END_TEST

START_TEST(result_names_the_reason)
{
	struct reader_hints hints = { 0 };
	struct money m;
	char long_text[READER_TEXT_MAX + 2];

	ck_assert_int_eq(reader_read("1234567890123456789", 19, &hints, &m), READ_TOO_LONG);
	ck_assert_int_eq(reader_read("none", 4, &hints, &m), READ_NONE);
	memset(long_text, '1', sizeof(long_text));
	ck_assert_int_eq(reader_read(long_text, READER_TEXT_MAX + 1, &hints, &m), READ_LIMIT);
	ck_assert_int_eq(reader_read(long_text, READER_TEXT_MAX, &hints, &m), READ_TOO_LONG);
}
END_TEST

/* P15.1, P15.2, P15.3: what is told beside the price. */
START_TEST(beside_the_price)
{
	struct reader_hints hints = { 0 };
	char text[AMOUNT_TEXT_SIZE];
	struct money m;

	ck_assert_int_eq(reader_read("was 30 EUR now 25 EUR", 21, &hints, &m), READ_OK);
	ck_assert(m.has_list_price);
	ck_assert_str_eq(amount_text(&m.list_price, 2, text), "30.00");
	ck_assert_int_eq(reader_read("RRP 30 EUR", 10, &hints, &m), READ_NONE);
	ck_assert(m.has_list_price);
	ck_assert_int_eq(reader_read("10-20 EUR", 9, &hints, &m), READ_OK);
	ck_assert_uint_eq(m.flags, MONEY_RANGE);
	ck_assert(m.has_max);
	ck_assert_str_eq(amount_text(&m.max, 0, text), "20");
	ck_assert_str_eq(m.currency->code, "EUR");
	ck_assert_int_eq(reader_read("from 10 EUR", 11, &hints, &m), READ_OK);
	ck_assert_uint_eq(m.flags, MONEY_FROM);
}
END_TEST

/* P5: at most 120 bytes, whole characters. */
START_TEST(raw_is_short)
{
	struct reader_hints hints = { 0 };
	char text[400];
	struct money m;
	size_t i;

	for (i = 0; i < 300; i += 3)
		memcpy(text + i, "\xe4\xb8\xad", 3);
	memcpy(text + 300, " 5 EUR", 7);
	ck_assert_int_eq(reader_read(text, 306, &hints, &m), READ_OK);
	ck_assert_str_eq(m.raw, "5 EUR");
	ck_assert_int_eq(reader_read(text, 300, &hints, &m), READ_NONE);
	ck_assert_uint_le(strlen(m.raw), 120);
	ck_assert_uint_eq(strlen(m.raw) % 3, 0);
}
END_TEST

/* P5, P17: the text as it was found, but for its blanks and what cannot be seen. */
START_TEST(p5_p17_as_found)
{
	static const char text[] = " \uff13,\u00a0\u0131\u200b  \uff11\uff12\uff0e\uff15\uff10 \uff25\uff35\uff32 ";
	static const char name[] = "\u00c7aydanl\u0131k\u00a0 \uff11 \xff";
	struct reader_hints hints = { 0 };
	struct money m;
	char title[64];

	ck_assert_int_eq(reader_read(text, sizeof(text) - 1, &hints, &m), READ_OK);
	ck_assert_str_eq(m.raw, "\uff13, \u0131 \uff11\uff12\uff0e\uff15\uff10 \uff25\uff35\uff32");
	ck_assert_str_eq(m.currency_text, "\uff25\uff35\uff32");
	ck_assert_uint_eq(tidy_text(name, sizeof(name) - 1, title), strlen(title));
	ck_assert_str_eq(title, "\u00c7aydanl\u0131k \uff11");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price reader");
	TCase *t = tcase_create("tables");

	tcase_add_loop_test(t, json_number, 0, sizeof(json_numbers) / sizeof(json_numbers[0]));
	tcase_add_loop_test(t, exponent, 0, sizeof(exponents) / sizeof(exponents[0]));
	tcase_add_loop_test(t, fold, 0, sizeof(folds) / sizeof(folds[0]));
	tcase_add_loop_test(t, reading, 0, sizeof(readings) / sizeof(readings[0]));
	tcase_add_test(t, amount_equality);
	tcase_add_test(t, result_names_the_reason);
	tcase_add_test(t, beside_the_price);
	tcase_add_test(t, raw_is_short);
	tcase_add_test(t, p5_p17_as_found);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
