/*
 * Character references of HTML: &pound; &#163; &#xA3;.
 */
#ifndef TRAPEXIT_PRICE_ENTITY_H
#define TRAPEXIT_PRICE_ENTITY_H

#include <stddef.h>
#include <stdint.h>

/*
 * The code point of the reference at text[0] == '&', and in *used its length
 * with the semicolon. 0 if there is no reference that we know: then the
 * ampersand stands for itself. A reference to nothing that exists gives U+FFFD.
 */
uint32_t entity_decode(const char *text, size_t len, size_t *used);
/* UTF-8 of a code point into out; returns the number of bytes. */
size_t utf8_put(uint32_t cp, char out[4]);
/*
 * The code point at text[0], and its length in *used; U+FFFD with *used 1 for
 * what is no UTF-8. len must not be 0.
 */
uint32_t utf8_get(const char *text, size_t len, size_t *used);

#endif
