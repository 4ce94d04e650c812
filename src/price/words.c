#include "price/words.h"

#include <stdbool.h>
#include <string.h>

#include "base/attr.h"
#include "price/entity.h"
#include "price/letter.h"

/* Made of words.list, sorted by its bytes. */
static const struct row {
	const char *text;
	uint32_t kinds;
} table[] = {
#define WORD(text, kinds) { text, kinds },
#include "price/words.def"
#undef WORD
};

/* May a word end at text[at]? What ends in a letter ends where the letters end. */
static bool
ends_here(const char *text, size_t len, size_t at)
{
	return !letter_at(text, len, at) || !letter_before(text, at);
}

/* Of the rows [*low, *high), which agree up to byte i, those with this one there. */
static void
narrow(size_t *low, size_t *high, size_t i, unsigned char byte)
{
	size_t a = *low, b = *high, middle;

	while (a < b) {
		middle = (a + b) / 2;
		if ((unsigned char)table[middle].text[i] < byte)
			a = middle + 1;
		else
			b = middle;
	}
	*low = a;
	b = *high;
	while (a < b) {
		middle = (a + b) / 2;
		if ((unsigned char)table[middle].text[i] <= byte)
			a = middle + 1;
		else
			b = middle;
	}
	*high = a;
}

uint32_t
words_at(const char *text, size_t len, size_t *length)
{
	size_t low = 0, high = ARRAY_LEN(table), i = 0, k, n, used;
	uint32_t kinds = 0;
	char utf8[4];

	*length = 0;
	while (i < len && low < high) {
		n = utf8_put(letter_lower(utf8_get(text + i, len - i, &used)), utf8);
		if (n != used)
			break;
		for (k = 0; k < n; k++)
			narrow(&low, &high, i + k, (unsigned char)utf8[k]);
		i += n;
		/* A word that ends here is the first of those that begin so. */
		if (low < high && table[low].text[i] == '\0' && ends_here(text, len, i)) {
			kinds = table[low].kinds;
			*length = i;
		}
	}
	return kinds;
}

size_t
words_find(const char *text, size_t len, struct word *out, size_t max)
{
	size_t i = 0, n = 0, used, length;

	while (i < len && n < max) {
		uint32_t cp = utf8_get(text + i, len - i, &used), kinds = 0;

		/* Within a word none begins that begins with a letter. */
		if (cp > ' ' && (cp < '0' || cp > '9') &&
		    (!letter_is(cp) || letter_is_unspaced(cp) || !letter_before(text, i)))
			kinds = words_at(text + i, len - i, &length);
		if (kinds == 0) {
			i += used;
			continue;
		}
		out[n++] = (struct word){ (uint16_t)i, (uint16_t)(i + length), kinds };
		i += length;
	}
	return n;
}

size_t
magnitude_at(const char *text, size_t len, unsigned *zeros)
{
	static const struct {
		const char *text;
		unsigned zeros;
		bool any_case;
	} magnitudes[] = { { "k", 3, false },
		{ "K", 3, false },
		{ "M", 6, false },
		{ "m", 6, false },
		{ "B", 9, false },
		{ "bn", 9, true },
		{ "mn", 6, true },
		{ "mm", 6, false },
		{ "mio", 6, true },
		{ "mio.", 6, true },
		{ "mill.", 6, true },
		{ "mln", 6, true },
		{ "mln.", 6, true },
		{ "mrd", 9, true },
		{ "mrd.", 9, true },
		{ "mld", 9, true },
		{ "tsd", 3, true },
		{ "tsd.", 3, true },
		{ "tys", 3, true },
		{ "tys.", 3, true },
		{ "tis.", 3, true },
		{ "mil", 3, true },
		{ "mille", 3, true },
		{ "bin", 3, true },
		{ "thousand", 3, true },
		{ "tusen", 3, true },
		{ "ezer", 3, true },
		{ "mii", 3, true },
		{ "mila", 3, true },
		{ "tuhatta", 3, true },
		{ "duizend", 3, true },
		{ "tysięcy", 3, true },
		{ "tisíc", 3, true },
		{ "אלף", 3, true },
		{ "हजार", 3, true },
		{ "พัน", 3, true },
		{ "หมื่น", 4, true },
		{ "แสน", 5, true },
		{ "tausend", 3, true },
		{ "million", 6, true },
		{ "millions", 6, true },
		{ "millionen", 6, true },
		{ "millón", 6, true },
		{ "millones", 6, true },
		{ "milhão", 6, true },
		{ "milhões", 6, true },
		{ "milioni", 6, true },
		{ "milyon", 6, true },
		{ "miljoen", 6, true },
		{ "miljoner", 6, true },
		{ "billion", 9, true },
		{ "milliarden", 9, true },
		{ "lakh", 5, true },
		{ "lakhs", 5, true },
		{ "lac", 5, true },
		{ "lacs", 5, true },
		{ "lk", 5, true },
		{ "cr", 7, true },
		{ "cr.", 7, true },
		{ "crore", 7, true },
		{ "crores", 7, true },
		{ "लाख", 5, true },
		{ "करोड़", 7, true },
		{ "हज़ार", 3, true },
		{ "тыс", 3, true },
		{ "тыс.", 3, true },
		{ "млн", 6, true },
		{ "млн.", 6, true },
		{ "млрд", 9, true },
		{ "тис.", 3, true },
		{ "千", 3, true },
		{ "万", 4, true },
		{ "萬", 4, true },
		{ "億", 8, true },
		{ "亿", 8, true },
		{ "百万", 6, true },
		{ "만", 4, true },
		{ "천", 3, true },
		{ "억", 8, true },
		{ "ألف", 3, true },
		{ "مليون", 6, true },
		{ "triệu", 6, true },
		{ "tr", 6, true },
		{ "juta", 6, true },
		{ "jt", 6, true },
		{ "rb", 3, true },
		{ "ribu", 3, true },
		{ "nghìn", 3, true },
		{ "ngàn", 3, true },
		{ "ล้าน", 6, true } };
	size_t i, n, m, best = 0;

	for (i = 0; i < ARRAY_LEN(magnitudes); i++) {
		m = strlen(magnitudes[i].text);
		if (m <= best || m > len)
			continue;
		n = magnitudes[i].any_case ? word_match(text, len, magnitudes[i].text, m) :
		    memcmp(text, magnitudes[i].text, m) == 0 ? m : 0;
		/* 25 M.R.P. has none. */
		if (n == 0 || !ends_here(text, len, n) ||
		    (n + 1 < len && (text[n] == '.' || text[n] == '&' || text[n] == '-') && letter_at(text, len, n + 1)))
			continue;
		best = n;
		*zeros = magnitudes[i].zeros;
	}
	return best;
}
