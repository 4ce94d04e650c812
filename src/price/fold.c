#include "price/fold.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "price/entity.h"

/* The first of ten digits in a row of other scripts. */
static const uint32_t digit_zeros[] = { 0x0660, 0x06f0, 0x0966, 0xff10 };

static bool
is_blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
	       cp == 0x3000;
}

/* Bidi marks, zero widths, soft hyphen, byte order mark. */
static bool
is_invisible(uint32_t cp)
{
	return cp == 0xad || cp == 0x061c || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x2069) || cp == 0xfeff;
}

static uint32_t
fold_one(uint32_t cp)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(digit_zeros); i++) {
		if (cp >= digit_zeros[i] && cp <= digit_zeros[i] + 9)
			return '0' + (cp - digit_zeros[i]);
	}
	switch (cp) {
	case 0xff0e: /* full-width . */
	case 0x066b: /* Arabic decimal separator */
		return '.';
	case 0xff0c: /* full-width , */
	case 0x066c: /* Arabic thousands separator */
		return ',';
	case 0x2019:
	case 0x02bc:
		return '\'';
	case 0x2212: /* minus */
	case 0x2010: /* hyphens */
	case 0x2011:
	case 0xff0d:
		return '-';
	case 0xff04:
		return '$';
	case 0xff05:
		return '%';
	default:
		return cp;
	}
}

size_t
fold_text(const char *text, size_t len, char *out)
{
	size_t i = 0, n = 0, used;

	while (i < len) {
		uint32_t cp = utf8_get(text + i, len - i, &used);

		if (used == 1 && (unsigned char)text[i] >= 0x80) {
			i++; /* no UTF-8: nothing to read here, and U+FFFD would grow */
			continue;
		}
		i += used;
		if (is_invisible(cp) || cp == 0)
			continue;
		if (is_blank(cp)) {
			if (n > 0 && out[n - 1] != ' ')
				out[n++] = ' ';
			continue;
		}
		n += utf8_put(fold_one(cp), out + n);
	}
	if (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return n;
}
