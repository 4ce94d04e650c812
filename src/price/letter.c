#include "price/letter.h"

#include <string.h>

#include "base/attr.h"
#include "price/entity.h"

struct range {
	uint32_t first, last;
};

/* Above Latin-1 whatever is no letter: punctuation, signs of currencies, arrows, figures, pictures. */
static const struct range no_letters[] = { { 0x2b9, 0x36f }, { 0x60b, 0x60d }, { 0x66a, 0x66d }, { 0x964, 0x965 },
	{ 0x9f2, 0x9f3 }, { 0xaf1, 0xaf1 }, { 0xbf9, 0xbf9 }, { 0xe3f, 0xe3f }, { 0x17db, 0x17db }, { 0x2000, 0x206f },
	{ 0x20a0, 0x20cf }, { 0x2100, 0x2bff }, { 0x3000, 0x3004 }, { 0x3008, 0x3020 }, { 0x3030, 0x3030 },
	{ 0xa838, 0xa838 }, { 0xe000, 0xf8ff }, { 0xfdfc, 0xfdfc }, { 0xfe00, 0xfe6f }, { 0xfeff, 0xfeff },
	{ 0xff00, 0xff0f }, { 0xff1a, 0xff20 }, { 0xffe0, 0xffff }, { 0x1f000, 0x1faff }, { 0xe0000, 0xe01ef } };

/* Thai to Burmese, Khmer, the kanas, ideographs, Hangul with its particles. */
static const struct range unspaced[] = { { 0xe01, 0x109f }, { 0x1780, 0x17ff }, { 0x3005, 0x3007 },
	{ 0x3021, 0x302f }, { 0x3031, 0x9fff }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xff66, 0xff9f },
	{ 0x20000, 0x3ffff } };

static bool
in_ranges(const struct range *ranges, size_t n, uint32_t cp)
{
	size_t i;

	for (i = 0; i < n && ranges[i].first <= cp; i++) {
		if (cp <= ranges[i].last)
			return true;
	}
	return false;
}

bool
letter_is(uint32_t cp)
{
	if (cp < 0x80)
		return (cp | 32) >= 'a' && (cp | 32) <= 'z';
	if (cp < 0xc0)
		return cp == 0xaa || cp == 0xb5 || cp == 0xba;
	return cp != 0xd7 && cp != 0xf7 && !in_ranges(no_letters, ARRAY_LEN(no_letters), cp);
}

bool
letter_is_unspaced(uint32_t cp)
{
	return cp >= unspaced[0].first && in_ranges(unspaced, ARRAY_LEN(unspaced), cp);
}

/* Capitals and small letters that take turns; `odd`: capitals have odd numbers. */
static const struct {
	struct range range;
	unsigned odd;
} turns[] = { { { 0x100, 0x137 }, 0 }, { { 0x139, 0x148 }, 1 }, { { 0x14a, 0x177 }, 0 }, { { 0x179, 0x17e }, 1 },
	{ { 0x1a0, 0x1a5 }, 0 }, { { 0x1af, 0x1b0 }, 1 }, { { 0x1cd, 0x1dc }, 1 }, { { 0x1de, 0x1ef }, 0 },
	{ { 0x1f8, 0x21f }, 0 }, { { 0x222, 0x233 }, 0 }, { { 0x460, 0x481 }, 0 }, { { 0x48a, 0x4bf }, 0 },
	{ { 0x4c1, 0x4ce }, 1 }, { { 0x4d0, 0x52f }, 0 }, { { 0x1e00, 0x1e95 }, 0 }, { { 0x1ea0, 0x1eff }, 0 } };

/* Capitals whose small letters lie so much higher. */
static const struct {
	struct range range;
	uint32_t up;
} shifts[] = { { { 0xc0, 0xd6 }, 32 }, { { 0xd8, 0xde }, 32 }, { { 0x386, 0x386 }, 38 }, { { 0x388, 0x38a }, 37 },
	{ { 0x38c, 0x38c }, 64 }, { { 0x38e, 0x38f }, 63 }, { { 0x391, 0x3ab }, 32 }, { { 0x400, 0x40f }, 80 },
	{ { 0x410, 0x42f }, 32 }, { { 0x531, 0x556 }, 48 } };

uint32_t
letter_lower(uint32_t cp)
{
	size_t i;

	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	if (cp > 0x1eff)
		return cp;
	if (cp == 0x3c2) /* the sigma at the end of a word */
		return 0x3c3;
	if (cp == 0x130) /* its small letter is shorter: fold_text() has seen to it */
		return cp;
	for (i = 0; i < ARRAY_LEN(shifts); i++) {
		if (cp >= shifts[i].range.first && cp <= shifts[i].range.last)
			return cp + shifts[i].up;
	}
	for (i = 0; i < ARRAY_LEN(turns); i++) {
		if (cp >= turns[i].range.first && cp <= turns[i].range.last)
			return (cp & 1) == turns[i].odd ? cp + 1 : cp;
	}
	return cp;
}

uint32_t
letter_compose(uint32_t base, uint32_t mark)
{
	static const struct {
		uint16_t base, mark, composed;
	} table[] = {
#define COMPOSED(base, mark, composed) { base, mark, composed },
#include "price/composed.def"
#undef COMPOSED
	};
	size_t low = 0, high = ARRAY_LEN(table), i;

	while (low < high) {
		i = (low + high) / 2;
		if (table[i].base == base && table[i].mark == mark)
			return table[i].composed;
		if (table[i].base < base || (table[i].base == base && table[i].mark < mark))
			low = i + 1;
		else
			high = i;
	}
	return 0;
}

size_t
char_before(const char *text, size_t at)
{
	do
		at--;
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80);
	return at;
}

bool
letter_at(const char *text, size_t len, size_t at)
{
	size_t used;
	uint32_t cp;

	if (at >= len)
		return false;
	cp = utf8_get(text + at, len - at, &used);
	return letter_is(cp) && !letter_is_unspaced(cp);
}

bool
letter_before(const char *text, size_t at)
{
	return at > 0 && letter_at(text, at, char_before(text, at));
}

size_t
word_match(const char *text, size_t len, const char *word, size_t word_len)
{
	size_t i = 0, used, k;
	char utf8[4];

	if (word_len > len)
		return 0;
	while (i < word_len) {
		if ((unsigned char)text[i] < 0x80) {
			if ((char)letter_lower((unsigned char)text[i]) != word[i])
				return 0;
			i++;
			continue;
		}
		k = utf8_put(letter_lower(utf8_get(text + i, len - i, &used)), utf8);
		/* As many bytes, or it is no UTF-8. */
		if (k != used || i + k > word_len || memcmp(utf8, word + i, k) != 0)
			return 0;
		i += k;
	}
	return i;
}
