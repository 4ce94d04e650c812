/*
 * Words of a page, made equal: lower case, accents gone, signs to blanks. For
 * tables of phrases in many languages (P29, P30, P44).
 *
 *	char folded[PHRASE_SIZE];
 *
 *	phrase_fold(text, len, folded);		" ausverkauft ", " only # left "
 *	if (phrase_have(folded, "nicht auf lager"))
 */
#ifndef TRAPEXIT_PRICE_PHRASE_H
#define TRAPEXIT_PRICE_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

#define PHRASE_SIZE 512 /* more text than that is cut */

/*
 * Fold UTF-8. Words stand between single blanks, one in front and one behind;
 * a number is "#", but 0 is "0". Returns the length, 0 for text without a word.
 */
size_t phrase_fold(const char *text, size_t len, char out[PHRASE_SIZE]);
/*
 * Does a phrase, itself folded, begin with a word of the text? It may end inside
 * of one, unless it ends with a blank. Scripts that write without blanks match
 * anywhere.
 */
bool phrase_have(const char *folded, const char *phrase);
/* May a phrase begin at p, which is in the folded text? */
bool phrase_may_begin(const char *folded, const char *p);
/* The same as phrase_have() of a list. */
bool phrase_have_any(const char *folded, const char *const *phrases, size_t n);

#endif
