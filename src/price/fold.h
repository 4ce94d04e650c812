/*
 * The first step of the reader (P7): one kind of blank, one kind of digit, one
 * kind of separator. Entities are decoded before.
 */
#ifndef TRAPEXIT_PRICE_FOLD_H
#define TRAPEXIT_PRICE_FOLD_H

#include <stddef.h>

/*
 * Fold UTF-8 text into out (room for len + 1 bytes: folding never grows).
 * Blanks are collapsed and trimmed. Returns the length; out is NUL-terminated.
 */
size_t fold_text(const char *text, size_t len, char *out);

#endif
