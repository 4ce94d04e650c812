#include "price/currency.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "price/letter.h"

/* Generated: iso4217.awk. */
static const struct row {
	struct currency currency;
	const char *number;
} currencies[] = {
#define CURRENCY(code, number, exponent, historic) { { code, exponent, historic }, number },
#include "price/iso4217.def"
#undef CURRENCY
};

struct pair {
	const char *text;
	const char *codes;
};

static const struct pair old_spellings[] = {
#define OLD(text, code) { text, code },
#include "price/currency.def"
};

static const struct pair countries[] = {
#define COUNTRY(country, code) { country, code },
#include "price/currency.def"
};

static const struct pair languages[] = {
#define LANGUAGE(language, country) { language, country },
#include "price/currency.def"
};

static const char common[] =
#define COMMON(codes) codes
#include "price/currency.def"
    ;

struct sign {
	const char *text;
	size_t len;
	const char *codes;
	bool any_case, minor, usual, weak;
};

static const struct sign signs[] = {
#define ROW(text, codes, any_case, minor, usual, weak) { text, sizeof(text) - 1, codes, any_case, minor, usual, weak },
#define SIGN(text, codes) ROW(text, codes, false, false, false, false)
#define USUAL(text, codes) ROW(text, codes, false, false, true, false)
#define WEAK(text, codes) ROW(text, codes, false, false, false, true)
#define NAME(text, codes) ROW(text, codes, true, false, false, false)
#define USUAL_NAME(text, codes) ROW(text, codes, true, false, true, false)
#define MINOR(text, codes) ROW(text, codes, false, true, false, false)
#define MINOR_NAME(text, codes) ROW(text, codes, true, true, false, false)
#include "price/currency.def"
#undef ROW
};

/* Generated: signs.awk. The numbers of the signs that may begin, and end, at each byte. */
static const uint16_t first_at[] = {
#define FIRST_AT(n) n,
#include "price/signs.def"
};

static const uint16_t first[] = {
#define FIRST(number) number,
#include "price/signs.def"
};

static const uint16_t last_at[] = {
#define LAST_AT(n) n,
#include "price/signs.def"
};

static const uint16_t last[] = {
#define LAST(number) number,
#include "price/signs.def"
};

_Static_assert(SIGNS_INDEXED == ARRAY_LEN(signs) && ARRAY_LEN(first_at) == 257 && ARRAY_LEN(last_at) == 257,
    "signs.awk has read all rows");

static const struct currency *
find_number(const char *number)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(currencies); i++) {
		if (strncmp(number, currencies[i].number, 3) == 0)
			return &currencies[i].currency;
	}
	return NULL;
}

static const struct currency *
find_code(const char *code)
{
	size_t low = 0, high = ARRAY_LEN(currencies), i;
	int d;

	while (low < high) {
		i = (low + high) / 2;
		d = strncasecmp(code, currencies[i].currency.code, 3);
		if (d == 0)
			return &currencies[i].currency;
		if (d > 0)
			low = i + 1;
		else
			high = i;
	}
	return NULL;
}

const struct currency *
currency_find(const char *code, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(old_spellings); i++) {
		if (strlen(old_spellings[i].text) == len && strncasecmp(code, old_spellings[i].text, len) == 0)
			return find_code(old_spellings[i].codes);
	}
	if (len != 3)
		return NULL;
	return code[0] >= '0' && code[0] <= '9' ? find_number(code) : find_code(code);
}

static bool
is_upper(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (text[i] < 'A' || text[i] > 'Z')
			return false;
	}
	return true;
}

/*
 * A code in upper case (P19: `try` and `all` are words, TRY and ALL beside an amount are not), or one that is no
 * word in any case, or an old spelling.
 */
static void
match_code(const char *text, size_t len, bool alone, struct currency_mark *mark)
{
	const struct currency *found = currency_find(text, len);

	if (found == NULL || (text[0] >= '0' && text[0] <= '9'))
		return;
	if (is_upper(text, len) ? alone && !currency_list_has(common, found->code)
				: alone || len < 3 || !currency_list_has(common, found->code))
		return;
	*mark = (struct currency_mark){ .text = text, .len = len, .codes = found->code, .is_code = true };
}

/* Is the sign at text[at]? What begins or ends in a letter is a token of its own. */
static bool
sign_matches(const struct sign *s, const char *text, size_t len, size_t at)
{
	size_t end = at + s->len;

	if (end > len || (s->any_case ? word_match(text + at, len - at, s->text, s->len) == 0
				      : memcmp(text + at, s->text, s->len) != 0))
		return false;
	/* Mo-Fr 9 */
	if (at > 1 && text[at - 1] == '-' && letter_at(text, len, at) && letter_before(text, at - 1))
		return false;
	return !(letter_at(text, len, end) && letter_before(text, end)) &&
	       !(letter_before(text, at) && letter_at(text, len, at));
}

/* The longest sign there; of several the one that is written first. */
static void
match_signs(const char *text, size_t len, bool at_end, bool alone, struct currency_mark *mark)
{
	unsigned char byte = (unsigned char)(at_end ? text[len - 1] : text[0]);
	const uint16_t *of = at_end ? last : first, *at = at_end ? last_at : first_at;
	size_t i;

	for (i = at[byte]; i < at[byte + 1u]; i++) {
		const struct sign *s = &signs[of[i]];

		if (s->len > len || s->len <= mark->len || (alone && (s->weak || s->minor)) ||
		    !sign_matches(s, text, len, at_end ? len - s->len : 0))
			continue;
		*mark = (struct currency_mark){ at_end ? text + len - s->len : text, s->len, s->codes, false, s->minor, s->usual,
			s->weak };
	}
}

/* Codes and old spellings have two or three letters. */
static void
match_codes(const char *text, size_t len, bool at_end, bool alone, struct currency_mark *mark)
{
	size_t n, at;

	for (n = 3; n >= 2 && mark->len < n; n--) {
		at = at_end ? len - n : 0;
		if (n <= len && !letter_before(text, at) && !letter_at(text, len, at + n))
			match_code(text + at, n, alone, mark);
	}
}

static size_t
match(const char *text, size_t len, bool at_end, bool alone, struct currency_mark *mark)
{
	*mark = (struct currency_mark){ .text = text };
	if (len == 0)
		return 0;
	match_signs(text, len, at_end, alone, mark);
	match_codes(text, len, at_end, alone, mark);
	return mark->len;
}

size_t
currency_mark_at(const char *text, size_t len, struct currency_mark *mark)
{
	return match(text, len, false, false, mark);
}

size_t
currency_mark_before(const char *text, size_t len, struct currency_mark *mark)
{
	return match(text, len, true, false, mark);
}

size_t
currency_mark_alone(const char *text, size_t len, struct currency_mark *mark)
{
	return match(text, len, false, true, mark);
}

bool
currency_list_has(const char *codes, const char *code)
{
	for (; codes != NULL && *codes != '\0'; codes += codes[3] == '\0' ? 3 : 4) {
		if (strncasecmp(codes, code, 3) == 0)
			return true;
	}
	return false;
}

bool
currency_lists_meet(const char *a, const char *b)
{
	for (; a != NULL && *a != '\0'; a += a[3] == '\0' ? 3 : 4) {
		if (currency_list_has(b, a))
			return true;
	}
	return false;
}

static const struct currency *
of_country(const char *country)
{
	size_t i;

	for (i = 0; country != NULL && i < ARRAY_LEN(countries); i++) {
		if (strncasecmp(country, countries[i].text, 2) == 0)
			return find_code(countries[i].codes);
	}
	return NULL;
}

/*
 * The two letters of the country in "en-GB", "zh_Hant_TW", "de-CH-1996", or of "GB" alone in capitals; NULL if there
 * are none.
 */
static const char *
locale_country(const char *locale)
{
	const char *p = locale;

	while (p != NULL && (p = strpbrk(p, "-_")) != NULL) {
		size_t n = strcspn(++p, "-_.@");

		if (n == 2 && letter_is((unsigned char)p[0]) && letter_is((unsigned char)p[1]))
			return p;
	}
	return locale != NULL && strlen(locale) == 2 && is_upper(locale, 2) && of_country(locale) != NULL ? locale
													   : NULL;
}

/* Where the language of a locale that names no country is spoken most. */
static const char *
language_country(const char *locale)
{
	size_t i;

	if (locale == NULL || strcspn(locale, "-_.@") != 2)
		return NULL;
	for (i = 0; i < ARRAY_LEN(languages); i++) {
		if (strncasecmp(locale, languages[i].text, 2) == 0)
			return languages[i].codes;
	}
	return NULL;
}

const struct currency *
currency_of_locale(const char *locale)
{
	return of_country(locale_country(locale));
}

const struct currency *
currency_resolve(const struct currency_mark *mark, const char *page, const char *locale)
{
	const char *country = locale_country(locale);
	const struct currency *c;

	if (mark->codes == NULL)
		return NULL;
	if (strlen(mark->codes) == 3)
		return find_code(mark->codes);
	c = page != NULL ? currency_find(page, strlen(page)) : NULL;
	if (c != NULL && currency_list_has(mark->codes, c->code))
		return c;
	c = of_country(country != NULL ? country : language_country(locale));
	if (c != NULL && currency_list_has(mark->codes, c->code))
		return c;
	return mark->usual ? find_code(mark->codes) : NULL;
}

static bool
in_list(const char *list, const char *two)
{
	for (; *list != '\0'; list += list[2] == '\0' ? 2 : 3) {
		if (strncasecmp(list, two, 2) == 0)
			return true;
	}
	return false;
}

char
locale_grouping(const char *locale)
{
	/* Languages that group with a point, with a blank, and the countries that go another way than their language. */
	static const char point_languages[] = "az bs ca da de el es eu fo gl hr id is it mk nl pt ro sl sr tr vi";
	static const char blank_languages[] = "af be bg cs et fi fr hu hy ka kk lt lv nb nn no pl ru sk sq sv uk uz";
	static const char comma_countries[] = "MX US GT HN NI PA PE PR SV DO CU";
	const char *country = locale_country(locale);
	size_t n = locale != NULL ? strcspn(locale, "-_.@") : 0;

	if (n != 2)
		return 0;
	if (country != NULL && in_list("CH LI", country))
		return '\'';
	if (country != NULL && in_list(comma_countries, country))
		return ',';
	if (in_list(blank_languages, locale))
		return ' ';
	/* Arabic in the Maghreb */
	if (in_list(point_languages, locale) ||
	    (country != NULL && in_list("ar", locale) && in_list("DZ LY MA TN", country)))
		return '.';
	return ',';
}
