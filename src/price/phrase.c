#include "price/phrase.h"

#include <stdint.h>
#include <string.h>

#include "price/entity.h"

/* Latin-1 from U+00C0, Latin Extended-A from U+0100: one base letter each. */
static const char latin1[] = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty";
static const char extended[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllln"
			       "nnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static uint32_t
fold_greek(uint32_t cp)
{
	switch (cp) {
	case 0x386:
	case 0x3ac:
		return 0x3b1;
	case 0x388:
	case 0x3ad:
		return 0x3b5;
	case 0x389:
	case 0x3ae:
		return 0x3b7;
	case 0x38a:
	case 0x3af:
		return 0x3b9;
	case 0x38c:
	case 0x3cc:
		return 0x3bf;
	case 0x38e:
	case 0x3cd:
		return 0x3c5;
	case 0x38f:
	case 0x3ce:
		return 0x3c9;
	case 0x3c2:
		return 0x3c3;
	default:
		return cp >= 0x391 && cp <= 0x3a9 ? cp + 0x20 : cp;
	}
}

/* A letter to its base in lower case; ' ' for what is no letter; 0 for what is to be left out. */
static uint32_t
fold_letter(uint32_t cp)
{
	if (cp < 0x80) {
		if (cp >= 'A' && cp <= 'Z')
			return cp | 0x20;
		return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ? cp : ' ';
	}
	if (cp == 0xad || (cp >= 0x300 && cp <= 0x36f) || (cp >= 0x200b && cp <= 0x200f) || cp == 0xfeff)
		return 0;
	if (cp < 0xc0)
		return ' ';
	if (cp < 0x100)
		return (unsigned char)latin1[cp - 0xc0];
	if (cp < 0x180)
		return (unsigned char)extended[cp - 0x100];
	/* Romanian s and t with a comma below */
	if (cp >= 0x218 && cp <= 0x21b)
		return cp < 0x21a ? 's' : 't';
	if (cp >= 0x386 && cp <= 0x3ce)
		return fold_greek(cp);
	if (cp >= 0x400 && cp <= 0x40f)
		cp += 0x50;
	else if (cp >= 0x410 && cp <= 0x42f)
		cp += 0x20;
	if (cp == 0x451)
		return 0x435;
	return (cp >= 0x2000 && cp <= 0x206f) || (cp >= 0x3000 && cp <= 0x3002) || cp == 0xff01 ? ' ' : cp;
}

static bool
is_digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

size_t
phrase_fold(const char *text, size_t len, char out[PHRASE_SIZE])
{
	size_t i = 0, n = 0, used;

	out[n++] = ' ';
	while (i < len && n < PHRASE_SIZE - 6) {
		uint32_t cp = utf8_get(text + i, len - i, &used);

		i += used;
		cp = fold_letter(cp);
		if (cp == 0 || (cp == ' ' && out[n - 1] == ' '))
			continue;
		if (is_digit(cp)) {
			bool zero = cp == '0' && (i == len || !is_digit((unsigned char)text[i]));

			while (i < len && is_digit((unsigned char)text[i]))
				i++;
			cp = zero ? '0' : '#';
		}
		n += utf8_put(cp, out + n);
	}
	if (out[n - 1] != ' ')
		out[n++] = ' ';
	out[n] = '\0';
	return n > 1 ? n : 0;
}

bool
phrase_may_begin(const char *folded, const char *p)
{
	/* Hebrew and what comes behind it glues words, or has no blanks. */
	return *p != ' ' && (((unsigned char)*p >= 0xd7) || (p > folded && p[-1] == ' '));
}

bool
phrase_have(const char *folded, const char *phrase)
{
	const char *p;

	for (p = folded; (p = strstr(p, phrase)) != NULL; p++) {
		if (phrase_may_begin(folded, p))
			return true;
	}
	return false;
}

bool
phrase_have_any(const char *folded, const char *const *phrases, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (phrase_have(folded, phrases[i]))
			return true;
	}
	return false;
}
