/*
 * The first step of the reader (P7): one kind of blank, one kind of digit, one
 * kind of separator. Entities are decoded before.
 */
#ifndef TRAPEXIT_PRICE_FOLD_H
#define TRAPEXIT_PRICE_FOLD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fold UTF-8 text into out (room for len + 1 bytes: folding never grows).
 * Blanks are collapsed and trimmed. Returns the length; out is NUL-terminated.
 * If origin is not NULL, origin[i] is where in text stands what out[i] was
 * made of, and origin[length] is len; it has len + 1 members.
 */
size_t fold_text(const char *text, size_t len, char *out, uint16_t *origin);
/*
 * Text for people: blanks collapsed and trimmed, what is no UTF-8 and what
 * cannot be seen gone, all else as it was. Like fold_text() otherwise.
 */
size_t tidy_text(const char *text, size_t len, char *out);

#endif
