#include "price/skim.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#define WORD "vailability" /* "Availability", too */
#define WORD_LEN (sizeof(WORD) - 1)
#define BLOCK ((size_t)256)

/* What both GCC and clang turn into the vectors of the machine, whatever it has. */
typedef uint8_t bytes __attribute__((vector_size(32)));
typedef uint64_t lanes __attribute__((vector_size(32)));

struct seen {
	bytes nul, word; /* 0xff: at one of the places that a byte of these stands for */
};

/* The word's first and last letter, ten bytes apart: most blocks have no such pair. */
static inline __attribute__((always_inline)) void
look_at_block(const char *p, struct seen *seen)
{
	bytes first, last;
	size_t i;

	for (i = 0; i < BLOCK; i += sizeof(bytes)) {
		memcpy(&first, p + i, sizeof(first));
		memcpy(&last, p + i + WORD_LEN - 1, sizeof(last));
		seen->nul |= (bytes)(first == 0);
		seen->word |= (bytes)((first | 0x20) == 'v') & (bytes)((last | 0x20) == 'y');
	}
}

/* And those with the b between them have the word. */
static inline __attribute__((always_inline)) void
look_closer(const char *p, struct seen *seen)
{
	bytes first, middle, last;
	size_t i;

	memset(&seen->word, 0, sizeof(seen->word));
	for (i = 0; i < BLOCK; i += sizeof(bytes)) {
		memcpy(&first, p + i, sizeof(first));
		memcpy(&middle, p + i + 5, sizeof(middle));
		memcpy(&last, p + i + WORD_LEN - 1, sizeof(last));
		seen->word |= (bytes)((first | 0x20) == 'v') & (bytes)((middle | 0x20) == 'b') & (bytes)((last | 0x20) == 'y');
	}
}

static inline __attribute__((always_inline)) bool
is_any(const bytes *b)
{
	lanes l;

	memcpy(&l, b, sizeof(l));
	return (l[0] | l[1] | l[2] | l[3]) != 0;
}

/* The first block from text[i] on that may have the word; behind the last whole one if there is none. */
static inline __attribute__((always_inline)) size_t
skip_blocks(const char *text, size_t len, size_t i, bool *nul)
{
	struct seen seen;

	memset(&seen, 0, sizeof(seen));
	while (len - i >= BLOCK + WORD_LEN) {
		look_at_block(text + i, &seen);
		if (is_any(&seen.word)) {
			look_closer(text + i, &seen);
			if (is_any(&seen.word))
				break;
		}
		i += BLOCK;
	}
	*nul = *nul || is_any(&seen.nul);
	return i;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static size_t
skip_blocks_avx2(const char *text, size_t len, size_t i, bool *nul)
{
	return skip_blocks(text, len, i, nul);
}
#endif

static size_t
skip(const char *text, size_t len, size_t i, bool *nul)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return skip_blocks_avx2(text, len, i, nul);
#endif
	return skip_blocks(text, len, i, nul);
}

size_t
skim_stock(const char *text, size_t len, size_t from, bool *nul)
{
	size_t i = from, end;

	while (i < len) {
		i = skip(text, len, i, nul);
		end = len - i < BLOCK ? len : i + BLOCK;
		for (; i < end; i++) {
			*nul = *nul || text[i] == '\0';
			if ((text[i] | 0x20) == 'v' && len - i >= WORD_LEN && strncasecmp(text + i, WORD, WORD_LEN) == 0)
				return i + WORD_LEN;
		}
	}
	return 0;
}
