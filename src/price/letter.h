/*
 * What of Unicode the reader needs to tell words: which characters are
 * letters, their lower case, and accents that stand by themselves. The
 * locale of the process plays no part.
 */
#ifndef TRAPEXIT_PRICE_LETTER_H
#define TRAPEXIT_PRICE_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool letter_is(uint32_t cp);
/* Of a script whose words stand together without blanks: a word may begin and end anywhere. */
bool letter_is_unspaced(uint32_t cp);
/* Of Latin, Greek, Cyrillic, Armenian; always as many bytes of UTF-8. Others are as they are. */
uint32_t letter_lower(uint32_t cp);
/* A letter and a combining mark as one letter; 0 if there is none. */
uint32_t letter_compose(uint32_t base, uint32_t mark);

/* Is there a letter at text[at], of a script with blanks between words? */
bool letter_at(const char *text, size_t len, size_t at);
/* The same for the character that ends at text[at]. */
bool letter_before(const char *text, size_t at);
/* The start of the character that ends at text[at]; at must not be 0. */
size_t char_before(const char *text, size_t at);
/* Does the text begin with this word of lower case? Returns its length, or 0. */
size_t word_match(const char *text, size_t len, const char *word, size_t word_len);

#endif
