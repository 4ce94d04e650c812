#include "price/fold.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "price/entity.h"
#include "price/letter.h"

/* The first of ten digits in a row of other scripts: Arabic, Persian, N'Ko, those of India, Thai, Lao, Burmese, Khmer. */
static const uint16_t digit_zeros[] = { 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66,
	0x0ce6, 0x0d66, 0x0e50, 0x0ed0, 0x1040, 0x17e0, 0xff10 };

static bool
is_blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
	       cp == 0x3000;
}

/* Bidi marks, zero widths, soft hyphen, byte order mark, variants of a character. */
static bool
is_invisible(uint32_t cp)
{
	return cp == 0xad || cp == 0x034f || cp == 0x061c || cp == 0x180e || (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || (cp >= 0xfe00 && cp <= 0xfe0f) ||
	       cp == 0xfeff;
}

static uint32_t
fold_one(uint32_t cp)
{
	size_t i;

	if (cp < 0x80)
		return cp == '`' ? '\'' : cp;
	for (i = 0; i < ARRAY_LEN(digit_zeros); i++) {
		if (cp >= digit_zeros[i] && cp <= digit_zeros[i] + 9u)
			return '0' + (cp - digit_zeros[i]);
	}
	/* The full-width forms of ASCII; but signs of currencies are reported as found. */
	if (cp >= 0xff01 && cp <= 0xff5e && cp != 0xff04)
		return cp - 0xff01 + '!';
	switch (cp) {
	case 0x066b: /* Arabic decimal separator */
	case 0xfe52: /* small . */
		return '.';
	case 0x066c: /* Arabic thousands separator */
	case 0x060c: /* Arabic comma */
	case 0xfe50:
		return ',';
	case 0xb4:
	case 0x2018:
	case 0x2019:
	case 0x201b:
	case 0x02bc:
	case 0x02b9:
		return '\'';
	case 0x2212: /* minus */
	case 0x2010: /* hyphens */
	case 0x2011:
	case 0xfe63:
		return '-';
	case 0x2012: /* other long dashes */
		return 0x2013;
	case 0x2015:
		return 0x2014;
	case 0x301c: /* wave dash */
	case 0x223c:
		return '~';
	case 0x066a:
		return '%';
	case 0x0131: /* FİYATI and fiyatı are one word */
	case 0x0130: /* the only capitals whose small letters are shorter */
		return 'i';
	case 0x1e9e:
		return 0xdf;
	default:
		return cp;
	}
}

/* The next character that is kept, a blank as ' '; 0 at the end. *at is moved behind it, *start is where it begins. */
static uint32_t
next_char(const char *text, size_t len, size_t *at, size_t *start)
{
	size_t used;

	while (*at < len) {
		uint32_t cp = utf8_get(text + *at, len - *at, &used);
		bool broken = used == 1 && (unsigned char)text[*at] >= 0x80;

		*start = *at;
		*at += used;
		/* What is no UTF-8 has nothing to read, and U+FFFD would grow. */
		if (!broken && cp != 0 && !is_invisible(cp))
			return is_blank(cp) ? ' ' : cp;
	}
	return 0;
}

/* A superscript digit, or -1. */
static int
superscript(uint32_t cp)
{
	switch (cp) {
	case 0xb9:
		return 1;
	case 0xb2:
	case 0xb3:
		return (int)cp - 0xb0;
	default:
		return cp == 0x2070 || (cp >= 0x2074 && cp <= 0x2079) ? (int)cp - 0x2070 : -1;
	}
}

/*
 * P10: 129⁹⁰, the two superscript digits at *at right behind digits that have no decimals: "·90" is put. One digit, or
 * any behind decimals, is a footnote. Returns how many bytes; *at is moved behind them.
 */
static size_t
superscript_cents(const char *text, size_t len, size_t *at, char *out, size_t n)
{
	size_t i = n, start, behind_tens = *at, behind_ones, behind;
	int tens, ones;

	if (n == 0 || out[n - 1] < '0' || out[n - 1] > '9' || *at == len)
		return 0;
	if (text[*at] != '\0' && (unsigned char)text[*at] < 0x80) /* the most usual */
		return 0;
	tens = superscript(next_char(text, len, &behind_tens, &start));
	behind_ones = behind_tens;
	ones = superscript(next_char(text, len, &behind_ones, &start));
	behind = behind_ones;
	if (tens < 0 || ones < 0 || superscript(next_char(text, len, &behind, &start)) >= 0)
		return 0;
	while (i > 0 && out[i - 1] >= '0' && out[i - 1] <= '9')
		i--;
	if (i > 0 && (out[i - 1] == '.' || out[i - 1] == ',') && n - i != 3)
		return 0;
	n += utf8_put(0xb7, out + n);
	out[n] = (char)('0' + tens);
	out[n + 1] = (char)('0' + ones);
	*at = behind_ones;
	return 4;
}

/* Trim, end. */
static size_t
finish(char *out, size_t n)
{
	if (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return n;
}

size_t
fold_text(const char *text, size_t len, char *out, uint16_t *origin)
{
	size_t i = 0, n = 0, last = 0, start = 0, k;
	uint32_t cp, base = 0; /* what stands at out[last] */

	while ((cp = next_char(text, len, &i, &start)) != 0) {
		uint32_t composed = cp >= 0x300 && cp < 0x370 ? letter_compose(base, cp) : 0;

		if (cp >= 0x300 && cp < 0x370 && composed == 0)
			continue;
		if (cp == ' ' && (n == 0 || out[n - 1] == ' '))
			continue;
		if (composed == 0)
			last = n;
		base = composed != 0 ? composed : fold_one(cp);
		if (origin != NULL && composed != 0)
			start = origin[last];
		n = last + utf8_put(base, out + last);
		n += superscript_cents(text, len, &i, out, n);
		for (k = last; origin != NULL && k < n; k++)
			origin[k] = (uint16_t)start;
	}
	n = finish(out, n);
	if (origin != NULL)
		origin[n] = (uint16_t)len;
	return n;
}

size_t
tidy_text(const char *text, size_t len, char *out)
{
	size_t i = 0, n = 0, start;
	uint32_t cp;

	while ((cp = next_char(text, len, &i, &start)) != 0) {
		if (cp != ' ' || (n > 0 && out[n - 1] != ' '))
			n += utf8_put(cp, out + n);
	}
	return finish(out, n);
}
