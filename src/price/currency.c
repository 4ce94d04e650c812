#include "price/currency.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

static const struct currency currencies[] = {
#define CURRENCY(code, exponent, historic) { code, exponent, historic },
#include "price/currency.def"
};

struct pair {
	const char *text;
	const char *codes;
};

static const struct pair old_spellings[] = {
#define OLD(text, code) { text, code },
#include "price/currency.def"
};

static const struct pair signs[] = {
#define SIGN(text, codes) { text, codes },
#include "price/currency.def"
};

static const struct pair minors[] = {
#define MINOR(text, codes) { text, codes },
#include "price/currency.def"
};

static const struct pair countries[] = {
#define COUNTRY(country, code) { country, code },
#include "price/currency.def"
};

const struct currency *
currency_find(const char *code, size_t len)
{
	size_t i;

	for (i = 0; len == 3 && i < ARRAY_LEN(currencies); i++) {
		if (strncasecmp(code, currencies[i].code, 3) == 0)
			return &currencies[i];
	}
	for (i = 0; i < ARRAY_LEN(old_spellings); i++) {
		if (strlen(old_spellings[i].text) == len && strncasecmp(code, old_spellings[i].text, len) == 0)
			return currency_find(old_spellings[i].codes, 3);
	}
	return NULL;
}

/* ASCII letters, and the bytes of other scripts: what a word is made of. */
static bool
is_letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* The same for the first byte of a mark: those of Latin-1's and the currency block's signs are none. */
static bool
begins_word(char c)
{
	return is_letter(c) && (unsigned char)c != 0xc2 && (unsigned char)c != 0xe2 && (unsigned char)c != 0xef;
}

static bool
is_ascii_letter(char c)
{
	return isalpha((unsigned char)c);
}

/*
 * A code in upper case (P19: `try` and `all` are words, TRY and ALL beside an
 * amount are not), returned as a mark.
 */
static bool
match_code(const char *text, struct currency_mark *mark)
{
	const struct currency *found;
	size_t i;

	for (i = 0; i < 3; i++) {
		if (!isupper((unsigned char)text[i]))
			return false;
	}
	found = currency_find(text, 3);
	if (found == NULL)
		return false;
	*mark = (struct currency_mark){ text, 3, found->code, true, false };
	return true;
}

static void
match_pairs(const struct pair *pairs, size_t n, bool minor, const char *text, size_t len, bool at_end,
    struct currency_mark *mark)
{
	size_t i;

	for (i = 0; i < n; i++) {
		size_t m = strlen(pairs[i].text);
		const char *at = at_end ? text + len - m : text;

		if (m > len || m <= mark->len || memcmp(at, pairs[i].text, m) != 0)
			continue;
		/* What ends in a letter ends where the word ends; likewise at its start. */
		if (!at_end && is_letter(at[m - 1]) && m < len && is_ascii_letter(at[m]))
			continue;
		if (at_end && begins_word(at[0]) && len > m && is_letter(at[-1]))
			continue;
		*mark = (struct currency_mark){ at, m, pairs[i].codes, false, minor };
	}
}

size_t
currency_mark_at(const char *text, size_t len, struct currency_mark *mark)
{
	*mark = (struct currency_mark){ text, 0, NULL, false, false };
	if (len == 0)
		return 0;
	match_pairs(signs, ARRAY_LEN(signs), false, text, len, false, mark);
	match_pairs(minors, ARRAY_LEN(minors), true, text, len, false, mark);
	if (mark->len < 3 && len >= 3 && (len == 3 || !is_letter(text[3])))
		match_code(text, mark);
	return mark->len;
}

size_t
currency_mark_before(const char *text, size_t len, struct currency_mark *mark)
{
	*mark = (struct currency_mark){ text, 0, NULL, false, false };
	if (len == 0)
		return 0;
	match_pairs(signs, ARRAY_LEN(signs), false, text, len, true, mark);
	if (mark->len < 3 && len >= 3 && (len == 3 || !is_letter(text[len - 4])))
		match_code(text + len - 3, mark);
	return mark->len;
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

const struct currency *
currency_resolve(const struct currency_mark *mark, const char *page, const char *locale)
{
	const struct currency *c;

	if (mark->codes == NULL)
		return NULL;
	if (strlen(mark->codes) == 3)
		return currency_find(mark->codes, 3);
	c = page != NULL ? currency_find(page, strlen(page)) : NULL;
	if (c != NULL && currency_list_has(mark->codes, c->code))
		return c;
	c = currency_of_locale(locale);
	return c != NULL && currency_list_has(mark->codes, c->code) ? c : NULL;
}

/* The two letters of the country in "en-GB", "zh_Hant_TW", "de-CH-1996"; NULL if there are none. */
static const char *
locale_country(const char *locale)
{
	const char *p = locale;

	while (p != NULL && (p = strpbrk(p, "-_")) != NULL) {
		size_t n = strcspn(++p, "-_.@");

		if (n == 2 && isalpha((unsigned char)p[0]) && isalpha((unsigned char)p[1]))
			return p;
	}
	return NULL;
}

const struct currency *
currency_of_locale(const char *locale)
{
	const char *country = locale_country(locale);
	size_t i;

	for (i = 0; country != NULL && i < ARRAY_LEN(countries); i++) {
		if (strncasecmp(country, countries[i].text, 2) == 0)
			return currency_find(countries[i].codes, 3);
	}
	return NULL;
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
	/* Languages with a decimal comma, and the countries that go another way than their language. */
	static const char comma_languages[] = "af az be bg bs ca cs da de el es et eu fi fo fr gl hr hu hy id is it "
					      "ka kk lt lv mk nb nl nn no pl pt ro ru sk sl sq sr sv tr uk uz vi";
	static const char point_countries[] = "CH LI MX US GT HN NI PA PE PR SV DO CU";
	const char *country = locale_country(locale);
	size_t n = locale != NULL ? strcspn(locale, "-_.@") : 0;

	if (n != 2)
		return 0;
	if (country != NULL && in_list("CH LI", country))
		return '\'';
	if (country != NULL && in_list(point_countries, country))
		return ',';
	return in_list(comma_languages, locale) ? '.' : ',';
}
